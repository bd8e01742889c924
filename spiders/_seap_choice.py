"""Which rows are worth looking into: those that matter to an IT cluster, are not over, and say something new. Pure."""

import datetime as dt
import re

from pipeline.config import Scope
from pipeline.opportunity import LIVE, Opportunity
from pipeline.scope import in_scope
from spiders._seap_values import without_diacritics

_IT = re.compile(
    r"\b(?:software|informatic\w*|calculato(?:r|are|arelor)|laptop\w*|tablete|servere\w*|licente\w*|antivirus"
    r"|cibernetic\w*|digitaliz\w*|e-guvernare|inteligenta artificiala|baz[ae] de date|tehnica de calcul"
    r"|echipamente (?:it|tic|de retea)|aplicati[ei] (?:web|mobil[ae])|(?:pagin[ai]|site(?:-ul|-uri)?|portal) web"
    r"|website\w*|supraveghere video|smart city)\b"
)
"""Titles of information technology, without diacritics: buyers often choose a wrong CPV code (2026-09)."""


def matters(says: Opportunity, scope: Scope) -> bool:
    """Whether its CPV code is in scope or its title speaks of IT; what has no code (consultations) always may."""
    return not says.cpv or in_scope(says, scope) or bool(_IT.search(without_diacritics(says.title)))


def ended(says: Opportunity, now: dt.datetime) -> bool:
    """Whether nobody can act on it any more."""
    last = says.last_deadline
    return says.stage not in LIVE or (last is not None and last.ends <= now)


def news(known: Opportunity, says: Opportunity, errata: int) -> bool:
    """Whether a row, with `errata` corrections, says anything that the opportunity as it is known does not.

    Of a corrected notice only a later deadline counts: the list may go on showing the one before the correction.
    """
    if known.errata is None or errata > known.errata:
        return True
    if says.stage is not known.stage or says.title != known.title or says.value not in (None, known.value):
        return True
    shown, before = {d.ends for d in says.closing}, {d.ends for d in known.closing}
    if errata:
        return bool(shown) and (not before or max(shown) > max(before))
    return bool(shown) and shown != before

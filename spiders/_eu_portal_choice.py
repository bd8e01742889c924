"""Which topics are asked for one by one: those without a text, and of what matters to an IT cluster those of which no
channel told conditions or budget. Pure.

As with SEAP (`spiders._seap_choice`), what members filter for is not asked: filters change, what was read stays.
"""

import re

from pipeline.opportunity import Opportunity
from spiders._eu_portal_dossier import Dossier

_IT_CALLS = re.compile(
    r"DIGITAL-|HORIZON-(?:CL4|EIC|JU-(?:EUROHPC|SNS|CHIPS))|HORIZON-CL3-.*-CS|HORIZON-HLTH-.*-(?:TOOL|CARE)|CEF-DIG"
    r"|EU4H-.*DIGITAL|I3-|SMP-COSME"
)
"""Identifiers of programmes and destinations that are about information technology (2026)."""
_IT = re.compile(
    r"\b(?:artificial intelligence|AI|machine learning|cyber\w*|digital\w*|software|data spaces?|cloud|quantum"
    r"|robot\w*|[56]G|semiconductors?|chips?|blockchain|computing|e-?health|smart cit\w+|internet of things|IoT)\b"
)
_SAYS = {
    "text": (("index", "descriptionByte"), ("index", "description"), ("details", "description")),
    "conditions": (("index", "topicConditions"), ("details", "conditions")),
    "budget": (("index", "budgetOverview"), ("details", "budgetOverviewJSONItem")),
}
"""Where each channel says it."""


def matters(says: Opportunity) -> bool:
    """Whether a topic is about information technology, by its identifier, title or keywords."""
    words = " | ".join((says.title, *says.keywords))
    return bool(_IT_CALLS.match(says.ref) or _IT.search(words) or _IT.search(words.lower()))


def incomplete(says: Opportunity, dossier: Dossier) -> bool:
    """Whether a topic's own page could add something: a text, or, where it matters, conditions or a budget."""
    wanted = _SAYS if matters(says) else ("text",)
    return any(not any(dossier.get(channel, {}).get(field) for channel, field in _SAYS[name]) for name in wanted)

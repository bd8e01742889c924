"""The words around Romanian dates: what a date is for, whether it opens or closes, whether it was moved. Pure.

Vocabulary as data: phrases folded (no diacritics, lower case), parted by commas; a star stands for any ending.
"""

import re
from enum import StrEnum

from pipeline._romanian_words import words


class Purpose(StrEnum):
    """What a period is for; an EVENT is a day on which something happens that nobody hands anything in for."""

    SUBMISSION = "submission"
    CONSULTATION = "consultation"
    QUESTIONS = "questions"
    EVENT = "event"


_CONSULTATION = words("""
    consultar*, consultat*, consultation, dezbater*, observati*, sugesti*, comentari*, feedback
    propuneri(?:le)? (?:de|si) (?:modific|imbunat|observ)*
""")
_QUESTIONS = words("intrebar*, clarific*, question, questions, helpdesk")
_EVENT = words(r"""
    verific*, evalu*, contestati*, rezultat*, results, selecti*, interviu*, panel*, sedint*, lista\b, listele\b, afis*
    eveniment*, event, webinar*, info ?-?days?, conferint*, intalnir*, workshop*, caravan*, seminar*, atelier*
    sesiun* de (?:inform|formar|instru)*, va avea loc, vor avea loc, a avut loc, editi*
    contractar*, semna*, signed, implement*, finaliza* (?:a |al )?(?:proiect|investi|implement)*
    perioada de durabilitate
    monitorul oficial, ordin(?:ul)?(?: nr| mipe| ministr)*, hotarar*, decizi*, infiint*, programar*, conform*
    valab*(?! a (?:apel|sesiun)), schem* (?:de ajutor )?* ?valab*, cheltuiel*, plati, platil*, platit*, implini*
    rap(?:ort|oart)*, schem* (?:\w+ )?se aplica
    cerer* de (?:plat|rambursar|prefinant|transfer)*, inregistrat* (?:\w+ ){0;4}(?:inainte|anterior)
    publica[tr]*, published, postat*, aprobat*, adoptat*, actualizat*, modificat*, demarat*
""")
_SUBMISSION = words(r"""
    depun(?:er|atori)*, inscrier*, aplica(?:ti*|re*|ntii|nti)?\b, incarca*, termen(?:ul|ului)?(?: |-| - )?limit*
    data limita, submi*, application, applications, apply, deadline, deadlines
""")
_VERB = words("""
    depus*, depun, depune, transmis*, transmite, transmiter*, trimi*, primit*, primir*, inregistra*, inscri*
    submitted, sent, cerer*, propuner*, proposals, candidatur*, dosar*
""")
_WEAK = words("""
    apel*, sesiun*, deschi*, inchi*, lans*, competiti*, call, calls, open, opens, close, closes
    programului de finantare, schem*
""")
_CUE = re.compile(
    rf"\b(?:(?P<consultation>{_CONSULTATION})|(?P<questions>{_QUESTIONS})|(?P<event>{_EVENT})"
    rf"|(?P<submission>{_SUBMISSION})|(?P<verb>{_VERB})|(?P<weak>{_WEAK}))(?!\w)"
)
_OPENS = words("""
    incepand (?:cu|din|de la), incep*, de la, de pe, din, dupa, deschi*, lans*, relans*, start*, porn*, disponibil*
    open, opens, opening, from, since
""")
_CLOSES = words("""
    pana, cel tarziu, limit*, inchi*, expir*, incheie*, final*, prelung*, extinde*, extins*, amana*, decal*, ultima zi
    termen*, scadent*, deadline, until, till, by, close, closes, closing, no later than, not later than, extend*
""")
_PROLONGED = words("""
    prelung*, amanat*, amanare*, amana, amana*, decal*, extind*, extins*, devans*, extend*, extension, postpon*
""")
_OLD = words(r"""
    initial*, vechi*, in loc de, fata de, era\b, anterior(?!\s(?:depun|public))*, anuntat* anterior
    previously, instead of
""")
OPENS = re.compile(rf"\b(?:{_OPENS})\b")
CLOSES = re.compile(rf"\b(?:{_CLOSES})\b")
PROLONGED = re.compile(rf"\b(?:{_PROLONGED})")
SUPERSEDED = re.compile(rf"\b(?:{_OLD})")
CLOSES_AFTER = re.compile(r"\s?[:,(-]?\s?(?:inclusiv|(?:este |e |- )?(?:termen|data limita|ultima zi|deadline))")
OPENS_AFTER = re.compile(
    r"[\s,-]{0,3}(?:apelul |sesiunea )?"
    r"(?:se (?:va |vor )?(?:deschi|lans)\w*|va (?:fi |incepe)\w*|(?:este |- )?(?:deschider|lansar)\w*)"
)


def purpose_of(before: str, statement: str, after: str) -> Purpose | None:
    """What the nearest telling word before a date says; then "apel", "deschis" and the like; then the words after;
    then the rest of the statement before."""
    own = _nearest(before, weak=False) or _nearest(before)
    return own or _first(after) or _nearest(statement, weak=False) or _nearest(statement)


def _nearest(said: str, weak: bool = True) -> Purpose | None:
    """The last cue; a verb of handing in ("pot fi depuse") is about the nearest noun before it ("contestațiile")."""
    kinds = [kind for match in _CUE.finditer(said) if (kind := match.lastgroup) and (weak or kind != "weak")]
    if kinds and kinds[-1] == "verb":
        kinds = [kind for kind in kinds if kind != "verb"] or kinds
    return _as_purpose(kinds[-1]) if kinds else None


def _first(said: str) -> Purpose | None:
    match = _CUE.search(said)
    return _as_purpose(match.lastgroup) if match and match.lastgroup else None


def _as_purpose(kind: str) -> Purpose:
    return Purpose.SUBMISSION if kind in ("weak", "verb") else Purpose(kind)

"""What a Romanian sentence or title says a call is doing: opening, waiting, put off, over. Pure.

The words are tried in an order in which the weightier wins: a list of payments is never an open call whatever else it
names, and "nu va fi suspendat" suspends nothing.
"""

import re
from enum import StrEnum

from pipeline._romanian_words import fold


class Status(StrEnum):
    """What is said of a call."""

    OPEN = "open"
    FORTHCOMING = "forthcoming"
    CONSULTATION = "consultation"
    CONSULTATION_CLOSED = "consultation_closed"
    CLOSED = "closed"
    EXTENDED = "extended"
    POSTPONED = "postponed"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    RESULTS = "results"
    NOISE = "noise"
    """Payments, questions and answers, vacancies, purchases: nothing one can apply to."""


_WHAT = r"apel\w*|sesiun\w*|competiti\w*|licitati\w*|schem\w*|procedur\w*|program\w*|inscrier\w*|depuner\w*|ghid\w*|concurs\w*|masur\w*|call\w*|termen\w*|linii? de"
_NOISE = re.compile(
    r"\b(?:(?:anunt\w*|list[ae]\w*|situati\w*|informare|privind) (?:\w+ ){0,2}plati(?:i|lor|le)?\b|list[ae] (?:\w+ ){0,2}platil\w*|plati(?:le)? (?:efectuat|catre)\w*|plat[ai] (?:a )?sum\w*|transfer\w* catre beneficiar|cerer\w* de (?:transfer|plata|rambursare)|"
    r"intrebari(?:lor)?\b|q&a|faq|centralizator\w*|clarificari(?:lor)?\b(?! privind (?:prelung|suspend))|post(?:uri)? vacant\w*|concurs (?:de recrutar\w*|pentru ocupar\w*)|"
    r"recrutar\w*|achiziti\w* (?:beneficiar|publice|privati)\w*|evaluator\w* externi|expert\w* evaluator\w*|declarati\w* de avere|comitet\w* de monitorizare|"
    r"monitoriza\w* program|raport\w* (?:anual|de monitorizare|de implementare|de evaluare)|informare privind plat\w*|payments?)"
)
_NOT = r"\b(?:nu|fara|neaparat|not|n-a)\s(?:\w+\s){0,3}$"
_MAYBE = re.compile(r"\b(?:poate|pot|in cazul|daca|cazul in care|automat|dreptul|posibilitat\w*|may|if)\b[^.]{0,60}$")
_CANCELLED = re.compile(r"\b(?:anul(?:area|arii|eaza|at|ata|ate|ati)|revoc(?:a|area|at|ata)|retra(?:ge|gerea|s|sa) (?:\w+ ){0,2}(?:apel|ghid|sesiun|competit)\w*|cancell?\w*|withdrawn)\b")
_RESUMED = re.compile(
    r"\b(?:relu(?:area|arii|at|ata|am)|se reia|reiau|redeschi\w*|reopen\w*|reactiv\w*|ridicar\w* suspendar\w*|incet(?:eaza|at|area) (?:\w+ )?suspendar\w*)"
)
_SUSPENDED = re.compile(r"\b(?:suspend\w*|sistar\w*|sisteaza|se opreste|oprirea)\b")
_MOVED = r"(?:prelung\w*|extind\w* (?:\w+ ){0,3}(?:termen|perioad|sesiun|apel)\w*|extins\w* (?:\w+ ){0,3}(?:termen|perioad|sesiun|apel)\w*|extension|extended)"
_EXTENDED = re.compile(rf"\b{_MOVED}|\b(?:termen\w*|perioad\w*|sesiun\w*|apel\w*) (?:\w+ ){{0,6}}(?:extins\w*|extind\w*)")
_OTHER_EXTENSION = re.compile(r"(?:contractar|implement|evaluar|consult|dezbater|contestat|durat\w* (?:de )?(?:proiect|program|realiz)|valabilit|elegib|eligib|contract)")
_POSTPONED = re.compile(r"\b(?:aman(?:a|area|arii|at|ata|ate|am)|decal(?:area|at|ata|eaza)|reprogram\w*|postpon\w*)\b")
_RESULTS = re.compile(
    r"\b(?:rezultatel(?:e|or)\b(?! (?:asteptat|scontat|consult))|(?<!ca )rezultate\b|list[ae]\w* (?:\w+ ){0,2}(?:intermediar|final|partial|provizori|proiect|cerer|beneficiar|castigator|propuner)\w*|"
    r"(?:proiecte|cereri|propuneri|beneficiari)\w* (?:de finantare )?(?:admis|respins|aprobat|selectat|castigat|contractat|finantat|depus)\w*|"
    r"clasament\w*|ierarhi\w*|rapoart\w* de selectie|raport\w* de selectie|raport\w* de evaluare|castigatori\w*|semn(?:at|area|eaza) (?:\w+ ){0,3}contract\w*|contract\w* (?:de finantare )?semnat\w*|"
    r"results|winners|ranking|awarded)"
)
_CLOSED = re.compile(
    r"\b(?:inchis(?:a|e|i)?|inactiv\w*|incheiat\w*|finalizat\w*|expirat\w*|terminat\w*|epuizat\w*|arhivat\w*|inchider\w* automat\w*|nu (?:se )?mai (?:pot|poate|primes\w*|accept\w*)|"
    r"s-a inchis|au fost inchise|(?:^|(?<=[.!:\n-]) ?)inchider\w*(?= (?:apel|sesiun|competit|inscri))(?![^:.]{0,40}:\s?\d)|closed|ended|finished)\b"
)
_LABEL = re.compile(r"\b(?:data|ora|termen\w*)(?: si ora)?(?: de| a| pentru)? $")
_CONSULTATION_CLOSED = re.compile(
    r"\biesit\w* din consult\w*|consult\w* public\w* (?:\w+ ){0,3}(?:incheiat|finalizat|inchis)\w*|(?:incheier|finaliza|inchider)\w* (?:\w+ ){0,3}(?:consult|dezbater)\w*|"
    r"(?:in urma|dupa|urmare a?) (?:\w+ ){0,2}(?:consult|dezbater)\w*|a fost (?:\w+ ){0,2}(?:in|supus\w*) (?:consult|dezbater)\w*|consult\w* (?:public\w* )?(?:a fost|s-a) derulat\w*"
)
_CONSULTATION = re.compile(r"\bconsult(?:are|arii|area|ari)\b(?! (?:juridic|fiscal|de specialit|medical))|dezbater\w*|public consultation|observati(?:i|ile|ilor)\b")
_AMENDED = re.compile(
    r"\b(?:corrig\w*|corig\w* nr|erat[ae]\b|actualizeaz\w*|actualizar\w*|actualizat\w*|modific(?:a|ar\w*|at|ata|ate)\b|revizui\w*|instructiun\w*|addendum|amend\w*|updated)"
)
_FORTHCOMING = re.compile(
    r"\b(?:urmeaz\w*|va fi (?:lansat|deschis|disponibil|publicat)\w*|vor fi (?:lansat|deschis|disponibil)\w*|se va (?:lansa|deschide)|se vor (?:lansa|deschide)|va (?:lansa|deschide|demara|incepe)|vor putea|"
    r"nelansat\w*|in pregatire|in curs de (?:lansar|pregatir|elabor|aprob|deschid)\w*|estim(?:at|eaz)\w*|anuntat\w*|planificat\w*|preconizat\w*|viitoar\w*|in curand|programat\w*|upcoming|forthcoming|planned|not yet|will (?:open|be launched))"
)
_OPEN = re.compile(
    r"\b(?:deschis\w*|deschide\w*|activ|activa|active|lanseaza\w*|lansat\w*|lansar\w*|relans\w*|in derulare|in desfasurare|se pot depune|pot (?:aplica|depune)|se depun|depuner\w*|primeste|"
    r"inscrieri|in curs|continu[aă]|nou apel|open|launch\w*|apply|invita(?:tie|m|)\b)"
)


def read_status(text: str) -> Status | None:
    """What a sentence, title or badge says a call is doing; None where it says nothing of the kind."""
    said = " ".join(fold(text[:2_000]).split())
    return _over(said) or _waiting(said) or _running(_CONSULTATION_CLOSED.sub(_gone, said))


def _gone(match: re.Match[str]) -> str:
    """A consultation that is over is not one; "data încheierii consultării" is a label."""
    return match[0] if _LABEL.search(match.string, 0, match.start()) else " "


def _over(said: str) -> Status | None:
    if _NOISE.search(said) and not (_stated(_EXTENDED, said) and _moves_a_call(said)):
        return Status.NOISE
    if _stated(_CANCELLED, said):
        return Status.CANCELLED
    if _stated(_RESUMED, said):
        return Status.OPEN
    if (match := _SUSPENDED.search(said)) is not None:
        return _suspended(said, match)
    return None


def _suspended(said: str, match: re.Match[str]) -> Status | None:
    before = said[: match.start()]
    if re.search(_NOT, before):
        return Status.OPEN
    return None if _MAYBE.search(before) else Status.SUSPENDED


def _waiting(said: str) -> Status | None:
    if _stated(_EXTENDED, said) and _moves_a_call(said):
        return Status.EXTENDED
    if _stated(_POSTPONED, said):
        return Status.POSTPONED
    if _stated(_RESULTS, said):
        return Status.RESULTS
    if _stated(_CONSULTATION_CLOSED, said) and not _stated(_OPEN, said):
        return Status.CONSULTATION_CLOSED
    return None


def _moves_a_call(said: str) -> bool:
    """Contracts, evaluations and consultations are prolonged too."""
    match = _EXTENDED.search(said)
    around = said[max(0, match.start() - 60) : match.end() + 60] if match else ""
    return bool(match) and (not _OTHER_EXTENSION.search(around) or bool(re.search(r"depuner|cereri\w* de finant|aplica", around)))


def _running(said: str) -> Status | None:
    for pattern, status in (
        (_CLOSED, Status.CLOSED),
        (_CONSULTATION, Status.CONSULTATION),
        (_FORTHCOMING, Status.FORTHCOMING),
        (_AMENDED, Status.AMENDED),
        (_OPEN, Status.OPEN),
    ):
        if _stated(pattern, said):
            return status
    return None


def _stated(pattern: re.Pattern[str], said: str) -> bool:
    """Whether the words stand there without a "nu" before them, and not as a label ("data închiderii")."""
    for match in pattern.finditer(said):
        before = said[max(0, match.start() - 40) : match.start()]
        if not re.search(_NOT, before) and not _LABEL.search(before):
            return True
    return False

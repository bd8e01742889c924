"""The words by which Romanian pages say what a call is doing. Pure.

Vocabulary as data: phrases folded (no diacritics, lower case), parted by commas; a star stands for any ending.
"""

import re

from pipeline._romanian_words import words

_NOISE = words(r"""
    (?:anunt*|list[ae]*|situati*|informare|privind) (?:\w+ ){0;2}plati(?:i|lor|le)?\b, list[ae] (?:\w+ ){0;2}platil*
    plati(?:le)? (?:efectuat|catre)*, plat[ai] (?:a )?sum*, transfer* catre beneficiar, payment*
    cerer* de (?:transfer|plata|rambursare), intrebari(?:lor)?\b, raspunsuri* la intrebar*
    q&a, faq, centralizator*
    clarificari(?:lor)?\b(?! privind (?:prelung|suspend)), post(?:uri)? vacant*, recrutar*
    angajam, angajar*, selecti* (?:de |a )?partener*, declarati* de avere
    concurs (?:de recrutar*|pentru ocupar*), achiziti* (?:beneficiar|publice|privati)*, evaluator* externi
    expert* evaluator*, comitet* de monitorizare, monitoriza* program
    raport* (?:anual|de monitorizare|de implementare|de evaluare)
""")
_CANCELLED = words(r"""
    anul(?:are|area|arii|eaza|at|ata|ate|ati), revoc(?:a|area|at|ata), cancell?ed, withdrawn
    retra(?:ge|gerea|s|sa) (?:\w+ ){0;2}(?:apel|ghid|sesiun|competit)*
""")
_RESUMED = words(r"""
    relu(?:area|arii|at|ata|am), reia (?:\w+ ){0;2}(?:inscri|depuner|sesiun|apel|competit)*
    se reia, reiau, redeschi*, reopen*, reactiv*, ridicar* suspendar*
    incet(?:eaza|at|area) (?:\w+ )?suspendar*
""")
_SUSPENDED = words("suspend*, sistar*, sisteaza, se opreste, oprirea")
_EXTENDED = words(r"""
    prelung*, extin[ds]* (?:\w+ ){0;3}(?:termen|perioad|sesiun|apel)*, extension, extended
    (?:termen*|perioad*|sesiun*|apel*) (?:\w+ ){0;6}extin[ds]*
""")
_POSTPONED = words("aman(?:a|area|arii|at|ata|ate|am), decal(?:area|at|ata|eaza), reprogram*, postpon*")
_RESULTS = words(r"""
    rezultatel(?:e|or)(?! (?:asteptat|scontat|consult)), (?<!ca )rezultate
    list[ae]* (?:\w+ ){0;2}(?:intermediar|final|partial|provizori|proiect|cerer|beneficiar|castigator|propuner)*
    (?:proiecte|cereri|propuneri|beneficiari)* (?:de finantare )?(?:admis|respins|aprobat|selectat|castigat)*
    (?:proiecte|cereri|propuneri|beneficiari)* (?:de finantare )?(?:contractat|finantat|depus)*
    clasament*, ierarhi*, castigatori*, rapoart* de selectie, raport* de (?:selectie|evaluare)
    semn(?:at|area|eaza) (?:\w+ ){0;3}contract*, contract* (?:de finantare )?semnat*, results, winners, ranking, awarded
""")
_CLOSED = words(r"""
    inchis(?:a|e|i)?, s-a inchis, au fost inchise, inactiv*, incheiat*, (?<!proiecte )(?<!proiectelor )finalizat*
    expirat*, terminat*, epuizat*, arhivat*, inchider* automat*, in (?:curs de )?(?:evaluare|contractare|implementare)
    nu (?:se )?mai (?:pot|poate|primes*|accept*), closed, ended, finished
    (?:^|(?<=[.!:\n-]) ?)inchider*(?= (?:apel|sesiun|competit|inscri))(?![^:.]{0;40}:\s?\d)
""")
_CONSULTATION_OVER = words(r"""
    iesit* din consult*, consult* public* (?:\w+ ){0;3}(?:incheiat|finalizat|inchis)*
    (?:incheier|finaliza|inchider)* (?:\w+ ){0;3}(?:consult|dezbater)*
    (?:in urma|dupa|urmare a?) (?:\w+ ){0;2}(?:consult|dezbater)*
    (?:s-a|a fost) (?:incheiat|finalizat|inchis) (?:\w+ ){0;2}(?:consult|dezbater)*
    a fost (?:deja )?(?:in|supus*) (?:consult|dezbater)*, consult* (?:public* )?(?:a fost|s-a) derulat*
""")
_CONSULTATION = words("""
    consult(?:are|arii|area|ari)(?! (?:juridic|fiscal|de specialit|medical)), dezbater*, public consultation
    observati(?:i|ile|ilor)
""")
_AMENDED = words("""
    corrig*, corig* nr, erat[ae], actualizeaz*, actualizar*, actualizat*, modific(?:a|ar*|at|ata|ate), revizui*
    instructiun*, addendum, amend*, updated
""")
_FORTHCOMING = words(r"""
    urmeaz*, va fi (?:lansat|deschis|disponibil|publicat)*, vor fi (?:lansat|deschis|disponibil)*, viitoar*, in curand
    se va (?:lansa|deschide), se vor (?:lansa|deschide), va (?:lansa|deschide|demara|incepe), vor putea, nelansat*
    in pregatire, in curs de (?:lansar|pregatir|elabor|aprob|deschid)*, estim(?:at|eaz)*, anuntat*, planificat*
    pregatest*, opening soon, opens soon, coming soon
    preconizat*, programat*, intention*, upcoming, forthcoming, planned, not yet, will (?:open|be launched)
""")
_OPEN = words(r"""
    deschis*, deschide*, activ, activa, active, lanseaza*, lansat*, lansare, relanseaza*, relansat*, in derulare
    lansarea (?:\w+ ){0;4}(?:apel|competit|sesiun|schem|program|licitat|inscri)*, in desfasurare, nou apel
    (?:a|au) inceput (?:\w+ ){0;2}(?:inscri|depuner|sesiun)*, incep(?:e|ea)? (?:inscri|depuner)*, se poate aplica
    se pot (?:depune|inscrie|transmite)*, pot (?:aplica|depune|incarca|transmite|inscrie), se depun, depuner*
    sesiunea continua, apel nou, primeste, inscrieri, in curs
    open, launch*, apply, invita(?:tie|m)
""")


def _pattern(vocabulary: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{vocabulary})(?!\w)")


NOISE, CANCELLED, RESUMED, SUSPENDED = map(_pattern, (_NOISE, _CANCELLED, _RESUMED, _SUSPENDED))
EXTENDED, POSTPONED, RESULTS, CLOSED = map(_pattern, (_EXTENDED, _POSTPONED, _RESULTS, _CLOSED))
CONSULTATION_OVER, CONSULTATION = map(_pattern, (_CONSULTATION_OVER, _CONSULTATION))
AMENDED, FORTHCOMING, OPEN = map(_pattern, (_AMENDED, _FORTHCOMING, _OPEN))
OTHER_EXTENSION = re.compile(
    r"contract|implement|evaluar|consult|dezbater|contestat"
    r"|durat\w* (?:de )?(?:proiect|program|realiz)|valabilit|eligib"
)
"""Contracts, evaluations and consultations are prolonged too."""
HANDING_IN = re.compile(r"depuner|cereri\w* de finant|aplica")
ADJECTIVE = re.compile(
    r"(?:deschis|inchis|activ|inactiv|incheiat|finalizat|terminat|programat|anuntat|planificat|viitoar|estimat)\w*"
    r"|in (?:curs de )?(?:evaluare|contractare|implementare)"
)
"""What is open or over may be anything ("măsuri active", "universități deschise", "acordul încheiat între"): these
words tell of a call only beside one of the words below, or alone as a badge."""
CALL = re.compile(
    r"\b(?:apel|sesiun|competit|inscri|stadiu|status|schem|programul\b|call|depuner|lini[ae] de fin|licitat|rund"
    r"|fereastr|platform|consult|termen|lansar|deschider|proiecte)"
)
HAPPENED = re.compile(r"\b(?:s-a|a fost|au fost|este|e|ramane|sunt|va fi|vor fi)\s$")
QUOTED = re.compile(r"[„“”\"«][^„“”\"«»\n]{3,400}[”“\"»]")
"""The title of a call inside a sentence."""
NOT = re.compile(r"\b(?:nu|fara|not|n-a)\s(?:\w+\s){0,3}$")
MAYBE = re.compile(r"\b(?:poate|pot|in cazul|daca|automat|dreptul|posibilitat\w*|may|if)\b[^.]{0,60}$")
OF_A_LABEL = re.compile(r"(?:inchider|deschider|incheier|lansar|finaliza|iesir|depuner|consult)\w*")
LABEL = re.compile(r"\b(?:data|ora|termen\w*)(?: si ora)?(?: de| a| pentru)? $")
"""What makes the next word a label and no statement: "data închiderii"."""

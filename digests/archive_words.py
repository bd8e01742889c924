"""Every fixed phrase of the archive, in Romanian and in English; what it shares with mails is in `digests.words`."""

from collections.abc import Mapping
from dataclasses import dataclass

from digests.words import Plural
from pipeline.opportunity import Kind


@dataclass(frozen=True, slots=True)
class ArchiveWords:
    """One language."""

    title: str
    lead: str
    open: Plural
    search: str
    nothing: str
    all_kinds: str
    kinds: Mapping[Kind, str]
    as_of: str
    calendar: str
    feed: str
    sources: str
    back: str
    soon: str
    undated: str
    early: str
    news: str
    deadlines: str
    past: str
    no_deadlines: str
    official: str
    also: str
    facts: Mapping[str, str]
    links: Mapping[str, str]
    history: str
    first: str
    notices: str
    ended: str
    twin: str
    health: str
    health_lead: str
    columns: tuple[str, str, str]
    states: Mapping[str, str]
    never: str
    yours: str
    warning: str


RO = ArchiveWords(
    title="Oportunități deschise",
    lead="Licitații și finanțări pe care le urmărește {name}. Anunțul oficial are întotdeauna dreptate.",
    open={"one": "{n} oportunitate", "few": "{n} oportunități", "other": "{n} de oportunități"},
    search="Caută în listă",
    nothing="Nimic nu se potrivește; încercați mai puține cuvinte.",
    all_kinds="toate",
    kinds={Kind.TENDER: "licitații", Kind.CALL: "finanțări", Kind.NEWS: "știri"},
    as_of="Situația la {when}",
    calendar="Calendar cu toate termenele",
    feed="Flux Atom cu noutățile",
    sources="Starea surselor",
    back="Toate oportunitățile",
    soon="Termen în următoarele {days} zile",
    undated="Deschise, fără termen publicat",
    early="În pregătire",
    news="Știri din ultimele {days} de zile",
    deadlines="Termene",
    past="trecut",
    no_deadlines="Nu este publicat niciun termen.",
    official="Anunțul oficial",
    also="Același lucru, la altă sursă",
    facts={
        "who": "Cine",
        "programme": "Program",
        "funder": "Finanțator",
        "place": "Unde",
        "value": "Valoare",
        "grant": "Pe proiect",
        "opens": "Se deschide",
        "published": "Publicat",
        "eligible": "Cine poate participa",
        "cpv": "Coduri CPV",
        "lots": "Loturi",
        "source": "Sursa",
    },
    links={"documents": "Documentație", "submission": "Depunere", "notice": "Anunț"},
    history="Istoric",
    first="găsită aici prima dată",
    notices="Numerele publicate",
    ended="Această oportunitate s-a încheiat: {stage}. Pagina rămâne pentru istoric.",
    twin="Aceeași oportunitate este urmărită aici sub alt număr:",
    health="Starea surselor",
    health_lead="Când a fost citită fiecare sursă. Dacă una nu este în ordine, lista poate fi incompletă.",
    columns=("Sursa", "Stare", "Ultima citire bună"),
    states={"good": "în ordine", "running": "se citește acum", "off": "oprită", "never": "necitită încă"},
    never="niciodată",
    yours="Oportunități pentru {name}",
    warning="nu este în ordine",
)

EN = ArchiveWords(
    title="Open opportunities",
    lead="Tenders and funding that {name} watches. The official notice is always right.",
    open={"one": "{n} opportunity", "other": "{n} opportunities"},
    search="Search the list",
    nothing="Nothing fits; try fewer words.",
    all_kinds="all",
    kinds={Kind.TENDER: "tenders", Kind.CALL: "funding", Kind.NEWS: "news"},
    as_of="As of {when}",
    calendar="Calendar of all deadlines",
    feed="Atom feed of what is new",
    sources="How the sources are",
    back="All opportunities",
    soon="Deadline in the next {days} days",
    undated="Open, no deadline published",
    early="In preparation",
    news="News of the last {days} days",
    deadlines="Deadlines",
    past="passed",
    no_deadlines="No deadline is published.",
    official="The official notice",
    also="The same at another source",
    facts={
        "who": "Who",
        "programme": "Programme",
        "funder": "Funder",
        "place": "Where",
        "value": "Value",
        "grant": "Per project",
        "opens": "Opens",
        "published": "Published",
        "eligible": "Who may take part",
        "cpv": "CPV codes",
        "lots": "Lots",
        "source": "Source",
    },
    links={"documents": "Documents", "submission": "Submission", "notice": "Notice"},
    history="History",
    first="first found here",
    notices="Published numbers",
    ended="This opportunity has ended: {stage}. The page stays for its history.",
    twin="The same opportunity is followed here under another number:",
    health="How the sources are",
    health_lead="When each source was last read. Where one is not in order, the list may be incomplete.",
    columns=("Source", "State", "Last good reading"),
    states={"good": "in order", "running": "being read now", "off": "off", "never": "not read yet"},
    never="never",
    yours="Opportunities for {name}",
    warning="not in order",
)

ARCHIVE_WORDS: Mapping[str, ArchiveWords] = {"ro": RO, "en": EN}

"""Every fixed phrase of a digest, in Romanian and in English. A phrase missing in one language is a type error."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale

from digests.sections import Group, Section
from filters.applicants import Who
from pipeline.opportunity import Role, Stage

Plural = Mapping[str, str]
"""CLDR plural category (one, few, other) -> phrase with `{n}`."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Date patterns are Babel's."""

    language: str
    locale: Locale
    today_is: str
    day: str
    short_day: str
    long_day: str

    opportunities: Plural
    new: Plural
    changed: Plural
    changed_alone: Plural
    closing: Plural
    closing_alone: Plural
    closing_soon: Plural
    nearest: str
    since: str
    since_pause: str
    nearest_is: str
    heading: str

    today: str
    tomorrow: str
    left: Plural
    zone: str
    brussels: str
    no_hour: str
    published: str
    no_deadline: str
    opens: str
    more_deadlines: Plural
    roles: Mapping[Role, str]

    sections: Mapping[Section, str]
    groups: Mapping[Group, str]
    early_note: str
    more: Plural
    rest_file: str
    rest_heading: str
    rest_lead: Plural
    marks: Mapping[str, str]
    stages: Mapping[Stage, str]
    fields: Mapping[str, str]
    unpublished: str
    withdrawn: str
    some_lots: str

    budget: str
    maximum: str
    per_project: str
    may_apply: str
    may_not_apply: str
    everybody: str
    applicants: Mapping[Who, str]
    lots: Plural
    others: Plural
    links: Mapping[str, str]
    no_page: str
    why: str
    source: str
    not_relevant: str

    failed: str
    because: str
    because_of: str
    official: str
    calendar: str
    change: str
    pause: str
    leave: str
    questions: str


RO = Words(
    language="ro",
    locale=Locale("ro"),
    today_is="EEEE, d MMMM yyyy",
    day="EEE, d MMM yyyy",
    short_day="d MMM",
    long_day="d MMMM",
    opportunities={"one": "o oportunitate nouă", "few": "{n} oportunități noi", "other": "{n} de oportunități noi"},
    new={"one": "1 nouă", "few": "{n} noi", "other": "{n} noi"},
    changed={"one": "1 modificată", "few": "{n} modificate", "other": "{n} modificate"},
    changed_alone={
        "one": "o oportunitate modificată",
        "few": "{n} oportunități modificate",
        "other": "{n} de oportunități modificate",
    },
    closing={"one": "1 se închide", "few": "{n} se închid", "other": "{n} se închid"},
    closing_alone={
        "one": "o oportunitate se închide",
        "few": "{n} oportunități se închid",
        "other": "{n} de oportunități se închid",
    },
    closing_soon={
        "one": "una se închide în curând",
        "few": "{n} se închid în curând",
        "other": "{n} se închid în curând",
    },
    nearest="termen {day}",
    since="Din {day} încoace: {counts}.",
    since_pause="Din perioada pauzei, de la {day} încoace: {counts}.",
    nearest_is="Primul termen: {when}.",
    heading="Oportunități pentru {name}",
    today="azi",
    tomorrow="mâine",
    left={"one": "mai este {n} zi", "few": "mai sunt {n} zile", "other": "mai sunt {n} de zile"},
    zone="ora României",
    brussels="Bruxelles",
    no_hour="ora nu este publicată",
    published="publicat {wall}",
    no_deadline="fără termen publicat",
    opens="se deschide",
    more_deadlines={
        "one": "încă un termen: {last}",
        "few": "încă {n} termene, ultimul {last}",
        "other": "încă {n} de termene, ultimul {last}",
    },
    roles={
        Role.SUBMISSION: "depunere",
        Role.PARTICIPATION: "cereri de participare",
        Role.INTEREST: "manifestarea interesului",
        Role.QUESTIONS: "clarificări",
        Role.CONSULTATION: "consultare",
        Role.STAGE_1: "etapa 1",
        Role.STAGE_2: "etapa 2",
        Role.CUT_OFF: "dată-limită intermediară",
    },
    sections={
        Section.CLOSING: "Se închid în curând",
        Section.CHANGED: "S-au modificat",
        Section.NEW: "Noi",
        Section.EARLY: "În pregătire",
    },
    groups={
        Group.ROMANIA: "Licitații noi în România",
        Group.ABROAD: "Licitații noi în alte țări",
        Group.CALLS: "Finanțări noi",
        Group.NEWS: "Știri",
    },
    early_note="Anunțate din timp: încă nu se depun oferte sau proiecte.",
    more={
        "one": "Încă una nu a încăput aici: este în lista atașată și vine cu un mesaj viitor.",
        "few": "Încă {n} nu au încăput aici: sunt în lista atașată și vin cu mesajele următoare.",
        "other": "Încă {n} nu au încăput aici: sunt în lista atașată și vin cu mesajele următoare.",
    },
    rest_file="alte-oportunitati.html",
    rest_heading="Ce nu a încăput în mesajul din {day}",
    rest_lead={
        "one": "O oportunitate. Vine cu un mesaj viitor.",
        "few": "{n} oportunități. Vin cu mesajele următoare, întâi cele mai potrivite, fiecare cel mai târziu cu "
        "o săptămână înainte de termen.",
        "other": "{n} de oportunități. Vin cu mesajele următoare, întâi cele mai potrivite, fiecare cel mai târziu "
        "cu o săptămână înainte de termen.",
    },
    marks={"new": "nou", "top": "recomandat"},
    stages={
        Stage.PLANNED: "planificată",
        Stage.CONSULTATION: "în consultare",
        Stage.OPEN: "deschisă",
        Stage.SUSPENDED: "suspendată",
        Stage.CLOSED: "închisă",
        Stage.AWARDED: "atribuită",
        Stage.CANCELLED: "anulată",
    },
    fields={
        "stage": "Etapă",
        "title": "Titlu",
        "deadlines": "Termen",
        "value": "Valoare",
        "maximum": "Valoare maximă",
        "opens": "Se deschide",
        "buyer": "Autoritate",
    },
    unpublished="nepublicat",
    withdrawn="retras",
    some_lots="unele loturi",
    budget="buget {money}",
    maximum="cel mult {money}",
    per_project="{money} pe proiect",
    may_apply="pot participa: {who}",
    may_not_apply="nu pot participa: {who}",
    everybody="organizații de orice fel",
    applicants={
        "sme": "IMM-uri",
        "university": "universități",
        "public_authority": "autorități publice",
        "ngo": "ONG-uri",
        "large_company": "companii mari",
    },
    lots={"one": "{n} lot", "few": "{n} loturi", "other": "{n} de loturi"},
    others={"one": "și încă {n}", "few": "și încă {n}", "other": "și încă {n}"},
    links={"documents": "documentație", "submission": "depunere", "notice": "anunț"},
    no_page="căutați numărul la sursă",
    why="De ce",
    source="Sursa",
    not_relevant="nu mă interesează",
    failed="Surse care nu au răspuns în această perioadă: {names}. Lista poate fi incompletă.",
    because="Primiți acest mesaj pentru că {name} este membru și a cerut să afle ce i se potrivește.",
    because_of="Primiți acest mesaj pentru că {name} este membru și urmărește: {interests}.",
    official="Anunțul oficial are întotdeauna dreptate: verificați acolo termenul înainte de a depune.",
    calendar="Fișierul atașat pune termenele în calendarul dumneavoastră.",
    change="Schimb interesele",
    pause="Iau o pauză",
    leave="Mă dezabonez",
    questions="Întrebări: {contact}",
)

EN = Words(
    language="en",
    locale=Locale("en", "GB"),
    today_is="EEEE, d MMMM yyyy",
    day="EEE d MMM yyyy",
    short_day="d MMM",
    long_day="d MMMM",
    opportunities={"one": "one new opportunity", "other": "{n} new opportunities"},
    new={"one": "1 new", "other": "{n} new"},
    changed={"one": "1 changed", "other": "{n} changed"},
    changed_alone={"one": "one opportunity changed", "other": "{n} opportunities changed"},
    closing={"one": "1 closing", "other": "{n} closing"},
    closing_alone={"one": "one opportunity closing", "other": "{n} opportunities closing"},
    closing_soon={"one": "one closing soon", "other": "{n} closing soon"},
    nearest="deadline {day}",
    since="Since {day}: {counts}.",
    since_pause="From the time of your pause, since {day}: {counts}.",
    nearest_is="The nearest deadline: {when}.",
    heading="Opportunities for {name}",
    today="today",
    tomorrow="tomorrow",
    left={"one": "{n} day left", "other": "{n} days left"},
    zone="Bucharest time",
    brussels="Brussels",
    no_hour="no hour published",
    published="published as {wall}",
    no_deadline="no deadline published",
    opens="opens",
    more_deadlines={"one": "one more deadline: {last}", "other": "{n} more deadlines, the last on {last}"},
    roles={
        Role.SUBMISSION: "submission",
        Role.PARTICIPATION: "requests to participate",
        Role.INTEREST: "expressions of interest",
        Role.QUESTIONS: "questions",
        Role.CONSULTATION: "consultation",
        Role.STAGE_1: "stage 1",
        Role.STAGE_2: "stage 2",
        Role.CUT_OFF: "cut-off",
    },
    sections={
        Section.CLOSING: "Closing soon",
        Section.CHANGED: "Changed",
        Section.NEW: "New",
        Section.EARLY: "In preparation",
    },
    groups={
        Group.ROMANIA: "New tenders in Romania",
        Group.ABROAD: "New tenders elsewhere",
        Group.CALLS: "New funding calls",
        Group.NEWS: "News",
    },
    early_note="Announced early: nothing can be handed in yet.",
    more={
        "one": "One more found no room here: it is in the attached list and comes with a later mail.",
        "other": "{n} more found no room here: they are in the attached list and come with later mails.",
    },
    rest_file="more-opportunities.html",
    rest_heading="What found no room in the mail of {day}",
    rest_lead={
        "one": "One opportunity. It comes with a later mail.",
        "other": "{n} opportunities. They come with later mails, the best first, each of them a week before its "
        "deadline at the latest.",
    },
    marks={"new": "new", "top": "top pick"},
    stages={
        Stage.PLANNED: "planned",
        Stage.CONSULTATION: "in consultation",
        Stage.OPEN: "open",
        Stage.SUSPENDED: "suspended",
        Stage.CLOSED: "closed",
        Stage.AWARDED: "awarded",
        Stage.CANCELLED: "cancelled",
    },
    fields={
        "stage": "Stage",
        "title": "Title",
        "deadlines": "Deadline",
        "value": "Value",
        "maximum": "Maximum value",
        "opens": "Opens",
        "buyer": "Buyer",
    },
    unpublished="not published",
    withdrawn="withdrawn",
    some_lots="some lots",
    budget="budget {money}",
    maximum="up to {money}",
    per_project="{money} per project",
    may_apply="may apply: {who}",
    may_not_apply="may not apply: {who}",
    everybody="organisations of every sort",
    applicants={
        "sme": "SMEs",
        "university": "universities",
        "public_authority": "public authorities",
        "ngo": "NGOs",
        "large_company": "large companies",
    },
    lots={"one": "{n} lot", "other": "{n} lots"},
    others={"one": "and {n} more", "other": "and {n} more"},
    links={"documents": "documents", "submission": "submission", "notice": "notice"},
    no_page="look the number up at the source",
    why="Why",
    source="Source",
    not_relevant="not for me",
    failed="Sources that did not answer in this period: {names}. The list may be incomplete.",
    because="You get this because {name} is a member and asked to hear of what suits it.",
    because_of="You get this because {name} is a member and follows: {interests}.",
    official="The official notice is always right: check the deadline there before you hand anything in.",
    calendar="The attached file puts the deadlines into your calendar.",
    change="Change interests",
    pause="Take a break",
    leave="Unsubscribe",
    questions="Questions: {contact}",
)

WORDS: Mapping[str, Words] = {"ro": RO, "en": EN}

SOURCES: Mapping[str, str] = {
    "ted": "TED",
    "seap": "SEAP",
    "eu_portal": "EU Funding & Tenders",
    "mipe": "MIPE",
    "oportunitati_ue": "Oportunități UE",
    "regio_nord_vest": "ADR Nord-Vest",
    "adi_euronest": "ADI Euronest",
    "uefiscdi": "UEFISCDI",
    "startupcafe": "StartupCafe",
    "adr_digital": "Autoritatea pentru Digitalizare",
    "afir": "AFIR",
    "eic_news": "EIC",
}
"""What readers call a source; one that is not listed goes by its own name."""

"""MIPE, the Romanian ministry for European investments: its calendar of calls and its posts about guides and calls.

Publisher: Ministerul Investițiilor și Proiectelor Europene
Home: https://mfe.gov.ro
Access: posts of two categories through `/wp-json/wp/v2/posts` (latest calls, invitations); the consolidated calendar
    `/calendar-apeluri-de-finantare/?mca_view=list`, an HTML page
Covers: calls of all programmes 2021-2027, national and regional: in consultation, open, closing; about 1,065 calls in
    the calendar (2026-08). A post that names one call of the calendar, by its code or its whole title, and moves or
    halts it is told as a change of that call
Caveats: connections from cloud addresses are dropped without an answer (2026-08): run it from an ordinary Romanian
    line or a proxy. The calendar shows month and days left only, so the day is that of the reading plus the days left.
    The template of call pages adds " euro" to any value, lei included, and shows the window of a consultation under
    the same two labels as that of a call (2026-08): the status decides. Pages are journals, the newest entry holds.
    Not verified live while building (2026-11): robots.txt, the HTML around the calendar's cards, its inline data
Licence: free reuse of public sector information (Law 179/2022), with attribution to MIPE
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from pipeline.exceptions import SourceError
from pipeline.opportunity import Role, Stage
from pipeline.romanian import fold, read_period
from pipeline.twins import TITLE_MIN, folded
from spiders._html import soup_of, text_of
from spiders._sheet import Sheet, hashed
from spiders._wordpress import WordPress

FUNDER = "Ministerul Investițiilor și Proiectelor Europene"
CATEGORIES = "2800,2492"
"""`ultimele-apeluri-prima-pagina` and `invitatii-de-participare`; 2719 (`anunturi-pnrr`) is nearly only payments."""
CALENDAR = "/calendar-apeluri-de-finantare/"
STAGES = {
    "deschis": Stage.OPEN,
    "activ": Stage.OPEN,
    "inchis": Stage.CLOSED,
    "in consultare publica": Stage.CONSULTATION,
    "iesit din consultare publica": Stage.PLANNED,
}
"""The words of the badge on call pages, folded (58 pages of 2026-08)."""
_WINDOW = (Stage.CONSULTATION, Stage.PLANNED)
"""Stages in which the two dates of the box are those of the consultation."""
_LABELS = (
    "Instrument financiar", "Aria de acoperire", "Data lansării", "Data închiderii", "Valoarea apelului",
    "Obiectivul specific vizat", "Prioritate și Obiectiv specific", "Solicitanți eligibili", "Atașamente", "Observații",
    "Alte documente",
)  # fmt: skip
_BOX = re.compile(rf"Informații Apel\s+(?P<status>.{{2,60}}?)\s+(?={_LABELS[0]}\b)(?P<rest>.{{0,4000}})", re.S)
_PARTS = re.compile(rf"(?:^|\s)({'|'.join(_LABELS)})(?=\s|$)")
_PROGRAMMES = (
    r"Program (?:Dezvoltare Durabilă și Tranziție Justă \(fost (?:PTJ|PDD)\)|Regional (?:Nord-Vest|Nord-Est|Sud-Est|Sud"
    r"[ -]Muntenia|Sud-Vest Oltenia|Vest|Centru|București-Ilfov)|Incluziune și Demnitate Socială|Educație și Ocupare|"
    r"Creștere Inteligentă, Digitalizare și Instrumente Financiare|Sănătate|Transport|Asistență Tehnică|"
    r"pentru Acvacultură și Pescuit)"
)
_CARD_END = "Vezi detalii"
_CARD = re.compile(
    rf"(?P<programme>{_PROGRAMMES})\s*(?P<title>(?:(?!{_PROGRAMMES}\s*\S)[^\x00]){{5,600}}?)\s*"
    r"Data (?P<side>închidere|deschidere|lansare) apel:\s*(?P<when>[A-ZĂÂÎȘȚ]+-\d{4}(?:\s*\([^)]{1,40}\))?)\s*"
    r"(?P<type>(?:Nec|C)ompetitiv.{0,75}?)\s*"
    r"(?P<objective>(?:OP|NA|AT|PO|JSO|RSO|ESO)\s?\d?\s?/.{0,160}?)\s*Vezi detalii",
    re.S,
)
_CODE = re.compile(
    r"(?P<code>P[RC]? ?[A-Z]{0,4}(?: P\d+)?/\S{3,40}|P[A-Z]{1,6}/\d[\S]{3,60})\s*[-–]\s*(?P<name>.{5,})", re.S
)


_ANY_CODE = re.compile(
    r"\bP[A-Z]{1,6}/\d{1,4}/P[A-Z]{1,6}_P\d\w*(?:/\w+(?:\.\w+)*)*"
    r"|\bPR ?[A-Z]{2,3}/20\d\d/\w{1,12}(?:\.\w{1,6})?(?:/\w+(?:\.\w+)*)*"
)
"""Codes of national and of regional calls as they stand in posts (2026-08)."""


class Calls:
    """The calls of the calendar, by code and by title, for posts that speak of one of them."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.titles: dict[str, set[str]] = {}

    def add(self, ref: str, title: str) -> None:
        """A call; posts are none (their refs are numbers)."""
        if not ref.isdigit():
            self.codes[_key(ref)] = ref
            if len(folded(title)) >= TITLE_MIN:
                self.titles.setdefault(folded(title), set()).add(ref)

    def about(self, sheet: Sheet) -> str | None:
        """The ref of the one call a post names: by code in its title, else in its text, else by its whole title inside
        the post's. None for several, or for one in several tracks: a wrong merge is worse than a missed one."""
        for text in (sheet.title, sheet.text):
            if named := {_key(code) for code in _ANY_CODE.findall(text)}:
                return self.codes.get(named.pop()) if len(named) == 1 else None
        said = f" {folded(sheet.title)} "
        found = [refs for title, refs in self.titles.items() if f" {title} " in said]
        return next(iter(found[0])) if len(found) == 1 and len(found[0]) == 1 else None


def _key(code: str) -> str:
    return re.sub(r"[ .]", "", code).upper()


class Mipe(WordPress):
    """Reads the posts that changed, then the calendar."""

    name = "mipe"
    query = {"categories": CATEGORIES}  # noqa: RUF012

    async def walk(self) -> AsyncIterator[Sheet]:
        """Cards, then posts about them; where one of the two cannot be had, the other is read all the same."""
        self.calls = Calls()
        for kept in self.run.store.all(sources=[self.name]):
            self.calls.add(kept.opportunity.ref, kept.opportunity.title)
        for part in (self.calendar(), self.announcements()):
            try:
                async for sheet in part:
                    yield sheet
            except SourceError as error:
                self.gap(str(error))

    async def announcements(self) -> AsyncIterator[Sheet]:
        """The posts that changed."""
        async for post in self.posts(self.config.url):
            sheet = self.post(post, kind="post", funder=FUNDER, eu_funded=True)
            box = read_box(sheet.text)
            if box and box["stage"] is None:
                self.run.issue("unknown-status", f"{sheet.ref}: {box['status']}")
            about = self.calls.about(sheet)
            sheet = sheet.model_copy(update={"moves": about, "call": about if about and "/" in about else None})
            yield sheet.model_copy(update={**box, "kind": "call"}) if box and box["stage"] else sheet

    async def calendar(self) -> AsyncIterator[Sheet]:
        """The cards of the calendar; those already closed only where we have them."""
        today = self.now.astimezone(self.run.zone)
        url = f"{self.config.url}{CALENDAR}?mca_month={today:%Y-%m}&mca_view=list"
        response = await self.look(url, conditional=False)
        assert response is not None  # it was not asked conditionally
        if b"var RAW" not in response.body:
            self.run.issue("calendar-data", "the inline data of the calendar (`var RAW`) is gone: was it rebuilt?")
        text = text_of(soup_of(response.body))
        cards, shown = list(read_cards(text)), text.count(_CARD_END)
        if not cards or len(cards) < shown * 0.9:
            self.gap(f"{url}: {len(cards)} of {shown} cards could be read")
        if len(cards) < shown:
            self.run.issue("card", f"{shown - len(cards)} of {shown} cards could not be read")
        self.met(len(cards))
        for card in cards:
            sheet = self.card(card, url)
            self.calls.add(sheet.ref, sheet.title)
            if sheet.stage is not Stage.CLOSED or self.run.has(sheet.ref):
                yield sheet
            else:
                self.run.count("closed before we knew it")

    def card(self, card: dict[str, str], url: str) -> Sheet:
        """The sheet of a card; its day is this day plus the days left."""
        code = _CODE.match(card["title"])
        period = read_period(f"Data închidere apel: {card['when']}", self.now.astimezone(self.run.zone).date())
        exact = period.closes if period and not period.vague else None
        closing = card["side"] == "închidere"
        if "zile" in card["when"] and exact is None:
            self.run.issue("days-left", f"{card['title'][:60]}: {card['when']}")
        return self.sheet(
            code["code"].replace(" ", "") if code else f"calendar-{hashed(card['programme'], card['title'])}",
            code["name"].strip() if code else card["title"],
            url=url,
            status=card["when"],
            stage=Stage.CLOSED if "închis" in card["when"] else Stage.OPEN if closing else Stage.PLANNED,
            closes=exact.isoformat() if exact and closing else None,
            opens=exact.isoformat() if exact and not closing else None,
            funder=FUNDER,
            programme=card["programme"],
            call=code["code"] if code else None,
            action=card["type"],
            places=f"{card['programme']} {card['title']}".replace("Sud Muntenia", "Sud-Muntenia"),
            eu_funded=True,
        )


def read_box(text: str) -> dict[str, Any] | None:
    """The box "Informații Apel" of a call page by the labels of a sheet; `stage` None for an unknown badge."""
    match = _BOX.search(" ".join(text.split()))
    if match is None:
        return None
    parts = [part.strip() for part in _PARTS.split(match["rest"])]
    said = dict(zip(parts[1::2], parts[2::2], strict=False))
    stage = STAGES.get(fold(match["status"]).strip())
    window = "consultare" in fold(match["status"])
    return {
        "status": match["status"],
        "stage": stage,
        "opens": said.get("Data lansării") or None,
        "closes": said.get("Data închiderii") or None,
        "role": Role.CONSULTATION if window else Role.SUBMISSION,
        "budget": said.get("Valoarea apelului") or None,
        "eligible": (said.get("Solicitanți eligibili") or "")[:500] or None,
        "places": said.get("Aria de acoperire", ""),
    }


def read_cards(text: str) -> Iterator[dict[str, str]]:
    """The cards of the calendar by the names of their parts; they stand in lines, or in one run without blanks."""
    for match in _CARD.finditer(text):
        yield {name: " ".join(value.split()) for name, value in match.groupdict().items()}

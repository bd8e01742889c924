"""ADI EURONEST: an open table of calls in Romania and its eastern borders, gathered by hand from the official pages.

Publisher: Asociația de Dezvoltare Intercomunitară EURONEST, Iași
Home: https://adieuronest.ro/finantari
Access: one CSV file, `/finantari.csv` (UTF-8 with byte order mark, 30 columns), conditional requests
Covers: about 1,150 calls (2026-09): national programmes, EU programmes, foundations, cross-border with Moldova and
    Ukraine; open and announced ones, and closed ones that we had open
Caveats: a secondary source, so its official link goes first and others' word weighs more. Money columns are free text,
    `cod` is blank on half of the rows, `url` is shared by several rows (2026-09): identity is `id`. Rows it has not
    checked again are marked `de_recontrolat`. A row that vanishes ends nothing. Not verified live while building
    (2026-11): robots.txt, ETag
Licence: not stated; public data with the sources named, attributed to ADI EURONEST
"""

import csv
import io
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from pipeline.exceptions import SourceError
from pipeline.notice import Issue
from pipeline.opportunity import Link, Stage
from pipeline.romanian import as_day, read_when
from pipeline.text import safe_url
from spiders._html import line_of, lines_of
from spiders._pages import PageSource
from spiders._sheet import Sheet

STAGES = {"activ": Stage.OPEN, "anuntat": Stage.PLANNED, "inchis": Stage.CLOSED}
_HEADER = """
    id titlu program cod tip stare tara si_md si_ua regiune categorii solicitanti finanteaza conditii valoare_min
    valoare_max alocare deschidere termen termen_iso url ghid_url fisa_url adaugat verificat_la stadiu sursa
"""
COLUMNS = frozenset(_HEADER.split())
"""The columns that are read; others may come and go."""
COUNTRIES = {"ro": "RO", "md": "MD", "ua": "UA", "bg": "BG", "hu": "HU"}
Row = dict[str, str]


class AdiEuronest(PageSource):
    """Reads the table row by row."""

    name = "adi_euronest"
    covered: ClassVar = {"deadlines": 0.3, "eligible": 0.5}

    async def walk(self) -> AsyncIterator[Sheet]:
        """The calls that are open or announced, and those we have that are over."""
        response = await self.look(f"{self.config.url}/finantari.csv", accept="text/csv")
        if response is None:
            return
        rows = list(read_rows(response.body))
        shared = {url for url, times in Counter(row["url"] for row in rows).items() if times > 1}
        self.met(len(rows))
        for row in rows:
            if row["stare"] == "inchis" and not self.run.has(row["id"]):
                self.run.count("closed before we knew it")
            elif row["stare"] not in STAGES:
                self.run.issue("unknown-status", f"{row['id']}: {row['stare']}")
            else:
                yield self.sheet(row["id"], line_of(row["titlu"]), **labels_of(row, shared))
        self.remember(response)


def read_rows(body: bytes) -> Iterator[Row]:
    """The rows of the table. Raises SourceError where it is none, or has lost a column."""
    try:
        table = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        missing = COLUMNS - set(table.fieldnames or ())
        if missing:
            raise SourceError(f"the table has no column {', '.join(sorted(missing))}; it begins {body[:60]!r}")
        for row in table:
            if row["id"] and None not in row and None not in row.values():
                yield row
            else:
                raise SourceError(f"row {table.line_num} of the table is cut short or torn")
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"the table cannot be read: {str(error)[:100]}") from None


def labels_of(row: Row, shared: set[str]) -> dict[str, Any]:
    """What a row says, by the labels of a sheet; `shared` are addresses of several rows, of which none is its own."""
    own, page = safe_url(row["url"]), safe_url(row["fisa_url"])
    guide = safe_url(row["ghid_url"])
    links = [(own, "source"), (guide, "guide"), (page, "overview")]
    added = read_when(row["adaugat"])
    return {
        "url": own if own and row["url"] not in shared else page or own,
        "published": as_day(added) if added else None,
        "text": lines_of("\n".join((row["finanteaza"], row["conditii"], row["sursa"] and f"Sursa: {row['sursa']}"))),
        "status": row["stare"] if row["stadiu"] == "complet" else f"{row['stare']} ({row['stadiu']})",
        "stage": STAGES[row["stare"]],
        "opens": row["deschidere"] or None,
        "closes": row["termen"] or row["termen_iso"] or None,
        "budget": row["alocare"] or None,
        "least": row["valoare_min"] or None,
        "most": row["valoare_max"] or None,
        "programme": line_of(row["program"]) or None,
        "call": line_of(row["cod"]) or None,
        "action": line_of(row["tip"]) or None,
        "eligible": line_of(row["solicitanti"]) or None,
        "countries": countries_of(row),
        "keywords": tuple(filter(None, row["categorii"].split("|"))),
        "links": tuple(Link(url=url, role=role) for url, role in links if url),
        "issues": tuple(oddities(row)),
    }


def countries_of(row: Row) -> tuple[str, ...]:
    """Romania by `tara`, Moldova and Ukraine where the row says they may take part."""
    named = [COUNTRIES[word] for word in re.split(r"[|, ]+", row["tara"].lower()) if word in COUNTRIES]
    return tuple(dict.fromkeys([*named, *["MD"] * (row["si_md"] == "1"), *["UA"] * (row["si_ua"] == "1")]))


def oddities(row: Row) -> Iterator[Issue]:
    """The two forms of a deadline must agree; a country must be known."""
    said, iso = read_when(row["termen"]), read_when(row["termen_iso"])
    if said and iso and as_day(said) != as_day(iso):
        yield Issue(code="two-deadlines", detail=f"{row['termen']} and {row['termen_iso']}")
    if row["tara"] and not any(word in COUNTRIES for word in re.split(r"[|, ]+", row["tara"].lower())):
        yield Issue(code="unknown-country", detail=row["tara"])

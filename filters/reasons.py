"""Why something matched, in words a member understands: what was found, where, and which interest asked for it."""

from enum import StrEnum
from typing import Any, Literal, NamedTuple

Language = Literal["ro", "en"]


class Where(StrEnum):
    """Where evidence was found."""

    TITLE = "title"
    LOTS = "lots"
    KEYWORDS = "keywords"
    CALL = "call"
    TEXT = "text"
    PROGRAMME = "programme"
    BUYER = "buyer"
    ACTION = "action"
    CPV = "cpv"
    SOURCE = "source"
    SAID = "said"


_IN: dict[Language, dict[Where, str]] = {
    "ro": {
        Where.TITLE: "în titlu",
        Where.LOTS: "în titlul unui lot",
        Where.KEYWORDS: "la cuvinte-cheie",
        Where.CALL: "în numele apelului",
        Where.TEXT: "în descriere",
        Where.PROGRAMME: "la program",
        Where.BUYER: "la autoritatea contractantă",
        Where.ACTION: "la tipul de acțiune",
        Where.SOURCE: "ca sursă",
    },
    "en": {
        Where.TITLE: "in the title",
        Where.LOTS: "in the title of a lot",
        Where.KEYWORDS: "among the keywords",
        Where.CALL: "in the call",
        Where.TEXT: "in the description",
        Where.PROGRAMME: "as programme",
        Where.BUYER: "as buyer",
        Where.ACTION: "as type of action",
        Where.SOURCE: "as source",
    },
}
_QUOTES: dict[Language, str] = {"ro": "„{}”", "en": "“{}”"}
_CALL: dict[Language, str] = {"ro": "apelul {}", "en": "call {}"}

_SAID: dict[Language, str] = {"ro": "marcat ca relevant", "en": "marked as relevant"}


class Reason(NamedTuple):
    """One piece of evidence: `found` as it stands in the opportunity, `term` as staff wrote it, and its points.

    A code (CPV, call identifier, source) has no term.
    """

    where: Where
    found: str
    term: str
    points: int
    about_ro: str
    about_en: str

    def words(self, language: Language) -> str:
        """For the member: `„portal web” în titlu — Software și portaluri`, `CPV 72000000 — ...`."""
        about = self.about_ro if language == "ro" else self.about_en
        return f"{self.evidence(language)} — {about}"

    def evidence(self, language: Language) -> str:
        """What was found and where, without the interest."""
        if self.where is Where.CPV:
            return f"CPV {self.found}"
        if self.where is Where.CALL and not self.term:
            return _CALL[language].format(self.found)
        if self.where is Where.SAID:
            return _SAID[language]
        return f"{_QUOTES[language].format(self.found)} {_IN[language][self.where]}"

    def as_json(self) -> dict[str, Any]:
        """Plain values for the store."""
        return self._asdict() | {"where": self.where.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reason":
        """The reason `as_json` wrote."""
        return cls(**(data | {"where": Where(data["where"])}))

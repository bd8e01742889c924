"""The few errors a person sees. Each says what, where, and what to do instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


class VestitorError(Exception):
    """Anything this product says no to; its text is shown to people as it is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a file staff wrote: `where` is file:line, `what` ends with what to write instead."""

    where: str
    what: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigError(VestitorError):
    """Configuration or filters that are refused; carries every problem of the file, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class StoreError(VestitorError):
    """The store cannot be read or written; nothing was half done."""


class SourceError(VestitorError):
    """A source answered in a way that cannot be believed."""


class UnreadableError(VestitorError):
    """A document of a source that cannot be read; `code` is the short name counted in the run's issues."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class RefusedError(UnreadableError):
    """A document that is read but, by rule, is no opportunity; counted by name, not an issue."""

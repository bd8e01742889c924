"""A notice: one published document as read, and what it tells about which others it belongs with."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from pipeline.opportunity import Model, Opportunity


class Form(StrEnum):
    """What a notice does to its life line."""

    ANNOUNCES = "announces"
    CHANGES = "changes"
    ENDS = "ends"
    MOVES = "moves"
    """A post about a call that is described elsewhere: a later deadline or a halt counts, its words do not."""


class Outcome(StrEnum):
    """What a result notice says of a lot."""

    AWARDED = "awarded"
    CANCELLED = "cancelled"
    UNDECIDED = "undecided"


class Issue(Model):
    """Something in a document that could not be taken as it should be: counted and shown, never swallowed."""

    code: str
    detail: str


class Notice(Model):
    """One document of a source, read."""

    says: Opportunity
    """What this document says on its own; its id is `source:ref`."""
    form: Form = Form.ANNOUNCES
    sent: AwareDatetime | None = None
    """When the buyer sent it: orders notices published on one day. Of a living page, when its dates were seen to
    move: it is newer than all that was published before."""
    names: tuple[str, ...] = ()
    """What others may call it: its publication number, its notice identifier."""
    changes: tuple[str, ...] = ()
    """Names of the notices it says it changes."""
    continues: tuple[str, ...] = ()
    """Names of earlier notices it says it continues, such as the prior information of a contract notice."""
    procedure_id: str | None = None
    buyers: frozenset[str] = frozenset()
    """Normal forms of the buyers' ids and names; procedure ids are only unique together with them."""
    results: dict[str, Outcome] = Field(default_factory=dict)
    """Outcome per lot id, on result notices."""
    rolling: bool = False
    """A dynamic purchasing system or qualification system: awards do not end it while its deadline is ahead."""
    living: bool = False
    """Read from a page or record that its publisher goes on editing: read again, its silence about something keeps
    what was known. A document that never changes once published is not living."""
    issues: tuple[Issue, ...] = ()

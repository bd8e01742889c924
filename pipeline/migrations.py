"""The store's tables, append-only: a released migration is never edited, a new one is added below it."""

from sqlite_utils import Database, Migrations

migrations = Migrations("vestitor")


def _run(db: Database, script: str) -> None:
    """Statement by statement: `executescript` would commit and end the migration's transaction."""
    for statement in script.split(";\n"):
        db.execute(statement)


@migrations()
def opportunities(db: Database) -> None:
    """Opportunities with their notices, versions and the full-text index."""
    _run(
        db,
        """
        CREATE TABLE opportunities (
            id TEXT PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL, ref TEXT NOT NULL,
            published TEXT, closes TEXT, version INTEGER NOT NULL, first_seen TEXT NOT NULL, changed TEXT NOT NULL,
            seen TEXT NOT NULL, body TEXT NOT NULL
        );
        CREATE INDEX opportunities_by_change ON opportunities (changed);
        CREATE TABLE versions (
            opportunity TEXT NOT NULL REFERENCES opportunities (id) ON UPDATE CASCADE ON DELETE CASCADE,
            version INTEGER NOT NULL, at TEXT NOT NULL, ref TEXT NOT NULL, changes TEXT NOT NULL,
            PRIMARY KEY (opportunity, version)
        ) WITHOUT ROWID;
        CREATE TABLE notices (
            source TEXT NOT NULL, ref TEXT NOT NULL,
            opportunity TEXT NOT NULL REFERENCES opportunities (id) ON UPDATE CASCADE ON DELETE CASCADE,
            read_at TEXT NOT NULL, reading TEXT NOT NULL, document BLOB,
            PRIMARY KEY (source, ref)
        );
        CREATE INDEX notices_of ON notices (opportunity);
        CREATE TABLE ties (
            name TEXT NOT NULL, opportunity TEXT NOT NULL REFERENCES opportunities (id) ON DELETE CASCADE,
            PRIMARY KEY (name, opportunity)
        ) WITHOUT ROWID;
        CREATE INDEX ties_of ON ties (opportunity);
        CREATE VIEW searchable AS
            SELECT rowid, body ->> 'title' AS title,
                coalesce(body ->> 'summary', '') || ' ' || coalesce(body ->> '$.buyer.name', '')
                || ' ' || coalesce(body ->> '$.lots', '') AS text
            FROM opportunities;
        CREATE VIRTUAL TABLE search USING fts5 (
            title, text, content = 'searchable', tokenize = 'unicode61 remove_diacritics 2'
        );
    """,
    )


@migrations()
def runs(db: Database) -> None:
    """Runs of sources with their verdicts and issues, and how far each source has been read."""
    _run(
        db,
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY, source TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, verdict TEXT,
            counts TEXT NOT NULL DEFAULT '{}', reasons TEXT NOT NULL DEFAULT '[]'
        );
        CREATE INDEX runs_of ON runs (source, id);
        CREATE TABLE issues (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, code TEXT NOT NULL, count INTEGER NOT NULL,
            examples TEXT NOT NULL, PRIMARY KEY (run, code)
        ) WITHOUT ROWID;
        CREATE TABLE bodies (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, reason TEXT NOT NULL,
            body BLOB NOT NULL
        );
        CREATE TABLE marks (
            source TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, name)
        ) WITHOUT ROWID;
    """,
    )


@migrations()
def matches(db: Database) -> None:
    """Who each opportunity concerns and why, and the last good text of every filter file."""
    _run(
        db,
        """
        CREATE TABLE matches (
            member TEXT NOT NULL,
            opportunity TEXT NOT NULL REFERENCES opportunities (id) ON UPDATE CASCADE ON DELETE CASCADE,
            version INTEGER NOT NULL, score INTEGER NOT NULL, body TEXT NOT NULL, tagged TEXT NOT NULL,
            PRIMARY KEY (member, opportunity)
        ) WITHOUT ROWID;
        CREATE INDEX matches_of ON matches (opportunity);
        CREATE TABLE filters (name TEXT PRIMARY KEY, text TEXT NOT NULL, loaded TEXT NOT NULL);
    """,
    )


@migrations()
def digests(db: Database) -> None:
    """The outbox with its frozen bytes, and what each member has been told."""
    _run(
        db,
        """
        CREATE TABLE digests (
            id INTEGER PRIMARY KEY, member TEXT NOT NULL, recipient TEXT NOT NULL, created TEXT NOT NULL,
            message_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, raw BLOB,
            channel TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT, reply TEXT, updated TEXT NOT NULL
        );
        CREATE INDEX digests_by_state ON digests (state);
        CREATE TABLE lines (
            digest INTEGER NOT NULL REFERENCES digests (id) ON DELETE CASCADE, member TEXT NOT NULL,
            opportunity TEXT NOT NULL, version INTEGER NOT NULL, section TEXT NOT NULL,
            PRIMARY KEY (digest, opportunity)
        ) WITHOUT ROWID;
        CREATE INDEX lines_of ON lines (member, opportunity);
    """,
    )


@migrations()
def twins(db: Database) -> None:
    """Which opportunity of another source speaks for one that is the same."""
    _run(db, "CREATE TABLE twins (opportunity TEXT PRIMARY KEY, main TEXT NOT NULL) WITHOUT ROWID")


@migrations()
def feedback(db: Database) -> None:
    """What members said of single opportunities: relevant or not."""
    _run(
        db,
        """
        CREATE TABLE feedback (
            member TEXT NOT NULL,
            opportunity TEXT NOT NULL REFERENCES opportunities (id) ON UPDATE CASCADE ON DELETE CASCADE,
            relevant INTEGER NOT NULL, said TEXT NOT NULL, PRIMARY KEY (member, opportunity)
        ) WITHOUT ROWID;
        CREATE INDEX feedback_of ON feedback (opportunity);
    """,
    )


@migrations()
def bounces(db: Database) -> None:
    """Which refusals were the address's own fault, and the addresses that get no mail any more because of them."""
    _run(
        db,
        """
        ALTER TABLE digests ADD COLUMN hard INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX digests_to ON digests (recipient);
        CREATE TABLE suppressed (address TEXT PRIMARY KEY, since TEXT NOT NULL, reply TEXT NOT NULL) WITHOUT ROWID;
    """,
    )


@migrations()
def requests(db: Database) -> None:
    """How many requests went to each source on each day."""
    _run(
        db,
        """
        CREATE TABLE requests (
            source TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, day)
        ) WITHOUT ROWID
    """,
    )


@migrations()
def turns(db: Database) -> None:
    """When a member was last passed over without a mail: paused, or with nothing to be told."""
    _run(
        db,
        """
        CREATE TABLE turns (
            member TEXT NOT NULL, channel TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (member, channel, outcome)
        ) WITHOUT ROWID;
        CREATE INDEX digests_of_member ON digests (member, channel, created);
    """,
    )

"""`SQLiteOwnWrites`: the writes of a program in a file, for the time after a restart."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence

from attrs import asdict

from zendesk_orm.http.values import require_bool
from zendesk_orm.session.own_changes import OwnChange
from zendesk_orm.sync.database import Database


#: Seconds for which a write is kept: longer than a change takes to be exported.
KEEP_SECONDS = 7 * 86_400.0
#: Writes between two deletions of old ones.
_CLEAN_EVERY = 500
_CLEAN = (
    "DELETE FROM zendesk_own_audits WHERE at < ?",
    "DELETE FROM zendesk_own_writes WHERE at < ?",
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS zendesk_own_audits (id TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS zendesk_own_writes (
    number INTEGER PRIMARY KEY, model TEXT NOT NULL, row TEXT NOT NULL, at REAL NOT NULL,
    change TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS zendesk_own_writes_by_row ON zendesk_own_writes (model, row);
"""


class SQLiteOwnWrites:
    """Keeps the writes of a program in a SQLite file for a week.

    Programs that use the same file count as one: none is called for the writes of another. The
    file contains the rows that were written, and therefore data of customers.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     configure_delivery(own_writes=SQLiteOwnWrites(f"{folder}/watch.db"))

    Args:
        path: the file; it is created if it does not exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = Database(path, _SCHEMA)
        self._count = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._database.path}>"

    def add_audit(self, pk: str) -> None:
        """Remember the audit of a save."""
        with self._database.write() as database:
            values = pk, time.time()
            database.execute("INSERT OR REPLACE INTO zendesk_own_audits VALUES (?, ?)", values)

    def has_audit(self, pk: str) -> bool:
        """Return whether an audit is that of a save."""
        query = "SELECT 1 FROM zendesk_own_audits WHERE id = ?"
        with self._database.read() as database:
            return database.execute(query, (pk,)).fetchone() is not None

    def add(self, model: str, row: str, change: OwnChange) -> None:
        """Remember a write of a row."""
        text = json.dumps({**asdict(change), "names": sorted(change.names)}, default=str)
        with self._database.write() as database:
            database.execute(
                "INSERT INTO zendesk_own_writes (model, row, at, change) VALUES (?, ?, ?, ?)",
                (model, row, time.time(), text),
            )
            self._count += 1
            if self._count % _CLEAN_EVERY == 0:
                for query in _CLEAN:
                    database.execute(query, (time.time() - KEEP_SECONDS,))

    def of_row(self, model: str, row: str) -> Sequence[OwnChange]:
        """Return the writes of a row, the oldest first."""
        query = "SELECT change FROM zendesk_own_writes WHERE model = ? AND row = ? ORDER BY number"
        with self._database.read() as database:
            texts = [text for (text,) in database.execute(query, (model, row))]
        return [self._database.load(_load, text) for text in texts]


def _load(text: str) -> OwnChange:
    """Return the write of a stored text; an exception for any other text."""
    values = json.loads(text)
    rows = values["before"], values["after"]
    if not all(row is None or isinstance(row, dict) for row in rows):
        raise ValueError("a row is not an object")
    is_complete = require_bool("is_complete", values["is_complete"])
    return OwnChange(float(values["at"]), frozenset(values["names"]), *rows, is_complete)

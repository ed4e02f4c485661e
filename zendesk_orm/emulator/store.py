"""Rows as JSON text in SQLite: put, got and selected; every SQL table of the emulator.

A row is kept as the text that is served, so that a page of a hundred rows is
joined and not decoded. Beside it stand the words that search looks through,
the parent that a nested row does not name itself, and whether it is archived
or deleted.
"""

# ruff: noqa: S608
# Values go in as question marks; what is written into the text are the names of
# fields, which `value_of` checks, and conditions made in this package.

from __future__ import annotations

import json
import re
import sqlite3
import weakref
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from zendesk_orm import fork
from zendesk_orm.schema.values import fold_case


#: The states of a row.
ALIVE, ARCHIVED, DELETED = 0, 1, 2

#: Fields by which rows are looked up and ordered often enough for an index.
INDEXED = (
    "assignee_id",
    "created_at",
    "organization_id",
    "requester_id",
    "status",
    "updated_at",
)
#: The same, of fields that are looked up whatever the case.
FOLDED = ("email", "external_id", "name")

#: Ids other than those of tickets: 64 bits' worth, and never dense, as Zendesk's.
_FIRST_ID, _STEP = 6_130_830_000_000, 128

#: Connections of parent processes, which must stay open.
_inherited: list[sqlite3.Connection] = []

_WORD = re.compile(r"\w+", re.UNICODE)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    kind TEXT NOT NULL, id NOT NULL, doc TEXT NOT NULL, words TEXT NOT NULL DEFAULT '',
    parent, state INTEGER NOT NULL DEFAULT 0, written REAL NOT NULL DEFAULT 0,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS rows_parent ON rows (kind, parent) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS versions (
    kind TEXT NOT NULL, id NOT NULL, doc TEXT NOT NULL, words TEXT NOT NULL,
    parent, state INTEGER NOT NULL, written REAL NOT NULL, replaced REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, order_ TEXT NOT NULL, queued REAL NOT NULL, due REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL
);
"""


@frozen
class Stored:
    """One row as it is kept.

    Attributes:
        kind: the label of its model: `support.Ticket`.
        id: its id, a number or a word.
        doc: the row.
        words: what a bare word in a search is looked up in.
        parent: the id of the row it belongs to and does not name, or None.
        state: `ALIVE`, `ARCHIVED` or `DELETED`.
    """

    kind: str
    id: Any
    doc: dict[str, Any]
    words: str = ""
    parent: Any = None
    state: int = ALIVE


@frozen
class Where:
    """A condition in SQL, and the values for its question marks; `&` joins two."""

    sql: str = "1"
    values: Sequence[Any] = ()

    def __and__(self, other: Where) -> Where:
        return Where(f"({self.sql}) AND ({other.sql})", (*self.values, *other.values))

    def __or__(self, other: Where) -> Where:
        return Where(f"({self.sql}) OR ({other.sql})", (*self.values, *other.values))

    def __invert__(self) -> Where:
        # A missing value compares as NULL, and a row that has none is no match to be negated.
        return Where(f"NOT ifnull(({self.sql}), 0)", self.values)


def value_of(wire: str) -> str:
    """Return the SQL for a field of a row, as its index has it."""
    return f"json_extract(doc, '$.{_safe(wire)}')"


def folded_among(sql: str, values: Sequence[Any]) -> Where:
    """Return the condition that a value is among others, whatever their case."""
    marks = ", ".join("?" * len(values))
    if any(isinstance(value, str) for value in values):
        return Where(f"folded({sql}) IN ({marks})", [fold_case(value) for value in values])
    return Where(f"{sql} IN ({marks})", values)


def spaced(text: Any) -> str:
    """Return the words of a text, folded, a space around each, for whole-word matching."""
    words = _WORD.findall(str(text).casefold()) if text is not None else ()
    return f" {' '.join(words)} " if words else ""


class Store:
    """The emulator's memory, in a file or in the process.

    One connection behind one lock: SQLite writes one at a time anyway. SQLite has locks of its
    own, and no process is forked while a thread is in it.

    Args:
        path: the file; None keeps all in memory.
    """

    def __init__(self, path: str | None = None) -> None:
        self.lock = fork.Lock()
        self._path = path
        with fork.delayed:
            self._open()
            self._connection.executescript(_SCHEMA)
        fork.renew_in_children(self)
        #: Seconds for which replaced rows are kept, for an index that lags.
        self.remember = 0.0

    def _open(self) -> None:
        self._connection = sqlite3.connect(
            self._path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self.close = weakref.finalize(self, _close, self._connection)
        self._connection.create_function("spaced", 1, spaced, deterministic=True)
        self._connection.create_function("folded", 1, fold_case, deterministic=True)
        if self._path:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")

    def renew(self) -> None:
        """Open the file anew in a forked child; a store in memory is a copy that it keeps."""
        if not self.close.alive:
            return
        if self._path:
            # Closing the inherited connection would release the parent's locks of the file.
            self.close.detach()
            _inherited.append(self._connection)
            self._open()
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def index(self) -> None:
        """Make the indexes; after the first rows are in, it is cheaper."""
        columns = {wire: value_of(wire) for wire in INDEXED}
        columns |= {f"folded_{wire}": f"folded({value_of(wire)})" for wire in FOLDED}
        for wire, column in columns.items():
            self.execute(f"CREATE INDEX IF NOT EXISTS rows_{wire} ON rows (kind, {column})")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the lock; what is written within is written whole, or not at all."""
        with self.lock:
            self.execute("BEGIN")
            try:
                yield
            except BaseException:
                self.execute("ROLLBACK")
                raise
            self.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Within a transaction, undo what is written within when an exception leaves it."""
        self.execute("SAVEPOINT item")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO item")
            raise
        finally:
            self.execute("RELEASE item")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        An object or a list equals nothing that is stored, and is compared as its text.
        """
        with fork.delayed:
            bound = [_bindable(value) for value in values]
            return self._connection.execute(sql, bound).fetchall()

    def next_id(self, name: str = "") -> int:
        """Return a new id: of the sequence `name`, counted from 1, or one that is long."""
        start, step = (1, 1) if name else (_FIRST_ID, _STEP)
        self.execute(
            "INSERT INTO sequences VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + ?",
            (name, start, step),
        )
        found = self.execute("SELECT value FROM sequences WHERE name = ?", (name,))
        return int(found[0][0])

    def skip_to(self, number: int, tickets: int) -> None:
        """Let the sequences go on behind rows that were made with ids of their own."""
        for name, value in (("", number), ("ticket", tickets)):
            self.execute("REPLACE INTO sequences VALUES (?, ?)", (name, value))

    def put(self, rows: Iterable[Stored], now: float) -> None:
        """Write rows, new or again."""
        for row in rows:
            if self.remember:
                self._keep_version(row, now)
            self.execute("REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", _tuple(row, now))

    def fill(self, rows: Iterable[Stored], now: float) -> None:
        """Write many new rows at once."""
        with fork.delayed:
            self._connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", (_tuple(row, now) for row in rows)
            )

    def row(self, kind: str, pk: Any) -> Stored | None:
        """Return a row, or None when it is not there or deleted."""
        found = self.execute(
            "SELECT doc, words, parent, state FROM rows WHERE kind = ? AND id = ? AND state < ?",
            (kind, pk, DELETED),
        )
        if not found:
            return None
        doc, words, parent, state = found[0]
        return Stored(kind, pk, json.loads(doc), words, parent, state)

    def get(self, kind: str, pk: Any) -> dict[str, Any] | None:
        """Return what a row says, or None when it is not there or deleted."""
        found = self.row(kind, pk)
        return found.doc if found else None

    def set_state(self, kind: str, pk: Any, state: int) -> None:
        """Archive a row, delete it, or bring it back."""
        self.execute("UPDATE rows SET state = ? WHERE kind = ? AND id = ?", (state, kind, pk))

    def drop(self, kind: str, pk: Any) -> None:
        """Forget a row for good."""
        self.execute("DELETE FROM rows WHERE kind = ? AND id = ?", (kind, pk))

    def drop_below(self, kind: str, parent: Any) -> None:
        """Forget for good the rows that belong to another."""
        self.execute("DELETE FROM rows WHERE kind = ? AND parent = ?", (kind, parent))

    def replace(self, kind: str, wire: str, old: Any, new: Any) -> None:
        """Put one value of a field in the place of another, in all rows that have it."""
        self.execute(
            f"UPDATE rows SET doc = json_set(doc, '$.{_safe(wire)}', ?) "
            f"WHERE kind = ? AND {value_of(wire)} = ?",
            (new, kind, old),
        )

    def docs(self, kind: str, where: Where, order: str = "id") -> list[dict[str, Any]]:
        """Return what the rows say that a condition holds for, in an order."""
        return [json.loads(row[0]) for row in self.texts(kind, where, order)]

    def find(self, kind: str, wire: str, value: Any) -> list[dict[str, Any]]:
        """Return the rows with a value in a field, whatever its case; not the deleted ones."""
        where = folded_among(value_of(wire), [value])
        found = self.execute(
            f"SELECT doc FROM rows WHERE kind = ? AND {where.sql} AND state < ? ORDER BY id",
            (kind, *where.values, DELETED),
        )
        return [json.loads(doc) for (doc,) in found]

    def keep_file(self, token: str, name: str, kind: str, content: bytes) -> None:
        """Keep the bytes of a file, with its name and type."""
        self.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (token, name, kind, content))

    def file(self, token: str) -> tuple[str, str, bytes] | None:
        """Return name, type and bytes of a file, or None when it is not there."""
        found = self.execute("SELECT name, kind, content FROM files WHERE token = ?", (token,))
        return (found[0][0], found[0][1], bytes(found[0][2])) if found else None

    def drop_file(self, token: str) -> None:
        """Forget the bytes of a file."""
        self.execute("DELETE FROM files WHERE token = ?", (token,))

    def texts(
        self,
        kind: str,
        where: Where,
        order: str = "id",
        *,
        most: int = -1,
        skip: int = 0,
        also: str = "NULL",
        doc: str = "doc",
    ) -> list[tuple[Any, ...]]:
        """Return the rows that a condition holds for, in an order: text, id, and one thing more."""
        return self.execute(
            f"SELECT {doc}, id, {also} FROM rows WHERE kind = ? AND ({where.sql}) "
            f"ORDER BY {order} LIMIT ? OFFSET ?",
            (kind, *where.values, most, skip),
        )

    def count(self, kind: str, where: Where) -> int:
        """Return how many rows a condition holds for."""
        sql = f"SELECT count(*) FROM rows WHERE kind = ? AND ({where.sql})"
        return int(self.execute(sql, (kind, *where.values))[0][0])

    def seen(self, moment: float) -> tuple[str, tuple[Any, ...]]:
        """Return the rows as they were at a moment: a table for FROM, and its values."""
        columns = "kind, id, doc, words, parent, state"
        sql = (
            f"(SELECT {columns} FROM rows WHERE written <= ? UNION ALL "
            f"SELECT {columns} FROM versions WHERE written <= ? AND replaced > ?) AS rows"
        )
        return sql, (moment, moment, moment)

    def copy_from(self, other: Store) -> None:
        """Take over everything that another store holds."""
        with other.lock, fork.delayed:
            other._connection.backup(self._connection)

    def _keep_version(self, row: Stored, now: float) -> None:
        self.execute(
            "INSERT INTO versions SELECT kind, id, doc, words, parent, state, written, ? "
            "FROM rows WHERE kind = ? AND id = ? AND written < ?",
            (now, row.kind, row.id, now),
        )
        self.execute("DELETE FROM versions WHERE replaced < ?", (now - self.remember,))


def _close(connection: sqlite3.Connection) -> None:
    with fork.delayed:
        connection.close()


def dumped(doc: Any) -> str:
    """Return JSON without a blank too many."""
    return json.dumps(doc, separators=(",", ":"), ensure_ascii=False)


def _bindable(value: Any) -> Any:
    if isinstance(value, (dict, list, tuple)):
        return dumped(value)
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _tuple(row: Stored, now: float) -> tuple[Any, ...]:
    return (row.kind, row.id, dumped(row.doc), row.words, row.parent, row.state, now)


def _safe(wire: str) -> str:
    if not re.fullmatch(r"[\w.\"-]+", wire):
        raise ValueError(f"{wire!r} is no name of a field")
    return wire

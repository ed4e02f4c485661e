"""The store: rows as JSON text in SQLite, and every SQL table of the emulator.

A row is stored as the text that is served, so that a page of a hundred rows is joined without
being decoded. Further columns hold the words that search looks through, the parent of a nested
row that does not name its parent, and whether the row is archived or deleted.
"""

# ruff: noqa: S608 - values are bound to question marks
# The SQL text contains only names of fields, which `storage.sql` checks, and conditions that
# this package builds.

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from attrs import field, frozen

from zendesk_orm import fork
from zendesk_orm.emulator.storage.custom_fields import complete_row, complete_texts, contains_row
from zendesk_orm.emulator.storage.databases import check_tables, wait_for_lock
from zendesk_orm.emulator.storage.indexes import STATEMENTS
from zendesk_orm.emulator.storage.match_counts import MatchCounts, SelectFrom
from zendesk_orm.emulator.storage.query_cache import QueryCache
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_path,
    json_value,
    where_equal,
    where_in_ignoring_case,
)
from zendesk_orm.emulator.storage.word_index import EXISTS, TABLES
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.schema.values import fold_case


T = TypeVar("T")

#: The states of a row.
ALIVE, ARCHIVED, DELETED = 0, 1, 2

#: The first id and the distance between ids, except for tickets: large and sparse, as Zendesk's.
FIRST_ID, STEP = 6_130_830_000_000, 128


#: Connections of parent processes. Closing them would release the parent's locks of the file.
_inherited: list[sqlite3.Connection] = []

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
CREATE INDEX IF NOT EXISTS jobs_pending ON jobs (done) WHERE done = 0;
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL
);
"""


@frozen
class WriteResult:
    """A row after it was written.

    Attributes:
        row: the row.
        extra: further keys of the response's body.
    """

    row: dict[str, Any]
    extra: dict[str, Any] = field(factory=dict)


@frozen
class StoredRow:
    """A row with its columns in the store.

    Attributes:
        kind: the label of its model: `support.Ticket`.
        id: its id, an int or a string.
        doc: the row as a dictionary.
        words: the words that a search without a keyword looks through.
        parent: the id of the row that it belongs to without naming it, or None.
        state: `ALIVE`, `ARCHIVED` or `DELETED`.
    """

    kind: str
    id: Any
    doc: dict[str, Any]
    words: str = ""
    parent: Any = None
    state: int = ALIVE


class Store:
    """The rows of an emulator, in memory or in a file.

    All threads share one connection behind one lock, as SQLite executes one write at a time.
    Several stores, also of several processes, may share a file: each waits for the other's writes.
    No process is forked while a thread uses the connection, because SQLite has locks too.

    Args:
        path: the file; None keeps all rows in memory.
    """

    def __init__(self, path: str | None = None) -> None:
        self.lock = fork.Lock()
        self._path = path
        with fork.delayed:
            self._open()
        check_tables({name for (name,) in self.execute("SELECT name FROM sqlite_master")})
        if path:
            self.execute("PRAGMA journal_mode=WAL")
        wait_for_lock(lambda: self._connection.executescript(_SCHEMA))
        #: Whether search can use an index of words.
        self.has_word_index = self._create_word_index()
        fork.renew_in_children(self)
        #: Seconds for which replaced rows are stored, for a search index that lags.
        self.version_seconds = 0.0

    def _open(self) -> None:
        self._cache, self._matches = QueryCache(), MatchCounts()
        self._connection = sqlite3.connect(
            self._path or ":memory:", timeout=0, isolation_level=None, check_same_thread=False
        )
        self.close = weakref.finalize(self, _close, self._connection)
        self._connection.create_function("normalize_words", 1, normalize_words, deterministic=True)
        self._connection.create_function("folded", 1, fold_case, deterministic=True)
        # Replacing a row has to remove its words from their index.
        self._connection.execute("PRAGMA recursive_triggers=ON")
        if self._path:
            self.execute("PRAGMA synchronous=NORMAL")

    def renew(self) -> None:
        """Reopen the file in a forked child. A store in memory becomes the child's own copy."""
        if not self.close.alive:
            return
        if self._path:
            self.close.detach()
            _inherited.append(self._connection)
            self._open()
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _create_word_index(self) -> bool:
        """Create the index of words, and return whether there is one."""
        for name, statements in TABLES.items():
            # Another process creates it, or SQLite cannot.
            with suppress(sqlite3.OperationalError):
                if not self.execute(EXISTS, (name,)):
                    wait_for_lock(partial(self._connection.executescript, statements))
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        return all(self.execute(EXISTS, (name,)) for name in TABLES)

    def create_indexes(self) -> None:
        """Create the indexes. This is cheaper after the first rows were inserted."""
        for statement in STATEMENTS:
            self.execute(statement)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Return a context manager that holds the lock, and commits or rolls back at its end."""
        with self.lock:
            # A transaction that reads first cannot write once another process has written.
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.execute("ROLLBACK")
                self._forget_results()
                raise
            self.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Return a context manager that rolls back to its start if an exception leaves it.

        It has to be used within a transaction.
        """
        self.execute("SAVEPOINT item")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO item")
            raise
        finally:
            self.execute("RELEASE item")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute a statement and return its rows.

        Values that SQLite cannot bind, such as lists, are bound as text and equal nothing.
        """
        bindable = [_bindable(value) for value in values]
        return wait_for_lock(lambda: self._connection.execute(sql, bindable).fetchall())

    def execute_cached(self, sql: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query, which is executed again after a change of the store."""
        key = (sql, *map(_bindable, values))
        return self._cache.get(self._connection, key, lambda: self.execute(sql, values))

    def count_matches(self, selection: Where, select: SelectFrom) -> int:
        """Return the number of rows that a statement selects, as `MatchCounts` describes it."""
        return self._matches.get(self.execute, selection, select)

    def _forget_results(self) -> None:
        self._cache.clear()
        self._matches.clear()

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values."""
        with fork.delayed:
            self._connection.executemany(sql, rows)

    def next_id(self, name: str = "") -> int:
        """Return the next id of a named sequence (1, 2, ...), or of that of large ids."""
        start, step = (1, 1) if name else (FIRST_ID, STEP)
        self.execute(
            "INSERT INTO sequences VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + ?",
            (name, start, step),
        )
        rows = self.execute("SELECT value FROM sequences WHERE name = ?", (name,))
        return int(rows[0][0])

    def set_sequences(self, number: int, tickets: int) -> None:
        """Set the last ids that were used, after rows were inserted with explicit ids."""
        self.execute("REPLACE INTO sequences VALUES ('', ?), ('ticket', ?)", (number, tickets))

    def put(self, rows: Iterable[StoredRow], now: float) -> None:
        """Insert or replace rows."""
        for row in rows:
            if self.version_seconds:
                self._save_version(row, now)
            self.execute("REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", _columns(row, now))

    def insert(self, rows: Iterable[StoredRow], now: float) -> None:
        """Insert many new rows."""
        columns = (_columns(row, now) for row in rows)
        self.execute_many("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", columns)

    def get_row(self, kind: str, pk: Any) -> StoredRow | None:
        """Return a row with its columns, or None if it does not exist or is deleted."""
        row = self.find_row(kind, pk)
        return None if row is None or row.state == DELETED else row

    def find_row(self, kind: str, pk: Any) -> StoredRow | None:
        """Return a stored row with its columns, even if it is deleted, or None."""
        rows = self.execute(
            "SELECT doc, words, parent, state FROM rows WHERE kind = ? AND id = ?", (kind, pk)
        )
        if not rows:
            return None
        row = complete_row(kind, json.loads(rows[0][0]), self.execute_cached)
        return StoredRow(kind, pk, row, *rows[0][1:])

    def get(self, kind: str, pk: Any) -> dict[str, Any] | None:
        """Return a row as a dictionary, or None if it does not exist or is deleted."""
        row = self.get_row(kind, pk)
        return row.doc if row else None

    def set_state(self, kind: str, pk: Any, state: int) -> None:
        """Set the state of a row, which archives, deletes or restores it."""
        self.execute("UPDATE rows SET state = ? WHERE kind = ? AND id = ?", (state, kind, pk))

    def drop(self, kind: str, pk: Any) -> None:
        """Delete a row permanently."""
        self.execute("DELETE FROM rows WHERE kind = ? AND id = ?", (kind, pk))

    def drop_children(self, kind: str, parent: Any) -> None:
        """Delete the rows of a parent permanently."""
        self.execute("DELETE FROM rows WHERE kind = ? AND parent = ?", (kind, parent))

    def set_value(self, kind: str, wire: str, value: Any, where: Where) -> None:
        """Set a field of the matching rows, without changing their timestamps."""
        self.execute(
            f"UPDATE rows SET doc = json_set(doc, {json_path(wire)}, ?) "
            f"WHERE kind = ? AND ({where.sql})",
            (value, kind, *where.values),
        )

    def replace_value(self, kind: str, wire: str, old: Any, new: Any) -> None:
        """Set a field to a new value in the rows that have the old one."""
        self.set_value(kind, wire, new, where_equal(wire, old))

    def select(self, kind: str, where: Where, order: str = "id") -> list[dict[str, Any]]:
        """Return the matching rows as dictionaries, in an order."""
        return [json.loads(row[0]) for row in self.select_texts(kind, where, order)]

    def find(self, kind: str, wire: str, value: Any) -> list[dict[str, Any]]:
        """Return the rows that have the value in a field, ignoring case; without deleted rows."""
        where = where_in_ignoring_case(json_value(wire), [value])
        return self.select(kind, where & Where("state < ?", (DELETED,)))

    def save_file(self, token: str, name: str, kind: str, content: bytes) -> None:
        """Save a file with its name and content type."""
        self.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (token, name, kind, content))

    def get_file(self, token: str) -> tuple[str, str, bytes] | None:
        """Return name, content type and bytes of a file, or None if it does not exist."""
        rows = self.execute("SELECT name, kind, content FROM files WHERE token = ?", (token,))
        return (rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None

    def drop_file(self, token: str) -> None:
        """Delete a file."""
        self.execute("DELETE FROM files WHERE token = ?", (token,))

    def select_texts(
        self,
        kind: str,
        where: Where,
        order: str = "id",
        *,
        limit: int = -1,
        offset: int = 0,
        extra: str = "NULL",
        doc: str = "doc",
    ) -> list[tuple[Any, ...]]:
        """Return `(text, id, extra)` of the matching rows, sorted by `order`.

        Args:
            kind: the label of their model.
            where: the condition.
            order: the expressions of ORDER BY.
            limit: the number of rows; -1 for all.
            offset: the number of rows to skip.
            extra: the SQL expression of the third item.
            doc: the SQL expression of the text.
        """
        rows = self.execute(
            f"SELECT {doc}, id, {extra} FROM rows WHERE kind = ? AND ({where.sql}) "
            f"ORDER BY {order} LIMIT ? OFFSET ?",
            (kind, *where.values, limit, offset),
        )
        return complete_texts(kind, rows, self.execute_cached) if contains_row(doc) else rows

    def count(self, kind: str, where: Where) -> int:
        """Return the number of matching rows."""
        sql = f"SELECT count(*) FROM rows WHERE kind = ? AND ({where.sql})"
        return int(self.execute(sql, (kind, *where.values))[0][0])

    def copy_from(self, other: Store) -> None:
        """Replace all rows by those of another store."""
        with other.lock:
            self.restore(other._connection)

    def restore(self, source: sqlite3.Connection) -> None:
        """Replace all rows by those of a database."""
        with fork.delayed:
            source.backup(self._connection)
        self._forget_results()
        self.has_word_index = self._create_word_index()

    def _save_version(self, row: StoredRow, now: float) -> None:
        self.execute(
            "INSERT INTO versions SELECT kind, id, doc, words, parent, state, written, ? "
            "FROM rows WHERE kind = ? AND id = ? AND written < ?",
            (now, row.kind, row.id, now),
        )
        self.execute("DELETE FROM versions WHERE replaced < ?", (now - self.version_seconds,))


def _close(connection: sqlite3.Connection) -> None:
    with fork.delayed:
        connection.close()


def dump_json(value: Any) -> str:
    """Return the JSON text of a value, without blanks between its tokens."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _bindable(value: Any) -> Any:
    if isinstance(value, (dict, list, tuple)):
        return dump_json(value)
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _columns(row: StoredRow, now: float) -> tuple[Any, ...]:
    return (row.kind, row.id, dump_json(row.doc), row.words, row.parent, row.state, now)

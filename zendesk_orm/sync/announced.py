"""The changes that were announced before: each change is announced once, whichever way it came.

Streams (the webhooks, the exported ticket events, the exported rows) are matched one to one: an
occurrence in one stream stands for at most one occurrence in each of the others. A change that
occurs twice in a stream is therefore announced twice, and none is lost.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NoReturn, Protocol, runtime_checkable

from attrs import define, frozen

from zendesk_orm import fork
from zendesk_orm.schema.loading import load_str
from zendesk_orm.sync.database import Database, refuse_to_pickle


#: Changes and facts that are remembered.
CAPACITY = 20_000
#: Seconds by which the times of the same change may differ in two streams.
TOLERANCE = 60.0
#: Seconds for which a change belongs to the process that began to announce it.
LEASE = 60.0


@define(eq=False)
class Mark:
    """An announced fact.

    Attributes:
        fact: the fact.
        moment: when the change was made, in seconds since the epoch; None if that is unknown.
        streams: the streams that have reported it.
        id: the number of the mark in its store.
    """

    fact: str
    moment: float | None
    streams: set[str]
    id: int = 0


def find_match(marks: Iterable[Mark], stream: str, moment: float | None) -> Mark | None:
    """Return the mark of the same change in another stream, the nearest one in time, or None."""

    def distance(mark: Mark) -> float:
        return 0.0 if moment is None or mark.moment is None else abs(mark.moment - moment)

    candidates = [m for m in marks if stream not in m.streams and distance(m) <= TOLERANCE]
    return min(candidates, key=distance, default=None)


#: The facts of a change, each with its time in seconds since the epoch.
Moments = Mapping[str, "float | None"]


@runtime_checkable
class AnnouncedStore(Protocol):
    """Remembers announced changes. Processes that share a store announce each change once.

    >>> isinstance(MemoryAnnounced(), AnnouncedStore)
    True
    """

    def claim(self, key: str, now: float) -> str:
        """Return `mine` if the caller is to announce a change, `done`, or `busy`.

        `busy` means that another process began to announce it less than a minute ago.
        """
        ...

    def find_repeats(self, keys: Collection[str]) -> frozenset[str]:
        """Return the keys of changes that were announced."""
        ...

    def release(self, key: str) -> None:
        """Give a claim back, after a failure."""
        ...

    def find_new(self, facts: Collection[str], stream: str, moment: float | None) -> frozenset[str]:
        """Return the facts that no other stream has announced."""
        ...

    def record(self, key: str, facts: Moments, stream: str, now: float) -> None:
        """Remember a change after it was announced, or was found to be announced."""
        ...

    def latest(self, fact: str) -> float | None:
        """Return the latest moment of a fact, or None if it is not remembered."""
        ...

    def set_time(self, name: str, seconds: float) -> None:
        """Remember a time, unless a later one is remembered."""
        ...

    def get_time(self, name: str) -> float | None:
        """Return a remembered time, or None."""
        ...


@frozen
class _Claim:
    """A change that a process has begun to announce, or has announced."""

    until: float
    done: bool


class MemoryAnnounced:
    """Remembers announced changes as long as the process lives.

    >>> store = MemoryAnnounced()
    >>> store.claim("change", now=0.0), store.claim("change", now=1.0)
    ('mine', 'busy')

    Args:
        capacity: the number of changes, and of facts, that are remembered.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[str, _Claim] = OrderedDict()
        self._marks: OrderedDict[str, list[Mark]] = OrderedDict()
        self._times: OrderedDict[str, float] = OrderedDict()
        self._lock = fork.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._keys)} changes>"

    def claim(self, key: str, now: float) -> str:
        """Return whether the caller is to announce a change; see `AnnouncedStore`."""
        with self._lock:
            claim = self._keys.get(key)
            if claim is not None and (claim.done or claim.until > now):
                return "done" if claim.done else "busy"
            self._keys[key] = _Claim(now + LEASE, done=False)
            return "mine"

    def find_repeats(self, keys: Collection[str]) -> frozenset[str]:
        """Return the keys of changes that were announced."""
        with self._lock:
            claims = ((key, self._keys.get(key)) for key in keys)
            return frozenset(key for key, claim in claims if claim is not None and claim.done)

    def release(self, key: str) -> None:
        """Give a claim back, after a failure."""
        with self._lock:
            claim = self._keys.get(key)
            if claim is not None and not claim.done:
                del self._keys[key]

    def find_new(self, facts: Collection[str], stream: str, moment: float | None) -> frozenset[str]:
        """Return the facts that no other stream has announced."""
        with self._lock:
            return frozenset(
                fact
                for fact in facts
                if find_match(self._marks.get(fact, ()), stream, moment) is None
            )

    def record(self, key: str, facts: Moments, stream: str, now: float) -> None:
        """Remember a change after it was announced."""
        with self._lock:
            self._keys[key] = _Claim(now, done=True)
            self._keys.move_to_end(key)
            for fact, moment in facts.items():
                marks = self._marks.setdefault(fact, [])
                self._marks.move_to_end(fact)
                mark = find_match(marks, stream, moment)
                if mark is None:
                    marks.append(Mark(fact, moment, {stream}))
                    del marks[:-_MAX_MARKS]
                else:
                    mark.streams.add(stream)
            while len(self._keys) > self._capacity:
                self._keys.popitem(last=False)
            while len(self._marks) > self._capacity:
                self._marks.popitem(last=False)

    def latest(self, fact: str) -> float | None:
        """Return the latest moment of a fact, or None if it is not remembered."""
        with self._lock:
            moments = [m.moment for m in self._marks.get(fact, ()) if m.moment is not None]
            return max(moments, default=None)

    def set_time(self, name: str, seconds: float) -> None:
        """Remember a time, unless a later one is remembered."""
        with self._lock:
            self._times[name] = max(seconds, self._times.get(name, seconds))
            self._times.move_to_end(name)
            if len(self._times) > self._capacity:
                self._times.popitem(last=False)

    def get_time(self, name: str) -> float | None:
        """Return a remembered time, or None."""
        return self._times.get(name)


#: Marks of one fact: how often the same change of a row is remembered.
_MAX_MARKS = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS zendesk_announced (
    key TEXT PRIMARY KEY, until REAL NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS zendesk_facts (
    id INTEGER PRIMARY KEY, fact TEXT NOT NULL, moment REAL, streams TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS zendesk_times (name TEXT PRIMARY KEY, seconds REAL NOT NULL);
CREATE INDEX IF NOT EXISTS zendesk_facts_by_fact ON zendesk_facts (fact);
"""
_CLEAN = (
    "DELETE FROM zendesk_times WHERE rowid <= (SELECT max(rowid) FROM zendesk_times) - ?",
    "DELETE FROM zendesk_announced WHERE rowid <= (SELECT max(rowid) FROM zendesk_announced) - ?",
    "DELETE FROM zendesk_facts WHERE id <= (SELECT max(id) FROM zendesk_facts) - ?",
)
#: Changes between two deletions of old rows.
_CLEAN_EVERY = 500


class SQLiteAnnounced:
    """Remembers announced changes in a SQLite file, which several processes can share.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = SQLiteAnnounced(f"{folder}/hooks.db")
    ...     configure_delivery(announced=store)

    Args:
        path: the file; it is created if it does not exist.
        capacity: the number of changes that are remembered.
    """

    def __init__(self, path: str | os.PathLike[str], capacity: int = CAPACITY) -> None:
        self._database = Database(path, _SCHEMA)
        self._capacity, self._count = capacity, 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._database.path}>"

    def claim(self, key: str, now: float) -> str:
        """Return whether the caller is to announce a change; see `AnnouncedStore`."""
        with self._database.write() as database:
            row = database.execute(
                "SELECT until, done FROM zendesk_announced WHERE key = ?", (key,)
            ).fetchone()
            if row is not None and (row[1] or row[0] > now):
                return "done" if row[1] else "busy"
            database.execute(
                "INSERT OR REPLACE INTO zendesk_announced VALUES (?, ?, 0)", (key, now + LEASE)
            )
            return "mine"

    def find_repeats(self, keys: Collection[str]) -> frozenset[str]:
        """Return the keys of changes that were announced."""
        query = "SELECT 1 FROM zendesk_announced WHERE key = ? AND done"
        with self._database.read() as database:
            return frozenset(key for key in keys if database.execute(query, (key,)).fetchone())

    def release(self, key: str) -> None:
        """Give a claim back, after a failure."""
        with self._database.write() as database:
            database.execute("DELETE FROM zendesk_announced WHERE key = ? AND NOT done", (key,))

    def find_new(self, facts: Collection[str], stream: str, moment: float | None) -> frozenset[str]:
        """Return the facts that no other stream has announced."""
        with self._database.read() as database:
            return frozenset(
                fact
                for fact in facts
                if find_match(self._select(database, fact), stream, moment) is None
            )

    def record(self, key: str, facts: Moments, stream: str, now: float) -> None:
        """Remember a change after it was announced."""
        with self._database.write() as database:
            database.execute(
                "INSERT OR REPLACE INTO zendesk_announced VALUES (?, ?, 1)", (key, now)
            )
            for fact, moment in facts.items():
                mark = find_match(self._select(database, fact), stream, moment)
                if mark is None:
                    database.execute(
                        "INSERT INTO zendesk_facts (fact, moment, streams) VALUES (?, ?, ?)",
                        (fact, moment, json.dumps([stream])),
                    )
                else:
                    streams = json.dumps(sorted({*mark.streams, stream}))
                    database.execute(
                        "UPDATE zendesk_facts SET streams = ? WHERE id = ?", (streams, mark.id)
                    )
            self._count += 1
            if self._count % _CLEAN_EVERY == 0:
                self._clean(database)

    def _clean(self, database: sqlite3.Connection) -> None:
        """Delete the oldest rows beyond the capacity."""
        for statement in _CLEAN:
            database.execute(statement, (self._capacity,))

    def latest(self, fact: str) -> float | None:
        """Return the latest moment of a fact, or None if it is not remembered."""
        with self._database.read() as database:
            row = database.execute(
                "SELECT max(moment) FROM zendesk_facts WHERE fact = ?", (fact,)
            ).fetchone()
        moment: float | None = row[0]
        return moment

    def set_time(self, name: str, seconds: float) -> None:
        """Remember a time, unless a later one is remembered."""
        with self._database.write() as database:
            query = "SELECT seconds FROM zendesk_times WHERE name = ?"
            row = database.execute(query, (name,)).fetchone()
            latest = seconds if row is None else max(seconds, row[0])
            # A new number for the row, so that the oldest rows are deleted first.
            database.execute("INSERT OR REPLACE INTO zendesk_times VALUES (?, ?)", (name, latest))

    def get_time(self, name: str) -> float | None:
        """Return a remembered time, or None."""
        with self._database.read() as database:
            query = "SELECT seconds FROM zendesk_times WHERE name = ?"
            row = database.execute(query, (name,)).fetchone()
        return None if row is None else self._database.load(float, row[0])

    def _select(self, database: sqlite3.Connection, fact: str) -> list[Mark]:
        query = "SELECT id, moment, streams FROM zendesk_facts WHERE fact = ?"
        rows = database.execute(query, (fact,)).fetchall()
        return [Mark(fact, *self._database.load(_load_mark, row)) for row in rows]


def _load_mark(row: tuple[int, Any, str]) -> tuple[float | None, set[str], int]:
    """Return the moment, the streams and the number of a stored mark."""
    pk, moment, streams = row
    return None if moment is None else float(moment), {load_str(x) for x in json.loads(streams)}, pk

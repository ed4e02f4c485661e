"""The newest version of each row: a row that changes during an export is returned again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from zendesk_orm.export.journal import Entry


#: Returns a text that identifies the row of a record.
Identify = Callable[[Any], str]

_SCHEMA = "CREATE TABLE newest (id TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID"
_ADD = "REPLACE INTO newest VALUES (?, ?)"
_FIND = "SELECT place FROM newest WHERE id = ?"


def dump_ids(identify: Identify | None, records: Iterable[Any]) -> bytes:
    """Return the identities of records for a journal; nothing if versions are not compared."""
    return b"" if identify is None else json.dumps([identify(item) for item in records]).encode()


def keep_newest(
    read: Callable[[], Iterator[Entry]], select: Callable[[bytes, Sequence[int]], bytes]
) -> Iterator[Entry]:
    """Yield the entries of a journal without rows that a later entry contains, too.

    The journal is read twice. The ids are in a temporary database, which uses the disk if there are
    many.

    Args:
        read: returns the entries.
        select: returns the rows of a payload that have some positions.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute(_SCHEMA)
        database.execute("BEGIN")
        total = 0
        for entry in read():
            ids = entry.load_ids()
            database.executemany(_ADD, zip(ids, range(total, total + len(ids)), strict=True))
            total += len(ids)
        count = database.execute("SELECT count(*) FROM newest").fetchone()[0]
        start = 0
        for entry in read():
            ids = entry.load_ids() if count < total else []
            positions = [
                index
                for index, pk in enumerate(ids)
                if database.execute(_FIND, (pk,)).fetchone()[0] == start + index
            ]
            start += len(ids)
            if len(positions) == len(ids):
                yield entry
            elif positions:
                yield entry.select(positions, select)

"""The numbers of rows that match searches, which are updated after changes.

Counting a hundred thousand matches takes some ten milliseconds, and tests search again and again
between changes. Triggers therefore keep the previous contents of changed rows, and only these
rows are counted again.
"""

# ruff: noqa: S608 - the SQL text contains conditions of searches, whose values are bound

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cachetools import LRUCache

from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.word_index import SEARCHED


#: Returns the statement that selects the matches in a table, which replaces that of all rows.
SelectFrom = Callable[[str], Where]
#: Executes a statement with values, and returns its rows.
Execute = Callable[..., list[tuple[Any, ...]]]

#: The number of counts, and of changed rows after which all are counted again.
_SIZE, _MAX_CHANGES = 16, 500
_COLUMNS = "kind, id, doc, words, parent, state"
_HAS_ROOM = f"ifnull((SELECT max(seq) FROM changed_rows), 0) <= {_MAX_CHANGES}"
_KEEP = (
    f"INSERT INTO changed_rows (number, {_COLUMNS}) VALUES "
    "(old.rowid, old.kind, old.id, old.doc, old.words, old.parent, old.state)"
)
#: The kind of a row that did not exist before is null.
_CREATE = (
    f"CREATE TEMP TABLE IF NOT EXISTS changed_rows (seq INTEGER PRIMARY KEY, number, {_COLUMNS})",
    *(
        f"CREATE TEMP TRIGGER IF NOT EXISTS rows_{event} AFTER {event} ON main.rows "
        f"WHEN {row}.kind IN ({SEARCHED}) AND {_HAS_ROOM} BEGIN {keep}; END"
        for event, row, keep in (
            ("INSERT", "new", "INSERT INTO changed_rows (number) VALUES (new.rowid)"),
            ("UPDATE", "old", _KEEP),
            ("DELETE", "old", _KEEP),
        )
    ),
)
#: The changed rows as they were at a change, and as they are.
_BEFORE = (
    f"(SELECT {_COLUMNS} FROM changed_rows WHERE kind IS NOT NULL AND seq IN "
    "(SELECT min(seq) FROM changed_rows WHERE seq > %d GROUP BY number)) AS rows"
)
# The join keeps SQLite from looking through all rows of a kind.
_AFTER = (
    f"(SELECT {_COLUMNS} FROM (SELECT DISTINCT number FROM changed_rows WHERE seq > %d) AS changed "
    "CROSS JOIN main.rows AS current ON current.rowid = changed.number) AS rows"
)


class MatchCounts:
    """The numbers of matches of some searches in a connection."""

    def __init__(self) -> None:
        self._numbers: LRUCache[Any, tuple[int, int]] = LRUCache(_SIZE)
        self._version: Any = None

    def get(self, execute: Execute, selection: Where, select: SelectFrom) -> int:
        """Return the number of rows that a statement selects.

        Args:
            execute: executes a statement in the connection.
            selection: the statement.
            select: returns the statement for another table. Its conditions must compare values of
                the rows alone.
        """
        if self._version is None:
            for statement in _CREATE:
                execute(statement)
        ((version,),) = execute("PRAGMA data_version")
        ((latest,),) = execute("SELECT ifnull(max(seq), 0) FROM changed_rows")
        if version != self._version or latest > _MAX_CHANGES:
            self._numbers.clear()
            execute("DELETE FROM changed_rows")
            # Changes of other connections have another version, and are not kept.
            self._version, latest = version, 0
        key = selection.sql, repr(selection.values)
        counted = self._numbers.get(key)
        if counted is None:
            count = _count(execute, selection)
        else:
            count, seq = counted
            if seq != latest:
                count += _count(execute, select(_AFTER % seq)) - _count(
                    execute, select(_BEFORE % seq)
                )
        self._numbers[key] = count, latest
        return count

    def clear(self) -> None:
        """Count again after changes that no trigger has seen."""
        self._version = None


def _count(execute: Execute, selection: Where) -> int:
    return int(execute(f"SELECT count(*) FROM ({selection.sql})", selection.values)[0][0])

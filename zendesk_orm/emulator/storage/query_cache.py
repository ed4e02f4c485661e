"""A cache of the rows of queries, which lasts until the next change of the database.

The pages of a search and its count read the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from cachetools import LRUCache


Rows = Sequence[tuple[Any, ...]]

_SIZE = 16


class QueryCache:
    """The rows of some queries of a connection."""

    def __init__(self) -> None:
        self._rows: LRUCache[Hashable, Rows] = LRUCache(_SIZE)
        self._state: Any = None

    def get(self, connection: sqlite3.Connection, key: Hashable, read: Callable[[], Rows]) -> Rows:
        """Return the rows of a query, which are read again after a change of the database.

        Args:
            connection: the connection.
            key: the query.
            read: reads the rows.
        """
        # The first item counts the changes of other connections.
        state = (*connection.execute("PRAGMA data_version").fetchone(), connection.total_changes)
        if state != self._state:
            self._rows.clear()
            self._state = state
        if key not in self._rows:
            self._rows[key] = read()
        return self._rows[key]

    def clear(self) -> None:
        """Remove all rows."""
        self._rows.clear()

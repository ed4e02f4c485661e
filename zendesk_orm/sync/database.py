"""A SQLite file that the stores of several processes share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from zendesk_orm import fork


#: Seconds to wait for another process that writes to the file.
_TIMEOUT = 30.0


class Database:
    """A SQLite file with some tables; each process has its own connection.

    A process that ends at any moment leaves the file intact. A machine that loses its power may
    forget the last changes.

    Args:
        path: the file; it is created if it does not exist.
        schema: the statements that create the tables, if they do not exist.
    """

    def __init__(self, path: str | os.PathLike[str], schema: str) -> None:
        self.path = Path(path).absolute()
        self._schema, self._process = schema, 0
        self._lock = fork.Lock()
        # Connections of parent processes, which must not be closed here.
        self._inherited: list[sqlite3.Connection] = []
        self._connection: sqlite3.Connection | None = None
        with self.read():
            pass

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Return a context with the connection; each statement is a transaction."""
        with fork.delayed, self._lock:
            yield self._connect()

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """Return a context with one transaction, which excludes those of other processes."""
        with self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        """Return the connection of this process."""
        if self._connection is not None and self._process == os.getpid():
            return self._connection
        if self._connection is not None:
            self._inherited.append(self._connection)
        self._process = os.getpid()
        self._connection = sqlite3.connect(
            self.path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(self._schema)
        return self._connection

"""A SQLite file that the stores of several processes share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from weakref import finalize

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
        self._schema = schema
        self._lock = fork.Lock()
        self._connection: sqlite3.Connection | None = None
        # SQLite would mistake the locks of the parent for those of the child.
        fork.close_before_forks(self)
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

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        """Return the connection of this process."""
        if self._connection is not None:
            return self._connection
        connection = sqlite3.connect(
            self.path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(self._schema)
        self._connection = connection
        # Stores need no `close()`: the connection is closed when nothing refers to them any more.
        finalize(self, connection.close)
        return connection

"""A SQLite file that the stores of several processes share."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from weakref import finalize

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError, DatabaseError
from zendesk_orm.messages import display


T = TypeVar("T")

#: Seconds to wait for another process that writes to the file.
_TIMEOUT = 30.0
#: Seconds between two attempts to change the mode of a file.
_PAUSE = 0.01
#: The exceptions of functions that read stored values of a wrong type.
_UNREADABLE = ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError
_DAMAGED = "restore it from a backup, or move it away to begin with an empty file"
_NOT_USABLE = "its folder must exist, both must be writable, and the disk must not be full"


def refuse_to_pickle(store: object) -> NoReturn:
    """Raise the error of a store in memory that is sent to another process: its `__reduce__`."""
    raise TypeError(
        f"{type(store).__name__} is in the memory of one process, and cannot be pickled: use "
        f"{type(store).__name__.replace('Memory', 'SQLite')}, whose file processes share"
    )


class Database:
    """A SQLite file with some tables; each process has its own connection.

    A process that ends at any moment leaves the file intact. A machine that loses its power may
    forget the last changes.

    Args:
        path: the file; it is created if it does not exist.
        schema: the statements that create the tables, if they do not exist.

    Raises:
        ConfigurationError: the path is invalid, or the file cannot be written as a database.
    """

    def __init__(self, path: str | os.PathLike[str], schema: str) -> None:
        value: object = path
        if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
            raise ConfigurationError(f"the path of a file is needed, not {display(path)}")
        self.path = Path(path).absolute()
        self._schema = schema
        self._lock = fork.Lock()
        self._connection: sqlite3.Connection | None = None
        # SQLite would mistake the locks of the parent for those of the child.
        fork.close_before_forks(self)
        try:
            with self.read():
                pass
        except DatabaseError as error:
            raise ConfigurationError(str(error)) from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how another process opens the file."""
        return type(self), (self.path, self._schema)

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Return a context with the connection; each statement is a transaction.

        Raises:
            DatabaseError: the file is damaged, or cannot be read or written.
        """
        try:
            with fork.delayed, self._lock:
                yield self._connect()
        except sqlite3.Error as error:
            is_failure = isinstance(error, sqlite3.OperationalError)
            remedy = _NOT_USABLE if is_failure else _DAMAGED
            raise DatabaseError(
                f"{self.path} cannot be used as a SQLite file: {error}; {remedy}"
            ) from error

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """Return a context with one transaction, which excludes those of other processes.

        Raises:
            DatabaseError: the file is damaged, or cannot be read or written.
        """
        with self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                # SQLite ends it itself if the disk is full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def load(self, load: Callable[[Any], T], stored: Any) -> T:
        """Return a stored value.

        Args:
            load: reads it from what is stored.
            stored: a text, or a row.

        Raises:
            DatabaseError: it is damaged.
        """
        try:
            return load(stored)
        except _UNREADABLE as error:
            raise DatabaseError(
                f"{self.path} contains a damaged row ({error}); {_DAMAGED}"
            ) from error

    def _check_length(self, connection: sqlite3.Connection) -> None:
        """Raise an error if the last page is cut off: SQLite would read its rows as absent.

        A log next to the file may contain the page, which a loss of power has left incomplete.
        """
        ((page_size,),) = connection.execute("PRAGMA page_size")
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.is_file() and log.stat().st_size:
            return
        if self.path.is_file() and self.path.stat().st_size % page_size:
            raise sqlite3.DatabaseError("the end of the file is missing")

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
        try:
            _use_log(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(self._schema)
            self._check_length(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        # Stores need no `close()`: the connection is closed when nothing refers to them any more.
        finalize(self, connection.close)
        return connection


def _use_log(connection: sqlite3.Connection) -> None:
    """Let a file have a log of its changes, so that readers do not wait for a writer.

    If several processes open a new file at the same time, SQLite fails at once for all but one of
    them, whatever the timeout.
    """
    end = time.monotonic() + _TIMEOUT
    while (error := _change_mode(connection)) is not None:
        if time.monotonic() >= end:
            raise error
        time.sleep(_PAUSE)


def _change_mode(connection: sqlite3.Connection) -> sqlite3.OperationalError | None:
    """Change the mode of a file, and return None; the error if the file is locked."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return error
    return None

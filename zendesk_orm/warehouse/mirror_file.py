"""The DuckDB database of a mirror: one writer, and many readers.

DuckDB lets one process write to a file, and no other process read it meanwhile. The file is
therefore opened for each transaction only, and for a moment by readers.
"""

from __future__ import annotations

import errno
import itertools
import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zendesk_orm.errors import ConfigurationError, DatabaseError
from zendesk_orm.export.locks import acquire_lock
from zendesk_orm.export.packages import load_package
from zendesk_orm.messages import display, shorten
from zendesk_orm.warehouse.executors import CHUNK, open_cursor, read_search_path
from zendesk_orm.warehouse.mirror_reading import SharedReader


#: How long a transaction or a statement waits for a file that is open elsewhere, in seconds.
PATIENCE = 60.0
_PAUSE = 0.02
#: The message of the error that DuckDB raises if Ctrl+C is pressed during a statement.
_INTERRUPTED = "Query interrupted"
#: The place of DuckDB's name at the beginning of its files.
_MAGIC = slice(8, 12)


class MirrorFile:
    """The database of a mirror; see `executors.Executor`.

    Args:
        target: the path of the file, or a connection that belongs to the caller.
        patience: how long to wait for a file that is open elsewhere, in seconds.

    Raises:
        ConfigurationError: the target is neither.
        ModuleNotFoundError: DuckDB is not installed.
    """

    dialect = "duckdb"

    def __init__(self, target: Any, patience: float = PATIENCE) -> None:
        self._duckdb = load_package("duckdb", "warehouse")
        self._patience = patience
        self._connection: Any = None
        self.path: Path | None = None
        if isinstance(target, self._duckdb.DuckDBPyConnection):
            self._connection, self._search_path = target, read_search_path(target)
        elif isinstance(target, (str, os.PathLike)) and os.fspath(target) not in ("", ":memory:"):
            self.path = Path(os.fspath(target)).absolute()
            self._writing = self.path.with_name(f"{self.path.name}.writing")
            self._reader = SharedReader(partial(self._connect, read_only=True), self._writing)
        else:
            raise ConfigurationError(
                "Mirror() needs the path of a file, or a connection of DuckDB such as "
                f"duckdb.connect(), not {display(target)}"
            )

    @contextmanager
    def lease(self) -> Generator[None]:
        """Be the only writer during the block; the lease of a killed process ends.

        Raises:
            BlockingIOError: another process, or another thread, has the lease.
        """
        if self.path is None:
            yield
            return
        file = acquire_lock(self.path.with_name(f"{self.path.name}.lock"))
        if file is None:
            raise BlockingIOError(
                errno.EAGAIN, "another process updates the mirror; wait until it ends", self.name
            )
        with file:
            # Readers then close the file after each statement; a killed process leaves it behind
            # until the next one has finished.
            self._writing.touch()
            try:
                self._reader.close()
                yield
            finally:
                self._writing.unlink(missing_ok=True)

    @contextmanager
    def open_for_writing(self, memory: int | None = None) -> Generator[Any]:
        """Yield a cursor that can write.

        Args:
            memory: the megabytes above which DuckDB writes to temporary files; None for most of
                those of the machine. More than needed would be used, too.

        Raises:
            BlockingIOError: the file stays open elsewhere.
            ConfigurationError: the file is not a database of DuckDB.
        """
        # Threads would multiply the memory, and the writer waits for pages most of the time.
        config = {} if memory is None else {"memory_limit": f"{memory}MB", "threads": 1}
        with self._open(read_only=False, config=config) as cursor:
            # In interactive sessions, DuckDB would print a bar for each long statement.
            cursor.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            yield cursor

    def transaction(
        self, cursor: Any, table: str | None = None, *, all_rows: bool = False
    ) -> AbstractContextManager[None]:
        """Run the statements of a block in a transaction; the table is of no importance."""
        return transaction(cursor)

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        if self.path is not None and not self.path.exists():
            raise ConfigurationError(f"{self.name} does not exist; call sync() first")
        with self._open(read_only=True) as cursor:
            cursor.execute(sql)
            while len(rows := cursor.fetchmany(CHUNK)) == CHUNK:
                yield rows
        # The file is closed before the last rows are used: few iterations end at their last row.
        if rows:
            yield rows

    @contextmanager
    def _open(
        self, *, read_only: bool, config: Mapping[str, Any] = MappingProxyType({})
    ) -> Generator[Any]:
        cursor: AbstractContextManager[Any]
        if self._connection is not None:
            cursor = closing(open_cursor(self._connection, self._search_path))
        elif read_only:
            cursor = self._reader.cursor()
        else:
            cursor = closing(self._connect(read_only=False, config=config))
        try:
            with cursor as opened:
                yield opened
        except RuntimeError as error:
            if str(error) != _INTERRUPTED:
                raise
            raise KeyboardInterrupt from error

    def _connect(self, *, read_only: bool, config: Mapping[str, Any] = MappingProxyType({})) -> Any:
        """Return a connection to the file, as soon as no other process writes to it.

        A connection of the caller in this process decides the settings of the database.
        """
        self._check_format()
        end = time.monotonic() + self._patience
        path = Path(self.name)
        is_new = not path.exists()
        settings = itertools.cycle((config, {}))
        while True:
            try:
                return self._duckdb.connect(
                    self.name, read_only=read_only, config={**next(settings)}
                )
            except self._duckdb.ConnectionException as error:
                # This process has it open in the other mode, or with other settings.
                failure: Exception = error
            except self._duckdb.IOException as error:
                if "lock" not in str(error):
                    if is_new and not read_only:
                        # A disk was full before the file had its first bytes.
                        path.unlink(missing_ok=True)
                    raise ConfigurationError(
                        f"{self.name} cannot be opened: {error}; restore it from a backup, or "
                        "choose another path"
                    ) from error
                failure, settings = error, itertools.cycle((config, {}))
            if time.monotonic() > end:
                raise BlockingIOError(
                    errno.EAGAIN,
                    f"the mirror is open elsewhere ({failure}); close that connection, or end the "
                    "iteration that reads it",
                    self.name,
                ) from failure
            time.sleep(_PAUSE)

    def _check_format(self) -> None:
        """Check that an existing file is a database of DuckDB.

        DuckDB also opens CSV, Parquet and SQLite files, as databases that do not keep new tables.

        Raises:
            ConfigurationError: the file has another format.
        """
        if self.path is None or not self.path.is_file():
            return
        with self.path.open("rb") as file:
            start = file.read(_MAGIC.stop)
        if start and start[_MAGIC] != b"DUCK":
            raise ConfigurationError(
                f"{self.name} is not a database of DuckDB; choose another path"
            )

    @property
    def memory_errors(self) -> tuple[type[Exception], ...]:
        """The errors of DuckDB if it needs more memory than `open_for_writing()` allows."""
        if self.path is None:
            return ()
        duckdb = self._duckdb
        return duckdb.OutOfMemoryException, duckdb.TransactionException, duckdb.FatalException

    @property
    def name(self) -> str:
        """The path, or a description of the connection."""
        return "the database" if self.path is None else str(self.path)


@contextmanager
def explain_errors(name: str) -> Generator[None]:
    """Raise `DatabaseError` for the errors of DuckDB in the block, which writes a mirror."""
    try:
        yield
    except load_package("duckdb", "warehouse").Error as error:
        raise DatabaseError(
            f"{name} cannot be written: {shorten(str(error), 300)}; the rows that were written "
            "before are kept, and the next call of sync() continues after them"
        ) from error


@contextmanager
def transaction(cursor: Any) -> Generator[None]:
    """Run the statements of the block in a transaction, committed if the block succeeds."""
    cursor.execute("BEGIN")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")

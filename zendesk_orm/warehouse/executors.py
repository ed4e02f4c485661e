"""Executors: run SQL through a connection that belongs to the caller.

They never close or commit the connection, and leave no cursor or transaction open.
"""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timezone
from typing import Any, Protocol

from zendesk_orm.errors import ConfigurationError, DatabaseError, ZendeskError
from zendesk_orm.fork import Lock
from zendesk_orm.garbage import pause_collections
from zendesk_orm.messages import shorten


#: Rows that are fetched at once.
CHUNK = 2_000
#: The numbers in the names of cursors, which differ while several are open.
_NUMBERS = itertools.count(1)
#: The state of a connection to Postgres outside of a transaction.
_IDLE = 0
#: The zones in which Spark may compare times.
_UTC = ("UTC", "Etc/UTC", "GMT", "Z", "+00:00")
#: Characters of a statement in a message.
_MAX_SQL = 300

Rows = Sequence[Sequence[Any]]


class Executor(Protocol):
    """Runs SQL.

    Attributes:
        dialect: sqlglot's name of the dialect.
    """

    dialect: str

    def run(self, sql: str) -> Iterator[Rows]:
        """Yield the rows of a statement, as sequences of values, many at once."""
        ...


class DriverExecutor(ABC):
    """Runs SQL through a driver, whose errors become `DatabaseError`.

    Attributes:
        dialect: sqlglot's name of the dialect.
        survives_fork: whether the driver opens other connections in a forked child process.
        after_error: is called when a statement has failed.
    """

    survives_fork = False

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.after_error: Callable[[], object] = bool
        self._process = os.getpid()

    def run(self, sql: str) -> Iterator[Rows]:
        """Yield the rows of a statement, many at once.

        Raises:
            DatabaseError: the database or the driver cannot run the statement.
        """
        if not self.survives_fork and os.getpid() != self._process:
            raise DatabaseError(
                f"the connection to {self.dialect} was opened before this process was forked, and "
                "belongs to its parent; open one in this process, and pass it to "
                "connect_warehouse()"
            )
        try:
            # An executor of the caller may yield no rows at once.
            yield from filter(len, self._fetch(sql))
        except ZendeskError:
            raise
        except Exception as error:
            self.after_error()
            raise DatabaseError(
                f"{self.dialect} cannot run a statement: {_first_line(error)}; "
                f"{self._remedy(error)}\n{shorten(sql, _MAX_SQL)}"
            ) from error

    @abstractmethod
    def _fetch(self, sql: str) -> Iterator[Rows]:
        """Yield the rows of a statement; raises the errors of the driver."""

    def _remedy(self, error: Exception) -> str:
        """Return how to avoid an error."""
        text = str(error).lower()
        if any(word in text for word in ("closed", "stopped", "terminat")):
            return "the connection has ended: open another one, and call connect_warehouse() again"
        if "transaction is aborted" in text:
            return "an earlier statement of the transaction failed: call rollback() first"
        if "permission denied" in text or "not authorized" in text:
            return "grant the user of the connection SELECT on the table"
        return "the driver's error is the __cause__ of this one"


class CallerExecutor(DriverExecutor):
    """Runs SQL through an object of the caller with `run()`.

    Args:
        executor: the object.
    """

    #: The caller decides what a child process does.
    survives_fork = True

    def __init__(self, executor: Executor) -> None:
        super().__init__(executor.dialect)
        self._executor = executor

    def _fetch(self, sql: str) -> Iterator[Rows]:
        yield from self._executor.run(sql)


def _first_line(error: Exception) -> str:
    """Return the class and the first line of the message of a driver's error."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


class CursorExecutor(DriverExecutor):
    """Runs SQL through a connection with cursors: DuckDB and other drivers of Python's DB-API.

    Args:
        connection: the connection.
        dialect: sqlglot's name of the dialect.
    """

    def __init__(self, connection: Any, dialect: str) -> None:
        super().__init__(dialect)
        self._connection = connection

    def _fetch(self, sql: str) -> Iterator[Rows]:
        # A new cursor: several results may be read at the same time.
        cursor = self._open_cursor()
        try:
            with self._outside_of_transactions():
                cursor.execute(sql)
            while rows := self._fetch_many(cursor):
                yield rows
        finally:
            self._close(cursor)

    def _fetch_many(self, cursor: Any) -> Rows:
        with self._outside_of_transactions():
            rows: Rows = cursor.fetchmany(CHUNK)
        return rows

    def _open_cursor(self) -> Any:
        return self._connection.cursor()

    def _close(self, cursor: Any) -> None:
        """Close a cursor; the connection may have been closed while the rows were read."""
        with suppress(Exception), self._outside_of_transactions():
            cursor.close()

    @contextmanager
    def _outside_of_transactions(self) -> Generator[None]:
        """Start no transaction in the block."""
        yield


class DuckDbExecutor(CursorExecutor):
    """Runs SQL through a connection of DuckDB, each statement with a separate cursor.

    Cursors are other connections: without the schema that `USE` has selected, which they are
    given, and without temporary tables and registered DataFrames.
    """

    def __init__(self, connection: Any, dialect: str) -> None:
        super().__init__(connection, dialect)
        self._search_path = read_search_path(connection)

    def _open_cursor(self) -> Any:
        return open_cursor(self._connection, self._search_path)

    def _fetch_many(self, cursor: Any) -> Rows:
        with pause_collections():
            return super()._fetch_many(cursor)


def read_search_path(connection: Any) -> str:
    """Return the schemas that `USE` has selected for a connection of DuckDB; "" if unknown."""
    # Fails if the caller is reading a result.
    with suppress(Exception):
        ((path,),) = connection.sql("SELECT current_setting('search_path')").fetchall()
        return str(path)
    return ""


def open_cursor(connection: Any, search_path: str) -> Any:
    """Return a cursor of a connection of DuckDB that finds tables in some schemas."""
    cursor = connection.cursor()
    if search_path:
        quoted = search_path.replace("'", "''")
        cursor.execute(f"SET search_path = '{quoted}'")
    return cursor


class PostgresExecutor(CursorExecutor):
    """Runs SQL through psycopg or psycopg2, by cursors whose rows stay on the server.

    psycopg starts a transaction by the first statement, which would stay open. Unless the caller
    has started one, statements run in the autocommit mode, which is restored after each of them.
    """

    def __init__(self, connection: Any, dialect: str) -> None:
        super().__init__(connection, dialect)
        self._lock = Lock()
        self._abandoned: list[Any] = []
        # Keeps cursors from being collected together with an iteration that was not finished.
        self._open: set[Any] = set()

    def _open_cursor(self) -> Any:
        abandoned, self._abandoned = self._abandoned, []
        for cursor in abandoned:
            self._close(cursor)
        # It can be read after the end of the transaction that opened it.
        cursor = self._connection.cursor(f"zendesk_orm_{next(_NUMBERS)}", withhold=True)
        self._open.add(cursor)
        return cursor

    def _close(self, cursor: Any) -> None:
        """Close a cursor, after the statement that is running at the moment.

        Garbage is also collected while psycopg holds its lock, which is not reentrant: an
        iteration that was not finished would wait forever. Such cursors are closed later.
        """
        lock = getattr(self._connection, "lock", None)
        if lock is not None and lock.locked():
            self._abandoned.append(cursor)
            return
        super()._close(cursor)
        self._open.discard(cursor)

    @contextmanager
    def _outside_of_transactions(self) -> Generator[None]:
        connection = self._connection
        with self._lock:
            is_idle = connection.info.transaction_status == _IDLE
            if connection.closed or connection.autocommit or not is_idle:
                yield
                return
            connection.autocommit = True
            try:
                yield
            finally:
                if not connection.closed:
                    connection.autocommit = False


class SqlAlchemyExecutor(DriverExecutor):
    """Runs SQL through an engine of SQLAlchemy.

    Args:
        engine: the engine.
        dialect: sqlglot's name of the dialect.
    """

    survives_fork = True

    def __init__(self, engine: Any, dialect: str) -> None:
        super().__init__(dialect)
        self._engine = engine

    def _fetch(self, sql: str) -> Iterator[Rows]:
        # Without parameters, drivers take a percent sign as it is.
        options = {"stream_results": True, "no_parameters": True}
        with self._engine.connect().execution_options(**options) as connection:
            result = connection.exec_driver_sql(sql)
            while rows := result.fetchmany(CHUNK):
                yield rows


class SparkExecutor(DriverExecutor):
    """Runs SQL through a function that returns a DataFrame of Spark, such as `spark.sql`.

    Args:
        function: the function.
        dialect: `spark` or `databricks`.

    Raises:
        ConfigurationError: Spark compares times in another zone than UTC.
    """

    def __init__(self, function: Callable[[str], Any], dialect: str) -> None:
        super().__init__(dialect)
        self._sql = function
        require_utc(self)

    def _fetch(self, sql: str) -> Iterator[Rows]:
        frame = self._sql(sql)
        moments = [
            place
            for place, field in enumerate(frame.schema.fields)
            if field.dataType.typeName() == "timestamp"
        ]
        iterator = frame.toLocalIterator()
        while rows := list(itertools.islice(iterator, CHUNK)):
            yield [_with_zone(row, moments) for row in rows] if moments else rows


def _with_zone(row: Sequence[Any], moments: Sequence[int]) -> Sequence[Any]:
    """Return a row of Spark, which has moments without zone, in the zone of the process."""
    values = list(row)
    for place in moments:
        moment = values[place]
        if moment is not None and moment.tzinfo is None:
            values[place] = moment.astimezone(timezone.utc)
    return values


def require_utc(executor: Executor) -> None:
    """Raise `ConfigurationError` if Spark compares times in another zone than UTC."""
    zones = [row[0] for rows in executor.run("SELECT CURRENT_TIMEZONE()") for row in rows]
    if zones[0] not in _UTC:
        raise ConfigurationError(
            f"Spark compares times in the zone {zones[0]}; set it to UTC: "
            "spark.conf.set('spark.sql.session.timeZone', 'UTC'), or SET TIME ZONE 'UTC'"
        )

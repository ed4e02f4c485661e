"""Executors: run SQL through a connection that belongs to the caller.

A connection is one of DuckDB, of any driver with Python's database API (DB-API 2.0), an engine of
SQLAlchemy, a Spark session, or a backend of Ibis.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display


#: Rows that are fetched at once.
CHUNK = 2_000
#: The dialects of drivers, by the first part of the name of their module.
_DRIVERS = {
    "duckdb": "duckdb",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "pg8000": "postgres",
    "sqlite3": "sqlite",
    "snowflake": "snowflake",
    "trino": "trino",
    "databricks": "databricks",
    "google": "bigquery",
}
#: The names of SQLAlchemy and Ibis that sqlglot does not use.
_DIALECTS = {"postgresql": "postgres", "pyspark": "spark"}
#: Drivers that read all rows of a query at once, unless a cursor has a name.
_NAMED_CURSORS = frozenset({"psycopg", "psycopg2"})
#: The numbers in the names of cursors, which differ while several are open.
_NUMBERS = itertools.count(1)


class Executor(Protocol):
    """Runs SQL.

    Attributes:
        dialect: sqlglot's name of the dialect.
    """

    dialect: str

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, as sequences of values, many at once."""
        ...


class CursorExecutor:
    """Runs SQL through a connection with cursors: DuckDB and other drivers of Python's DB-API.

    Args:
        connection: the connection.
        dialect: sqlglot's name of the dialect.
    """

    def __init__(self, connection: Any, dialect: str) -> None:
        self._connection, self.dialect = connection, dialect
        self._named = _module_of(connection) in _NAMED_CURSORS

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        # A new cursor: several results may be read at the same time.
        cursor = self._cursor()
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(CHUNK):
                yield rows
        finally:
            cursor.close()

    def _cursor(self) -> Any:
        autocommit = getattr(self._connection, "autocommit", False) is True
        if self._named and not autocommit:
            # Rows then stay on the server until they are fetched.
            return self._connection.cursor(f"zendesk_orm_{next(_NUMBERS)}")
        return self._connection.cursor()


class SqlAlchemyExecutor:
    """Runs SQL through an engine of SQLAlchemy.

    Args:
        engine: the engine.
        dialect: sqlglot's name of the dialect.
    """

    def __init__(self, engine: Any, dialect: str) -> None:
        self._engine, self.dialect = engine, dialect

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        # Without parameters, drivers take a percent sign as it is.
        options = {"stream_results": True, "no_parameters": True}
        with self._engine.connect().execution_options(**options) as connection:
            result = connection.exec_driver_sql(sql)
            while rows := result.fetchmany(CHUNK):
                yield rows


class SparkExecutor:
    """Runs SQL through a Spark session, or a function such as `spark.sql`.

    Args:
        session: the session, or the function that returns a DataFrame.
        dialect: `spark` or `databricks`.
    """

    def __init__(self, session: Any, dialect: str) -> None:
        self._sql, self.dialect = getattr(session, "sql", session), dialect

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        rows: list[Sequence[Any]] = []
        for row in self._sql(sql).toLocalIterator():
            rows.append(row)
            if len(rows) == CHUNK:
                yield rows
                rows = []
        if rows:
            yield rows


class IbisExecutor:
    """Runs SQL through a backend of Ibis.

    Args:
        backend: the backend, such as `ibis.duckdb.connect()`.
        dialect: sqlglot's name of the dialect.
    """

    def __init__(self, backend: Any, dialect: str) -> None:
        self._backend, self.dialect = backend, dialect

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        result = self._backend.raw_sql(sql)
        while rows := result.fetchmany(CHUNK):
            yield rows


def executor_of(connection: Any, dialect: str | None = None) -> Executor:
    """Return the executor for a connection.

    Args:
        connection: the connection, engine, session or backend; or an object with `run()`.
        dialect: sqlglot's name of the dialect, if it cannot be determined.

    Raises:
        ConfigurationError: the connection or its dialect is unknown.
    """
    module = _module_of(connection)
    if module in ("pyspark", "databricks") and hasattr(connection, "sql"):
        _require_utc(connection)
        return SparkExecutor(connection, dialect or "spark")
    if module == "sqlalchemy":
        name: str = connection.dialect.name
        return SqlAlchemyExecutor(connection, dialect or _DIALECTS.get(name, name))
    if module == "ibis":
        name = str(connection.name)
        return IbisExecutor(connection, dialect or _DIALECTS.get(name, name))
    chosen = dialect or _DRIVERS.get(module)
    if hasattr(connection, "run") and chosen is None and hasattr(connection, "dialect"):
        executor: Executor = connection
        return executor
    if hasattr(connection, "cursor"):
        if chosen is None:
            raise ConfigurationError(
                f"the dialect of {display(connection)} is unknown; pass dialect=, such as "
                "dialect='postgres'"
            )
        return CursorExecutor(connection, chosen)
    if callable(connection) and module == "pyspark":
        return SparkExecutor(connection, dialect or "spark")
    raise ConfigurationError(
        "connect_warehouse() needs a connection of DuckDB or of a DB-API driver, an engine of "
        f"SQLAlchemy, a Spark session or a backend of Ibis, not {display(connection)}"
    )


def _module_of(connection: Any) -> str:
    """Return the first part of the name of the module that defines the class of a connection."""
    owner = getattr(connection, "__self__", connection)
    return str(type(owner).__module__).lstrip("_").partition(".")[0]


def _require_utc(session: Any) -> None:
    """Raise `ConfigurationError` if Spark compares times in another zone than UTC."""
    zone = session.conf.get("spark.sql.session.timeZone")
    if zone not in ("UTC", "Etc/UTC", "GMT", "Z", "+00:00"):
        raise ConfigurationError(
            f"Spark compares times in the zone {zone}; set "
            "spark.conf.set('spark.sql.session.timeZone', 'UTC')"
        )

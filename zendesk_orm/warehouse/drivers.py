"""Recognizes connections, and returns the executor that runs SQL through them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display
from zendesk_orm.warehouse.executors import (
    CallerExecutor,
    CursorExecutor,
    DriverExecutor,
    DuckDbExecutor,
    PostgresExecutor,
    SparkExecutor,
    SqlAlchemyExecutor,
    require_utc,
)


#: The dialects that queries can be compiled to.
DIALECTS = (
    "bigquery",
    "databricks",
    "duckdb",
    "postgres",
    "redshift",
    "snowflake",
    "spark",
    "trino",
)
#: The dialects of drivers, by the first part of the name of their module.
_DRIVERS = {
    "databricks": "databricks",
    "duckdb": "duckdb",
    "google": "bigquery",
    "pg8000": "postgres",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "pyspark": "spark",
    "redshift_connector": "redshift",
    "snowflake": "snowflake",
    "sqlite3": "sqlite",
    "trino": "trino",
}
#: The names of SQLAlchemy and Ibis that sqlglot does not use.
_DIALECTS = {"postgresql": "postgres", "pyspark": "spark"}
#: Drivers that need other cursors than those of the DB-API.
_EXECUTORS = {
    "duckdb": DuckDbExecutor,
    "psycopg": PostgresExecutor,
    "psycopg2": PostgresExecutor,
}
#: Drivers that would leave a transaction open, unless they are in the autocommit mode.
_TRANSACTIONAL = frozenset({"pg8000", "redshift_connector"})
#: How to read databases of other dialects.
_REMEDIES = {
    "sqlite": "attach the file to DuckDB (ATTACH 'zd.db' AS zd; USE zd)",
}


def executor_of(connection: Any, dialect: str | None = None) -> DriverExecutor:
    """Return the executor for a connection.

    Args:
        connection: the connection, engine, session or backend; or an object with `run()`.
        dialect: sqlglot's name of the dialect, if it cannot be determined.

    Raises:
        ConfigurationError: the connection or its dialect is not supported.
        DatabaseError: the connection is closed.
    """
    module = _find_module(connection)
    if module == "sqlalchemy":
        return _open_engine(connection, dialect)
    if module == "ibis":
        return _open_backend(connection, dialect)
    if _is_asynchronous(connection):
        raise ConfigurationError(
            f"{display(connection)} is an asynchronous connection; pass one of the same driver "
            "that is not, such as psycopg.connect()"
        )
    if not hasattr(connection, "cursor") and module in ("pyspark", "databricks"):
        # A session, or its method.
        function = getattr(connection, "sql", connection)
        if callable(function):
            name = _require_dialect(connection, dialect or _DRIVERS[module])
            return SparkExecutor(function, name)
    chosen = dialect or _DRIVERS.get(module)
    if hasattr(connection, "run") and chosen is None and hasattr(connection, "dialect"):
        return CallerExecutor(connection)
    if hasattr(connection, "cursor") and not inspect.ismodule(connection):
        chosen = _require_dialect(connection, chosen)
        return _with_cursors(connection, chosen, module)
    raise ConfigurationError(
        "connect_warehouse() needs a connection of DuckDB or of a DB-API driver, an engine of "
        f"SQLAlchemy, a Spark session or a backend of Ibis, not {display(connection)}"
    )


def _find_module(connection: Any) -> str:
    """Return the first part of the name of the module that defines the class of a connection.

    The class may be one of the caller's, derived from that of a driver.
    """
    names = list(_iterate_modules(getattr(connection, "__self__", connection)))
    drivers = (name for name in names if name in _DRIVERS or name in ("sqlalchemy", "ibis"))
    return next(drivers, names[0])


def _iterate_modules(connection: Any) -> Iterator[str]:
    # Proxies, as those of tracers, have the class of their object.
    for base in connection.__class__.__mro__:
        yield str(base.__module__).lstrip("_").partition(".")[0]


def _require_dialect(connection: Any, dialect: str | None) -> str:
    """Return a dialect, or raise `ConfigurationError` if it is unknown or not supported."""
    supported = ", ".join(DIALECTS)
    if dialect is None:
        raise ConfigurationError(
            f"the dialect of {display(connection)} is unknown; pass dialect=, such as "
            f"dialect='postgres'; supported are {supported}"
        )
    if dialect not in DIALECTS:
        remedy = _REMEDIES.get(dialect)
        raise ConfigurationError(
            f"the dialect {display(dialect)} is not supported; "
            + (f"{remedy}, and pass that connection" if remedy else f"supported are {supported}")
        )
    return dialect


def _is_asynchronous(connection: Any) -> bool:
    """Return whether the methods of a connection are coroutines."""
    methods = (getattr(connection, name, None) for name in ("commit", "execute", "close"))
    return any(map(inspect.iscoroutinefunction, methods))


def _with_cursors(connection: Any, dialect: str, module: str) -> DriverExecutor:
    if module in _TRANSACTIONAL and not connection.autocommit:
        raise ConfigurationError(
            f"queries through {module} would start transactions and leave them open; set "
            "connection.autocommit = True"
        )
    executor = _EXECUTORS.get(module, CursorExecutor)(connection, dialect)
    if dialect in ("databricks", "spark"):
        require_utc(executor)
    return executor


def _open_engine(engine: Any, dialect: str | None) -> DriverExecutor:
    """Return the executor for an engine of SQLAlchemy."""
    if not hasattr(engine, "connect") or _is_asynchronous(engine) or hasattr(engine, "sync_engine"):
        raise ConfigurationError(
            f"connect_warehouse() needs an engine of SQLAlchemy, as create_engine() returns it, "
            f"not {display(engine)}; a connection or session has one: connection.engine, "
            "session.get_bind()"
        )
    name: str = engine.dialect.name
    chosen = _require_dialect(engine, dialect or _DIALECTS.get(name, name))
    executor = SqlAlchemyExecutor(engine, chosen)
    if chosen in ("databricks", "spark"):
        require_utc(executor)
    return executor


def _open_backend(backend: Any, dialect: str | None) -> DriverExecutor:
    """Return the executor for the connection of a backend of Ibis."""
    if not hasattr(backend, "raw_sql"):
        raise ConfigurationError(
            f"connect_warehouse() needs a backend of Ibis, such as ibis.duckdb.connect(), not "
            f"{display(backend)}; a table has one: table.get_backend()"
        )
    name = str(backend.name)
    chosen = _require_dialect(backend, dialect or _DIALECTS.get(name, name))
    # `raw_sql()` of most backends reads one result at a time; their connections have cursors.
    connection = getattr(backend, "con", None)
    if hasattr(connection, "cursor"):
        return _with_cursors(connection, chosen, _find_module(connection))
    if chosen in ("databricks", "spark"):
        return SparkExecutor(backend.raw_sql, chosen)
    raise ConfigurationError(
        f"the backend {display(name)} of Ibis has no connection with cursors; pass a connection "
        "of the driver instead"
    )

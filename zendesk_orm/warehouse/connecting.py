"""`connect_warehouse()`, which imports the packages of the extra `warehouse` when it is called."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zendesk_orm.account import Account
from zendesk_orm.extras import require_extra
from zendesk_orm.lazy import DeferredModule
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.warehouse.layouts import Layout


if TYPE_CHECKING:
    from zendesk_orm.warehouse import connection as databases
else:
    # It needs sqlglot.
    databases = DeferredModule("zendesk_orm.warehouse.connection")


def connect_warehouse(
    connection: Any,
    *,
    layout: Layout,
    live: str | Account | None = DEFAULT,
    alias: str = "warehouse",
    dialect: str | None = None,
    max_age: timedelta | None = None,
) -> databases.Warehouse:
    """Return a database that holds the rows of an account, and add it to `connections`.

    ::

        connect_warehouse(duckdb.connect("zd.duckdb"), layout=layouts.fivetran())
        Ticket.objects.using("warehouse").filter(status="open").count()

    Args:
        connection: a connection of DuckDB or of a DB-API driver, an engine of SQLAlchemy, a Spark
            session, or a backend of Ibis. It belongs to the caller, and is not closed.
        layout: the names of tables and columns: `layouts.fivetran(schema="zendesk")`.
        live: the account, or its alias, that saves are sent to, and that loads values that are not
            stored; None for none.
        alias: the name of the database, for `.using(alias)`.
        dialect: sqlglot's name of the dialect, if it cannot be determined from the connection.
        max_age: the age of the newest rows from which queries raise `NoEndpoint`, such as
            `timedelta(hours=6)`; None for any age.

    Raises:
        ConfigurationError: an argument is invalid, or the account is not connected.
    """
    # Seam: it needs sqlglot, which only programs with a warehouse have installed.
    with require_extra("warehouse"):
        module = importlib.import_module("zendesk_orm.warehouse.connection")
    warehouse: databases.Warehouse = module.open_warehouse(
        connection, layout, live, alias, dialect, max_age
    )
    return warehouse

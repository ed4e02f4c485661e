"""`connect_warehouse()`, and `Warehouse`, a database that holds the rows of an account."""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any, NoReturn

from sqlglot import ErrorLevel, UnsupportedError, exp

from zendesk_orm.account import Account, connections
from zendesk_orm.errors import ConfigurationError, NoEndpoint
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql import Compiler
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.session.cache import current_thread_or_task
from zendesk_orm.warehouse.catalogue import Catalogue
from zendesk_orm.warehouse.drivers import executor_of
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.layouts import Layout
from zendesk_orm.warehouse.past import choose_database
from zendesk_orm.warehouse.session import WarehouseSession
from zendesk_orm.warehouse.written import WrittenRows


class _NoTransport(Transport):
    """The transport of a database without a live account: it sends nothing."""

    def send(self, request: Request) -> NoReturn:
        """Raise `ConfigurationError`."""
        raise ConfigurationError(
            f"{display(self.alias)} is a database without a live account, which {request.method} "
            f"{request.path} needs; pass live= to connect_warehouse()"
        )


class Warehouse:
    """A database that holds the rows of an account; created by `connect_warehouse()`.

    Attributes:
        alias: its name: `Ticket.objects.using(alias)`.
        live: the account that saves are sent to.
        executor: runs SQL.
        layout: the names of tables and columns.
        catalogue: the tables.
        written: rows that were saved, until the database contains them.
    """

    #: A database has no brands.
    brand_aliases: frozenset[str] = frozenset()

    def __init__(
        self, alias: str, executor: Executor, layout: Layout, live: Account | None
    ) -> None:
        self.alias, self.executor, self.layout = alias, executor, layout
        self.has_live = live is not None
        self.live: Account = live or Account(alias, _NoTransport("https://none.invalid", None))
        self.live.transport.alias = self.live.alias
        self.catalogue = Catalogue(executor, layout, self._definitions)
        self.written = WrittenRows()
        self._current: ContextVar[tuple[object, WarehouseSession] | None] = ContextVar(
            alias, default=None
        )

    @property
    def identity(self) -> Hashable:
        """The identity of the account, so that its objects are equal to those of the database."""
        return self.live.identity

    @property
    def transport(self) -> Transport:
        """The connection to the host of the live account."""
        return self.live.transport

    def current(self) -> WarehouseSession:
        """Return the session of this thread or task."""
        owner = current_thread_or_task()
        current = self._current.get()
        if current is not None and (current[1].explicit or current[0] == owner):
            return current[1]
        session = WarehouseSession(self)
        self._current.set((owner, session))
        return session

    own_session = current

    def for_current_user(self) -> Warehouse:
        """Return the database itself: it knows no users of Zendesk."""
        return self

    @contextmanager
    def session(self) -> Generator[WarehouseSession]:
        """Open a session: `with warehouse.session():`."""
        session = WarehouseSession(self, explicit=True)
        token = self._current.set((current_thread_or_task(), session))
        try:
            yield session
        finally:
            self._current.reset(token)

    def now(self) -> float:
        """Return the time that relative times refer to, in seconds since the epoch."""
        return self.live.transport.clock.now() if self.has_live else time.time()

    def compiler(self, query: Query) -> Compiler:
        """Return the compiler of a query.

        Raises:
            NoEndpoint, InvalidValue: the query is one of the past, which the database lacks.
        """
        return Compiler(choose_database(query, self.catalogue, self.executor), self.now())

    def to_sql(self, statement: exp.Expr, *, pretty: bool = False) -> str:
        """Return the text of a statement.

        Raises:
            NoEndpoint: the dialect cannot express a part of it.
        """
        dialect = self.executor.dialect
        try:
            return statement.sql(dialect, pretty=pretty, unsupported_level=ErrorLevel.RAISE)
        except UnsupportedError as error:
            tables = ", ".join(sorted({table.name for table in statement.find_all(exp.Table)}))
            raise NoEndpoint(
                f"the dialect {dialect} cannot express a part of the query of {tables} in the "
                f"layout {self.layout.name}: {error}; compare the values in Python, or use the "
                "live account"
            ) from error

    def as_of(self, model: type[Any]) -> datetime | None:
        """Return when the newest rows of a model were loaded, or None if that is unknown."""
        stored = self.catalogue.storage(model)
        column = stored.sync_time or stored.column("updated_at")
        if column is None:
            return None
        newest = exp.Max(this=exp.column(column.name, "t", quoted=True))
        sql = self.to_sql(exp.select(newest).from_(stored.table("t")))
        value = next(iter(row[0] for rows in self.executor.run(sql) for row in rows), None)
        if isinstance(value, str):
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        return value if isinstance(value, datetime) else None

    def _definitions(self, meta: Options) -> Definitions | None:
        """Return the custom fields of a model, if they can be known."""
        if not self.has_live or not meta.custom:
            return None
        return self.live.current().known_definitions(meta, {})

    def close(self) -> None:
        """Forget the tables; the connection belongs to the caller, and stays open."""
        self.catalogue.forget()
        self._current.set(None)

    def __repr__(self) -> str:
        return f"<Warehouse {self.alias!r}: {self.layout.name} in {self.executor.dialect}>"


def open_warehouse(
    connection: Any,
    layout: Layout,
    live: str | Account | None,
    alias: str,
    dialect: str | None,
) -> Warehouse:
    """Return a database, and add it to `connections`; see `connect_warehouse()`."""
    require_text("alias", alias)
    if not isinstance(layout, Layout):
        raise ConfigurationError(
            f"layout must be a Layout, such as layouts.fivetran(), not {display(layout)}"
        )
    account = live if live is None or isinstance(live, Account) else connections[live]
    warehouse = Warehouse(alias, executor_of(connection, dialect), layout, account)
    added: Any = warehouse
    connections.add(added)
    return warehouse

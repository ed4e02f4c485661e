"""`connect_warehouse()`, and `Warehouse`, a database that holds the rows of an account."""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlglot import ErrorLevel, UnsupportedError, exp

from zendesk_orm.account import Account, connections
from zendesk_orm.errors import ConfigurationError, NoEndpoint
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.query.query import Query
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.custom import describing, holder, scope_key
from zendesk_orm.schema.definitions import Definitions, parse_definition
from zendesk_orm.schema.options import Options
from zendesk_orm.session.cache import current_thread_or_task
from zendesk_orm.session.custom_fields import CACHE_SECONDS
from zendesk_orm.warehouse.catalogue import Catalogue
from zendesk_orm.warehouse.drivers import executor_of
from zendesk_orm.warehouse.executors import DriverExecutor
from zendesk_orm.warehouse.layouts import Layout, require_layout
from zendesk_orm.warehouse.planning import models_of
from zendesk_orm.warehouse.rows import row_reader
from zendesk_orm.warehouse.session import WarehouseSession
from zendesk_orm.warehouse.statements import Statements
from zendesk_orm.warehouse.tables import StoredModel
from zendesk_orm.warehouse.types import to_moment
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
        statements: the SQL of the queries that were read last.
        written: rows that were saved, until the database contains them.
        max_age: the age of the newest rows from which tables are not read; None for any age.
    """

    #: A database has no brands.
    brand_aliases: frozenset[str] = frozenset()

    def __init__(
        self,
        alias: str,
        executor: DriverExecutor,
        layout: Layout,
        live: Account | None,
        max_age: timedelta | None = None,
    ) -> None:
        self.alias, self.executor, self.layout = alias, executor, layout
        self.has_live = live is not None
        self.live: Account = live or Account(alias, _NoTransport("https://none.invalid", None))
        self.live.transport.alias = self.live.alias
        self.max_age = max_age
        self.catalogue = Catalogue(executor, layout, self.known_definitions, self.find_definitions)
        self.statements = Statements(self.catalogue.storage)
        self._definitions: dict[Any, Definitions] = {}
        self._undefined: set[tuple[str, Any]] = set()
        self.written = WrittenRows()
        self._read_at = self.now()
        # A table or column may have been dropped, which the next query should name.
        executor.after_error = self._forget
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
        with self.lend_session(session):
            yield session

    @contextmanager
    def lend_session(self, session: WarehouseSession) -> Generator[None]:
        """Use a session as the session of this thread or task."""
        token = self._current.set((current_thread_or_task(), session))
        try:
            yield
        finally:
            self._current.reset(token)

    def now(self) -> float:
        """Return the time that relative times refer to, in seconds since the epoch."""
        return self.live.transport.clock.now() if self.has_live else time.time()

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

    def as_of(self, *models: type[Any]) -> datetime | None:
        """Return when the newest rows of some models were loaded; of several, the earliest moment.

        None if that is unknown, because a column is missing or empty.

        Raises:
            NoEndpoint: a table does not exist; its column of load times contains no times.
        """
        moments = [self._read_watermark(self.catalogue.storage(model)) for model in models]
        times = [moment for moment in moments if moment is not None]
        return min(times) if len(times) == len(moments) and times else None

    def _read_watermark(self, stored: StoredModel) -> datetime | None:
        column = stored.sync_time or stored.column("updated_at")
        if column is None:
            return None
        newest = exp.Max(this=column.at("t"))
        sql = self.to_sql(exp.select(newest).from_(stored.table("t")))
        value = next(iter(row[0] for rows in self.executor.run(sql) for row in rows), None)
        if value is None:
            return None
        moment = to_moment(value)
        if moment is None:
            raise NoEndpoint(
                f"it is unknown how old the rows are: in {stored.place(column)} contains "
                f"{display(value)}, which is not a time; load it as a timestamp, or name another "
                "column in Layout(synced=...)"
            )
        return moment

    def require_recent(self, *queries: Query) -> None:
        """Raise `NoEndpoint` if the tables of queries were last loaded before `max_age`."""
        if self.max_age is None:
            return
        for model in dict.fromkeys(model for query in queries for model in models_of(query)):
            stored = self.catalogue.storage(model)
            column = stored.sync_time or stored.column("updated_at")
            where = f"the layout {self.layout.name}, table {stored.name}"
            if column is None:
                names = ", ".join((*self.layout.synced, "updated_at"))
                raise NoEndpoint(
                    f"it is unknown how old the rows of {model.__name__} are: in {where} has none "
                    f"of the columns {names}; connect without max_age="
                )
            moment = self._read_watermark(stored)
            if moment is None:
                raise NoEndpoint(
                    f"it is unknown how old the rows of {model.__name__} are: in "
                    f"{stored.place(column)} is empty; load the table, or connect without max_age="
                )
            age = timedelta(seconds=int(self.now() - moment.timestamp()))
            if age > self.max_age:
                raise NoEndpoint(
                    f"the rows of {model.__name__} are {age} old, more than {self.max_age}: in "
                    f"{stored.place(column)} ends at {moment.isoformat()}; run the loader, or "
                    "query the live account"
                )

    # -- custom fields ---------------------------------------------------------

    def known_definitions(self, meta: Options) -> Definitions | None:
        """Return the custom fields of a model if they are known without a request, or None."""
        if self.now() - self._read_at > CACHE_SECONDS:
            # As those of an account, tables and custom fields may have been added meanwhile.
            self._forget()
        if not meta.custom or scope_key(meta):
            return None
        if self.has_live:
            return self.live.current().known_definitions(meta, {})
        key = _definitions_key(meta)
        if key in self._undefined and key not in self._definitions:
            # Looking for a missing table takes longer than compiling a query.
            return None
        try:
            return self.stored_definitions(meta)
        except NoEndpoint:
            self._undefined.add(key)
            return None

    def find_definitions(self, meta: Options) -> Definitions | None:
        """Return the custom fields of a model; None for those of custom objects."""
        return None if scope_key(meta) else self.current().definitions(meta, {})

    def stored_definitions(self, meta: Options) -> Definitions:
        """Return the custom fields that the database defines.

        Raises:
            NoEndpoint: it has no table with their definitions.
        """
        key = _definitions_key(meta)
        if key not in self._definitions:
            self._definitions[key] = self._read_definitions(meta)
        return self._definitions[key]

    def _read_definitions(self, meta: Options) -> Definitions:
        model = describing(meta)
        name = self.layout.definitions.get(model.__name__) or self.layout.table(model._meta) or ""
        try:
            stored = self.catalogue.describe_storage(model, name, None)
            reader = row_reader(stored)
            stored.value(model._meta.fields["id"], "t")
            stored.value(model._meta.fields["title"], "t")
        except NoEndpoint as error:
            raise NoEndpoint(
                f"the custom fields of {meta.verbose_name_plural} are unknown, because "
                f"{display(self.alias)} has no live account, and {error}; load that table, or pass "
                "live= to connect_warehouse()"
            ) from None
        statement = exp.select(*reader.columns("t")).from_(stored.table("t"))
        present = stored.present("t")
        statement = statement if present is None else statement.where(present)
        by_id = holder(meta).kind.name != "dict"
        parsed = [
            parse_definition(row, by_id=by_id)
            for results in self.executor.run(self.to_sql(statement))
            for row in reader.read(results, self.executor)
        ]
        return Definitions(filter(None, parsed), meta.verbose_name_plural)

    def close(self) -> None:
        """Forget the tables; the connection belongs to the caller, and stays open."""
        self._forget()
        self._current.set(None)

    def _forget(self) -> None:
        """Describe tables, and read custom fields, again when they are next needed."""
        self.catalogue.forget()
        self.statements.clear()
        self._definitions.clear()
        self._undefined.clear()
        self._read_at = self.now()

    def __repr__(self) -> str:
        return f"<Warehouse {self.alias!r}: {self.layout.name} in {self.executor.dialect}>"


def _definitions_key(meta: Options) -> tuple[str, Any]:
    """Return what models with the same custom fields have in common."""
    return holder(meta).name, describing(meta)


def open_warehouse(
    connection: Any,
    layout: Layout,
    live: str | Account | None,
    alias: str,
    dialect: str | None,
    max_age: timedelta | None,
) -> Warehouse:
    """Return a database, and add it to `connections`; see `connect_warehouse()`."""
    require_text("alias", alias)
    require_layout(layout)
    age: Any = max_age
    if age is not None and not (isinstance(age, timedelta) and age > timedelta()):
        raise ConfigurationError(
            f"max_age must be a length of time, such as timedelta(hours=6), not {display(max_age)}"
        )
    account = live if live is None or isinstance(live, Account) else connections[live]
    warehouse = Warehouse(alias, executor_of(connection, dialect), layout, account, max_age)
    added: Any = warehouse
    connections.add(added)
    return warehouse

"""The tickets of a mirror as they were at a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlglot import exp

from zendesk_orm.errors import InvalidValue, NoEndpoint
from zendesk_orm.export.types import format_moment
from zendesk_orm.query.query import Query
from zendesk_orm.support import Ticket
from zendesk_orm.warehouse.catalogue import Catalogue
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.mirror_history import AS_OF, HAS_STATE, READ_STATE
from zendesk_orm.warehouse.tables import StoredModel


class PastTickets(StoredModel):
    """The tickets of a moment, which a function of the mirror returns.

    Args:
        stored: the present tickets.
        moment: the moment.
    """

    def __init__(self, stored: StoredModel, moment: datetime) -> None:
        self.__dict__.update(stored.__dict__)
        self._moment = moment

    def table(self, alias: str) -> exp.Expr:
        """Return the call of the function, named by an alias."""
        moment = exp.cast(exp.Literal.string(format_moment(self._moment)), "TIMESTAMPTZ")
        function = exp.Table(this=exp.Anonymous(this=AS_OF, expressions=[moment]))
        return exp.alias_(function, alias, table=True, quoted=True)


class PastDatabase:
    """The tables of a mirror, in which the tickets are those of a moment; see `sql.Database`.

    Args:
        catalogue: the tables.
        moment: the moment.
    """

    def __init__(self, catalogue: Catalogue, moment: datetime) -> None:
        self._catalogue, self._moment = catalogue, moment

    @property
    def dialect(self) -> str:
        """Sqlglot's name of the dialect."""
        return self._catalogue.dialect

    def storage(self, model: Any) -> StoredModel:
        """Return how the rows of a model are stored; raises as `Catalogue.storage()`."""
        stored = self._catalogue.storage(model)
        return PastTickets(stored, self._moment) if model._meta.concrete is Ticket else stored


def choose_database(
    query: Query, catalogue: Catalogue, executor: Executor
) -> Catalogue | PastDatabase:
    """Return the tables that a query reads.

    Raises:
        NoEndpoint: the database has no history, or one that is not complete.
        InvalidValue: the history begins after the moment of the query.
    """
    if query.as_of is None:
        return catalogue
    _require_history(query.as_of, catalogue, lambda sql: _read(executor, sql))
    return PastDatabase(catalogue, query.as_of)


def _read(executor: Executor, sql: str) -> list[Sequence[Any]]:
    return [row for rows in executor.run(sql) for row in rows]


def _require_history(
    moment: datetime, catalogue: Catalogue, read: Callable[[str], list[Sequence[Any]]]
) -> None:
    is_mirror = catalogue.layout.name == "native" and catalogue.dialect == "duckdb"
    if not is_mirror or not read(HAS_STATE):
        raise NoEndpoint(
            "as_of() needs a mirror with the history of tickets: Mirror(..., history=True).sync()"
        )
    ((begins, is_complete),) = read(READ_STATE)
    if not is_complete:
        raise NoEndpoint(
            "as_of(): the history lacks the latest changes, because sync() has not finished; call "
            "it again"
        )
    if begins is not None and moment < begins:
        raise InvalidValue(
            f"as_of(): the history begins at {begins.isoformat()}; choose a later moment"
        )

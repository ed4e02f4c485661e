"""Sets of rows put together: `|`, `&`, `^`, `union()`, `intersection()`, `difference()`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve

from zendesk_orm.errors import FieldError, NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import (
    Condition,
    Every,
    Predicate,
    Subquery,
    both,
    either,
    negation,
)
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.narrowing import Narrowing
from zendesk_orm.schema.source import source_of


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="Combining[Any]")


class Combining(Narrowing[R]):
    """A query that can be put together with others of the same model."""

    def union(self: S, *others: Narrowing[R], all: bool = False) -> S:  # noqa: A002 - Django's name
        """Return the rows of any of the queries, each once.

        Raises:
            FieldError: a query of another model or account; `all=True`, since rows come once.
        """
        if all:
            raise FieldError("union(all=True) would give rows twice; join the lists instead")
        queries = [self._query, *self._fitting(others)]
        wheres = [self._where(query) for query in queries if not query.nothing]
        if not wheres:
            return self.none()
        made = self._combined(Every() if Every() in wheres else either(tuple(wheres)))
        return made._owned(queries)

    def intersection(self: S, *others: Narrowing[R]) -> S:
        """Return the rows that all the queries have.

        Raises:
            FieldError: a query of another model or account.
        """
        queries = [self._query, *self._fitting(others)]
        if any(query.nothing for query in queries):
            return self.none()
        where: Predicate = Every()
        for query in queries:
            where = both(where, self._where(query))
        return self._combined(where)._owned(queries)

    def difference(self: S, *others: Narrowing[R]) -> S:
        """Return the rows that none of the others has.

        Where no endpoint can leave them out, their ids are read first.

        Raises:
            FieldError: a query of another model or account.
        """
        queries = [query for query in self._fitting(others) if not query.nothing]
        if self._query.nothing or any(self._where(query) == Every() for query in queries):
            return self.none()
        where = self._where(self._query)
        for query in queries:
            without = both(where, negation(self._where(query)))
            fits = answered(self._combined(without)._settled)
            where = without if fits else both(where, negation(_ids_of(query)))
        return self._combined(where)._owned([self._query, *queries])

    def __or__(self: S, other: object) -> S:
        if not isinstance(other, Narrowing):
            return NotImplemented
        return self.union(other)

    def __and__(self: S, other: object) -> S:
        if not isinstance(other, Narrowing):
            return NotImplemented
        return self.intersection(other)

    def __xor__(self: S, other: object) -> S:
        if not isinstance(other, Combining):
            return NotImplemented
        self._fitting((other,))
        return self.difference(other).union(other.difference(self))

    def _combined(self, where: Predicate) -> Self:
        return self._with(
            evolve(self._query, where=where, start=0, stop=None, distinct=None, nothing=False)
        )

    def _owned(self, queries: Iterable[Query]) -> Self:
        """Return the query with the accounts of the objects that some queries name."""
        owners = tuple(owner for query in queries for owner in query.owners)
        return self._with(evolve(self._query, owners=owners))

    def _fitting(self, others: Iterable[Narrowing[R]]) -> list[Query]:
        for other in others:
            if not isinstance(other, Narrowing):
                raise FieldError(
                    f"only a QuerySet of {self.model.__name__} can be combined with this one, "
                    f"not {other!r}"
                )
            same = source_of(other.db).account_identity == source_of(self.db).account_identity
            if other.model is not self.model or not same:
                raise FieldError(
                    f"{self.model.__name__} of {self.db!r} and {other.model.__name__} of "
                    f"{other.db!r} cannot be put together"
                )
        return [other._query for other in others]

    def _where(self, query: Query) -> Predicate:
        """Return the predicate of the rows; of a slice, that their ids are those of the slice."""
        as_it_is = not query.windowed and query.distinct is None
        return query.where if as_it_is and query.fresh == self._query.fresh else _ids_of(query)


def _ids_of(query: Query) -> Predicate:
    ids: Any = Subquery(query.model, query.where, evolve(query, shape=None))
    return Condition("id", "in", ids)


def answered(query: Query) -> bool:
    """Tell whether some endpoint answers the query."""
    try:
        plan(query)
    except NoEndpoint:
        return False
    return True

"""Sets of rows put together: `|`, `&`, `^`, `union()`, `intersection()`, `difference()`."""

from __future__ import annotations

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


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class Combining(Narrowing[R]):
    """A query that can be put together with others of the same model."""

    def union(self, *others: Narrowing[R], all: bool = False) -> Self:  # noqa: A002 - Django's name
        """Return the rows of any of the queries, each once.

        Raises:
            FieldError: a query of another model or account; `all=True`, since rows come once.
        """
        if all:
            raise FieldError("union(all=True) would give rows twice; join the lists instead")
        queries = [self._query, *(self._fitting(each) for each in others)]
        wheres = [_where(query) for query in queries if not query.nothing]
        if not wheres:
            return self.none()
        return self._combined(Every() if Every() in wheres else either(tuple(wheres)))

    def intersection(self, *others: Narrowing[R]) -> Self:
        """Return the rows that all the queries have.

        Raises:
            FieldError: a query of another model or account.
        """
        where = _where(self._query)
        for each in others:
            if self._fitting(each).nothing:
                return self.none()
            where = both(where, _where(each._query))
        return self._combined(where)

    def difference(self, *others: Narrowing[R]) -> Self:
        """Return the rows that none of the others has.

        Where no endpoint can leave them out, their ids are read first.

        Raises:
            FieldError: a query of another model or account.
        """
        left = self
        for each in others:
            other = self._fitting(each)
            if other.nothing:
                continue
            if _where(other) == Every():
                return self.none()
            without = left._combined(both(_where(left._query), negation(_where(other))))
            left = without if _answered(without._query) else left._without_ids_of(other)
        return left._combined(_where(left._query)) if left is self else left

    def __or__(self, other: Narrowing[R]) -> Self:
        return self.union(other)

    def __and__(self, other: Narrowing[R]) -> Self:
        return self.intersection(other)

    def __xor__(self, other: Narrowing[R]) -> Self:
        mine, theirs = _where(self._query), _where(self._fitting(other))
        only_mine, only_theirs = both(mine, negation(theirs)), both(negation(mine), theirs)
        return self._combined(either((only_mine, only_theirs)))

    def _without_ids_of(self, other: Query) -> Self:
        ids: Any = Subquery(other.model, other.where, other)
        left_out = negation(Condition("id", "in", ids))
        return self._combined(both(_where(self._query), left_out))

    def _combined(self, where: Predicate) -> Self:
        return self._with(evolve(self._query, where=where, start=0, stop=None, nothing=False))

    def _fitting(self, other: Narrowing[R]) -> Query:
        if other.model is not self.model or other.db != self.db:
            raise FieldError(
                f"{self.model.__name__} of {self.db!r} and {other.model.__name__} of "
                f"{other.db!r} cannot be put together"
            )
        return other._query


def _where(query: Query) -> Predicate:
    """Return the predicate of the rows; of a slice, that their ids are those of the slice."""
    if not query.windowed and query.distinct is None:
        return query.where
    ids: Any = Subquery(query.model, query.where, query)
    return Condition("id", "in", ids)


def _answered(query: Query) -> bool:
    try:
        plan(query)
    except NoEndpoint:
        return False
    return True

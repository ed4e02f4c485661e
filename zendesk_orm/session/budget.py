"""The requests that reading one query may cost: what `max_requests()` allows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import RequestBudgetExceeded
from zendesk_orm.query.query import Query


T = TypeVar("T")

_current: ContextVar[RequestBudget | None] = ContextVar("request budget", default=None)


class RequestBudget:
    """Counts the requests of one query, in whichever threads they are made.

    Args:
        query: the query that is read.
        limit: how many requests it may cost.
        outer: the budget of the query around it, which pays for its subqueries, too.
    """

    def __init__(self, query: Query, limit: int, outer: RequestBudget | None) -> None:
        self._query = query
        self._limit = limit
        self._outer = outer
        self._spent = 0
        self._lock = fork.Lock()

    def spend(self) -> None:
        """Count one request.

        Raises:
            RequestBudgetExceeded: the query must not make it.
        """
        if self._outer is not None:
            self._outer.spend()
        with self._lock:
            if self._spent >= self._limit:
                raise RequestBudgetExceeded(
                    f"{self._query}: not complete after {self._limit} requests, which are all that "
                    "max_requests() allows; slice the query or allow more"
                )
            self._spent += 1


def spend() -> None:
    """Count a request that is about to be made for the query that is being read.

    Raises:
        RequestBudgetExceeded: the query must not make it.
    """
    budget = _current.get()
    if budget is not None:
        budget.spend()


@contextmanager
def limited(query: Query) -> Generator[None]:
    """Make no more requests inside the block than the query allows."""
    with _entered(_budget_of(query)):
        yield


def limited_stream(query: Query, stream: Iterator[T]) -> Iterator[T]:
    """Yield the items of a stream, making no more requests for them than the query allows.

    Requests between two items are those of the loop body, and are not counted.
    """
    budget = _budget_of(query)
    if budget is None:
        yield from stream
        return
    while True:
        with _entered(budget):
            try:
                item = next(stream)
            except StopIteration:
                return
        yield item


def _budget_of(query: Query) -> RequestBudget | None:
    if query.budget is None:
        return None
    return RequestBudget(query, query.budget, _current.get())


@contextmanager
def _entered(budget: RequestBudget | None) -> Generator[None]:
    if budget is None:
        yield
        return
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)

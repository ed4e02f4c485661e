"""Request budgets: the number of requests that `max_requests()` allows for a query."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import RequestBudgetExceeded
from zendesk_orm.query.query import Query


T = TypeVar("T")

#: The budget of the query that is being read, or None.
CURRENT_BUDGET: ContextVar[RequestBudget | None] = ContextVar("request budget", default=None)


class RequestBudget:
    """Counts the requests of one query, in all threads.

    Args:
        query: the query.
        limit: the number of requests that it may make.
        outer: the budget of the query that contains it as a subquery; it is spent, too.
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
            RequestBudgetExceeded: the query may not make another request.
        """
        if self._outer is not None:
            self._outer.spend()
        with self._lock:
            if self._spent >= self._limit:
                raise RequestBudgetExceeded(
                    f"{self._query}: not complete after {self._limit} requests, the most that "
                    "max_requests() allows; slice the query or allow more"
                )
            self._spent += 1


def spend() -> None:
    """Count a request in the budget of the query that is being read.

    Raises:
        RequestBudgetExceeded: `max_requests()` does not allow the request.
    """
    budget = CURRENT_BUDGET.get()
    if budget is not None:
        budget.spend()


@contextmanager
def limit_requests(query: Query) -> Generator[None]:
    """Limit the requests inside the block to the budget of the query."""
    with _active(_budget_of(query)):
        yield


def limit_stream(query: Query, stream: Iterator[T]) -> Iterator[T]:
    """Return a stream whose items are read within the budget of the query.

    Requests between two items are those of the loop body, and are not counted.
    """
    return stream if query.budget is None else _limit(query, stream)


def _limit(query: Query, stream: Iterator[T]) -> Iterator[T]:
    budget = _budget_of(query)
    while True:
        with _active(budget):
            try:
                item = next(stream)
            except StopIteration:
                return
        yield item


def _budget_of(query: Query) -> RequestBudget | None:
    if query.budget is None:
        return None
    return RequestBudget(query, query.budget, CURRENT_BUDGET.get())


@contextmanager
def _active(budget: RequestBudget | None) -> Generator[None]:
    if budget is None:
        yield
        return
    token = CURRENT_BUDGET.set(budget)
    try:
        yield
    finally:
        CURRENT_BUDGET.reset(token)

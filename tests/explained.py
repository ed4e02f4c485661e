"""Checks that the first request of a query is the one that `explain()` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from zendesk_orm import signals
from zendesk_orm.http.request import Request
from zendesk_orm.plan.explain import explain, request_text
from zendesk_orm.query.predicate import Subquery, conditions
from zendesk_orm.session.reading import _keys


# Warnings about loops name the first line that is not the library's: not one of these.
__name__ = "zendesk_orm.tests"

#: Ids that one request names.
MAX_IDS = 100

#: The text of `explain()` for a query of which nothing was sent yet, in a list that is empty from
#: its first request on. Threads that read ahead have copies of the variable, and share the list.
_explained: ContextVar[list[str] | None] = ContextVar("_explained", default=None)


def checked_send(send: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that sends a request if it is the explained one, or not the first."""

    def checked(transport: Any, request: Request) -> Any:
        with suppress(IndexError):
            text = (_explained.get() or []).pop()
            shown = request_text(request)
            assert f"\n{shown}\n" in text, f"{shown} is sent, and explain() says:\n{text}"
        return send(transport, request)

    return checked


def checked_fetched(fetched: Callable[..., Any]) -> Callable[..., Any]:
    """Return a generator function that reads a query, and explains it before."""

    def checked(self: Any, session: Any, query: Any) -> Iterator[Any]:
        stream = fetched(self, session, query)
        if _is_certain(session, query):
            text = f"{explain(query, now=session.transport.clock.now())}\n"
            token = _explained.set([text])
            try:
                first = next(stream, None)
            finally:
                _explained.reset(token)
            if first is None:
                return
            yield first
        yield from stream

    return checked


def _is_certain(session: Any, query: Any) -> bool:
    """Return False if the request depends on values, own writes or rows that are known later."""
    ids = query.ids or ()
    if len(ids) > MAX_IDS and session.account.ahead.depth:
        # Several requests are sent at once.
        return False
    with signals.cache_hit.muted(), signals.cache_miss.muted():
        cached = any(session.at_hand(query.model, key) for key in _keys(query, ids))
    subqueries = (isinstance(each.value, Subquery) for each in conditions(query.where))
    return not (session.written(query.model) or any(subqueries) or cached)

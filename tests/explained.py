"""Checks that the first request of a query is the one that `explain()` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from zendesk_orm.http.request import Request
from zendesk_orm.plan.explain import explain, request_text
from zendesk_orm.query.predicate import Subquery, conditions
from zendesk_orm.session.reading import keys_of


# Warnings about loops name the first line outside the library, to which this module must belong.
__name__ = "zendesk_orm.tests"

#: Maximum number of ids of one request.
MAX_IDS = 100

#: A list with the `explain()` text of the current query, until its first request removes it.
#: Threads that read ahead have copies of the variable, and share the list.
_explained: ContextVar[list[str] | None] = ContextVar("_explained", default=None)

#: A list with an item for each active `skip_comparison()` block.
_unchecked: list[None] = []


@contextmanager
def skip_comparison() -> Iterator[None]:
    """Skip the comparison in a block, because threads that read the same rows share requests."""
    _unchecked.append(None)
    try:
        yield
    finally:
        _unchecked.pop()


def wrap_send(send: Callable[..., Any]) -> Callable[..., Any]:
    """Return a sender that asserts that the first request of a query is the explained one."""

    def send_checked(transport: Any, request: Request) -> Any:
        with suppress(IndexError):
            text = (_explained.get() or []).pop()
            shown = request_text(request)
            assert f"\n{shown}\n" in text, f"{shown} is sent, and explain() says:\n{text}"
        return send(transport, request)

    return send_checked


def wrap_fetch_pages(fetch_pages: Callable[..., Any]) -> Callable[..., Any]:
    """Return a generator function that explains a query before it fetches its pages."""

    def fetch_checked(self: Any, session: Any, query: Any) -> Iterator[Any]:
        stream = fetch_pages(self, session, query)
        query = self._chain(query)._resolved_query
        if not _unchecked and _is_certain(session, query):
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

    return fetch_checked


def _is_certain(session: Any, query: Any) -> bool:
    """Return False if the request depends on own writes, cached rows or an earlier iteration."""
    ids = query.ids or ()
    if not session.planning.reads_zendesk:
        # A database is read by SQL, and requests only look up the names of custom fields.
        return False
    if query.resumed is not None:
        # The first request continues at the page where an iteration ended.
        return False
    if len(ids) > MAX_IDS and session.account.ahead.depth:
        # Several requests are sent at once.
        return False
    cached = any(session.has_row(query.model, key) for key in keys_of(query, ids))
    return not (cached or any(map(session.account.recent.for_model, _iter_models(query))))


def _iter_models(query: Any) -> Iterator[Any]:
    """Yield the models of a query and its subqueries."""
    yield query.model
    for condition in conditions(query.where):
        if isinstance(condition.value, Subquery):
            yield from _iter_models(query.inner_query(condition.value))

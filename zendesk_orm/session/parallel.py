"""Long results, split into parts that are read at the same time.

Numbered pages of a list are independent of each other. An export has no numbers: its rows are
divided by the time of their creation, which never changes, so that each row is in one part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.plan.planner import plan, plan_one
from zendesk_orm.plan.selection import numbered_plan
from zendesk_orm.query.predicate import Condition, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.session.lists.interruptions import RecordPage, attempt, make_failed_records
from zendesk_orm.session.lists.pages import BY_ID, pages
from zendesk_orm.session.n_plus_one import note_relation
from zendesk_orm.session.prefetcher import Prefetcher
from zendesk_orm.session.reading import read_window, resolve


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

#: Pages of one part: parts that wait for earlier ones are kept in memory.
_PAGES_PER_PART = 4
#: Parts for each request that is sent at the same time, because parts differ in size.
_PARTS_PER_REQUEST = 2
_CREATED = "created_at"
_SEARCHES = frozenset({Verb.SEARCH, Verb.SEARCH_EXPORT})
#: Orders in which no row moves while the rows are read.
_FIXED_ORDERS = frozenset({"id", "-id", _CREATED, f"-{_CREATED}"})


@frozen
class _Ends:
    """The ends of a result.

    Attributes:
        first, last: the times at which its oldest and its newest row were created.
        count: the number of its rows.
    """

    first: datetime
    last: datetime
    count: int


def fetch_in_parallel(session: Session, query: Query, number: int) -> Iterator[RecordPage[Any]]:
    """Yield the records of a query, a page at a time, with several requests at the same time.

    Args:
        session: the session of the records.
        query: the query.
        number: the most requests at the same time.

    Raises:
        NoEndpoint: the result cannot be split so that each row is in exactly one part.
        InvalidValue: the query contains objects, or a query, of another account.
        ResultLimitExceeded, ApiError, TransportError.
    """
    session.require_owners(query)
    note_relation(session, query)
    query = yield from attempt(make_failed_records, resolve, session, query)
    if query.empty:
        return
    prefetcher = Prefetcher(number - 1, session.transport.quota)
    try:
        selected = _select(query)
        if selected.endpoint.verb not in _SEARCHES:
            stream = read_window(session, selected, prefetcher)
        else:
            stream = _read_parts(session, query, number, prefetcher)
        for page in stream:
            # Pages that are not read in their order have no position to resume from elsewhere.
            page.position = page.rows = None
            yield page
    finally:
        prefetcher.close()


def _select(query: Query) -> Plan:
    """Return the plan that reads the rows of a query with independent requests.

    Raises:
        NoEndpoint: no plan has independent requests.
    """
    if query.distinct is not None or query.id_order:
        raise _refusal(query, "a result without repeated values has to be read in order")
    selected = plan(query)
    if isinstance(selected, UnionPlan):
        raise _refusal(query, "it consists of several queries; iterate over each of them")
    if selected.endpoint.verb in BY_ID or selected.is_small:
        return selected
    if selected.order[:1] and selected.order[0] not in _FIXED_ORDERS:
        raise _refusal(query, f"rows move while they are read in the order {selected.order[0]}")
    if selected.endpoint.verb in _SEARCHES:
        if query.windowed:
            raise _refusal(query, "the slice of a search has no parts; leave the slice out")
        if selected.sorts_rows or selected.endpoint.parameter(_CREATED) is None:
            raise _refusal(query, f"{selected.title} cannot be divided by {_CREATED}")
        return selected
    numbered = numbered_plan(selected)
    if numbered is None or not numbered.order:
        raise _refusal(query, f"{selected.title} has neither page numbers nor a time of creation")
    return numbered


def _refusal(query: Query, reason: str) -> NoEndpoint:
    return NoEndpoint(f"{query}: iterator(parallel=) cannot split the result: {reason}")


def _read_parts(
    session: Session, query: Query, number: int, prefetcher: Prefetcher
) -> Iterator[RecordPage[Any]]:
    """Yield the records of an export, divided by the time of their creation."""
    ends = yield from attempt(make_failed_records, _find_ends, session, query, prefetcher)
    plans = map(plan_one, _split(query, ends, number))
    parts = [_Part(partial(read_window, session, selected)) for selected in plans]
    for batch in prefetcher.map(_Part.read, parts):
        yield from [batch] if isinstance(batch, RecordPage) else batch


class _Part:
    """The pages of one part of a result.

    Args:
        begin: returns the stream of the pages.
    """

    def __init__(self, begin: Callable[[], Iterator[RecordPage[Any]]]) -> None:
        self._begin = begin
        self._stream = begin()
        self._process = os.getpid()
        self._pages: list[RecordPage[Any]] = []

    def read(self) -> RecordPage[Any] | list[RecordPage[Any]]:
        """Return all pages, or the one that failed; the next call then continues with it."""
        if self._process != os.getpid():
            # A thread of the parent process may have been reading it.
            self._stream, self._process, self._pages = self._begin(), os.getpid(), []
        for page in self._stream:
            if page.error is not None:
                return page
            self._pages.append(page)
        return self._pages


def _find_ends(session: Session, query: Query, prefetcher: Prefetcher) -> _Ends | None:
    """Request the oldest and the newest row of a result; None if there is none.

    Raises:
        ApiError, TransportError.
    """

    def read(order: str) -> tuple[str, int] | None:
        single = evolve(query, order=(order,), start=0, stop=1, related=(), budget=None)
        for page in pages(session.transport, _plan_end(single)):
            for row in page.rows:
                return str(row.get(_CREATED)), page.count or 0
        return None

    first, last = prefetcher.map(read, (_CREATED, f"-{_CREATED}"))
    if first is None or last is None:
        return None
    return _Ends(load_datetime(first[0]), load_datetime(last[0]), max(first[1], last[1]))


def _plan_end(single: Query) -> Plan:
    """Return the plan that reads the row at one end of a result.

    Raises:
        NoEndpoint: Zendesk does not order the rows by their creation.
    """
    selected = plan(single)
    if isinstance(selected, UnionPlan) or selected.sorts_rows:
        raise _refusal(single, f"Zendesk does not order its rows by {_CREATED}")
    return selected


def _split(query: Query, ends: _Ends | None, number: int) -> list[Query]:
    """Return queries for the parts of a result, in its order; each row matches one of them.

    The first and the last part have no end, so that rows that are created meanwhile are included.
    """
    if ends is None:
        return [query]
    selected = plan_one(query)
    size = max(1, selected.size)
    parts = max(
        min(_PARTS_PER_REQUEST * number, ends.count // size), ends.count // (_PAGES_PER_PART * size)
    )
    seconds = int((ends.last - ends.first).total_seconds())
    offsets = sorted({seconds * part // parts for part in range(1, parts)} - {0})
    bounds = [ends.first.replace(microsecond=0) + timedelta(seconds=offset) for offset in offsets]
    queries = []
    for low, high in zip([None, *bounds], [*bounds, None], strict=True):
        where = query.where
        if low is not None:
            where = conjoin(where, Condition(_CREATED, "gte", low))
        if high is not None:
            where = conjoin(where, Condition(_CREATED, "lt", high))
        queries.append(evolve(query, where=where))
    return queries if selected.order[:1] == (_CREATED,) else queries[::-1]

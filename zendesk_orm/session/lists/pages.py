"""Reads the pages of a plan: sends its requests, and validates and completes the rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from functools import partial

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import ONE
from zendesk_orm.errors import MalformedResponse, NotFound, Unprocessable
from zendesk_orm.http.page_size import reduce_cursor_page
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.export_start import begin_earlier
from zendesk_orm.plan.plan import Plan
from zendesk_orm.session.budget import CURRENT_BUDGET, spend
from zendesk_orm.session.evaluation import CURRENT_EVALUATION, note_count
from zendesk_orm.session.lists.early_requests import EarlyRequests
from zendesk_orm.session.lists.endless_lists import VisitedPages, repeats_last_page
from zendesk_orm.session.lists.interruptions import RESUMABLE, make_failed_page, raise_failures
from zendesk_orm.session.lists.moving_rows import Drift, slice_rows
from zendesk_orm.session.lists.page_parts import PageParts
from zendesk_orm.session.lists.positions import Position
from zendesk_orm.session.lists.row_limits import (
    Edge,
    Part,
    check_read_limit,
    find_edge,
    following_numbers,
    is_at_row_limit,
    limit_error,
    require_edge,
)
from zendesk_orm.session.lists.versions import is_later
from zendesk_orm.session.prefetcher import Prefetcher
from zendesk_orm.session.responses import (
    Page,
    check_ids,
    check_rows,
    complete_rows,
    envelope,
    following,
    get_server_time,
    is_misplaced,
    objects_in,
    read_rows,
)
from zendesk_orm.session.single_flight import SingleFlight, pop_page


#: Seconds for which an export's cursor is used; Zendesk accepts it for an hour.
CURSOR_SECONDS = 3500.0
#: The ends of codes for a missing row; those of Sunshine Conversations are unconfirmed.
MISSING = ("RecordNotFound", "ProfileNotFound", "not_found")
#: Endpoints that return rows by id.
BY_ID = frozenset({Verb.SHOW, Verb.SHOW_MANY})


def pages(
    transport: Transport,
    plan: Plan,
    prefetcher: Prefetcher | None = None,
    flights: SingleFlight | None = None,
) -> Iterator[Page]:
    """Yield the pages of a plan, for callers that do not continue after a failure.

    Raises:
        ResultLimitExceeded: Zendesk stops before the end of the result.
        ApiError, TransportError.
    """
    return raise_failures(stream_pages(transport, plan, prefetcher, flights))


def stream_pages(
    transport: Transport,
    plan: Plan,
    prefetcher: Prefetcher | None = None,
    flights: SingleFlight | None = None,
    position: Position | None = None,
) -> Iterator[Page]:
    """Yield the pages of a plan, beginning with the first page of its window.

    If Zendesk stops at its row limit, or an export's cursor expires, reading continues from the
    time of the last row; rows of that time that were already yielded are omitted. A page that
    cannot be read is yielded with its error; the next item is the result of another request.

    Args:
        transport: sends the requests.
        plan: the plan.
        prefetcher: fetches pages ahead of their use; None to fetch none.
        flights: the requests by id that may be shared with other threads; None to share none.
        position: the page of a list to begin with.

    Raises:
        ResultLimitExceeded: Zendesk stops before the end of the result.
    """
    if prefetcher is None or (plan.counts_rows and plan.query.stop is not None):
        # The last page of the window is unknown before it is read.
        prefetcher = Prefetcher(0, transport.quota)
    if plan.endpoint.verb in BY_ID:
        read = partial(_try_to_read, partial(_read_by_id, transport, plan, flights))
        requests = list(plan.first())
        # A single request needs no thread.
        is_single = len(requests) == 1
        yield from _read_each(read, requests) if is_single else prefetcher.map(read, requests)
        return
    reader = _ListReader(transport, prefetcher)
    stream = reader.pages(plan, position)
    if plan.has_page_numbers or reader.early is None:
        yield from stream
    else:
        yield from prefetcher.stream(stream, reader.early.waiting)


def _read_each(read: Callable[[Request], Page], requests: Iterable[Request]) -> Iterator[Page]:
    """Yield a page for each request, after those that stand for its failures."""
    for request in requests:
        while (page := read(request)).error is not None:
            yield page
        yield page


def _try_to_read(read: Callable[[Request], Page], request: Request) -> Page:
    """Return the page of a request, or one with the error."""
    try:
        return read(request)
    except RESUMABLE as error:
        return make_failed_page(error)


class _ListReader:
    """Reads the pages of a list, one after the other, and never the same page twice.

    Args:
        transport: sends the requests.
        prefetcher: fetches pages ahead of their use.
    """

    def __init__(self, transport: Transport, prefetcher: Prefetcher) -> None:
        self._transport = transport
        self._clock = transport.clock
        self._prefetcher = prefetcher
        self._parts = PageParts()
        self.early = EarlyRequests(prefetcher, self._read) if prefetcher.depth else None

    def _read(self, plan: Plan, request: Request) -> Page:
        """Return the page of a request, or one with the error."""
        read = partial(_read_page, self._transport, plan, parts=self._parts)
        watched = request if self.early is None else self.early.watch(plan, request)
        return _try_to_read(read, watched)

    def pages(self, plan: Plan, position: Position | None = None) -> Iterator[Page]:
        """Yield all pages, with a new request whenever Zendesk stops at its row limit.

        A failed page is yielded with its error, and requested again when the next one is wanted.

        Args:
            plan: the plan.
            position: the page to begin with; the first one by default.

        Raises:
            ResultLimitExceeded: Zendesk stops before the end of the result.
            MalformedResponse: a page came before, or leads nowhere.
        """
        place = _begin(Part(plan)) if position is None else position
        while True:
            part = place.part
            stop = yield from self._read_part(place)
            if stop is None:
                return
            if part.edge is not None and stop == part.edge:
                raise limit_error(part.plan, None)
            if part.plan.can_move:
                yield Page([], {}, ends=True)
            place = _begin(part.after(stop))

    def _read_part(self, place: Position) -> Generator[Page, None, Edge | None]:
        """Yield pages until the end, or until Zendesk stops: then return the edge."""
        part, plan, edge = place.part, place.part.plan, place.part.edge
        # Rows that are counted are not the plan's own: the window ends at an unknown page.
        stop = None if plan.counts_rows else plan.query.stop
        comparison: tuple[VisitedPages, Drift] | None = None
        numbered: Iterator[Page] = iter(())
        begun: float | None = None
        while True:
            page = yield from self._attempt(place, numbered)
            if page is None:
                return place.last
            received = self._clock.now() if plan.endpoint.verb is Verb.SEARCH_EXPORT else 0.0
            reached = read = place.read + len(page.rows)
            if comparison is not None:
                yield from comparison[1].add(page)
                reached = comparison[1].reached
            elif is_misplaced(plan, page.rows, page.data):
                yield from self._recount(plan)
                return None
            complete = stop is not None and reached >= stop
            page = _with_next_request(place, page, read, complete=complete)
            if plan.read_limit is not None:
                check_read_limit(plan, plan.read_limit, read, page)
            yield page if edge is None else evolve(page, rows=edge.after(page.rows))
            begun = page.served_at if begun is None else begun
            if page.following is None or complete or is_later(page.rows, begun):
                return None
            if comparison is None:
                comparison = self._compare(place, page)
                numbered = self._numbered_pages(plan, page)
            comparison[0].add(place.request, page.rows)
            if repeats_last_page(plan, page, comparison[0]):
                return None
            comparison[0].check(page.following, plan)
            last = find_edge(plan, page, place.last)
            if is_at_row_limit(plan, read, page):
                return require_edge(plan, page, last)
            place = Position(part, page.following, read, last, received)

    def _attempt(
        self, place: Position, numbered: Iterator[Page]
    ) -> Generator[Page, None, Page | None]:
        """Request a page until it is read, and return it; yield each failure.

        Returns:
            The page, or None if the cursor that leads to it has expired.
        """
        while not (
            place.received
            and place.last is not None
            and self._clock.now() - place.received > CURSOR_SECONDS
        ):
            page = next(numbered, None)
            if page is None and self.early is not None:
                page = self.early.pop(place.request)
            page = page or self._read(place.part.plan, place.request)
            if page.error is None:
                return page
            yield evolve(page, position=place)
            self._parts.reduce(place.request, page.error)
            place = evolve(place, request=reduce_cursor_page(place.request, page.error))
        return None

    def _try_number(self, plan: Plan, number: int) -> Page:
        """Return a page by its number, or one with the error."""
        return self._read(plan, plan.page(number))

    def _recount(self, plan: Plan) -> Iterator[Page]:
        """Yield the pages of the window, found by counting rows from the first page."""
        counted = evolve(plan, force_count=True)
        before, stop = plan.query.start - plan.skip, plan.query.stop
        yield from slice_rows(self.pages(counted), before, None if stop is None else stop - before)

    def _numbered_pages(self, plan: Plan, page: Page) -> Iterator[Page]:
        """Yield the pages after the first, several fetched at once, if they have numbers."""
        if self._prefetcher.depth:
            requests = following_numbers(plan, page)
            yield from self._prefetcher.map(partial(self._read, plan), requests)

    def _compare(self, place: Position, page: Page) -> tuple[VisitedPages, Drift]:
        """Return the comparisons of the pages of a list, of which one was read."""
        plan = place.part.plan
        drift = Drift(plan, partial(self._try_number, plan), place.read)
        drift.add(page)
        return VisitedPages(), drift


def _begin(part: Part) -> Position:
    """Return the position of the first page of a part."""
    plan = part.plan
    return Position(part, next(plan.first()), plan.query.start - plan.skip, part.edge)


def _with_next_request(place: Position, page: Page, read: int, *, complete: bool) -> Page:
    """Return a page with its position, and with the request for the next one.

    Raises:
        MalformedResponse: rows are missing, and the response has no link to them.
    """
    plan, next_request = place.part.plan, None
    if plan.query.meta.pk_key:
        try:
            next_request = following(place.request, plan.endpoint.paging, page.data, read)
        except MalformedResponse:
            if not complete:
                raise
    return evolve(page, following=next_request, position=place)


def _read_by_id(
    transport: Transport, plan: Plan, flights: SingleFlight | None, request: Request
) -> Page:
    """Return the rows of one request by ids, which may be shared with other threads."""
    key = request_key(plan, request)
    page = pop_page(key)
    if page is not None:
        spend()
        return page
    if flights is None:
        return _all_rows(transport, request, plan)
    return flights.share(key, lambda: _all_rows(transport, request, plan), spend)


def request_key(plan: Plan, request: Request) -> Hashable:
    """Return the value by which requests for the same rows are recognised."""
    return plan.query.model, plan.endpoint.verb, request.path, request.params


def _all_rows(transport: Transport, request: Request, plan: Plan) -> Page:
    """Return all rows of one request by ids, of which a response may contain a part."""
    page = _read_page(transport, plan, request)
    if plan.endpoint.verb is Verb.SHOW or not plan.query.meta.pk_key:
        return page
    next_request = following(request, plan.endpoint.paging, page.data, len(page.rows))
    if next_request is None:
        return page
    rows, data, version = list(page.rows), {**page.data}, page.version
    visited = VisitedPages()
    visited.add(request, rows)
    while next_request is not None:
        visited.check(next_request)
        request, page = next_request, _read_page(transport, plan, next_request)
        visited.add(request, page.rows)
        rows += page.rows
        for plural in plan.includes:
            data[plural] = [*objects_in(data, plural), *objects_in(page.data, plural)]
        next_request = following(request, plan.endpoint.paging, page.data, len(rows))
    return Page(rows, data, version=version)


def send(transport: Transport, request: Request) -> Response:
    """Send a request for rows, if the budget of the query allows another request.

    Raises:
        RequestBudgetExceeded: `max_requests()` does not allow the request.
        ApiError, TransportError.
    """
    budget = CURRENT_BUDGET.get()
    if budget is not None:
        budget.spend()
    try:
        return transport.send(request)
    except Unprocessable as error:
        earlier = begin_earlier(request, error)
        if earlier is None:
            raise
    return send(transport, earlier)


def _read_page(
    transport: Transport, plan: Plan, request: Request, parts: PageParts | None = None
) -> Page:
    """Send a request, or several for the parts of a page; return the rows after validation."""
    endpoint, meta = plan.endpoint, plan.query.meta
    version = transport.get_version()
    try:
        response = send(
            transport, request if parts is None or parts.largest is None else parts.shorten(request)
        )
    except NotFound as error:
        # A missing record is an empty result; a missing path is an error.
        is_single = endpoint.verb is Verb.SHOW or endpoint.paging is ONE
        if is_single and error.code.endswith(MISSING):
            return Page([], {})
        raise
    if response.request is not None and response.request.reduced:
        data = (parts or PageParts()).read_whole_page(
            plan, request, response, partial(send, transport)
        )
    else:
        data = endpoint.paging.normalize(envelope(request, response))
    rows = read_rows(request, data, endpoint, meta)
    transport.stats.count_rows(len(rows))
    complete_rows(rows, plan)
    check_rows(request, rows, meta)
    check_ids(request, rows, plan)
    count = endpoint.paging.count(data)
    if count is not None and CURRENT_EVALUATION.get() is not None:
        note_count(plan, count)
    served_at = get_server_time(response) if endpoint.is_export else None
    return Page(rows, data, count=count, version=version, served_at=served_at)

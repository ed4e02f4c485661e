"""`Plan` -> `Page`, `Page`, …: one at a time, and never the same one twice."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import MalformedResponse, NotFound, ResultLimitExceeded
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.plan import Plan
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.session import budget
from zendesk_orm.session.ahead import Ahead
from zendesk_orm.session.checks import Progress, check_ids, following, is_misplaced
from zendesk_orm.session.drift import Drift
from zendesk_orm.session.envelopes import (
    check_rows,
    envelope,
    malformed,
    objects,
    objects_in,
    under,
)
from zendesk_orm.session.page import Page


#: Seconds after which an export's cursor is not trusted any more; it lasts an hour.
CURSOR_LASTS = 3500.0


@frozen
class Edge:
    """Where reading stopped.

    Attributes:
        moment: of the last row, as Zendesk wrote it.
        ids: of the rows of that moment that were read.
    """

    moment: str
    ids: frozenset[Any]

    def beyond(self, rows: list[Row]) -> list[Row]:
        """Return the rows that were not read before."""
        return [row for row in rows if row.get("id") not in self.ids]


def pages(transport: Transport, plan: Plan, ahead: Ahead | None = None) -> Iterator[Page]:
    """Yield the pages of a plan, from the first that the window touches on.

    Where Zendesk stops, or forgets where it was, the plan goes on from the moment
    of the last row; rows of that moment that came before are left out.

    Args:
        transport: the way to the account.
        plan: what to ask.
        ahead: fetches ahead of the reader; None for nothing.

    Raises:
        ResultLimitExceeded: Zendesk stops before the result does.
        MalformedResponse: an answer without its rows, or a page that came before.
    """
    if ahead is None or (plan.counted and plan.query.stop is not None):
        # Which page the window ends in is not known before it is read.
        ahead = Ahead(0, transport.quota)
    if plan.endpoint.verb is Verb.SHOW_MANY:
        yield from ahead.map(lambda request: _chunk(transport, request, plan), plan.first())
        return
    walked = _walked(transport, plan, ahead)
    yield from walked if plan.numbered else ahead.stream(walked)


def _walked(transport: Transport, plan: Plan, ahead: Ahead) -> Iterator[Page]:
    edge: Edge | None = None
    while True:
        stop = yield from _walk(transport, plan, edge, ahead)
        if stop is None:
            return
        if edge is not None and stop == edge:
            raise _walled(plan, None)
        if plan.moving:
            yield Page([], {}, ends=True)
        edge, plan = stop, plan.after(stop.moment)


def _walk(
    transport: Transport, plan: Plan, edge: Edge | None, ahead: Ahead
) -> Generator[Page, None, Edge | None]:
    """Yield pages until the end, or until Zendesk stops: then return the edge."""
    clock, last = transport.clock, edge
    for first in plan.first():
        request, page = first, _page(transport, first, plan)
        if is_misplaced(plan, page.rows, page.data):
            yield from _from_the_first(transport, plan, ahead)
            return None
        arrived = clock.now()
        read = plan.query.start - plan.skip + len(page.rows)
        progress = Progress()
        progress.add(request, page.rows)
        drift = Drift(plan, lambda number: _page(transport, plan.page(number), plan))
        yield from drift.add(page)
        numbered: Iterator[Page] | None = None
        while True:
            page = _continued(plan, request, page, read, full=_full(plan, drift))
            _mind_the_limit(plan, read, page)
            last = _edge(plan, page, last)
            yield page if edge is None else evolve(page, rows=edge.beyond(page.rows))
            if page.following is None or _full(plan, drift):
                break
            if _repeats_the_end(plan, page, progress):
                break
            progress.check(page.following)
            if _at_the_wall(plan, read, page):
                if last is None:
                    raise _walled(plan, page.count)
                return last
            if last is not None and _forgotten(plan, clock.now() - arrived):
                return last
            if numbered is None:
                numbered = _numbered(transport, plan, page, ahead)
            request = page.following
            page = next(numbered, None) or _page(transport, request, plan)
            arrived = clock.now()
            read += len(page.rows)
            progress.add(request, page.rows)
            yield from drift.add(page)
    return None


def _repeats_the_end(plan: Plan, page: Page, progress: Progress) -> bool:
    """Return whether a page holds the last rows again, and nothing after them."""
    style = plan.endpoint.paging
    leads_back = page.following is not None and progress.knows(page.following)
    return style.overlaps and len(page.rows) < style.largest and (leads_back or progress.stale > 0)


def _continued(plan: Plan, request: Request, page: Page, read: int, *, full: bool) -> Page:
    """Return a page with the request for the next one.

    Raises:
        MalformedResponse: rows are missing, and the response does not say where they are.
    """
    if plan.endpoint.verb is Verb.SHOW or not plan.query.meta.known_by:
        return page
    try:
        return evolve(page, following=following(request, plan.endpoint.paging, page.data, read))
    except MalformedResponse:
        if full:
            return page
        raise


def _from_the_first(transport: Transport, plan: Plan, ahead: Ahead) -> Iterator[Page]:
    """Yield the pages from the first row of the window on, counted from the first page."""
    counted = evolve(plan, recounted=True)
    before, stop = plan.query.start - plan.skip, plan.query.stop
    rows = None if stop is None else stop - before
    yield from cut(_walked(transport, counted, ahead), before, rows)


def _chunk(transport: Transport, request: Request, plan: Plan) -> Page:
    """Return all rows of one request by ids, of which a response may hold a part.

    Raises:
        MalformedResponse: there are rows that were not requested.
    """
    page = _page(transport, request, plan)
    rows, data = list(page.rows), {**page.data}
    progress = Progress()
    progress.add(request, rows)
    while (more := following(request, plan.endpoint.paging, page.data, len(rows))) is not None:
        progress.check(more)
        request, page = more, _page(transport, more, plan)
        progress.add(request, page.rows)
        rows += page.rows
        for plural in plan.includes:
            data[plural] = [*objects_in(data, plural), *objects_in(page.data, plural)]
    return Page(rows, data)


def _full(plan: Plan, drift: Drift) -> bool:
    """Return whether the window of the plan's own rows has been read."""
    stop = plan.query.stop
    return stop is not None and not plan.counted and drift.reached >= stop


def _numbered(transport: Transport, plan: Plan, page: Page, ahead: Ahead) -> Iterator[Page]:
    """Yield the pages after the first, several of them fetched at once, where they have numbers."""
    if not (ahead.depth and plan.numbered and page.count and page.data.get("next_page")):
        return
    stops = [page.count, plan.query.stop, plan.most]
    last = -(-min(stop for stop in stops if stop is not None) // plan.size)
    requests = [plan.page(number) for number in range(plan.number + 1, last + 1)]
    yield from ahead.map(lambda request: _page(transport, request, plan), requests)


def cut(stream: Iterator[Page], skip: int, rows: int | None) -> Iterator[Page]:
    """Yield the pages without the first `skip` rows, until there were `rows` of them."""
    left = rows
    for page in stream:
        passed = min(skip, len(page.rows))
        kept = page.rows[passed : None if left is None else passed + left]
        skip -= passed
        yield evolve(page, rows=kept)
        if left is not None:
            left -= len(kept)
            if left == 0:
                return


def sift(stream: Iterator[Page], test: Callable[[Row], bool]) -> Iterator[Page]:
    """Yield the pages without the rows that do not pass."""
    for page in stream:
        yield evolve(page, rows=[row for row in page.rows if test(row)])


def _page(transport: Transport, request: Request, plan: Plan) -> Page:
    endpoint = plan.endpoint
    try:
        response = send(transport, request)
    except NotFound as error:
        # Only a record that is not there is an empty result; a path that is not there is an error.
        if endpoint.verb is Verb.SHOW and error.code == "RecordNotFound":
            return Page([], {})
        raise
    data = envelope(request, response)
    rows = _rows(request, data, endpoint, plan.query.meta)
    _complete(rows, plan)
    check_rows(request, rows, plan.query.meta)
    check_ids(request, rows, plan)
    return Page(rows, data, count=endpoint.paging.count(data))


def send(transport: Transport, request: Request) -> Response:
    """Send a request for rows, if the query that is being read may make another one.

    Raises:
        RequestBudgetExceeded: `max_requests()` does not allow it.
        ApiError, TransportError.
    """
    budget.spend()
    return transport.send(request)


def _complete(rows: list[Row], plan: Plan) -> None:
    """Put in what only the path tells, and let a key that repeats another share its value.

    The second copy of a ticket's custom fields is a quarter of its memory.
    """
    given, meta = plan.given, plan.query.meta
    if given:
        for row in rows:
            row.update(given)
    if meta.known_by != "id":
        rows[:] = map(meta.identified, rows)
    for alias, of in meta.aliases:
        for row in rows:
            if row.get(alias) is not None and row[alias] == row.get(of):
                row[alias] = row[of]


def _rows(
    request: Request, data: Mapping[str, Any], endpoint: Endpoint, meta: Options
) -> list[Row]:
    if endpoint.verb is Verb.SHOW:
        row = under(data, meta.envelope)
        if isinstance(row, dict):
            return [row]
        raise malformed(request, f"there is no {meta.envelope!r} in the body")
    found = under(data, endpoint.key)
    if isinstance(found, dict) and not meta.known_by:
        return [found]
    rows = objects(request, found, endpoint.key)
    if endpoint.type:
        for row in rows:
            # Part of the envelope that Zendesk writes into the rows.
            row.pop("result_type", None)
    return rows


def _edge(plan: Plan, page: Page, last: Edge | None) -> Edge | None:
    """Return where the rows that were read end; None where the plan could not go on from it."""
    if not plan.keyset or not page.rows:
        return last
    wire = plan.keyset.lstrip("-")
    moment = page.rows[-1].get(wire)
    if not isinstance(moment, str):
        return None
    ids = frozenset(row.get("id") for row in page.rows if row.get(wire) == moment)
    if last is not None and last.moment == moment:
        ids |= last.ids
    return Edge(moment, ids)


def _at_the_wall(plan: Plan, read: int, page: Page) -> bool:
    most = plan.most
    if most is None or (page.count is not None and page.count <= read):
        return False
    # A page that would reach over the wall is refused whole.
    return read + (plan.size if plan.keyset else 1) > most


def _forgotten(plan: Plan, seconds: float) -> bool:
    """Tell whether the cursor of a page that came so long ago is of no use any more."""
    return plan.endpoint.verb is Verb.SEARCH_EXPORT and seconds > CURSOR_LASTS


def _walled(plan: Plan, count: int | None) -> ResultLimitExceeded:
    known = f" of {count:,}" if count else ""
    return ResultLimitExceeded(
        f"{plan.query}: {plan.endpoint.title} gives {plan.most:,} rows{known} and no more; "
        "narrow the query, or leave out what keeps it from an export (see .explain())"
    )


def _mind_the_limit(plan: Plan, read: int, page: Page) -> None:
    """Refuse before more is read than may be read to be compared or ordered here."""
    limit = plan.limit
    if limit is None:
        return
    known = page.count or 0
    if known > limit or (read >= limit and page.following) or read > limit:
        of = f"{known:,}" if known > limit else f"more than {limit:,}"
        raise ResultLimitExceeded(
            f"{plan.query}: {plan.endpoint.title} has {of} rows, and {limit:,} may be read to be "
            "compared and ordered here; narrow the query, or allow more with .scan()"
        )

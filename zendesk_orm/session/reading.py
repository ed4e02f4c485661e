"""Reads queries: plans become pages, and pages become records, cut to the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.api.endpoint import SEARCHES, Verb
from zendesk_orm.errors import NoEndpoint, RequestBudgetExceeded
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.plan.planner import plan, plan_count
from zendesk_orm.query.counted import Counted
from zendesk_orm.query.dates import resolve_time
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.predicate import (
    Condition,
    Predicate,
    Subquery,
    conditions,
    conjoin,
    map_conditions,
)
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Row
from zendesk_orm.session.budget import limit_requests, limit_stream
from zendesk_orm.session.combining import (
    flatten,
    merge_union,
    put_in_id_order,
    row_of,
    take_distinct,
    without_positions,
)
from zendesk_orm.session.lists.checkpoints import begin, note_checkpoints
from zendesk_orm.session.lists.interruptions import (
    RESUMABLE,
    RecordPage,
    attempt,
    gather,
    make_failed_page,
    make_failed_records,
    raise_failures,
)
from zendesk_orm.session.lists.moving_rows import (
    Omit,
    distinct,
    filter_rows,
    group_pages,
    put_in_place,
    slice_rows,
)
from zendesk_orm.session.lists.pages import BY_ID, send, stream_pages
from zendesk_orm.session.lists.positions import Position
from zendesk_orm.session.loading import reread_writes
from zendesk_orm.session.n_plus_one import note_relation
from zendesk_orm.session.own_writes import Overlay, overlay
from zendesk_orm.session.prefetcher import Prefetcher
from zendesk_orm.session.responses import Page, count_in, objects_in
from zendesk_orm.session.sources import attach, attach_embedded, extract_embedded


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


def fetch(session: Session, query: Query) -> Iterator[RecordPage[Any]]:
    """Yield the records of a query, a page at a time, when they are needed.

    A failed page is yielded with its error, and requested again when the next one is wanted.

    Raises:
        NoEndpoint, ResultLimitExceeded.
    """
    if query.origin is not None:
        note_relation(session, query)
    if query.has_custom_names or query.has_deferred_values:
        query = yield from attempt(make_failed_records, resolve, session, query)
    if query.empty:
        return
    if query.distinct is not None:
        stream = take_distinct(fetch(session, query.source), query, query.distinct)
        yield from without_positions(stream)
        return
    if query.id_order and not query.order:
        yield from without_positions(put_in_id_order(fetch(session, query.source), query))
        return
    selected = plan(query)
    if isinstance(selected, UnionPlan):
        yield from without_positions(_merge(session, selected))
    elif selected.endpoint.verb in BY_ID and not query.fresh:
        yield from without_positions(_by_id(session, selected))
    else:
        yield from read_window(session, selected)


def count(session: Session, query: Query) -> Counted:
    """Return the number of rows, with as few requests as possible."""
    with limit_requests(query):
        note_relation(session, query)
        query = evolve(resolve(session, query), origin=None)
        counting = None if query.empty or query.distinct else plan_count(query)
        if counting is None or _own_writes(session, counting) is not None:
            pages = raise_failures(fetch(session, evolve(query, related=())))
            rows = sum(map(len, pages))
            return Counted.of(rows, None)
        request = counting.request()
        total = count_in(request, send(session.transport, request))
        number = max(0, (total if query.stop is None else min(total, query.stop)) - query.start)
        return Counted.of(number, total.refreshed_at, fresh=counting.endpoint.fresh)


def resolve(session: Session, query: Query) -> Query:
    """Return a query with the account's custom fields, and with values instead of expressions.

    Expressions are subqueries, of which the ids are read, and relative times.
    """
    query = session.resolve_custom_fields(query)
    if not query.has_deferred_values:
        return query
    _check_subqueries(query)
    now = session.transport.clock.now() if query.moment is None else query.moment

    def resolve_value(condition: Condition) -> Predicate:
        """Return the condition with its value."""
        subquery = condition.value
        if not isinstance(subquery, Subquery):
            return resolve_time(condition, now)
        inner = query.inner_query(subquery)
        value = inner.projection.function() if inner.projection else attrgetter("pk")
        stream = raise_failures(fetch(session, evolve(inner, projection=None)))
        values = (value(record) for page in limit_stream(inner, stream) for record in page)
        ids = tuple(dict.fromkeys(pk for pk in values if pk is not None))
        if len(ids) == 1:
            return Condition(condition.name, "exact", ids[0])
        return Condition(condition.name, "in", ids)

    return evolve(query, where=map_conditions(query.where, resolve_value))


def _check_subqueries(query: Query) -> None:
    """Raise if a query cannot be read once its subqueries are resolved; nothing is sent.

    Raises:
        NoEndpoint: no endpoint answers a part of the query.
        RequestBudgetExceeded: reading the parts takes more requests than the query may make.
    """
    subqueries = [
        condition.value
        for condition in conditions(query.where)
        if isinstance(condition.value, Subquery)
    ]
    if not subqueries:
        return
    requests = 0
    for subquery in subqueries:
        inner = evolve(query.inner_query(subquery), projection=None)
        _check_subqueries(inner)
        requests += plan(inner).requests
    sample = evolve(
        query, where=map_conditions(query.where, _with_sample), distinct=None, budget=None
    )
    try:
        requests += plan(sample).requests
    except NoEndpoint:
        plan(evolve(query, budget=None))
        raise
    if query.budget is not None and requests > query.budget:
        raise RequestBudgetExceeded(
            f"{query}: with its subqueries, it takes about {requests} requests, but "
            f"{query.budget} are allowed"
        )


def _with_sample(condition: Condition) -> Condition:
    """Return a condition with two ids instead of a subquery."""
    return evolve(condition, value=(1, 2)) if isinstance(condition.value, Subquery) else condition


def read_window(
    session: Session,
    selected: Plan,
    ahead: Prefetcher | None = None,
    position: Position | None = None,
    omit: Omit | None = None,
) -> Iterator[RecordPage[Any]]:
    """Yield the records of a plan, cut to the window of its query.

    Args:
        session: the session of the records.
        selected: the plan.
        ahead: fetches pages in advance; that of the account by default.
        position: the page to begin with; the first one by default.
        omit: returns rows without those that were yielded before; see `slice_rows()`.
    """
    if selected.endpoint.is_export:
        selected = begin(session, selected)
    stream = _window(session, selected, ahead, position, omit)
    if not selected.can_move:
        for page in stream:
            while (records := _try_to_build(session, selected, page)).error is not page.error:
                yield records
            yield records
        return
    for block in group_pages(stream, selected):
        # All rows of a block become records at once: from then on, the caller may change them.
        pages = []
        for page in put_in_place(block, selected):
            while (records := _try_to_build(session, selected, page)).error is not page.error:
                yield records
            pages.append(records)
        yield from pages


def _try_to_build(session: Session, selected: Plan, page: Page) -> RecordPage[Any]:
    """Return the records of a page, or a page with the error of a request for related objects."""
    try:
        return _records(session, selected, page)
    except RESUMABLE as error:
        return make_failed_records(error, page)


def _window(
    session: Session,
    selected: Plan,
    ahead: Prefetcher | None,
    position: Position | None,
    omit: Omit | None,
) -> Iterator[Page]:
    """Yield the pages of a plan, cut to the window of its query; arguments as `read_window()`."""
    ahead = session.account.ahead if ahead is None else ahead
    own_writes = yield from attempt(make_failed_page, _own_writes, session, selected, position)
    if own_writes is not None and not selected.sorts_rows:
        selected = evolve(selected, force_count=True)
    query, skip, rows = selected.query, selected.skip, selected.query.rows
    if position is not None:
        skip, rows = position.skip, position.rows
    stream = _pages(session, selected, own_writes, ahead, position)
    # The index lags and may match by word, so its rows are tested once more: before the window is
    # cut if it returns too many rows, after that if Zendesk counted right.
    if selected.sorts_rows:
        yield from _sort(stream, selected)
    elif selected.counts_rows:
        test = row_test(query.where, query.meta, of_search=True)
        yield from slice_rows(filter_rows(stream, test), skip, rows, omit)
    elif selected.endpoint.fresh:
        yield from (
            slice_rows(stream, skip, rows, omit) if query.windowed or skip or omit else stream
        )
    else:
        test = row_test(query.where, query.meta, of_search=True)
        yield from filter_rows(slice_rows(stream, skip, rows, omit), test)


def _pages(
    session: Session,
    selected: Plan,
    own_writes: Overlay | None,
    ahead: Prefetcher,
    position: Position | None,
) -> Iterator[Page]:
    """Yield the pages of a plan, merged with own writes, with each row once."""
    query = selected.query
    # A row that was requested with `fresh()` has to be read after the call.
    flights = None if query.fresh and not query.together else session.account.flights
    stream = stream_pages(session.transport, selected, ahead, flights, position)
    if selected.endpoint.verb is Verb.SHOW:
        return stream
    if selected.endpoint.is_export:
        stream = note_checkpoints(session, selected, stream)
    if not selected.endpoint.fresh:
        stream = session.account.recent.compare_with_index(query.model, stream)
    if selected.endpoint.verb is Verb.SHOW_MANY:
        query = _without_window(selected)
        stream = (evolve(page, rows=arrange(query, page.rows, lambda row: row)) for page in stream)
    return distinct(stream if own_writes is None else own_writes.merge_into(stream), selected)


def _without_window(selected: Plan) -> Query:
    """Return the query of a plan without its order and window."""
    return evolve(selected.query, order=(), start=0, stop=None)


def _own_writes(
    session: Session, selected: Plan, position: Position | None = None
) -> Overlay | None:
    """Return how own writes change the rows of a plan, if it reads an index that lags."""
    recent = session.account.recent
    if selected.endpoint.fresh or not recent.by_model:
        return None
    writes = recent.for_model(selected.query.model)
    added = overlay(writes, selected, recent.is_trusted, partial(reread_writes, session))
    if added is None or position is None or not position.read:
        return added
    # Rows that were written before an earlier iteration yielded them must not come again.
    keyset = position.part.plan.keyset
    return added.after(keyset, position.last) if keyset and position.last else None


def _sort(stream: Iterator[Page], selected: Plan) -> Iterator[Page]:
    """Yield all rows of a plan as one page, filtered, ordered and sliced client-side."""
    query = selected.query
    test = row_test(query.where, query.meta, of_search=selected.endpoint.verb in SEARCHES)
    rows: list[Row] = []
    data: dict[str, list[Any]] = {}
    version: Any = None
    for page in stream:
        if page.error is not None:
            yield page
            continue
        version = version or page.version
        rows += filter(test, page.rows)
        for plural in selected.includes:
            data.setdefault(plural, []).extend(objects_in(page.data, plural))
    yield Page(arrange(query, rows, lambda row: row), data, version=version)


def _merge(session: Session, union: UnionPlan) -> Iterator[RecordPage[Any]]:
    """Yield the records of several plans, each once, in their common order if they have one."""
    streams = [read_window(session, part) for part in union.plans]
    started = yield from gather(session.account.ahead.map(_start, streams))
    yield from merge_union((chain(first, stream) for first, stream in started), union)


def _start(stream: Iterator[RecordPage[Any]]) -> Any:
    """Fetch the first page of a stream, and return it with the rest; or the page that failed."""
    first = list(islice(stream, 1))
    return first[0] if first and first[0].error is not None else (first, stream)


def _records(session: Session, selected: Plan, page: Page) -> RecordPage[Any]:
    """Return the records of a page, with their embedded and side-loaded related objects."""
    if page.error is not None:
        return make_failed_records(page.error, page)
    query = selected.query
    build = partial(session.build_records, strict=query.strict, version=page.version)
    rows, embedded = extract_embedded(page.rows, selected) if query.embedded else (page.rows, {})
    records = RecordPage(build(query.model, rows, fresh=selected.endpoint.fresh))
    records.rows, records.position = page.rows, page.position
    records.checkpoint = page.checkpoint
    if embedded:
        attach_embedded(records, embedded, partial(session.materialize, strict=query.strict))
    if session.explicit and selected.endpoint.verb in BY_ID:
        session.remember(records)
    if query.related and records:
        attach(records, page.data, selected, build, session.get_many)
    return records


def keys_of(query: Query, ids: Iterable[Any]) -> Iterable[Any]:
    """Return the keys of rows that are requested by id, and by their parent if they have one."""
    meta = query.meta
    if not meta.parent_keys:
        return ids
    wires = {column(meta.get_field(name)).wire: value for name, value in query.exact_values.items()}
    return [meta.key(wires, pk) for pk in ids]


def _by_id(session: Session, selected: Plan) -> Iterator[RecordPage[Any]]:
    """Yield records that are requested by id: cached ones without, the others with a request."""
    query = selected.query
    ids = tuple(dict.fromkeys(query.ids or ()))
    keys = keys_of(query, ids)
    cached = [record for record in (session.get_cached(query.model, key) for key in keys) if record]
    if not cached or query.related:
        yield from read_window(session, selected)
        return
    cached_ids = {record.pk for record in cached}
    missing = tuple(pk for pk in ids if pk not in cached_ids)
    test: Callable[[Row], bool] = row_test(query.where, query.meta)
    records = [record for record in cached if test(record._row)]
    if missing:
        where = conjoin(Condition("id", "in", missing), query.where)
        stream = fetch(session, evolve(_without_window(selected), where=where))
        records += yield from gather(flatten(stream))
    page = RecordPage(arrange(query, records, row_of))
    page.rows = list(map(row_of, page))
    yield page

"""How a query is read: plans become pages, pages become records, cut to the window."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import Any, Protocol

from attrs import evolve

from zendesk_orm.api.endpoint import SEARCHES, Verb
from zendesk_orm.errors import LazyLoadRefused, NoEndpoint, RequestBudgetExceeded
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.plan import Plan, Union
from zendesk_orm.plan.planner import plan, plan_count
from zendesk_orm.query.ago import at
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange, mergeable, sort_key
from zendesk_orm.query.predicate import (
    Condition,
    Predicate,
    Subquery,
    both,
    conditions,
    replaced,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.shape import Shape, hashable
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Row
from zendesk_orm.session.ahead import Ahead
from zendesk_orm.session.budget import limited, limited_stream
from zendesk_orm.session.counted import Counted
from zendesk_orm.session.drift import put_in_place
from zendesk_orm.session.envelopes import count_in, objects_in
from zendesk_orm.session.overlay import Overlay, overlay
from zendesk_orm.session.page import Page
from zendesk_orm.session.pages import cut, pages, send, sift
from zendesk_orm.session.recent import Write
from zendesk_orm.session.sideloads import attach, keep_embedded, parted
from zendesk_orm.session.steady import blocks, once, row_identity
from zendesk_orm.session.together import prefetch_remedy
from zendesk_orm.session.watch import Watch


_BY_ID = frozenset({Verb.SHOW, Verb.SHOW_MANY})


class Keeper(Protocol):
    """What reading needs of a session."""

    explicit: bool

    @property
    def transport(self) -> Transport:
        """The way to the account's host."""
        ...

    @property
    def ahead(self) -> Ahead:
        """What fetches pages ahead of their reader."""
        ...

    @property
    def watch(self) -> Watch:
        """What notices loops."""
        ...

    def take_in(
        self, model: Any, rows: Iterable[Row], *, strict: bool = False, fresh: bool = True
    ) -> list[Any]:
        """Make records of complete rows."""
        ...

    def many(self, model: Any, ids: Iterable[Any]) -> list[Any]:
        """Return the records of these ids."""
        ...

    def at_hand(self, model: Any, key: Any) -> Any:
        """Return a record that need not be read again, or None."""
        ...

    def written(self, model: Any) -> Mapping[Any, Write]:
        """Return what was written lately, by id."""
        ...

    def trusts(self, write: Write) -> bool:
        """Return whether a written row can be given without reading it again."""
        ...

    def read_written(self, model: Any, rows: Iterable[Row]) -> Mapping[Any, Write]:
        """Read the rows of own writes again."""
        ...

    def settled(self, query: Query) -> Query:
        """Return a query in the account's own words."""
        ...

    def remember(self, records: Iterable[Any]) -> None:
        """Keep records until the unit of work ends."""
        ...


def fetch(session: Keeper, query: Query) -> Iterator[list[Any]]:
    """Yield the records of a query, a page at a time, as they are asked for.

    Raises:
        NoEndpoint, ResultLimitExceeded, ApiError, TransportError.
    """
    _noted(session, query)
    query = _answered(session, session.settled(query))
    if query.empty:
        return
    if query.distinct is not None:
        yield from _distinct(session, query, query.distinct)
        return
    if query.id_order and not query.order:
        yield from _in_id_order(session, query)
        return
    chosen = plan(query)
    if isinstance(chosen, Union):
        yield from _united(session, chosen)
    elif chosen.endpoint.verb in _BY_ID and not query.fresh:
        yield from _by_id(session, chosen)
    else:
        yield from _windowed(session, chosen)


def count(session: Keeper, query: Query) -> Counted:
    """Return the number of rows, by the cheapest way there is."""
    with limited(query):
        return _counted(session, query)


def _counted(session: Keeper, query: Query) -> Counted:
    _noted(session, query)
    query = evolve(_answered(session, session.settled(query)), origin=None)
    counting = None if query.empty or query.distinct else plan_count(query)
    if counting is None or _overlaid(session, counting) is not None:
        number_read = sum(len(page) for page in fetch(session, evolve(query, related=())))
        return Counted.of(number_read, None)
    request = counting.request()
    found = count_in(request, send(session.transport, request))
    number = max(0, (found if query.stop is None else min(found, query.stop)) - query.start)
    return Counted.of(number, found.refreshed_at, fresh=counting.endpoint.fresh)


def _noted(session: Keeper, query: Query) -> None:
    """Notice that the related rows of one object are read.

    Raises:
        LazyLoadRefused: the object came from a query that is strict.
    """
    if query.origin is not None:
        model, name, by = query.origin
        if query.strict:
            raise LazyLoadRefused(
                f"{name} of a {model} were not loaded, and strict_loading() forbids to fetch "
                f"them now; prefetch_related({name!r}) brings them along"
            )
        session.watch.note(f"the {name} of a {model}", lambda: prefetch_remedy(query, name, by))


def _answered(session: Keeper, query: Query) -> Query:
    """Return the query with ids in the place of subqueries, and moments in that of `Ago`s."""
    _can_be_asked(query)
    now = session.transport.clock.now()

    def answer(condition: Condition) -> Predicate:
        asked = condition.value
        if not isinstance(asked, Subquery):
            return at(condition, now)
        inner = _inner(query, asked)
        value = inner.shape.function() if inner.shape else attrgetter("pk")
        stream = limited_stream(inner, fetch(session, evolve(inner, shape=None)))
        found = (value(record) for page in stream for record in page)
        ids = tuple(dict.fromkeys(each for each in found if each is not None))
        if len(ids) == 1:
            return Condition(condition.name, "exact", ids[0])
        return Condition(condition.name, "in", ids)

    where = replaced(query.where, answer)
    return query if where == query.where else evolve(query, where=where)


def _inner(query: Query, asked: Subquery) -> Query:
    """Return the query of a subquery; what `scan()` allows, it allows for it, too."""
    inner: Query = asked.query or Query(asked.model, asked.where)
    if inner.shape is not None:
        # The bare value: a query of one column stands for its values.
        inner = evolve(inner, shape=evolve(inner.shape, style="flat"))
    return evolve(inner, scan=True, scan_limit=query.scan_limit) if query.scan else inner


def _can_be_asked(query: Query) -> None:
    """Refuse, before anything is sent, what cannot be asked once the subqueries are answered.

    Raises:
        NoEndpoint: there is a part that no endpoint answers.
    """
    asked = [each.value for each in conditions(query.where) if isinstance(each.value, Subquery)]
    if not asked:
        return
    requests = 0
    for each in asked:
        inner = evolve(_inner(query, each), shape=None)
        _can_be_asked(inner)
        requests += plan(inner).requests
    whole = evolve(query, where=replaced(query.where, _sampled), distinct=None, budget=None)
    try:
        requests += plan(whole).requests
    except NoEndpoint:
        plan(evolve(query, budget=None))
        raise
    if query.budget is not None and requests > query.budget:
        raise RequestBudgetExceeded(
            f"{query}: with what has to be read first it takes about {requests} requests, "
            f"{query.budget} are allowed"
        )


def _sampled(condition: Condition) -> Condition:
    """Put two ids in the place of those that are not known yet."""
    return evolve(condition, value=(1, 2)) if isinstance(condition.value, Subquery) else condition


def _windowed(session: Keeper, chosen: Plan) -> Iterator[list[Any]]:
    """Yield the pages of a plan, cut to the window of its query."""
    query, own = chosen.query, _overlaid(session, chosen)
    if chosen.sorted:
        yield _records(session, chosen, _gathered(session, chosen, own))
        return
    if own is not None:
        chosen = evolve(chosen, recounted=True)
    stream = _pages(session, chosen, own)
    skip, test = chosen.skip, row_test(query.where, query.meta, of_search=True)
    # The index lags and may match by word, so what it gives is compared once more:
    # before the window where it gives too much, after it where Zendesk counted right.
    if chosen.counted:
        stream = cut(sift(stream, test), skip, query.rows)
    elif chosen.endpoint.fresh:
        stream = cut(stream, skip, query.rows)
    else:
        stream = sift(cut(stream, skip, query.rows), test)
    for block in blocks(stream, chosen):
        # All rows of a block become records at once: they may be changed from then on.
        yield from [_records(session, chosen, page) for page in put_in_place(block, chosen)]


def _pages(session: Keeper, chosen: Plan, own: Overlay | None) -> Iterator[Page]:
    """Yield the pages of a plan with own writes laid over them, each row once."""
    stream = pages(session.transport, chosen, session.ahead)
    if chosen.endpoint.verb in _BY_ID:
        stream = (evolve(page, rows=arrange(_whole(chosen), page.rows, _row)) for page in stream)
    return once(stream if own is None else own.over(stream), chosen)


def _whole(chosen: Plan) -> Query:
    """Return the query of a plan without its order and window."""
    return evolve(chosen.query, order=(), start=0, stop=None)


def _overlaid(session: Keeper, chosen: Plan) -> Overlay | None:
    """Return what own writes change of a plan's rows, where it reads what lags."""
    if chosen.endpoint.fresh:
        return None
    return overlay(
        session.written(chosen.query.model), chosen, session.trusts, session.read_written
    )


def _gathered(session: Keeper, chosen: Plan, own: Overlay | None) -> Page:
    """Read all rows; filter, order and slice them here."""
    query = chosen.query
    test = row_test(query.where, query.meta, of_search=chosen.endpoint.verb in SEARCHES)
    rows: list[Row] = []
    data: dict[str, list[Any]] = {}
    for page in _pages(session, chosen, own):
        rows += filter(test, page.rows)
        for plural in chosen.includes:
            data.setdefault(plural, []).extend(objects_in(page.data, plural))
    return Page(arrange(query, rows, _row), data)


def _united(session: Keeper, chosen: Union) -> Iterator[list[Any]]:
    """Yield the records of several plans, each once, in their common order if they have one."""
    query, order = chosen.query, chosen.order
    streams = [
        _flat(chain(first, stream))
        for first, stream in session.ahead.map(
            _begun, [_windowed(session, each) for each in chosen.plans]
        )
    ]
    if query.order and not mergeable(query.meta, query.order):
        rows = _once(chain.from_iterable(streams), _identity)
        yield from _paged(iter(arrange(query, rows, _row_of)))
        return
    if not order:
        merged: Iterable[Any] = (record for stream in streams for record in stream)
    else:
        key = sort_key(query.meta, order)
        merged = heapq.merge(*streams, key=lambda record: key(_row_of(record)))
    unique = _once(merged, _identity)
    yield from _paged(islice(unique, query.start, query.stop))


def _identity(record: Any) -> Hashable:
    return row_identity(record._meta, record._row)


def _begun(stream: Iterator[Any]) -> tuple[list[Any], Iterator[Any]]:
    """Fetch the first page of a stream, and return it with the rest."""
    return list(islice(stream, 1)), stream


def _distinct(session: Keeper, query: Query, of: Shape) -> Iterator[list[Any]]:
    """Yield the first record of each combination of values, cut to the window."""
    values = of.function()
    rows = _once(_flat(fetch(session, query.read)), lambda record: hashable(values(record)))
    yield from _paged(islice(rows, query.start, query.stop))


def _in_id_order(session: Keeper, query: Query) -> Iterator[list[Any]]:
    """Yield the records in the order in which another row lists their ids."""
    place = {pk: number for number, pk in enumerate(query.id_order)}
    records = sorted(
        _flat(fetch(session, query.read)), key=lambda record: place.get(record.pk, len(place))
    )
    yield from _paged(iter(records[query.start : query.stop]))


def _paged(records: Iterator[Any]) -> Iterator[list[Any]]:
    while page := list(islice(records, 100)):
        yield page


_flat = chain.from_iterable


def _once(records: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[Any]:
    seen: set[Any] = set()
    for record in records:
        found = key(record)
        if found not in seen:
            seen.add(found)
            yield record


def _records(session: Keeper, chosen: Plan, page: Page) -> list[Any]:
    take_in = partial(session.take_in, strict=chosen.query.strict)
    rows, within = parted(page.rows, chosen)
    records = take_in(chosen.query.model, rows, fresh=chosen.endpoint.fresh)
    keep_embedded(records, within, take_in)
    if session.explicit and chosen.endpoint.verb in _BY_ID:
        session.remember(records)
    if chosen.query.related and records:
        attach(records, page.data, chosen, take_in, session.many)
    return records


def _keys(query: Query, ids: Iterable[Any]) -> list[Any]:
    """Return the keys of rows that are asked for by id, and by the parent that they are below."""
    meta, fixed = query.meta, query.fixed if query.meta.place else {}
    names = {column(meta.get_field(name)).wire: value for name, value in fixed.items()}
    return [meta.key(names, pk) for pk in ids]


def _by_id(session: Keeper, chosen: Plan) -> Iterator[list[Any]]:
    """Yield what is asked by id: what is at hand as it is, the rest in one go."""
    query = chosen.query
    ids = tuple(dict.fromkeys(query.ids or ()))
    keys = _keys(query, ids)
    at_hand = [record for record in (session.at_hand(query.model, key) for key in keys) if record]
    if not at_hand or query.related:
        yield from _windowed(session, chosen)
        return
    known = {record.pk for record in at_hand}
    missing = tuple(pk for pk in ids if pk not in known)
    test: Callable[[Row], bool] = row_test(query.where, query.meta)
    found = [record for record in at_hand if test(record._row)]
    if missing:
        rest = both(Condition("id", "in", missing), query.where)
        found += _flat(fetch(session, evolve(_whole(chosen), where=rest)))
    yield arrange(query, found, _row_of)


def _row(row: Row) -> Row:
    return row


def _row_of(record: Any) -> Row:
    return record._row  # type: ignore[no-any-return] # a record has a row

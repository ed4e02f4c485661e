"""Streams of records that are merged, cut and divided into pages, with failures among them.

Items are records, or failed pages (see `session.lists.interruptions`), which are passed on where
they occur: the stream that failed is read again when its next record is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from itertools import chain
from typing import Any

from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.query.ordering import arrange, mergeable, sort_key
from zendesk_orm.query.projection import Projection, hashable
from zendesk_orm.query.query import Query
from zendesk_orm.schema.row import Row
from zendesk_orm.session.lists.interruptions import RecordPage, gather, is_failed
from zendesk_orm.session.lists.moving_rows import row_identity


_END: Any = object()
#: Records of a page that is made of several streams.
_PAGE_SIZE = 100


def flatten(pages: Iterable[RecordPage[Any]]) -> Iterator[Any]:
    """Yield the records of pages."""
    for page in pages:
        if page.error is not None:
            yield page
        else:
            yield from page


def without_positions(pages: Iterable[RecordPage[Any]]) -> Iterator[RecordPage[Any]]:
    """Yield the pages of a combined stream, without positions.

    A failed page has a position in its own stream, which is not a position in the result: reading
    from there would yield only the rows of that stream.
    """
    for page in pages:
        page.position = None
        yield page


def merge(streams: Iterable[Iterator[Any]], key: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield the records of sorted streams in their common order."""
    heap: list[tuple[Any, int, Any, Iterator[Any]]] = []
    for number, stream in enumerate(streams):
        while is_failed(record := next(stream, _END)):
            yield record
        if record is not _END:
            heap.append((key(record), number, record, stream))
    heapify(heap)
    while heap:
        _, number, record, stream = heap[0]
        yield record
        while is_failed(record := next(stream, _END)):
            yield record
        if record is _END:
            heappop(heap)
        else:
            heapreplace(heap, (key(record), number, record, stream))


def unique(records: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield the first record of each key."""
    seen: set[Any] = set()
    for record in records:
        if is_failed(record):
            yield record
            continue
        value = key(record)
        if value not in seen:
            seen.add(value)
            yield record


def slice_records(records: Iterator[Any], start: int, stop: int | None) -> Iterator[Any]:
    """Yield the records from one position to another one."""
    position = 0
    while stop is None or position < stop:
        record = next(records, _END)
        if record is _END:
            return
        is_record = not is_failed(record)
        if not is_record or position >= start:
            yield record
        position += is_record


def paginate(records: Iterable[Any]) -> Iterator[RecordPage[Any]]:
    """Yield pages of a hundred records; those before a failure are yielded before it."""
    page: RecordPage[Any] = RecordPage()
    for record in records:
        failed = is_failed(record)
        if not failed:
            page.append(record)
        if page and (failed or len(page) == _PAGE_SIZE):
            yield page
            page = RecordPage()
        if failed:
            yield record
    if page:
        yield page


def merge_union(
    streams: Iterable[Iterator[RecordPage[Any]]], union: UnionPlan
) -> Iterator[RecordPage[Any]]:
    """Yield the records of several plans, each once, in their common order if they have one."""
    query, order = union.query, union.order
    flat = [flatten(stream) for stream in streams]
    if query.order and not mergeable(query.meta, query.order):
        records = yield from gather(unique(chain.from_iterable(flat), _identity))
        yield from paginate(arrange(query, records, row_of))
        return
    if order:
        key = sort_key(query.meta, order)
        merged = merge(flat, lambda record: key(row_of(record)))
    else:
        merged = chain.from_iterable(flat)
    yield from paginate(slice_records(unique(merged, _identity), query.start, query.stop))


def take_distinct(
    pages: Iterator[RecordPage[Any]], query: Query, shape: Projection
) -> Iterator[RecordPage[Any]]:
    """Yield the first record of each combination of values, cut to the window."""
    values = shape.function()
    combinations = unique(flatten(pages), lambda record: hashable(values(record)))
    yield from paginate(slice_records(combinations, query.start, query.stop))


def put_in_id_order(pages: Iterator[RecordPage[Any]], query: Query) -> Iterator[RecordPage[Any]]:
    """Yield the records in the order in which another row lists their ids, cut to the window."""
    position = {pk: number for number, pk in enumerate(query.id_order)}
    records = yield from gather(flatten(pages))
    records.sort(key=lambda record: position.get(record.pk, len(position)))
    yield from paginate(records[query.start : query.stop])


def _identity(record: Any) -> Hashable:
    """Return the value that distinguishes a record from others of one result."""
    return row_identity(record._meta, record._row)


def row_of(record: Any) -> Row:
    """Return the row of a record."""
    row: Row = record._row
    return row

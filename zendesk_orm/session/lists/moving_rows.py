"""Rows that change their places in a list while its pages are read.

If another client deletes a row of an earlier page, the rows after it move up by one place, and
the first row of the next numbered page moves to a page that was read before. If another client
creates a row, a page repeats the last row of the page before it. If it changes a row, in an order
by the last change, the row moves to the other end of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from attrs import evolve

from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.ordering import sort_key
from zendesk_orm.query.projection import hashable
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.session.lists.versions import row_version
from zendesk_orm.session.responses import Page, objects_in


#: Returns rows without some of them.
Omit = Callable[[list[Row]], list[Row]]

#: Number of ids that are remembered while rows in a fixed order are streamed: some pages.
MAX_IDS = 10_000


class Drift:
    """Compares the pages of one list with each other.

    Args:
        plan: the plan whose pages are read.
        read: reads a page by its number; a failure is a page with an error.
        reached: the place at which the first page begins; that of the window by default.

    Attributes:
        reached: the place in the list up to which different rows were read.
    """

    def __init__(
        self,
        plan: Plan,
        read: Callable[[int], Page],
        reached: int | None = None,
    ) -> None:
        self._plan = plan
        self._read = read
        self._is_numbered = plan.has_page_numbers
        self._number = plan.number - 1
        # A result without an end is not compared: a stream takes constant memory.
        is_compared = self._is_numbered or plan.query.stop is not None
        self._ids: set[Any] | None = set() if is_compared else None
        #: The number of rows of the list when its first page was read, and its last one.
        self._first_count: int | None = None
        self._count: int | None = None
        self.reached = plan.query.start - plan.skip if reached is None else reached

    def add(self, page: Page) -> Iterable[Page]:
        """Add the next page.

        Returns:
            Pages with the rows that moved to places that were read before.
        """
        before, self._count = self._count, page.count
        repeated = self._add_rows(page.rows)
        self._number += 1
        if before is None or page.count is None or not self._is_numbered:
            self._first_count = page.count
            return ()
        is_displaced = (
            repeated > max(0, page.count - before)
            and self._plan.number == 1
            and self._plan.keyset == "-updated_at"
        )
        up = self._read_moved_up(before) if page.count < before else ()
        return chain(up, self._read_moved_to_front() if is_displaced else ())

    def _read_moved_up(self, before: int) -> Iterator[Page]:
        """Read pages again, backwards, as far as rows can have moved up."""
        number, size = self._number - 1, self._plan.size
        end, count = number * size, self._count
        moved: list[Page] = []
        while number and count is not None and number * size > end - (before - count):
            while (page := self._read(number)).error is not None:
                yield page
            count = page.count
            moved.insert(0, evolve(page, rows=page.rows[self._rows_before_window(number, count) :]))
            number -= 1
        for page in moved:
            self._add_rows(page.rows)
        yield from moved

    def _rows_before_window(self, number: int, count: int | None) -> int:
        """Return how many rows of a page preceded the first page when that was read."""
        moved = max(0, (self._first_count or 0) - (count or 0))
        return max(0, (self._plan.number - number) * self._plan.size - moved)

    def _read_moved_to_front(self) -> Iterator[Page]:
        """Read the first pages again, up to the first row that was read before."""
        for number in range(1, self._number):
            while (page := self._read(number)).error is not None:
                yield page
            repeated = self._add_rows(page.rows)
            yield evolve(page, displaced=True)
            if repeated:
                return

    def _add_rows(self, rows: Sequence[Row]) -> int:
        """Add rows, and return how many of them were read before."""
        self.reached += len(rows)
        if self._ids is None:
            return 0
        ids = [row.get("id") for row in rows]
        repeated = 0 if self._ids.isdisjoint(ids) else sum(pk in self._ids for pk in ids)
        self._ids.update(ids)
        self._ids.discard(None)
        self.reached -= repeated
        return repeated


def put_in_place(block: list[Page], plan: Plan) -> list[Page]:
    """Return pages with their rows in order, if they contain rows of an earlier place."""
    if not any(page.displaced for page in block):
        return block
    data: dict[str, list[Any]] = {}
    for plural in plan.includes:
        data[plural] = [row for page in block for row in objects_in(page.data, plural)]
    rows = [row for page in block for row in page.rows]
    ordered = sorted(rows, key=sort_key(plan.query.meta, plan.order))
    return [Page(ordered, data, version=block[0].version)]


class SeenIds:
    """The identities of the rows of earlier pages.

    Args:
        limit: how many of the latest are remembered at least; None for all.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._new: set[Any] = set()
        self._old: set[Any] = set()

    def __contains__(self, pk: object) -> bool:
        return pk in self._new or pk in self._old

    def isdisjoint(self, ids: set[Any]) -> bool:
        """Return whether none of the identities was seen."""
        return self._new.isdisjoint(ids) and self._old.isdisjoint(ids)

    def update(self, ids: set[Any]) -> None:
        """Add the identities of a page."""
        if self._limit is not None and len(self._new) >= self._limit:
            # Two generations: a stream of any length takes the memory of a few pages.
            self._old, self._new = self._new, set()
        self._new |= ids


def row_identity(meta: Options, row: Row) -> Hashable:
    """Return the value that distinguishes a row from the other rows of one read.

    That is its key; for results of all types the type, too; and the whole row if ids are not
    unique.
    """
    if not meta.unique_ids:
        copy: Hashable = hashable(row)
        return copy
    return (row.get(meta.discriminator), row.get("id")) if meta.discriminator else meta.key(row)


def distinct(stream: Iterator[Page], plan: Plan) -> Iterator[Page]:
    """Yield pages without the rows that an earlier page contained.

    If rows cannot move, a row can repeat only in one of the next pages, so that only the latest
    ids are remembered and a stream takes constant memory. In an export, a row repeats only if it
    has the same timestamp.
    """
    meta = plan.query.meta
    is_export = plan.endpoint.is_export
    identify = partial(row_version if is_export else row_identity, meta)
    has_plain_ids = not (is_export or meta.discriminator or meta.parent_keys) and meta.unique_ids
    is_streamed = bool(plan.order) and not plan.can_move and bool(plan.endpoint.paging.size)
    seen = SeenIds(MAX_IDS if is_streamed or is_export else None)
    for page in stream:
        rows = _without_repetitions(page.rows)
        if has_plain_ids:
            identities = {row["id"] for row in rows}
        else:
            identities = {identify(row) for row in rows}
        if not seen.isdisjoint(identities):
            rows = [row for row in rows if identify(row) not in seen]
        if not meta.unique_ids:
            identities = {identify(row) for row in rows if row.get("id") is not None}
        seen.update(identities)
        yield page if len(rows) == len(page.rows) else evolve(page, rows=rows)


def _without_repetitions(rows: list[Row]) -> list[Row]:
    """Return the rows of a page, each once; rows with equal ids may be different rows."""
    if len({row.get("id") for row in rows}) == len(rows):
        return rows
    by_id: dict[Any, list[Row]] = {}
    unique: list[Row] = []
    for row in rows:
        same_id = by_id.setdefault(row.get("id"), [])
        if row.get("id") is None or row not in same_id:
            same_id.append(row)
            unique.append(row)
    return unique


def group_pages(stream: Iterator[Page], plan: Plan) -> Iterator[list[Page]]:
    """Yield lists of pages whose rows the caller may change before the next list is read.

    A changed row can move to another page. If that displaces other rows, all pages of the window
    are one list: up to the point at which Zendesk stops, or up to `plan.rows_before_first` rows.
    """
    if not plan.can_move:
        for page in stream:
            yield [page]
        return
    block: list[Page] = []
    remaining = plan.rows_before_first
    for page in stream:
        if page.error is not None:
            yield [page]
            continue
        block.append(page)
        if remaining is not None:
            remaining = max(0, remaining - len(page.rows))
        if page.ends or remaining == 0:
            yield block
            block = []
    if block:
        yield block


def slice_rows(
    stream: Iterator[Page],
    skip: int,
    rows: int | None,
    omit: Omit | None = None,
) -> Iterator[Page]:
    """Yield pages without the first `skip` rows, and no more than `rows` rows.

    Args:
        stream: the pages.
        skip: the rows before the window.
        rows: the rows of the window; None if it has no end.
        omit: returns the rows of the window that count, without those that were yielded before.
    """
    remaining = rows
    for page in stream:
        size, window, position = len(page.rows), page.rows, page.position
        skipped = min(skip, size)
        if skipped:
            window = window[skipped:]
        if omit is not None:
            window = omit(window)
        checkpoint = page.checkpoint
        if remaining is not None and len(window) > remaining:
            # The next rows are those that are left out here.
            window, checkpoint = window[:remaining], None
        if position is not None:
            # Another process that begins here cuts in the same way.
            position = evolve(position, skip=skip, rows=remaining)
        skip -= skipped
        yield evolve(page, rows=window, position=position, checkpoint=checkpoint)
        if remaining is not None:
            remaining -= len(window)
            if remaining == 0:
                return


def filter_rows(stream: Iterator[Page], test: Callable[[Row], bool]) -> Iterator[Page]:
    """Yield pages, with only the rows for which `test` returns True."""
    for page in stream:
        yield evolve(page, rows=list(filter(test, page.rows)))

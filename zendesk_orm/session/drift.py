"""Rows that change their places in a list while its pages are read.

If another client deletes a row of an earlier page, the rows after it move up by one place, and
the first row of the next numbered page moves to a page that was read before. If another client
creates a row, a page repeats the last row of the page before it. If it changes a row, in an order
by the last change, the row moves to the other end of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve

from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.ordering import sort_key
from zendesk_orm.schema.row import Row
from zendesk_orm.session.page import Page


class Drift:
    """Compares the pages of one list with each other.

    Args:
        plan: the plan that reads them.
        read: reads a page by its number.

    Attributes:
        reached: the place in the list up to which different rows were read.
    """

    def __init__(self, plan: Plan, read: Callable[[int], Page]) -> None:
        self._plan = plan
        self._read = read
        self._number = plan.number - 1
        # A result without an end is not compared: a stream takes constant memory.
        compared = plan.numbered or plan.query.stop is not None
        self._ids: set[Any] | None = set() if compared else None
        #: How many rows the list had when its first page was read, and its last one.
        self._first: int | None = None
        self._count: int | None = None
        self.reached = plan.query.start - plan.skip

    def add(self, page: Page) -> Iterator[Page]:
        """Add the next page, and yield before it the rows that moved to where was read before."""
        before, self._count = self._count, page.count
        repeated = self._add_rows(page.rows)
        self._number += 1
        if before is None or page.count is None or not self._plan.numbered:
            self._first = page.count
            return
        if page.count < before:
            yield from self._moved_up(before)
        moved = repeated > max(0, page.count - before)
        if moved and self._plan.number == 1 and self._plan.keyset == "-updated_at":
            yield from self._moved_to_the_front()

    def _moved_up(self, before: int) -> list[Page]:
        """Read pages again, backwards, as far as rows can have moved up."""
        number, size = self._number - 1, self._plan.size
        end, count = number * size, self._count
        found: list[Page] = []
        while number and count is not None and number * size > end - (before - count):
            page = self._read(number)
            count = page.count
            found.insert(0, evolve(page, rows=page.rows[self._outside(number, count) :]))
            number -= 1
        for page in found:
            self._add_rows(page.rows)
        return found

    def _outside(self, number: int, count: int | None) -> int:
        """Return how many rows of a page were before the first page when that one was read."""
        moved = max(0, (self._first or 0) - (count or 0))
        return max(0, (self._plan.number - number) * self._plan.size - moved)

    def _moved_to_the_front(self) -> Iterator[Page]:
        """Read the first pages again, up to rows that are known."""
        for number in range(1, self._number):
            page = self._read(number)
            known = self._add_rows(page.rows)
            yield evolve(page, displaced=True)
            if known:
                return

    def _add_rows(self, rows: Sequence[Row]) -> int:
        """Add rows, and return how many of them are known."""
        if self._ids is None:
            self.reached += len(rows)
            return 0
        known = sum(row.get("id") in self._ids for row in rows)
        self._ids.update(row["id"] for row in rows if row.get("id") is not None)
        self.reached += len(rows) - known
        return known


def put_in_place(block: list[Page], plan: Plan) -> list[Page]:
    """Return pages with their rows in order, if a row of another place is among them."""
    if not any(page.displaced for page in block):
        return block
    data: dict[str, list[Any]] = {}
    for plural in plan.includes:
        data[plural] = [row for page in block for row in page.data.get(plural) or ()]
    rows = [row for page in block for row in page.rows]
    return [Page(sorted(rows, key=sort_key(plan.query.meta, plan.order)), data)]

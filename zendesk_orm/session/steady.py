"""Pages whose rows stay in place: each row once, and read before a loop can move it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from attrs import evolve

from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.shape import hashable
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.session.page import Page


#: Ids that are remembered while rows in a fixed order are streamed: those of some pages.
REMEMBERED = 10_000


class SeenIds:
    """The ids of the rows of earlier pages.

    Args:
        most: how many of them are remembered at least, the latest; None for all.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._new: set[Any] = set()
        self._old: set[Any] = set()

    def __contains__(self, pk: object) -> bool:
        return pk in self._new or pk in self._old

    def update(self, ids: set[Any]) -> None:
        """Add the ids of a page."""
        if self._most is not None and len(self._new) >= self._most:
            # Two generations: a stream of any length takes the memory of a few pages.
            self._old, self._new = self._new, set()
        self._new |= ids


def row_identity(meta: Options, row: Row) -> Hashable:
    """Return the value that tells a row from the other rows of one read.

    That is its key; for results of all types the type, too; and the whole row if ids are not
    unique.
    """
    if not meta.unique_ids:
        whole: Hashable = hashable(row)
        return whole
    return (row.get(meta.mixed), row.get("id")) if meta.mixed else meta.key(row)


def once(stream: Iterator[Page], plan: Plan) -> Iterator[Page]:
    """Yield the pages without the rows that an earlier page had.

    Where no row can move, it can come again only nearby, so that only the latest ids are
    remembered and a stream takes constant memory.
    """
    streamed = bool(plan.order) and not plan.moving and plan.endpoint.paging.size
    seen, meta = SeenIds(REMEMBERED if streamed else None), plan.query.meta
    for page in stream:
        rows = _distinct([row for row in page.rows if row_identity(meta, row) not in seen])
        seen.update({row_identity(meta, row) for row in rows if row.get("id") is not None})
        yield page if len(rows) == len(page.rows) else evolve(page, rows=rows)


def _distinct(rows: list[Row]) -> list[Row]:
    """Return the rows of a page without those that it repeats; equal ids alone prove nothing."""
    if len({row.get("id") for row in rows}) == len(rows):
        return rows
    found: dict[Any, list[Row]] = {}
    kept: list[Row] = []
    for row in rows:
        alike = found.setdefault(row.get("id"), [])
        if row.get("id") is None or row not in alike:
            alike.append(row)
            kept.append(row)
    return kept


def blocks(stream: Iterator[Page], plan: Plan) -> Iterator[list[Page]]:
    """Yield pages by the block; the caller may change the rows of one before the next is read.

    Where rows can move, a block is the whole window: up to where Zendesk stops, or up to
    `plan.held` rows of a list by cursor, in which a changed row cannot displace others.
    """
    if not plan.moving:
        for page in stream:
            yield [page]
        return
    block: list[Page] = []
    left = plan.held
    for page in stream:
        block.append(page)
        if left is not None:
            left = max(0, left - len(page.rows))
        if page.ends or left == 0:
            yield block
            block = []
    if block:
        yield block

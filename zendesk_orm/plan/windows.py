"""The pages that a slice lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from zendesk_orm.plan.plan import Plan

#: Pages that offsets reach.
PAGES = 100


def first_page(plan: Plan) -> tuple[int, int]:
    """Return the page size of a plan, and the number of the page to begin with.

    Numbered pages are cut so that the window lies in the fewest pages, and in
    the smallest of these; walked pages begin at the first.
    """
    query, paging = plan.query, plan.endpoint.paging
    largest = paging.largest if paging.size else 0
    if plan.counted or not largest:
        return min(largest, query.page_size or largest), 1
    if plan.continued:
        # Beyond the wall no page has a number, and none may reach over it.
        size = min(query.page_size or largest, largest)
        number = query.start // size + 1
        return size, number if number * size <= (plan.endpoint.most or 0) else 1
    if query.page_size is not None:
        size = min(query.page_size, largest)
        return size, query.start // size + 1 if plan.numbered else 1
    if query.stop is None or not plan.numbered:
        size = largest if query.stop is None else max(1, min(largest, query.stop))
        return size, query.start // size + 1 if plan.numbered else 1
    start, stop = query.start, max(query.stop, query.start + 1)
    size = min(
        range(min(-(-stop // PAGES), largest), largest + 1),
        key=lambda each: (_spanned(start, stop, each), _spanned(start, stop, each) * each),
    )
    return size, start // size + 1


def _spanned(start: int, stop: int, size: int) -> int:
    return -(-stop // size) - start // size

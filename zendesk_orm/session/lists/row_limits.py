"""Zendesk's row limits: where a list stops before its last row, and how reading continues."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm.errors import ResultLimitExceeded
from zendesk_orm.http.request import Request
from zendesk_orm.plan.plan import Plan
from zendesk_orm.schema.row import Row
from zendesk_orm.session.responses import Page


@frozen
class Edge:
    """Position after the last row that was read, used to continue past a row limit.

    Attributes:
        moment: the time of the last row, as Zendesk wrote it.
        ids: ids of the rows of that time that were read.
    """

    moment: str
    ids: frozenset[Any]

    def after(self, rows: list[Row]) -> list[Row]:
        """Return the rows that were not read before."""
        return [row for row in rows if row.get("id") not in self.ids]


@frozen
class Part:
    """The rows of a list up to a row limit, or from one on.

    Attributes:
        plan: the plan for these rows.
        edge: the position after which they begin; None for the first part.
        moments: the times from which this part and those before it were requested.
    """

    plan: Plan
    edge: Edge | None = None
    moments: tuple[str, ...] = ()

    def after(self, edge: Edge) -> Part:
        """Return the part that begins after a row."""
        return Part(self.plan.after(edge.moment), edge, (*self.moments, edge.moment))


def find_edge(plan: Plan, page: Page, last: Edge | None) -> Edge | None:
    """Return the position after a page; None if the plan could not continue from it."""
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


def require_edge(plan: Plan, page: Page, last: Edge | None) -> Edge:
    """Return the position to continue from.

    Raises:
        ResultLimitExceeded: reading cannot continue.
    """
    if last is None:
        raise limit_error(plan, page.count)
    return last


def is_at_row_limit(plan: Plan, read: int, page: Page) -> bool:
    """Return whether the next page would exceed the endpoint's row limit."""
    limit = plan.max_rows
    if limit is None or (page.count is not None and page.count <= read):
        return False
    # Zendesk rejects a page that would extend beyond the limit.
    return read + (plan.size if plan.keyset else 1) > limit


def limit_error(plan: Plan, count: int | None) -> ResultLimitExceeded:
    """Return the error for a list that Zendesk cuts off at its row limit."""
    total = f" of {count:,}" if count else ""
    return ResultLimitExceeded(
        f"{plan.query}: {plan.endpoint.title} returns at most {plan.max_rows:,} rows{total}; "
        "narrow the query, or remove the parts that exclude an export (see .explain())"
    )


def check_read_limit(plan: Plan, limit: int, read: int, page: Page) -> None:
    """Check that client-side filtering may read the rows of a plan.

    Raises:
        ResultLimitExceeded: there are more rows than the limit.
    """
    count = page.count or 0
    if count > limit or (read >= limit and page.following) or read > limit:
        rows = f"{count:,}" if count > limit else f"more than {limit:,}"
        raise ResultLimitExceeded(
            f"{plan.query}: {plan.endpoint.title} has {rows} rows, but at most {limit:,} are read "
            "to be filtered and ordered by the client; narrow the query, or allow more with .scan()"
        )


def following_numbers(plan: Plan, page: Page) -> list[Request]:
    """Return the requests for the pages after the first one, if they have numbers.

    Raises:
        ResultLimitExceeded: Zendesk does not return all rows.
    """
    if not (plan.has_page_numbers and page.count and page.data.get("next_page")):
        return []
    if plan.is_truncated and plan.max_rows is not None and page.count > plan.max_rows:
        # No row is returned before all pages are read.
        raise limit_error(plan, page.count)
    stops = [page.count, plan.query.stop, plan.max_rows]
    last = -(-min(stop for stop in stops if stop is not None) // plan.size)
    return [plan.page(number) for number in range(plan.number + 1, last + 1)]

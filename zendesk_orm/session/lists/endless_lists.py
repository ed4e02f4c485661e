"""Lists whose pages never end: a link that leads back, or pages that repeat each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from zendesk_orm.api.paging import CURSOR, get_has_more
from zendesk_orm.errors import ResultLimitExceeded
from zendesk_orm.http.hosts import query_of, split
from zendesk_orm.http.request import Request, Response, redact_path
from zendesk_orm.messages import display
from zendesk_orm.plan.plan import Plan
from zendesk_orm.session.responses import Page, envelope, following, malformed


#: Exports can contain empty pages; more pages in a row without new rows are an error.
MAX_STALE_PAGES = 10


class VisitedPages:
    """The pages of a list that were read, by which lists that never end are recognized.

    Only a number is stored for each page, so that reading uses constant memory.

    Attributes:
        stale: consecutive pages, up to the last one, that are empty or repeat an earlier one.
    """

    def __init__(self) -> None:
        self._requests: set[int] = set()
        self._pages: set[int] = set()
        self.stale = 0

    def has_requested(self, request: Request) -> bool:
        """Return whether a page was requested before."""
        return _address(request) in self._requests

    def add(self, request: Request, rows: Sequence[Any]) -> None:
        """Add a page that was read."""
        self._requests.add(_address(request))
        page = _state(rows)
        self.stale = self.stale + 1 if not rows or page in self._pages else 0
        self._pages.add(page)

    def check(self, following: Request, plan: Plan | None = None) -> None:
        """Check that another page may be requested.

        Args:
            following: the request for it.
            plan: the plan of the list; None to raise no other error than `MalformedResponse`.

        Raises:
            MalformedResponse: the link leads back, or the last pages had no new rows.
            ResultLimitExceeded: the changes of one second fill a page of an export by time.
        """
        if self.has_requested(following):
            start = query_of(following.path).get("start_time")
            if plan is not None and plan.endpoint.is_export and start is not None:
                raise _make_limit_error(plan, start)
            raise malformed(following, f"the page {redact_path(following.path)} came twice")
        if self.stale > MAX_STALE_PAGES:
            raise malformed(
                following,
                f"the list does not end: {self.stale} pages in a row are empty or repeat earlier "
                "ones",
            )


def repeats_last_page(plan: Plan, page: Page, visited: VisitedPages) -> bool:
    """Return whether a page contains the last rows again, and no rows after them."""
    style = plan.endpoint.paging
    if not style.overlaps or len(page.rows) >= style.largest or page.following is None:
        return False
    if get_has_more(page.data):
        return False
    return visited.has_requested(page.following) or visited.stale > 0


def iterate_lists(
    request: Request, key: str, send: Callable[[Request], Response]
) -> Iterator[list[Any]]:
    """Yield the lists under a key of the pages of any style, which no endpoint declares.

    Args:
        request: the request for the first page.
        key: the key.
        send: sends a request.

    Raises:
        MalformedResponse: a page has no list, came before, or leads nowhere.
    """
    visited, read = VisitedPages(), 0
    next_request: Request | None = request
    while next_request is not None:
        request = next_request
        data = envelope(request, send(request))
        rows = data.get(key)
        if not isinstance(rows, list):
            raise malformed(request, f"no rows in {display(key)}")
        yield rows
        read += len(rows)
        visited.add(request, rows)
        next_request = following(request, CURSOR, data, read)
        if next_request is not None:
            visited.check(next_request)


def _make_limit_error(plan: Plan, start: str) -> ResultLimitExceeded:
    """Return the error for an export by time that cannot leave a second."""
    plural = plan.query.meta.plural
    return ResultLimitExceeded(
        f"{plan.query}: the export by time cannot go on: start_time={start} returns the same page "
        f"of {plural} again, because more {plural} changed within this second than a page holds. "
        "The rows before were returned; read the others by another query, such as one by "
        "updated_at or ids, and continue the export at a later second"
    )


def _address(request: Request) -> int:
    """Return a number that is the same for all spellings of a page's URL."""
    parts = split(request.path)
    query = (*parse_qsl(parts.query), *request.params)
    return hash((parts.path.removesuffix(".json"), tuple(sorted(query))))


def _state(rows: Sequence[Any]) -> int:
    """Return a number that changes if a row of a page changes."""
    ids, stamps = (
        [row.get(key) if isinstance(row, dict) else None for row in rows]
        for key in ("id", "updated_at")
    )
    return hash(repr(rows if None in ids or None in stamps else (ids, stamps)))

"""Results of executed views: columns, and a row for each ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.http.request import Request
from zendesk_orm.session.lists.endless_lists import VisitedPages
from zendesk_orm.session.responses import envelope, following, objects_in
from zendesk_orm.session.session import Session


@frozen
class ViewTable:
    """The columns and rows of a view.

    `len(table)` is the number of rows; iterating over the table yields the rows.

    Attributes:
        columns: descriptions of the columns: `{"id": "subject", "title": "Subject"}`.
        rows: values by column id, with a summary of the ticket under `ticket`.
        groups: the groups of rows; empty if the view is not grouped.
    """

    columns: tuple[dict[str, Any], ...] = field(converter=tuple)
    rows: tuple[dict[str, Any], ...] = field(converter=tuple, repr=lambda rows: f"{len(rows)}")
    groups: tuple[Any, ...] = field(converter=tuple, default=())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def fetch_table(session: Session, request: Request) -> ViewTable:
    """Execute a view and return all pages of its result.

    Args:
        session: the session that sends the requests.
        request: the request for the first page; later pages are requested with the same body.

    Raises:
        ApiError, TransportError.
    """
    request = evolve(request, params=(*request.params, *CURSOR.page_params(CURSOR.largest)))
    data = envelope(request, session.transport.send(request))
    rows: Any = list(objects_in(data, "rows"))
    page, visited = data, VisitedPages()
    visited.add(request, rows)
    while next_request := following(request, CURSOR, page, len(rows)):
        visited.check(next_request)
        request = next_request
        page = envelope(request, session.transport.send(request))
        added = objects_in(page, "rows")
        visited.add(request, added)
        rows += added
    columns: Any = objects_in(data, "columns")
    groups: Any = objects_in(data, "groups")
    return ViewTable(columns, rows, groups)

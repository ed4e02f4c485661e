"""What a view looks like when it is carried out: columns, and a row for each ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.http.request import Request
from zendesk_orm.session.checks import Progress, following
from zendesk_orm.session.envelopes import envelope
from zendesk_orm.session.session import Session


@frozen
class ViewTable:
    """The columns of a view, and its rows.

    `len(table)` is the number of rows, `for row in table` gives each.

    Attributes:
        columns: what each column is: `{"id": "subject", "title": "Subject"}`.
        rows: what stands in them, by the id of the column, with the ticket in short under
            `ticket`.
        groups: how the rows are grouped; empty where they are not.
    """

    columns: tuple[dict[str, Any], ...] = field(converter=tuple)
    rows: tuple[dict[str, Any], ...] = field(converter=tuple, repr=lambda rows: f"{len(rows)}")
    groups: tuple[Any, ...] = field(converter=tuple, default=())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def table(session: Session, request: Request) -> ViewTable:
    """Carry out a view, to its last page, and return it.

    Args:
        session: where.
        request: what asks for it; the pages after the first are asked with the same body.

    Raises:
        ApiError, TransportError.
    """
    request = evolve(request, params=(*request.params, *CURSOR.sized(CURSOR.largest)))
    data = envelope(request, session.transport.send(request))
    rows, page = list(data.get("rows") or ()), data
    progress = Progress()
    progress.add(request, rows)
    while more := following(request, CURSOR, page, len(rows)):
        progress.check(more)
        request, page = more, envelope(more, session.transport.send(more))
        added = list(page.get("rows") or ())
        progress.add(request, added)
        rows += added
    return ViewTable(data.get("columns") or (), rows, data.get("groups") or ())

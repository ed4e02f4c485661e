"""Content pins: articles and posts that are pinned to a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_content_pins/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import Paging
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref
from zendesk_orm.schema.row import Row
from zendesk_orm.support.posting import Posted


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class _Pins(Paging):
    """All in one answer; ids of tickets, which are texts here, are made numbers."""

    def next(self, data: Mapping[str, Any]) -> str | None:
        for row in data.get("ticket_content_pins") or ():
            row["ticket_id"] = int(row["ticket_id"])
        return None


class TicketContentPin(Posted):
    """An article, a post or something from elsewhere that agents have pinned to a ticket.

    `ticket.content_pins.create(content_type="article", content_id="42", locale="en-us")`
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str | None]
    account_id: ReadOnly[str]
    ticket: Ref[Ticket]
    ticket_id: Id[int]
    content_id: CreateOnly[str]
    content_type: CreateOnly[str]
    #: Articles want one.
    locale: CreateOnly[str | None]
    created_at: ReadOnly[datetime]

    class Meta:
        required = ("ticket", "content_id", "content_type")
        api = (
            listed(
                "ticket_content_pins",
                takes={"ticket": "ticket_id"},
                needs="ticket",
                natural=None,
                small=True,
                paging=(_Pins("once"),),
            )
            + resource("ticket_content_pins", can="delete")
            + action("save", "POST", "ticket_content_pins")
        )

    def _body(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent; the id of the ticket has to be a text."""
        return {"ticket_content_pin": {**payload, "ticket_id": str(self.ticket_id)}}

    def _answered(self, data: Any) -> Row:
        """Return the row, with or without an envelope around it."""
        found: Row = data.get("ticket_content_pin", data)
        return {**found, "ticket_id": int(found["ticket_id"])}

"""Content pins: articles and posts that are pinned to a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_content_pins/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket


class TicketContentPin(StringIdModel):
    """An article, post or external content that agents have pinned to a ticket.

    `ticket.content_pins.create(content_type="article", content_id="42", locale="en-us")`
    """

    url: ReadOnly[str | None]
    account_id: ReadOnly[str]
    ticket: Ref[Ticket]
    ticket_id: Id[int]
    content_id: CreateOnly[str]
    content_type: CreateOnly[str]
    #: Required for articles.
    locale: CreateOnly[str | None]
    created_at: ReadOnly[datetime]

    class Meta:
        string_ids = "ticket"
        required = ("ticket", "content_id", "content_type")
        api = listing(
            "ticket_content_pins",
            filters={"ticket": "ticket_id"},
            required=("ticket",),
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        ) + resource("ticket_content_pins", can=CREATE | DELETE)

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row of a response with or without an envelope."""
        return data.get("ticket_content_pin", data)

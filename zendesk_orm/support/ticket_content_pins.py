"""Content pins: articles and posts that are pinned to a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_content_pins/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class TicketContentPin(Model):
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
        text_ids = "ticket"
        required = ("ticket", "content_id", "content_type")
        api = listed(
            "ticket_content_pins",
            takes={"ticket": "ticket_id"},
            needs="ticket",
            natural=None,
            small=True,
            paging=(ONCE,),
        ) + resource("ticket_content_pins", can="create delete")

    def _answered(self, data: dict[str, Any]) -> Any:
        """Return the row, with or without an envelope around it."""
        return data.get("ticket_content_pin", data)

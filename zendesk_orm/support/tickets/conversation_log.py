"""The conversation log of a ticket: comments, messages and calls in one list.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/conversation_log/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.tickets.attachments import Attachment


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket


class ConversationEvent(StringIdModel):
    """A comment, message or call on a ticket, of any channel.

    `ticket.conversation_log` contains all events of a ticket. `author` has the keys `type`,
    `display_name` and `zen:support:user_id`, which is -1 for bots. The keys of `content` depend on
    `type`.
    """

    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    type: ReadOnly[str]
    reference: ReadOnly[str]
    author: ReadOnly[dict[str, Any]]
    content: ReadOnly[dict[str, Any]]
    attachments: ReadOnly[list[Attachment]]
    metadata: ReadOnly[dict[str, Any]]
    source: ReadOnly[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    received_at: ReadOnly[datetime | None]

    class Meta:
        parent = "ticket"
        verbose_name_plural = "conversation events"
        api = listing(
            "tickets/{ticket}/conversation_log",
            key="events",
            orders=("created_at",),
            default_order="created_at",
            fits_in_memory=True,
            paging=(CURSOR,),
        )

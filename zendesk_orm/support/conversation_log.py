"""The conversation log of a ticket: comments, messages and calls in one list.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/conversation_log/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.attachments import Attachment


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class ConversationEvent(Model):
    """What was said on a ticket at one moment, whatever the channel: a comment, a message, a call.

    `ticket.conversation_log` are all of a ticket. `author` tells who it was (`type`,
    `display_name`, and `zen:support:user_id`, which is -1 for a bot), and `content` what was
    said; what it holds depends on `type`.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        api = listed(
            "tickets/{ticket}/conversation_log",
            key="events",
            orders="created_at",
            natural="created_at",
            small=True,
            paging=(CURSOR,),
        )

"""Email notifications: mails that Zendesk has sent, and whether they arrived.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/email_notifications/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket

_KEY = "email_notifications"


def _of(name: str, parameter: str) -> Api:
    """Return the list of those of one ticket or comment: one filter has to be given."""
    return listed(
        _KEY,
        takes={name: f"filter[{parameter}]"},
        needs=name,
        natural="-created_at",
        paging=(CURSOR,),
    )


class EmailNotification(Model):
    """A mail that Zendesk has sent about a comment, and what became of it.

    ::

        EmailNotification.objects.filter(ticket=ticket)
    """

    id: ReadOnly[int]
    url: ReadOnly[str]
    notification_id: ReadOnly[int]
    email_id: ReadOnly[str]
    message_id: ReadOnly[str]
    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    comment_id: ReadOnly[int]
    recipients: ReadOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        known_by = "notification_id"
        api = (
            resource(_KEY, can="show", many="show", by="comment_id")
            + _of("ticket", "ticket_id")
            + _of("comment_id", "comment_id")
        )

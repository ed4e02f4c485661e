"""Email notifications: e-mails sent by Zendesk, and their delivery status.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/email_notifications/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

_KEY = "email_notifications"


def _list_by(name: str, parameter: str) -> Api:
    """Return the list of notifications for one ticket or comment; the filter is required."""
    return listing(
        _KEY,
        filters={name: f"filter[{parameter}]"},
        required=(name,),
        default_order="-created_at",
        paging=(CURSOR,),
    )


class EmailNotification(Model):
    """An e-mail sent by Zendesk about a comment, with its delivery status.

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
        pk_key = "notification_id"
        api = (
            resource(_KEY, can=SHOW, bulk=SHOW, show_many_by=("comment_id",))
            + _list_by("ticket", "ticket_id")
            + _list_by("comment_id", "comment_id")
        )

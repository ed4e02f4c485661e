"""Bookmarks: tickets that an agent wants to find again.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/bookmarks/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly, WriteOnly


class Bookmark(Model):
    """A ticket that the caller has marked: `Bookmark.objects.create(ticket_id=ticket.id)`.

    Of the ticket it has the id, the subject and little else; archived ones are left out.
    """

    url: ReadOnly[str | None]
    ticket_id: WriteOnly[int]
    ticket: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]

    class Meta:
        required = ("ticket_id",)
        api = resource("bookmarks", can="list create delete", small=True, paging=(ONCE,))

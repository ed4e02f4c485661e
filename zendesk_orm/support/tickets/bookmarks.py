"""Bookmarks of tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/bookmarks/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly, WriteOnly


class Bookmark(Model):
    """A bookmark of the authenticated agent: `Bookmark.objects.create(ticket_id=ticket.id)`.

    `ticket` contains the id, the subject and few other fields. Bookmarks of archived tickets are
    not listed.
    """

    url: ReadOnly[str | None]
    ticket_id: WriteOnly[int]
    ticket: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]

    class Meta:
        required = ("ticket_id",)
        api = resource("bookmarks", can=LIST | CREATE | DELETE, fits_in_memory=True, paging=(ONCE,))

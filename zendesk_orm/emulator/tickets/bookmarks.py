"""Bookmarks of tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/bookmarks/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import creates
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Bookmark, Ticket


#: Fields of the ticket in a bookmark.
_TICKET_FIELDS = ("id", "subject", "raw_subject", "priority", "requester_id", "url")


@creates(Bookmark)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Bookmark a ticket, or return its existing bookmark.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    ticket = context.store.get(Ticket._meta.label, payload.get("ticket_id"))
    if ticket is None:
        raise not_found()
    where = Where("state < ?", (DELETED,)) & where_equal("ticket.id", ticket["id"])
    for row in context.store.select(meta.label, where):
        return WriteResult(row)
    fields = {name: ticket[name] for name in _TICKET_FIELDS}
    return resources.create(context, meta, {}, {}, {"ticket": fields})

"""Help center content pinned to tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_content_pins/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    invalid_attribute,
    missing_parameter,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Ticket, TicketContentPin


_META = TicketContentPin._meta
_REQUIRED = ("ticket_id", "content_id", "content_type")


@route("POST", "ticket_content_pins", TicketContentPin)
def create(context: Context, request: Request, target: Target) -> Response:
    """Pin content to a ticket, and return the pin without an envelope.

    Raises:
        HTTPError: 400, if a required key is missing or not a string; 404, if the ticket does
            not exist; 422, if the content is pinned already.
    """
    payload = request.get_object("ticket_content_pin")
    for name in _REQUIRED:
        if name not in payload:
            raise missing_parameter(name)
        if not isinstance(payload[name], str):
            raise invalid_attribute(name, f"{name} must be a string")
    ticket, content = payload["ticket_id"], payload["content_id"]
    resources.get(context, Ticket._meta, parse_id(ticket))
    where = (
        Where("state < ?", (DELETED,))
        & where_equal("ticket_id", ticket)
        & where_equal("content_id", content)
    )
    if context.store.count(_META.label, where):
        text = f"The content with ID {content} is already pinned to this ticket."
        raise HTTPError(422, {"error": "ContentAlreadyPinned", "description": text}, UNCONFIRMED)
    row = build_row(_META) | {name: payload.get(name) for name in (*_REQUIRED, "locale")}
    resources.initialize(context, _META, row)
    row["url"] = f"{BASE_URL}/hc/articles/{content}"
    row["account_id"] = "1"
    context.write(_META, row)
    return Response(201, dump_json(row))


@route("DELETE", "ticket_content_pins/{id}", TicketContentPin)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a pin, and return it.

    Raises:
        HTTPError: 404, if the pin does not exist.
    """
    stored = resources.get(context, _META, target.args[0])
    return Response(200, dump_json(resources.delete(context, _META, stored).row))

"""Calls: exports, recordings, calls of other telephone systems, and callback requests.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.errors import invalid_attribute, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, WriteResult, dump_json
from zendesk_orm.emulator.tickets import tickets
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Ticket
from zendesk_orm.talk import Call, CallbackRequest, Leg, PartnerCall, PhoneNumber


#: Size of a page; unconfirmed.
PAGE_SIZE = 1000

_UPDATED_AT = json_value("updated_at")


@route("GET", "channels/voice/stats/incremental/calls", Call)
@route("GET", "channels/voice/stats/incremental/legs", Leg)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return a page of an incremental export. The last page has a link to the next one, too.

    Raises:
        HTTPError: 400, if the start is missing or not a number.
    """
    start = request.params.get("start_time", "")
    if not is_number(start):
        raise invalid_attribute("start_time", "start_time must be an integer")
    since = Where(f"{_UPDATED_AT} >= ?", (format_timestamp(float(start)),))
    rows = context.store.select_texts(
        target.meta.label,
        since & Where("state < ?", (DELETED,)),
        f"{_UPDATED_AT}, id",
        limit=PAGE_SIZE,
        extra=_UPDATED_AT,
    )
    end = int(load_datetime(rows[-1][2]).timestamp()) if rows else int(start)
    query = urlencode({"start_time": end})
    metadata = {
        "count": len(rows),
        "end_time": end,
        "next_page": f"{request.host}/api/v2/{request.path}.json?{query}",
    }
    return Response(text=render_list(target, [row[0] for row in rows], "", metadata))


@route("DELETE", "channels/voice/calls/{id}/recordings", Call)
@route("DELETE", "channels/voice/calls/{id}/recordings/{recording_type}", Call)
def delete_recordings(context: Context, request: Request, target: Target) -> Response:
    """Delete the recordings of a call, which the emulator does not have.

    Raises:
        HTTPError: 404, if the call does not exist.
    """
    resources.get(context, target.meta, target.args[0])
    return Response(204)


@route("POST", "calls", PartnerCall)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a call of another telephone system. Its comment is added to its ticket."""
    payload = dict(request.get_object("call"))
    comment = request.body.get("comment")
    if comment and payload.get("ticket_id") is None:
        payload["ticket_id"] = _create_ticket(context, payload, comment).row["id"]
        comment = None
    row = resources.create(context, PartnerCall._meta, payload, {}).row
    if comment:
        _add_comment(context, row, comment)
    return Response(201, dump_json({"call": row}))


@route("POST", "calls/{id}/comments", PartnerCall)
def create_comment(context: Context, request: Request, target: Target) -> Response:
    """Add a voice comment to the ticket of a call, and return the comment.

    Raises:
        HTTPError: 404, if the call does not exist.
    """
    row = resources.get(context, PartnerCall._meta, target.args[0]).doc
    # Recorded: 201 even if the call has no ticket.
    if row["ticket_id"] is not None:
        _add_comment(context, row, request.body)
    # Recorded: no envelope.
    body = {"call_id": row["id"], "ticket_id": row["ticket_id"], **request.body}
    return Response(201, dump_json(body))


@route("POST", "channels/voice/callback_requests", CallbackRequest)
def request_callback(context: Context, request: Request, target: Target) -> Response:
    """Request a callback, which the emulator does not store.

    Raises:
        HTTPError: 404, if the phone number does not exist.
    """
    payload = request.get_object("callback_request")
    if context.store.get(PhoneNumber._meta.label, payload.get("phone_number_id")) is None:
        raise not_found()
    return Response(201)


def _create_ticket(
    context: Context, payload: Mapping[str, Any], comment: Mapping[str, Any]
) -> WriteResult:
    ticket = {
        "subject": comment.get("title"),
        "requester_id": payload.get("end_user_id"),
        "comment": {"body": comment.get("title"), "author_id": comment.get("author_id")},
    }
    values = {name: value for name, value in ticket.items() if value is not None}
    return tickets.create(context, Ticket._meta, values, {})


def _add_comment(context: Context, row: Mapping[str, Any], comment: Mapping[str, Any]) -> None:
    ticket = resources.get(context, Ticket._meta, row["ticket_id"])
    body = {"body": comment.get("title"), "public": False}
    tickets.update(context, Ticket._meta, ticket, {"comment": body})

"""Bans of IP addresses and of visitors.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/
"""

from __future__ import annotations

from zendesk_orm.chat import IpBan, VisitorBan
from zendesk_orm.emulator.chat.paging import parse_page_size, select_since
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.schema.options import Options


#: Models of bans by their type, which is also the key of their list.
_MODELS = {"ip_address": IpBan, "visitor": VisitorBan}


@route("GET", "chat/bans", IpBan)
@route("GET", "chat/bans", VisitorBan)
def list_bans(context: Context, request: Request, target: Target) -> Response:
    """Return a page of bans, in one list for each type."""
    rows = [
        (key, row)
        for key, model in _MODELS.items()
        for row in select_since(context, request, model._meta)
    ]
    rows.sort(key=lambda pair: int(pair[1]["id"]))
    page = rows[: parse_page_size(request)]
    body = {kind: [row for key, row in page if key == kind] for kind in _MODELS}
    return Response(text=dump_json(body))


@route("POST", "chat/bans", IpBan)
@route("POST", "chat/bans", VisitorBan)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a ban of the type in the body.

    Raises:
        HTTPError: 422, if the type is unknown.
    """
    kind = request.body.get("type", "")
    if kind not in _MODELS:
        raise invalid_record({"type": [field_error("Type: is invalid", "InvalidValue")]})
    row = resources.create(context, _MODELS[kind]._meta, request.body, {}).row
    return Response(201, dump_json(row))


@route("GET", "chat/bans/{id}", IpBan)
@route("GET", "chat/bans/{id}", VisitorBan)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return a ban of any type."""
    return Response(text=dump_json(_get_ban(context, target)[1].doc))


@route("DELETE", "chat/bans/{id}", IpBan)
@route("DELETE", "chat/bans/{id}", VisitorBan)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a ban of any type."""
    meta, stored = _get_ban(context, target)
    resources.delete(context, meta, stored)
    return Response(204)


def _get_ban(context: Context, target: Target) -> tuple[Options, StoredRow]:
    """Return the ban in the path with the options of its model.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    for model in _MODELS.values():
        stored = context.store.get_row(model._meta.label, target.args[0])
        if stored is not None:
            return model._meta, stored
    raise not_found()

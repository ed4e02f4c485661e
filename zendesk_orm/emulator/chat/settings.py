"""Shortcuts, triggers and routing settings of Chat.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
"""

from __future__ import annotations

from zendesk_orm.chat import RoutingSettings, Shortcut, Trigger
from zendesk_orm.emulator.chat.lookups import get_by
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json


@route("POST", "chat/shortcuts", Shortcut)
def create_shortcut(context: Context, request: Request, target: Target) -> Response:
    """Create a shortcut, whose id is its name."""
    also = {"id": request.body.get("name"), "scope": request.body.get("scope", "all")}
    row = resources.create(context, Shortcut._meta, request.body, {}, also).row
    return Response(201, dump_json(row))


@route("PUT", "chat/triggers/{name}", Trigger)
def update_trigger(context: Context, request: Request, target: Target) -> Response:
    """Update a trigger by name."""
    stored = get_by(context, Trigger._meta, "name", target.args[0])
    row = resources.update(context, Trigger._meta, stored, request.body).row
    return Response(text=dump_json(row))


@route("DELETE", "chat/triggers/{name}", Trigger)
def delete_trigger(context: Context, request: Request, target: Target) -> Response:
    """Delete a trigger by name."""
    stored = get_by(context, Trigger._meta, "name", target.args[0])
    resources.delete(context, Trigger._meta, stored)
    return Response(204)


@route("PATCH", "chat/routing_settings/account", RoutingSettings)
def update_routing_settings(context: Context, request: Request, target: Target) -> Response:
    """Update the routing settings, which only the response wraps in `data`."""
    stored = resources.get_singleton(context, RoutingSettings._meta)
    row = writes.update_one(context, RoutingSettings._meta, stored.id, dict(request.body)).row
    return Response(text=dump_json({"data": row}))

"""Shortcuts, triggers and routing settings of Chat.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.chat import RoutingSettings, Shortcut, Trigger
from zendesk_orm.emulator.chat.lookups import get_by
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json


@route("POST", "chat/shortcuts", Shortcut)
def create_shortcut(context: Context, request: Request, target: Target) -> Response:
    """Create a shortcut."""
    return Response(201, dump_json(add_shortcut(context, request.body)))


def add_shortcut(context: Context, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Store a shortcut, whose id is its name, and return its row."""
    also = {"id": payload.get("name"), "scope": payload.get("scope", "all")}
    return resources.create(context, Shortcut._meta, payload, {}, also).row


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

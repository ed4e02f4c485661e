"""Rows of Chat by e-mail address or name, and lists of agents.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.chat import Agent, Department, Trigger, Visitor
from zendesk_orm.emulator.chat.paging import parse_page_size, select_since
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.schema.options import Options


@route("GET", "chat/agents", Agent)
def list_agents(context: Context, request: Request, target: Target) -> Response:
    """Return a page of agents."""
    rows = select_since(context, request, Agent._meta)
    return Response(text=dump_json(rows[: parse_page_size(request)]))


@route("GET", "chat/agents/me", Agent)
def show_me(context: Context, request: Request, target: Target) -> Response:
    """Return the agent with the e-mail address of the authenticated user.

    Raises:
        HTTPError: 404, if the user is not an agent of Chat.
    """
    user = context.store.get("support.User", context.user_id)
    email = user["email"] if user else None
    return Response(text=dump_json(get_by(context, Agent._meta, "email", email).doc))


@route("GET", "chat/agents/email/{email}", Agent)
@route("GET", "chat/visitors/email/{email}", Visitor)
def show_by_email(context: Context, request: Request, target: Target) -> Response:
    """Return an agent or a visitor by e-mail address."""
    return Response(text=dump_json(get_by(context, target.meta, "email", target.args[0]).doc))


@route("GET", "chat/departments/name/{name}", Department)
@route("GET", "chat/triggers/{name}", Trigger)
def show_by_name(context: Context, request: Request, target: Target) -> Response:
    """Return a department or a trigger by name."""
    return Response(text=dump_json(get_by(context, target.meta, "name", target.args[0]).doc))


def get_by(context: Context, meta: Options, wire: str, value: Any) -> StoredRow:
    """Return the row that has the value in a field.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    rows = context.store.find(meta.label, wire, value)
    if not rows:
        raise not_found()
    return resources.get(context, meta, rows[0]["id"])

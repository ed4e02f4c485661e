"""Agents of Talk: their availability, and the pages that their browsers display.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/availabilities/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.tickets import tickets
from zendesk_orm.support import Ticket, User
from zendesk_orm.talk import Agent


#: The availability of an agent that was never updated.
_DEFAULTS: Mapping[str, Any] = {"agent_state": "offline", "call_status": None, "via": "client"}

#: The origin of a ticket by `via_id`.
_VIA = {44: "voicemail", 45: "inbound", 46: "outbound"}


@route("GET", "channels/voice/availabilities/{user}", Agent)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return the availability of an agent.

    Raises:
        HTTPError: 404, if the user is not an agent.
    """
    return _respond(_get_availability(context, target.args[0]))


@route("PUT", "channels/voice/availabilities/{user}", Agent)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update the availability of an agent.

    Raises:
        HTTPError: 404, if the user is not an agent; 422, if the state is unknown.
    """
    agent = target.args[0]
    values = resources.select_fields(Agent._meta, request.get_object("availability"))
    row = {**_get_availability(context, agent), **values, "user_id": agent}
    for name in ("agent_state", "via"):
        if row[name] not in Agent._meta.fields[name].kind.choices:
            raise invalid_record({name: [field_error(f"{name}: is invalid", "InvalidValue")]})
    context.write(Agent._meta, row, words="")
    return _respond(row)


@route("POST", "channels/voice/agents/{user}/tickets/{ticket_shown}/display", Agent)
def display_ticket(context: Context, request: Request, target: Target) -> Response:
    """Display a ticket in the browser of an agent.

    Raises:
        HTTPError: 404, if agent or ticket do not exist.
    """
    agent, ticket = target.args
    _get_availability(context, agent)
    resources.get(context, Ticket._meta, ticket)
    return Response()


@route("POST", "channels/voice/agents/{user}/users/{user_shown}/display", Agent)
def display_user(context: Context, request: Request, target: Target) -> Response:
    """Display the profile of a user in the browser of an agent.

    Raises:
        HTTPError: 404, if agent or user do not exist.
    """
    agent, user = target.args
    _get_availability(context, agent)
    resources.get(context, User._meta, user)
    return Response()


@route("POST", "channels/voice/tickets", Agent)
def create_ticket(context: Context, request: Request, target: Target) -> Response:
    """Create a ticket about a call of another telephone system.

    Raises:
        HTTPError: 422, if `via_id` is unknown, or `display_to_agent` is not an agent.
    """
    payload = request.get_object("ticket")
    via = _VIA.get(payload.get("via_id", 0))
    if via is None:
        raise invalid_record({"via_id": [field_error("Via: is invalid", "InvalidValue")]})
    agent = request.body.get("display_to_agent")
    if agent is not None and not _is_agent(context, agent):
        error = field_error("Display to agent: is invalid", "InvalidValue")
        raise invalid_record({"display_to_agent": [error]})
    voice = payload.get("voice_comment") or {}
    comment = payload.get("comment") or {
        "body": f"{via.capitalize()} from {voice.get('from')} to {voice.get('to')}"
    }
    written = tickets.create(context, Ticket._meta, {**payload, "comment": comment}, {})
    stored = resources.get(context, Ticket._meta, written.row["id"])
    source = {"from": {"phone": voice.get("from")}, "to": {"phone": voice.get("to")}, "rel": via}
    row = {**stored.doc, "via": {"channel": "voice", "source": source}}
    context.write(Ticket._meta, row, state=stored.state, words=stored.words)
    return Response(201, dump_json({"ticket": row, **written.extra}))


def _get_availability(context: Context, pk: Any) -> dict[str, Any]:
    """Return the availability of an agent, by default offline.

    Raises:
        HTTPError: 404, if the user is not an agent.
    """
    if not _is_agent(context, pk):
        raise not_found()
    return context.store.get(Agent._meta.label, pk) or {**_DEFAULTS, "user_id": pk}


def _is_agent(context: Context, pk: Any) -> bool:
    user = context.store.get(User._meta.label, pk)
    return user is not None and user["role"] in {"agent", "admin"}


def _respond(row: Mapping[str, Any]) -> Response:
    return Response(text=dump_json({"availability": {name: row[name] for name in _DEFAULTS}}))

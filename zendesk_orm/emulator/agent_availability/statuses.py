"""Unified statuses of agents, which the emulator stores as their availability.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import end_of_list
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import AgentAvailability, AgentStatus, AgentStatusJob, User


_PATH = "agent_availabilities/agent_statuses"
_CHANNELS = ("support", "messaging", "talk")
OFFLINE = 2
#: The status of all channels in each status of an agent.
_CHANNEL_STATUSES: Mapping[int, tuple[str, str]] = {
    2: ("Offline", "offline"),
    3: ("Online", "online"),
    4: ("Away", "away"),
    5: ("Transfers only", "transfers_only"),
}


def list_statuses(context: Context) -> dict[str, list[dict[str, Any]]]:
    """Return the statuses in two lists: those of every account, and those of this account."""
    default = [
        {
            "id": pk,
            "name": name,
            "description": None,
            "channels": dict.fromkeys(_CHANNELS, channel_status),
        }
        for pk, (name, channel_status) in _CHANNEL_STATUSES.items()
    ]
    rows = context.store.find(AgentStatus._meta.label, "kind", "custom")
    custom = [{key: value for key, value in row.items() if key != "kind"} for row in rows]
    return {"default": default, "custom": custom}


def find_status(context: Context, pk: Any) -> dict[str, Any]:
    """Return a status.

    Raises:
        HTTPError: 422, if it does not exist; unconfirmed.
    """
    lists = list_statuses(context)
    for row in (*lists["default"], *lists["custom"]):
        if row["id"] == pk:
            return row
    body = {"errors": [{"code": "InvalidStatus", "title": f"There is no status {pk}"}]}
    raise HTTPError(422, body, UNCONFIRMED)


def get_state(context: Context, agent: int) -> dict[str, Any]:
    """Return the stored status of an agent; at first offline."""
    stored = context.store.get(AgentAvailability._meta.label, str(agent))
    return stored or {"agent_status_id": OFFLINE, "updated_at": None, "version": 1}


@route("GET", _PATH, AgentStatus)
@route("GET", f"{_PATH}/me", AgentStatus)
def list_all(context: Context, request: Request, target: Target) -> Response:
    """List the statuses."""
    return Response(text=dump_json({**list_statuses(context), **end_of_list()}))


@route("PUT", f"{_PATH}/agents/{{agent}}", AgentStatus)
def assign(context: Context, request: Request, target: Target) -> Response:
    """Set the status of an agent.

    Raises:
        HTTPError: 404, if the agent does not exist; 422, if the status does not exist.
    """
    agent = find_agent(context, target.args[0])["id"]
    return Response(text=dump_json(_set_status(context, [agent], request)))


@route("PUT", f"{_PATH}/agents/me", AgentStatus)
def assign_to_caller(context: Context, request: Request, target: Target) -> Response:
    """Set the status of the caller.

    Raises:
        HTTPError: 422, if the status does not exist.
    """
    return Response(text=dump_json(_set_status(context, [context.user_id], request)))


@route("PUT", f"{_PATH}/agents/update_many", AgentStatus)
def assign_to_many(context: Context, request: Request, target: Target) -> Response:
    """Set the status of agents in a job, which has ended at once.

    Raises:
        HTTPError: 404, if an agent does not exist; 422, if the status does not exist.
    """
    agents = [find_agent(context, pk)["id"] for pk in request.get_ids()]
    _set_status(context, agents, request)
    pk = resources.generate_ulid(context)
    results = [{"id": agent, "success": True} for agent in agents]
    row = {"id": pk, "status": "completed", "results": results}
    context.store.put([StoredRow(AgentStatusJob._meta.label, pk, row)], context.now())
    return Response(202, dump_json({"id": pk, "status": "queued"}))


def find_agent(context: Context, pk: Any) -> dict[str, Any]:
    """Return the row of an agent.

    Raises:
        HTTPError: 404, if the user does not exist or is no agent.
    """
    row = resources.get(context, User._meta, parse_id(str(pk))).doc
    if row["role"] not in ("agent", "admin"):
        raise not_found()
    return row


def _set_status(context: Context, agents: Iterable[int], request: Request) -> dict[str, Any]:
    """Set the status of agents, and return the status."""
    status = find_status(context, request.get_object("")["id"])
    for agent in agents:
        row = {
            "id": str(agent),
            "agent_status_id": status["id"],
            "updated_at": context.timestamp(),
            "version": get_state(context, agent)["version"] + 1,
        }
        context.write(AgentAvailability._meta, row, words="")
    return status

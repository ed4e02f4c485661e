"""Availability of agents, derived from their statuses, groups and tickets.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_availabilities/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.agent_availability import statuses
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import build_link, parse_count
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, dump_json
from zendesk_orm.support import AgentAvailability, GroupMembership, Ticket, User, WorkItem


_PATH = "agent_availabilities"
_PAGE_SIZE = 100
#: The largest number of work items of a channel.
_MAX_CAPACITY = 6
#: The channel whose work items are tickets.
_SUPPORT = "support"


@route("GET", _PATH, AgentAvailability)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the availability of agents, in the order of their ids."""
    where = Where(f"state < ? AND {json_value('role')} IN ('agent', 'admin')", (DELETED,))
    agents = [row["id"] for row in context.store.select(User._meta.label, where)]
    documents = [build_document(context, agent) for agent in agents]
    channels = {row["id"]: included for row, included in documents}
    body = _build_page(request, [item[0] for item in documents if _matches(item, request)])
    included = [channel for row in body["data"] for channel in channels[row["id"]]]
    return Response(text=dump_json({**body, "included": included}))


@route("GET", f"{_PATH}/{{id}}", AgentAvailability)
def show(context: Context, request: Request, target: Target) -> Response:
    """Show the availability of an agent.

    Raises:
        HTTPError: 404, if the agent does not exist.
    """
    row, channels = build_document(context, statuses.find_agent(context, target.args[0])["id"])
    return Response(text=dump_json({"data": row, "included": channels}))


@route("GET", f"{_PATH}/me", AgentAvailability)
def show_own(context: Context, request: Request, target: Target) -> Response:
    """Show the availability of the caller."""
    row, channels = build_document(context, context.user_id)
    return Response(text=dump_json({"data": row, "included": channels}))


@route("GET", f"{_PATH}/{{agent}}/channels/{{channel}}/relationships/work_items", WorkItem)
def list_work_items(context: Context, request: Request, target: Target) -> Response:
    """List the work items of an agent: of the channel `support`, the open tickets.

    Raises:
        HTTPError: 404, if the agent does not exist.
    """
    agent, channel = target.args
    pk = statuses.find_agent(context, agent)["id"]
    rows = [
        {
            "id": str(ticket["id"]),
            "type": "work_items",
            "attributes": {"added_at": ticket["updated_at"], "reason": "assigned"},
        }
        for ticket in (_list_tickets(context, pk) if channel == _SUPPORT else ())
    ]
    return Response(text=dump_json(_build_page(request, rows)))


def build_document(context: Context, agent: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of an agent, and the rows of the agent's channels."""
    state = statuses.get_state(context, agent)
    status = statuses.find_status(context, state["agent_status_id"])
    memberships = context.store.find(GroupMembership._meta.label, "user_id", agent)
    channels = [
        {
            "id": f"{agent}:{name}",
            "type": "channels",
            "attributes": {
                "name": name,
                "status": channel_status,
                "max_capacity": _MAX_CAPACITY,
                "work_item_count": len(_list_tickets(context, agent)) if name == _SUPPORT else 0,
                "updated_at": state["updated_at"],
            },
        }
        for name, channel_status in status["channels"].items()
    ]
    names = [{"id": channel["id"], "type": "channels"} for channel in channels]
    row = {
        "id": str(agent),
        "type": _PATH,
        "attributes": {
            "agent_id": agent,
            "agent_status": {
                "id": status["id"],
                "name": status["name"],
                "reason": None,
                "updated_at": state["updated_at"],
            },
            "group_ids": [membership["group_id"] for membership in memberships],
            "skills": [],
            "version": state["version"],
        },
        "relationships": {"channels": {"data": names}},
        "links": {"self": f"/api/v2/{_PATH}/{agent}"},
    }
    return row, channels


def _build_page(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of the requested page of rows, which are in the order of their ids."""
    after = request.params.get("page[after]")
    if after and is_number(after):
        rows = [row for row in rows if int(row["id"]) > int(after)]
    size = parse_count(request, "page[size]", _PAGE_SIZE, limit=_PAGE_SIZE)
    page, has_more = rows[:size], len(rows) > size
    link = build_link(request, {"page[after]": page[-1]["id"]}) if has_more else None
    return {"data": page, "links": {"next": link, "prev": None}, "meta": {"has_more": has_more}}


def _matches(item: tuple[dict[str, Any], list[dict[str, Any]]], request: Request) -> bool:
    """Return True if an agent matches the filters of a request."""
    row, channels = item
    attributes = row["attributes"]
    channel_status = request.params.get("filter[channel_status]")
    pairs = {f"{c['attributes']['name']}:{c['attributes']['status']}" for c in channels}
    if channel_status is not None and channel_status not in pairs:
        return False
    status = request.params.get("filter[agent_status_id]")
    if status is not None and status != str(attributes["agent_status"]["id"]):
        return False
    groups = request.get_ids("filter[group_ids]")
    return not groups or not set(groups).isdisjoint(attributes["group_ids"])


def _list_tickets(context: Context, agent: int) -> list[dict[str, Any]]:
    """Return the open tickets of an agent."""
    where = Where("state = ?", (ALIVE,)) & where_equal("assignee_id", agent)
    return context.store.select(Ticket._meta.label, where & where_equal("status", "open"))

"""Statistics of Talk: they are counted from the calls of the day, which starts at midnight in UTC.

Calls that wait or that are put on hold are not emulated, so that their numbers are 0.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/stats/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud.paging import build_offset_links, parse_count
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import GroupMembership, User
from zendesk_orm.talk import (
    AccountOverview,
    Agent,
    AgentActivity,
    AgentsOverview,
    Call,
    CurrentQueueActivity,
)


_DAY, _PAGE_SIZE = 86_400, 100
#: The values of calls that statistics of the account sum up, and calculate the average of.
_SUMS: Mapping[str, str] = {
    "total_call_duration": "duration",
    "total_hold_time": "hold_time",
    "total_wrap_up_time": "wrap_up_time",
}
_AVERAGES: Mapping[str, str] = {
    "average_call_duration": "duration",
    "average_hold_time": "hold_time",
    "average_queue_wait_time": "wait_time",
    "average_time_to_answer": "time_to_answer",
    "average_wrap_up_time": "wrap_up_time",
}
_FLAGS: Mapping[str, str] = {
    "total_callback_calls": "callback",
    "total_calls_outside_business_hours": "outside_business_hours",
    "total_calls_with_exceeded_queue_wait_time": "exceeded_queue_wait_time",
    "total_calls_with_requested_voicemail": "customer_requested_voicemail",
    "total_voicemails": "voicemail",
}
#: The same for each agent.
_SUMS_OF_AGENTS: Mapping[str, str] = {
    "total_call_duration": "duration",
    "total_talk_time": "talk_time",
    "total_hold_time": "hold_time",
    "total_wrap_up_time": "wrap_up_time",
}
_AVERAGES_OF_AGENTS: Mapping[str, str] = {
    f"average_{wire}": wire for wire in ("hold_time", "talk_time", "wrap_up_time")
}
_Rows = Sequence[Mapping[str, Any]]


@route("GET", "channels/voice/stats/account_overview", AccountOverview)
def show_account(context: Context, request: Request, target: Target) -> Response:
    """Return the statistics of all phone numbers, or of those in `phone_number_ids`."""
    calls = _select_calls(context, request)
    inbound = [call for call in calls if call["direction"] == "inbound"]
    row = {
        **dict.fromkeys(build_row(AccountOverview._meta), 0),
        "total_calls": len(calls),
        "total_inbound_calls": len(inbound),
        "total_outbound_calls": len(calls) - len(inbound),
        "total_calls_abandoned_in_queue": sum(
            call["completion_status"] == "abandoned_in_queue" for call in calls
        ),
        **{name: _sum(calls, wire) for name, wire in _SUMS.items()},
        **{name: _average(calls, wire) for name, wire in _AVERAGES.items()},
        **{name: sum(bool(call[wire]) for call in calls) for name, wire in _FLAGS.items()},
        "max_calls_waiting": int(any(call["wait_time"] for call in calls)),
        "max_queue_wait_time": max((call["wait_time"] or 0 for call in calls), default=0),
        "current_timestamp": int(context.now()),
    }
    return Response(text=dump_json({target.endpoint.key: row}))


@route("GET", "channels/voice/stats/current_queue_activity", CurrentQueueActivity)
def show_queues(context: Context, request: Request, target: Target) -> Response:
    """Return the current queues, which are empty, and the number of agents that are online."""
    agents = context.store.find(Agent._meta.label, "agent_state", "online")
    row = {
        **dict.fromkeys(build_row(CurrentQueueActivity._meta), 0),
        "agents_online": len(agents),
        "current_timestamp": int(context.now()),
    }
    return Response(text=dump_json({target.endpoint.key: row}))


@route("GET", "channels/voice/stats/agents_overview", AgentsOverview)
def show_agents(context: Context, request: Request, target: Target) -> Response:
    """Return the sums of the statistics of all agents, and the averages for each; unconfirmed."""
    agents = _count_by_agent(context, request)
    row = dict.fromkeys(build_row(AgentsOverview._meta), 0)
    for name in row:
        kind, _, wire = name.partition("_")
        # Agents have `calls_accepted`, but `total_talk_time`.
        wire = wire if agents and wire in agents[0] else f"total_{wire}"
        row[name] = _average(agents, wire) if kind == "average" else _sum(agents, wire)
    row["current_timestamp"] = int(context.now())
    return Response(text=dump_json({target.endpoint.key: row}))


@route("GET", "channels/voice/stats/agents_activity", AgentActivity)
def list_agents(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the statistics of each agent, or of those in some groups."""
    rows = _count_by_agent(context, request)
    number, size = parse_count(request, "page", 1), parse_count(request, "per_page", _PAGE_SIZE)
    page = rows[(number - 1) * size : number * size]
    links = build_offset_links(request, number, size, len(rows))
    return Response(text=dump_json({target.endpoint.key: page, **links, "count": len(rows)}))


def _count_by_agent(context: Context, request: Request) -> list[dict[str, Any]]:
    """Return the statistics of each agent. Rows that were inserted replace counted ones."""
    store, exists = context.store, Where("state < ?", (DELETED,))
    where = exists & where_in(json_value("role"), ("admin", "agent"))
    groups = request.get_ids("group_ids")
    if groups:
        in_groups = exists & where_in(json_value("group_id"), groups)
        memberships = store.select(GroupMembership._meta.label, in_groups)
        where &= where_in("id", [row["user_id"] for row in memberships])
    calls = _select_calls(context, request)
    rows = {
        user["id"]: _count(
            context, user, [call for call in calls if call["agent_id"] == user["id"]]
        )
        for user in store.select(User._meta.label, where)
    }
    inserted = store.select(AgentActivity._meta.label, exists)
    rows |= {row["agent_id"]: row for row in inserted if row["agent_id"] in rows or not groups}
    return list(rows.values())


def _count(context: Context, user: Mapping[str, Any], calls: _Rows) -> dict[str, Any]:
    """Return the statistics of an agent, who accepted some calls."""
    state = context.store.get(Agent._meta.label, user["id"]) or {"agent_state": "offline"}
    return {
        **dict.fromkeys(build_row(AgentActivity._meta), 0),
        **{name: state.get(name) for name in ("agent_state", "call_status", "via")},
        "agent_id": user["id"],
        "name": user["name"],
        "avatar_url": (user.get("photo") or {}).get("content_url"),
        "forwarding_number": None,
        "calls_accepted": len(calls),
        **{name: _sum(calls, wire) for name, wire in _SUMS_OF_AGENTS.items()},
        **{name: _average(calls, wire) for name, wire in _AVERAGES_OF_AGENTS.items()},
    }


def _select_calls(context: Context, request: Request) -> _Rows:
    """Return the calls of the day, or those of the phone numbers of the request."""
    midnight = context.now() // _DAY * _DAY
    where = Where(f"{json_value('created_at')} >= ?", (format_timestamp(midnight),))
    numbers = request.get_ids("phone_number_ids")
    if numbers:
        where &= where_in(json_value("phone_number_id"), numbers)
    return context.store.select(Call._meta.label, where & Where("state < ?", (DELETED,)))


def _sum(rows: _Rows, wire: str) -> int:
    return sum(row.get(wire) or 0 for row in rows)


def _average(rows: _Rows, wire: str) -> int:
    return round(_sum(rows, wire) / len(rows)) if rows else 0

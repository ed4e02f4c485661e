"""Availability of groups, derived from the statuses of their agents.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from zendesk_orm.emulator.agent_availability import availabilities
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.bulk import ACCOUNT_ID
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import Group, GroupAvailability, GroupMembership


@route("GET", "account_groups/availability/{id}", GroupAvailability)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return the numbers of agents of a group by status; the form of `unified_states` is a guess.

    Raises:
        HTTPError: 404, if the group does not exist.
    """
    group = resources.get(context, Group._meta, target.args[0]).id
    members = context.store.find(GroupMembership._meta.label, "group_id", group)
    documents = [availabilities.build_document(context, row["user_id"]) for row in members]
    channels: dict[str, Any] = {}
    for _, rows in documents:
        for attributes in (row["attributes"] for row in rows):
            channel = channels.setdefault(
                attributes["name"], {"state_counts": Counter(), "total_consumed_capacity": 0}
            )
            channel["state_counts"][attributes["status"]] += 1
            channel["total_consumed_capacity"] += attributes["work_item_count"]
    states = Counter(str(row["attributes"]["agent_status"]["id"]) for row, _ in documents)
    body = {
        "account_id": ACCOUNT_ID,
        "group_id": group,
        "channel_group_statuses": channels,
        "unified_states": states,
        "version": sum(row["attributes"]["version"] for row, _ in documents),
    }
    return Response(text=dump_json(body))

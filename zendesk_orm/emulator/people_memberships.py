"""Group memberships: which agents are in which groups, and which group is an agent's default.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, value_of
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Group, GroupMembership, Ticket, User


META = GroupMembership._meta
#: The statuses of tickets that are taken from an agent who leaves their group.
_WORKING = ("new", "open", "pending", "hold")

# Whoever has a default group is a member of it, also where nobody said so.
_UNSETTLED = """
SELECT id, json_extract(doc, '$.default_group_id') FROM rows AS agents
WHERE kind = 'support.User' AND state < ? AND json_extract(doc, '$.default_group_id') IS NOT NULL
AND NOT EXISTS (
    SELECT 1 FROM rows AS known WHERE known.kind = 'support.GroupMembership'
    AND json_extract(known.doc, '$.user_id') = agents.id
    AND json_extract(known.doc, '$.group_id') = json_extract(agents.doc, '$.default_group_id')
)
"""


def settle(world: World) -> None:
    """Make the memberships that follow from the default groups of agents."""
    for user, group in world.store.execute(_UNSETTLED, (DELETED,)):
        if world.store.get(Group._meta.label, group) is not None:
            also = {"user_id": user, "group_id": group, "default": True}
            plain.create(world, META, {}, {}, also)


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make an agent a member of a group; the first group is the default one.

    Raises:
        Refusal: the user is no agent, or a member already.
    """
    settle(world)
    user, group = payload.get("user_id"), payload.get("group_id")
    known = world.store.get(User._meta.label, user)
    if known is None or world.store.get(Group._meta.label, group) is None:
        raise not_found()
    if known["role"] == "end-user":
        text = f"User: {known['name']} is not an agent"
        raise invalid_record({"user": [complaint(text, "InvalidValue")]})
    held = of_user(world, user)
    if any(row["group_id"] == group for row in held):
        text = "User: has already been taken"
        raise invalid_record({"user_id": [complaint(text, "DuplicateValue")]})
    written = plain.create(world, meta, payload, given, {"default": False})
    if payload.get("default") or not held:
        return Written(choose(world, written.row))
    return written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Take an agent out of a group, and away from its tickets."""
    row = stored.doc
    written = plain.delete(world, meta, stored)
    unassign(world, row["user_id"], row["group_id"])
    if row["default"]:
        left = of_user(world, row["user_id"])
        if left:
            choose(world, left[0])
        else:
            _tell_user(world, row["user_id"], None)
    return written


def choose(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """Let a membership be the agent's default one, and return it."""
    for other in of_user(world, row["user_id"]):
        default = other["id"] == row["id"]
        if other["default"] is not default:
            world.write(META, {**other, "default": default, "updated_at": world.stamp()})
    _tell_user(world, row["user_id"], row["group_id"])
    return plain.stored(world, META, row["id"]).doc


def of_user(world: World, user: Any) -> list[dict[str, Any]]:
    """Return the memberships of an agent."""
    return world.store.find(META.label, "user_id", user)


def of_group(world: World, group: Any) -> Where:
    """Return what holds for the users who are in a group."""
    return _joined(world, Group._meta, "user_id", "group_id", group)


def groups_of(world: World, user: Any) -> Where:
    """Return what holds for the groups that a user is in."""
    return _joined(world, User._meta, "group_id", "user_id", user)


def unassign(world: World, user: Any, group: Any) -> None:
    """Take an agent off the tickets of a group that are being worked on."""
    sql = (
        "UPDATE rows SET doc = json_set(doc, '$.assignee_id', NULL) WHERE kind = ? "  # noqa: S608 - values are question marks
        f"AND {value_of('assignee_id')} = ? AND {value_of('group_id')} = ? "
        f"AND {value_of('status')} IN (?, ?, ?, ?)"
    )
    world.store.execute(sql, (Ticket._meta.label, user, group, *_WORKING))


def _joined(world: World, meta: Options, mine: str, other: str, pk: Any) -> Where:
    settle(world)
    plain.stored(world, meta, pk)
    return Where(
        f"id IN (SELECT {value_of(mine)} FROM rows "  # noqa: S608 - values are bound
        f"WHERE kind = ? AND state < ? AND {value_of(other)} = ?)",
        (META.label, DELETED, pk),
    )


def _tell_user(world: World, pk: Any, group: Any) -> None:
    stored = plain.stored(world, User._meta, pk)
    if stored.doc["default_group_id"] != group:
        row = {**stored.doc, "default_group_id": group, "updated_at": world.stamp()}
        world.write(User._meta, row, state=stored.state)

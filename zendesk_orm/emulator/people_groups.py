"""Groups and their members, asked for in the ways that no verb tells everything about.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import people_memberships, plain, reads
from zendesk_orm.emulator.belonging import belonging
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import missing_parameter, not_found
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Where, dumped, spaced, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Group, User


_ALIVE = Where("state < ?", (DELETED,))
#: What is told of an agent who can be added to groups.
_TOLD = ("id", "name", "email", "role", "role_type", "custom_role_id", "suspended")


def default(world: World, call: Call, target: Target) -> Answer:
    """Answer with the default group.

    Raises:
        Refusal: there is none.
    """
    found = world.store.find(Group._meta.label, "default", 1)
    if not found:
        raise not_found()
    return Answer(text=dumped({"group": found[0]}))


def autocomplete(world: World, call: Call, target: Target) -> Answer:
    """Answer with the groups that have a name of which a word begins so.

    Raises:
        Refusal: no name is given.
    """
    if not call.params.get("name"):
        raise missing_parameter("name")
    begun = spaced(call.params["name"]).rstrip()
    where = _ALIVE & Where(f"instr(spaced({value_of('name')}), ?) > 0", (begun,))
    found = page(world, call, target, where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def available_agents(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the agents who can be added to groups."""
    where = _ALIVE & Where(f"{value_of('role')} IN ('agent', 'admin')")
    found = page(world, call, evolve(target, meta=User._meta), where)
    rows = [_agent(json.loads(text)) for text in found.texts]
    return Answer(text=reads.listing(target, map(dumped, rows), "", found.about))


def memberships(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of memberships, all or those of a user or a group."""
    return _memberships(world, call, target, _ALIVE)


def assignable(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the memberships of agents whom tickets can be assigned to."""
    able = Where(
        f"{value_of('user_id')} IN (SELECT id FROM rows WHERE kind = ? "  # noqa: S608 - values are question marks
        f"AND state < ? AND {value_of('suspended')} = 0)",
        (User._meta.label, DELETED),
    )
    return _memberships(world, call, target, _ALIVE & able)


def make_default(world: World, call: Call, target: Target) -> Answer:
    """Answer with the memberships of an agent, of which another is the default one now."""
    user, pk = target.places
    row = plain.stored(world, target.meta, pk).doc
    if row["user_id"] != user:
        raise not_found()
    people_memberships.choose(world, row)
    return Answer(text=dumped({"group_memberships": people_memberships.of_user(world, user)}))


def _memberships(world: World, call: Call, target: Target, where: Where) -> Answer:
    people_memberships.settle(world)
    for name, value in target.values.items():
        where &= belonging(world, target.meta, name, value)
    found = page(world, call, target, where)
    beside = sideloaded(world, call, target, found.texts)
    return Answer(text=reads.listing(target, found.texts, beside, found.about))


def _agent(user: Mapping[str, Any]) -> dict[str, Any]:
    photo = user["photo"] or {}
    told = {name: user[name] for name in _TOLD}
    return {**told, "photo_url": photo.get("content_url"), "entitlements": ["support"]}


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "groups/default", "support.Group"): default,
    ("GET", "groups/autocomplete", "support.Group"): autocomplete,
    ("GET", "groups/available_agents", "support.AvailableAgent"): available_agents,
    ("GET", "group_memberships", "support.GroupMembership"): memberships,
    ("GET", "users/{}/group_memberships", "support.GroupMembership"): memberships,
    ("GET", "groups/{}/memberships", "support.GroupMembership"): memberships,
    ("GET", "group_memberships/assignable", "support.GroupMembership"): assignable,
    ("GET", "groups/{}/memberships/assignable", "support.GroupMembership"): assignable,
    (
        "PUT",
        "users/{}/group_memberships/{}/make_default",
        "support.GroupMembership",
    ): make_default,
}

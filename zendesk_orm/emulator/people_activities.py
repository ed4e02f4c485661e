"""Activities: what others did to the tickets of an agent, as the audits tell.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zendesk_orm.emulator import reads
from zendesk_orm.emulator.paging import RANKED, page
from zendesk_orm.emulator.store import Where, dumped, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import Activity, Audit, Ticket, User


_META = Activity._meta
#: Seconds for which activities are told.
KEPT = 30 * 86_400


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the activities of whoever is asking, and the users in them."""
    found = page(world, call, target, _mine(world, call))
    rows = world.store.docs(_META.label, _mine(world, call))
    people = {
        plural: list({row[key]["id"]: row[key] for row in rows if row[key]}.values())
        for plural, key in (("actors", "actor"), ("users", "user"))
    }
    beside = f",{dumped(people)[1:-1]}"
    return Answer(text=reads.listing(target, found.texts, beside, found.about))


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with one activity."""
    settle(world)
    return reads.show(world, call, target)


def count(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many there are."""
    number = world.store.count(_META.label, _mine(world, call))
    return Answer(text=dumped({"count": {"value": number, "refreshed_at": world.stamp()}}))


def settle(world: World) -> None:
    """Make the activities that follow from what was done to the tickets of whoever is asking."""
    user = world.store.get(User._meta.label, world.author)
    recent = Where(f"{value_of('created_at')} >= ?", (_limit(world),))
    for audit in world.store.docs(Audit._meta.label, recent):
        if user is None or audit["author_id"] == user["id"]:
            continue
        ticket = world.store.get(Ticket._meta.label, audit["ticket_id"])
        actor = world.store.get(User._meta.label, audit["author_id"])
        if ticket is None or actor is None:
            continue
        for pk, verb, title in _told(audit, ticket, user["id"]):
            if world.store.get(_META.label, pk) is None:
                _keep(world, pk, verb, f"{actor['name']} {title}", audit, ticket, user, actor)


def _told(
    audit: Mapping[str, Any], ticket: Mapping[str, Any], agent: int
) -> Iterator[tuple[int, str, str]]:
    """Yield id, verb and what was done, of each event of an audit that an agent is told."""
    name = f"ticket #{ticket['id']}"
    for event in audit["events"]:
        field, value, before = (event.get(key) for key in ("field_name", "value", "previous_value"))
        if field == "assignee_id" and value == str(agent):
            yield event["id"], "tickets.assignment", f"assigned {name} to you."
        elif ticket["assignee_id"] != agent:
            continue
        elif event["type"] == "Comment":
            yield event["id"], "tickets.comment", f"commented on {name}."
        elif field == "priority" and _rank(value) > _rank(before) and event["type"] == "Change":
            yield event["id"], "tickets.priority_increase", f"raised the priority of {name}."


def _rank(priority: Any) -> int:
    ranks = RANKED["priority"]
    return ranks.index(priority) if priority in ranks else -1


def _keep(
    world: World,
    pk: int,
    verb: str,
    title: str,
    audit: Mapping[str, Any],
    ticket: Mapping[str, Any],
    user: Mapping[str, Any],
    actor: Mapping[str, Any],
) -> None:
    about = {"ticket": {"id": ticket["id"], "subject": ticket["subject"]}}
    row = {
        "url": f"{HOME}/api/v2/activities/{pk}.json",
        "id": pk,
        "title": title,
        "verb": verb,
        "user_id": user["id"],
        "actor_id": actor["id"],
        "updated_at": audit["created_at"],
        "created_at": audit["created_at"],
        "object": about,
        "target": about,
        "user": user,
        "actor": actor,
    }
    world.write(_META, row, words="")


def _mine(world: World, call: Call) -> Where:
    settle(world)
    since = max(call.params.get("since", ""), _limit(world))
    return Where(
        f"{value_of('user_id')} = ? AND {value_of('created_at')} >= ?", (world.author, since)
    )


def _limit(world: World) -> str:
    return world.stamp(world.now() - KEPT)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "activities", "support.Activity"): list_rows,
    ("GET", "activities/count", "support.Activity"): count,
    ("GET", "activities/{}", "support.Activity"): show,
}

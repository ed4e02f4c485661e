"""Skills-based routing: attributes and their values, of agents and of tickets, and what changed.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.job_queue import Order, one_by_one, queue, said
from zendesk_orm.emulator.paging import number, page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import among, listing
from zendesk_orm.emulator.refusals import Refusal, invalid_attribute
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    AgentSkill,
    RoutingAttribute,
    RoutingAttributeValue,
    Ticket,
    User,
)


#: The name of the jobs, in `jobs.WORKS`.
WORK = "skills"
#: Rows of one page of changes.
MOST = 3000

_ATTRIBUTE, _VALUE, _SKILL = RoutingAttribute._meta, RoutingAttributeValue._meta, AgentSkill._meta
_CHANGES = {
    _ATTRIBUTE.label: "attributes",
    _VALUE.label: "attribute_values",
    _SKILL.label: "instance_values",
}
#: Where the values of tickets are kept.
_TICKETS = "routing.Ticket"


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make an attribute, or a value of one."""
    written = plain.create(world, meta, payload, given)
    _note(world, meta, "create", written.row)
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change an attribute, or a value of one."""
    written = plain.update(world, meta, stored, payload)
    _note(world, meta, "update", written.row)
    return written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete an attribute with its values, or a value with all who have it."""
    if meta.label == _ATTRIBUTE.label:
        for value in world.store.docs(_VALUE.label, Where("parent = ?", (stored.id,))):
            delete(world, _VALUE, plain.stored(world, _VALUE, value["id"]))
    else:
        for skill in world.store.find(_SKILL.label, "attribute_value_id", stored.id):
            _lose(world, skill)
    _note(world, meta, "delete", stored.doc)
    return plain.delete(world, meta, stored)


def of_agent(world: World, call: Call, target: Target) -> Answer:
    """Answer with the values that an agent has."""
    return _told(_agents(world, plain.stored(world, User._meta, target.places[0]).id))


def set_of_agent(world: World, call: Call, target: Target) -> Answer:
    """Answer with the values that an agent has now, in the place of all others."""
    agent = plain.stored(world, User._meta, target.places[0]).id
    _replace(world, agent, [{"id": pk} for pk in call.body.get("attribute_value_ids") or ()])
    return _told(_agents(world, agent))


def of_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with the values that a ticket has."""
    return _told(_tickets(world, plain.stored(world, Ticket._meta, target.places[0]).id))


def set_of_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with the values that a ticket has now; those that are not there are left out."""
    ticket = plain.stored(world, Ticket._meta, target.places[0]).id
    ids = list(call.body.get("attribute_value_ids") or ())
    before = [each["id"] for each in _tickets(world, ticket)]
    world.store.put([Stored(_TICKETS, ticket, {"ids": ids})], world.now())
    now = _tickets(world, ticket)
    for act, gone in (("associate", False), ("unassociate", True)):
        rows = before if gone else [each["id"] for each in now]
        others = [each["id"] for each in now] if gone else before
        for pk in rows:
            if pk not in others:
                _tie(world, f"{act}_ticket", pk, f"{ticket}-{pk}", ticket)
    return _told(now)


def of_agents(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what several agents can do.

    Raises:
        Refusal: none was named.
    """
    ids = call.ids("filter[agent_ids]")
    if not ids:
        raise invalid_attribute("filter", "filter must be present")
    where = Where("state < ?", (DELETED,)) & among(value_of("agent_id"), ids)
    found = page(world, call, target, where)
    return Answer(text=listing(target, found.texts, "", found.about))


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that gives values to agents, or takes them."""
    job = call.envelope("job")
    values = (job.get("attributes") or {}).get("attribute_values") or []
    order = Order(
        WORK,
        "Bulk upsert/update/delete agent instance values",
        "Updating agent",
        list(job.get("items") or ()),
        {"action": job.get("action"), "values": values},
    )
    return queue(world, order)


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Do what was ordered, agent by agent."""
    action, values = order.more["action"], order.more["values"]

    def do(agent: Any) -> Any:
        plain.stored(world, User._meta, agent)
        if action == "update":
            _replace(world, agent, values)
        for each in values if action == "upsert" else ():
            _gain(world, agent, each)
        if action == "delete":
            gone = {each["id"] for each in values}
            for skill in _skills(world, agent):
                if skill["attribute_value_id"] in gone:
                    _lose(world, skill)
        return agent

    def told(index: int, agent: Any) -> dict[str, Any]:
        return {"id": agent, "action": action, "status": "Updated", "success": True}

    def failed(index: int, agent: Any, refusal: Refusal) -> dict[str, Any]:
        return {"id": agent, "index": index, "error": "Failed", "details": said(refusal)}

    return one_by_one(world, enumerate(order.items), do, told, failed)


def fulfilled(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tickets all of whose values the caller has."""
    mine = {each["attribute_value_id"] for each in _skills(world, world.author)}
    ids = [
        pk for pk in call.ids("ticket_ids") if {each["id"] for each in _tickets(world, pk)} <= mine
    ]
    return Answer(text=dumped({"fulfilled_ticket_ids": ids}))


def changes(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of changes, and where the next one begins."""
    key = _CHANGES[target.meta.label]
    since = number(call, "cursor")
    rows = world.store.texts(f"changes.{key}", Where("id > ?", (since,)), most=MOST)
    end = rows[-1][1] if rows else since
    link = f"{HOME}/api/v2/incremental/routing/{key}.json?cursor={end}"
    about = {"count": len(rows), "end_time": int(world.now()), "next_page": link}
    return Answer(text=f'{{"{key}":[{",".join(row[0] for row in rows)}],{dumped(about)[1:]}')


def _note(world: World, meta: Options, kind: str, row: Mapping[str, Any], **more: Any) -> None:
    """Keep that something changed."""
    key = _CHANGES[meta.label]
    told: dict[str, Any] = {"id": row["id"], "time": world.stamp(), "type": kind}
    told.update(more or {"name": row["name"]})
    if meta.label == _VALUE.label:
        told["attribute_id"] = row["attribute_id"]
    number = world.store.next_id(f"changes {key}")
    world.store.put([Stored(f"changes.{key}", number, told)], world.now())


def _tie(world: World, kind: str, value: Any, pk: Any, instance: Any) -> None:
    row = {"id": pk}
    _note(world, _SKILL, kind, row, attribute_value_id=value, instance_id=str(instance))


def _skills(world: World, agent: Any) -> list[dict[str, Any]]:
    return world.store.find(_SKILL.label, "agent_id", agent)


def _agents(world: World, agent: Any) -> Iterable[dict[str, Any]]:
    for skill in _skills(world, agent):
        value = plain.stored(world, _VALUE, skill["attribute_value_id"]).doc
        yield {**value, "agent_skill_priority": skill["agent_skill_priority"]}


def _tickets(world: World, ticket: Any) -> list[dict[str, Any]]:
    held = world.store.get(_TICKETS, ticket) or {"ids": ()}
    found = [world.store.get(_VALUE.label, pk) for pk in held["ids"]]
    return [each for each in found if each is not None]


def _replace(world: World, agent: Any, values: Iterable[Mapping[str, Any]]) -> None:
    given = list(values)
    wanted = {each["id"] for each in given}
    for skill in _skills(world, agent):
        if skill["attribute_value_id"] not in wanted:
            _lose(world, skill)
    for each in given:
        _gain(world, agent, each)


def _gain(world: World, agent: Any, given: Mapping[str, Any]) -> None:
    value = plain.stored(world, _VALUE, given["id"]).doc
    known = [each for each in _skills(world, agent) if each["attribute_value_id"] == value["id"]]
    priority = given.get("agent_skill_priority")
    if known:
        if priority:
            world.write(_SKILL, {**known[0], "agent_skill_priority": priority})
        return
    also = {
        "agent_id": agent,
        "attribute_id": value["attribute_id"],
        "attribute_value_id": value["id"],
        "name": value["name"],
        "agent_skill_priority": priority or "NORMAL",
    }
    row = plain.create(world, _SKILL, {}, {}, also).row
    _tie(world, "associate_agent", value["id"], row["id"], agent)


def _lose(world: World, skill: Mapping[str, Any]) -> None:
    world.store.drop(_SKILL.label, skill["id"])
    value = skill["attribute_value_id"]
    _tie(world, "unassociate_agent", value, skill["id"], skill["agent_id"])


def _told(values: Iterable[Mapping[str, Any]]) -> Answer:
    return Answer(text=dumped({"attribute_values": list(values)}))


_ONE, _ONES = "routing/agents/{}/instance_values", "routing/agents/instance_values"
_WORK = "routing/tickets/{}/instance_values"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", _ONE, _VALUE.label): of_agent,
    ("POST", _ONE, _VALUE.label): set_of_agent,
    ("GET", _WORK, _VALUE.label): of_ticket,
    ("POST", _WORK, _VALUE.label): set_of_ticket,
    ("GET", _ONES, _SKILL.label): of_agents,
    ("POST", f"{_ONES}/jobs", _VALUE.label): submit,
    ("GET", "routing/requirements/fulfilled", _ATTRIBUTE.label): fulfilled,
    **{("GET", f"incremental/routing/{key}", label): changes for label, key in _CHANGES.items()},
}

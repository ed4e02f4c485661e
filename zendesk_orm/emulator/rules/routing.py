"""Skills-based routing: attributes, their values, the skills of agents, and exports of changes.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.jobs import JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.crud.paging import parse_number, select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.errors import HTTPError, invalid_attribute
from zendesk_orm.emulator.server.routes import creates, deletes, job, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    AgentSkill,
    RoutingAttribute,
    RoutingAttributeValue,
    Ticket,
    User,
)


#: Changes per page of an export.
MAX_ROWS = 3000

_ATTRIBUTE, _VALUE, _SKILL = RoutingAttribute._meta, RoutingAttributeValue._meta, AgentSkill._meta
#: Keys of the exports by the label of the model.
_EXPORTS = {
    _ATTRIBUTE.label: "attributes",
    _VALUE.label: "attribute_values",
    _SKILL.label: "instance_values",
}
#: The kind of the rows that contain the ids of a ticket's values.
_TICKET_KIND = "routing.Ticket"


@creates(RoutingAttribute)
@creates(RoutingAttributeValue)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an attribute, or a value of one."""
    result = resources.create(context, meta, payload, path)
    _record_change(context, meta, "create", result.row)
    return result


@updates(RoutingAttribute)
@updates(RoutingAttributeValue)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update an attribute, or a value of one."""
    result = resources.update(context, meta, stored, payload)
    _record_change(context, meta, "update", result.row)
    return result


@deletes(RoutingAttribute)
@deletes(RoutingAttributeValue)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an attribute with its values, or a value with the skills of agents."""
    if meta.label == _ATTRIBUTE.label:
        for value in context.store.select(_VALUE.label, Where("parent = ?", (stored.id,))):
            delete(context, _VALUE, resources.get(context, _VALUE, value["id"]))
    else:
        for skill in context.store.find(_SKILL.label, "attribute_value_id", stored.id):
            _drop_skill(context, skill)
    _record_change(context, meta, "delete", stored.doc)
    return resources.delete(context, meta, stored)


@route("GET", "routing/agents/{agent}/instance_values", RoutingAttributeValue)
def list_agent_values(context: Context, request: Request, target: Target) -> Response:
    """List the attribute values of an agent."""
    agent = resources.get(context, User._meta, target.args[0]).id
    return _render(_select_agent_values(context, agent))


@route("POST", "routing/agents/{agent}/instance_values", RoutingAttributeValue)
def set_agent_values(context: Context, request: Request, target: Target) -> Response:
    """Replace the attribute values of an agent, and return them."""
    agent = resources.get(context, User._meta, target.args[0]).id
    ids = request.body.get("attribute_value_ids") or ()
    _replace_skills(context, agent, [{"id": pk} for pk in ids])
    return _render(_select_agent_values(context, agent))


@route("GET", "routing/tickets/{ticket}/instance_values", RoutingAttributeValue)
def list_ticket_values(context: Context, request: Request, target: Target) -> Response:
    """List the attribute values of a ticket."""
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    return _render(_select_ticket_values(context, ticket))


@route("POST", "routing/tickets/{ticket}/instance_values", RoutingAttributeValue)
def set_ticket_values(context: Context, request: Request, target: Target) -> Response:
    """Replace the attribute values of a ticket, and return them. Unknown ids are ignored."""
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    ids = list(request.body.get("attribute_value_ids") or ())
    before = [value["id"] for value in _select_ticket_values(context, ticket)]
    context.store.put([StoredRow(_TICKET_KIND, ticket, {"ids": ids})], context.now())
    values = _select_ticket_values(context, ticket)
    after = [value["id"] for value in values]
    for kind, pks, others in (
        ("associate_ticket", after, before),
        ("unassociate_ticket", before, after),
    ):
        for pk in pks:
            if pk not in others:
                _record_skill_change(context, kind, pk, f"{ticket}-{pk}", ticket)
    return _render(values)


@route("GET", "routing/agents/instance_values", AgentSkill)
def list_skills(context: Context, request: Request, target: Target) -> Response:
    """List the skills of several agents.

    Raises:
        HTTPError: 400, if no agents are given.
    """
    ids = request.get_ids("filter[agent_ids]")
    if not ids:
        raise invalid_attribute("filter", "filter must be present")
    where = Where("state < ?", (DELETED,)) & where_in(json_value("agent_id"), ids)
    page = select_page(context, request, target, where)
    return Response(text=render_list(target, page.texts, "", page.metadata))


@route("POST", "routing/agents/instance_values/jobs", RoutingAttributeValue)
def update_skills(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that replaces, adds or removes attribute values of agents."""
    body = request.get_object("job")
    values = (body.get("attributes") or {}).get("attribute_values") or []
    spec = JobSpec(
        "skills",
        "Bulk upsert/update/delete agent instance values",
        "Updating agent",
        list(body.get("items") or ()),
        {"action": body.get("action"), "values": values},
    )
    return queue(context, spec)


@job("skills")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Update the attribute values of the agents of a job, and return one result for each."""
    action, values = spec.options["action"], spec.options["values"]

    def update_agent(agent: Any) -> Any:
        resources.get(context, User._meta, agent)
        if action == "update":
            _replace_skills(context, agent, values)
        elif action == "upsert":
            for value in values:
                _add_skill(context, agent, value)
        elif action == "delete":
            ids = {value.get("id") for value in values}
            for skill in _select_skills(context, agent):
                if skill["attribute_value_id"] in ids:
                    _drop_skill(context, skill)
        return agent

    def build_result(index: int, agent: Any) -> dict[str, Any]:
        return {"id": agent, "action": action, "status": "Updated", "success": True}

    def build_error(index: int, agent: Any, error: HTTPError) -> dict[str, Any]:
        return {"id": agent, "index": index, "error": "Failed", "details": describe_error(error)}

    return run_items(context, enumerate(spec.items), update_agent, build_result, build_error)


@route("GET", "routing/requirements/fulfilled", RoutingAttribute)
def list_fulfilled_tickets(context: Context, request: Request, target: Target) -> Response:
    """List the ids of those tickets whose attribute values the caller has."""
    mine = {skill["attribute_value_id"] for skill in _select_skills(context, context.user_id)}
    ids = [
        pk
        for pk in request.get_ids("ticket_ids")
        if {value["id"] for value in _select_ticket_values(context, pk)} <= mine
    ]
    return Response(text=dump_json({"fulfilled_ticket_ids": ids}))


@route("GET", "incremental/routing/attributes", RoutingAttribute)
@route("GET", "incremental/routing/attribute_values", RoutingAttributeValue)
@route("GET", "incremental/routing/instance_values", AgentSkill)
def export_changes(context: Context, request: Request, target: Target) -> Response:
    """Export the changes after a cursor, with the link to the next page."""
    key = _EXPORTS[target.meta.label]
    since = parse_number(request, "cursor")
    rows = context.store.select_texts(f"changes.{key}", Where("id > ?", (since,)), limit=MAX_ROWS)
    end = rows[-1][1] if rows else since
    link = f"{BASE_URL}/api/v2/incremental/routing/{key}.json?cursor={end}"
    texts = ",".join(text for text, *_ in rows)
    metadata = {"count": len(rows), "end_time": int(context.now()), "next_page": link}
    return Response(text=f'{{"{key}":[{texts}],{dump_json(metadata)[1:]}')


def _record_change(
    context: Context, meta: Options, kind: str, row: Mapping[str, Any], **values: Any
) -> None:
    """Store a change for the exports, by default with the name of the row."""
    key = _EXPORTS[meta.label]
    change: dict[str, Any] = {"id": row["id"], "time": context.timestamp(), "type": kind}
    change.update(values or {"name": row["name"]})
    if meta.label == _VALUE.label:
        change["attribute_id"] = row["attribute_id"]
    number = context.store.next_id(f"changes {key}")
    context.store.put([StoredRow(f"changes.{key}", number, change)], context.now())


def _record_skill_change(context: Context, kind: str, value: Any, pk: Any, instance: Any) -> None:
    """Store that an agent or ticket got or lost an attribute value."""
    values = {"attribute_value_id": value, "instance_id": str(instance)}
    _record_change(context, _SKILL, kind, {"id": pk}, **values)


def _select_skills(context: Context, agent: Any) -> list[dict[str, Any]]:
    return context.store.find(_SKILL.label, "agent_id", agent)


def _select_agent_values(context: Context, agent: Any) -> Iterable[dict[str, Any]]:
    for skill in _select_skills(context, agent):
        value = resources.get(context, _VALUE, skill["attribute_value_id"]).doc
        yield {**value, "agent_skill_priority": skill["agent_skill_priority"]}


def _select_ticket_values(context: Context, ticket: Any) -> list[dict[str, Any]]:
    row = context.store.get(_TICKET_KIND, ticket) or {"ids": ()}
    values = [context.store.get(_VALUE.label, pk) for pk in row["ids"]]
    return [value for value in values if value is not None]


def _replace_skills(context: Context, agent: Any, values: Iterable[Mapping[str, Any]]) -> None:
    """Replace the skills of an agent by attribute values."""
    values = list(values)
    ids = {value.get("id") for value in values}
    for skill in _select_skills(context, agent):
        if skill["attribute_value_id"] not in ids:
            _drop_skill(context, skill)
    for value in values:
        _add_skill(context, agent, value)


def _add_skill(context: Context, agent: Any, payload: Mapping[str, Any]) -> None:
    """Create a skill of an agent, or set its priority.

    Raises:
        HTTPError: 404, if the attribute value does not exist.
    """
    value = resources.get(context, _VALUE, payload.get("id")).doc
    priority = payload.get("agent_skill_priority")
    for skill in _select_skills(context, agent):
        if skill["attribute_value_id"] == value["id"]:
            if priority:
                context.write(_SKILL, {**skill, "agent_skill_priority": priority})
            return
    values = {
        "agent_id": agent,
        "attribute_id": value["attribute_id"],
        "attribute_value_id": value["id"],
        "name": value["name"],
        "agent_skill_priority": priority or "NORMAL",
    }
    row = resources.create(context, _SKILL, {}, {}, values).row
    _record_skill_change(context, "associate_agent", value["id"], row["id"], agent)


def _drop_skill(context: Context, skill: Mapping[str, Any]) -> None:
    context.store.drop(_SKILL.label, skill["id"])
    value = skill["attribute_value_id"]
    _record_skill_change(context, "unassociate_agent", value, skill["id"], skill["agent_id"])


def _render(values: Iterable[Mapping[str, Any]]) -> Response:
    return Response(text=dump_json({"attribute_values": list(values)}))

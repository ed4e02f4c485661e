"""Views: kept with their conditions, and carried out over tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import plain, reads, view_conditions
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import ALIVE, DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket, View


#: The columns of a view that names none, as recorded.
_COLUMNS = ("subject", "requester", "created", "updated", "group", "assignee")
_TITLES = {"created": "Requested", "nice_id": "ID", "due_date": "Due Date"}
#: What columns can be neither filtered nor sorted by, as recorded.
_UNSORTED = frozenset({"subject", "description"})
_UNFILTERED = _UNSORTED | {"created"}
#: The fields behind the columns that a view is sorted by.
_SORTS = {
    "nice_id": "id",
    "created": "created_at",
    "updated": "updated_at",
    "solved": "updated_at",
    "status": "status",
    "priority": "priority",
    "type": "type",
    "assignee": "assignee_id",
    "requester": "requester_id",
    "group": "group_id",
    "organization": "organization_id",
    "brand": "brand_id",
}
_UNSORTED_VIEW = {
    "group_by": None,
    "group_order": "desc",
    "sort_by": None,
    "sort_order": "desc",
}
#: The position of the first view that is made; recorded.
_FIRST = 10_000


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a view.

    Raises:
        Refusal: it has no title, or conditions that a view cannot have.
    """
    payload = _flat(payload)
    asked = payload.get("all")
    if not any(each.get("field") in view_conditions.DEMANDED for each in asked or ()):
        text = "Conditions: all has to check one of " + ", ".join(view_conditions.DEMANDED)
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    also: dict[str, Any] = {
        "conditions": conditions(world, payload, {}),
        "execution": execution(payload, {}),
    }
    if payload.get("position") is None:
        others = world.store.count(meta.label, Where("state < ?", (DELETED,)))
        also["position"] = _FIRST + others
    return plain.create(world, meta, payload, given, also)


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a view.

    Raises:
        Refusal: it would have conditions that a view cannot have.
    """
    payload = _flat(payload)
    also = {
        "conditions": conditions(world, payload, stored.doc["conditions"]),
        "execution": execution(payload, stored.doc["execution"]),
    }
    if "title" in payload and "raw_title" not in payload:
        also["raw_title"] = payload["title"]
    return plain.update(world, meta, stored, payload, also)


def _flat(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a payload with `all` and `any` in it, which Zendesk's Ruby client sends below a key.

    Source: https://github.com/zendesk/zendesk_api_client_rb, lib/zendesk_api/models/view.rb
    """
    given = payload.get("conditions")
    return {**given, **payload} if isinstance(given, dict) else payload


def list_tickets(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of a view's tickets, in the order of the view."""
    row = plain.stored(world, View._meta, target.places[0]).doc
    column = row["execution"]["sort_by"]
    wire = _SORTS.get(column or "", "id")
    descending = bool(column) and row["execution"]["sort_order"] == "desc"
    natural = f"-{wire}" if descending else wire
    endpoints = tuple(evolve(each, natural=natural) for each in target.endpoints)
    return reads.list_rows(world, call, evolve(target, endpoints=endpoints))


def destroy_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: several views are gone at once, without a job, as recorded."""
    for pk in call.ids():
        plain.delete(world, target.meta, plain.stored(world, target.meta, pk))
    return Answer(204)


def tally(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many tickets a view has."""
    view = plain.stored(world, target.meta, target.places[0]).doc
    return Answer(text=dumped({"view_count": told(world, view)}))


def told(world: World, view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of how many tickets a view has."""
    where = Where("state = ?", (ALIVE,)) & view_conditions.held(world, view)
    value = world.store.count(Ticket._meta.label, where)
    return {
        "url": f"{HOME}/api/v2/views/{view['id']}/count.json",
        "view_id": view["id"],
        "value": value,
        "pretty": str(value),
        "fresh": True,
    }


def conditions(
    world: World, payload: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conditions that a body says, or those of before.

    Raises:
        Refusal: a view cannot have them.
    """
    found = {key: payload.get(key, before.get(key)) or [] for key in ("all", "any")}
    view_conditions.where(world, found["all"], found["any"])
    return found


def execution(payload: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns, groups and order as a view tells them."""
    output = payload.get("output") or {}
    asked = {**_UNSORTED_VIEW, **before, **output}
    columns = before.get("columns") or _columns(_COLUMNS)
    if output.get("columns"):
        columns = _columns(output["columns"])
    grouped, sorted_ = asked["group_by"], asked["sort_by"]
    group_order, sort_order = asked["group_order"], asked["sort_order"]
    return {
        "group_by": grouped,
        "group_order": group_order,
        "sort_by": sorted_,
        "sort_order": sort_order,
        "group": grouped and {**_columns([grouped])[0], "order": group_order},
        "sort": sorted_ and {**_columns([sorted_])[0], "order": sort_order},
        "columns": columns,
        "fields": columns,
        "custom_fields": [],
    }


def _columns(names: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "title": _TITLES.get(name, str(name).replace("_", " ").capitalize()),
            "filterable": name not in _UNFILTERED,
            "sortable": name not in _UNSORTED,
        }
        for name in names
    ]

"""Views carried out: tables, previews and counts.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.emulator import plain, view_conditions, views
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import too_many_values
from zendesk_orm.emulator.store import ALIVE, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Ticket, View


#: Views that are counted at once.
MOST = 20
#: The fields behind columns that are called otherwise.
_WIRES = {
    "nice_id": "id",
    "created": "created_at",
    "updated": "updated_at",
    "solved": "updated_at",
    "due_date": "due_at",
    "assignee": "assignee_id",
    "requester": "requester_id",
    "submitter": "submitter_id",
    "group": "group_id",
    "organization": "organization_id",
    "brand": "brand_id",
}
#: What a row says of its ticket in short.
_SHORT = ("id", "subject", "description", "status", "type", "priority", "url")


def execute(world: World, call: Call, target: Target) -> Answer:
    """Answer with the columns of a view and a page of its rows."""
    view = plain.stored(world, View._meta, target.places[0]).doc
    return _table(world, call, view, {"view": {"id": view["id"]}})


def preview(world: World, call: Call, target: Target) -> Answer:
    """Answer with what a view of some conditions would show."""
    return _table(world, call, _given(world, call), {})


def preview_count(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many tickets such a view would have."""
    view = _given(world, call)
    value = world.store.count(Ticket._meta.label, _held(world, view))
    told = {"url": None, "view_id": None, "value": value, "pretty": str(value), "fresh": True}
    return Answer(text=dumped({"view_count": told}))


def count_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many tickets each of some views has; unknown ones are left out.

    Raises:
        Refusal: there are too many.
    """
    ids = call.ids()
    if len(ids) > MOST:
        raise too_many_values()
    known = [world.store.get(View._meta.label, pk) for pk in ids]
    return Answer(text=dumped({"view_counts": [views.told(world, view) for view in known if view]}))


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer that the export has been started."""
    view = plain.stored(world, View._meta, target.places[0])
    return Answer(text=dumped({"export": {"status": "starting", "view_id": view.id}}))


def _given(world: World, call: Call) -> dict[str, Any]:
    """Return the view that a body describes, as if it had been kept.

    Raises:
        Refusal: there are no conditions, or none that a view can have.
    """
    payload = call.envelope("view")
    return {
        "conditions": views.conditions(world, payload, {}),
        "execution": views.execution(payload, {}),
    }


def _held(world: World, view: Mapping[str, Any]) -> Where:
    return Where("state = ?", (ALIVE,)) & view_conditions.held(world, view)


def _table(world: World, call: Call, view: Mapping[str, Any], beside: dict[str, Any]) -> Answer:
    execution = view["execution"]
    column = call.params.get("sort_by") or execution["sort_by"] or "nice_id"
    order = call.params.get("sort_order") or execution["sort_order"]
    wire = _WIRES.get(column, column)
    natural = f"-{wire}" if order == "desc" else wire
    endpoints = tuple(
        Endpoint(Verb.LIST, call.path, "rows", natural=natural, paging=style)
        for style in (CURSOR, OFFSET)
    )
    bare = Call(call.method, call.path, _unsorted(call), host=call.host)
    found = page(world, bare, Target(Ticket._meta, endpoints), _held(world, view))
    columns = [{"id": each["id"], "title": each["title"]} for each in execution["columns"]]
    rows = [_row(json.loads(text), columns) for text in found.texts]
    told = {"rows": rows, "columns": columns, "groups": [], **beside, **found.about}
    return Answer(text=dumped(told))


def _unsorted(call: Call) -> Any:
    """Return the parameters without the order, which is the view's own here."""
    kept = call.params.copy()
    for name in ("sort_by", "sort_order", "group_by"):
        kept.poplist(name)
    return kept


def _row(ticket: Mapping[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {"ticket": {name: ticket[name] for name in _SHORT}}
    values = {str(each["id"]): each["value"] for each in ticket["custom_fields"]}
    for column in columns:
        name = str(column["id"])
        wire = _WIRES.get(name, name)
        key = wire if wire.endswith("_id") else name
        row[key] = values[name] if name in values else ticket.get(wire)
    return row


_VIEW = "support.View"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "views/{}/execute", _VIEW): execute,
    ("GET", "views/{}/export", _VIEW): export,
    ("GET", "views/count_many", _VIEW): count_many,
    ("POST", "views/preview", _VIEW): preview,
    ("POST", "views/preview/count", _VIEW): preview_count,
}

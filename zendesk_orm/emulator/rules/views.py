"""Creation and update of views, and the lists of their tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.rules import view_conditions
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket, View


#: The columns of a view without columns in its payload, as recorded.
_DEFAULT_COLUMNS = ("subject", "requester", "created", "updated", "group", "assignee")
_TITLES = {"created": "Requested", "nice_id": "ID", "due_date": "Due Date"}
#: Columns that cannot be sorted by, and those that cannot be filtered by, as recorded.
_NOT_SORTABLE = frozenset({"subject", "description"})
_NOT_FILTERABLE = _NOT_SORTABLE | {"created"}
#: Fields of tickets by the column that a view is sorted by.
_SORT_FIELDS = {
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
_DEFAULT_ORDER = {
    "group_by": None,
    "group_order": "desc",
    "sort_by": None,
    "sort_order": "desc",
}
#: The position of the first view that is created, as recorded.
_FIRST_POSITION = 10_000


@creates(View)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a view, by default at the last position.

    Raises:
        HTTPError: 422, if the title is empty or the conditions are invalid.
    """
    payload = _flatten_conditions(payload)
    fields = [condition.get("field") for condition in payload.get("all") or ()]
    if not any(field in view_conditions.REQUIRED_FIELDS for field in fields):
        text = "Conditions: all must check one of " + ", ".join(view_conditions.REQUIRED_FIELDS)
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    values: dict[str, Any] = {
        "conditions": parse_conditions(context, payload, {}),
        "execution": parse_execution(payload, {}),
    }
    if payload.get("position") is None:
        count = context.store.count(meta.label, Where("state < ?", (DELETED,)))
        values["position"] = _FIRST_POSITION + count
    return resources.create(context, meta, payload, path, values)


@updates(View)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a view.

    Raises:
        HTTPError: 422, if the conditions are invalid.
    """
    payload = _flatten_conditions(payload)
    values = {
        "conditions": parse_conditions(context, payload, stored.doc["conditions"]),
        "execution": parse_execution(payload, stored.doc["execution"]),
    }
    if "title" in payload and "raw_title" not in payload:
        values["raw_title"] = payload["title"]
    return resources.update(context, meta, stored, payload, values)


@route("GET", "views/{view}/tickets", Ticket)
def list_tickets(context: Context, request: Request, target: Target) -> Response:
    """List the tickets of a view, in the order of the view."""
    execution = resources.get(context, View._meta, target.args[0]).doc["execution"]
    column = execution["sort_by"]
    wire = _SORT_FIELDS.get(column or "", "id")
    descending = bool(column) and execution["sort_order"] == "desc"
    natural = f"-{wire}" if descending else wire
    endpoints = tuple(evolve(endpoint, default_order=natural) for endpoint in target.endpoints)
    return reads.list_rows(context, request, evolve(target, endpoints=endpoints))


@route("DELETE", "views/destroy_many", View)
def destroy_many(context: Context, request: Request, target: Target) -> Response:
    """Delete several views without a job, as recorded."""
    for pk in request.get_ids():
        resources.delete(context, target.meta, resources.get(context, target.meta, pk))
    return Response(204)


def parse_conditions(
    context: Context, payload: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conditions in a payload, by default the previous ones.

    Raises:
        HTTPError: 422, if the conditions are invalid.
    """
    conditions = {key: payload.get(key, before.get(key)) or [] for key in ("all", "any")}
    view_conditions.check_conditions(context, [*conditions["all"], *conditions["any"]])
    return conditions


def parse_execution(payload: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns, groups and order in a payload, by default the previous ones."""
    output = payload.get("output") or {}
    values = {**_DEFAULT_ORDER, **before, **output}
    columns = before.get("columns") or _build_columns(_DEFAULT_COLUMNS)
    if output.get("columns"):
        columns = _build_columns(output["columns"])
    group_by, sort_by = values["group_by"], values["sort_by"]
    group_order, sort_order = values["group_order"], values["sort_order"]
    return {
        "group_by": group_by,
        "group_order": group_order,
        "sort_by": sort_by,
        "sort_order": sort_order,
        "group": group_by and {**_build_columns([group_by])[0], "order": group_order},
        "sort": sort_by and {**_build_columns([sort_by])[0], "order": sort_order},
        "columns": columns,
        "fields": columns,
        "custom_fields": [],
    }


def _flatten_conditions(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a payload with `all` and `any`, which Zendesk's Ruby client nests in `conditions`.

    Source: https://github.com/zendesk/zendesk_api_client_rb, lib/zendesk_api/models/view.rb
    """
    conditions = payload.get("conditions")
    return {**conditions, **payload} if isinstance(conditions, dict) else payload


def _build_columns(names: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "title": _TITLES.get(name, str(name).replace("_", " ").capitalize()),
            "filterable": name not in _NOT_FILTERABLE,
            "sortable": name not in _NOT_SORTABLE,
        }
        for name in names
    ]

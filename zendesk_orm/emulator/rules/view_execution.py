"""Execution of views: tables, previews and counts.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import SortOrder, select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.rules import view_conditions, views
from zendesk_orm.emulator.server.errors import too_many_values
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ALIVE, dump_json
from zendesk_orm.emulator.tickets import metric_events
from zendesk_orm.emulator.tickets.history import load_histories
from zendesk_orm.support import Ticket, View


#: Views that can be counted in one request.
MAX_COUNTS = 20
#: Fields of tickets by the column of a view, if the names differ.
_FIELDS = {
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
#: The column with the next breach of an SLA target.
_BREACH = "sla_next_breach_at"
#: Keys of the ticket in a row.
_TICKET_KEYS = ("id", "subject", "description", "status", "type", "priority", "url")


@route("GET", "views/{id}/execute", View)
def execute(context: Context, request: Request, target: Target) -> Response:
    """Return the columns of a view and a page of its rows."""
    view = resources.get(context, View._meta, target.args[0]).doc
    return _render_table(context, request, view, {"view": {"id": view["id"]}})


@route("POST", "views/preview", View)
def preview(context: Context, request: Request, target: Target) -> Response:
    """Return the columns and rows of a view that is not saved."""
    return _render_table(context, request, _parse_view(context, request), {})


@route("POST", "views/preview/count", View)
def preview_count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of tickets of a view that is not saved."""
    count = _count(context, _parse_view(context, request))
    return Response(text=dump_json({"view_count": {"url": None, "view_id": None, **count}}))


@route("GET", "views/{id}/count", View)
def count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of tickets of a view."""
    view = resources.get(context, target.meta, target.args[0]).doc
    return Response(text=dump_json({"view_count": _count_row(context, view)}))


@route("GET", "views/count_many", View)
def count_many(context: Context, request: Request, target: Target) -> Response:
    """Return the numbers of tickets of several views. Unknown ids are ignored.

    Raises:
        HTTPError: 400, if there are too many ids.
    """
    ids = request.get_ids()
    if len(ids) > MAX_COUNTS:
        raise too_many_values()
    rows = [context.store.get(View._meta.label, pk) for pk in ids]
    counts = [_count_row(context, view) for view in rows if view]
    return Response(text=dump_json({"view_counts": counts}))


@route("GET", "views/{id}/export", View)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return the status of an export. The emulator does not send it by e-mail."""
    view = resources.get(context, View._meta, target.args[0])
    return Response(text=dump_json({"export": {"status": "starting", "view_id": view.id}}))


def _count_row(context: Context, view: Mapping[str, Any]) -> dict[str, Any]:
    pk = view["id"]
    url = f"{BASE_URL}/api/v2/views/{pk}/count.json"
    return {"url": url, "view_id": pk, "active": view["active"], **_count(context, view)}


def _count(context: Context, view: Mapping[str, Any]) -> dict[str, Any]:
    value = context.store.count(Ticket._meta.label, _where_tickets(context, view))
    return {"value": value, "pretty": str(value), "fresh": True}


def _parse_view(context: Context, request: Request) -> dict[str, Any]:
    """Return the view in a body in the form of a stored view.

    Raises:
        HTTPError: 422, if its conditions are invalid.
    """
    payload = request.get_object("view")
    return {
        "conditions": views.parse_conditions(context, payload, {}),
        "execution": views.parse_execution(payload, {}),
    }


def _where_tickets(context: Context, view: Mapping[str, Any]) -> Where:
    return Where("state = ?", (ALIVE,)) & view_conditions.compile_view(context, view)


def _render_table(
    context: Context, request: Request, view: Mapping[str, Any], extra: dict[str, Any]
) -> Response:
    """Return a page of a view's rows, with further keys of the body."""
    execution = view["execution"]
    column = request.params.get("sort_by") or execution["sort_by"] or "nice_id"
    order = request.params.get("sort_order") or execution["sort_order"]
    wire = _FIELDS.get(column, column)
    if wire not in {declared.wire for declared in Ticket._meta.fields.values()}:
        # As in the list of a view's tickets.
        wire = "id"
    endpoints = tuple(Endpoint(Verb.LIST, request.path, "rows", paging=s) for s in (CURSOR, OFFSET))
    page = select_page(
        context,
        request,
        Target(Ticket._meta, endpoints),
        _where_tickets(context, view),
        SortOrder(wire, order == "desc", Ticket._meta),
    )
    columns = [{"id": column["id"], "title": column["title"]} for column in execution["columns"]]
    tickets = [json.loads(text) for text in page.texts]
    if any(column["id"] == _BREACH for column in columns):
        _add_breaches(context, tickets)
    rows = [_build_row(ticket, columns) for ticket in tickets]
    body = {"rows": rows, "columns": columns, "groups": [], **extra, **page.metadata}
    return Response(text=dump_json(body))


def _add_breaches(context: Context, tickets: list[dict[str, Any]]) -> None:
    """Add the time of the next breach of an SLA target to each ticket; None without one."""
    for ticket, history in zip(tickets, load_histories(context, tickets), strict=True):
        breaches = metric_events.list_breaches(context, history, context.now())
        ticket[_BREACH] = format_timestamp(breaches[0]) if breaches else None


def _build_row(ticket: Mapping[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {"ticket": {name: ticket[name] for name in _TICKET_KEYS}}
    custom_values = {str(field["id"]): field["value"] for field in ticket["custom_fields"]}
    for column in columns:
        name = str(column["id"])
        wire = _FIELDS.get(name, name)
        key = wire if wire.endswith("_id") else name
        row[key] = custom_values[name] if name in custom_values else ticket.get(wire)
    return row

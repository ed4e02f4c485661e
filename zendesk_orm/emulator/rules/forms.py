"""Ticket forms, and the custom statuses that tickets of a form can have.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.rules.writes import next_position
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomStatus, TicketForm, TicketFormStatus


_FORM_STATUS = TicketFormStatus._meta
#: Fields by the parameter that filters statuses of forms by them.
_FILTERS = {
    "ticket_form_id": "ticket_form_id",
    "filter[custom_status_id]": "custom_status_id",
    "filter[id]": "id",
}


@creates(TicketForm)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a form, by default at the last position.

    Raises:
        HTTPError: 422, if the name is empty.
    """
    name = payload.get("name")
    if not str(name or "").strip():
        raise invalid_record({"name": [field_error("Name: cannot be blank", "BlankValue")]})
    display_name = payload.get("display_name") or name
    values = {"display_name": display_name, "raw_name": name, "raw_display_name": display_name}
    if payload.get("position") is None:
        values["position"] = next_position(context, meta)
    result = resources.create(context, meta, payload, path, values)
    _unset_other_default(context, meta, result.row)
    return result


@updates(TicketForm)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a form. A new default form replaces the previous one."""
    values = {f"raw_{name}": payload[name] for name in ("name", "display_name") if name in payload}
    result = resources.update(context, meta, stored, payload, values)
    _unset_other_default(context, meta, result.row)
    return result


@deletes(TicketForm)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a form.

    Raises:
        HTTPError: 422, if it is the default form.
    """
    if stored.doc["default"]:
        text = "Ticket form: the default form cannot be deleted"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    return resources.delete(context, meta, stored)


@route("POST", "ticket_forms/{id}/clone", TicketForm)
def clone(context: Context, request: Request, target: Target) -> Response:
    """Create a copy of a form at the last position."""
    stored = resources.get(context, target.meta, target.args[0])
    values = {**stored.doc, "id": None, "url": None, "default": False}
    values["position"] = next_position(context, target.meta)
    result = resources.create(context, target.meta, {}, {}, values)
    return Response(text=dump_json({"ticket_form": result.row}))


@route("GET", "ticket_form_statuses", TicketFormStatus)
@route("GET", "ticket_forms/{ticket_form}/ticket_form_statuses", TicketFormStatus)
def list_form_statuses(context: Context, request: Request, target: Target) -> Response:
    """List the statuses of all forms, or of those in the path or the parameters."""
    where = Where("state < ?", (DELETED,))
    for parameter, name in _FILTERS.items():
        if parameter in request.params:
            where &= where_in(json_value(name), request.get_ids(parameter))
    if target.args:
        where &= where_equal("ticket_form_id", target.args[0])
    return _render(context.store.select(_FORM_STATUS.label, where))


@route("POST", "ticket_forms/{id}/ticket_form_statuses", TicketForm)
def add_statuses(context: Context, request: Request, target: Target) -> Response:
    """Add statuses to a form, and return its new ticket form statuses."""
    form = resources.get(context, TicketForm._meta, target.args[0]).id
    items = _parse_items(request)
    return _render(_get_or_create(context, form, item["custom_status_id"]) for item in items)


@route("POST", "custom_statuses/{id}/ticket_form_statuses", CustomStatus)
def add_forms(context: Context, request: Request, target: Target) -> Response:
    """Add a status to forms, and return the new ticket form statuses."""
    status = resources.get(context, CustomStatus._meta, target.args[0]).id
    items = _parse_items(request)
    return _render(_get_or_create(context, item["ticket_form_id"], status) for item in items)


@route("PUT", "ticket_forms/{id}/ticket_form_statuses", TicketForm)
def update_statuses(context: Context, request: Request, target: Target) -> Response:
    """Add statuses to a form or remove some, and return all its ticket form statuses."""
    form = resources.get(context, TicketForm._meta, target.args[0]).id
    for item in _parse_items(request):
        if str(item.get("_destroy")).lower() in ("true", "1"):
            _delete_form_status(context, form, item.get("id"))
        elif item.get("custom_status_id"):
            _get_or_create(context, form, item["custom_status_id"])
    return list_form_statuses(context, request, target)


@route("DELETE", "ticket_forms/{id}/ticket_form_statuses", TicketForm)
def remove_statuses(context: Context, request: Request, target: Target) -> Response:
    """Remove statuses from a form.

    Raises:
        HTTPError: 404, if the form does not have a status.
    """
    ids = request.body.get("id")
    for pk in ids if isinstance(ids, list) else [ids]:
        _delete_form_status(context, target.args[0], pk)
    return Response(204)


def _unset_other_default(context: Context, meta: Options, row: Mapping[str, Any]) -> None:
    """Unset the previous default form if the row is the default."""
    if row["default"]:
        for other in context.store.find(meta.label, "default", 1):
            if other["id"] != row["id"]:
                context.write(meta, {**other, "default": False})


def _parse_items(request: Request) -> list[dict[str, Any]]:
    items = request.body.get("ticket_form_status")
    if isinstance(items, dict):
        return [items]
    if not isinstance(items, list):
        raise missing_parameter("ticket_form_status")
    return items


def _get_or_create(context: Context, form: Any, status: Any) -> dict[str, Any]:
    """Return the ticket form status of a form and a status.

    Raises:
        HTTPError: 404, if form or status do not exist.
    """
    resources.get(context, TicketForm._meta, form)
    resources.get(context, CustomStatus._meta, status)
    for row in context.store.find(_FORM_STATUS.label, "ticket_form_id", form):
        if row["custom_status_id"] == status:
            return row
    values = {"ticket_form_id": form, "custom_status_id": status}
    return resources.create(context, _FORM_STATUS, {}, {}, values).row


def _delete_form_status(context: Context, form: Any, pk: Any) -> None:
    stored = resources.get(context, _FORM_STATUS, pk)
    if stored.doc["ticket_form_id"] != form:
        raise not_found()
    resources.delete(context, _FORM_STATUS, stored)


def _render(rows: Iterable[dict[str, Any]]) -> Response:
    return Response(text=dump_json({"ticket_form_statuses": list(rows)}))

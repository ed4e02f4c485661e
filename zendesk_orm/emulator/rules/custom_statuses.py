"""Custom ticket statuses, of which each category has a default.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomStatus, Ticket


#: Texts of which the raw form is stored, too.
_TEXTS = ("agent_label", "end_user_label", "description", "end_user_description")


@creates(CustomStatus)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a custom status.

    Raises:
        HTTPError: 422, if the label for agents or the category are empty.
    """
    for name in ("agent_label", "status_category"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.replace('_', ' ').capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})
    values = {"end_user_label": payload.get("end_user_label") or payload["agent_label"]}
    values |= _build_raw_texts({**payload, **values})
    return resources.create(context, meta, payload, path, {**values, "default": False})


@updates(CustomStatus)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a custom status."""
    return resources.update(context, meta, stored, payload, _build_raw_texts(payload))


@deletes(CustomStatus)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a custom status.

    Raises:
        HTTPError: 422, if it is the default of its category, or a ticket that is not closed has
            it.
    """
    tickets = context.store.find(Ticket._meta.label, "custom_status_id", stored.id)
    if stored.doc["default"] or any(ticket["status"] != "closed" for ticket in tickets):
        text = "Custom status: is in use"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    return resources.delete(context, meta, stored)


@route("PUT", "custom_status/default", CustomStatus)
def set_defaults(context: Context, request: Request, target: Target) -> Response:
    """Make statuses the defaults of their categories.

    Raises:
        HTTPError: 400, if the ids are missing; 404, if a status does not exist.
    """
    meta = target.meta
    ids = [int(pk) for pk in str(request.body.get("ids") or "").split(",") if is_number(pk.strip())]
    if not ids:
        raise missing_parameter("ids")
    for pk in ids:
        category = resources.get(context, meta, pk).doc["status_category"]
        for row in context.store.find(meta.label, "status_category", category):
            context.write(meta, {**row, "default": row["id"] == pk})
    return Response(text="{}")


def get_category(context: Context, pk: Any) -> str | None:
    """Return the status of tickets with a custom status, or None if it does not exist."""
    row = context.store.get(CustomStatus._meta.label, pk)
    return None if row is None else str(row["status_category"])


def get_default_id(context: Context, status: str) -> Any:
    """Return the id of the default custom status of a status, or None."""
    category = "solved" if status == "closed" else status
    rows = context.store.find(CustomStatus._meta.label, "status_category", category)
    return next((row["id"] for row in rows if row["default"]), None)


def _build_raw_texts(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {f"raw_{name}": payload[name] for name in _TEXTS if name in payload}

"""Events of custom object records.

Their types, sources and properties are unconfirmed.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_events/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.support import CustomObjectRecord, CustomObjectRecordEvent


_META = CustomObjectRecordEvent._meta
_PATH = "custom_objects/{custom_object_key}/records/{custom_object_record}/events"
#: Standard fields whose changes are part of events, in addition to custom fields.
_FIELDS = ("name", "external_id")


def record_event(
    context: Context, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Store the event of a record that was created or updated; nothing if it did not change.

    Args:
        context: the account.
        row: the row now.
        before: the row before; None if it is new.
    """
    values, previous = _get_values(row), {} if before is None else _get_values(before)
    changed = [name for name, value in values.items() if value != previous.get(name)]
    if before is not None and not changed:
        return
    properties: dict[str, Any] = {name: {"current": values[name]} for name in changed}
    if before is not None:
        properties = {
            name: {"previous": previous.get(name), "current": values[name]} for name in changed
        }
    now = context.timestamp()
    event = {
        "id": resources.generate_ulid(context),
        "type": "record_created" if before is None else "record_updated",
        "source": "zendesk",
        "description": None,
        "actor": {"user_id": str(context.user_id)},
        "properties": properties,
        "created_at": now,
        "received_at": now,
    }
    context.write(_META, event, parent=row["id"])


@route("GET", _PATH, CustomObjectRecordEvent)
def list_events(context: Context, request: Request, target: Target) -> Response:
    """List the events of a record, the newest first; `links` is a list.

    Raises:
        HTTPError: 404, if the record does not exist.
    """
    key, pk = target.args
    path = {"custom_object_key": key}
    stored = resources.get(context, CustomObjectRecord._meta, pk, path)
    endpoints = tuple(evolve(endpoint, default_order="-id") for endpoint in target.endpoints)
    where = Where("parent = ?", (stored.id,))
    page = select_page(context, request, evolve(target, endpoints=endpoints), where)
    links = page.metadata.get("links") or {}
    metadata = {**page.metadata, "links": [{"next": links.get("next")}]}
    return Response(text=render_list(target, page.texts, "", metadata))


def _get_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a record whose changes are part of events."""
    return {**{name: row.get(name) for name in _FIELDS}, **row["custom_object_fields"]}

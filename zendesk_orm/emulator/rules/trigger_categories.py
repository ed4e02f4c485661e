"""Trigger categories.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/trigger_categories/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.jobs import describe_error
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.rules import writes
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import creates, deletes, route
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Trigger, TriggerCategory


@creates(TriggerCategory)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a category, by default at the last position.

    Raises:
        HTTPError: 400, if the name is empty.
    """
    if not str(payload.get("name") or "").strip():
        error = {"code": "InvalidTriggerCategory", "title": "Name cannot be blank"}
        raise HTTPError(400, {"errors": [error]}, UNCONFIRMED)
    values = {}
    if payload.get("position") is None:
        values["position"] = writes.next_position(context, meta)
    return resources.create(context, meta, payload, path, values)


@deletes(TriggerCategory)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a category.

    Raises:
        HTTPError: 400, if it contains active triggers.
    """
    triggers = context.store.find(Trigger._meta.label, "category_id", stored.id)
    if any(trigger["active"] for trigger in triggers):
        title = "A category with active ticket triggers cannot be deleted."
        error = {"code": "TriggerCategoryNotEmpty", "title": title}
        raise HTTPError(400, {"errors": [error]}, UNCONFIRMED)
    return resources.delete(context, meta, stored)


@route("POST", "trigger_categories/jobs", TriggerCategory)
def update_many(context: Context, request: Request, target: Target) -> Response:
    """Update categories and triggers, and return them; none of them if one cannot be updated."""
    items = request.get_object("job").get("items") or {}
    results: dict[str, list[dict[str, Any]]] = {"trigger_categories": [], "triggers": []}
    try:
        with context.savepoint():
            for item in items.get("trigger_categories") or ():
                row = _update(context, TriggerCategory._meta, item, str(item.get("id")))
                results["trigger_categories"].append(row)
            for item in items.get("triggers") or ():
                row = _update(context, Trigger._meta, item, parse_id(str(item.get("id"))))
                results["triggers"].append(row)
    except HTTPError as error:
        detail = {"code": "InvalidTrigger", "title": describe_error(error)}
        body = dump_json({"status": "failed", "errors": [detail]})
        return Response(400, body, source="OpenAPI BatchJobResponse")
    return Response(text=dump_json({"status": "complete", "results": results, "errors": []}))


def _update(context: Context, meta: Options, item: Mapping[str, Any], pk: Any) -> dict[str, Any]:
    return writes.update_bulk_item(context, meta, {**item, "id": pk})

"""Creation and update of triggers and automations; macros use the same functions.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.rules import revisions
from zendesk_orm.emulator.rules.automations import check_automation
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Automation, Trigger, TriggerCategory


#: The position of the first rule that is created, as recorded; 1 for other models.
_FIRST_POSITION = {"support.Macro": 10_000}
#: Fields that can be updated in bulk; others are ignored.
_BULK_FIELDS = frozenset({"active", "position", "category_id"})


@creates(Automation)
@creates(Trigger)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a rule, by default at the last position.

    Raises:
        HTTPError: 422, if title, actions or conditions are empty, or an automation would run on
            the same tickets each hour.
    """
    _check(payload)
    values = _parse_conditions(meta, payload, {})
    if meta.label == Automation._meta.label:
        check_automation(context, None, {**payload, **values})
    if payload.get("position") is None:
        values["position"] = next_position(context, meta)
    if meta.label == Trigger._meta.label and payload.get("category_id") is None:
        values["category_id"] = _materialize_category(context)
    result = resources.create(context, meta, payload, path, values)
    if meta.label == Trigger._meta.label:
        revisions.save(context, result.row, {})
    return result


@updates(Automation)
@updates(Trigger)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a rule.

    Raises:
        HTTPError: 422, if title, actions or conditions would be empty.
    """
    _check({**stored.doc, **payload})
    values = _parse_conditions(meta, payload, stored.doc)
    if meta.label == Automation._meta.label:
        check_automation(context, stored.id, {**stored.doc, **payload, **values})
    if "title" in payload and "raw_title" not in payload:
        values["raw_title"] = payload["title"]
    result = resources.update(context, meta, stored, payload, values)
    if meta.label == Trigger._meta.label:
        revisions.save(context, result.row, stored.doc)
    return result


def update_bulk_item(context: Context, meta: Options, item: Mapping[str, Any]) -> dict[str, Any]:
    """Update the row whose id is in an item of a bulk request, and return it."""
    stored = resources.get(context, meta, item.get("id"))
    payload = {key: value for key, value in item.items() if key in _BULK_FIELDS}
    return resources.update(context, meta, stored, payload).row


def next_position(context: Context, meta: Options) -> int:
    """Return the position after the last row."""
    where = Where("state < ?", (DELETED,))
    rows = context.store.select_texts(meta.label, where, extra=json_value("position"))
    positions = [position for _, _, position in rows if isinstance(position, int)]
    return max([_FIRST_POSITION.get(meta.label, 1) - 1, *positions]) + 1


def _check(row: Mapping[str, Any]) -> None:
    """Raise `HTTPError` (422) if a rule has no title or no actions."""
    if not str(row.get("title") or "").strip():
        raise invalid_record({"title": [field_error("Title: cannot be blank", "BlankValue")]})
    if not row.get("actions"):
        text = "Actions: at least one action is required"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})


def _parse_conditions(
    meta: Options, payload: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conditions in a payload, under `conditions` or as `all` and `any`.

    Raises:
        HTTPError: 422, if the conditions are empty.
    """
    if "conditions" not in meta.fields:
        return {}
    values = {**(before.get("conditions") or {}), **(payload.get("conditions") or {})}
    conditions = {key: list(payload.get(key, values.get(key)) or ()) for key in ("all", "any")}
    if not (conditions["all"] or conditions["any"]):
        text = "Conditions: at least one condition is required"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    return {"conditions": conditions}


def _materialize_category(context: Context) -> Any:
    """Return the id of the first trigger category, creating it if necessary."""
    meta = TriggerCategory._meta
    rows = context.store.select(meta.label, Where("state < ?", (DELETED,)))
    if rows:
        return rows[0]["id"]
    return resources.create(context, meta, {"name": "Notifications", "position": 1}, {}).row["id"]

"""The values of the custom fields of tickets, a list of ids and values.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.field_types import change_tags, clean_value
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.server.errors import invalid_record, ticket_field_error
from zendesk_orm.support import TicketField


def set_custom_values(
    context: Context, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Set the values of custom fields in a payload, and the tags of options and checkboxes.

    Raises:
        HTTPError: 422, if a field rejects its value.
    """
    old_values = {field["id"]: field["value"] for field in before.get("custom_fields") or ()}
    new_values = _parse_values(payload)
    values: list[dict[str, Any]] = []
    changes, errors = [], []
    for field in _select_fields(context):
        pk = field["id"]
        old = new = old_values.get(pk)
        if pk in new_values:
            try:
                new = clean_value(context, field, new_values[pk], old)
            except ValueError:
                text = _describe_invalid_value(context, field)
                errors.append(ticket_field_error(field, text, "InvalidValue"))
        values.append({"id": pk, "value": new})
        changes.append((field, old, new))
    if errors:
        raise invalid_record({"base": errors})
    row["custom_fields"] = row["fields"] = values
    row["tags"] = change_tags(row["tags"], changes)


def _describe_invalid_value(context: Context, field: Mapping[str, Any]) -> str:
    """Return the text of the error for an invalid value.

    Source: https://github.com/facetoe/zenpy/issues/425 for dates; a switch for other types
    """
    is_date = field["type"] == "date"
    text = "is not valid" if is_date else context.switches.invalid_value_text
    return f"{field['title']} {text}"


def _parse_values(payload: Mapping[str, Any]) -> dict[int, Any]:
    """Return the values of a payload by the ids of their fields."""
    items = payload.get("custom_fields", payload.get("fields")) or ()
    if isinstance(items, Mapping):
        return {int(pk): value for pk, value in items.items()}
    return {int(item["id"]): item["value"] for item in items if is_number(str(item.get("id")))}


def _select_fields(context: Context) -> list[dict[str, Any]]:
    fields = context.store.find(TicketField._meta.label, "removable", 1)
    return [field for field in fields if field["active"]]

"""The values of the custom fields of tickets: what each type accepts, and the tags that it adds.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.server.errors import invalid_record, ticket_field_error
from zendesk_orm.support import TicketField


#: Returns the value that a field stores. Raises `ValueError` if the field rejects it.
Clean = Callable[[Mapping[str, Any], Any], Any]

_TRUE = frozenset({"true", "1", "yes", "on", "checked"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


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
    errors = []
    for field in _select_fields(context):
        pk = field["id"]
        old = new = old_values.get(pk)
        if pk in new_values:
            try:
                new = _clean(context, field, new_values[pk], old)
            except ValueError:
                text = f"{field['title']} is not valid"
                errors.append(ticket_field_error(field, text, "InvalidValue"))
        values.append({"id": pk, "value": new})
        if old != new:
            removed = _get_tags(field, old)
            tags = [tag for tag in row["tags"] if tag not in removed]
            row["tags"] = resources.parse_tags([*tags, *_get_tags(field, new)])
    if errors:
        raise invalid_record({"base": errors})
    row["custom_fields"] = row["fields"] = values


def _parse_values(payload: Mapping[str, Any]) -> dict[int, Any]:
    """Return the values of a payload by the ids of their fields."""
    items = payload.get("custom_fields", payload.get("fields")) or ()
    if isinstance(items, Mapping):
        return {int(pk): value for pk, value in items.items()}
    return {int(item["id"]): item["value"] for item in items if is_number(str(item.get("id")))}


def _select_fields(context: Context) -> list[dict[str, Any]]:
    fields = context.store.find(TicketField._meta.label, "removable", 1)
    return [field for field in fields if field["active"]]


def _get_tags(field: Mapping[str, Any], value: Any) -> list[str]:
    """Return the tags that a value adds to its ticket."""
    if field["type"] in ("tagger", "multiselect"):
        return resources.parse_tags(_to_list(value))
    if field["type"] == "checkbox" and value:
        return resources.parse_tags(field.get("tag"))
    return []


def _clean(context: Context, field: Mapping[str, Any], value: Any, old: Any) -> Any:
    """Return the value that a field stores; the old one if it ignores the new one.

    Raises:
        ValueError: the field rejects the value.
    """
    if value is None:
        return None
    if field["type"] in ("tagger", "multiselect"):
        return _choose_options(context, field, value, old)
    clean = _CLEAN.get(field["type"])
    return value if clean is None else clean(field, value)


def _choose_options(context: Context, field: Mapping[str, Any], value: Any, old: Any) -> Any:
    """Return the tags of options. Zendesk ignores other values without an error.

    Source: https://github.com/facetoe/zenpy/issues/420
    """
    tags = [tag for tag in map(str, _to_list(value)) if tag]
    options = {option["value"] for option in field.get("custom_field_options") or ()}
    unknown = [tag for tag in tags if options and tag not in options]
    for tag in unknown:
        context.ignored.note_rule("option", tag, f"ticket field {field['id']}")
    chosen = [tag for tag in tags if tag not in unknown]
    if field["type"] == "multiselect":
        return chosen if chosen or not unknown else old
    return chosen[0] if chosen else old if unknown else None


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# -- types without options ---------------------------------------------------


def _clean_checkbox(field: Mapping[str, Any], value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in _TRUE


def _clean_date(field: Mapping[str, Any], value: Any) -> Any:
    # Source: https://github.com/facetoe/zenpy/issues/425
    if value == "":
        return None
    if not _DAY.fullmatch(str(value)):
        raise ValueError(value)
    return str(date.fromisoformat(str(value)))


def _match_number(pattern: re.Pattern[str]) -> Clean:
    """Return the function for a type whose values are numbers, which may be sent as text."""

    def clean(field: Mapping[str, Any], value: Any) -> Any:
        if value == "":
            return None
        if isinstance(value, bool) or not pattern.fullmatch(str(value).strip()):
            raise ValueError(value)
        return value

    return clean


def _clean_regexp(field: Mapping[str, Any], value: Any) -> Any:
    try:
        is_valid = value == "" or re.search(field.get("regexp_for_validation") or "", str(value))
    except re.error:
        # An expression in a dialect other than that of Python.
        return value
    if not is_valid:
        raise ValueError(value)
    return value


_CLEAN: Mapping[str, Clean] = {
    "checkbox": _clean_checkbox,
    "date": _clean_date,
    "decimal": _match_number(_DECIMAL),
    "integer": _match_number(_INTEGER),
    "regexp": _clean_regexp,
}

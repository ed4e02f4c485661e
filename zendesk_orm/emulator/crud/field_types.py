"""The types of custom fields: the values that each type stores, and the tags that it adds.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources


#: Returns the value that a field stores. Raises `ValueError` if the field rejects it.
Clean = Callable[[Mapping[str, Any], Any], Any]

#: Types whose values are tags of options: `dropdown` of users, organizations and records.
_WITH_OPTIONS = frozenset({"tagger", "dropdown", "multiselect"})
_TRUE = frozenset({"true", "1", "yes", "on", "checked"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def change_tags(
    tags: Iterable[str], changes: Iterable[tuple[Mapping[str, Any], Any, Any]]
) -> list[str]:
    """Return the tags of a row after changes of fields: without those of old values, with new ones.

    Args:
        tags: the tags before.
        changes: the field, the old and the new value of each change.
    """
    removed: set[str] = set()
    added: list[str] = []
    for field, old, new in changes:
        if old != new:
            removed.update(_get_tags(field, old))
            added += _get_tags(field, new)
    return resources.parse_tags([*(tag for tag in tags if tag not in removed), *added])


def _get_tags(field: Mapping[str, Any], value: Any) -> list[str]:
    """Return the tags that a value adds to its ticket, user or organization."""
    if field["type"] in _WITH_OPTIONS:
        return resources.parse_tags(_to_list(value))
    if field["type"] == "checkbox" and value:
        return resources.parse_tags(field.get("tag"))
    return []


def clean_value(context: Context, field: Mapping[str, Any], value: Any, old: Any) -> Any:
    """Return the value that a field stores; the old one if it ignores the new one.

    Raises:
        ValueError: the field rejects the value.
    """
    if value is None:
        return None
    if field["type"] in _WITH_OPTIONS:
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
        kind = str(field["url"]).split("/")[-2].removesuffix("s").replace("_", " ")
        context.ignored.note_rule("option", tag, f"{kind} {field['id']}")
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


def _clean_relationship(field: Mapping[str, Any], value: Any) -> Any:
    """Return the id of a related row, which is a number, or a string for custom objects."""
    if value == "":
        return None
    is_id = isinstance(value, (int, str)) and not isinstance(value, bool)
    if not is_id:
        raise ValueError(value)
    return value


_CLEAN: Mapping[str, Clean] = {
    "checkbox": _clean_checkbox,
    "date": _clean_date,
    "decimal": _match_number(_DECIMAL),
    "integer": _match_number(_INTEGER),
    "lookup": _clean_relationship,
    "regexp": _clean_regexp,
}

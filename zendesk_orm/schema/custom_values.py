"""Values of custom fields in rows: a list of ids and values, or a dictionary by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.schema.loading import load_id


def value_in(values: Any, wire: Any) -> Any:
    """Return the value with an id in a list, or with a key in a dictionary."""
    if isinstance(values, Mapping):
        return values.get(wire)
    items = values if isinstance(values, list) else ()
    values_by_id = ((i.get("id"), i.get("value")) for i in items if isinstance(i, dict))
    return next((value for pk, value in values_by_id if pk == wire), None)


def values_in(values: Any) -> dict[Any, Any]:
    """Return all values by the id or key of their field."""
    if isinstance(values, Mapping):
        return dict(values)
    items = (
        item for item in (values if isinstance(values, list) else ()) if isinstance(item, dict)
    )
    return {load_id(item["id"]): item.get("value") for item in items if item.get("id")}

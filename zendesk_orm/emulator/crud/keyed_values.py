"""The values of custom fields by their keys: of users, organizations and records.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.field_types import change_tags, clean_value
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema.options import Options


#: The form of a stored value by its type. Source: OpenAPI, `UserObject`, for numbers.
_FORMS: Mapping[str, Callable[[Any], Any]] = {"decimal": float, "integer": int}

Errors = dict[str, list[dict[str, Any]]]


def clean_values(
    context: Context,
    fields: Iterable[Mapping[str, Any]],
    values: Mapping[str, Any],
    before: Mapping[str, Any],
) -> tuple[dict[str, Any], Errors]:
    """Return the values that the fields store, and the errors of those that they reject.

    Args:
        context: the account.
        fields: the fields.
        values: the new values by key. Those of unknown fields are stored as they are.
        before: the values of the row before.
    """
    stored, errors = dict(values), Errors()
    for field in fields:
        key = field["key"]
        if key not in values:
            continue
        try:
            value = clean_value(context, field, values[key], before.get(key))
        except ValueError:
            description = f"{field['title']}: {context.switches.invalid_value_text}"
            errors[key] = [field_error(description, "InvalidValue")]
            continue
        form = _FORMS.get(field["type"])
        stored[key] = value if form is None or value is None else form(value)
    return stored, errors


def build_overrides(
    context: Context, meta: Options, payload: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the values of custom fields of a user or an organization, and the tags they change.

    Recorded: a new row has all fields, without a value most of them, and days are times.

    Args:
        context: the account.
        meta: the options of the row's model.
        payload: the object in the body of the request.
        before: the row before; None if it is new.

    Raises:
        HTTPError: 422, if a field rejects its value.
    """
    wire = f"{meta.singular}_fields"
    values = payload.get(wire)
    if before is not None and not values:
        return {}
    where = Where("state < ?", (DELETED,))
    rows = context.store.select(f"{meta.label}Field", where)
    fields = [row for row in rows if row["active"]]
    old = (before or {}).get(wire) or {}
    sent = dict(values or {})
    for field in fields:
        value = sent.get(field["key"])
        if field["type"] == "date" and isinstance(value, str):
            # Days are returned as times, which clients send back.
            sent[field["key"]] = value.partition("T")[0]
    stored, errors = clean_values(context, fields, sent, old)
    if errors:
        raise invalid_record(errors)
    tags = resources.parse_tags(payload.get("tags", (before or {}).get("tags")) or ())
    changes = []
    for field in fields:
        key, type_ = field["key"], field["type"]
        if before is None:
            stored.setdefault(key, False if type_ == "checkbox" else None)
        elif key not in stored:
            continue
        if type_ == "date" and stored[key] is not None:
            stored[key] += "T00:00:00+00:00"
        changes.append((field, old.get(key), stored[key]))
    return {wire: stored, "tags": change_tags(tags, changes)}

"""Create, update and delete one row of a model that registers no functions for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import validation
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.ignored_keys import writable_fields
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.objects import complete_object
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import TEXT_ID, fold_case_and_trim


_EMPTY: Mapping[str, Any] = {}
#: The digits of ULIDs.
_BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: Objects whose keys are custom fields of the account.
KEYED = frozenset({"custom_object_fields", "organization_fields", "user_fields"})
#: The models of the custom fields of users and organizations.
_FIELDS = {
    "organization_fields": "support.OrganizationField",
    "user_fields": "support.UserField",
}


def create(
    context: Context,
    meta: Options,
    payload: Mapping[str, Any],
    path_values: Mapping[str, Any],
    overrides: Mapping[str, Any] = _EMPTY,
) -> WriteResult:
    """Create a row.

    Args:
        context: the account.
        meta: the options of its model.
        payload: the object in the body of the request.
        path_values: the values of the path's placeholders by name.
        overrides: values that replace those of the payload.

    Raises:
        HTTPError: 400, if a value has another type; 422, if it is invalid.
    """
    row = defaults.build_row(meta)
    values = {**select_fields(meta, convert(meta, payload)), **overrides}
    apply_values(meta, row, _without_unknown_fields(context, meta, values))
    parent = None
    for name, value in path_values.items():
        relation = meta.relations.get(name)
        if name == meta.parent:
            parent = value
        row[relation.id.wire if relation else name] = value
    initialize(context, meta, row)
    set_derived_fields(context, meta, row, payload)
    validation.check(context, meta, row)
    context.write(meta, row, parent=parent)
    return WriteResult(row)


def update(
    context: Context,
    meta: Options,
    stored: StoredRow,
    payload: Mapping[str, Any],
    overrides: Mapping[str, Any] = _EMPTY,
) -> WriteResult:
    """Update a row, unless the payload contains the current values.

    Raises:
        HTTPError: 400, if a value has another type; 422, if it is invalid.
    """
    row = dict(stored.doc)
    values = {**select_fields(meta, convert(meta, payload), new=False), **overrides}
    apply_values(meta, row, _without_unknown_fields(context, meta, values))
    if row != stored.doc:
        validation.check(context, meta, row, stored.doc)
        if "updated_at" in row:
            context.advance_past(stored.doc.get("updated_at") or "")
            row["updated_at"] = context.timestamp()
        context.write(meta, row, parent=stored.parent, state=stored.state)
    return WriteResult(row)


def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Mark a row as deleted."""
    row = dict(stored.doc)
    for name, value in (("active", False), ("deleted", True)):
        if name in row and meta.label in defaults.ROWS:
            row[name] = value
    if "updated_at" in row:
        row["updated_at"] = context.timestamp()
    if "generated_timestamp" in row:
        row["generated_timestamp"] = int(context.now())
    context.write(meta, row, parent=stored.parent, state=DELETED)
    return WriteResult(row)


def get(
    context: Context, meta: Options, pk: Any, path_values: Mapping[str, Any] | None = None
) -> StoredRow:
    """Return a row.

    Args:
        context: the account.
        meta: the options of its model.
        pk: its id.
        path_values: the values of the path's placeholders, which the row has to match.

    Raises:
        HTTPError: 404, if the row does not exist or does not match the path.
    """
    stored = context.store.get_row(meta.label, pk)
    if stored is None or (path_values and not _matches_path(meta, stored, path_values)):
        raise not_found()
    return stored


def get_singleton(context: Context, meta: Options) -> StoredRow:
    """Return the only row of a model, and create it on first use."""
    stored = context.store.get_row(meta.label, meta.singular)
    if stored is None:
        row = defaults.build_row(meta)
        if "updated_at" in row:
            row["updated_at"] = context.timestamp()
        context.write(meta, row)
        stored = StoredRow(meta.label, meta.singular, row)
    return stored


def _matches_path(meta: Options, stored: StoredRow, path_values: Mapping[str, Any]) -> bool:
    """Return True if a row belongs to the row that the path names."""
    if stored.parent != path_values.get(meta.parent, stored.parent):
        return False
    names = (name for name in path_values if name in meta.fields and name != "id")
    wires = (meta.fields[name].wire for name in names)
    return all(stored.doc.get(wire) == path_values[wire] for wire in wires)


def check_path(context: Context, meta: Options, path_values: Mapping[str, Any]) -> None:
    """Check that the rows named in a path exist.

    Raises:
        HTTPError: 404, if one of them does not exist.
    """
    for name, value in path_values.items():
        relation = meta.relations.get(name)
        if relation and context.store.get(relation.model._meta.label, value) is None:
            raise not_found()


def initialize(context: Context, meta: Options, row: dict[str, Any]) -> None:
    """Set the id, the timestamps and the address of a new row."""
    if row.get(meta.pk_key) is None:
        row[meta.pk_key] = generate_id(context, meta)
    for name in ("created_at", "updated_at"):
        if name in row:
            row[name] = context.timestamp()
    if "encoded_id" in row:
        row["encoded_id"] = encode_id(row["id"])
    if "url" in row:
        row["url"] = defaults.build_url(meta, row)


def encode_id(pk: int) -> str:
    """Return the `encoded_id` of a ticket: a unique string, whose format is not documented."""
    return f"{pk:06X}-EMUL"


def generate_id(context: Context, meta: Options) -> Any:
    """Return a new id: a small number for tickets, a string for some models, else a large one."""
    if meta.label == "support.Ticket":
        return context.store.next_id("ticket")
    if meta.fields[meta.pk_key].kind.name == "int":
        return context.store.next_id()
    return generate_ulid(context)


def generate_ulid(context: Context) -> str:
    """Return a new ULID: the current time in milliseconds, and a number that grows.

    Source: https://github.com/ulid/spec
    """
    number = (int(context.now() * 1000) << 80) + context.store.next_id()
    return "".join(_BASE_32[number >> shift & 31] for shift in range(125, -1, -5))


def select_fields(meta: Options, payload: Mapping[str, Any], *, new: bool = True) -> dict[str, Any]:
    """Return the values of a payload that a row contains: fields both writable and readable."""
    fields = writable_fields(meta, new=new)
    return {
        key: _normalize(fields[key], value)
        for key, value in payload.items()
        if key in fields and fields[key].readable and key != "id"
        # A blank choice, which is converted to None, sets only what may be empty.
        if value is not None or fields[key].nullable or not fields[key].kind.choices
    }


def apply_values(meta: Options, row: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set the values of a row; objects with custom fields are merged key by key."""
    for key, value in values.items():
        if key in KEYED and isinstance(value, dict):
            row[key] = {**(row.get(key) or {}), **value}
        else:
            row[key] = complete_object(meta.label, key, value)


def _without_unknown_fields(
    context: Context, meta: Options, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return values without those of custom fields that users or organizations do not have."""
    selected = dict(values)
    for wire, fields in _FIELDS.items():
        if isinstance(values.get(wire), dict) and wire in meta.fields:
            keys = {row["key"] for row in context.store.select(fields, Where())}
            selected[wire] = {key: value for key, value in values[wire].items() if key in keys}
    return selected


def set_derived_fields(
    context: Context, meta: Options, row: dict[str, Any], payload: Mapping[str, Any]
) -> None:
    """Set the fields of a new row that follow from other fields."""
    if meta.label == "support.User" and row["role"] in ("agent", "admin"):
        row["ticket_restriction"] = payload.get("ticket_restriction")
        row["restricted_agent"] = False
        row["moderator"] = True
    for name in ("title", "description", "title_in_portal"):
        if f"raw_{name}" in row and not row[f"raw_{name}"]:
            row[f"raw_{name}"] = row.get(name)


def parse_tags(value: Any) -> list[str]:
    """Return the tags of a list, or of a string separated by blanks or commas.

    A tag that contains a blank becomes two tags.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/156
    """
    members = value if isinstance(value, (list, tuple)) else ()
    text = value.replace(",", " ") if isinstance(value, str) else " ".join(map(str, members))
    return list(dict.fromkeys(text.lower().split()))


def _normalize(declared: Attribute[Any], value: Any) -> Any:
    """Return a value in the form in which Zendesk stores it."""
    if declared.wire == "tags":
        return parse_tags(value)
    if declared.kind.key is fold_case_and_trim and isinstance(value, str):
        return value.strip()
    if isinstance(declared, Id) and declared.kind is TEXT_ID:
        return None if value is None else str(value)
    if isinstance(declared, Id) and isinstance(value, str) and is_number(value):
        return int(value)
    return value

"""Custom objects, their fields and limits.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.rules.fields import build_options
from zendesk_orm.emulator.server.errors import HTTPError, field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.objects import complete_object
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObject, CustomObjectField, CustomObjectRecord


_FIELDS = CustomObjectField._meta.label
_KEY = re.compile(r"[a-z][a-z0-9_]*")

#: Limits, which differ between accounts.
MAX_OBJECTS, MAX_FIELDS, MAX_RECORDS = 30, 100, 50_000_000

#: Titles of the fields of every object, by key.
_STANDARD_FIELDS = {"standard::name": "Name", "standard::external_id": "External ID"}
#: The attributes of a standard field that can be changed.
#: Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#update-custom-object-field
_CHANGEABLE = frozenset({"title", "description", "properties"})
#: The types of fields.
#: Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#create-custom-object-field
_TYPES = frozenset(
    {
        *("text", "textarea", "checkbox", "currency", "date", "integer", "decimal", "regexp"),
        *("dropdown", "lookup", "multiselect", "parent"),
    }
)


@creates(CustomObject)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an object with its standard fields.

    Raises:
        HTTPError: 422, if the key is invalid or taken, a title is missing, or the account has the
            maximum number of objects.
    """
    key = str(payload.get("key") or "")
    if not _KEY.fullmatch(key):
        raise _invalid("key", f"Key: {key or 'it'} is not valid", "InvalidValue")
    if context.store.get(meta.label, key) is not None:
        raise _invalid("key", f"Key: {key} has already been taken", "DuplicateValue")
    _check_limit(context, meta.label, Where("state < ?", (DELETED,)), MAX_OBJECTS)
    row = defaults.build_row(meta)
    resources.apply_values(meta, row, resources.select_fields(meta, payload))
    for name in ("title", "title_pluralized"):
        if not row[name]:
            title = name.replace("_", " ").capitalize()
            raise _invalid(name, f"{title}: cannot be blank", "BlankValue")
    for name in ("title", "title_pluralized", "description"):
        row[f"raw_{name}"] = row[f"raw_{name}"] or row[name]
    row["url"] = f"{BASE_URL}/api/v2/custom_objects/{key}.json"
    for name in ("created", "updated"):
        row[f"{name}_at"] = context.timestamp()
        row[f"{name}_by_user_id"] = str(context.user_id)
    context.write(meta, row)
    for position, (standard, title) in enumerate(_STANDARD_FIELDS.items()):
        _create_field(context, key, {"key": standard, "title": title, "position": position})
    return WriteResult(row)


@updates(CustomObject)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update an object, except for its key."""
    also = {"updated_by_user_id": str(context.user_id)}
    for name in ("title", "title_pluralized", "description"):
        if name in payload:
            also[f"raw_{name}"] = payload.get(f"raw_{name}") or payload[name]
    return resources.update(context, meta, stored, payload, also)


@deletes(CustomObject)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an object permanently, with its fields and records."""
    context.store.drop(meta.label, stored.id)
    context.store.drop_children(_FIELDS, stored.id)
    sql = f"DELETE FROM rows WHERE kind = ? AND {json_value('custom_object_key')} = ?"  # noqa: S608 - values are bound
    context.store.execute(sql, (CustomObjectRecord._meta.label, stored.id))
    return WriteResult(stored.doc)


@route("GET", "custom_objects/limits/object_limit", CustomObject)
def show_object_limit(context: Context, request: Request, target: Target) -> Response:
    """Return the number of objects and its limit."""
    where = Where("state < ?", (DELETED,))
    return _respond_with_limit(context, CustomObject._meta.label, where, MAX_OBJECTS)


@route("GET", "custom_objects/limits/record_limit", CustomObject)
def show_record_limit(context: Context, request: Request, target: Target) -> Response:
    """Return the number of records and its limit."""
    where = Where("state < ?", (DELETED,))
    return _respond_with_limit(context, CustomObjectRecord._meta.label, where, MAX_RECORDS)


@route("GET", "custom_objects/{id}/limits/field_limit", CustomObject)
def show_field_limit(context: Context, request: Request, target: Target) -> Response:
    """Return the number of fields of an object and its limit."""
    where = Where("parent = ?", (check_object(context, target.args[0]),))
    return _respond_with_limit(context, _FIELDS, where, MAX_FIELDS)


@route("GET", "custom_objects/{custom_object}/fields", CustomObjectField)
def list_fields(context: Context, request: Request, target: Target) -> Response:
    """Return the fields of an object; the standard fields only if the request includes them."""
    rows = list(get_fields(context, check_object(context, target.args[0])).values())
    if request.params.get("include_standard_fields") != "true":
        rows = [row for row in rows if row["key"] not in _STANDARD_FIELDS]
    metadata = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Response(text=dump_json({"custom_object_fields": rows, **metadata}))


@route("GET", "custom_objects/{custom_object}/fields/{id}", CustomObjectField)
def show_field(context: Context, request: Request, target: Target) -> Response:
    """Return a field by its key or id."""
    return _respond_with_field(_get_field(context, *target.args))


@route("POST", "custom_objects/{custom_object}/fields", CustomObjectField)
def create_field(context: Context, request: Request, target: Target) -> Response:
    """Create a field of an object.

    Raises:
        HTTPError: 422, if the key is invalid or taken, the type is unknown, the title is missing,
            or the object has the maximum number of fields.
    """
    key, payload = check_object(context, target.args[0]), request.get_object("custom_object_field")
    if not _KEY.fullmatch(str(payload.get("key"))):
        raise _invalid("key", f"Key: {payload.get('key')} is not valid", "InvalidValue")
    if payload["key"] in get_fields(context, key):
        raise _invalid("key", f"Key: {payload['key']} has already been taken", "DuplicateValue")
    if not payload.get("title"):
        raise _invalid("title", "Title: cannot be blank", "BlankValue")
    if payload.get("type") not in (None, *_TYPES):
        raise _invalid("type", f"Type: {payload['type']} is not valid", "InvalidValue")
    _check_limit(context, _FIELDS, Where("parent = ?", (key,)), MAX_FIELDS)
    row = _create_field(context, key, payload)
    return Response(201, dump_json({"custom_object_field": row}), {"Location": row["url"]})


@route("PATCH", "custom_objects/{custom_object}/fields/{id}", CustomObjectField)
def update_field(context: Context, request: Request, target: Target) -> Response:
    """Update a field by its key or id, except for its key, its type and its target.

    Of a standard field, only some attributes can be changed. Options that a list of options lacks
    are deleted.

    Raises:
        HTTPError: 422, if properties change although the object has records.
    """
    key, name = target.args
    row = _get_field(context, key, name)
    payload = request.get_object("custom_object_field")
    values = resources.select_fields(CustomObjectField._meta, payload, new=False)
    if row["key"] in _STANDARD_FIELDS:
        values = {name: value for name, value in values.items() if name in _CHANGEABLE}
    if "properties" in values:
        values["properties"] = {**row["properties"], **(values["properties"] or {})}
        records = where_equal("custom_object_key", str(key)) & Where("state < ?", (DELETED,))
        has_records = context.store.count(CustomObjectRecord._meta.label, records)
        if has_records and values["properties"] != row["properties"]:
            raise _invalid("properties", "Properties: cannot be changed", "InvalidValue")
    context.advance_past(row["updated_at"])
    row = {**row, **_complete_values(context, values), "updated_at": context.timestamp()}
    _write_field(context, key, row)
    return _respond_with_field(row)


@route("DELETE", "custom_objects/{custom_object}/fields/{id}", CustomObjectField)
def delete_field(context: Context, request: Request, target: Target) -> Response:
    """Delete a field by its key or id.

    Raises:
        HTTPError: 422, if it is a standard field.
    """
    row = _get_field(context, *target.args)
    if row["key"] in _STANDARD_FIELDS:
        raise _invalid("base", "Standard fields cannot be deleted", "InvalidValue")
    context.store.drop(_FIELDS, row["id"])
    return Response(204)


@route("PUT", "custom_objects/{custom_object}/fields/reorder", CustomObjectField)
def reorder_fields(context: Context, request: Request, target: Target) -> Response:
    """Set the order of the fields of an object.

    Raises:
        HTTPError: 404, if the object does not have one of the fields.
    """
    key = check_object(context, target.args[0])
    for position, pk in enumerate(request.body.get("custom_object_field_ids") or ()):
        _write_field(context, key, {**_get_field(context, key, pk), "position": position})
    return Response()


def check_object(context: Context, key: Any) -> str:
    """Return the key of an object.

    Raises:
        HTTPError: 404, if the object does not exist.
    """
    resources.get(context, CustomObject._meta, key)
    return str(key)


def get_fields(context: Context, key: str) -> dict[str, dict[str, Any]]:
    """Return the fields of an object by their keys, ordered by position."""
    where = Where("parent = ? AND state < ?", (key, DELETED))
    rows = context.store.select(_FIELDS, where, f"{json_value('position')}, id")
    return {row["key"]: row for row in rows}


def _get_field(context: Context, key: Any, name: Any) -> dict[str, Any]:
    """Return a field of an object by its key or id.

    Raises:
        HTTPError: 404, if object or field do not exist.
    """
    for field in get_fields(context, check_object(context, key)).values():
        if name in (field["key"], field["id"]):
            return field
    raise not_found()


def _create_field(context: Context, key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    values = resources.select_fields(CustomObjectField._meta, payload)
    row = {**defaults.build_row(CustomObjectField._meta), **_complete_values(context, values)}
    row["id"] = context.store.next_id()
    row["type"] = row["type"] or "text"
    row["properties"] = complete_object(_FIELDS, "properties", row["properties"] or {})
    row["created_at"] = row["updated_at"] = context.timestamp()
    row["url"] = f"{BASE_URL}/api/v2/custom_objects/{key}/fields/{row['id']}.json"
    _write_field(context, key, row)
    return row


def _complete_values(context: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a field with raw texts, and with ids of its options."""
    completed = dict(values)
    for name in ("title", "description"):
        if name in values:
            completed[f"raw_{name}"] = values.get(f"raw_{name}") or values[name]
    if "custom_field_options" in values:
        completed["custom_field_options"] = build_options(context, values["custom_field_options"])
    return completed


def _check_limit(context: Context, label: str, where: Where, limit: int) -> None:
    """Check that another row may be created.

    Raises:
        HTTPError: 422, if there is the maximum number of rows.
    """
    if context.store.count(label, where) >= limit:
        raise _invalid("base", f"The limit of {limit} has been reached", "LimitExceeded")


def _write_field(context: Context, key: str, row: dict[str, Any]) -> None:
    context.write(CustomObjectField._meta, row, parent=key, words="")


def _respond_with_field(row: Mapping[str, Any]) -> Response:
    return Response(text=dump_json({"custom_object_field": row}))


def _respond_with_limit(context: Context, label: str, where: Where, limit: int) -> Response:
    return Response(text=dump_json({"count": context.store.count(label, where), "limit": limit}))


def _invalid(name: str, description: str, error: str) -> HTTPError:
    return invalid_record({name: [field_error(description, error)]})

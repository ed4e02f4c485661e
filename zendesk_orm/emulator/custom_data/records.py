"""Records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import OFFSET_WALL
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import exports, reads, resources
from zendesk_orm.emulator.crud.json_filters import compile_filter
from zendesk_orm.emulator.crud.keyed_values import clean_values
from zendesk_orm.emulator.crud.paging import end_of_list, select_page
from zendesk_orm.emulator.custom_data.custom_objects import check_object, get_fields
from zendesk_orm.emulator.custom_data.record_events import record_event
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import creates, handles, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObjectRecord


_META = CustomObjectRecord._meta
_DELETED_VALUE = "[DELETED]"
#: The type of fields that refer to a parent record, which each record has.
_PARENT = "parent"

#: Types of fields that search looks through.
_TEXT_TYPES = frozenset({"text", "textarea", "regexp"})


@creates(CustomObjectRecord)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a record.

    Raises:
        HTTPError: 404, if the object does not exist; 422, if the record is invalid.
    """
    key = check_object(context, path["custom_object_key"])
    defaults = dict.fromkeys(_custom_keys(context, key))
    also = {
        "custom_object_fields": {**defaults, **_build_values(context, key, payload, {})},
        "created_by_user_id": str(context.user_id),
        "updated_by_user_id": str(context.user_id),
    }
    _validate(context, key, {**resources.select_fields(meta, payload), **also}, None)
    written = resources.create(context, meta, payload, path, also)
    _write(context, meta, key, written.row)
    record_event(context, written.row, None)
    return written


@updates(CustomObjectRecord)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a record; custom fields that the payload does not contain are unchanged.

    Raises:
        HTTPError: 422, if the record is invalid.
    """
    key, fields = stored.doc["custom_object_key"], stored.doc["custom_object_fields"]
    also = {
        "custom_object_fields": {**fields, **_build_values(context, key, payload, fields)},
        "updated_by_user_id": str(context.user_id),
    }
    values = {**stored.doc, **resources.select_fields(meta, payload), **also}
    _validate(context, key, values, stored.id)
    written = resources.update(context, meta, stored, payload, also)
    _write(context, meta, key, written.row)
    record_event(context, written.row, stored.doc)
    return written


@route("PATCH", "custom_objects/{custom_object_key}/records", CustomObjectRecord)
def upsert(context: Context, request: Request, target: Target) -> Response:
    """Update the record with an external id or a name, or create it.

    Raises:
        HTTPError: 400, unless exactly one of both is given; 422, if names are not unique.
    """
    key = check_object(context, target.args[0])
    payload = request.get_object(_META.singular)
    wire, value = _parse_key_parameter(request)
    written = create_or_update(context, key, wire, value, payload)
    return Response(text=dump_json({_META.singular: written.row}))


@route("DELETE", "custom_objects/{custom_object_key}/records", CustomObjectRecord)
def delete_by_key(context: Context, request: Request, target: Target) -> Response:
    """Delete the record with an external id or a name.

    Raises:
        HTTPError: 400, unless exactly one of both is given; 404, if the record does not exist;
            422, if names are not unique.
    """
    key = check_object(context, target.args[0])
    wire, value = _parse_key_parameter(request)
    _check_unique(context, key, wire)
    stored = find_record(context, key, wire, value)
    if stored is None:
        raise not_found()
    resources.delete(context, _META, stored)
    return Response(204)


@route("GET", "custom_objects/{custom_object_key}/records", CustomObjectRecord)
def list_records(context: Context, request: Request, target: Target) -> Response:
    """Return a page of records, or those with the given ids or external ids."""
    where = _where_of(check_object(context, target.args[0]))
    response = list_by_ids(context, request, target, where)
    return response or reads.list_rows(context, request, target)


@route("GET", "incremental/custom_objects/{custom_object_key}/cursor", CustomObjectRecord)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return a page of an incremental export, which has `has_more` as lists do.

    The values of deleted records are replaced, unless a parameter leaves those records out.
    """
    where = where_equal("custom_object_key", check_object(context, target.args[0]))
    excludes = request.params.get("filter[exclude_deleted]") == "true"
    if excludes:
        where &= Where("state < ?", (DELETED,))
    body = json.loads(exports.export(context, request, target, where).text)
    ids = [row["id"] for row in body[target.endpoint.key]]
    is_deleted = where_in("id", ids) & Where("state = ?", (DELETED,))
    deleted = {row["id"] for row in context.store.select(_META.label, is_deleted)}
    body[target.endpoint.key] = [
        _hide_values(row) if row["id"] in deleted else row for row in body[target.endpoint.key]
    ]
    metadata = {
        "filter": {"exclude_deleted": excludes},
        "meta": {"has_more": not body.pop("end_of_stream")},
    }
    return Response(text=dump_json({**body, **metadata}))


def _hide_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deleted record as exports do. Source: OpenAPI, "replaced with [DELETED]"."""
    values = dict.fromkeys(row["custom_object_fields"], _DELETED_VALUE)
    return {**row, "name": _DELETED_VALUE, "custom_object_fields": values}


@handles(Verb.FILTER)
@route("GET", "custom_objects/{custom_object_key}/records/search", CustomObjectRecord)
def search(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the records that match a filter and contain any word of a query.

    Without `sort`, only the first 10,000 records are returned.

    Raises:
        HTTPError: 400, if the filter is invalid.
    """
    key = check_object(context, target.args[0])
    where = _where_of(key)
    if request.body.get("filter"):
        where &= compile_filter(context, get_fields(context, key), request.body["filter"])
    words = normalize_words(request.params.get("query", "")).split()
    if words:
        any_word = Where("0")
        for word in words:
            any_word |= Where("instr(words, ?) > 0", (f" {word}",))
        where &= any_word
    return _respond_with_page(context, request, target, where)


@route("GET", "custom_objects/{custom_object_key}/records/autocomplete", CustomObjectRecord)
def autocomplete(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the records whose name starts with a prefix, ignoring case."""
    where = _where_of(check_object(context, target.args[0]))
    name = request.params.get("name", "").lower()
    where &= Where(f"substr(lower({json_value('name')}), 1, ?) = ?", (len(name), name))
    return _respond_with_page(context, request, target, where)


def create_or_update(
    context: Context, key: str, wire: str, value: Any, payload: Mapping[str, Any]
) -> WriteResult:
    """Update the record that has the value in a field, or create it.

    Raises:
        HTTPError: 400, if the value is missing; 422, if names are not unique or the record is
            invalid.
    """
    _check_unique(context, key, wire)
    if not value:
        raise missing_parameter(wire)
    stored = find_record(context, key, wire, value)
    if stored is not None:
        return update(context, _META, stored, payload)
    return create(context, _META, {wire: value, **payload}, {"custom_object_key": key})


def find_record(context: Context, key: str, wire: str, value: Any) -> StoredRow | None:
    """Return the record of an object that has the value in a field, or None."""
    where = _where_of(key) & where_equal(wire, value)
    rows = context.store.select_texts(_META.label, where, limit=1)
    return context.store.get_row(_META.label, rows[0][1]) if rows else None


def list_by_ids(
    context: Context, request: Request, target: Target, where: Where
) -> Response | None:
    """Return the rows with the ids in `filter[ids]` or `filter[external_ids]`.

    Returns None if the request has neither.
    """
    columns = {"filter[ids]": "id", "filter[external_ids]": json_value("external_id")}
    for parameter, sql in columns.items():
        if parameter in request.params:
            where &= where_in(sql, request.get_list(parameter))
            texts = [row[0] for row in context.store.select_texts(target.meta.label, where)]
            metadata = {"count": len(texts), **end_of_list()}
            return Response(text=reads.render_list(target, texts, "", metadata))
    return None


def _respond_with_page(
    context: Context, request: Request, target: Target, where: Where
) -> Response:
    label = target.meta.label
    if not request.params.get("sort"):
        ids = f"SELECT id FROM rows WHERE kind = ? AND ({where.sql}) ORDER BY id LIMIT ?"  # noqa: S608 - values are bound
        where = Where(f"id IN ({ids})", (label, *where.values, OFFSET_WALL))
    # All searches are paged alike. Zendesk's default order is relevance, here it is the id.
    endpoints = tuple(
        evolve(endpoint, default_order=None)
        for endpoint in target.meta.api
        if endpoint.verb is Verb.FILTER
    )
    page = select_page(context, request, evolve(target, endpoints=endpoints), where)
    metadata = {"count": len(page.texts), **page.metadata}
    return Response(text=reads.render_list(target, page.texts, "", metadata))


def _where_of(key: str) -> Where:
    """Return the condition for the records of an object."""
    return Where("state < ?", (DELETED,)) & where_equal("custom_object_key", key)


def _custom_keys(context: Context, key: str) -> list[str]:
    """Return the keys of the custom fields of an object, without those of standard fields."""
    return [name for name in get_fields(context, key) if "::" not in name]


def _build_values(
    context: Context, key: str, payload: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of a payload for the custom fields that the object has.

    Raises:
        HTTPError: 422, if a field rejects its value, or refers to a parent that does not exist.
    """
    values = payload.get("custom_object_fields") or {}
    fields = get_fields(context, key)
    chosen = {name: values[name] for name in _custom_keys(context, key) if name in values}
    stored, errors = clean_values(context, fields.values(), chosen, before)
    for name, value in stored.items():
        if fields[name]["type"] == _PARENT and value not in (None, ""):
            stored[name] = _find_parent(context, fields[name], str(value))
            if stored[name] is None:
                text = f"{fields[name]['title']}: {value} is not the id of a record"
                errors[name] = [field_error(text, "InvalidValue")]
    if errors:
        raise invalid_record(errors)
    return stored


def _find_parent(context: Context, field: Mapping[str, Any], value: str) -> Any:
    """Return the id of a parent record, given as an id, `external_id:value` or `name:value`.

    Source: OpenAPI, `CreateCustomObjectRecord`
    """
    key = str(field.get("relationship_target_type") or "").rpartition(":")[2]
    wire, _, text = value.partition(":")
    if wire in ("external_id", "name") and text:
        stored = find_record(context, key, wire, text)
    else:
        stored = context.store.get_row(_META.label, value)
    is_parent = stored is not None and stored.doc["custom_object_key"] == key
    return stored.id if stored is not None and is_parent else None


def _write(context: Context, meta: Options, key: str, row: dict[str, Any]) -> None:
    """Write a record with the words that search looks through."""
    fields, values = get_fields(context, key), row["custom_object_fields"]
    texts = [values[name] for name in values if fields[name]["type"] in _TEXT_TYPES]
    text = " ".join(str(value) for value in (row["name"], *texts) if value)
    context.write(meta, row, words=normalize_words(text))


def _validate(context: Context, key: str, row: Mapping[str, Any], pk: Any) -> None:
    """Raise `HTTPError` if values are missing, or are not unique among other records."""
    details: dict[str, list[dict[str, Any]]] = {}
    fields = get_fields(context, key)
    if not row.get("name"):
        details["name"] = [field_error("Name: cannot be blank", "BlankValue")]
    for name, value in row["custom_object_fields"].items():
        is_required = fields[name]["required"] or fields[name]["type"] == _PARENT
        if is_required and value in (None, ""):
            title = fields[name]["title"]
            details[name] = [field_error(f"{title}: cannot be blank", "BlankValue")]
    unique = ["external_id", *(["name"] if _has_unique_names(fields) else [])]
    for wire in unique:
        value = row.get(wire)
        other = find_record(context, key, wire, value) if value else None
        if other is not None and other.id != pk:
            text = f"{wire.replace('_', ' ').capitalize()}: {value} has already been taken"
            details[wire] = [field_error(text, "DuplicateValue")]
    if details:
        raise invalid_record(details)


def _has_unique_names(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    return bool(fields["standard::name"]["properties"].get("is_unique"))


def _parse_key_parameter(request: Request) -> tuple[str, str]:
    """Return the field that identifies a record, external id or name, and its value.

    Raises:
        HTTPError: 400, unless the request has exactly one of both.
    """
    wires = [wire for wire in ("external_id", "name") if request.params.get(wire)]
    if len(wires) != 1:
        raise missing_parameter("external_id or name")
    return wires[0], request.params[wires[0]]


def _check_unique(context: Context, key: str, wire: str) -> None:
    """Raise `HTTPError` if names cannot identify records, because they are not unique."""
    if wire == "name" and not _has_unique_names(get_fields(context, key)):
        text = "Name: is_unique is not enabled for the name field"
        raise invalid_record({"name": [field_error(text, "InvalidValue")]})

"""Custom fields, and the options of drop-down fields.

Options of ticket and user fields are rows. The field contains a copy, which is updated with them.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, require_scalar
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    OrganizationField,
    TicketField,
    TicketFieldOption,
    UserField,
    UserFieldOption,
)


#: Options of models by the label of the field, and options of fields by the label of the option.
_OPTIONS = {
    TicketField._meta.label: TicketFieldOption._meta,
    UserField._meta.label: UserFieldOption._meta,
}
_FIELDS = {
    TicketFieldOption._meta.label: TicketField._meta,
    UserFieldOption._meta.label: UserField._meta,
}
#: Attributes of a system field that can be changed.
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_CHANGEABLE = frozenset({"active", "position"})
#: Keys of users and organizations: letters, digits and underscores, not digits alone.
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_KEY = re.compile(r"(?![0-9]+$)[A-Za-z0-9_]+")
#: The types that can be created, those of ticket fields and those of other fields.
#: Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-ticket-field
_SHARED_TYPES = frozenset(
    {
        *("checkbox", "date", "decimal", "integer", "lookup", "multiselect", "regexp"),
        *("text", "textarea"),
    }
)
_TICKET_TYPES = _SHARED_TYPES | {"partialcreditcard", "tagger"}
_KEYED_TYPES = _SHARED_TYPES | {"currency", "dropdown"}
#: Keys of an option in its field.
_OPTION_KEYS = ("id", "name", "raw_name", "value", "default")


@creates(OrganizationField)
@creates(TicketField)
@creates(UserField)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a field with its options.

    Raises:
        HTTPError: 422, if the title is empty, or the key is invalid or used already.
    """
    values = _check(context, meta, payload)
    if meta.label == TicketField._meta.label:
        values["creator_user_id"] = context.user_id
    result = resources.create(context, meta, payload, path, values)
    if payload.get("custom_field_options"):
        _set_options(context, meta, result.row, payload["custom_field_options"])
    return result


@updates(OrganizationField)
@updates(TicketField)
@updates(UserField)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a field. Options that a list of options lacks are deleted.

    Of a system field of users and organizations, only some attributes can be changed.

    Raises:
        HTTPError: 422, if there are too many options, or two with the same value.
    """
    if stored.doc.get("system"):
        payload = {name: value for name, value in payload.items() if name in _CHANGEABLE}
    values = {}
    for name in ("title", "description", "title_in_portal"):
        if name in payload and f"raw_{name}" in stored.doc and f"raw_{name}" not in payload:
            values[f"raw_{name}"] = payload[name]
    fields = {key: value for key, value in payload.items() if key != "custom_field_options"}
    result = resources.update(context, meta, stored, fields, values)
    if "custom_field_options" in payload:
        _set_options(context, meta, result.row, payload["custom_field_options"] or ())
    return result


@route("GET", "ticket_fields/{ticket_field}/options", TicketFieldOption)
@route("GET", "user_fields/{user_field}/options", UserFieldOption)
def list_options(context: Context, request: Request, target: Target) -> Response:
    """List the options of a field."""
    _materialize_options(context, target)
    return reads.list_rows(context, request, target)


@route("GET", "ticket_fields/{ticket_field}/options/{id}", TicketFieldOption)
@route("GET", "user_fields/{user_field}/options/{id}", UserFieldOption)
def show_option(context: Context, request: Request, target: Target) -> Response:
    """Return an option of a field."""
    _materialize_options(context, target)
    return reads.show(context, request, target)


@route("POST", "ticket_fields/{ticket_field}/options", TicketFieldOption)
@route("POST", "user_fields/{user_field}/options", UserFieldOption)
def create_or_update_option(context: Context, request: Request, target: Target) -> Response:
    """Create an option, or update the one whose id is in the body.

    Raises:
        HTTPError: 422, if name or value of a new option are empty.
    """
    meta, field = target.meta, _materialize_options(context, target)
    payload = request.get_object(meta.envelope)
    stored = context.store.get_row(meta.label, payload.get("id"))
    if stored is None:
        _check_option(payload)
        _check_options(context, [*_select_options(context, field), payload])
        values = {key: value for key, value in payload.items() if key != "id"}
        result = _create_option(context, meta, field, values)
    else:
        result = _update_option(context, meta, stored, payload)
    _update_field(context, field)
    return Response(201 if stored is None else 200, dump_json({meta.envelope: result.row}))


@route("DELETE", "ticket_fields/{ticket_field}/options/{id}", TicketFieldOption)
@route("DELETE", "user_fields/{user_field}/options/{id}", UserFieldOption)
def delete_option(context: Context, request: Request, target: Target) -> Response:
    """Delete an option of a field."""
    field = _materialize_options(context, target)
    stored = resources.get(context, target.meta, target.kwargs["id"], target.kwargs)
    resources.delete(context, target.meta, stored)
    _update_field(context, field)
    return Response(204)


def _check(context: Context, meta: Options, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Check the payload of a new field, and return its default values.

    Raises:
        HTTPError: 422, if the title is empty, the type is unknown, or the key is invalid or used
            already.
    """
    title = payload.get("title")
    if not str(title or "").strip():
        raise invalid_record({"title": [field_error("Title: cannot be blank", "BlankValue")]})
    values = {"type": payload.get("type") or "text"}
    is_ticket = meta.label == TicketField._meta.label
    if values["type"] not in (_TICKET_TYPES if is_ticket else _KEYED_TYPES):
        text = f"Type: {values['type']} is not valid"
        raise invalid_record({"type": [field_error(text, "InvalidValue")]})
    if is_ticket:
        # Recorded: the title is the default of these texts.
        for name in ("description", "title_in_portal"):
            values[name] = payload.get(name) or title
        return values
    key = payload.get("key")
    if not _KEY.fullmatch(str(key or "")):
        raise invalid_record({"key": [field_error("Key: is invalid", "InvalidValue")]})
    if context.store.find(meta.label, "key", key):
        text = f"Key: {key} has already been taken"
        raise invalid_record({"key": [field_error(text, "DuplicateValue")]})
    return values


def _check_option(payload: Mapping[str, Any]) -> None:
    for name in ("name", "value"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})


def build_options(context: Context, options: Any) -> list[dict[str, Any]]:
    """Return options as a field contains them if they are not rows themselves.

    Raises:
        HTTPError: 422, if there are too many options, or two with the same value.
    """
    _check_options(context, options or ())
    rows = []
    for option in options or ():
        pk = option.get("id")
        values = {
            "id": context.store.next_id() if pk in (None, "", "null") else pk,
            "name": option.get("name"),
            "raw_name": option.get("raw_name") or option.get("name"),
            "value": option.get("value"),
            "default": bool(option.get("default")),
        }
        rows.append(values)
    return rows


def _check_options(context: Context, options: Any) -> None:
    """Check the options of a field.

    Raises:
        HTTPError: 422, if there are too many, or two with the same value.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-or-update-ticket-field-option
    """
    limit = context.switches.max_options
    if len(options) > limit:
        text = f"Custom field options: cannot have more than {limit} options"
        raise invalid_record({"custom_field_options": [field_error(text, "InvalidValue")]})
    values = [str(option.get("value")) for option in options if isinstance(option, dict)]
    if context.switches.unique_options and len({*values}) < len(values):
        text = "Custom field options: values must be unique"
        raise invalid_record({"custom_field_options": [field_error(text, "DuplicateValue")]})


def _materialize_options(context: Context, target: Target) -> StoredRow:
    """Create rows for options that only the field contains, and return the field."""
    field: StoredRow = resources.get(context, _FIELDS[target.meta.label], target.args[0])
    for position, option in enumerate(field.doc.get("custom_field_options") or ()):
        if context.store.get_row(target.meta.label, option.get("id")) is None:
            _create_option(context, target.meta, field, {**option, "position": position})
    return field


def _create_option(
    context: Context, meta: Options, field: StoredRow, option: Mapping[str, Any]
) -> WriteResult:
    row = defaults.build_row(meta)
    row.pop(f"{_FIELDS[meta.label].singular}_id", None)
    resources.apply_values(meta, row, resources.select_fields(meta, option))
    row["id"] = option.get("id")
    row["raw_name"] = option.get("raw_name") or row["name"]
    row["allow_solving"] = row["allow_solving"] is not False
    row["default"] = bool(option.get("default"))
    if row["position"] is None:
        row["position"] = context.store.count(meta.label, _where_field(field))
    resources.initialize(context, meta, row)
    row["url"] = str(field.doc["url"]).replace(".json", f"/options/{row['id']}.json")
    context.write(meta, row, parent=field.id)
    return WriteResult(row)


def _update_option(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    values: dict[str, Any] = {}
    if "name" in payload:
        values["raw_name"] = payload.get("raw_name") or payload["name"]
    if "default" in payload:
        values["default"] = bool(payload["default"])
    return resources.update(context, meta, stored, payload, values)


def _set_options(context: Context, meta: Options, row: dict[str, Any], options: Any) -> None:
    """Create, update and delete the options of a field so that it has exactly these."""
    option_meta, field = _OPTIONS.get(meta.label), StoredRow(meta.label, row["id"], row)
    if option_meta is None:
        row["custom_field_options"] = build_options(context, options)
        context.write(meta, row)
        return
    _check_options(context, options)
    removed = {option["id"] for option in _select_options(context, field)}
    for position, option in enumerate(options):
        values = {**option, "position": position}
        pk = option.get("id")
        require_scalar("id", pk)
        stored = context.store.get_row(option_meta.label, pk) if pk else None
        if stored is None:
            result = _create_option(context, option_meta, field, values)
        else:
            result = _update_option(context, option_meta, stored, values)
        removed.discard(result.row["id"])
    for pk in removed:
        resources.delete(context, option_meta, resources.get(context, option_meta, pk))
    _update_field(context, field)


def _update_field(context: Context, field: StoredRow) -> None:
    """Update the options in a field."""
    meta = (TicketField if field.kind == TicketField._meta.label else UserField)._meta
    field.doc["custom_field_options"] = [
        {name: option.get(name, False) for name in _OPTION_KEYS}
        for option in _select_options(context, field)
    ]
    context.write(meta, field.doc)


def _select_options(context: Context, field: StoredRow) -> list[dict[str, Any]]:
    label = _OPTIONS[field.kind].label
    return context.store.select(label, _where_field(field), f"{json_value('position')}, id")


def _where_field(field: StoredRow) -> Where:
    return Where("parent = ? AND state < ?", (field.id, DELETED))

"""Validation of rows before they are written: status 422, with the errors by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.server.errors import field_error, invalid_record, ticket_field_error
from zendesk_orm.schema.options import Options


#: Errors by field.
Details = dict[str, list[dict[str, Any]]]
#: Checks a row, given its options, its new values and its previous values (None if it is new).
Validator = Callable[[Context, Options, Mapping[str, Any], "Mapping[str, Any] | None"], Details]


#: An e-mail address. Domains need a dot, and no part of it may be empty.
_ADDRESS = re.compile(r"[^@\s,;<>()\[\]\\\":]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_MAX_ADDRESS = 255
_SOLVED = ("solved", "closed")


def check(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Check the values of a row.

    Args:
        context: the account.
        meta: the options of its model.
        row: the row after the change.
        before: the row before the change; None if it is new.

    Raises:
        HTTPError: 422, if a value is invalid.
    """
    details: Details = {}
    for validator in (_check_choices, _check_references, *VALIDATORS.get(meta.label, ())):
        for name, errors in validator(context, meta, row, before).items():
            details.setdefault(name, []).extend(errors)
    if details:
        raise invalid_record(details)


def _check_choices(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that each field with fixed choices has one of them."""
    details: Details = {}
    for field in meta.fields.values():
        value = row.get(field.wire)
        if not field.kind.choices or value in field.kind.choices:
            continue
        if value is None and (field.nullable or before is None or before.get(field.wire) is None):
            continue
        title = field.wire.replace("_", " ").capitalize()
        details[field.wire] = [field_error(f"{title}: {value} is not valid", "InvalidValue")]
    return details


def _check_references(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that the rows exist to which changed relations point."""
    details: Details = {}
    for name, relation in meta.relations.items():
        value = relation.id.read(row)
        if value is None or (before is not None and relation.id.read(before) == value):
            continue
        if context.store.get(relation.model._meta.label, value) is None:
            text = f"{name.replace('_', ' ').capitalize()}: {value} was not found"
            details[name] = [field_error(text, "RecordNotFound")]
    return details


def _require(name: str) -> Validator:
    """Return a validator for a field that must not be blank."""

    def validate(
        context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> Details:
        if str(row.get(name) or "").strip():
            return {}
        title = name.replace("_", " ").capitalize()
        return {name: [field_error(f"{title}: cannot be blank", "BlankValue")]}

    return validate


def _require_unique(name: str, message: str) -> Validator:
    """Return a validator for a field whose value no other row may have."""

    def validate(
        context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> Details:
        value = row.get(name)
        if value in (None, "") or (before is not None and before.get(name) == value):
            return {}
        others = context.store.find(meta.label, name, value)
        if all(other["id"] == row.get("id") for other in others):
            return {}
        return {name: [field_error(message.format(value), "DuplicateValue")]}

    return validate


def _require_address(name: str, kind: str | None = None) -> Validator:
    """Return a validator for a field with an e-mail address.

    Args:
        name: the field.
        kind: the type of the rows whose field is an address; None for all rows.
    """

    def validate(
        context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> Details:
        value = row.get(name)
        unchanged = before is not None and before.get(name) == value
        if value in (None, "") or unchanged or (kind and row.get("type") != kind):
            return {}
        if _ADDRESS.fullmatch(str(value)) and len(value) <= _MAX_ADDRESS:
            return {}
        text = f"{name.capitalize()}: {value} is not properly formatted"
        return {name: [field_error(text, "InvalidFormat")]}

    return validate


def _check_description(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that a new ticket has a description."""
    if before is not None or str(row.get("description") or "").strip():
        return {}
    return {"description": [field_error("Description: cannot be blank", "BlankValue")]}


def _check_status(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that an updated ticket is not closed."""
    if before is None or before.get("status") != "closed":
        return {}
    return {"status": [field_error("closed prevents ticket update")]}


def _check_requester(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that the new requester of a ticket is not suspended.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/369
    """
    relation = meta.relations["requester"]
    user = context.store.get(relation.model._meta.label, row.get("requester_id"))
    unchanged = before is not None and before.get("requester_id") == row.get("requester_id")
    if unchanged or user is None or not user.get("suspended"):
        return {}
    text = f"Requester: {user.get('name')} is suspended."
    return {"requester": [field_error(text, "InvalidValue")]}


def _check_required_fields(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that a ticket which is solved has the custom fields that this requires.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
    """
    if before is None or row.get("status") not in _SOLVED or before.get("status") in _SOLVED:
        return {}
    values = {field["id"]: field["value"] for field in row.get("custom_fields") or ()}
    errors = [
        ticket_field_error(field, f"{field['title']}: is required when solving a ticket", None)
        for field in context.store.find("support.TicketField", "required", 1)
        if field["active"] and field["removable"]
        if values.get(field["id"]) in (None, "", [], False)
    ]
    return {"base": errors} if errors else {}


def _check_assignee(
    context: Context, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Check that the assignee is an agent."""
    relation = meta.relations["assignee"]
    user = context.store.get(relation.model._meta.label, row.get("assignee_id"))
    if user is None or user.get("role") in ("agent", "admin"):
        return {}
    text = f"Assignee: {user.get('name')} is not an agent"
    return {"assignee": [field_error(text, "InvalidValue")]}


_EXTERNAL_ID_TAKEN = "External has already been taken"

#: Validators of one model, by its label.
VALIDATORS: Mapping[str, tuple[Validator, ...]] = {
    "support.Ticket": (
        _check_description,
        _check_status,
        _check_requester,
        _check_assignee,
        _check_required_fields,
    ),
    "support.User": (
        _require("name"),
        _require_address("email"),
        _require_unique("email", "Email: {} is already being used by another user"),
        _require_unique("external_id", _EXTERNAL_ID_TAKEN),
    ),
    "support.Organization": (
        _require("name"),
        # Recorded with two blanks.
        _require_unique("name", "Name:  {} has already been taken"),
        _require_unique("external_id", _EXTERNAL_ID_TAKEN),
    ),
    "support.Group": (_require("name"),),
    "support.Holiday": (_require("start_date"), _require("end_date")),
    "support.RecipientAddress": (_require_address("email"),),
    "support.UserIdentity": (_require("value"), _require_address("value", "email")),
}

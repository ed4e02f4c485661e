"""Identities of users. The primary e-mail identity is the e-mail address of the user.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.support import User, UserIdentity


_META = UserIdentity._meta


@route("GET", "users/{user}/identities", UserIdentity)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the identities of a user, including the user's e-mail address."""
    _materialize(context, target.args[0])
    return reads.list_rows(context, request, target)


@creates(UserIdentity)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an identity of a user; the first one of its type is primary.

    Raises:
        HTTPError: 404, if the user does not exist; 422, if type or value is empty, or another
            user has the identity.
    """
    user = path["user"]
    _materialize(context, user)
    for name in ("type", "value"):
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})
    type_, value = str(payload["type"]), str(payload["value"])
    _check_unique(context, type_, value)
    primary = not _select_type(context, user, type_)
    state = "deliverable" if type_ == "email" else None
    values = _build_values(primary=primary, verified=bool(payload.get("verified")), state=state)
    result = resources.create(context, meta, payload, path, values)
    if primary:
        _update_user(context, user, type_, value)
    return result


@updates(UserIdentity)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update the value of an identity, or whether it is verified.

    Raises:
        HTTPError: 422, if another user has the value.
    """
    row, values = stored.doc, {}
    value = str(payload.get("value", row["value"]))
    if value.lower() != row["value"].lower():
        _check_unique(context, row["type"], value)
    if "verified" in payload:
        values["verification_method"] = "low" if payload["verified"] else "none"
    elif "verification_method" in payload:
        values["verified"] = payload["verification_method"] != "none"
    result = resources.update(context, meta, stored, payload, values)
    if row["primary"]:
        _update_user(context, row["user_id"], row["type"], value)
    return result


@deletes(UserIdentity)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an identity; the next one of its type becomes primary."""
    row = stored.doc
    result = resources.delete(context, meta, stored)
    if row["primary"]:
        others = _select_type(context, row["user_id"], row["type"])
        if others:
            _write(context, {**others[0], "primary": True})
        _update_user(context, row["user_id"], row["type"], others[0]["value"] if others else None)
    return result


@route("PUT", "users/{user}/identities/{id}/make_primary", UserIdentity)
def make_primary(context: Context, request: Request, target: Target) -> Response:
    """Make an identity primary, and return all identities of the user."""
    user, pk = target.args
    row = resources.get(context, target.meta, pk, {"user": user}).doc
    for other in _select_type(context, user, row["type"]):
        _write(context, {**other, "primary": other["id"] == pk})
    _update_user(context, user, row["type"], row["value"])
    return Response(text=dump_json({"identities": _select(context, user)}))


@route("PUT", "users/{user}/identities/{id}/verify", UserIdentity)
def verify(context: Context, request: Request, target: Target) -> Response:
    """Mark an identity as verified, and return it."""
    user, pk = target.args
    row = resources.get(context, target.meta, pk, {"user": user}).doc
    values = {"verified": True, "verification_method": "low", "verified_at": context.timestamp()}
    row = {**row, **values, "updated_at": context.timestamp()}
    _write(context, row)
    return Response(text=dump_json({"identity": row}))


@route("PUT", "users/{user}/identities/{id}/request_verification", UserIdentity)
def request_verification(context: Context, request: Request, target: Target) -> Response:
    """Return an empty object. The emulator sends no e-mail."""
    user, pk = target.args
    resources.get(context, target.meta, pk, {"user": user})
    return Response(text="{}")


def select(context: Context, user: Any) -> list[dict[str, Any]]:
    """Return the identities of a user, including the user's e-mail address."""
    if context.store.get(User._meta.label, user) is not None:
        _materialize(context, user)
    return _select(context, user)


def find_user(context: Context, email: str) -> dict[str, Any] | None:
    """Return the user with an e-mail address, primary or not, or None."""
    users = context.store.find(User._meta.label, "email", email)
    if users:
        return users[0]
    for row in context.store.find(_META.label, "value", email):
        if row["type"] == "email":
            return context.store.get(User._meta.label, row["user_id"])
    return None


def add_email(context: Context, user: Mapping[str, Any], email: str) -> None:
    """Create an e-mail identity of a user, unless the user has it already.

    Raises:
        HTTPError: 422, if another user has the address.
    """
    _materialize(context, user["id"])
    emails = {row["value"].lower() for row in _select_type(context, user["id"], "email")}
    if email.lower() not in emails:
        create(context, _META, {"type": "email", "value": email}, {"user": user["id"]})


def replace_email(context: Context, user: Any, email: str) -> None:
    """Set the address of a user's primary e-mail identity, if there is one."""
    for row in _select_type(context, user, "email"):
        if row["primary"]:
            _write(context, {**row, "value": email, "updated_at": context.timestamp()})


def drop_all(context: Context, user: Any) -> None:
    """Delete all identities of a user permanently."""
    context.store.drop_children(_META.label, user)


def move_all(context: Context, loser: Any, winner: Any) -> None:
    """Move all identities of a user to another, whose primary identities remain primary."""
    _materialize(context, winner)
    _materialize(context, loser)
    for row in _select(context, loser):
        primary = row["primary"] and not _select_type(context, winner, row["type"])
        moved = {**row, "user_id": winner, "primary": primary}
        _write(context, {**moved, "url": defaults.build_url(_META, moved)})


def _materialize(context: Context, pk: Any) -> None:
    """Create the identities of a user's e-mail address and phone number.

    They are as old as the user, and have no events.
    """
    user = resources.get(context, User._meta, pk).doc
    with context.backdate(load_datetime(user["created_at"]).timestamp()), context.changes.pause():
        _materialize_email(context, pk, user)
        if user.get("phone") and not user.get("shared_phone_number"):
            _materialize_phone(context, pk, user["phone"])


def _materialize_email(context: Context, pk: Any, user: Mapping[str, Any]) -> None:
    if user["email"] and not _select_type(context, pk, "email"):
        values = _build_values(primary=True, verified=user["verified"], state="deliverable")
        values |= {"type": "email", "value": user["email"]}
        resources.create(context, _META, {}, {"user": pk}, values)


def _materialize_phone(context: Context, pk: Any, phone: str) -> None:
    """Create the identity of a phone number that is not shared.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/487
    """
    others = _select_type(context, pk, "phone_number")
    if not any(row["value"] == phone for row in others):
        values = _build_values(primary=not others, verified=False, state=None)
        values |= {"type": "phone_number", "value": phone}
        resources.create(context, _META, {}, {"user": pk}, values)


def _build_values(*, primary: bool, verified: Any, state: str | None) -> dict[str, Any]:
    return {
        "primary": primary,
        "verified": verified,
        "verification_method": "low" if verified else "none",
        "undeliverable_count": 0,
        "deliverable_state": state,
    }


def _select(context: Context, user: Any) -> list[dict[str, Any]]:
    """Return the identities of a user, in the order of their creation."""
    return context.store.select(_META.label, Where("parent = ? AND state < ?", (user, DELETED)))


def _select_type(context: Context, user: Any, type_: str) -> list[dict[str, Any]]:
    """Return the identities of a user that have a type."""
    return [row for row in _select(context, user) if row["type"] == type_]


def _check_unique(context: Context, type_: str, value: str) -> None:
    """Raise `HTTPError` (422) if a user has the identity."""
    others = [
        row for row in context.store.find(_META.label, "value", value) if row["type"] == type_
    ]
    if others or (type_ == "email" and context.store.find(User._meta.label, "email", value)):
        text = f"{type_.capitalize()}: {value} is already being used by another user"
        raise invalid_record({type_: [field_error(text, "DuplicateValue")]})


def _write(context: Context, row: dict[str, Any]) -> None:
    context.write(_META, row, parent=row["user_id"])


def _update_user(context: Context, pk: Any, type_: str, value: str | None) -> None:
    """Set the e-mail address of a user to that of the primary identity."""
    stored = resources.get(context, User._meta, pk)
    if type_ == "email" and stored.doc["email"] != value:
        row = {**stored.doc, "email": value, "updated_at": context.timestamp()}
        context.write(User._meta, row, state=stored.state)

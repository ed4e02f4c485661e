"""Profiles of users in other applications and systems.

Source: https://developer.zendesk.com/api-reference/ticketing/users/profiles_api/profiles_api/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import deletes, route, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult, dump_json
from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema.options import Options
from zendesk_orm.support import User, UserEvent, UserIdentity, UserProfile
from zendesk_orm.support.users.profiles import Identifier


_META = UserProfile._meta
#: The fields of users, by the identifiers that refer to them.
_USER_FIELDS = {"email": "email", "external_id": "external_id", "phone_number": "phone"}
#: The names of profiles without a name, by the identifier that they are made of.
_NAMES = {
    "email": "{}",
    "external_id": "User {}",
    "phone_number": "User {}",
    "twitter": "Twitter user {}",
    "facebook": "Facebook user {}",
    "sdk": "SDK user {}",
}


def error(status: int, code: str, title: str) -> HTTPError:
    """Return an error in the form of profiles and events; its codes are unconfirmed."""
    pk = str(uuid.uuid5(uuid.NAMESPACE_URL, code))
    return HTTPError(status, {"errors": [{"code": code, "id": pk, "title": title}]}, UNCONFIRMED)


@route("GET", "users/{user}/profiles", UserProfile)
def list_of_user(context: Context, request: Request, target: Target) -> Response:
    """List the profiles of a user.

    Raises:
        HTTPError: 404, if the user does not exist.
    """
    user = resources.get(context, User._meta, target.args[0]).id
    rows = context.store.find(_META.label, "user_id", str(user))
    return Response(text=dump_json({"profiles": rows}))


@route("GET", "user_profiles", UserProfile)
def show_by_identifier(context: Context, request: Request, target: Target) -> Response:
    """Return the profile with an identifier.

    Raises:
        HTTPError: 400, if the identifier is invalid; 404, if the profile does not exist.
    """
    return Response(text=dump_json({"profile": require_profile(context, request)}))


@route("PUT", "user_profiles", UserProfile)
@route("PUT", "users/{user}/profiles", UserProfile)
def put(context: Context, request: Request, target: Target) -> Response:
    """Replace the profile with an identifier, or create it.

    Raises:
        HTTPError: 400, if the identifier or the profile is invalid; 404, if the user does not
            exist.
    """
    identifier = _parse_identifier(request)
    user = resources.get(context, User._meta, target.args[0]).id if target.args else None
    existing = find_profile(context, identifier)
    row = write_profile(context, request.get_object("profile"), existing, user)
    return Response(200 if existing else 201, dump_json({"profile": row}))


@route("PUT", "user_profiles/{id}", UserProfile)
def replace(context: Context, request: Request, target: Target) -> Response:
    """Replace a profile.

    Raises:
        HTTPError: 400, if the profile is invalid; 404, if it does not exist.
    """
    existing = resources.get(context, _META, target.args[0]).doc
    row = write_profile(context, request.get_object("profile"), existing)
    return Response(text=dump_json({"profile": row}))


@route("PATCH", "user_profiles", UserProfile)
def update_by_identifier(context: Context, request: Request, target: Target) -> Response:
    """Update the profile with an identifier.

    Raises:
        HTTPError: 400, if the identifier is invalid; 404, if the profile does not exist.
    """
    existing = require_profile(context, request)
    row = _merge(context, existing, request.get_object("profile"))
    return Response(text=dump_json({"profile": row}))


@updates(UserProfile)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Set the name and attributes, and add identifiers."""
    return WriteResult(_merge(context, stored.doc, payload))


@deletes(UserProfile)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a profile with its events."""
    context.store.drop_children(UserEvent._meta.label, stored.id)
    return resources.delete(context, meta, stored)


def require_profile(context: Context, request: Request) -> dict[str, Any]:
    """Return the row of the profile that the parameter `identifier` names.

    Raises:
        HTTPError: 400, if the identifier is invalid; 404, if the profile does not exist.
    """
    row = find_profile(context, _parse_identifier(request))
    if row is None:
        raise error(404, "ProfileNotFound", "Profile not found")
    return row


def find_profile(context: Context, identifier: Identifier) -> dict[str, Any] | None:
    """Return the row of the profile with an identifier, or None."""
    item = _normalize({"type": identifier.key, "value": identifier.value})
    for row in context.store.find(_META.label, "source", identifier.source):
        if row["type"] == identifier.type and item in row["identifiers"]:
            return row
    return None


def write_profile(
    context: Context,
    values: Mapping[str, Any],
    existing: Mapping[str, Any] | None = None,
    user: Any = None,
) -> dict[str, Any]:
    """Create or replace a profile and return its row.

    Args:
        context: the account.
        values: the profile in the body of the request.
        existing: the row that is replaced.
        user: the id of the user; by default that of the identifiers, or a new one.

    Raises:
        HTTPError: 400, if a value is missing.
    """
    identifiers = values.get("identifiers")
    for name in ("source", "type", "identifiers"):
        if not values.get(name) or (name == "identifiers" and not isinstance(identifiers, list)):
            raise error(400, "InvalidProfile", f"{name} is invalid")
    cleaned = [_normalize(item) for item in identifiers or ()]
    name = values.get("name") or _make_name(cleaned)
    owner = user or (existing or {}).get("user_id") or _find_user(context, cleaned, name)
    if existing is not None:
        context.advance_past(existing["updated_at"])
    now = context.timestamp()
    row = {
        "id": existing["id"] if existing else resources.generate_ulid(context),
        "name": name,
        "source": values["source"],
        "type": values["type"],
        "identifiers": cleaned,
        "attributes": values.get("attributes") or {},
        "user_id": str(owner),
        "created_at": existing["created_at"] if existing else now,
        "updated_at": now,
    }
    context.write(_META, row)
    return row


def _merge(
    context: Context, existing: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Update a profile and return its row."""
    context.advance_past(existing["updated_at"])
    added = [_normalize(item) for item in values.get("identifiers") or ()]
    present = existing["identifiers"]
    row = {
        **existing,
        "name": values.get("name") or existing["name"],
        "attributes": {**existing["attributes"], **(values.get("attributes") or {})},
        "identifiers": [*present, *(item for item in added if item not in present)],
        "updated_at": context.timestamp(),
    }
    context.write(_META, row)
    return row


def _parse_identifier(request: Request) -> Identifier:
    """Return the identifier of a request.

    Raises:
        HTTPError: 400, if it is missing or invalid.
    """
    try:
        return Identifier.parse(request.params.get("identifier", ""))
    except InvalidValue:
        raise error(400, "InvalidIdentifier", "identifier is invalid") from None


def _normalize(item: Any) -> dict[str, Any]:
    """Return an identifier; e-mail addresses and names at Twitter are lower-cased.

    Raises:
        HTTPError: 400, if it has no type or value.
    """
    if not isinstance(item, dict) or not item.get("type") or item.get("value") in (None, ""):
        raise error(400, "InvalidProfile", "identifiers is invalid")
    value = str(item["value"])
    folded = value.lower() if item["type"] in ("email", "twitter") else value
    return {"type": item["type"], "value": folded}


def _make_name(identifiers: list[dict[str, Any]]) -> str:
    values = {item["type"]: item["value"] for item in identifiers}
    for kind, form in _NAMES.items():
        if kind in values:
            return form.format(values[kind])
    return f"{identifiers[0]['type']} user {identifiers[0]['value']}"


def _find_user(context: Context, identifiers: list[dict[str, Any]], name: str) -> Any:
    """Return the id of the user with one of the identifiers, or of a new user."""
    values = {item["type"]: item["value"] for item in identifiers if item["type"] in _USER_FIELDS}
    for kind, value in values.items():
        users = context.store.find(User._meta.label, _USER_FIELDS[kind], value)
        identities = context.store.find(UserIdentity._meta.label, "value", value)
        owners = [row["id"] for row in users if row["active"]]
        if owners := [*owners, *(row["user_id"] for row in identities)]:
            return owners[0]
    fields = {_USER_FIELDS[kind]: value for kind, value in values.items()}
    return writes.create_one(context, User._meta, {"name": name, **fields}).row["id"]

"""End users from their own point of view, with their identities.

Source: https://developer.zendesk.com/rest_api/docs/support/end_user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources, writes
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.people import identities, users
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.ignored_keys import writable_fields
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import EndUser, EndUserIdentity, User, UserIdentity


_FIELDS = [field.wire for field in EndUser._meta.fields.values() if field.readable]
#: Types of the identities that end users can manage.
_IDENTITY_TYPES = ("email", "phone_number")


@route("GET", "end_users/{id}", EndUser)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return an end user.

    Raises:
        HTTPError: 403, if the caller is another end user.
    """
    return _render(_get_permitted_user(context, target).doc)


@route("PUT", "end_users/{id}", EndUser)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update an end user.

    Raises:
        HTTPError: 403, if the caller is another end user.
    """
    stored = _get_permitted_user(context, target)
    fields = writable_fields(EndUser._meta)
    body = request.get_object("user")
    payload = {key: value for key, value in body.items() if key in fields}
    return _render(users.update(context, User._meta, stored, payload).row)


@route("GET", "end_users/{user}/identities", EndUserIdentity)
def list_identities(context: Context, request: Request, target: Target) -> Response:
    """List the identities of an end user."""
    return identities.list_rows(context, request, _identity_target(context, target))


@route("POST", "end_users/{user}/identities", EndUserIdentity)
def create_identity(context: Context, request: Request, target: Target) -> Response:
    """Create an identity of an end user.

    Raises:
        HTTPError: 422, if end users cannot manage identities of this type.
    """
    identity_target = _identity_target(context, target)
    type_ = request.get_object("identity").get("type")
    if type_ not in _IDENTITY_TYPES:
        text = f"Type: {type_} is not valid"
        raise invalid_record({"type": [field_error(text, "InvalidValue")]})
    return writes.create(context, request, identity_target)


@route("GET", "end_users/{user}/identities/{id}", EndUserIdentity)
def show_identity(context: Context, request: Request, target: Target) -> Response:
    """Return an identity of an end user."""
    return reads.show(context, request, _identity_target(context, target))


@route("DELETE", "end_users/{user}/identities/{id}", EndUserIdentity)
def delete_identity(context: Context, request: Request, target: Target) -> Response:
    """Delete an identity of an end user."""
    return writes.delete(context, request, _identity_target(context, target))


@route("PUT", "end_users/{user}/identities/{id}/make_primary", EndUserIdentity)
def make_identity_primary(context: Context, request: Request, target: Target) -> Response:
    """Make an identity of an end user primary."""
    return identities.make_primary(context, request, _identity_target(context, target))


@route("PUT", "end_users/{user}/identities/{id}/request_verification", EndUserIdentity)
def request_identity_verification(context: Context, request: Request, target: Target) -> Response:
    """Return an empty object. The emulator sends no e-mail."""
    return identities.request_verification(context, request, _identity_target(context, target))


def _identity_target(context: Context, target: Target) -> Target:
    """Return the endpoint as one of user identities, after checking the caller's permission."""
    _get_permitted_user(context, target)
    return evolve(target, meta=UserIdentity._meta)


def _get_permitted_user(context: Context, target: Target) -> StoredRow:
    """Return the user of the path.

    Raises:
        HTTPError: 403, if the caller is neither that user nor an agent.
    """
    pk = target.args[0]
    stored: StoredRow = resources.get(context, User._meta, pk)
    caller = resources.get(context, User._meta, context.user_id).doc
    if pk != context.user_id and caller["role"] == "end-user":
        raise users.forbidden()
    return stored


def _render(row: Mapping[str, Any]) -> Response:
    url = f"{BASE_URL}/api/v2/end_users/{row['id']}.json"
    return Response(
        text=dump_json({"user": {**{wire: row.get(wire) for wire in _FIELDS}, "url": url}})
    )

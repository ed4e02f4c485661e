"""Passwords of users.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people.users import forbidden
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import User


#: The requirements for passwords, as users see them.
REQUIREMENTS = ["must be at least 5 characters", "must be different from email address"]
_MIN_LENGTH = 5
#: The kind under which digests of passwords are stored; no path leads to them.
_KIND = "emulator.Password"


@route("POST", "users/{id}/password", User)
def set_password(context: Context, request: Request, target: Target) -> Response:
    """Set the password of a user, as an administrator.

    Raises:
        HTTPError: 403, if the caller may not set passwords; 422, if the password is invalid.
    """
    user = resources.get(context, User._meta, target.args[0]).doc
    caller = resources.get(context, User._meta, context.user_id).doc
    if caller["role"] != "admin" or not context.switches.admins_set_passwords:
        raise forbidden()
    _save(context, user, request.body.get("password"))
    return Response(text="{}")


@route("PUT", "users/{id}/password", User)
def change_password(context: Context, request: Request, target: Target) -> Response:
    """Change the caller's own password.

    The previous password is compared only if it was set in this emulator.

    Raises:
        HTTPError: 403, if it is another user's or the previous password is wrong; 422, if the
            new password is invalid.
    """
    user = resources.get(context, User._meta, target.args[0]).doc
    password = context.store.get(_KIND, user["id"])
    previous = request.body.get("previous_password")
    if not previous:
        raise missing_parameter("previous_password")
    is_wrong = password is not None and password["digest"] != _digest(previous)
    if user["id"] != context.user_id or is_wrong:
        raise forbidden()
    _save(context, user, request.body.get("password"))
    return Response(text="{}")


@route("GET", "users/{id}/password/requirements", User)
def list_requirements(context: Context, request: Request, target: Target) -> Response:
    """List the requirements for a password."""
    resources.get(context, User._meta, target.args[0])
    return Response(text=dump_json({"requirements": REQUIREMENTS}))


def _save(context: Context, user: Mapping[str, Any], password: Any) -> None:
    """Check a password and store its digest."""
    if not password:
        raise missing_parameter("password")
    errors = []
    if len(password) < _MIN_LENGTH:
        errors.append(field_error(f"Password: {REQUIREMENTS[0]}", "PasswordTooShort"))
    if password == user["email"]:
        errors.append(field_error(f"Password: {REQUIREMENTS[1]}", "InvalidValue"))
    if errors:
        raise invalid_record({"password": errors})
    doc = {"digest": _digest(password)}
    context.store.put([StoredRow(_KIND, user["id"], doc)], context.now())


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()

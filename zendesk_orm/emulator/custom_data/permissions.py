"""Permission policies of custom objects, one for each role.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_permissions/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.custom_data.custom_objects import check_object
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import PermissionPolicy


_LABEL = PermissionPolicy._meta.label
_END_USER = "end-user"
#: The permissions of a role whose policy was never updated.
_DEFAULTS: Mapping[str, Any] = {
    name: {"allowed": False, "rule_id": None} for name in ("create", "delete", "read", "update")
}


@route("GET", "custom_objects/{custom_object}/permission_policies", PermissionPolicy)
def list_policies(context: Context, request: Request, target: Target) -> Response:
    """Return the policies of an object, always including that of end users."""
    key = check_object(context, target.args[0])
    _get_or_create(context, key, _END_USER)
    rows = context.store.select(_LABEL, Where("parent = ?", (key,)))
    return Response(text=dump_json({"policies": rows}))


@route("GET", "custom_objects/{custom_object}/permission_policies/{id}", PermissionPolicy)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return the policy of a role."""
    key, role = target.args
    row = _get_or_create(context, check_object(context, key), role)
    return Response(text=dump_json({"policy": row}))


@route("PATCH", "custom_objects/{custom_object}/permission_policies/{id}", PermissionPolicy)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update the policy of a role; permissions that the payload does not contain are unchanged."""
    key, role = check_object(context, target.args[0]), target.args[1]
    row = _get_or_create(context, key, role)
    changes = request.get_object("policy").get("records") or {}
    row["records"] = {
        name: {**permission, **(changes.get(name) or {})}
        for name, permission in row["records"].items()
    }
    _write(context, key, row)
    return Response(text=dump_json({"policy": row}))


def _get_or_create(context: Context, key: str, role: Any) -> dict[str, Any]:
    """Return the policy of a role, which is created if it does not exist.

    Raises:
        HTTPError: 404, if the role does not exist.
    """
    row = context.store.get(_LABEL, f"{key}/{role}")
    if row is not None:
        return row
    if role != _END_USER and not str(role).startswith("custom-role-"):
        raise not_found()
    name = "End User" if role == _END_USER else "Custom Role"
    row = {"id": role, "role_name": name, "records": dict(_DEFAULTS)}
    _write(context, key, row)
    return row


def _write(context: Context, key: str, row: dict[str, Any]) -> None:
    stored = StoredRow(_LABEL, f"{key}/{row['id']}", row, parent=key)
    context.store.put([stored], context.now())

"""Users, their clients and their devices.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Users
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.messaging import rows
from zendesk_orm.emulator.messaging.errors import bad_request, not_found, uniqueness_error
from zendesk_orm.emulator.messaging.events import publish
from zendesk_orm.emulator.messaging.paths import APP_PATH
from zendesk_orm.emulator.messaging.rows import Row
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.messaging import Client, User
from zendesk_orm.messaging.users import EMAIL_FILTER
from zendesk_orm.schema.options import Options


_USER = User._meta
_PATH = f"{APP_PATH}/users"


def find_user(context: Context, name: Any) -> StoredRow:
    """Return the user with an id, or with an id of another system.

    Raises:
        HTTPError: 404, if the user does not exist.
    """
    pk = str(name)
    for row in rows.select(context, _USER, context.app_id):
        if pk in (row["id"], row["externalId"]):
            return rows.get(context, _USER, row["id"])
    raise not_found("User")


@rows.filters(_USER.label)
def filter_users(context: Context, request: Request, candidates: list[Row]) -> list[Row]:
    """Return the users with an e-mail address.

    Raises:
        HTTPError: 400, if the address is missing.
    """
    email = request.params.get(EMAIL_FILTER)
    if not email:
        raise bad_request(f"{EMAIL_FILTER} is required")
    return [row for row in candidates if (row["profile"] or {}).get("email") == email]


@route("GET", f"{_PATH}/{{id}}", User)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return a user by an id, or by an id of another system.

    Raises:
        HTTPError: 404, if the user does not exist.
    """
    return rows.respond(_USER, find_user(context, target.args[0]).doc)


@creates(User)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a user.

    Raises:
        HTTPError: 409, if another user has the external id.
    """
    external_id = payload["externalId"]
    if any(row["externalId"] == external_id for row in rows.select(context, meta, context.app_id)):
        raise uniqueness_error("externalId is taken")
    return rows.insert(context, meta, payload, path, {"authenticated": True})


@updates(User)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a user, except for the external id."""
    values = resources.select_fields(meta, payload, new=False)
    row = rows.save(context, meta, stored, **values)
    publish(context, "user:update", user=row)
    return WriteResult(row)


@deletes(User)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a user."""
    publish(context, "user:remove", user=stored.doc)
    return resources.delete(context, meta, stored)


@route("DELETE", f"{_PATH}/{{id}}/personalinformation", User)
def delete_personal_information(context: Context, request: Request, target: Target) -> Response:
    """Empty the profile, the metadata and the identities of a user, and return the user.

    Raises:
        HTTPError: 404, if the user does not exist.
    """
    stored = find_user(context, target.args[0])
    empty: Row = {"profile": {}, "metadata": {}, "identities": []}
    return rows.respond(_USER, rows.save(context, _USER, stored, **empty))


@creates(Client)
def create_client(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a client, which is active unless the user has to confirm it.

    Raises:
        HTTPError: 400, if the criteria are not objects.
    """
    criteria, confirmation = payload["matchCriteria"], payload["confirmation"]
    is_immediate = confirmation.get("type") == "immediate"
    now = rows.format_now(context)
    values = {
        "type": criteria.get("type"),
        "status": "active" if is_immediate else "pending",
        "integrationId": criteria.get("integrationId"),
        "displayName": criteria.get("phoneNumber") or criteria.get("email"),
        "linkedAt": now if is_immediate else None,
    }
    result = rows.insert(context, meta, payload, path, values)
    user = find_user(context, path["user"]).doc
    publish(context, "client:add", user=user, client=rows.render(meta, result.row))
    return result


@deletes(Client)
def delete_client(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a client."""
    user = find_user(context, stored.parent).doc
    publish(context, "client:remove", user=user, client=rows.render(meta, stored.doc))
    return resources.delete(context, meta, stored)

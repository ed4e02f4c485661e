"""Deleted users, and their permanent deletion.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#list-deleted-users
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import ComplianceDeletionStatus, DeletedUser, User


#: The name of a permanently deleted user.
ANONYMOUS_NAME = "Permanently Deleted User"
#: Fields that a permanent deletion sets to None.
_CLEARED = ("email", "phone", "photo", "alias", "details", "notes", "external_id", "signature")
_DELETED = Where("state = ?", (DELETED,))
_FIELDS = [field.wire for field in DeletedUser._meta.fields.values() if field.wire != "separation"]


@route("GET", "deleted_users", DeletedUser)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List deleted users, including the permanently deleted ones."""
    page = select_page(context, request, evolve(target, meta=User._meta), _DELETED)
    rows = (dump_json(_deleted_user_row(json.loads(text))) for text in page.texts)
    return Response(text=reads.render_list(target, rows, "", page.metadata))


@route("GET", "deleted_users/count", DeletedUser)
def count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of deleted users."""
    number = context.store.count(User._meta.label, _DELETED)
    return Response(
        text=dump_json({"count": {"value": number, "refreshed_at": context.timestamp()}})
    )


@route("GET", "deleted_users/{id}", DeletedUser)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return a deleted user.

    Raises:
        HTTPError: 404, if no such user was deleted, or was deleted permanently.
    """
    return Response(text=dump_json({"deleted_user": _deleted_user_row(_get(context, target))}))


@route("DELETE", "deleted_users/{id}", DeletedUser)
@route("DELETE", "deleted_users/{id}", User)
def destroy(context: Context, request: Request, target: Target) -> Response:
    """Delete a user permanently, and return the previous row.

    Raises:
        HTTPError: 404, if no such user was deleted, or was deleted permanently.
    """
    row = _get(context, target)
    identities.drop_all(context, row["id"])
    cleared: dict[str, Any] = {**row, **dict.fromkeys(_CLEARED), "tags": [], "user_fields": {}}
    cleared |= {"name": ANONYMOUS_NAME, "permanently_deleted": True}
    cleared["updated_at"] = context.timestamp()
    context.write(User._meta, cleared, state=DELETED, words="")
    return Response(text=dump_json({"deleted_user": _deleted_user_row(row)}))


@route("GET", "users/{user}/compliance_deletion_statuses", ComplianceDeletionStatus)
def list_statuses(context: Context, request: Request, target: Target) -> Response:
    """List the steps of a permanent deletion, which is complete at once in the emulator.

    Raises:
        HTTPError: 404, if the user never existed.
    """
    rows = context.store.select(User._meta.label, Where("id = ?", (target.args[0],)))
    if not rows:
        raise not_found()
    area = request.params.get("application")
    statuses = [
        status
        for status in _deletion_statuses(context, rows[0])
        if area in (None, status["application"])
    ]
    body = {
        "compliance_deletion_statuses": statuses,
        "meta": {"has_more": False, "after_cursor": None, "before_cursor": None},
        "links": {"prev": None, "next": None},
    }
    return Response(text=dump_json(body))


def _deletion_statuses(context: Context, user: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if not user.get("permanently_deleted"):
        return
    steps = (("request_deletion", "all"), ("started", "support"), ("complete", "support"))
    for action, application in steps:
        yield {
            "action": action,
            "application": application,
            "account_subdomain": "emulator",
            "executer_id": context.owner_id if action == "request_deletion" else None,
            "user_id": user["id"],
            "created_at": user["updated_at"],
        }


def _get(context: Context, target: Target) -> dict[str, Any]:
    """Return a deleted user, unless the user was deleted permanently.

    Raises:
        HTTPError: 404, if the user does not exist.
    """
    where = Where("id = ?", (target.args[0],)) & _DELETED
    rows = context.store.select(User._meta.label, where)
    if not rows or rows[0].get("permanently_deleted"):
        raise not_found()
    return rows[0]


def _deleted_user_row(user: Mapping[str, Any]) -> dict[str, Any]:
    url = f"{BASE_URL}/api/v2/deleted_users/{user['id']}.json"
    return {**{wire: user.get(wire) for wire in _FIELDS}, "url": url}

"""`create_or_update`: update a row if it exists, otherwise create it.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#create-or-update-user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import bulk, writes
from zendesk_orm.emulator.crud.jobs import MAX_ITEMS, JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.server.errors import HTTPError, too_many_values
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.storage.store import WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Organization, User


@route("POST", "organizations/create_or_update", Organization)
@route("POST", "users/create_or_update", User)
def create_or_update(context: Context, request: Request, target: Target) -> Response:
    """Create or update a row and return it, with status 201 if it was created.

    Raises:
        HTTPError: 400 or 422, if a value is invalid.
    """
    meta = target.meta
    result, is_new = _save(context, meta, request.get_object(meta.singular))
    headers = {"Location": str(result.row["url"])} if is_new else {}
    return Response(201 if is_new else 200, dump_json({meta.singular: result.row}), headers)


@route("POST", "users/create_or_update_many", User)
def create_or_update_many(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that creates or updates up to a hundred users.

    Raises:
        HTTPError: 400, if there are more users; 403, if the account has no bulk import.
    """
    rows = bulk.parse_rows(request, target.meta.plural)
    if len(rows) > MAX_ITEMS:
        raise too_many_values(target.meta.plural)
    bulk.check_bulk_users(context)
    spec = JobSpec("upsert users", "Bulk Create Or Update User", "Creating user", rows)
    return queue(context, spec)


@job("upsert users")
def run_upserts(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Create or update the users of a job and return the results."""
    meta = User._meta

    def save(item: Any) -> tuple[Any, bool]:
        result, is_new = _save(context, meta, item)
        return result.row["id"], is_new

    def on_success(index: int, saved: tuple[Any, bool]) -> dict[str, Any]:
        user, is_new = saved
        if is_new:
            return bulk.build_created_result(meta, index, user)
        return {"action": "update", "status": "Updated", "success": True, "id": user}

    def on_error(index: int, item: Any, error: HTTPError) -> dict[str, Any]:
        details = describe_error(error)
        return {"index": index, "error": "UserCreateOrUpdateFailed", "details": details}

    return run_items(context, enumerate(spec.items), save, on_success, on_error)


def _save(context: Context, meta: Options, payload: Mapping[str, Any]) -> tuple[WriteResult, bool]:
    """Create or update a row; return it, and whether it was created."""
    payload = convert(meta, payload)
    pk = _find(context, meta, payload)
    if pk is None:
        return writes.create_one(context, meta, payload), True
    return writes.update_one(context, meta, pk, payload), False


def _find(context: Context, meta: Options, payload: Mapping[str, Any]) -> Any:
    """Return the id of the row that has the id, external id or e-mail address of a payload."""
    if payload.get("id"):
        return payload["id"]
    external_id = payload.get("external_id")
    rows = context.store.find(meta.label, "external_id", external_id) if external_id else []
    if rows:
        return rows[0]["id"]
    if meta.label == User._meta.label and payload.get("email"):
        owner = identities.find_user(context, payload["email"])
        return owner and owner["id"]
    return None

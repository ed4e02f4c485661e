"""Saved searches of agents. Each agent sees only their own.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/saved_searches/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import SavedSearch


_META = SavedSearch._meta
#: Searches that an agent can save.
MAX_SEARCHES = 20
_SOURCE = "OpenAPI SavedSearchError"
_REQUIRED = ("name", "query", "type")


@route("GET", "saved_searches", SavedSearch)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the caller's saved searches."""
    return Response(text=dump_json({"saved_searches": _select_mine(context)}))


@creates(SavedSearch)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a saved search of the caller.

    Raises:
        HTTPError: 422, if a required key is missing or the caller has 20 searches; 409, if the
            name is used already.
    """
    searches = _select_mine(context)
    _check(payload, searches, "Create Failed")
    if len(searches) >= MAX_SEARCHES:
        body = {
            "error": "Create Failed",
            "description": f"At most {MAX_SEARCHES} searches can be saved",
        }
        raise HTTPError(422, body, _SOURCE)
    row = build_row(meta) | resources.select_fields(meta, payload)
    row["id"] = str(uuid.UUID(int=context.store.next_id()))
    resources.initialize(context, meta, row)
    context.write(meta, row, parent=context.user_id)
    return WriteResult(row)


@updates(SavedSearch)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a saved search of the caller.

    Raises:
        HTTPError: 404, if it belongs to another user; 422, if a required key is missing; 409, if
            the name is used already.
    """
    if stored.parent != context.user_id:
        raise HTTPError(404, {"error": "NotFound", "description": "Record not found"}, _SOURCE)
    others = [row for row in _select_mine(context) if row["id"] != stored.id]
    _check(payload, others, "Update Failed")
    return resources.update(context, meta, stored, payload)


def _check(payload: Mapping[str, Any], others: list[dict[str, Any]], error: str) -> None:
    """Raise `HTTPError` if a required key is missing (422) or the name is used (409)."""
    missing = [name for name in _REQUIRED if not payload.get(name)]
    if missing:
        details = {
            name: [{"error": f"{name.title()}Required", "description": f"{name} is required"}]
            for name in missing
        }
        body = {"error": error, "description": "Validation failed", "details": details}
        raise HTTPError(422, body, _SOURCE)
    if payload["name"] in {row["name"] for row in others}:
        raise HTTPError(409, {"error": "Conflict", "description": "The name is taken"}, _SOURCE)


def _select_mine(context: Context) -> list[dict[str, Any]]:
    return context.store.select(
        _META.label, Where("parent = ? AND state < ?", (context.user_id, DELETED))
    )

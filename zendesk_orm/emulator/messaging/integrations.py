"""Apps, integrations, their keys and webhooks, and switchboards.

Source: https://developer.zendesk.com/api-reference/conversations/
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.messaging import rows
from zendesk_orm.emulator.messaging.errors import bad_request, permission_error
from zendesk_orm.emulator.messaging.rows import Row
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.messaging import AppKey, Integration, IntegrationKey, Switchboard, Webhook
from zendesk_orm.messaging.webhooks import TRIGGERS
from zendesk_orm.schema.options import Options


_CUSTOM = "custom"


@rows.filters(Integration._meta.label)
def filter_integrations(context: Context, request: Request, candidates: list[Row]) -> list[Row]:
    """Return the integrations of the types in `filter[types]`."""
    types = request.get_list("filter[types]")
    return [row for row in candidates if not types or row["type"] in types]


@creates(Integration)
def create_integration(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an integration, with the values of its type."""
    others = {key: value for key, value in payload.items() if key not in build_row(meta)}
    return rows.insert(context, meta, payload, path, {"status": "active", **others})


@updates(Integration)
def update_integration(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update an integration, except for its type and its status."""
    values = {key: value for key, value in payload.items() if key not in ("id", "type", "status")}
    return WriteResult(rows.save(context, meta, stored, **values))


@creates(AppKey)
def create_app_key(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a key of the app."""
    return rows.insert(context, meta, payload, path, _build_key(context, "app"))


@creates(IntegrationKey)
def create_integration_key(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a key of an integration.

    Raises:
        HTTPError: 400, if the integration is not custom.
    """
    if not _is_custom(context, path):
        raise bad_request("Only custom integrations have keys")
    return rows.insert(context, meta, payload, path, _build_key(context, "int"))


@creates(Webhook)
def create_webhook(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a webhook with a secret.

    Raises:
        HTTPError: 403, if the integration is not custom; 400, if a trigger does not exist.
    """
    if not _is_custom(context, path):
        raise permission_error("Only custom integrations have webhooks")
    _check_triggers(payload)
    secret = secrets.token_urlsafe(32)
    return rows.insert(context, meta, payload, path, {"version": "v2", "secret": secret})


@updates(Webhook)
def update_webhook(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a webhook.

    Raises:
        HTTPError: 400, if a trigger does not exist.
    """
    _check_triggers(payload)
    values = resources.select_fields(meta, payload, new=False)
    return WriteResult(rows.save(context, meta, stored, **values))


@creates(Switchboard)
def create_switchboard(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a switchboard, which is enabled."""
    return rows.insert(context, meta, {}, path, {"enabled": True})


def _is_custom(context: Context, path: Mapping[str, Any]) -> bool:
    """Return whether the integration in a path is custom."""
    row = context.store.get(Integration._meta.label, str(path["integration"]))
    return row is not None and row["type"] == _CUSTOM


def _check_triggers(payload: Mapping[str, Any]) -> None:
    unknown = set(payload.get("triggers") or ()) - TRIGGERS
    if unknown:
        raise bad_request(f"triggers: {', '.join(sorted(map(str, unknown)))} does not exist")


def _build_key(context: Context, prefix: str) -> dict[str, Any]:
    pk = f"{prefix}_{rows.generate_id(context)}"
    return {"id": pk, "secret": secrets.token_urlsafe(32)}

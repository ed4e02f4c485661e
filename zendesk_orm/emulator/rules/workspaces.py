"""Contextual workspaces.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/workspaces/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.rules.writes import next_position
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Macro, Workspace


@creates(Workspace)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a workspace at the last position."""
    values = {
        "activated": True,
        "position": next_position(context, meta),
        **_embed_macros(context, payload),
    }
    return resources.create(context, meta, payload, path, values)


@updates(Workspace)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a workspace."""
    return resources.update(context, meta, stored, payload, _embed_macros(context, payload))


def _embed_macros(context: Context, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return ids and rows of the macros in a payload."""
    if "macros" not in payload:
        return {}
    ids = payload["macros"] or []
    rows = [resources.get(context, Macro._meta, pk).doc for pk in ids]
    return {"macro_ids": ids, "selected_macros": rows}

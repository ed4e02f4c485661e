"""Omnichannel queues.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/omnichannel_routing_queues/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Group, Queue


_GROUP_KEYS = ("primary_groups", "secondary_groups")


@creates(Queue)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a queue, by default at the last position."""
    count = context.store.count(meta.label, Where("state < ?", (DELETED,)))
    values = {"order": payload.get("order") or count + 1}
    for key in _GROUP_KEYS:
        values[key] = _embed_groups(context, payload.get(f"{key}_id") or ())
    return resources.create(context, meta, payload, path, values)


@updates(Queue)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a queue."""
    values = {
        key: _embed_groups(context, payload[f"{key}_id"])
        for key in _GROUP_KEYS
        if f"{key}_id" in payload
    }
    return resources.update(context, meta, stored, payload, values)


def _embed_groups(context: Context, ids: Iterable[Any]) -> dict[str, Any]:
    """Return number, ids and names of groups."""
    rows = [resources.get(context, Group._meta, pk).doc for pk in ids]
    groups = [{"id": row["id"], "name": row["name"]} for row in rows]
    return {"count": len(groups), "groups": groups}

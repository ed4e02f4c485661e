"""Records of external content, whose sources and types are objects in responses.

Source: https://developer.zendesk.com/api-reference/help_center/federated-search/external_content_records/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.help_center import (
    ExternalContentRecord,
    ExternalContentSource,
    ExternalContentType,
)
from zendesk_orm.schema.options import Options


_MODELS = {"source": ExternalContentSource, "type": ExternalContentType}
_MAX_BODY = 10_000


@creates(ExternalContentRecord)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a record.

    Raises:
        HTTPError: 422, if the source or the type does not exist.
    """
    written = resources.create(context, meta, payload, path)
    return _write(context, meta, written.row)


@updates(ExternalContentRecord)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a record.

    Raises:
        HTTPError: 422, if the source or the type does not exist.
    """
    ids = {f"{name}_id": stored.doc[name]["id"] for name in _MODELS}
    written = resources.update(context, meta, stored, {**ids, **payload})
    return _write(context, meta, written.row)


def _write(context: Context, meta: Options, row: dict[str, Any]) -> WriteResult:
    """Store a record with its source and its type; a long body is cut off."""
    values = {key: value for key, value in row.items() if key not in ("source_id", "type_id")}
    for name, model in _MODELS.items():
        related = resources.get(context, model._meta, row[f"{name}_id"]).doc
        values[name] = {"id": related["id"], "name": related["name"]}
    if isinstance(values.get("body"), str):
        values["body"] = values["body"][:_MAX_BODY]
    context.write(meta, values)
    return WriteResult(values)

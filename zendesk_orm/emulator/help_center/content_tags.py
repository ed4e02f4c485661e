"""Content tags of articles and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.help_center.errors import invalid_property
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import RECORDED, HTTPError
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, where_contains
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.help_center import Article, ContentTag, Post


_META = ContentTag._meta


@route("PUT", "guide/content_tags/{id}", ContentTag)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a content tag.

    Raises:
        HTTPError: 404 without a body, as recorded, if the tag does not exist.
    """
    stored = context.store.get_row(_META.label, target.kwargs["id"])
    if stored is None:
        raise HTTPError(404, None, RECORDED)
    written = resources.update(context, _META, stored, request.get_object("content_tag"))
    return Response(text=dump_json({"content_tag": written.row}))


@route("DELETE", "guide/content_tags/{id}", ContentTag)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a content tag. As recorded, a tag that does not exist is not an error."""
    _delete_tag(context, target.kwargs["id"])
    return Response(204)


@route("POST", "guide/content_tags/jobs", ContentTag)
def delete_or_merge_many(context: Context, request: Request, target: Target) -> Response:
    """Delete content tags, or replace them by another one, and return a completed job.

    Raises:
        HTTPError: 400, if the action is unknown or the tag to merge into does not exist.
    """
    job = request.get_object("job")
    action, items = job.get("action"), job.get("items") or []
    replacement = (job.get("attributes") or {}).get("target_content_tag_id")
    if action not in ("delete", "merge"):
        raise invalid_property()
    if action == "merge" and context.store.get(_META.label, replacement) is None:
        raise invalid_property()
    for pk in items:
        _delete_tag(context, pk, replacement)
    return Response(201, dump_json({"job": {"results": items, "status": "completed"}}))


def _delete_tag(context: Context, pk: Any, replacement: Any = None) -> None:
    """Delete a content tag, if it exists, and replace or remove it in articles and posts."""
    stored = context.store.get_row(_META.label, pk)
    if stored is None:
        return
    where = Where("state < ?", (DELETED,)) & where_contains("content_tag_ids", pk)
    for meta in (Article._meta, Post._meta):
        for row in context.store.select(meta.label, where):
            tags = (replacement if tag == pk else tag for tag in row["content_tag_ids"])
            row["content_tag_ids"] = [*dict.fromkeys(tag for tag in tags if tag is not None)]
            context.write(meta, row)
    resources.delete(context, _META, stored)

"""Comments on articles and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_comments/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.help_center.counters import increment
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.emulator.server.routes import creates, deletes
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.help_center import ArticleComment, PostComment
from zendesk_orm.schema.options import Options


@creates(ArticleComment)
@creates(PostComment)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a comment, by default of the authenticated user."""
    also: dict[str, Any] = {"vote_sum": 0, "vote_count": 0}
    if payload.get("author_id") is None:
        also["author_id"] = context.user_id
    if meta.label == ArticleComment._meta.label:
        also["source_type"] = "Article"
    written = resources.create(context, meta, payload, path, also)
    row = written.row
    if payload.get("created_at"):
        row["created_at"] = payload["created_at"]
    row["html_url"] = f"{BASE_URL}/hc/comments/{row['id']}"
    parent = meta.relations[meta.parent]
    pk = row[parent.id.wire]
    context.write(meta, row, parent=pk)
    increment(context, parent.model._meta, pk, "comment_count", 1)
    return written


@deletes(ArticleComment)
@deletes(PostComment)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a comment."""
    written = resources.delete(context, meta, stored)
    increment(context, meta.relations[meta.parent].model._meta, stored.parent, "comment_count", -1)
    return written

"""Votes on articles, posts and comments.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import deletes, route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import Article, ArticleComment, Post, PostComment, Vote
from zendesk_orm.schema.options import Options


#: Models by the `item_type` of their votes.
_MODELS: Mapping[str, Any] = {
    "Article": Article,
    "Comment": ArticleComment,
    "Post": Post,
    "PostComment": PostComment,
}


@route("POST", "help_center/articles/{id}/up", Article)
@route("POST", "help_center/{locale}/articles/{id}/up", Article)
@route("POST", "help_center/articles/{source}/comments/{id}/up", ArticleComment)
@route("POST", "community/posts/{id}/up", Post)
@route("POST", "community/posts/{post}/comments/{id}/up", PostComment)
def vote_up(context: Context, request: Request, target: Target) -> Response:
    """Create or change the user's vote to an upvote, and return it."""
    return _vote(context, target, 1)


@route("POST", "help_center/articles/{id}/down", Article)
@route("POST", "help_center/articles/{source}/comments/{id}/down", ArticleComment)
@route("POST", "community/posts/{id}/down", Post)
@route("POST", "community/posts/{post}/comments/{id}/down", PostComment)
def vote_down(context: Context, request: Request, target: Target) -> Response:
    """Create or change the user's vote to a downvote, and return it."""
    return _vote(context, target, -1)


@route("GET", "help_center/articles/{article}/comments/{comment}/votes", Vote)
@route("GET", "help_center/{locale}/articles/{article}/comments/{comment}/votes", Vote)
def list_article_comment_votes(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the votes on a comment of an article."""
    return _list_votes(context, request, target, _where_on("Comment", target.kwargs["comment"]))


@route("GET", "community/posts/{post}/comments/{post_comment}/votes", Vote)
def list_post_comment_votes(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the votes on a comment of a post."""
    where = _where_on("PostComment", target.kwargs["post_comment"])
    return _list_votes(context, request, target, where)


@deletes(Vote)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a vote."""
    written = resources.delete(context, meta, stored)
    _count_votes(context, stored.doc["item_type"], stored.doc["item_id"])
    return written


def _vote(context: Context, target: Target, value: int) -> Response:
    item = resources.get(context, target.meta, target.kwargs["id"])
    item_type = next(name for name, model in _MODELS.items() if model._meta is target.meta)
    meta = Vote._meta
    where = _where_on(item_type, item.id) & where_equal("user_id", context.user_id)
    existing = context.store.select(meta.label, where)
    if existing:
        row = {**existing[0], "value": value, "updated_at": context.timestamp()}
    else:
        row = {**build_row(meta), "item_id": item.id, "item_type": item_type}
        row |= {"user_id": context.user_id, "value": value}
        resources.initialize(context, meta, row)
    context.write(meta, row)
    _count_votes(context, item_type, item.id)
    return Response(text=dump_json({"vote": row}))


def _list_votes(context: Context, request: Request, target: Target, where: Where) -> Response:
    page = select_page(context, request, target, where)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


def _where_on(item_type: str, pk: Any) -> Where:
    """Return the condition for the votes on an item."""
    where = Where("state < ?", (DELETED,)) & where_equal("item_id", pk)
    return where & where_equal("item_type", item_type)


def _count_votes(context: Context, item_type: str, pk: Any) -> None:
    """Update the number and the sum of the votes on an item, if it exists."""
    meta = _MODELS[item_type]._meta
    item = context.store.get_row(meta.label, pk)
    if item is None:
        return
    votes = context.store.select(Vote._meta.label, _where_on(item_type, pk))
    values = [vote["value"] for vote in votes]
    row = {**item.doc, "vote_count": len(values), "vote_sum": sum(values)}
    context.write(meta, row, parent=item.parent, state=item.state)

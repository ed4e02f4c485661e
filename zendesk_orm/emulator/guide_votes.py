"""Votes, and comments that are voted on: in the help center, and in its community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.help_center import Article, ArticleComment, Post, PostComment, Vote
from zendesk_orm.schema.options import Options


#: What votes call what they are cast on.
_TYPES: Mapping[str, Any] = {
    "Article": Article,
    "Comment": ArticleComment,
    "Post": Post,
    "PostComment": PostComment,
}
_UNCOUNTED = {"vote_sum": 0, "vote_count": 0}


def up(world: World, call: Call, target: Target) -> Answer:
    """Answer with a vote for something."""
    return _cast(world, target, 1)


def down(world: World, call: Call, target: Target) -> Answer:
    """Answer with a vote against something."""
    return _cast(world, target, -1)


def list_on_comment(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the votes on a comment."""
    names = {"comment": "Comment", "post_comment": "PostComment"}
    name = next(each for each in names if each in target.values)
    where = Where(f"{value_of('item_id')} = ? AND state < ?", (target.values[name], DELETED))
    where &= Where(f"{value_of('item_type')} = ?", (names[name],))
    found = page(world, call, target, where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def delete_vote(world: World, meta: Options, stored: Stored) -> Written:
    """Take a vote back."""
    written = plain.delete(world, meta, stored)
    _count(world, stored.doc["item_type"], stored.doc["item_id"])
    return written


def create_comment(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a comment, on an article or on a post."""
    also: dict[str, Any] = {**_UNCOUNTED}
    if payload.get("author_id") is None:
        also["author_id"] = world.author
    if meta.label == ArticleComment._meta.label:
        also["source_type"] = "Article"
    written = plain.create(world, meta, payload, given, also)
    row = written.row
    if payload.get("created_at"):
        row["created_at"] = payload["created_at"]
    row["html_url"] = f"{HOME}/hc/comments/{row['id']}"
    parent = row[meta.relations[meta.parent].id.wire]
    world.write(meta, row, parent=parent)
    _counted(world, meta, parent, 1)
    return written


def delete_comment(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a comment."""
    written = plain.delete(world, meta, stored)
    _counted(world, meta, stored.parent, -1)
    return written


def _cast(world: World, target: Target, value: int) -> Answer:
    item = plain.stored(world, target.meta, target.values["id"])
    kind = next(name for name, model in _TYPES.items() if model._meta is target.meta)
    where = Where(f"{value_of('item_id')} = ? AND state < ?", (item.id, DELETED))
    where &= Where(f"{value_of('item_type')} = ?", (kind,))
    where &= Where(f"{value_of('user_id')} = ?", (world.author,))
    meta = Vote._meta
    found = world.store.docs(meta.label, where)
    if found:
        row = {**found[0], "value": value, "updated_at": world.stamp()}
    else:
        said = {"item_id": item.id, "item_type": kind, "user_id": world.author, "value": value}
        row = {**blank(meta), **said}
        plain.begin(world, meta, row)
    world.write(meta, row)
    _count(world, kind, item.id)
    return Answer(text=dumped({"vote": row}))


def _count(world: World, kind: str, pk: Any) -> None:
    meta = _TYPES[kind]._meta
    item = world.store.row(meta.label, pk)
    if item is None:
        return
    where = Where(f"{value_of('item_id')} = ? AND state < ?", (pk, DELETED))
    where &= Where(f"{value_of('item_type')} = ?", (kind,))
    values = [vote["value"] for vote in world.store.docs(Vote._meta.label, where)]
    row = {**item.doc, "vote_count": len(values), "vote_sum": sum(values)}
    world.write(meta, row, parent=item.parent, state=item.state)


def _counted(world: World, meta: Options, parent: Any, change: int) -> None:
    """Let a post say how many comments it has."""
    post = (
        world.store.row(Post._meta.label, parent) if meta.label == PostComment._meta.label else None
    )
    if post is not None:
        row = {**post.doc, "comment_count": post.doc["comment_count"] + change}
        world.write(Post._meta, row)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "help_center/articles/{}/up", "help_center.Article"): up,
    ("POST", "help_center/{}/articles/{}/up", "help_center.Article"): up,
    ("POST", "help_center/articles/{}/down", "help_center.Article"): down,
    ("POST", "help_center/articles/{}/comments/{}/up", "help_center.ArticleComment"): up,
    ("POST", "help_center/articles/{}/comments/{}/down", "help_center.ArticleComment"): down,
    ("GET", "help_center/articles/{}/comments/{}/votes", "help_center.Vote"): list_on_comment,
    ("GET", "help_center/{}/articles/{}/comments/{}/votes", "help_center.Vote"): list_on_comment,
    ("GET", "community/posts/{}/comments/{}/votes", "help_center.Vote"): list_on_comment,
    ("POST", "community/posts/{}/up", "help_center.Post"): up,
    ("POST", "community/posts/{}/down", "help_center.Post"): down,
    ("POST", "community/posts/{}/comments/{}/up", "help_center.PostComment"): up,
    ("POST", "community/posts/{}/comments/{}/down", "help_center.PostComment"): down,
}

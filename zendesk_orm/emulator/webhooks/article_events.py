"""The events of articles and community posts.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/article-events/
and https://developer.zendesk.com/api-reference/webhooks/event-types/community-events/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.changes import Change
from zendesk_orm.emulator.webhooks.events import (
    BuildEvents,
    Event,
    is_new,
    is_removal,
    text_id,
)


_ARTICLE, _POST = "help_center.Article", "help_center.Post"
#: The first part of the names of events, by the label of the model.
_KINDS = {_ARTICLE: "article", _POST: "community_post"}
#: The label of a model by its name in `item_type` and `content_type`.
_ITEMS = {"Article": _ARTICLE, "Post": _POST}


def build_article_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of an article."""
    before = change.before.doc if change.before else {}
    row = change.after.doc if change.after else before
    was_shown = bool(before) and not before.get("draft")
    is_shown = not row.get("draft") and not is_removal(change)
    if is_shown and not was_shown:
        yield _build(context, _ARTICLE, row, "published", _describe(row))
    elif was_shown and not is_shown:
        yield _build(context, _ARTICLE, row, "unpublished", {})
    if before and before.get("author_id") != row.get("author_id"):
        changes = {
            "current": text_id(row.get("author_id")),
            "previous": text_id(before.get("author_id")),
        }
        yield _build(context, _ARTICLE, row, "author_changed", changes)


def build_post_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of a community post."""
    before = change.before.doc if change.before else {}
    row = change.after.doc if change.after else before
    shown = {"title": row.get("title"), "body": row.get("details")}
    if is_new(change):
        yield _build(context, _POST, row, "created", shown)
    elif is_removal(change):
        yield _build(context, _POST, row, "unpublished", {})
    elif any(before.get(name) != row.get(name) for name in ("title", "details")):
        yield _build(context, _POST, row, "changed", {"current": shown})


def _about_parent(kind: str, wire: str) -> BuildEvents:
    """Return a function for the events of comments: those of the row in a field."""

    def build(context: Context, change: Change) -> Iterator[Event]:
        stored = change.after or change.before
        row = stored.doc if stored else {}
        parent = context.store.get(kind, row.get(wire))
        name = (
            "comment_created"
            if is_new(change)
            else "comment_unpublished"
            if is_removal(change)
            else "comment_changed"
        )
        if parent:
            comment = {"id": text_id(row.get("id")), "body": row.get("body")}
            yield _build(context, kind, parent, name, {"comment": comment})

    return build


def build_vote_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of votes on articles and posts."""
    stored = change.after or change.before
    row = stored.doc if stored else {}
    kind = _ITEMS.get(str(row.get("item_type")))
    parent = context.store.get(kind, row.get("item_id")) if kind else None
    name = (
        "vote_created"
        if is_new(change)
        else "vote_removed"
        if is_removal(change)
        else "vote_changed"
    )
    if kind and parent:
        changes = {"value": row.get("value"), "user_id": text_id(row.get("user_id"))}
        yield _build(context, kind, parent, name, changes)


def build_subscription_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of subscriptions to articles and posts."""
    row = change.after.doc if change.after else {}
    kind = _ITEMS.get(str(row.get("content_type")).capitalize())
    parent = context.store.get(kind, row.get("content_id")) if kind else None
    if kind and parent and is_new(change):
        changes = {"user_id": text_id(row.get("user_id"))}
        yield _build(context, kind, parent, "subscription_created", changes)


def _build(
    context: Context, kind: str, row: Mapping[str, Any], name: str, changes: Mapping[str, Any]
) -> Event:
    author = text_id(row.get("author_id"))
    detail = {"id": text_id(row["id"]), "brand_id": text_id(context.brand_id), "user_id": author}
    if kind == _POST:
        detail["topic_id"] = text_id(row.get("topic_id"))
    return Event(f"{_KINDS[kind]}.{name}", row["id"], detail, changes)


def _describe(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": row.get("title"),
        "locale": row.get("locale"),
        "section_id": text_id(row.get("section_id")),
        "author_id": text_id(row.get("author_id")),
    }


BUILDERS: Mapping[str, BuildEvents] = {
    _ARTICLE: build_article_events,
    _POST: build_post_events,
    "help_center.ArticleComment": _about_parent(_ARTICLE, "source_id"),
    "help_center.PostComment": _about_parent(_POST, "post_id"),
    "help_center.Vote": build_vote_events,
    "help_center.Subscription": build_subscription_events,
}

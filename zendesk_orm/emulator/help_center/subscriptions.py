"""Subscriptions to contents and to users.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_subscriptions/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.help_center.counters import increment
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import creates, deletes, route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import (
    ArticleSubscription,
    PostSubscription,
    SectionSubscription,
    Subscription,
    TopicSubscription,
    UserSubscription,
)
from zendesk_orm.schema.options import Options


@creates(ArticleSubscription)
@creates(PostSubscription)
@creates(SectionSubscription)
@creates(TopicSubscription)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a subscription to a content, which is also listed for its user."""
    also: dict[str, Any] = {
        "content_type": meta.relations["content"].model.__name__,
        "locale": payload.get("source_locale") or context.switches.locales.split()[0],
        "include_comments": bool(payload.get("include_comments")),
    }
    if payload.get("user_id") is None:
        also["user_id"] = context.user_id
    written = resources.create(context, meta, payload, {**path, "locale": also["locale"]}, also)
    context.write(Subscription._meta, dict(written.row))
    _count_follower(context, meta, written.row["content_id"], 1)
    return written


@deletes(ArticleSubscription)
@deletes(PostSubscription)
@deletes(SectionSubscription)
@deletes(TopicSubscription)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a subscription to a content."""
    context.store.set_state(Subscription._meta.label, stored.id, DELETED)
    _count_follower(context, meta, stored.parent, -1)
    return resources.delete(context, meta, stored)


@route("GET", "help_center/users/{user}/user_subscriptions", UserSubscription)
def list_user_subscriptions(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the followers of a user, or of the users that the user follows."""
    kind = request.params.get("type", "followers")
    wire = "follower_id" if kind == "followings" else "followed_id"
    where = where_equal(wire, target.kwargs["user"]) & Where("state < ?", (DELETED,))
    page = select_page(context, request, target, where)
    sideloads = render_sideloads(context, request, target, page.texts)
    return Response(text=reads.render_list(target, page.texts, sideloads, page.metadata))


@route("POST", "help_center/users/{user}/user_subscriptions", UserSubscription)
def create_user_subscription(context: Context, request: Request, target: Target) -> Response:
    """Create a subscription of one user to another, and return it.

    Raises:
        HTTPError: 409, if the subscription exists.
    """
    meta, payload = UserSubscription._meta, request.get_object("user_subscription")
    users = {"follower_id": target.kwargs["user"], "followed_id": payload.get("followed_id")}
    where = Where("state < ?", (DELETED,))
    for wire, pk in users.items():
        resources.check_path(context, meta, {"follower": pk})
        where &= where_equal(wire, pk)
    if context.store.count(meta.label, where):
        body = {"error": "Conflict", "description": "the user is followed already"}
        raise HTTPError(409, body, UNCONFIRMED)
    row = {**build_row(meta), **users}
    resources.initialize(context, meta, row)
    context.write(meta, row)
    return Response(201, dump_json({"user_subscription": row}))


def _count_follower(context: Context, meta: Options, pk: Any, step: int) -> None:
    increment(context, meta.relations["content"].model._meta, pk, "follower_count", step)

"""Who follows what, and whom: subscriptions to contents and to users.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_subscriptions/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.help_center import Subscription, UserSubscription
from zendesk_orm.schema.options import Options


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Let somebody follow something; it is also among all that the user follows."""
    also: dict[str, Any] = {
        "content_type": meta.relations["content"].model.__name__,
        "locale": payload.get("source_locale") or world.switches.locales.split()[0],
        "include_comments": bool(payload.get("include_comments")),
    }
    if payload.get("user_id") is None:
        also["user_id"] = world.author
    written = plain.create(world, meta, payload, {**given, "locale": also["locale"]}, also)
    world.write(Subscription._meta, dict(written.row))
    _counted(world, meta, written.row["content_id"], 1)
    return written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Let somebody follow something no longer."""
    world.store.set_state(Subscription._meta.label, stored.id, DELETED)
    _counted(world, meta, stored.parent, -1)
    return plain.delete(world, meta, stored)


def list_users(world: World, call: Call, target: Target) -> Answer:
    """Answer with those who follow a user, or those whom the user follows."""
    asked = call.params.get("type", "followers")
    wire = "follower_id" if asked == "followings" else "followed_id"
    where = Where(f"{value_of(wire)} = ? AND state < ?", (target.values["user"], DELETED))
    found = page(world, call, target, where)
    beside = sideloaded(world, call, target, found.texts)
    return Answer(text=reads.listing(target, found.texts, beside, found.about))


def follow(world: World, call: Call, target: Target) -> Answer:
    """Answer with one user's following of another.

    Raises:
        Refusal: it is so already.
    """
    meta, said = UserSubscription._meta, call.envelope("user_subscription")
    both = {"follower_id": target.values["user"], "followed_id": said.get("followed_id")}
    for pk in both.values():
        plain.demand(world, meta, {"follower": pk})
    where = Where("state < ?", (DELETED,))
    for wire, pk in both.items():
        where &= Where(f"{value_of(wire)} = ?", (pk,))
    if world.store.count(meta.label, where):
        body = {"error": "Conflict", "description": "the user is followed already"}
        raise Refusal(409, body, UNCONFIRMED)
    row = {**blank(meta), **both}
    plain.begin(world, meta, row)
    world.write(meta, row)
    return Answer(201, dumped({"user_subscription": row}))


def _counted(world: World, meta: Options, pk: Any, change: int) -> None:
    """Let a topic or a post say how many follow it."""
    content = meta.relations["content"].model._meta
    stored = world.store.row(content.label, pk)
    if stored is not None and "follower_count" in stored.doc:
        count = (stored.doc["follower_count"] or 0) + change
        world.write(content, {**stored.doc, "follower_count": count}, parent=stored.parent)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "help_center/users/{}/user_subscriptions", "help_center.UserSubscription"): list_users,
    ("POST", "help_center/users/{}/user_subscriptions", "help_center.UserSubscription"): follow,
}

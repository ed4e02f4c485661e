"""Posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/posts/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import ALIVE, Where, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema.options import Options


#: Orders of posts, which all begin with the most.
_POST_ORDERS: Mapping[str, str] = {
    "created_at": "created_at",
    "edited_at": "updated_at",
    "updated_at": "updated_at",
    "recent_activity": "updated_at",
    "votes": "vote_sum",
    "comments": "comment_count",
}

_UNCOUNTED = {"vote_sum": 0, "vote_count": 0, "comment_count": 0, "follower_count": 0}


def create_post(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a post."""
    also: dict[str, Any] = {**_UNCOUNTED}
    if payload.get("author_id") is None:
        also["author_id"] = world.author
    written = plain.create(world, meta, payload, given, also)
    row = written.row
    row["html_url"] = f"{HOME}/hc/community/posts/{row['id']}"
    world.write(meta, row)
    return written


def list_posts(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of posts, by their status, in one of their orders."""
    where = Where("state = ?", (ALIVE,))
    for name, value in target.values.items():
        relation = target.meta.relations[name]
        plain.demand(world, target.meta, {name: value})
        where &= Where(f"{value_of(relation.id.wire)} = ?", (value,))
    status = call.params.get("filter_by")
    if status:
        where &= Where(f"ifnull({value_of('status')}, 'none') = ?", (status,))
    order = _POST_ORDERS.get(call.params.get("sort_by", ""))
    natural = f"-{order}" if order else None
    endpoints = tuple(evolve(each, natural=natural) for each in target.endpoints)
    params = call.params.copy()
    params.poplist("sort_by")
    found = page(world, evolve(call, params=params), evolve(target, endpoints=endpoints), where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "community/posts", "help_center.Post"): list_posts,
    ("GET", "community/topics/{}/posts", "help_center.Post"): list_posts,
    ("GET", "community/users/{}/posts", "help_center.Post"): list_posts,
}

"""Posts and topics of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/posts/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, StoredRow, WriteResult
from zendesk_orm.help_center import Post, Topic
from zendesk_orm.schema.options import Options


#: Fields by the value of `sort_by`. All orders are descending.
_POST_ORDERS: Mapping[str, str] = {
    "created_at": "created_at",
    "edited_at": "updated_at",
    "updated_at": "updated_at",
    "recent_activity": "updated_at",
    "votes": "vote_sum",
    "comments": "comment_count",
}

_COUNTERS = {"vote_sum": 0, "vote_count": 0, "comment_count": 0, "follower_count": 0}


@creates(Post)
def create_post(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a post, by default of the authenticated user."""
    also: dict[str, Any] = {**_COUNTERS}
    if payload.get("author_id") is None:
        also["author_id"] = context.user_id
    written = resources.create(context, meta, payload, path, also)
    row = written.row
    row["html_url"] = f"{BASE_URL}/hc/community/posts/{row['id']}"
    context.write(meta, row)
    return written


@route("GET", "community/posts", Post)
@route("GET", "community/topics/{topic}/posts", Post)
@route("GET", "community/users/{author}/posts", Post)
def list_posts(context: Context, request: Request, target: Target) -> Response:
    """Return a page of posts, filtered by their status and ordered by `sort_by`."""
    where = Where("state = ?", (ALIVE,))
    for name, value in target.kwargs.items():
        relation = target.meta.relations[name]
        resources.check_path(context, target.meta, {name: value})
        where &= where_equal(relation.id.wire, value)
    status = request.params.get("filter_by")
    if status:
        where &= Where(f"ifnull({json_value('status')}, 'none') = ?", (status,))
    order = _POST_ORDERS.get(request.params.get("sort_by", ""))
    natural = f"-{order}" if order else None
    endpoints = tuple(evolve(endpoint, default_order=natural) for endpoint in target.endpoints)
    params = request.params.copy()
    params.poplist("sort_by")
    page = select_page(
        context, evolve(request, params=params), evolve(target, endpoints=endpoints), where
    )
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@creates(Topic)
def create_topic(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a topic."""
    # Recorded.
    also: dict[str, Any] = {"follower_count": 0, "community_id": context.owner_id}
    if payload.get("manageable_by") is None:
        also["manageable_by"] = "staff"
    if payload.get("position") is None:
        also["position"] = 0
    return _write_topic(context, resources.create(context, meta, payload, path, also).row)


@updates(Topic)
def update_topic(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a topic."""
    return _write_topic(context, resources.update(context, meta, stored, payload).row)


def _write_topic(context: Context, row: dict[str, Any]) -> WriteResult:
    """Write a topic with its addresses, which contain its name as recorded."""
    slug = "-".join(str(row["name"]).split())
    row["url"] = f"{BASE_URL}/api/v2/help_center/community/topics/{row['id']}.json"
    row["html_url"] = f"{BASE_URL}/hc/en-us/community/topics/{row['id']}-{slug}"
    context.write(Topic._meta, row)
    return WriteResult(row)

"""Posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/posts/
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import (
    CREATE,
    DELETE,
    LIST,
    SEARCH_WALL,
    SHOW,
    UPDATE,
    listing,
    resource,
)
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.locales import LocalizedManager
from zendesk_orm.help_center.votes import Vote, Voted, vote_endpoints
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.content_tags import ContentTag
    from zendesk_orm.help_center.post_comments import PostComment
    from zendesk_orm.help_center.subscriptions import PostSubscription
    from zendesk_orm.help_center.topics import Topic
    from zendesk_orm.support.users.users import User

Status = Literal["planned", "not_planned", "answered", "completed"]
Sorted = Literal["created_at", "edited_at", "updated_at", "recent_activity", "votes", "comments"]

_LIST: dict[str, Any] = {
    "filters": {"status": "filter_by", "sorted_by": "sort_by"},
    "default_order": None,
}


def _search_endpoints() -> Api:
    """Return the endpoint of the search, whose index lags behind changes."""
    return listing(
        "help_center/community_posts/search",
        key="results",
        filters={
            "query": "query",
            "topic": "topic",
            "created_after": "created_after",
            "created_before": "created_before",
            "created_on": "created_at",
            "updated_after": "updated_after",
            "updated_before": "updated_before",
            "updated_on": "updated_at",
        },
        required=("query",),
        offset_orders=("created_at", "updated_at"),
        default_order=None,
        fresh=False,
        max_rows=SEARCH_WALL,
        paging=(OFFSET,),
    )


class PostManager(notifying.NotifyingManager["Post"]):
    """`Post.objects`, with full-text search."""

    def search(self, text: str) -> Self:
        """Search posts by a text; the best matches come first.

        `.filter()` accepts `topic=` and the dates `created_after=`, `created_before=`,
        `created_on=`, `updated_after=`, `updated_before=`, `updated_on=`. Zendesk returns 1,000
        results at most.

        Args:
            text: words; words in quotes are searched as a phrase.

        Raises:
            InvalidValue: the text is empty.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#search-posts
        """
        return self.filter(query=require_text("the text of search()", text))


class Post(notifying.Notifying, Voted, Model):
    """A post of a user in a topic of the community.

    Zendesk's orders are selected by a lookup: `Post.objects.filter(sorted_by="votes")`.
    """

    objects = PostManager.as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    topic: Ref[Topic | None]
    topic_id: Id[int | None]
    author: Ref[User | None]
    author_id: Id[int | None]
    title: Field[str]
    details: Field[str | None]
    status: Field[Status | None]
    pinned: Field[bool]
    featured: Field[bool]
    closed: Field[bool]
    content_tag_ids: Field[list[str]]
    content_tags: RefList[ContentTag]
    vote_sum: ReadOnly[int]
    vote_count: ReadOnly[int]
    comment_count: ReadOnly[int]
    follower_count: ReadOnly[int]
    non_author_editor: ReadOnlyRef[User | None]
    non_author_editor_id: Id[int | None]
    non_author_updated_at: ReadOnly[datetime | None]
    created_at: CreateOnly[datetime]
    updated_at: ReadOnly[datetime]
    comments: Many[PostComment]
    subscriptions: Many[PostSubscription]

    query: Lookup[str]
    sorted_by: Lookup[Sorted]
    created_after: Lookup[date]
    created_before: Lookup[date]
    created_on: Lookup[date]
    updated_after: Lookup[date]
    updated_before: Lookup[date]
    updated_on: Lookup[date]

    get_status_display = Display()

    class Meta:
        required = ("title",)
        api = (
            resource("community/posts", can=SHOW, includes=("users", "topics"))
            + resource("community/posts", can=LIST | CREATE | UPDATE | DELETE, **_LIST)
            + listing("community/topics/{topic}/posts", **_LIST)
            + listing("community/users/{author}/posts", **_LIST)
            + _search_endpoints()
            + vote_endpoints("community/posts/{id}")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes on the post."""
        return Vote.objects.using(self.using or "default").filter(post=self)

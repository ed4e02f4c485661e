"""Posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/posts/
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import SEARCH_WALL, action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.help_center.content_tags import ContentTag
    from zendesk_orm.help_center.locales import LocalizedManager
    from zendesk_orm.help_center.post_comments import PostComment
    from zendesk_orm.help_center.subscriptions import PostSubscription
    from zendesk_orm.help_center.topics import Topic
    from zendesk_orm.support.users import User

Status = Literal["planned", "not_planned", "answered", "completed"]
Sorted = Literal["created_at", "edited_at", "updated_at", "recent_activity", "votes", "comments"]

_LIST: dict[str, Any] = {
    "takes": {"status": "filter_by", "sorted_by": "sort_by"},
    "natural": None,
}


def _searched() -> Api:
    """Return the search of posts, whose words lie in an index that lags behind."""
    found = listed(
        "help_center/community_posts/search",
        key="results",
        takes={
            "query": "query",
            "topic": "topic",
            "created_after": "created_after",
            "created_before": "created_before",
            "updated_after": "updated_after",
            "updated_before": "updated_before",
        },
        needs="query",
        offset_orders="created_at updated_at",
        natural=None,
        paging=(OFFSET,),
    )
    return Api(tuple(evolve(each, most=SEARCH_WALL, fresh=False) for each in found))


class PostManager(notifying.NotifyingManager["Post"]):
    """`Post.objects`: posts, and a search of their own."""

    def search(self, text: str) -> Self:
        """Return the posts that Zendesk finds by a text, the best first.

        `.filter()` narrows them by `topic=`, and by days: `created_after=`, `created_before=`,
        `updated_after=`, `updated_before=`. Zendesk gives 1,000 at most.

        Args:
            text: words; those in quotes stand together.

        Raises:
            InvalidValue: there is no word in the text.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#search-posts
        """
        if not text.strip():
            raise InvalidValue(f"search() wants words, not {text!r}")
        return self.filter(query=text)


class Post(notifying.Notifying, Voted, Model):
    """What a user wrote under a topic of the community.

    Zendesk orders posts in its own ways: `Post.objects.filter(sorted_by="votes")`.
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
    updated_after: Lookup[date]
    updated_before: Lookup[date]

    get_status_display = Display()

    class Meta:
        required = ("title",)
        api = (
            resource("community/posts", can="show", includes="users topics")
            + resource("community/posts", can="list create update delete", **_LIST)
            + listed("community/topics/{topic}/posts", **_LIST)
            + listed("community/users/{author}/posts", **_LIST)
            + _searched()
            + action("vote_up", "POST", "community/posts/{id}/up", "vote")
            + action("vote_down", "POST", "community/posts/{id}/down", "vote")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes that were cast on it."""
        return Vote.objects.using(self.using or "default").filter(post=self)

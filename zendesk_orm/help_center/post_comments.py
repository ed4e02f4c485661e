"""Comments on posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/post_comments/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.locales import LocalizedManager
from zendesk_orm.help_center.votes import Vote, Voted, vote_endpoints
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.support.users.users import User

_PATH = "community/posts/{post}/comments"
_SIDE = ("users", "posts")


class PostComment(notifying.Notifying, Voted, Model):
    """A comment on a post: `post.comments.create(body="Same here.")`."""

    objects = notifying.NotifyingManager["PostComment"].as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    post: Ref[Post]
    post_id: Id[int]
    author: Ref[User | None]
    author_id: Id[int | None]
    body: Field[str]
    official: Field[bool]
    vote_sum: ReadOnly[int]
    vote_count: ReadOnly[int]
    non_author_editor: ReadOnlyRef[User | None]
    non_author_editor_id: Id[int | None]
    non_author_updated_at: ReadOnly[datetime | None]
    created_at: CreateOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "comment"
        verbose_name = "post comment"
        parent = "post"
        required = ("body",)
        api = (
            resource(_PATH, includes=_SIDE)
            + listing("community/users/{author}/comments", includes=_SIDE)
            + vote_endpoints(f"{_PATH}/{{id}}")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes on the comment."""
        votes = Vote.objects.using(self.using or "default")
        return votes.filter(post=self.post_id, post_comment=self)

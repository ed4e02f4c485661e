"""Comments on posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/post_comments/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.locales import LocalizedManager
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.support.users import User

_PATH = "community/posts/{post}/comments"
_SIDE = "users posts"


class PostComment(notifying.Notifying, Voted, Model):
    """What somebody wrote below a post: `post.comments.create(body="Same here.")`."""

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
            + listed("community/users/{author}/comments", includes=_SIDE)
            + action("vote_up", "POST", f"{_PATH}/{{id}}/up", "vote")
            + action("vote_down", "POST", f"{_PATH}/{{id}}/down", "vote")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes that were cast on it."""
        found = Vote.objects.using(self.using or "default")
        return found.filter(post=self.post_id, post_comment=self)

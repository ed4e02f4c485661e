"""Votes on articles, posts, and the comments on both.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Hollow


if TYPE_CHECKING:
    from zendesk_orm.help_center.article_comments import ArticleComment
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.post_comments import PostComment
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.support.users import User

#: The models of what `item_type` names.
_ITEMS: Mapping[str, str] = {
    "Article": "Article",
    "Comment": "ArticleComment",
    "Post": "Post",
    "PostComment": "PostComment",
}
#: What a vote changes of what it is cast on.
_COUNTED = frozenset({"vote_count", "vote_sum"})


class Vote(Model):
    """A vote that somebody cast: 1 for, -1 against.

    A vote is cast by `article.vote_up()` and `vote_down()`, also of comments and posts; it is
    taken back by `vote.delete()`.
    """

    objects = LocalizedManager["Vote"].as_manager()

    url: ReadOnly[str]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    value: ReadOnly[int]
    item_id: ReadOnly[int]
    item_type: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    article: Lookup[Article]
    comment: Lookup[ArticleComment]
    post: Lookup[Post]
    post_comment: Lookup[PostComment]
    locale: Lookup[str]

    class Meta:
        api = (
            resource("help_center/votes", can="show delete", includes="users")
            + resource("help_center/votes", can="list")
            + listed("help_center/users/{user}/votes")
            + localized(
                listed(
                    "help_center/articles/{article}/votes",
                    "help_center/articles/{article}/comments/{comment}/votes",
                )
            )
            + listed(
                "community/posts/{post}/votes",
                "community/posts/{post}/comments/{post_comment}/votes",
            )
        )

    @property
    def item(self) -> Any:
        """What the vote was cast on: an article, a post, or a comment; read when it is used."""
        name = _ITEMS.get(self.item_type.rpartition("::")[2])
        if name is None:
            return None
        return self._session().refer(registry.find(name, "help_center"), self.item_id)


class Voted:
    """What votes can be cast on; it declares the actions `vote_up` and `vote_down`."""

    __slots__ = ()

    def vote_up(self: Any) -> Vote:
        """Vote for it, as the user who asks; an earlier vote is changed.

        Returns:
            The vote; `vote.delete()` takes it back.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/#create-vote
        """
        return _cast(self, "vote_up")

    def vote_down(self: Any) -> Vote:
        """Vote against it, as the user who asks; an earlier vote is changed.

        Returns:
            The vote; `vote.delete()` takes it back.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/#create-vote
        """
        return _cast(self, "vote_down")


def _cast(record: Any, action: str) -> Vote:
    data = record._call(action)
    # The counts are fetched when somebody asks for them.
    known = {key: value for key, value in record._row.items() if key not in _COUNTED}
    record.absorb(Hollow(known))
    row = data["vote"] if data else {}
    vote: Vote = record._session().take_in(Vote, [row])[0]
    return vote

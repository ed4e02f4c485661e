"""Votes on articles, posts, and comments.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action_endpoint, alters_data
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import DELETE, LIST, SHOW, listing, resource
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import PartialRow


if TYPE_CHECKING:
    from zendesk_orm.help_center.article_comments import ArticleComment
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.post_comments import PostComment
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.support.users.users import User

#: The models in `item_type`.
_ITEMS: Mapping[str, str] = {
    "Article": "Article",
    "Comment": "ArticleComment",
    "Post": "Post",
    "PostComment": "PostComment",
}
#: The fields that a vote changes.
_COUNTED = frozenset({"vote_count", "vote_sum"})


class Vote(Model):
    """A vote of a user: 1 (up) or -1 (down).

    `article.vote_up()` and `vote_down()` vote, also on comments and posts; `vote.delete()`
    withdraws a vote.
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
            resource("help_center/votes", can=SHOW | DELETE, includes=("users",))
            + resource("help_center/votes", can=LIST)
            + listing("help_center/users/{user}/votes")
            + localize(
                listing(
                    "help_center/articles/{article}/votes",
                    "help_center/articles/{article}/comments/{comment}/votes",
                )
            )
            + listing(
                "community/posts/{post}/votes",
                "community/posts/{post}/comments/{post_comment}/votes",
            )
        )

    @property
    def item(self) -> Any:
        """The article, post or comment of the vote, fetched on access."""
        name = _ITEMS.get(self.item_type.rpartition("::")[2])
        if name is None:
            return None
        return self._session().refer(registry.find(name, "help_center"), self.item_id)


def vote_endpoints(path: str) -> Api:
    """Declare the actions `vote_up` and `vote_down` of the row at a path."""
    return action_endpoint("vote_up", "POST", f"{path}/up", "vote") + action_endpoint(
        "vote_down", "POST", f"{path}/down", "vote"
    )


class Voted:
    """An object that users can vote on; it must declare the actions `vote_up` and `vote_down`."""

    __slots__ = ()

    @alters_data
    def vote_up(self: Any) -> Vote:
        """Vote for the object as the caller; an earlier vote is replaced.

        Returns:
            The vote; `vote.delete()` withdraws it.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/#create-vote
        """
        return _cast(self, "vote_up")

    @alters_data
    def vote_down(self: Any) -> Vote:
        """Vote against the object as the caller; an earlier vote is replaced.

        Returns:
            The vote; `vote.delete()` withdraws it.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/votes/#create-vote
        """
        return _cast(self, "vote_down")


def _cast(record: Any, action: str) -> Vote:
    """Vote on an object and return the vote."""

    def update(data: Any) -> Vote:
        # The counts are fetched when they are read.
        row = {key: value for key, value in record._row.items() if key not in _COUNTED}
        record.update_from_row(PartialRow(row))
        vote: Vote = record._session().materialize(Vote, [data["vote"]])[0]
        return vote

    vote: Vote = record._call(action, then=update, in_dry_run=Vote())
    return vote

"""User subscriptions, by which users follow other users.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_subscriptions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, Lookup, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User

Type = Literal["followers", "followings"]

_PATH = "help_center/users/{user}/user_subscriptions"


class UserSubscriptionManager(Manager["UserSubscription"]):
    """`UserSubscription.objects`, with creation of subscriptions."""

    @action("POST", _PATH, key="user_subscription")
    def follow(
        self,
        follower: support.User | int,
        followed: support.User | int,
        *,
        include_comments: bool = False,
    ) -> UserSubscription:
        """Subscribe a user to another, and return the subscription.

        Args:
            follower: the following user, or the id.
            followed: the followed user, or the id.
            include_comments: whether the subscription includes comments, not only posts.

        Raises:
            InvalidValue: a user was never saved.
            Conflict: the subscription exists already.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_subscriptions/#create-user-subscription
        """
        session = self._session
        theirs = session.id_of("User", followed, "followed")
        values = {"followed_id": theirs, "include_comments": include_comments}
        path = {"user": session.id_of("User", follower, "follower")}
        return self._call(
            "follow",
            {"user_subscription": values},
            path=path,
            then=lambda data: self._from_rows([data["user_subscription"]])[0],
            in_dry_run=self.model.from_row(values),
        )


class UserSubscription(Model):
    """A subscription of a user to another user.

    `filter(user=ann)` returns the subscriptions of the followers of a user;
    `filter(user=ann, type="followings")` those of the user.
    """

    objects = UserSubscriptionManager.as_manager()

    follower: ReadOnlyRef[User]
    follower_id: Id[int]
    followed: ReadOnlyRef[User]
    followed_id: Id[int]

    user: Lookup[User]
    type: Lookup[Type]

    class Meta:
        api = listing(_PATH, filters=("type",), includes=("users",)) + Api(
            (
                Endpoint(
                    Verb.DELETE,
                    "help_center/users/{follower}/user_subscriptions/{id}",
                    "user_subscriptions",
                    method="DELETE",
                ),
            )
        )

"""User subscriptions: who follows whom.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_subscriptions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.users import User

Type = Literal["followers", "followings"]

_PATH = "help_center/users/{user}/user_subscriptions"


class UserSubscriptionManager(Manager["UserSubscription"]):
    """`UserSubscription.objects`, which lets a user follow another."""

    def follow(
        self, follower: User | int, followed: User | int, *, include_comments: bool = False
    ) -> UserSubscription:
        """Let a user follow another, and return the subscription; its `delete()` ends that.

        Args:
            follower: who follows, or the id.
            followed: whom, or the id.
            include_comments: whether comments are followed, too, and not posts alone.

        Raises:
            InvalidValue: one of them was never saved.
            Conflict: it is so already.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_subscriptions/#create-user-subscription
        """
        session = self._session
        theirs = session.id_of("User", followed, "followed")
        said = {"followed_id": theirs, "include_comments": include_comments}
        path = {"user": session.id_of("User", follower, "follower")}
        data = self._call("follow", {"user_subscription": said}, path=path)
        if not data:
            return self.model.from_row(said)
        return self._made([data["user_subscription"]])[0]


class UserSubscription(Model):
    """One user's following of another.

    `filter(user=ann)` are the followers of a user; `filter(user=ann, type="followings")` are
    those whom the user follows.
    """

    objects = UserSubscriptionManager.as_manager()

    follower: ReadOnlyRef[User]
    follower_id: Id[int]
    followed: ReadOnlyRef[User]
    followed_id: Id[int]

    user: Lookup[User]
    type: Lookup[Type]

    class Meta:
        api = (
            listed(_PATH, takes="type", includes="users")
            + action("follow", "POST", _PATH, "user_subscription")
            + Api(
                (
                    Endpoint(
                        Verb.DELETE,
                        "help_center/users/{follower}/user_subscriptions/{id}",
                        "user_subscriptions",
                        method="DELETE",
                    ),
                )
            )
        )

"""X, which was Twitter: handles that are watched, and tweets that become tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.comments import Comment

_CHANNEL = "channels/twitter"


class MonitoredTwitterHandleManager(Manager["MonitoredTwitterHandle"]):
    """`MonitoredTwitterHandle.objects`."""

    def statuses(
        self, comment: Comment | int, ids: Iterable[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return what became of the tweets of a ticket: whether they were liked and repeated.

        Args:
            comment: a comment that came from X, or its id.
            ids: further comments of which to tell; all by default.

        Returns:
            A dictionary for each: `id`, `favorited`, `retweeted`, `user_followed`.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/#list-ticket-statuses
        """
        pk = self._session.id_of("Comment", comment, "statuses")
        wanted = None if ids is None else list(ids)
        found: list[dict[str, Any]] = self._call("statuses", path={"id": pk}, ids=wanted)[
            "statuses"
        ]
        return found


class MonitoredTwitterHandle(Model):
    """A handle of X's whose mentions and messages become tickets."""

    objects = MonitoredTwitterHandleManager.as_manager()

    screen_name: ReadOnly[str]
    name: ReadOnly[str | None]
    avatar_url: ReadOnly[str | None]
    twitter_user_id: ReadOnly[int]
    allow_reply: ReadOnly[bool]
    can_reply: ReadOnly[bool]
    brand: ReadOnlyRef[Brand | None]
    brand_id: Id[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        keep = 300
        api = (
            resource(
                f"{_CHANNEL}/monitored_twitter_handles",
                can="list show",
                small=True,
                paging=(ONCE,),
            )
            + action("create_ticket", "POST", f"{_CHANNEL}/tickets")
            + action("statuses", "GET", f"{_CHANNEL}/tickets/{{id}}/statuses", "statuses")
        )

    def create_ticket(self, tweet_id: int) -> None:
        """Make a ticket of a tweet; Zendesk does not tell which.

        Args:
            tweet_id: X's id of the tweet.

        Raises:
            InvalidValue: the handle has no id.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/#create-ticket-from-tweet
        """
        told = {"twitter_status_message_id": tweet_id, "monitored_twitter_handle_id": self.pk}
        self._call("create_ticket", {"ticket": told})

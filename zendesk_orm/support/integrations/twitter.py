"""X (Twitter): monitored handles, and tweets that become tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.session.action_bodies import objects_of


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

_CHANNEL = "channels/twitter"


class MonitoredTwitterHandleManager(Manager["MonitoredTwitterHandle"]):
    """`MonitoredTwitterHandle.objects`."""

    @action("GET", f"{_CHANNEL}/tickets/{{id}}/statuses", key="statuses")
    def statuses(
        self, comment: support.Comment | int, ids: Iterable[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return the statuses of the tweets of a ticket: liked, retweeted.

        Args:
            comment: a comment that was created from a tweet, or its id.
            ids: the ids of the comments to return; by default all.

        Returns:
            A dictionary for each tweet: `id`, `favorited`, `retweeted`, `user_followed`.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/#list-ticket-statuses
        """
        pk = self._session.id_of("Comment", comment, "statuses")
        params = None if ids is None else list(ids)
        data = self._call("statuses", path={"id": pk}, ids=params)
        return objects_of(data, "statuses")


class MonitoredTwitterHandle(Model):
    """A handle on X whose mentions and messages become tickets."""

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
        cache_seconds = 300
        api = resource(
            f"{_CHANNEL}/monitored_twitter_handles",
            can=READ,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    @action("POST", f"{_CHANNEL}/tickets")
    def create_ticket(self, tweet_id: int) -> None:
        """Create a ticket from a tweet; Zendesk does not return the ticket.

        Args:
            tweet_id: the id of the tweet on X.

        Raises:
            InvalidValue: the handle has no id.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/channels/x_channel/#create-ticket-from-tweet
        """
        ticket = {"twitter_status_message_id": tweet_id, "monitored_twitter_handle_id": self.pk}
        self._call("create_ticket", {"ticket": ticket})

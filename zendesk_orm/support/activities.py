"""Activities: what happened to the tickets of the agent who is asking.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Lookup, ReadOnly
from zendesk_orm.schema.values import KINDS
from zendesk_orm.support.users import User


if TYPE_CHECKING:
    from typing_extensions import Self


class ActivityManager(Manager["Activity"]):
    """`Activity.objects`, which can begin at a moment."""

    def since(self, moment: datetime) -> Self:
        """Return the activities from a moment on; a query, as `filter()`.

        Args:
            moment: an aware one; Zendesk keeps activities for thirty days.

        Raises:
            InvalidValue: it has no time zone.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/#list-activities
        """
        kind = KINDS["datetime"]
        dumped = kind.dump(kind.accept(moment)) if kind.dump else ""
        return self.filter(since=dumped)


class Activity(Model):
    """Something that happened to a ticket of the agent who is asking, within thirty days.

    `verb` tells what: `tickets.assignment`, `tickets.comment`, `tickets.priority_increase`. The
    users come with the row, so that reading them costs nothing; an `actor_id` of -1 is Zendesk
    itself.
    """

    objects = ActivityManager.as_manager()

    url: ReadOnly[str]
    title: ReadOnly[str]
    verb: ReadOnly[str]
    user: ReadOnly[User | None]
    user_id: ReadOnly[int]
    actor: ReadOnly[User | None]
    actor_id: ReadOnly[int]
    object: ReadOnly[dict[str, Any]]
    target: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    since: Lookup[str]

    class Meta:
        api = resource(
            "activities", can="list show", takes="since", natural="-created_at", count=True
        )

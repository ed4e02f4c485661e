"""Activities: recent events on the tickets of the authenticated agent.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Lookup, ReadOnly
from zendesk_orm.schema.values import KINDS
from zendesk_orm.support.users.users import User


class ActivityManager(Manager["Activity"]):
    """The manager `Activity.objects`."""

    def since(self, moment: datetime) -> Self:
        """Return a query for the activities since a moment.

        Args:
            moment: an aware datetime; Zendesk keeps activities for thirty days.

        Raises:
            InvalidValue: `moment` has no time zone.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/#list-activities
        """
        kind = KINDS["datetime"]
        dumped = kind.dump(kind.accept(moment)) if kind.dump else ""
        return self.filter(since=dumped)


class Activity(Model):
    """An event on a ticket of the authenticated agent within the last thirty days.

    `verb` is its kind: `tickets.assignment`, `tickets.comment` or `tickets.priority_increase`.
    `user` and `actor` are part of the row and need no request; an `actor_id` of -1 is Zendesk.
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
            "activities", can=READ, filters=("since",), default_order="-created_at", count=True
        )

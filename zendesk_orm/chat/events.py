"""What agents and departments did, exported since a moment.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.chat.exports import export
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import aware


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.chat.agents import Agent
    from zendesk_orm.chat.departments import Department


class AgentEvent(Model):
    """A change of an agent's status, or of the number of chats that they are in."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    account_id: ReadOnly[int]
    agent: ReadOnlyRef[Agent]
    agent_id: Id[int]
    field_name: ReadOnly[str]
    previous_value: ReadOnly[Any]
    value: ReadOnly[Any]
    timestamp: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "timestamp"
        api = export("agent_events", expand=False)


class DepartmentEvent(Model):
    """A change of a department: who is online in it, and how busy they are."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    department: ReadOnlyRef[Department]
    department_id: Id[int]
    field_name: ReadOnly[str]
    previous_value: ReadOnly[Any]
    value: ReadOnly[Any]
    timestamp: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "timestamp"
        api = export("department_events")


class AgentTimelineManager(Manager["AgentTimeline"]):
    """`AgentTimeline.objects`, which is asked since when."""

    def since(self, moment: datetime) -> Self:
        """Return what began since a moment, as a query.

        Args:
            moment: five minutes ago or earlier.

        Raises:
            InvalidValue: it has no time zone.
        """
        return self.filter(since_microseconds=int(aware(moment).timestamp() * 1_000_000))


class AgentTimeline(Model):
    """A while in which an agent had one status: `AgentTimeline.objects.since(yesterday)`.

    Zendesk gives these no ids.
    """

    objects = AgentTimelineManager.as_manager()

    agent: ReadOnlyRef[Agent]
    agent_id: Id[int]
    status: ReadOnly[str]
    start_time: ReadOnly[datetime]
    duration: ReadOnly[float]
    engagement_count: ReadOnly[int]

    #: This export alone counts microseconds; `since()` takes a moment.
    since_microseconds: Lookup[int]

    class Meta:
        get_latest_by = "start_time"
        unique_ids = False
        verbose_name_plural = "agent timelines"
        api = export("agent_timeline", since="since_microseconds")

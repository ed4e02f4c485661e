"""Incremental exports of events and timelines of agents and departments.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import MICROSECOND_STREAM
from zendesk_orm.chat.exports import export
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import aware


if TYPE_CHECKING:
    from zendesk_orm.chat.agents import Agent
    from zendesk_orm.chat.departments import Department


class AgentEvent(StringIdModel):
    """A change of the status of an agent, or of the number of the agent's chats."""

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


class DepartmentEvent(StringIdModel):
    """A change of the availability or the load of a department."""

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
    """The manager `AgentTimeline.objects`, which exports by time."""

    def since(self, moment: datetime) -> Self:
        """Return a query of the timelines that started at or after a time.

        Args:
            moment: the time, which must be at least five minutes ago.

        Raises:
            InvalidValue: the datetime is naive.
        """
        return self.filter(changed_since=aware(moment))


class AgentTimeline(Model):
    """A period in which an agent had one status: `AgentTimeline.objects.since(yesterday)`.

    Timelines do not have ids.
    """

    objects = AgentTimelineManager.as_manager()

    agent: ReadOnlyRef[Agent]
    agent_id: Id[int]
    status: ReadOnly[str]
    start_time: ReadOnly[datetime]
    duration: ReadOnly[float]
    engagement_count: ReadOnly[int]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "start_time"
        unique_ids = False
        verbose_name_plural = "agent timelines"
        api = export("agent_timeline", paging=MICROSECOND_STREAM)

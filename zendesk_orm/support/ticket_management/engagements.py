"""Engagements: periods in which agents worked on tickets.

Source: https://developer.zendesk.com/api-reference/agent-availability/omnichannel-engagements/omnichannel_engagements/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.paging import Paging
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


class Engagement(StringIdModel):
    """A completed period in which an agent worked on a ticket, available for 90 days.

    ::

        Engagement.objects.filter(start_time=1751068800, channel="MESSAGING")
    """

    engagement_id: ReadOnly[str]
    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    agent: ReadOnlyRef[User]
    agent_id: Id[int]
    group: ReadOnlyRef[Group | None]
    group_id: Id[int | None]
    requester: ReadOnlyRef[User]
    requester_id: Id[int]
    channel: ReadOnly[str]
    engagement_start_time: ReadOnly[datetime]
    engagement_end_time: ReadOnly[datetime]
    engagement_start_reason: ReadOnly[str]
    engagement_end_reason: ReadOnly[str]
    ticket_status_start: ReadOnly[str]
    ticket_status_end: ReadOnly[str]
    offer_time_seconds: ReadOnly[int | None]
    assignment_to_first_reply_time_seconds: ReadOnly[int | None]
    agent_messages_count: ReadOnly[int]
    agent_replies_count: ReadOnly[int]
    end_user_messages_count: ReadOnly[int]
    average_requester_wait_time_seconds: ReadOnly[int | None]
    longest_requester_wait_time_seconds: ReadOnly[int | None]
    total_requester_wait_time_seconds: ReadOnly[int | None]

    #: Unix time in seconds, which Zendesk expects for these parameters.
    start_time: Lookup[int]
    end_time: Lookup[int]
    filter_by: Lookup[str]

    class Meta:
        pk_key = "engagement_id"
        enveloped = False
        plural = "agent_engagement_data"
        verbose_name_plural = "engagements"
        api = resource("engagements", can=SHOW) + listing(
            "engagements",
            key="agent_engagement_data",
            filters={
                "ticket": "ticket_id",
                "agent": "agent_id",
                "channel": "channel",
                "start_time": "start_time",
                "end_time": "end_time",
                "filter_by": "filter_by",
            },
            default_order=None,
            paging=(Paging("next page url"),),
        )

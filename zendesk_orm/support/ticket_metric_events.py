"""Ticket metric events: when which metric of a ticket began, paused, was fulfilled or breached.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import EVENTS
from zendesk_orm.api.vocabulary import exported
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket

Metric = Literal[
    "agent_work_time",
    "pausable_update_time",
    "periodic_update_time",
    "reply_time",
    "requester_wait_time",
    "resolution_time",
    "group_ownership_time",
]
Type = Literal[
    "activate",
    "pause",
    "fulfill",
    "apply_sla",
    "apply_group_sla",
    "breach",
    "update_status",
    "measure",
]


class TicketMetricEvent(Model):
    """What happened to one metric of a ticket at one moment: it began, paused or was fulfilled.

    `TicketMetricEvent.objects.filter(changed_since=yesterday)`, in the order of `time`. What
    belongs to one `type` alone is in `sla`, `group_sla` and `status`. A metric that begins
    again counts up `instance_id`.
    """

    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    metric: ReadOnly[Metric]
    instance_id: ReadOnly[int]
    type: ReadOnly[Type]
    time: ReadOnly[datetime]
    deleted: ReadOnly[bool | None]
    sla: ReadOnly[dict[str, Any] | None]
    group_sla: ReadOnly[dict[str, Any] | None]
    status: ReadOnly[dict[str, Any] | None]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "time"
        api = exported("incremental/ticket_metric_events", paging=EVENTS)

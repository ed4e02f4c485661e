"""Ticket metric events: changes in the state of ticket metrics.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import EVENTS
from zendesk_orm.api.vocabulary import incremental_export
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

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
    """A change in the state of a ticket's metric: it was activated, paused or fulfilled.

    `TicketMetricEvent.objects.changed_since(yesterday)` returns events in the order of
    `time`. `sla`, `group_sla` and `status` contain the details of certain types. `instance_id` is
    incremented when a metric is activated again.
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
    exclude_deleted: Lookup[bool]
    include_changes: Lookup[bool]

    class Meta:
        get_latest_by = "time"
        api = incremental_export(
            "incremental/ticket_metric_events",
            filters={
                "exclude_deleted": "exclude_deleted",
                "include_changes": "include_changes",
            },
            paging=EVENTS,
        )

    @property
    def is_deleted(self) -> bool:
        """Whether the ticket of the event was deleted."""
        return bool(self.deleted)

"""Ticket metric events: when which metric of a ticket began, paused, was fulfilled or breached.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import Paging
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


class _Events(Paging):
    """A link that is there after the end, too, to the moment of the last row.

    Where the answer does not tell the end, it is followed as long as it leads on: the page
    behind the last one repeats the rows of the last moment, and no others.
    """

    def next(self, data: Mapping[str, Any]) -> str | None:
        link, ended = data.get("next_page"), data.get("end_of_stream")
        rows = data.get("ticket_metric_events") or ()
        leads_on = len({row.get("time") for row in rows}) > 1
        more = leads_on if ended is None else not ended
        return str(link) if link and more else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` is that of the page."""
        return None


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
        api = exported("incremental/ticket_metric_events", paging=_Events("export", largest=1000))

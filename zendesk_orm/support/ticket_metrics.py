"""Ticket metrics: how long a ticket took, and how often it changed hands.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import MalformedResponse
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class TicketMetricManager(Manager["TicketMetric"]):
    """`TicketMetric.objects`."""

    def of(self, ticket: Ticket | int) -> TicketMetric:
        """Return the metrics of a ticket, in one request; `ticket.metric` are the same.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/#show-ticket-metrics
        """
        pk = self._session.id_of("Ticket", ticket, "of")
        found = (self._call("of", path={"ticket": pk}) or {}).get("ticket_metric")
        # Described as a list of one, and used as an object by clients that have long worked.
        rows = [found] if isinstance(found, dict) else found
        if not rows:
            path = f"/api/v2/tickets/{pk}/metrics"
            told = "there is no 'ticket_metric' in the body"
            raise MalformedResponse("GET", path, 200, description=told)
        return self._made(rows)[0]


class TicketMetric(Model):
    """How long a ticket took to be answered and solved, and how often it changed hands.

    Times are pairs, of calendar and of business hours:
    `metric.reply_time_in_minutes["calendar"]`. The list leaves archived tickets out;
    `ticket.metric` is there for these, too.
    """

    objects = TicketMetricManager.as_manager()

    url: ReadOnly[str]
    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    group_stations: ReadOnly[int]
    assignee_stations: ReadOnly[int]
    reopens: ReadOnly[int]
    replies: ReadOnly[int]
    reply_time_in_minutes: ReadOnly[dict[str, Any]]
    #: Of tickets of messaging alone.
    reply_time_in_seconds: ReadOnly[dict[str, Any] | None]
    first_resolution_time_in_minutes: ReadOnly[dict[str, Any]]
    full_resolution_time_in_minutes: ReadOnly[dict[str, Any]]
    agent_wait_time_in_minutes: ReadOnly[dict[str, Any]]
    requester_wait_time_in_minutes: ReadOnly[dict[str, Any]]
    on_hold_time_in_minutes: ReadOnly[dict[str, Any]]
    initially_assigned_at: ReadOnly[datetime | None]
    assigned_at: ReadOnly[datetime | None]
    solved_at: ReadOnly[datetime | None]
    latest_comment_added_at: ReadOnly[datetime | None]
    status_updated_at: ReadOnly[datetime | None]
    custom_status_updated_at: ReadOnly[datetime | None]
    assignee_updated_at: ReadOnly[datetime | None]
    requester_updated_at: ReadOnly[datetime | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = resource("ticket_metrics", can="list show", natural="-created_at") + action(
            "of", "GET", "tickets/{ticket}/metrics", "ticket_metric"
        )

"""Ticket metrics: response times, and numbers of replies, reopens and reassignments.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, overload

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import MalformedResponse
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.request import Request
from zendesk_orm.model import Model
from zendesk_orm.plan.plan import MAX_IDS_PER_REQUEST
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.session.action_bodies import part_of
from zendesk_orm.session.responses import objects_in
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import PageSource


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

#: Attribute of a ticket that holds its metrics with the row for which they were fetched.
_METRIC = "_metric"


class TicketMetricManager(Manager["TicketMetric"]):
    """The manager `TicketMetric.objects`."""

    @action("GET", "tickets/{ticket}/metrics", key="ticket_metric")
    def of(self, ticket: support.Ticket | int) -> TicketMetric:
        """Return the metrics of a ticket, in one request; see also `ticket.metric`.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/#show-ticket-metrics
        """
        pk = self._session.id_of("Ticket", ticket, "of")
        data = self._call("of", path={"ticket": pk})
        rows = data.get("ticket_metric") if isinstance(data, dict) else None
        # Documented as a list of one object; established clients read a single object.
        if isinstance(rows, dict):
            rows = [rows]
        if not rows:
            path = f"/api/v2/tickets/{pk}/metrics"
            description = "the body does not contain 'ticket_metric'"
            raise MalformedResponse("GET", path, 200, description=description)
        return self._from_rows(rows)[0]


class TicketMetric(Model):
    """The metrics of a ticket: response times, and numbers of replies and reassignments.

    Times are dictionaries with calendar and business hours:
    `metric.reply_time_in_minutes["calendar"]`. The list omits archived tickets; `ticket.metric`
    also works for them.
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
    #: Only set for messaging tickets.
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
        api = resource("ticket_metrics", can=READ, default_order="-created_at")


class TicketMetricDescriptor:
    """The descriptor `Ticket.metric`, which returns the metrics of a ticket.

    Reading it fetches the metrics of all tickets of the same page, a hundred per request. They
    are fetched again after the row of a ticket was refreshed. `select_related("metric")` and
    `prefetch_related("metric")` fetch them together with the tickets.

    Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
    """

    model = target = TicketMetric

    @overload
    def __get__(self, ticket: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, ticket: support.Ticket, owner: type[Any]) -> TicketMetric: ...
    def __get__(self, ticket: support.Ticket | None, owner: type[Any]) -> Any:
        """Return the metrics of a ticket.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        if ticket is None:
            return self
        metric = _cached_metric(ticket)
        if metric is None:
            session, source = ticket._session(), ticket._source
            siblings = source.siblings(ticket) if isinstance(source, PageSource) else []
            if ticket in siblings:
                start = siblings.index(ticket)
                self.read_along(
                    session, [*siblings[start:], *siblings[:start]][:MAX_IDS_PER_REQUEST]
                )
            metric = _cached_metric(ticket)
            if metric is None:
                metric = TicketMetric.objects.using(session.alias).of(ticket.pk)
                ticket.__dict__[_METRIC] = (ticket._row, metric)
        return metric

    def read_along(self, session: Session, tickets: Sequence[Any]) -> list[TicketMetric]:
        """Fetch the metrics of several tickets, a hundred per request, and return them."""
        missing = [
            ticket for ticket in tickets if ticket.pk is not None and _cached_metric(ticket) is None
        ]
        url = missing[0]._meta.endpoint(Verb.SHOW_MANY).url if len(missing) > 1 else ""
        for chunk in chunks(missing if url else (), MAX_IDS_PER_REQUEST):
            ids = ",".join(str(ticket.pk) for ticket in chunk)
            request = Request("GET", url, (("ids", ids), ("include", "metric_sets")))
            rows = _metric_rows(session.send(request))
            metrics = {
                metric.ticket_id: metric for metric in session.materialize(TicketMetric, rows)
            }
            for ticket in chunk:
                if ticket.pk in metrics:
                    ticket.__dict__[_METRIC] = (ticket._row, metrics[ticket.pk])
        return [metric for metric in map(_cached_metric, tickets) if metric is not None]


def _cached_metric(ticket: Any) -> TicketMetric | None:
    """Return the metrics fetched for the current row of a ticket, or None."""
    row, metric = ticket.__dict__.get(_METRIC, (None, None))
    return metric if row is ticket._row else None


def _metric_rows(data: Any) -> list[Any]:
    """Return the metrics of a response, which are side-loaded or nested in the tickets."""
    nested = (part_of(ticket, "metric_set") for ticket in objects_in(data, "tickets"))
    rows = objects_in(data, "metric_sets") or [row for row in nested if row]
    return [row for row in rows if row.get("id") is not None]

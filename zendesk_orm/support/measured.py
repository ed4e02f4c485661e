"""What is measured of tickets, and what their requesters say.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.plan.plan import CHUNK
from zendesk_orm.session.peers import Peers
from zendesk_orm.session.session import Session
from zendesk_orm.support.satisfaction_ratings import SatisfactionRating
from zendesk_orm.support.ticket_metric_events import TicketMetricEvent
from zendesk_orm.support.ticket_metrics import TicketMetric
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from datetime import datetime

    from typing_extensions import Self

    from zendesk_orm.schema.fields import ReadOnly

#: Where a ticket keeps its metrics, with the row that they belong to.
_METRIC = "_metric"
#: What a requester can say of a solved ticket.
SCORES = ("good", "bad")


class MetricOfTicket:
    """The metrics of a ticket: how long it took, and how often it changed hands.

    Those of the tickets of one page are read together, a hundred to a request, when the first of
    them is asked for; and again after the row of a ticket has been read anew.
    `select_related("metric")` and `prefetch_related("metric")` read them along.

    Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
    """

    model = target = TicketMetric

    @overload
    def __get__(self, ticket: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, ticket: Measured, owner: type[Any]) -> TicketMetric: ...
    def __get__(self, ticket: Measured | None, owner: type[Any]) -> Any:
        """Return the metrics of a ticket.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        if ticket is None:
            return self
        found = _metric_of(ticket)
        if found is None:
            session, source = ticket._session(), ticket._source
            peers = source.siblings(ticket) if isinstance(source, Peers) else []
            if ticket in peers:
                start = peers.index(ticket)
                self.read_along(session, [*peers[start:], *peers[:start]][:CHUNK])
            found = _metric_of(ticket)
            if found is None:
                found = TicketMetric.objects.using(session.alias).of(ticket.pk)
                ticket.__dict__[_METRIC] = (ticket._row, found)
        return found

    def read_along(self, session: Session, tickets: Sequence[Any]) -> list[TicketMetric]:
        """Read the metrics of several tickets, a request for each hundred, and return them."""
        wanted = [each for each in tickets if each.pk is not None and _metric_of(each) is None]
        url = wanted[0]._meta.endpoint(Verb.SHOW_MANY).url if len(wanted) > 1 else ""
        for start in range(0, len(wanted) if url else 0, CHUNK):
            part = wanted[start : start + CHUNK]
            ids = ",".join(str(each.pk) for each in part)
            request = Request("GET", url, (("ids", ids), ("include", "metric_sets")))
            rows = _metric_rows(session.send(request))
            known = {each.ticket_id: each for each in session.take_in(TicketMetric, rows)}
            for each in part:
                if each.pk in known:
                    each.__dict__[_METRIC] = (each._row, known[each.pk])
        return [metric for metric in map(_metric_of, tickets) if metric is not None]


def _metric_of(ticket: Any) -> TicketMetric | None:
    """Return the metrics that belong to the present row of a ticket, or None."""
    row, metric = ticket.__dict__.get(_METRIC, (None, None))
    found: TicketMetric | None = metric if row is ticket._row else None
    return found


def _metric_rows(data: Any) -> list[Any]:
    """Return the metrics of a response: a list of their own, or one within each ticket."""
    body = data if isinstance(data, dict) else {}
    within = (ticket.get("metric_set") for ticket in body.get("tickets") or ())
    rows = body.get("metric_sets") or [row for row in within if row]
    return [row for row in rows if row.get("id") is not None]


class Measured(Model):
    """What Zendesk measures, and what its requester can rate."""

    if TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.
        created_at: ReadOnly[datetime]

    else:

        class Meta:
            abstract = True

    metric = MetricOfTicket()

    @property
    def metric_events(self) -> Manager[TicketMetricEvent]:
        """What happened to the metrics of the ticket; a query.

        Zendesk has no list of one ticket's events: the export is read from the creation of the
        ticket on, and those of other tickets are left out here. It withholds the last minute,
        and refuses to begin in it: a ticket has to be a minute old. For many tickets, read
        `TicketMetricEvent.objects.filter(changed_since=...)` once instead.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
        """
        events = TicketMetricEvent.objects.using(self._session().alias)
        return events.filter(ticket=self.pk, changed_since=self.created_at).scan()

    def rate(
        self, score: str, comment: str | None = None, *, reason_code: int | None = None
    ) -> SatisfactionRating:
        """Say how well the ticket was solved, as its requester; nobody else can.

        Args:
            score: `good` or `bad`.
            comment: why, in words.
            reason_code: why, of a bad one: the `reason_code` of a `SatisfactionReason`.

        Returns:
            The rating.

        Raises:
            InvalidValue: another score, or a ticket that was never saved.
            PermissionDenied: it is the ticket of somebody else.
            ValidationError: the ticket was never solved.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/#create-a-satisfaction-rating
        """
        if score not in SCORES:
            raise InvalidValue(f"rate() wants one of 'good', 'bad', not {score!r}")
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved; there is nothing to rate")
        session = self._session()
        given = {"comment": comment, "reason_code": reason_code}
        told = {name: value for name, value in given.items() if value is not None}
        made = SatisfactionRating.objects.using(session.alias).create(
            ticket=self.pk, score=score, **told
        )
        actions.outdated(session, self)
        return made

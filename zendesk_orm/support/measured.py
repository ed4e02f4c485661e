"""What is measured of tickets, and what their requesters say.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.support.satisfaction_ratings import SatisfactionRating
from zendesk_orm.support.ticket_metric_events import TicketMetricEvent
from zendesk_orm.support.ticket_metrics import TicketMetric
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from datetime import datetime

    from zendesk_orm.schema.fields import ReadOnly

#: What a requester can say of a solved ticket.
SCORES = ("good", "bad")


class Measured(Model):
    """What Zendesk measures, and what its requester can rate."""

    if TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.
        created_at: ReadOnly[datetime]

    else:

        class Meta:
            abstract = True

    @property
    def metric(self) -> TicketMetric:
        """How long the ticket took, and how often it changed hands.

        It takes a request when it is first asked for, and again after the row of the ticket has
        been read anew.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/#show-ticket-metrics
        """
        known = self.__dict__.get("_metric")
        if known is None or known[0] is not self._row:
            metric = TicketMetric.objects.using(self._session().alias).of(self.pk)
            known = self.__dict__["_metric"] = (self._row, metric)
        found: TicketMetric = known[1]
        return found

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

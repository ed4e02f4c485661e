"""Ticket metrics, their events, and ticket events."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import Comment, FieldError, NoEndpoint, Prefetch, Ticket, User
from zendesk_orm.support import TicketEvent, TicketMetric, TicketMetricEvent
from zendesk_orm.support.tickets import ticket_metrics


@pytest.fixture
def solved(emulator, account):
    """Create a ticket that was answered after ten minutes and solved after twenty."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="x"), requester=ada)
    emulator.clock.sleep(600)
    ticket.comments.create(body="Try again", public=True)
    emulator.clock.sleep(600)
    ticket.assignee = User.objects.me()
    ticket.save()
    return ticket.solve()


def test_metrics_of_a_ticket_are_cached(account, solved, count_requests):
    """The metrics of a ticket take one request, and another after the ticket was saved."""
    with count_requests(account, 1):
        metric = solved.metric
        assert metric.reply_time_in_minutes == {"calendar": 10, "business": 10}
        assert solved.metric.full_resolution_time_in_minutes["calendar"] == 20
    assert (metric.replies, metric.reopens, metric.assignee_stations) == (1, 0, 1)
    assert metric.ticket == solved
    # The ticket was assigned within the same second, so the emulator solves it in the next one.
    assert metric.solved_at - metric.created_at == timedelta(minutes=20, seconds=1)

    solved.status = "open"
    solved.save()
    with count_requests(account, 1):
        assert solved.metric.reopens == 1
    with count_requests(account, 1):
        assert TicketMetric.objects.of(solved.pk).replies == 1
    assert solved.metric.solved_at is None


def test_metrics_are_listed_newest_ticket_first(account, solved, count_requests):
    """Metrics are listed with the newest ticket first, and fetched by their id."""
    other = Ticket.objects.create(subject="Later", comment=Comment(body="x"))
    with count_requests(account, 1):
        metrics = list(TicketMetric.objects.all())
    assert [metric.ticket_id for metric in metrics] == [other.pk, solved.pk]
    assert metrics[1] == TicketMetric.objects.get(metrics[1].pk) == solved.metric
    with pytest.raises(TicketMetric.DoesNotExist):
        TicketMetric.objects.get(1)


def test_metric_events_are_exported_in_order_of_time(emulator, account, solved, count_requests):
    """Metric events are exported once each, in order of time."""
    emulator.clock.sleep(100)
    since = solved.created_at - timedelta(seconds=1)
    with count_requests(account, 2):
        events = list(TicketMetricEvent.objects.filter(changed_since=since))

    for metric in ("reply_time", "resolution_time"):
        assert [(event.instance_id, event.type) for event in events if event.metric == metric] == [
            (0, "measure"),
            (1, "activate"),
            (1, "fulfill"),
        ]
    assert [event.time for event in events] == sorted(event.time for event in events)
    assert {event.ticket for event in events} == {solved}
    with pytest.raises(NoEndpoint, match="changed_since"):
        list(TicketMetricEvent.objects.all())


def test_metric_events_of_a_ticket_are_filtered(emulator, account, solved):
    """The metric events of a ticket are read from the export, without those of other tickets."""
    other = Ticket.objects.create(subject="Later", comment=Comment(body="x"))
    emulator.clock.sleep(100)

    metrics = {event.metric for event in solved.metric_events}
    assert metrics >= {"reply_time", "resolution_time", "agent_work_time", "requester_wait_time"}
    assert {event.type for event in other.metric_events} == {"measure", "activate"}
    assert {event.metric for event in solved.metric_events.filter(type="fulfill")} == metrics


def test_ticket_events_are_exported(emulator, account, solved, count_requests):
    """Each update of a ticket is exported with its changes; comments are included on request."""
    emulator.clock.sleep(100)
    query = TicketEvent.objects.filter(changed_since=solved.created_at)
    with count_requests(account, 1):
        events = list(query)
    assert len(events) == 4
    assert {"comment_present": True, "comment_public": True}.items() <= (
        events[1].child_events[0].items()
    )
    assert events[3].child_events[0]["status"] == "solved"
    assert (events[3].ticket, events[3].updater) == (solved, User.objects.me())
    assert events[0].created_at == datetime.fromtimestamp(events[0].timestamp, timezone.utc)

    with count_requests(account, 1):
        events_with_comments = list(query.filter(include="comment_events"))
    assert events_with_comments[1].child_events[0]["body"] == "Try again"


def _create_tickets(count):
    for number in range(count):
        Ticket.objects.create(subject=f"T{number}", comment=Comment(body="x"))
    return list(Ticket.objects.fresh())


def test_metrics_of_a_page_are_read_together(account, count_requests):
    """Reading the metrics of one ticket fetches those of the whole page."""
    tickets = _create_tickets(5)
    with count_requests(account, 1):
        assert [ticket.metric.ticket_id for ticket in tickets] == [ticket.pk for ticket in tickets]


@pytest.mark.parametrize("method", ["select_related", "prefetch_related"])
def test_metrics_are_prefetched(account, count_requests, method):
    """Prefetching metrics takes one more request per page and none afterwards."""
    _create_tickets(5)
    with count_requests(account, 2):
        tickets = list(getattr(Ticket.objects.fresh(), method)("metric"))
    with count_requests(account, 0):
        assert {ticket.metric.replies for ticket in tickets} == {0}


def test_metrics_within_tickets_are_read():
    """Metrics are read from their list or from within each ticket."""
    row = {"id": 1, "ticket_id": 5}

    assert ticket_metrics._metric_rows({"metric_sets": [row], "tickets": [{"id": 5}]}) == [row]
    assert ticket_metrics._metric_rows({"tickets": [{"id": 5, "metric_set": row}, {"id": 6}]}) == [
        row
    ]


def test_prefetched_metrics_reject_to_attr():
    """Prefetching metrics with `to_attr` raises `FieldError`."""
    with pytest.raises(FieldError, match="to_attr"):
        Ticket.objects.prefetch_related(Prefetch("metric", to_attr="times"))

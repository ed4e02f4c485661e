"""Metrics of tickets, their events, and the events of tickets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import Comment, FieldError, NoEndpoint, Prefetch, Ticket, User
from zendesk_orm.support import TicketEvent, TicketMetric, TicketMetricEvent, measured


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def solved(emulator, account):
    """A ticket that was answered after ten minutes, and solved after twenty."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="x"), requester=ada)
    emulator.clock.sleep(600)
    ticket.comments.create(body="Try again", public=True)
    emulator.clock.sleep(600)
    ticket.assignee = User.objects.me()
    ticket.save()
    return ticket.solve()


def test_a_ticket_has_metrics(account, solved, count_requests):
    """They cost one request, and one more only after the ticket was read anew."""
    with count_requests(account, 1):
        metric = solved.metric
        assert {"calendar": 10, "business": 10} == metric.reply_time_in_minutes
        assert 20 == solved.metric.full_resolution_time_in_minutes["calendar"]
    assert (1, 0, 1) == (metric.replies, metric.reopens, metric.assignee_stations)
    assert solved == metric.ticket
    # The ticket was assigned within the same second, so the emulator solves it in the next one.
    assert metric.solved_at - metric.created_at == timedelta(minutes=20, seconds=1)

    solved.status = "open"
    solved.save()
    with count_requests(account, 1):
        assert 1 == solved.metric.reopens
    with count_requests(account, 1):
        assert 1 == TicketMetric.objects.of(solved.pk).replies
    assert solved.metric.solved_at is None


def test_metrics_are_listed_the_newest_ticket_first(account, solved, count_requests):
    """The list, and the metrics by their own id, are those of the tickets."""
    other = Ticket.objects.create(subject="Later", comment=Comment(body="x"))
    with count_requests(account, 1):
        found = list(TicketMetric.objects.all())
    assert [other.pk, solved.pk] == [each.ticket_id for each in found]
    assert found[1] == TicketMetric.objects.get(found[1].pk) == solved.metric
    with pytest.raises(TicketMetric.DoesNotExist):
        TicketMetric.objects.get(1)


def test_metric_events_are_exported(emulator, account, solved, count_requests):
    """In the order of time, each once, though the answer does not tell where it ends."""
    emulator.clock.sleep(100)
    since = solved.created_at - timedelta(seconds=1)
    with count_requests(account, 2):
        found = list(TicketMetricEvent.objects.filter(changed_since=since))

    assert [
        ("reply_time", 0, "measure"),
        ("reply_time", 1, "activate"),
        ("resolution_time", 0, "measure"),
        ("resolution_time", 1, "activate"),
        ("reply_time", 1, "fulfill"),
        ("resolution_time", 1, "fulfill"),
    ] == [(each.metric, each.instance_id, each.type) for each in found]
    assert [each.time for each in found] == sorted(each.time for each in found)
    assert {solved} == {each.ticket for each in found}
    with pytest.raises(NoEndpoint, match="changed_since"):
        list(TicketMetricEvent.objects.all())


def test_a_ticket_has_metric_events(emulator, account, solved):
    """They are read from the export, without those of other tickets."""
    other = Ticket.objects.create(subject="Later", comment=Comment(body="x"))
    emulator.clock.sleep(100)

    assert 6 == len(solved.metric_events)
    assert {"measure", "activate"} == {each.type for each in other.metric_events}
    assert 2 == len(solved.metric_events.filter(type="fulfill"))


def test_ticket_events_are_exported(emulator, account, solved, count_requests):
    """Each update with what it changed; comments are told when they are asked for."""
    emulator.clock.sleep(100)
    events = TicketEvent.objects.filter(changed_since=solved.created_at)
    with count_requests(account, 1):
        found = list(events)
    assert 4 == len(found)
    assert {"comment_present": True, "comment_public": True}.items() <= (
        found[1].child_events[0].items()
    )
    assert "solved" == found[3].child_events[0]["status"]
    assert (solved, User.objects.me()) == (found[3].ticket, found[3].updater)
    assert found[0].created_at == datetime.fromtimestamp(found[0].timestamp, timezone.utc)

    with count_requests(account, 1):
        spoken = list(events.filter(include="comment_events"))
    assert "Try again" == spoken[1].child_events[0]["body"]


def _tickets(number):
    for each in range(number):
        Ticket.objects.create(subject=f"T{each}", comment=Comment(body="x"))
    return list(Ticket.objects.fresh())


def test_metrics_of_a_page_are_read_together(account, count_requests):
    """The first one that is asked for brings those of the other tickets along."""
    tickets = _tickets(5)
    with count_requests(account, 1):
        assert [each.pk for each in tickets] == [each.metric.ticket_id for each in tickets]


@pytest.mark.parametrize("method", ["select_related", "prefetch_related"])
def test_metrics_are_read_along(account, count_requests, method):
    """One more request for a page, and none afterwards."""
    _tickets(5)
    with count_requests(account, 2):
        tickets = list(getattr(Ticket.objects.fresh(), method)("metric"))
    with count_requests(account, 0):
        assert {0} == {each.metric.replies for each in tickets}


def test_metrics_within_tickets_are_read_too():
    """Some answers hold a list of metrics, others one object within each ticket."""
    row = {"id": 1, "ticket_id": 5}

    assert [row] == measured._metric_rows({"metric_sets": [row], "tickets": [{"id": 5}]})
    assert [row] == measured._metric_rows({"tickets": [{"id": 5, "metric_set": row}, {"id": 6}]})


def test_metrics_that_are_read_along_have_no_other_name():
    """Each ticket keeps its own, so `to_attr` is rejected."""
    with pytest.raises(FieldError, match="to_attr"):
        Ticket.objects.prefetch_related(Prefetch("metric", to_attr="times"))

"""Signals of requests: `request_started`, `request_finished`, `retrying` and `rate_limited`."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    ConnectionLost,
    Group,
    NotFound,
    RetryPolicy,
    ServerError,
    Ticket,
    rate_limited,
    receiver,
    request_finished,
    request_started,
    retrying,
)


ONCE = RetryPolicy(attempts=1)
COUNT = "/api/v2/tickets/count"


def _pick(events, *names):
    return [tuple(event[name] for name in names) for event in events]


# Attempts


def test_request_started_is_sent_before_the_request(emulator):
    """`request_started` is sent once with alias and request, before the request."""
    events = []

    @receiver(request_started)
    def record(sender, **arguments):
        events.append((sender, set(arguments), arguments["request"], len(emulator.requests)))

    emulator.connect(alias="emea")
    group = Group(name="a")
    group.save(using="emea")

    ((sender, names, request, sent),) = events
    assert (sender, names, sent) == ("emea", {"request", "base_url"}, 0)
    assert (request.method, request.path) == ("POST", "/api/v2/groups")
    assert request.json == {"group": {"name": "a"}}


def test_request_finished_is_sent_after_the_response(emulator, listen):
    """`request_finished` is sent once with alias, request, status and duration."""
    started, finished = listen(request_started), listen(request_finished)

    Ticket.objects.fresh().count()

    (event,) = finished
    assert set(event) == {"sender", "request", "base_url", "status", "seconds", "reason"}
    assert (event["sender"], event["request"].path, event["status"]) == ("default", COUNT, 200)
    assert event["request"] is started[0]["request"]
    assert isinstance(event["seconds"], float)


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [(404, 404, NotFound), (500, 500, ServerError), (None, 0, ConnectionLost)],
)
def test_a_failed_request_sends_request_finished(emulator, listen, fault, status, error):
    """`request_finished` of a failed request has its status, or 0 without a response."""
    emulator.connect(retry=ONCE)
    started, finished = listen(request_started), listen(request_finished)
    emulator.fail_next(fault)

    with pytest.raises(error):
        Ticket.objects.fresh().count()

    assert (len(started), _pick(finished, "status")) == (1, [(status,)])


def test_each_attempt_sends_signals(emulator, listen):
    """A request that is sent three times starts and finishes three times."""
    started, finished = listen(request_started), listen(request_finished)
    emulator.fail_next(503, times=2)

    Ticket.objects.fresh().count()

    assert len(started) == 3
    assert _pick(finished, "status") == [(503,), (503,), (200,)]


def test_each_page_sends_signals(demo_emulator, listen):
    """Each page of a query sends `request_started` and `request_finished`."""
    started, finished = listen(request_started), listen(request_finished)

    list(Ticket.objects.fresh()[:250])

    assert len(demo_emulator.requests) == len(started) == len(finished) > 1


def test_operations_without_requests_send_no_signals(ticket, listen):
    """Without a request, neither `request_started` nor `request_finished` is sent."""
    events = listen([request_started, request_finished, retrying, rate_limited])

    Ticket.objects.filter(status="new").order_by("created_at")
    ticket.save()

    assert events == []


# Waiting


def test_retrying_is_sent_before_the_wait(emulator, listen):
    """`retrying` is sent with alias, request, delay and reason, before the wait."""
    before, events = emulator.clock.now(), []

    @receiver(retrying)
    def record(sender, **arguments):
        events.append({"sender": sender, **arguments, "at": emulator.clock.now() - before})

    emulator.fail_next(503, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    (event,) = events
    assert set(event) == {"sender", "request", "delay", "reason", "attempt", "at"}
    assert (event["sender"], event["request"].path, event["delay"]) == ("default", COUNT, 7.0)
    assert (type(event["reason"]), event["reason"].status) == (ServerError, 503)
    assert event["at"] < 7 <= emulator.clock.now() - before


def test_rate_limited_is_sent_before_retrying(emulator, listen):
    """`rate_limited` is sent with alias, request and delay; `retrying` follows."""
    limits, retries = listen(rate_limited), listen(retrying)
    emulator.fail_next(429, headers={"Retry-After": "7"})

    Ticket.objects.fresh().count()

    (event,) = limits
    assert set(event) == {"sender", "request", "delay", "endpoint", "reason"}
    assert (event["endpoint"], event["reason"].status) == ("GET tickets/count", 429)
    assert (event["sender"], event["request"].path, event["delay"]) == ("default", COUNT, 7.0)
    assert [(retry["delay"], retry["reason"].status) for retry in retries] == [(7.0, 429)]


@pytest.mark.parametrize(("status", "limits"), [(429, 2), (503, 0)])
def test_each_wait_sends_a_signal(emulator, listen, status, limits):
    """Each wait sends `retrying`; only status 429 sends `rate_limited`."""
    rate_limits, retries = listen(rate_limited), listen(retrying)
    emulator.fail_next(status, times=2, headers={"Retry-After": "1"})

    Ticket.objects.fresh().count()

    assert (len(rate_limits), len(retries)) == (limits, 2)


@pytest.mark.parametrize("status", [429, 500])
def test_a_request_without_retries_sends_no_wait(emulator, listen, status):
    """If a request is not retried, neither `rate_limited` nor `retrying` is sent."""
    emulator.connect(retry=ONCE)
    events = listen([rate_limited, retrying])
    emulator.fail_next(status)

    with pytest.raises(Exception, match=str(status)):
        Ticket.objects.fresh().count()

    assert events == []

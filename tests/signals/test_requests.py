"""What requests announce: each attempt, each wait, and how they end."""

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


def _named(told, *names):
    return [tuple(each[name] for name in names) for each in told]


# -- each attempt ------------------------------------------------------------


def test_a_request_is_announced_before_it_goes_out(emulator):
    """`request_started` tells the alias and the request, once."""
    told = []

    @receiver(request_started)
    def hear(sender, **arguments):
        told.append((sender, set(arguments), arguments["request"], len(emulator.requests)))

    emulator.connect(alias="emea")
    group = Group(name="a")
    group.save(using="emea")

    ((sender, names, request, sent),) = told
    assert ("emea", {"request"}, 0) == (sender, names, sent)
    assert ("POST", "/api/v2/groups") == (request.method, request.path)
    assert {"group": {"name": "a"}} == request.json


def test_a_request_is_announced_when_it_has_ended(emulator, heard):
    """`request_finished` tells the alias, the request, its status and how long it took; once."""
    started, ended = heard(request_started), heard(request_finished)

    Ticket.objects.fresh().count()

    (told,) = ended
    assert {"sender", "request", "status", "seconds"} == set(told)
    assert ("default", COUNT, 200) == (told["sender"], told["request"].path, told["status"])
    assert told["request"] is started[0]["request"]
    assert isinstance(told["seconds"], float)


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [(404, 404, NotFound), (500, 500, ServerError), (None, 0, ConnectionLost)],
)
def test_a_request_that_fails_has_ended_too(emulator, heard, fault, status, error):
    """Its status tells how; 0 where no answer came."""
    emulator.connect(retry=ONCE)
    started, ended = heard(request_started), heard(request_finished)
    emulator.fail_next(fault)

    with pytest.raises(error):
        Ticket.objects.fresh().count()

    assert (1, [(status,)]) == (len(started), _named(ended, "status"))


def test_each_attempt_is_announced(emulator, heard):
    """A request that is sent three times starts and ends three times."""
    started, ended = heard(request_started), heard(request_finished)
    emulator.fail_next(503, times=2)

    Ticket.objects.fresh().count()

    assert 3 == len(started)
    assert [(503,), (503,), (200,)] == _named(ended, "status")


def test_each_page_is_announced(demo_emulator, heard):
    """As many as there are requests, and no more."""
    started, ended = heard(request_started), heard(request_finished)

    list(Ticket.objects.fresh()[:250])

    assert len(demo_emulator.requests) == len(started) == len(ended) > 1


def test_what_sends_nothing_announces_nothing(ticket, heard):
    """A query that is not read, and a save without a change."""
    told = heard([request_started, request_finished, retrying, rate_limited])

    Ticket.objects.filter(status="new").order_by("created_at")
    ticket.save()

    assert [] == told


# -- waiting -----------------------------------------------------------------


def test_a_second_sending_is_announced(emulator, heard):
    """`retrying` tells the alias, the request, the wait and the reason, before the wait."""
    before, told = emulator.clock.now(), []

    @receiver(retrying)
    def hear(sender, **arguments):
        told.append({"sender": sender, **arguments, "at": emulator.clock.now() - before})

    emulator.fail_next(503, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    (only,) = told
    assert {"sender", "request", "delay", "reason", "at"} == set(only)
    assert ("default", COUNT, 7.0) == (only["sender"], only["request"].path, only["delay"])
    assert (ServerError, 503) == (type(only["reason"]), only["reason"].status)
    assert only["at"] < 7 <= emulator.clock.now() - before


def test_a_limit_is_announced(emulator, heard):
    """`rate_limited` tells the alias, the request and the wait; `retrying` follows."""
    limits, retries = heard(rate_limited), heard(retrying)
    emulator.fail_next(429, headers={"Retry-After": "7"})

    Ticket.objects.fresh().count()

    (only,) = limits
    assert {"sender", "request", "delay"} == set(only)
    assert ("default", COUNT, 7.0) == (only["sender"], only["request"].path, only["delay"])
    assert [(7.0, 429)] == [(each["delay"], each["reason"].status) for each in retries]


@pytest.mark.parametrize(("status", "limits"), [(429, 2), (503, 0)])
def test_each_wait_is_announced(emulator, heard, status, limits):
    """Twice, where it has to wait twice; only 429 is a limit."""
    limited, retries = heard(rate_limited), heard(retrying)
    emulator.fail_next(status, times=2, headers={"Retry-After": "1"})

    Ticket.objects.fresh().count()

    assert (limits, 2) == (len(limited), len(retries))


@pytest.mark.parametrize("status", [429, 500])
def test_what_is_not_sent_again_announces_no_wait(emulator, heard, status):
    """The error is raised, and tells of itself."""
    emulator.connect(retry=ONCE)
    told = heard([rate_limited, retrying])
    emulator.fail_next(status)

    with pytest.raises(Exception, match=str(status)):
        Ticket.objects.fresh().count()

    assert [] == told

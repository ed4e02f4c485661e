"""Retries: which failures are retried, after which wait, and which are never sent twice."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    ApiError,
    Comment,
    Conflict,
    ConnectionLost,
    Group,
    MalformedResponse,
    Organization,
    RateLimited,
    RetryPolicy,
    ServerError,
    Ticket,
    rate_limited,
    receiver,
    retrying,
)


READ = ("GET", lambda: Organization.objects.fresh().count())
CREATE = ("POST", lambda: Group.objects.create(name="a"))
TICKET = ("POST", lambda: Ticket.objects.create(subject="x", comment=Comment(body="y")))

TABLE = [
    # status, headers, operation, number of requests
    (429, {"Retry-After": "7"}, READ, 2),
    (429, {"Retry-After": "7"}, CREATE, 2),
    (429, {}, READ, 2),
    (429, {}, CREATE, 2),
    (503, {"Retry-After": "7"}, READ, 2),
    (503, {"Retry-After": "7"}, CREATE, 2),
    (503, {}, READ, 2),
    (503, {}, CREATE, 1),
    (500, {}, READ, 2),
    (500, {}, CREATE, 1),
    (500, {}, TICKET, 2),
    (502, {}, READ, 2),
    (502, {}, CREATE, 1),
    (504, {}, READ, 2),
    (504, {}, CREATE, 1),
    (409, {}, READ, 2),
    (409, {}, CREATE, 1),
    (400, {}, READ, 1),
    (401, {}, READ, 1),
    (403, {}, READ, 1),
    (404, {}, READ, 1),
    (422, {}, CREATE, 1),
    (None, {}, READ, 2),
    (None, {}, CREATE, 1),
    (None, {}, TICKET, 2),
]


@pytest.mark.parametrize(("status", "headers", "operation", "requests"), TABLE)
def test_a_failure_is_retried_or_raised(emulator, status, headers, operation, requests):
    """A failure is retried if the request may be sent twice, and raised otherwise."""
    method, run = operation
    emulator.fail_next(status, headers=headers)

    if requests == 1:
        with pytest.raises((ApiError, ConnectionLost)):
            run()
    else:
        run()

    assert [request.split()[0] for request in emulator.requests] == [method] * requests


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("status", [500, 503, None])
def test_updates_and_deletions_are_retried(emulator, method, status):
    """Updates and deletions are retried, because repeating them changes nothing."""
    group = Group.objects.create(name="a")
    group.name = "b"
    del emulator.requests[:]
    emulator.fail_next(status)

    group.save() if method == "PUT" else group.delete()

    assert emulator.requests == [f"{method} groups/{group.pk}"] * 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_waits_for_the_time_in_retry_after(emulator, status):
    """A retry is sent exactly after the seconds in the header `Retry-After`."""
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "93"})

    Ticket.objects.fresh().count()

    assert emulator.clock.now() - before == pytest.approx(93)


def test_a_429_without_a_header_waits_as_the_policy_defines(emulator):
    """A retry after a 429 without `Retry-After` waits for `without_header` seconds."""
    emulator.connect(retry=RetryPolicy(without_header=4))
    before = emulator.clock.now()
    emulator.fail_next(429)

    Ticket.objects.fresh().count()

    assert emulator.clock.now() - before == pytest.approx(4)


def test_waits_double(emulator):
    """Each retry waits about twice as long as the one before, with some jitter."""
    waits = []

    @receiver(retrying)
    def record_wait(sender, delay, **kwargs):
        waits.append(delay)

    emulator.fail_next(500, times=4)
    Ticket.objects.fresh().count()

    assert len(waits) == 4
    for wait, middle in zip(waits, (0.5, 1, 2, 4), strict=True):
        assert 0.75 * middle <= wait <= 1.25 * middle


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_above_the_maximum_is_raised(emulator, status):
    """A wait above `longest` raises at once, and the error contains the seconds."""
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "3600"})

    with pytest.raises((RateLimited, ServerError)) as caught:
        Ticket.objects.fresh().count()

    assert caught.value.retry_after == 3600
    assert emulator.clock.now() == before


def test_a_longer_wait_can_be_allowed(emulator):
    """A policy with a larger `longest` allows a longer wait."""
    emulator.connect(retry=RetryPolicy(longest=4000))
    emulator.fail_next(429, headers={"Retry-After": "3600"})

    assert Ticket.objects.fresh().count() == 0


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_the_number_of_attempts_is_limited(emulator, attempts):
    """After `attempts` requests, the last failure is raised."""
    emulator.connect(retry=RetryPolicy(attempts=attempts))
    emulator.fail_next(500, times=50)

    with pytest.raises(ServerError):
        Ticket.objects.fresh().count()

    assert len(emulator.requests) == attempts


def test_a_failure_on_a_later_page_is_retried(emulator):
    """A failure on a later page is retried, and no row is lost or repeated."""
    for name in ("a", "b", "c"):
        Group.objects.create(name=name)
    rows = iter(Group.objects.page_size(2))
    first = [next(rows), next(rows)]
    emulator.fail_next(500, times=3)

    assert sorted(item.name for item in [*first, *rows]) == ["Support", "a", "b", "c"]


# Connections that break after the request was applied


def test_a_retried_creation_of_a_ticket_creates_one_ticket(emulator):
    """A creation of a ticket is retried with the same idempotency key, and creates one ticket."""
    emulator.fail_next(None, after_applying=True)

    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    assert emulator.requests == ["POST tickets"] * 2
    assert [row.pk for row in Ticket.objects.fresh()] == [ticket.pk]


def test_a_creation_without_a_key_is_not_retried(emulator):
    """A creation without an idempotency key raises `ConnectionLost`, and is sent once."""
    emulator.fail_next(None, after_applying=True)

    with pytest.raises(ConnectionLost):
        Group.objects.create(name="a")

    assert emulator.requests == ["POST groups"]
    assert sorted(group.name for group in Group.objects.all()) == ["Support", "a"]


def test_a_truncated_response_to_a_read_is_retried(emulator):
    """A read with a truncated response is retried."""
    emulator.fail_next(200, body='{"tickets": [{"id": 1}, {"i')

    assert list(Ticket.objects.fresh()) == []
    assert len(emulator.requests) == 2


def test_a_truncated_response_to_a_creation_is_not_retried(emulator):
    """A creation with a truncated response was applied, so that it is not retried."""
    emulator.fail_next(201, body='{"group": {"id"', method="POST")

    with pytest.raises(MalformedResponse):
        Group.objects.create(name="a")
    assert emulator.requests == ["POST groups"]


def test_a_lasting_conflict_of_a_read_is_raised(emulator):
    """A read whose attempts all return 409 raises `Conflict`."""
    emulator.fail_next(409, times=50)

    with pytest.raises(Conflict):
        Ticket.objects.fresh().count()


# Signals


def test_retrying_is_sent_before_each_retry(emulator):
    """The signal `retrying` has the request, the delay and the reason."""
    signals = []

    @receiver(retrying)
    def record_signal(sender, request, delay, reason, **kwargs):
        signals.append((sender, request.path, delay, type(reason)))

    emulator.fail_next(503, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    assert signals == [("default", "/api/v2/tickets/count", 7.0, ServerError)]


@pytest.mark.parametrize(("status", "times"), [(429, 1), (503, 0)])
def test_rate_limited_is_sent_after_a_429_only(emulator, status, times):
    """The signal `rate_limited` is sent after a 429, and not after a 503."""
    signals = []

    @receiver(rate_limited)
    def record_signal(sender, request, delay, **kwargs):
        signals.append((sender, request.path, delay))

    emulator.fail_next(status, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    assert signals == [("default", "/api/v2/tickets/count", 7.0)] * times


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_exactly_the_maximum_is_allowed(emulator, status):
    """A wait of `longest` seconds is allowed, and a wait of one second more raises."""
    emulator.connect(retry=RetryPolicy(longest=300))
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "300"})

    assert Ticket.objects.fresh().count() == 0
    assert emulator.clock.now() - before == 300

    emulator.fail_next(status, headers={"Retry-After": "301"})
    with pytest.raises((RateLimited, ServerError)):
        Ticket.objects.fresh().count()

"""Which failures are tried again, after how long, and what is never sent twice."""

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
    # status, headers, what is done, requests made
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


@pytest.mark.parametrize(("status", "headers", "what", "requests"), TABLE)
def test_a_failure_is_tried_again_or_raised(emulator, status, headers, what, requests):
    """Again where it cannot have been applied or does no harm, raised anywhere else."""
    method, do = what
    emulator.fail_next(status, headers=headers)

    if requests == 1:
        with pytest.raises((ApiError, ConnectionLost)):
            do()
    else:
        do()

    assert [method] * requests == [each.split()[0] for each in emulator.requests]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("status", [500, 503, None])
def test_changes_that_can_be_repeated_are(emulator, method, status):
    """Setting a value twice is setting it once, and so is deleting."""
    group = Group.objects.create(name="a")
    group.name = "b"
    del emulator.requests[:]
    emulator.fail_next(status)

    group.save() if method == "PUT" else group.delete()

    assert [f"{method} groups/{group.pk}"] * 2 == emulator.requests


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_out(emulator, status):
    """The clock is past what Zendesk asked for, exactly."""
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "93"})

    Ticket.objects.fresh().count()

    assert 93 == pytest.approx(emulator.clock.now() - before)


def test_a_429_without_a_header_waits_as_the_policy_says(emulator):
    """Ten seconds, unless another policy is given."""
    emulator.connect(retry=RetryPolicy(without_header=4))
    before = emulator.clock.now()
    emulator.fail_next(429)

    Ticket.objects.fresh().count()

    assert 4 == pytest.approx(emulator.clock.now() - before)


def test_waits_double(emulator):
    """Each attempt waits about twice as long as the one before, with some jitter."""
    waits = []

    @receiver(retrying)
    def hear(sender, delay, **kwargs):
        waits.append(delay)

    emulator.fail_next(500, times=4)
    Ticket.objects.fresh().count()

    assert 4 == len(waits)
    for wait, middle in zip(waits, (0.5, 1, 2, 4), strict=True):
        assert 0.75 * middle <= wait <= 1.25 * middle


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_too_long_is_raised(emulator, status):
    """Instead of standing still for an hour, the error tells how long it would be."""
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "3600"})

    with pytest.raises((RateLimited, ServerError)) as caught:
        Ticket.objects.fresh().count()

    assert 3600 == caught.value.retry_after
    assert before == emulator.clock.now()


def test_a_longer_wait_can_be_allowed(emulator):
    """`longest` is the policy's."""
    emulator.connect(retry=RetryPolicy(longest=4000))
    emulator.fail_next(429, headers={"Retry-After": "3600"})

    assert 0 == Ticket.objects.fresh().count()


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_come_to_an_end(emulator, attempts):
    """The last failure is raised, and no more is sent."""
    emulator.connect(retry=RetryPolicy(attempts=attempts))
    emulator.fail_next(500, times=50)

    with pytest.raises(ServerError):
        Ticket.objects.fresh().count()

    assert attempts == len(emulator.requests)


def test_a_failure_on_a_later_page_is_tried_again(emulator):
    """And no row is lost or doubled."""
    for name in ("a", "b", "c"):
        Group.objects.create(name=name)
    rows = iter(Group.objects.page_size(2))
    first = [next(rows), next(rows)]
    emulator.fail_next(500, times=3)

    assert ["Support", "a", "b", "c"] == sorted(each.name for each in [*first, *rows])


# -- connections that break after the request was done -----------------------


def test_a_ticket_is_there_once(emulator):
    """Its key lets the second sending get the first one's answer."""
    emulator.fail_next(None, after_applying=True)

    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    assert ["POST tickets"] * 2 == emulator.requests
    assert [ticket.pk] == [row.pk for row in Ticket.objects.fresh()]


def test_a_group_is_not_created_twice(emulator):
    """Without a key it is not sent again, and the error says that it may be there."""
    emulator.fail_next(None, after_applying=True)

    with pytest.raises(ConnectionLost):
        Group.objects.create(name="a")

    assert ["POST groups"] == emulator.requests
    assert ["Support", "a"] == sorted(each.name for each in Group.objects.all())


def test_a_broken_answer_to_a_read_is_read_again(emulator):
    """Half a body is no body."""
    emulator.fail_next(200, body='{"tickets": [{"id": 1}, {"i')

    assert [] == list(Ticket.objects.fresh())
    assert 2 == len(emulator.requests)


def test_a_broken_answer_to_a_creation_is_not_sent_again(emulator):
    """The status was a success, so it has been done."""
    emulator.fail_next(201, body='{"group": {"id"', method="POST")

    with pytest.raises(MalformedResponse):
        Group.objects.create(name="a")
    assert ["POST groups"] == emulator.requests


def test_a_conflict_of_a_read_that_lasts_is_raised(emulator):
    """409 passes, or is what it says."""
    emulator.fail_next(409, times=50)

    with pytest.raises(Conflict):
        Ticket.objects.fresh().count()


# -- what is announced -------------------------------------------------------


def test_retries_are_announced(emulator):
    """`retrying` tells request, delay and reason."""
    told = []

    @receiver(retrying)
    def hear(sender, request, delay, reason, **kwargs):
        told.append((sender, request.path, delay, type(reason)))

    emulator.fail_next(503, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    assert [("default", "/api/v2/tickets/count", 7.0, ServerError)] == told


@pytest.mark.parametrize(("status", "times"), [(429, 1), (503, 0)])
def test_limits_are_announced(emulator, status, times):
    """`rate_limited` tells of 429, and of nothing else."""
    told = []

    @receiver(rate_limited)
    def hear(sender, request, delay, **kwargs):
        told.append((sender, request.path, delay))

    emulator.fail_next(status, headers={"Retry-After": "7"})
    Ticket.objects.fresh().count()

    assert [("default", "/api/v2/tickets/count", 7.0)] * times == told


@pytest.mark.parametrize("status", [429, 503])
def test_the_longest_wait_is_waited_for(emulator, status):
    """`longest` itself is allowed, one second more is not."""
    emulator.connect(retry=RetryPolicy(longest=300))
    before = emulator.clock.now()
    emulator.fail_next(status, headers={"Retry-After": "300"})

    assert 0 == Ticket.objects.fresh().count()
    assert 300 == emulator.clock.now() - before

    emulator.fail_next(status, headers={"Retry-After": "301"})
    with pytest.raises((RateLimited, ServerError)):
        Ticket.objects.fresh().count()

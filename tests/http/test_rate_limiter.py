"""`RateLimiter`, which counts and delays the requests of one process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.quota import Bucket, RateLimiter, Shortage


ACCOUNT = Bucket("account")
EXPORTS = Bucket("incremental-exports", 2)


@pytest.fixture
def clock():
    """Return a clock that begins at 0."""
    return VirtualClock(0.0)


@pytest.fixture
def limiter(clock):
    """Return a limiter that has observed no response."""
    return RateLimiter(clock)


def test_a_bucket_without_a_limit_allows_all_requests(limiter):
    """A bucket allows all requests until a response reports its limit."""
    assert {limiter.acquire([ACCOUNT]) for _ in range(1000)} == {None}


def test_a_limit_allows_its_number_of_requests_in_a_period(limiter, clock):
    """Each request counts until 60 seconds after it was sent."""
    limiter.acquire([EXPORTS])
    clock.sleep(20)
    limiter.acquire([EXPORTS])

    assert limiter.acquire([EXPORTS]) == Shortage("incremental-exports", 40.0)
    clock.sleep(40)
    assert limiter.acquire([EXPORTS]) is None
    assert limiter.acquire([EXPORTS]) == Shortage("incremental-exports", 20.0)


def test_a_lower_limit_waits_until_enough_requests_have_expired(limiter, clock):
    """After a limit is lowered, a request waits until enough earlier ones have expired."""
    for _ in range(3):
        limiter.acquire([Bucket("search", 3)])
        clock.sleep(1)

    assert limiter.acquire([Bucket("search", 1)]) == Shortage("search", 59.0)


def test_a_request_counts_in_all_of_its_buckets_or_in_none(limiter):
    """A request that may not be sent takes nothing from its other limits."""
    other = Bucket("search", 1)
    for _ in range(2):
        limiter.acquire([EXPORTS])

    assert limiter.acquire([other, EXPORTS]) == Shortage("incremental-exports", 60.0)
    assert limiter.acquire([other]) is None


def test_the_longest_wait_is_returned(limiter):
    """Of several exhausted limits, the shortage names the one with the longest wait."""
    limiter.penalise("account", 5)
    limiter.penalise("incremental-exports", 30)

    assert limiter.acquire([ACCOUNT, EXPORTS]) == Shortage("incremental-exports", 30.0)


def test_reported_requests_are_used_up(limiter, clock):
    """After the reported number of requests, none is sent until the limit resets."""
    limiter.observe("account", 700, 2, 41)

    assert [limiter.acquire([ACCOUNT]) for _ in range(3)] == [None, None, Shortage("account", 41.0)]
    clock.sleep(41)
    assert limiter.acquire([ACCOUNT]) is None


def test_a_new_period_has_the_whole_limit(limiter, clock):
    """A new period allows the whole limit, even before its first response."""
    limiter.observe("account", 5, 0, 10)
    clock.sleep(10)

    assert [limiter.acquire([ACCOUNT]) for _ in range(6)] == [None] * 5 + [
        Shortage("account", 60.0)
    ]


def test_a_response_corrects_the_assumed_end_of_a_period(limiter, clock):
    """The first response of a new period corrects the end of the period."""
    limiter.observe("account", 2, 0, 10)
    clock.sleep(10)
    limiter.acquire([ACCOUNT])
    limiter.observe("account", 2, 0, 25)

    assert limiter.acquire([ACCOUNT]) == Shortage("account", 25.0)


def test_reserved_requests_are_left(limiter):
    """A bucket with a reserve allows no request when only the reserve remains."""
    bucket = Bucket("account", reserve=100)
    limiter.observe("account", 700, 101, 30)

    assert [limiter.acquire([bucket]) for _ in range(2)] == [None, Shortage("account", 30.0)]
    assert limiter.acquire([ACCOUNT]) is None


@pytest.mark.parametrize("order", [(9, 8, 7), (7, 8, 9), (8, 7, 9)])
def test_responses_may_arrive_in_any_order(limiter, order):
    """Within a period, the lowest reported number of remaining requests counts."""
    for remaining in order:
        limiter.observe("account", 10, remaining, 50)

    allowed = [limiter.acquire([ACCOUNT]) for _ in range(8)]

    assert allowed == [None] * 7 + [Shortage("account", 50.0)]


def test_requests_in_flight_are_counted(limiter):
    """A response does not free requests that were sent after it."""
    limiter.observe("account", 10, 5, 50)
    for _ in range(5):
        limiter.acquire([ACCOUNT])
    limiter.observe("account", 10, 4, 50)

    assert limiter.acquire([ACCOUNT]) == Shortage("account", 50.0)


def test_requests_in_flight_are_subtracted_from_the_reported_number(limiter):
    """Requests in flight are subtracted from the remaining ones if other clients send requests."""
    limiter.observe("account", 10, 9, 50)
    for _ in range(3):
        limiter.acquire([ACCOUNT])
    limiter.observe("account", 10, 3, 50)

    assert [limiter.acquire([ACCOUNT]) for _ in range(2)] == [None, Shortage("account", 50.0)]
    for remaining in (2, 1, 0):
        limiter.observe("account", 10, remaining, 50)
    assert limiter.acquire([ACCOUNT]) == Shortage("account", 50.0)


def test_responses_free_requests_that_were_counted_twice(limiter):
    """A pending request that the reported number includes is subtracted only until its response."""
    limiter.observe("account", 10, 4, 50)
    limiter.acquire([ACCOUNT])
    limiter.acquire([ACCOUNT])
    limiter.observe("account", 10, 2, 50)
    assert [limiter.acquire([ACCOUNT]) for _ in range(2)] == [None, Shortage("account", 50.0)]
    limiter.observe("account", 10, 3, 50)

    assert [limiter.acquire([ACCOUNT]) for _ in range(2)] == [None, Shortage("account", 50.0)]


def test_requests_without_a_reported_limit_count(limiter, clock):
    """A request counts even if its response is lost or has no rate limit headers."""
    limiter.observe("account", 10, 2, 50)
    for _ in range(2):
        limiter.acquire([ACCOUNT])
    clock.sleep(20)

    assert limiter.acquire([ACCOUNT]) == Shortage("account", 30.0)


def test_a_reported_number_includes_earlier_requests(limiter, clock):
    """Earlier requests without a report are not subtracted from a later report."""
    limiter.observe("account", 10, 9, 50)
    limiter.acquire([ACCOUNT])
    limiter.acquire([ACCOUNT])
    clock.sleep(5)
    limiter.observe("account", 10, 7, 45)
    clock.sleep(20)

    allowed = [limiter.acquire([ACCOUNT]) for _ in range(8)]
    assert allowed == [None] * 7 + [Shortage("account", 25.0)]


def test_a_late_response_of_the_previous_period_is_ignored(limiter, clock):
    """A response of the previous period does not change the number of the new one."""
    limiter.observe("account", 10, 1, 1)
    clock.sleep(1)
    limiter.observe("account", 10, 9, 60)
    limiter.observe("account", 10, 0, 1)

    assert limiter.acquire([ACCOUNT]) is None


def test_a_period_that_begins_early_is_recognized(limiter):
    """A response with a much later end begins a new period."""
    limiter.observe("account", 10, 0, 10)
    limiter.observe("account", 10, 9, 60)

    assert limiter.acquire([ACCOUNT]) is None


def test_a_limit_without_a_time_resets_after_a_minute(limiter, clock):
    """A limit without a reset time, as in Help Center and Chat, resets after a minute."""
    limiter.observe("chat", 200, 50, None)
    clock.sleep(20)
    limiter.observe("chat", 200, 0, None)

    assert limiter.acquire([Bucket("chat")]) == Shortage("chat", 40.0)
    clock.sleep(40)
    assert limiter.acquire([Bucket("chat")]) is None


def test_a_higher_number_begins_a_period_without_a_time(limiter, clock):
    """Without a reset time, a number that is much higher than the last one shows a new period."""
    limiter.observe("chat", 200, 30, None)
    clock.sleep(20)
    limiter.observe("chat", 200, 198, None)
    clock.sleep(30)
    limiter.observe("chat", 200, 0, None)

    assert limiter.acquire([Bucket("chat")]) == Shortage("chat", 30.0)


def test_a_late_response_begins_no_period(limiter, clock):
    """A slightly higher number belongs to a late response, and does not start a new period."""
    limiter.observe("chat", 200, 10, None)
    clock.sleep(20)
    limiter.observe("chat", 200, 40, None)
    limiter.observe("chat", 200, 0, None)

    assert limiter.acquire([Bucket("chat")]) == Shortage("chat", 40.0)


def test_a_reset_in_zero_seconds_is_waited_for(limiter):
    """A limit that resets in 0 seconds is waited for during one second."""
    limiter.observe("account", 10, 0, 0)

    assert limiter.acquire([ACCOUNT]) == Shortage("account", 1.0)


def test_a_penalty_stops_its_bucket_only(limiter, clock):
    """A penalty stops only its bucket, and a shorter one does not shorten it."""
    limiter.penalise("search", 30)
    limiter.penalise("search", 10)

    assert limiter.acquire([ACCOUNT, Bucket("search")]) == Shortage("search", 30.0)
    assert limiter.acquire([ACCOUNT]) is None
    clock.sleep(30)
    assert limiter.acquire([ACCOUNT, Bucket("search")]) is None


def test_limits_of_objects_are_discarded(limiter, clock):
    """The limits of thousands of tickets are discarded when their period is over."""
    for number in range(5000):
        limiter.acquire([Bucket(f"per-ticket-updates/{number}", 30, 600.0)])
        clock.sleep(1)

    assert len(limiter._states) <= 1000


def test_limits_in_use_are_not_discarded(limiter):
    """A limit is stored until its period is over, however many there are."""
    buckets = [Bucket(f"per-ticket-updates/{number}", 1) for number in range(1500)]
    for bucket in buckets:
        limiter.acquire([bucket])

    assert all(limiter.acquire([bucket]) is not None for bucket in buckets)


BUCKETS = st.builds(
    Bucket,
    st.sampled_from(["a", "b", "c"]),
    st.integers(1, 5) | st.none(),
    st.sampled_from([1.0, 60.0]),
    st.integers(0, 3),
)
STEPS = st.lists(
    st.tuples(
        st.just("acquire"), st.lists(BUCKETS, max_size=3, unique_by=lambda bucket: bucket.name)
    )
    | st.tuples(st.just("observe"), st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 70))
    | st.tuples(st.just("penalise"), st.sampled_from("abc"), st.floats(0, 90))
    | st.tuples(st.just("sleep"), st.floats(0, 40)),
    max_size=60,
)


@given(STEPS, st.integers(1, 5))
def test_no_period_has_more_requests_than_allowed(steps, max_rpm):
    """Any 60 seconds contain at most `max_rpm` requests, whatever responses report.

    After the wait that the limiter returned, the shortage is over.
    """
    clock = VirtualClock(0.0)
    limiter, sent = RateLimiter(clock), []
    for step, *values in steps:
        if step == "sleep":
            clock.sleep(values[0])
        elif step == "observe":
            name, remaining, resets = values
            limiter.observe(name, 9, remaining, resets)
        elif step == "penalise":
            limiter.penalise(*values)
        else:
            buckets = [Bucket("max_rpm", max_rpm), *values[0]]
            while (shortage := limiter.acquire(buckets)) is not None:
                assert 0 < shortage.seconds <= 90
                if any(bucket.reserve >= 9 for bucket in buckets):
                    break
                clock.sleep(shortage.seconds)
            else:
                sent.append(clock.now())

    windows = [sum(start <= time < start + 60 for time in sent) for start in sent]
    assert max(windows, default=0) <= max_rpm

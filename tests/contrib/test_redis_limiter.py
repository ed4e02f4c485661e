"""Rate limits that processes share in Redis; each limiter represents a process."""

from __future__ import annotations

import threading

import pytest

from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.http.quota import Bucket


ACCOUNT = Bucket("account")


@pytest.fixture
def limiters(make_state):
    """Return the limiters of two processes."""
    return [make_state().limiter("acme", Clock()) for _ in range(2)]


def _send(limiter, *buckets, most=20):
    """Acquire requests until one is refused; return their number and the shortage."""
    for number in range(most):
        shortage = limiter.acquire(buckets)
        if shortage is not None:
            return number, shortage
    return most, None


def test_processes_share_a_limit(limiters):
    """Requests of one process count for the other one."""
    one, two = limiters
    bucket = Bucket("incremental-exports", limit=10)

    assert _send(one, bucket, most=6) == (6, None)
    number, shortage = _send(two, bucket)
    assert (number, shortage.bucket) == (4, "incremental-exports")
    assert 0 < shortage.seconds <= 62
    assert _send(one, bucket)[0] == 0


def test_threads_of_processes_exceed_no_limit(limiters):
    """Threads of several processes together send no more requests than allowed."""
    bucket, allowed, lock = Bucket("max_rpm", limit=50), [], threading.Lock()

    def work(limiter):
        number, _ = _send(limiter, bucket, most=60)
        with lock:
            allowed.append(number)

    threads = [threading.Thread(target=work, args=(limiter,)) for limiter in limiters * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(allowed) == 50


def test_a_refused_request_is_not_counted(limiters):
    """A request that exceeds the limit of an endpoint does not count for other limits."""
    one, two = limiters
    wide, narrow = Bucket("max_rpm", limit=8), Bucket("incremental-exports", limit=2)
    assert _send(one, wide, narrow)[0] == 2
    for _ in range(10):
        assert two.acquire([wide, narrow]).bucket == "incremental-exports"

    assert _send(two, wide)[0] == 6


def test_a_reported_limit_applies_to_all_processes(limiters):
    """A limit in a response to one process applies to all processes."""
    one, two = limiters
    assert _send(one, ACCOUNT, most=3) == (3, None)
    one.observe("account", 10, 7, 60.0)

    number, shortage = _send(two, ACCOUNT)

    assert (number, shortage.bucket) == (7, "account")


def test_requests_in_flight_at_the_first_report_are_counted(limiters):
    """Requests without a response count when the first report arrives."""
    one, two = limiters
    assert _send(one, ACCOUNT, most=4) == (4, None)
    one.observe("account", 10, 9, 60.0)

    assert _send(two, ACCOUNT)[0] == 6


def test_a_refused_request_in_flight_is_not_counted(limiters):
    """A request that a full bucket refuses is not counted as sent before the first report."""
    one, two = limiters
    narrow = Bucket("incremental-exports", limit=1)
    assert _send(one, ACCOUNT, narrow)[0] == 1
    one.observe("account", 10, 9, 60.0)

    assert _send(two, ACCOUNT)[0] == 9


def test_requests_of_other_clients_count(limiters):
    """The remaining requests in a response limit all processes, which keep the reserve."""
    one, two = limiters
    one.observe("account", 100, 12, 60.0)

    number, shortage = _send(two, Bucket("account", reserve=5))

    assert number == 7
    assert 50 < shortage.seconds <= 61
    assert _send(two, ACCOUNT)[0] == 5


def test_a_late_response_adds_no_requests(limiters):
    """A response that arrives late does not raise the number of remaining requests."""
    one, two = limiters
    one.observe("account", 100, 3, 60.0)
    two.observe("account", 100, 90, 60.0)

    assert _send(one, ACCOUNT)[0] == 3


def test_a_new_period_has_the_whole_limit(limiters):
    """A response of the next period replaces the numbers of the last one."""
    one, two = limiters
    one.observe("account", 100, 0, 1.0)
    two.observe("account", 100, 99, 60.0)

    assert _send(one, ACCOUNT, most=10) == (10, None)


def test_a_reported_number_replaces_the_own_count(limiters):
    """Requests of the last minute are not counted while a response reports the remaining ones."""
    one, two = limiters
    exports = Bucket("incremental-exports", limit=10)
    two.observe("incremental-exports", 10, 10, 1.0)
    assert _send(one, exports)[0] == 10
    two.observe("incremental-exports", 10, 6, 60.0)

    assert _send(one, exports)[0] == 6
    assert _send(two, Bucket("incremental-exports", limit=3))[0] == 0


def test_a_lower_limit_than_the_reported_one_applies(limiters):
    """The limit of the program applies even if responses report a higher one."""
    one, two = limiters
    one.observe("search-index", 2500, 2400, 60.0)

    assert _send(two, Bucket("search-index", limit=5))[0] == 5


def test_a_higher_number_begins_a_period_without_a_time(limiters):
    """A much higher number of remaining requests starts a new period, as within one process."""
    one, two = limiters
    one.observe("chat", 200, 0, None)
    two.observe("chat", 200, 199, None)

    assert _send(one, Bucket("chat"), most=10) == (10, None)


def test_a_penalty_is_shared(limiters):
    """After a 429 no process sends; a shorter penalty does not shorten it."""
    one, two = limiters
    one.penalise("account", 40)
    two.penalise("account", 5)

    for limiter in limiters:
        shortage = limiter.acquire([ACCOUNT])
        assert shortage.bucket == "account"
        assert 30 < shortage.seconds <= 41
    assert two.acquire([Bucket("chat")]) is None


def test_a_limit_of_a_second(limiters):
    """A limit of one request in a second allows the next one after a second."""
    one, two = limiters
    bucket = Bucket("users-update", limit=1, seconds=1.0)
    assert one.acquire([bucket]) is None

    assert 0 < two.acquire([bucket]).seconds <= 1.1


def test_accounts_have_separate_limits(make_state):
    """A limit of one account does not apply to another one."""
    one, other = (make_state().limiter(name, Clock()) for name in ("acme", "other"))
    one.penalise("account", 40)

    assert other.acquire([ACCOUNT]) is None


def test_a_process_without_the_server_uses_its_own_limits(own_redis, make_state):
    """Without the server, each process uses its own count, and shares it again later."""
    one, two = (make_state(own_redis.url, pause=0.01).limiter("acme", Clock()) for _ in range(2))
    one.observe("account", 100, 4, 60.0)
    own_redis.kill()
    bucket = Bucket("incremental-exports", limit=3)

    assert _send(one, ACCOUNT)[0] == 4
    assert _send(two, ACCOUNT)[1] is None
    assert [_send(limiter, bucket)[0] for limiter in (one, two)] == [3, 3]
    own_redis.start()
    threading.Event().wait(0.02)
    assert _send(one, bucket)[0] + _send(two, bucket)[0] == 3


def test_virtual_time_is_not_shared(make_state):
    """An emulator with virtual time does not share its limits."""
    assert make_state().limiter("emulator", VirtualClock()) is None
    assert make_state(limits=False).limiter("acme", Clock()) is None

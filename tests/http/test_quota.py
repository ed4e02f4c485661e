"""Rate limits: requests wait before they are sent, or raise; threads and users share them."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import threading

import pytest

from tests.threads import Worker, join
from zendesk_orm import (
    ConfigurationError,
    Group,
    RateLimited,
    RetryPolicy,
    Ticket,
    User,
    connect,
    connections,
    rate_limited,
    receiver,
    request_started,
    retrying,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.help_center import Article
from zendesk_orm.http.clock import Cancellation, OperationCancelled, VirtualClock
from zendesk_orm.http.request import Request as HttpRequest


def _count(number=1):
    """Send requests that are not cached."""
    for _ in range(number):
        Ticket.objects.fresh().count()


@pytest.fixture
def elapsed(emulator):
    """Return a function that returns the seconds since the beginning of the test."""
    start = emulator.clock.now()
    # No request waits for less than a millisecond.
    return lambda: round(emulator.clock.now() - start, 2)


# The setting `max_rpm`


def test_max_rpm_limits_the_requests_of_each_minute(emulator, elapsed):
    """Ten requests are sent at once, and each further one a minute after an earlier one."""
    emulator.connect(max_rpm=10)
    times = []

    @receiver(request_started)
    def note(sender, **kwargs):
        times.append(elapsed())

    _count(25)

    assert times == [0] * 10 + [60] * 10 + [120] * 5


def test_max_rpm_includes_repeated_requests(emulator, elapsed):
    """Retries count for `max_rpm`."""
    emulator.connect(max_rpm=2, retry=RetryPolicy(first=1.0))
    emulator.fail_next(500)

    _count(2)

    assert (len(emulator.requests), elapsed()) == (3, 60.0)


def test_max_rpm_includes_the_targets_of_redirects(emulator, elapsed):
    """The request that follows a redirect counts for `max_rpm`."""
    emulator.connect(max_rpm=2)
    emulator.fail_next(302, headers={"Location": "/api/v2/tickets/count"})

    _count(2)

    assert (len(emulator.requests), elapsed()) == (3, 60.0)


def test_files_count_for_the_limits_of_the_account(emulator, elapsed):
    """A download counts for the limits, whether its address is a link or a path."""
    account = emulator.connect(max_wait=0)
    report = _report(account, remaining=0, resets=20)
    account.transport.throttle.observe(HttpRequest("GET", "/api/v2/groups"), report)

    with pytest.raises(RateLimited) as caught:
        account.transport.receive(
            HttpRequest("GET", f"{account.transport.base_url}/api/v2/attachments/1"), list
        )

    assert (caught.value.endpoint, emulator.requests) == ("account", [])


def test_threads_share_max_rpm(emulator, elapsed):
    """Eight threads send no more requests per minute than one."""
    emulator.connect(max_rpm=20)

    join([Worker(lambda: _count(10)) for _ in range(8)])

    assert len(emulator.requests) == 80
    assert elapsed() >= 180


def test_tasks_share_max_rpm(emulator, elapsed):
    """Forty asyncio tasks send no more requests per minute than one thread."""
    emulator.connect(max_rpm=20)

    async def run():
        await asyncio.gather(*(Ticket.objects.fresh().acount() for _ in range(40)))

    asyncio.run(run())

    assert len(emulator.requests) == 40
    assert elapsed() >= 60


def test_end_users_and_brands_share_the_limits_of_the_account(emulator, elapsed):
    """Requests through `acting_as()` and `brand()` count for the limits of the account."""
    account = emulator.connect(max_rpm=4)
    user = User.objects.create(name="Anna", email="anna@example.com", role="end-user")
    brand = account.brand(account.raw.get("/api/v2/brands")["brands"][0]["subdomain"])
    before = len(emulator.requests)

    brand.raw.get("/api/v2/groups")
    with account.acting_as(user) as acting:
        acting.raw.get("/api/v2/requests")
        assert acting.transport.throttle is brand.transport.throttle is account.transport.throttle

    assert before == 3
    assert elapsed() >= 60
    assert (account.stats.waits, acting.stats.waits) == (1, 1)


# Reserve, and the limits that responses report


def test_reserve_leaves_requests_to_others():
    """When only `reserve` requests remain, the account waits until the limit resets."""
    with Emulator(requests_per_minute=100) as emulator:
        emulator.connect(reserve=90)
        before = emulator.clock.now()

        _count(10)
        assert emulator.clock.now() == before
        _count()

        assert emulator.clock.now() - before >= 60
        assert (len(emulator.requests), connections["default"].stats.retries) == (11, 0)


def test_a_reserve_that_leaves_nothing_is_rejected():
    """A reserve as large as the limit raises; the error names the limit that Zendesk reported."""
    with Emulator(requests_per_minute=100) as emulator:
        emulator.connect(reserve=100)
        _count()

        with pytest.raises(ConfigurationError, match="reserve"):
            _count()

        assert len(emulator.requests) == 1


def test_no_request_is_rejected_if_the_limit_is_reported():
    """The account waits before it exceeds a reported limit, so that Zendesk returns no 429."""
    with Emulator(requests_per_minute=10) as emulator:
        account = emulator.connect()
        before = emulator.clock.now()

        _count(45)

        assert (account.stats.retries, len(emulator.requests)) == (0, 45)
        assert 240 <= emulator.clock.now() - before <= 245


def test_help_center_and_chat_have_other_limits():
    """The limits of Support, Help Center and Chat are independent."""
    with Emulator(requests_per_minute=5) as emulator:
        account = emulator.connect()
        before = emulator.clock.now()

        _count(5)
        for _ in range(5):
            Article.objects.count()

        assert emulator.clock.now() == before
        assert account.quota["account"].remaining == account.quota["help_center"].remaining == 0
        assert account.quota["help_center"].resets is None


def test_endpoints_wait_for_their_limits(elapsed):
    """The eleventh export of a minute waits; requests to other endpoints do not."""
    with Emulator(endpoint_limits=True, export_delay=0) as emulator:
        account = emulator.connect()
        before = emulator.clock.now()
        for _ in range(11):
            account.raw.get("/api/v2/incremental/users/cursor?start_time=1")

        assert 60 <= emulator.clock.now() - before <= 61
        assert (account.stats.retries, account.stats.waits) == (0, 1)
        assert account.quota["incremental-exports"].total == 10


def test_limits_of_endpoints_can_be_replaced():
    """`endpoint_limits` sets five exports a minute, and removes the limit of ticket updates."""
    with Emulator(endpoint_limits=True) as emulator:
        limits = {"incremental-exports": 5, "per-ticket-updates": None}
        account = emulator.connect(endpoint_limits=limits)
        before = emulator.clock.now()
        for _ in range(6):
            account.raw.get("/api/v2/incremental/users/cursor?start_time=1")

        assert emulator.clock.now() - before >= 60


def test_a_reported_limit_replaces_the_documented_one(emulator, elapsed):
    """A limit in a response replaces the documented limit of exports."""
    account = emulator.connect(endpoint_limits={})
    account.quota.update({"zendesk-ratelimit-incremental-exports": "total=30; remaining=29"})

    for _ in range(30):
        account.raw.get("/api/v2/incremental/users/cursor?start_time=1")
    assert elapsed() == 0
    account.raw.get("/api/v2/incremental/users/cursor?start_time=1")

    assert elapsed() >= 60


def test_an_unknown_limit_of_an_endpoint_is_learned(emulator, elapsed):
    """A limit that only a response header names applies to the endpoint of the response."""
    account = emulator.connect()
    headers = {"Zendesk-RateLimit-Groups-Index": "total=1; remaining=0; resets=30"}
    emulator.fail_next(200, headers=headers, body={"groups": []}, path="groups")

    account.raw.get("/api/v2/groups")
    _count()
    assert elapsed() == 0
    account.raw.get("/api/v2/groups")

    assert elapsed() == 30


# After a 429


def test_a_429_stops_other_threads(emulator, elapsed):
    """While one thread waits after a 429, other threads send no request."""
    account = emulator.connect()
    emulator.fail_next(429, headers={"Retry-After": "50"}, path="tickets")
    started = []

    @receiver(retrying)
    def read_in_another_thread(sender, **kwargs):
        if not started:
            started.append(elapsed())
            Worker(_count).get()
            started.append(elapsed())

    _count()

    assert started == [0, 50]
    assert account.stats.responses == {"GET 4xx": 1, "GET 2xx": 2}
    assert account.stats.waits == 1


def test_a_429_of_an_endpoint_stops_that_endpoint(emulator, elapsed):
    """A 429 stops only its endpoint if the account has requests left."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(429, headers={"Retry-After": "50"}, path="groups")

    with pytest.raises(RateLimited) as caught:
        account.raw.get("/api/v2/groups")
    assert (caught.value.endpoint, caught.value.retry_after) == ("GET groups", 50.0)
    _count()
    assert elapsed() == 0
    account.raw.get("/api/v2/groups")

    assert elapsed() == 50


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v2/groups", "GET groups"),
        ("/api/v2/incremental/users/cursor?start_time=1", "incremental-exports"),
    ],
)
def test_a_429_without_any_headers_stops_its_endpoint(emulator, elapsed, path, limit):
    """After a 429 without rate limit headers, requests to other endpoints are sent."""
    account = emulator.connect(endpoint_limits={})
    error = RateLimited("GET", path, 429, retry_after=20.0)
    account.transport.throttle.penalise(HttpRequest("GET", path), error)

    _count()
    assert (error.endpoint, elapsed()) == (limit, 0)
    account.raw.get(path)

    assert elapsed() == 20


def test_a_429_with_the_headers_of_the_account_stops_the_account(emulator, elapsed):
    """A 429 whose headers report no remaining request stops all requests of the account."""
    account = emulator.connect()
    _report(account, remaining=0, resets=20)
    error = RateLimited("GET", "/api/v2/groups", 429, retry_after=20.0)
    account.transport.throttle.penalise(HttpRequest("GET", "/api/v2/groups"), error)

    _count()

    assert (error.endpoint, elapsed()) == ("account", 20)


def test_updates_of_a_ticket_have_a_limit_for_each_ticket():
    """Thirty updates of a ticket in ten minutes are allowed; another ticket can be updated."""
    with Emulator(endpoint_limits=True, seed="demo") as emulator:
        account = emulator.connect()
        for _ in range(30):
            account.raw.put("/api/v2/tickets/2991", {"ticket": {"priority": "low"}})
        with pytest.raises(RateLimited) as caught:
            account.raw.put("/api/v2/tickets/2991", {"ticket": {"priority": "low"}})

        account.raw.put("/api/v2/tickets/2992", {"ticket": {"priority": "low"}})

    assert (caught.value.status, caught.value.endpoint) == (0, "per-ticket-updates/2991")
    assert account.stats.retries == 0


def test_a_removed_limit_is_not_waited_for():
    """Requests to an endpoint whose limit was removed wait only after a 429."""
    with Emulator(endpoint_limits=True) as emulator:
        account = emulator.connect(endpoint_limits={"incremental-exports": None})
        for _ in range(11):
            account.raw.get("/api/v2/incremental/users/cursor?start_time=1")

    assert (account.stats.retries, account.stats.waits) == (1, 0)


@pytest.mark.parametrize("seconds", ["999999999", "0"])
def test_an_extreme_retry_after_does_not_stop_the_account_for_ever(emulator, elapsed, seconds):
    """The account waits at most an hour, whatever `Retry-After` contains."""
    account = emulator.connect(retry=RetryPolicy(attempts=1, longest=4000.0))
    emulator.fail_next(429, headers={"Retry-After": seconds})
    with pytest.raises(RateLimited):
        _count()

    _count()

    assert elapsed() <= 3600
    assert account.stats.requests == 2


def test_a_full_queue_of_jobs_stops_nothing_else(emulator, elapsed):
    """A 429 for too many jobs does not stop other requests."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(429, body={"error": "TooManyJobs", "description": "x"})
    with pytest.raises(RateLimited) as caught:
        _count()

    _count()

    assert (caught.value.endpoint, elapsed()) == ("inflight-jobs", 0)
    assert account.stats.waits == 0


# The setting `max_wait` and budgets


def test_max_wait_zero_raises_before_the_request_is_sent(emulator, elapsed):
    """With `max_wait=0`, a request beyond `max_rpm` raises, and is not sent."""
    emulator.connect(max_rpm=2, max_wait=0)
    _count(2)

    with pytest.raises(RateLimited) as caught:
        _count()

    error = caught.value
    assert (error.endpoint, error.retry_after, error.status) == ("max_rpm", 60.0, 0)
    assert (len(emulator.requests), elapsed()) == (2, 0)
    assert "not sent" in str(error)


def test_max_wait_zero_raises_after_a_429(emulator, elapsed):
    """With `max_wait=0`, a 429 is raised at once."""
    emulator.connect(max_wait=0)
    emulator.fail_next(429, headers={"Retry-After": "7"})

    with pytest.raises(RateLimited) as caught:
        _count()

    assert (caught.value.status, caught.value.retry_after, elapsed()) == (429, 7.0, 0)


def test_max_wait_includes_all_waits_of_a_request(emulator, elapsed):
    """With `max_wait=15`, a second 429 with a wait of ten seconds is raised."""
    emulator.connect(max_wait=15)
    emulator.fail_next(429, times=4, headers={"Retry-After": "10"})

    with pytest.raises(RateLimited) as caught:
        _count()

    assert (caught.value.status, len(emulator.requests), elapsed()) == (429, 2, 10)


def test_max_wait_includes_waits_before_and_after_a_429(emulator, elapsed):
    """A request that has waited for `max_rpm` has less time to wait after a 429."""
    emulator.connect(max_wait=65, max_rpm=1)
    _count()
    emulator.fail_next(429, headers={"Retry-After": "10"})

    with pytest.raises(RateLimited) as caught:
        _count()

    assert (caught.value.status, elapsed()) == (429, 60)


def test_a_block_replaces_max_wait(emulator, elapsed):
    """`rate_limit(max_wait=...)` replaces the setting of the account until the block ends."""
    account = emulator.connect(max_rpm=1, max_wait=0)
    _count()

    with account.rate_limit(max_wait=60):
        _count()
    with pytest.raises(RateLimited):
        _count()

    assert (len(emulator.requests), elapsed()) == (2, 60.0)


@pytest.mark.parametrize("limits", [{"max_wait": 60}, {"budget": 60}], ids=str)
def test_a_wait_as_long_as_allowed_is_completed(limits):
    """A wait of exactly the allowed time is completed, despite rounding errors of the clock."""
    with Emulator(clock=VirtualClock(1_790_000_000.1)) as emulator:
        account = emulator.connect(max_rpm=1)
        _count()
        emulator.clock.sleep(0.3)
        _count()
        with account.rate_limit(**limits):
            _count()

        assert len(emulator.requests) == 3


def test_a_budget_limits_all_waits_of_a_block(emulator, elapsed):
    """A budget of 150 seconds allows two waits of 60 seconds."""
    account = emulator.connect(max_rpm=1)

    with account.rate_limit(budget=150):
        _count(3)
        with pytest.raises(RateLimited) as caught:
            _count()

    assert (caught.value.endpoint, caught.value.retry_after) == ("max_rpm", 60.0)
    assert (len(emulator.requests), elapsed()) == (3, 120.0)


def test_a_budget_replaces_the_max_wait_of_the_account(emulator, elapsed):
    """An account that never waits may wait in a block with a budget."""
    account = emulator.connect(max_rpm=1, max_wait=0)

    with account.rate_limit(budget=60):
        _count(2)
        with account.rate_limit(max_wait=0), pytest.raises(RateLimited):
            _count()

    assert elapsed() == 60


def test_each_block_has_a_new_budget(emulator, elapsed):
    """Each block begins with its whole budget."""
    account = emulator.connect(max_rpm=1)

    for _ in range(3):
        with account.rate_limit(budget=60):
            _count()

    assert (len(emulator.requests), elapsed()) == (3, 120.0)


def test_a_budget_includes_waits_after_a_429(emulator, elapsed):
    """A 429 is raised if its wait would exceed the budget."""
    account = emulator.connect()
    emulator.fail_next(429, times=2, headers={"Retry-After": "20"})

    with account.rate_limit(budget=30), pytest.raises(RateLimited) as caught:
        _count()

    assert (caught.value.status, elapsed()) == (429, 20.0)


def test_the_budget_of_an_outer_block_is_spent_in_inner_ones(emulator):
    """An inner block cannot wait longer than the outer one."""
    account = emulator.connect(max_rpm=1)

    with account.rate_limit(budget=60), account.rate_limit(budget=1000):
        _count(2)
        with pytest.raises(RateLimited):
            _count()


def test_a_budget_covers_threads_that_work_for_the_block(demo_like):
    """Waits for pages that are fetched in advance count for the budget of the block."""
    emulator, account = demo_like
    with account.rate_limit(budget=130), pytest.raises(RateLimited):
        list(Ticket.objects.fresh().page_size(1)[:40])

    assert 5 <= len(emulator.requests) <= 15


@pytest.fixture
def demo_like():
    """Return a filled emulator, and an account that reads ahead with five requests a minute."""
    with Emulator(seed="demo") as emulator:
        yield emulator, emulator.connect(read_ahead=2, max_rpm=5)


def test_a_budget_in_async_code(emulator, elapsed):
    """A block applies to the requests of its task, and not to those of other tasks."""
    account = emulator.connect(max_rpm=1)

    async def strict():
        with account.rate_limit(max_wait=0), pytest.raises(RateLimited):
            await Ticket.objects.fresh().acount()

    async def run():
        await Ticket.objects.fresh().acount()
        await asyncio.gather(strict(), Ticket.objects.fresh().acount())

    asyncio.run(run())

    assert (len(emulator.requests), elapsed()) == (2, 60.0)


def test_a_block_applies_to_its_account_only(emulator):
    """A block of one account does not apply to another account."""
    account = emulator.connect(alias="first", max_rpm=1)
    emulator.connect(max_rpm=1)

    with account.rate_limit(max_wait=0):
        _count(2)

    assert len(emulator.requests) == 2


def test_blocks_may_end_in_any_order(emulator, elapsed):
    """Blocks that end in another order than they began restore the settings of the account."""
    account = emulator.connect(max_rpm=1)
    first, second = account.rate_limit(max_wait=0), account.rate_limit(budget=1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)

    _count(2)

    assert elapsed() == 60


# Settings


@pytest.mark.parametrize(
    "settings",
    [
        {"max_rpm": 0},
        {"max_rpm": 1.5},
        {"max_rpm": True},
        {"reserve": -1},
        {"reserve": None},
        {"max_wait": -1},
        {"max_wait": "5"},
        {"max_wait": float("nan")},
        {"max_wait": 301},
        {"max_wait": 11, "retry": RetryPolicy(longest=10)},
        {"limiter": "redis"},
    ],
    ids=str,
)
def test_impossible_settings_are_rejected(settings):
    """`connect()` raises for an invalid setting, and adds no account."""
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        connect(subdomain="acme", anonymous=True, **settings)

    assert len(connections) == 0


@pytest.mark.parametrize(
    "limits",
    [{}, {"max_wait": -1}, {"budget": "1"}, {"max_wait": 301}, {"max_wait": 20, "budget": 10}],
    ids=str,
)
def test_impossible_blocks_are_rejected(emulator, limits):
    """`rate_limit()` raises for invalid arguments."""
    account = emulator.connect()

    with pytest.raises(ConfigurationError):
        account.rate_limit(**limits)


def test_an_emulator_by_url_has_the_settings():
    """The settings apply to an emulator that is connected by its URL."""
    account = connect("emulator://", max_rpm=1, max_wait=0)
    _count()

    with pytest.raises(RateLimited):
        _count()
    assert account.stats.requests == 1


def test_an_unknown_setting_of_an_emulator_is_rejected(emulator):
    """A misspelt setting of an emulator raises."""
    with pytest.raises(ConfigurationError, match="max_rpm"):
        emulator.connect(max_rmp=5)


# Signals and logs


def test_a_wait_is_announced_before_it_begins(emulator, elapsed, caplog):
    """A wait is announced once by a signal and a log record, before it begins."""
    caplog.set_level(logging.INFO, "zendesk_orm")
    account = emulator.connect(max_rpm=1)
    waits = []

    @receiver([rate_limited, retrying])
    def record_wait(sender, request, delay, reason, **kwargs):
        waits.append((sender, request.path, delay, kwargs.get("endpoint"), reason, elapsed()))

    _count(2)

    assert waits == [("default", "/api/v2/tickets/count", 60.0, "max_rpm", None, 0.0)]
    (line,) = [record for record in caplog.records if record.name == "zendesk_orm.http"]
    assert line.levelname == "INFO"
    assert "60.0 s" in line.getMessage()
    assert (account.stats.waits, account.stats.seconds_waited) == (1, 60.0)
    assert account.stats.retries == 0


def test_a_wait_ends_if_the_operation_is_cancelled(emulator):
    """A cancelled operation stops waiting, and its request is not sent."""
    emulator.connect(max_rpm=1)
    _count()
    operation = Cancellation()

    @receiver(rate_limited)
    def cancel(sender, **kwargs):
        operation.cancel()

    with operation.active(), pytest.raises(OperationCancelled):
        _count()

    assert len(emulator.requests) == 1


def test_a_wait_ends_early_if_the_limit_allows_it(emulator, elapsed):
    """A request stops waiting when a response to another thread reports a new period."""
    account = emulator.connect()
    limiter = account.transport.throttle._limiter
    report = _report(account, remaining=0, resets=50)
    account.transport.throttle.observe(HttpRequest("GET", "/api/v2/groups"), report)

    @receiver(rate_limited)
    def reset(sender, **kwargs):
        limiter.observe("account", 700, 699, 90)

    _count()

    assert elapsed() <= 1


def _report(account, remaining, resets):
    headers = {
        "ratelimit-limit": "700",
        "ratelimit-remaining": str(remaining),
        "ratelimit-reset": str(resets),
    }
    return account.quota.update(headers)


# Costs and processes


def test_requests_are_not_counted_while_many_remain(emulator):
    """Requests are not counted until a limit is nearly reached."""
    account = emulator.connect()
    _count(100)

    assert account.transport.throttle._limiter._states == {}


def test_requests_are_no_longer_counted_after_a_while(emulator):
    """Ten minutes after a 429, requests are no longer counted."""
    account = emulator.connect()
    emulator.fail_next(429, headers={"Retry-After": "5"})
    _count()
    assert account.quota.is_watched is True

    emulator.clock.sleep(700)
    _count()

    assert account.quota.is_watched is False


def test_an_error_can_be_pickled(emulator):
    """`RateLimited` can be pickled, as task queues require."""
    emulator.connect(max_rpm=1, max_wait=0)
    _count()
    with pytest.raises(RateLimited) as caught:
        _count()

    copy = pickle.loads(pickle.dumps(caught.value))

    assert (copy.endpoint, copy.retry_after, str(copy)) == ("max_rpm", 60.0, str(caught.value))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_begins_with_the_state_of_its_parent(emulator):
    """A request of the parent counts in the child, even if a thread held the lock at the fork."""
    account = emulator.connect(max_rpm=2, max_wait=0)
    _count(2)
    lock = account.transport.throttle._limiter._lock
    locked, release = threading.Event(), threading.Event()

    def hold_lock():
        with lock:
            locked.set()
            assert release.wait(30)

    def run():
        with pytest.raises(RateLimited):
            _count()

    worker = Worker(hold_lock)
    assert locked.wait(30)
    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(20)
    release.set()
    worker.get()

    assert child.exitcode == 0


def test_a_custom_limiter_is_called_for_each_request(emulator):
    """A custom limiter receives buckets, reported limits and penalties as plain values."""
    calls = []

    class Recorder:
        def acquire(self, buckets):
            calls.append(("acquire", [bucket.name for bucket in buckets]))

        def observe(self, bucket, total, remaining, resets):
            calls.append(("observe", bucket, total, remaining, resets))

        def penalise(self, bucket, seconds):
            calls.append(("penalise", bucket, seconds))

    emulator.connect(limiter=Recorder(), max_rpm=50)
    emulator.fail_next(429, headers={"Retry-After": "5"})

    _count()

    report = ("observe", "account", 700, 699)
    assert [call[:4] for call in calls] == [
        ("acquire", ["max_rpm", "account"]),
        report,
        ("penalise", "GET tickets/count", 5.0),
        ("acquire", ["max_rpm", "account", "GET tickets/count"]),
        report,
    ]


def test_objects_can_be_used_while_a_limit_is_reached(emulator):
    """Cached objects can be read without waiting while a limit is reached."""
    emulator.connect(max_rpm=2, max_wait=0)
    group = Group.objects.create(name="a")
    name = Group.objects.get(group.pk).name

    assert (name, len(emulator.requests)) == ("a", 1)

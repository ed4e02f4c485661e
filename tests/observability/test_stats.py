"""`account.stats`: the counters of an account."""

from __future__ import annotations

import threading

import pytest

from zendesk_orm import ConnectionLost, Group, RetryPolicy, Ticket, User


def test_requests_by_method_and_class_of_status(demo):
    """Each attempt counts once, as in `requests_sent`."""
    demo.stats.reset()
    before = demo.requests_sent

    list(Ticket.objects.fresh()[:250])
    Group.objects.create(name="Night shift")

    assert demo.stats.responses == {"GET 2xx": 3, "POST 2xx": 1}
    assert demo.stats.requests == demo.requests_sent - before == 4


def test_retries_and_waits(emulator):
    """The seconds are those of the waits, not of the responses."""
    account = emulator.connect()
    emulator.fail_next(429, times=2, headers={"Retry-After": "30"})

    Ticket.objects.fresh().count()

    assert (account.stats.retries, account.stats.seconds_waited) == (2, 60.0)
    assert account.stats.responses == {"GET 4xx": 2, "GET 2xx": 1}


def test_a_request_without_a_response_is_an_error(emulator):
    """It counts as `GET error`."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None)

    with pytest.raises(ConnectionLost):
        Ticket.objects.fresh().count()

    assert account.stats.responses == {"GET error": 1}


def test_rows_and_cached_rows(demo):
    """Rows that queries read, and rows that were or were not in the cache."""
    pk = User.objects.fresh()[0].pk
    demo.cache.clear()
    demo.stats.reset()

    User.objects.get(pk)
    User.objects.get(pk)

    stats = demo.stats
    assert (stats.rows, stats.cache_hits, stats.cache_misses) == (1, 1, 1)


def test_counters_as_a_dict(demo):
    """`as_dict()` returns a copy; `reset()` sets all counters to 0, except `requests_sent`."""
    User.objects.count()
    counters = demo.stats.as_dict()
    sent = demo.requests_sent

    demo.stats.reset()

    assert counters == {
        "requests": 1,
        "responses": {"GET 2xx": 1},
        "retries": 0,
        "waits": 0,
        "seconds_waited": 0.0,
        "rows": 0,
        "cache_hits": 0,
        "cache_misses": 0,
    }
    assert demo.stats.requests == 0
    assert demo.requests_sent == sent


def test_the_repr_is_short(demo):
    """It contains requests, retries and the seconds of waits."""
    assert repr(demo.stats) == "<Stats: 0 requests, 0 retries, 0.0 s waited>"


def test_requests_of_an_end_user_count_for_the_account(demo):
    """The counters of the user are separate."""
    with demo.acting_as("customer@example.com") as acting:
        acting.stats.count_request("GET", 200)

    assert (acting.stats.requests, demo.stats.requests) == (1, 1)


def test_threads_lose_no_count(demo):
    """Requests of several threads are all counted."""
    threads = [threading.Thread(target=lambda: list(Ticket.objects.fresh()[:150]))] * 1
    threads += [threading.Thread(target=User.objects.count) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert demo.stats.requests == demo.requests_sent == 9

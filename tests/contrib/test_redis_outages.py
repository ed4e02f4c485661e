"""Outages of the Redis server: cached rows and log lines."""

from __future__ import annotations

import logging
import os
import threading

import pytest
from redis import Redis

from zendesk_orm import User


@pytest.fixture
def processes(emulator, own_redis, make_state):
    """Return two accounts that share their rows, as two processes do."""
    return [
        emulator.connect(alias, shared=make_state(own_redis.url, pause=0.01))
        for alias in ("one", "two")
    ]


def _name(account, pk):
    with account.session():
        return User.objects.using(account.alias).get(pk).name


def _pass_pause():
    """Wait until the server is tried again."""
    threading.Event().wait(0.02)


def test_rows_are_cached_in_process(own_redis, processes, pk, count_requests):
    """Without the server, each process has its own cache."""
    name = _name(processes[0], pk)
    own_redis.kill()

    for account in processes:
        with count_requests(account, 1):
            assert [_name(account, pk) for _ in range(3)] == [name] * 3


def test_rows_are_shared_again(own_redis, processes, pk, count_requests):
    """When the server is available again, processes use its rows instead of their own cache."""
    one, two = processes
    own_redis.kill()
    for account in processes:
        _name(account, pk)
    own_redis.start()
    _pass_pause()

    with count_requests(one, 1):
        _name(one, pk)
    with count_requests(two, 0):
        _name(two, pk)


def test_a_write_without_the_server_is_published_later(own_redis, processes, pk, count_requests):
    """A shared row is discarded as soon as the process that changed it reaches the server."""
    one, two = processes
    _name(two, pk)
    user = User.objects.using("one").get(pk)
    own_redis.kill()
    user.name = "Changed"
    user.save()
    assert _name(one, pk) == "Changed"
    own_redis.start()
    _pass_pause()

    assert _name(one, pk) == "Changed"
    with count_requests(two, 0):
        assert _name(two, pk) == "Changed"


def test_no_outdated_row_is_used_after_a_flush(own_redis, processes, pk):
    """After the data of the server was deleted, no outdated row is used."""
    _, two = processes
    user = User.objects.using("one").get(pk)
    for number in range(3):
        user.name = f"Number {number}"
        user.save()
    version = two.changes.version()
    with Redis.from_url(own_redis.url) as client:
        client.flushall()
    assert _name(two, pk) == "Number 2"

    user.name = "Changed"
    user.save()
    two.cache.put(User, [{**user._row, "name": "Number 2"}], version)

    assert _name(two, pk) == "Changed"


def test_an_outage_is_logged_once(own_redis, processes, pk, caplog):
    """A lost server and its return are logged once each, without secrets."""
    one, _ = processes
    own_redis.kill()
    with caplog.at_level(logging.INFO, logger="zendesk_orm.redis"):
        for _ in range(3):
            _name(one, pk)
            one.cache.clear()
            _pass_pause()
        own_redis.start()
        _pass_pause()
        _name(one, pk)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_server_that_does_not_respond_costs_one_timeout(
    own_redis, emulator, make_state, pk, count_requests
):
    """A server that does not respond delays a query by one timeout, not by one per row."""
    state = make_state(own_redis.url, timeout=0.1, pause=60.0)
    account = emulator.connect("one", shared=state)
    own_redis.pause()
    try:
        with count_requests(account, 1):
            names = [_name(account, pk) for _ in range(100)]
    finally:
        own_redis.go_on()

    assert len(set(names)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_shares_rows(processes, pk):
    """A forked child opens new connections, and the parent sees its writes."""
    one, two = processes
    _name(one, pk)
    child = os.fork()
    if child == 0:
        user = User.objects.using("two").get(pk)
        user.name = "By a child"
        user.save()
        os._exit(two.requests_sent)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) > 0
    assert not one.cache.has(User, pk)

"""Celery tasks in a real worker, with a real Redis as broker."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from redis import Redis

from zendesk_orm import RateLimited, Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.faults import Fault


pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
#: Seconds after which an unfinished task counts as failed.
TIMEOUT = 120


@pytest.fixture(scope="module")
def zendesk():
    """Serve an emulator on a port."""
    with Emulator(oauth="lenient") as emulator, emulator.serve(port=0) as server:
        yield emulator, server.url


@pytest.fixture(scope="module")
def app(zendesk, redis_url):
    """Return the module of the tasks, whose worker runs one task at a time in one process."""
    values = {"REDIS_URL": redis_url, "EMULATOR_URL": zendesk[1], "CELERY_QUEUE": uuid.uuid4().hex}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        module = importlib.import_module("tests.contrib.celery_app")
        command = ["-m", "celery", "--app", "tests.contrib.celery_app", "worker"]
        options = ["--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
        worker = subprocess.Popen(
            [sys.executable, *command, *options], cwd=ROOT, env={**os.environ}
        )
        yield module
        worker.terminate()
        worker.wait()
        gc.collect()  # Results tell Redis that they are deleted, so before it stops.
        module.app.close()


@pytest.fixture
def emulator(zendesk):
    """Return the emulator, without the requests of earlier tests."""
    zendesk[0].requests.clear()
    return zendesk[0]


def _limit(emulator, times=1):
    emulator.fail_next(429, times=times, headers={"Retry-After": "1"})


def test_a_limited_task_is_delivered_again(app, emulator):
    """A rate-limited task is retried after the limit; meanwhile, the worker runs other tasks."""
    _limit(emulator)
    finished = []
    results = {"limited": app.count_groups.delay(), "other": app.ping.delay()}
    for name in ("other", "limited"):
        results[name].get(timeout=TIMEOUT, interval=0.01)
        finished.append((name, [other for other, result in results.items() if result.ready()]))

    assert results["limited"].result == 1
    assert finished == [("other", ["other"]), ("limited", ["limited", "other"])]
    assert emulator.requests == ["GET groups/count"] * 2


def test_retries_have_no_limit_unless_one_is_set(app, emulator):
    """Retries after rate limits are limited by `max_rate_limits`, not by `max_retries`."""
    _limit(emulator, times=2)
    result = app.count_groups_twice_at_most.delay()
    # The JSON of a result contains the class and the message of an error.
    with pytest.raises(Exception, match="RateLimited"):
        result.get(timeout=TIMEOUT)

    assert emulator.requests == ["GET groups/count"] * 2


def test_an_iteration_continues_in_the_next_attempt(app, emulator, redis_url):
    """With `self.resume`, each ticket is read once, although pages 2 and 4 were limited."""
    account = emulator.connect("reader")
    created = [
        Ticket.objects.using("reader").create(subject=str(number), comment={"body": "x"}).pk
        for number in range(45)
    ]
    account.close()
    key, task = uuid.uuid4().hex, app.read_tickets
    for skip in (1, 3):
        emulator.wsgi.faults.add(
            Fault("GET /api/v2/tickets", 429, {"Retry-After": "1"}, skip=skip, times=1)
        )
    task.delay(key).get(timeout=TIMEOUT)

    with Redis.from_url(redis_url) as client:
        read = [int(pk) for pk in client.lrange(key, 0, -1)]
    assert sorted(read) == sorted(created)
    # Five pages, and two rate-limited requests.
    assert emulator.requests.count("GET tickets") == 7


def test_a_direct_call_raises(app, emulator):
    """A task that is called without a worker raises the error of the rate limit."""
    app.connect_account()
    _limit(emulator, times=2)

    with pytest.raises(RateLimited):
        app.count_groups()
    with pytest.raises(RateLimited):
        app.count_groups.apply(throw=True)

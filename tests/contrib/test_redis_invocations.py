"""Deliveries of webhooks that processes remember in Redis."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.webhooks.signing import NOW, SECRET, sign
from zendesk_orm import WebhookReceiver, receiver, webhook_received
from zendesk_orm.contrib.redis import RedisInvocations
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture
def make_store(redis_url):
    """Return a function that returns the store of one more process."""
    prefix, stores = f"test-{uuid.uuid4()}", []

    def make(url=redis_url):
        stores.append(RedisInvocations(url, prefix))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def test_processes_claim_once(make_store):
    """Of many claims by two processes one succeeds, and all know when it was handled."""
    one, two = make_store(), make_store()
    with ThreadPoolExecutor(8) as pool:
        states = list(
            pool.map(lambda number: (one, two)[number % 2].claim(["a", "b"], 60), range(50))
        )
    assert (states.count(None), set(states)) == (1, {None, "running"})
    assert one.claim(["c", "b"], 60) == "running"
    assert two.claim(["c"], 60) is None
    one.finish(["a", "b"], 60)
    assert two.claim(["b"], 60) == "done"
    one.release(["a", "b", "c"])
    one.release([])
    assert two.claim(["a", "b", "c"], 0.001) is None


def test_without_the_server_nothing_runs(own_redis, make_store):
    """While the server cannot be reached, deliveries are left to Zendesk's repetition."""
    payloads = []

    @receiver(webhook_received)
    def record(sender, payload, **kwargs):
        payloads.append(payload)

    with Emulator(clock=VirtualClock(NOW)) as emulator:
        emulator.connect()
        receiving = WebhookReceiver(SECRET, invocations=make_store(own_redis.url))
        request, later = sign({"a": 1}), sign({"a": 2})
        assert receiving.handle(request.body, request.headers).status == 200
        own_redis.kill()
        assert receiving.handle(later.body, later.headers).status == 503
        assert receiving.handle(request.body, request.headers).status == 503

    assert payloads == [{"a": 1}]

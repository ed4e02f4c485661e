"""Stores of deliveries: claimed once, released after failures, bounded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache.backends.locmem import LocMemCache

from zendesk_orm import CacheInvocations, ConfigurationError, MemoryInvocations
from zendesk_orm.http.clock import VirtualClock


def create_stores():
    """Return a store of each kind."""
    return MemoryInvocations(), CacheInvocations(LocMemCache(f"{threading.get_ident()}", {}))


def test_keys_are_claimed_together():
    """All keys of a delivery are claimed, or none."""
    for store in create_stores():
        assert store.claim(["a", "b"], 60) is None
        assert store.claim(["c", "b"], 60) == "running"
        assert store.claim(["c"], 60) is None
        store.finish(["a", "b"], 60)
        assert (store.claim(["x", "a"], 60), store.claim(["b"], 60)) == ("done", "done")
        store.release(["c"])
        assert store.claim(["c"], 60) is None
        assert store.claim(["x"], 60) is None
        store.release(["a", "b", "c", "x", "unknown"])


def test_claims_end():
    """A claim ends after its time, and a handled delivery is forgotten after its time."""
    clock = VirtualClock(1_000)
    store = MemoryInvocations(clock=clock)
    store.claim(["a"], 60)
    clock.advance(seconds=59)
    assert store.claim(["a"], 60) == "running"
    clock.advance(seconds=1)
    assert store.claim(["a"], 60) is None
    store.finish(["a"], 100)
    clock.advance(seconds=99)
    assert store.claim(["a"], 60) == "done"
    clock.advance(seconds=1)
    assert store.claim(["a"], 60) is None


def test_memory_is_bounded():
    """The oldest keys are dropped, and the capacity must be a number."""
    store = MemoryInvocations(capacity=10)
    for number in range(100):
        store.claim([str(number)], 60)

    assert repr(store) == "<MemoryInvocations: 10 keys>"
    assert store.claim(["99"], 60) == "running"
    for capacity in (0, 1, -1, None, "5", True):
        with pytest.raises(ConfigurationError, match="capacity"):
            MemoryInvocations(capacity)


def test_threads_claim_once():
    """Of many threads, one claims the keys."""
    for store in create_stores():
        with ThreadPoolExecutor(16) as pool:
            states = list(pool.map(lambda _, store=store: store.claim(["k", "l"], 60), range(200)))
        assert states.count(None) == 1
        store.release(["k", "l"])


def test_caches_have_the_methods_of_django():
    """Another object is refused."""
    with pytest.raises(ConfigurationError, match="add"):
        CacheInvocations({})

"""Stores that remember which deliveries of webhooks were received, so that each is handled once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock
from zendesk_orm.messages import display


#: The state of a key that was claimed before.
State = Literal["running", "done"]

#: Seconds for which handled deliveries are remembered; Zendesk's own repetitions end in minutes.
HOLD_SECONDS = 3600.0
#: Seconds after which a delivery whose handling never ended may be repeated.
LEASE_SECONDS = 120.0
#: Keys that are remembered in memory.
CAPACITY = 100_000


@runtime_checkable
class InvocationStore(Protocol):
    """Remembers deliveries by keys, atomically: of several claims of a key, one succeeds."""

    def claim(self, keys: Sequence[str], seconds: float) -> State | None:
        """Claim the keys of a delivery, all or none.

        Args:
            keys: its keys.
            seconds: the time after which the claim ends unless `finish()` is called.

        Returns:
            None if all keys were claimed; the state of the first one that was claimed before.
        """
        ...

    def finish(self, keys: Sequence[str], seconds: float) -> None:
        """Remember a delivery as handled for some time."""
        ...

    def release(self, keys: Sequence[str]) -> None:
        """Forget a delivery whose handling has failed, so that it may be repeated."""
        ...


def require_invocations(store: Any) -> InvocationStore | None:
    """Return a store of invocations, or None.

    Raises:
        ConfigurationError: the store lacks a method.
    """
    if store is None or (isinstance(store, InvocationStore) and not isinstance(store, type)):
        return store
    raise ConfigurationError(
        "invocations must be a store with claim(), finish() and release(), such as "
        f"RedisInvocations(url) or CacheInvocations(cache), not {display(store)}"
    )


class MemoryInvocations:
    """Remembers deliveries in the memory of one process.

    With several processes, a repeated delivery may reach another one: use `CacheInvocations` with
    a cache that they share, or `zendesk_orm.contrib.redis.RedisInvocations`.

    Args:
        capacity: the number of keys that are remembered; the oldest are dropped. A delivery has
            two keys.
        clock: the clock.
    """

    def __init__(self, capacity: int = CAPACITY, clock: Clock | None = None) -> None:
        number: object = capacity
        if isinstance(number, bool) or not isinstance(number, int) or number < 2:
            raise ConfigurationError(f"capacity must be at least 2, not {display(number)}")
        self._capacity = number
        self._clock = clock or Clock()
        self._entries: OrderedDict[str, tuple[State, float]] = OrderedDict()
        self._lock = fork.Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._entries)} keys>"

    def claim(self, keys: Sequence[str], seconds: float) -> State | None:
        """Claim the keys of a delivery, all or none; see `InvocationStore.claim()`."""
        with self._lock:
            now = self._clock.monotonic()
            for key in keys:
                state, until = self._entries.get(key) or (None, 0.0)
                if state is not None and until > now:
                    return state
            self._put(keys, "running", now + seconds)
        return None

    def finish(self, keys: Sequence[str], seconds: float) -> None:
        """Remember a delivery as handled for some time."""
        with self._lock:
            self._put(keys, "done", self._clock.monotonic() + seconds)

    def release(self, keys: Sequence[str]) -> None:
        """Forget a delivery whose handling has failed."""
        with self._lock:
            for key in keys:
                self._entries.pop(key, None)

    def _put(self, keys: Sequence[str], state: State, until: float) -> None:
        for key in keys:
            self._entries[key] = (state, until)
            self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


class CacheInvocations:
    """Remembers deliveries in a cache with the methods of Django's: `add`, `get`, `set`, `delete`.

    ::

        from django.core.cache import cache

        webhook_app(secret, invocations=CacheInvocations(cache))

    The processes have to share the cache: Redis, Memcached, a database or files.

    Args:
        cache: the cache; its `add()` must be atomic.
        prefix: the first part of its keys.
    """

    def __init__(self, cache: Any, prefix: str = "zendesk-webhook:") -> None:
        missing = [name for name in ("add", "get", "set", "delete") if not hasattr(cache, name)]
        if missing:
            raise ConfigurationError(
                f"a cache must have the methods of Django's, and {display(cache)} has no {missing}"
            )
        self._cache, self._prefix = cache, prefix

    def claim(self, keys: Sequence[str], seconds: float) -> State | None:
        """Claim the keys of a delivery, all or none; see `InvocationStore.claim()`."""
        claimed: list[str] = []
        for key in keys:
            if not self._cache.add(self._prefix + key, "running", seconds):
                self.release(claimed)
                return "done" if self._cache.get(self._prefix + key) == "done" else "running"
            claimed.append(key)
        return None

    def finish(self, keys: Sequence[str], seconds: float) -> None:
        """Remember a delivery as handled for some time."""
        for key in keys:
            self._cache.set(self._prefix + key, "done", seconds)

    def release(self, keys: Sequence[str]) -> None:
        """Forget a delivery whose handling has failed."""
        for key in keys:
            self._cache.delete(self._prefix + key)

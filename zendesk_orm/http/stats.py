"""`Stats`, the counters of an account, and `Exchange`, which counts and announces one request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from zendesk_orm import fork, signals
from zendesk_orm.http.request import Request
from zendesk_orm.signals import announce


if TYPE_CHECKING:
    from zendesk_orm.http.transport import Transport


class Stats:
    """Counters of an account: `account.stats.retries`, `account.stats.as_dict()`.

    They count what this process has done since it connected, or since `reset()`, in all threads.
    An account that acts as an end user has counters, too; its requests also count for the account.

    Args:
        outer: the counters that count everything that these count.

    Attributes:
        responses: number of requests by method and class of status: `{"GET 2xx": 4}`;
            `"GET error"` are those without a response. Each attempt counts.
        retries: requests that were sent again after a wait.
        waits: requests that waited for a rate limit before they were sent.
        seconds_waited: seconds of the waits of both kinds.
        rows: rows that queries read from Zendesk.
        cache_hits, cache_misses: rows that were, or were not, in the cache.
    """

    def __init__(self, outer: Stats | None = None) -> None:
        self._outer = outer
        self._lock = fork.Lock()
        self.reset()

    def reset(self) -> None:
        """Set all counters to 0."""
        with self._lock:
            self.responses: dict[str, int] = {}
            self.retries = self.waits = self.rows = self.cache_hits = self.cache_misses = 0
            self.seconds_waited = 0.0

    @property
    def requests(self) -> int:
        """The number of requests that have ended, retries included."""
        with self._lock:
            return sum(self.responses.values())

    def as_dict(self) -> dict[str, Any]:
        """Return all counters by name, as of one moment."""
        with self._lock:
            return {
                "requests": self.requests,
                "responses": dict(self.responses),
                "retries": self.retries,
                "waits": self.waits,
                "seconds_waited": self.seconds_waited,
                "rows": self.rows,
                "cache_hits": self.cache_hits,
                "cache_misses": self.cache_misses,
            }

    def count_request(self, method: str, status: int) -> None:
        """Count a request; the status is 0 without a response."""
        name = f"{method} {status // 100}xx" if status else f"{method} error"
        with self._lock:
            self.responses[name] = self.responses.get(name, 0) + 1
        if self._outer is not None:
            self._outer.count_request(method, status)

    def count_retry(self, seconds: float) -> None:
        """Count a request that is sent again, and the wait before it."""
        with self._lock:
            self.retries += 1
            self.seconds_waited += seconds
        if self._outer is not None:
            self._outer.count_retry(seconds)

    def count_wait(self) -> None:
        """Count a request that waits for a rate limit."""
        with self._lock:
            self.waits += 1
        if self._outer is not None:
            self._outer.count_wait()

    def count_seconds(self, seconds: float) -> None:
        """Count seconds of a wait for a rate limit."""
        with self._lock:
            self.seconds_waited += seconds
        if self._outer is not None:
            self._outer.count_seconds(seconds)

    def count_rows(self, number: int) -> None:
        """Count rows that were read."""
        with self._lock:
            self.rows += number
        if self._outer is not None:
            self._outer.count_rows(number)

    def count_lookup(self, *, is_hit: bool) -> None:
        """Count a row that was, or was not, in the cache."""
        with self._lock:
            if is_hit:
                self.cache_hits += 1
            else:
                self.cache_misses += 1
        if self._outer is not None:
            self._outer.count_lookup(is_hit=is_hit)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {self.requests} requests, {self.retries} retries, "
            f"{self.seconds_waited:.1f} s waited>"
        )


class Exchange:
    """One request that is being sent: it is announced, and counted when it has ended."""

    __slots__ = ("_is_observed", "_request", "_started", "_transport")

    def __init__(self, transport: Transport, request: Request) -> None:
        self._transport = transport
        self._request = request
        self._started = 0.0
        # `request_finished` has a log line, `request_started` has none.
        self._is_observed = (
            bool(signals.request_started.receivers) or signals.request_finished.is_observed
        )
        if self._is_observed:
            self._request = request.redact()
            self._started = transport.clock.now()
            announce(
                signals.request_started,
                transport.alias,
                request=self._request,
                base_url=transport.base_url,
            )

    def finish(self, status: int) -> None:
        """Count the request, and announce that it has ended; the status is 0 if it failed."""
        transport = self._transport
        transport.stats.count_request(self._request.method, status)
        if self._is_observed:
            announce(
                signals.request_finished,
                transport.alias,
                request=self._request,
                base_url=transport.base_url,
                status=status,
                seconds=transport.clock.now() - self._started,
                reason=None if status else sys.exc_info()[1],
            )

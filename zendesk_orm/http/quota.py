"""`Limiter`, which decides whether a request may be sent now, and its in-process implementation.

A request counts for several limits: those of its endpoint, that of the account, and `max_rpm`. Each
is a `Bucket`. All arguments are plain values, so that a limiter can keep its state in another
process. A limiter does not wait: `http/throttle.py` does, and asks again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import define, field, frozen

from zendesk_orm import fork
from zendesk_orm.http.clock import Clock


#: Seconds of the period of the limits that responses report, unless a bucket has another one.
PERIOD = 60.0
#: Shorter waits, in seconds, are the rounding errors of a clock.
_ROUNDING = 0.001
#: Seconds after which a response is not expected any more to report a bucket.
_RESPONSE_SECONDS = 10.0
#: The part of a limit by which the remaining requests grow at once if a period begins. Responses
#: that arrive in another order differ by less.
_JUMP = 4
#: The number of buckets beyond which idle ones are discarded: some limits are those of one object.
_MAX_BUCKETS = 1000


@frozen
class Bucket:
    """One limit that a request counts for.

    Attributes:
        name: `account`, `incremental-exports`; that of one object ends with its id:
            `per-ticket-updates/35436`.
        limit: the requests that are sent in a period at most, in any interval of that length unless
            responses report as high a limit and when it resets; None if the limit is known only
            from responses.
        seconds: the length of the period.
        reserve: the requests that are left to other clients of the account, of those that
            responses report as remaining.
    """

    name: str
    limit: int | None = None
    seconds: float = PERIOD
    reserve: int = 0


@frozen
class Shortage:
    """The reason why a request may not be sent yet.

    Attributes:
        bucket: the name of the bucket that has no request left.
        seconds: seconds until it may have one again, greater than 0.
    """

    bucket: str
    seconds: float


class Limiter(Protocol):
    """Decides when requests of one account may be sent.

    Its methods are called by all threads of the account, return at once, and do not raise.
    """

    def acquire(self, buckets: Sequence[Bucket]) -> Shortage | None:
        """Count a request in all of its buckets, or return why it may not be sent yet.

        Args:
            buckets: the limits of the request.

        Returns:
            None if the request may be sent now. Otherwise it is not counted; the caller waits,
            and calls the method again after the time, or earlier.
        """
        ...

    def observe(self, bucket: str, total: int, remaining: int, resets: float | None) -> None:
        """Store a limit that a response has reported.

        Responses may arrive in another order than that in which Zendesk sent them.

        Args:
            bucket: the name of the bucket.
            total: the requests that are allowed in a period.
            remaining: the requests that were left, for all clients of the account.
            resets: seconds until there are `total` requests again; None if it is not known.
        """
        ...

    def penalise(self, bucket: str, seconds: float) -> None:
        """Allow no request in a bucket for a time, after a 429.

        Args:
            bucket: the name of the bucket.
            seconds: seconds from now on; a penalty that lasts longer is not shortened.
        """
        ...


@define(eq=False)
class _State:
    """The reported and counted requests of a bucket; times are those of the monotonic clock.

    Attributes:
        sent: the times of the requests of the last period, if the bucket has a limit.
        pending: the times of requests whose responses have not reported the bucket yet.
        total, remaining: the limit and the lowest remaining number of the period, as reported.
        reported_at: the time of the last report.
        until: when the reported period ends; None if nothing was reported.
        period: the length of a period in seconds.
        assumed: whether `until` is an assumption, because no response of the period arrived yet.
        free_at: when the penalty ends.
    """

    sent: deque[float] = field(factory=deque)
    pending: deque[float] = field(factory=deque)
    total: int = 0
    remaining: int = 0
    reported_at: float = 0.0
    until: float | None = None
    period: float = PERIOD
    assumed: bool = False
    free_at: float = 0.0

    def wait(self, bucket: Bucket, now: float) -> float:
        """Return the seconds until the bucket allows a request; 0 or less for none."""
        self.period = bucket.seconds
        self._settle(now)
        wait = self.free_at - now
        if bucket.limit is not None and not self._is_decided(bucket.limit, now):
            while self.sent and self.sent[0] + self.period <= now:
                self.sent.popleft()
            excess = len(self.sent) - bucket.limit
            if excess >= 0:
                # The limit may have been lowered: then several have to expire.
                wait = max(wait, self.sent[excess] + self.period - now)
        if self.until is None:
            return wait
        if self.until <= now:
            self.remaining, self.until, self.assumed = self.total, now + self.period, True
            self.pending.clear()
        # Some pending requests may be part of the reported number already; that is known when
        # their responses arrive.
        left = self.remaining - len(self.pending)
        return wait if left > bucket.reserve else max(wait, self.until - now)

    def _is_decided(self, limit: int, now: float) -> bool:
        """Return whether a report contains the remaining requests, unless fewer are to be sent."""
        if self.until is None or self.assumed or limit < self.total:
            return False
        if self.until > now:
            return True
        # Requests of a period that was reported do not count in the next one.
        while self.sent and self.sent[0] < self.until:
            self.sent.popleft()
        return False

    def count(self, bucket: Bucket, now: float) -> None:
        """Count a request."""
        if bucket.limit is not None:
            self.sent.append(now)
        self.pending.append(now)

    def report(self, total: int, remaining: int, resets: float | None, now: float) -> None:
        """Store what a response has reported."""
        if self.pending:
            self.pending.popleft()
        # 0 stands for the rest of a second. Without the time, a period begins with its first
        # response, and lasts no longer than its length.
        end = None if resets is None else now + max(resets, 1.0)
        half = self.period / 2
        is_new = self.until is None or self.until <= now
        if end is None and remaining - self.remaining > max(len(self.pending), total // _JUMP, 1):
            # Without the time, only a much higher number shows that a period has begun.
            is_new = True
        if is_new or (end is not None and end > (self.until or 0.0) + half):
            self.until = now + self.period if end is None else end
            self.total, self.remaining, self.assumed = total, remaining, False
            self.reported_at = now
            return
        current = self.until or 0.0
        if end is not None and end < current - half and not self.assumed:
            # A late response of the period before.
            return
        if end is not None:
            self.until = end if self.assumed else min(current, end)
            self.assumed = False
        self.total, self.remaining = total, min(self.remaining, remaining)
        self.reported_at = now

    def _settle(self, now: float) -> None:
        """Stop waiting for the responses of old requests, which Zendesk may have counted."""
        while self.pending and self.pending[0] + _RESPONSE_SECONDS <= now:
            if self.pending.popleft() >= self.reported_at:
                self.remaining -= 1

    def is_idle(self, now: float) -> bool:
        """Return whether nothing would be lost if the state was discarded."""
        is_recent = bool(self.sent) and self.sent[-1] + self.period > now
        is_reported = self.until is not None and self.until > now
        return not is_recent and not is_reported and self.free_at <= now


class RateLimiter:
    """The limiter of one process: all threads and tasks of an account share it.

    A forked child begins with the state of its parent, and counts separately from then on.

    Args:
        clock: measures the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._states: dict[str, _State] = {}
        self._lock = fork.Lock()

    def acquire(self, buckets: Sequence[Bucket]) -> Shortage | None:
        """Count a request in all of its buckets, or return why it may not be sent yet."""
        with self._lock:
            now = self._clock.monotonic()
            states = [self._state(bucket.name, now) for bucket in buckets]
            waits = [state.wait(bucket, now) for state, bucket in zip(states, buckets, strict=True)]
            longest = max(waits, default=0.0)
            if longest > _ROUNDING:
                return Shortage(buckets[waits.index(longest)].name, longest)
            for state, bucket in zip(states, buckets, strict=True):
                state.count(bucket, now)
            return None

    def observe(self, bucket: str, total: int, remaining: int, resets: float | None) -> None:
        """Store a limit that a response has reported."""
        with self._lock:
            now = self._clock.monotonic()
            self._state(bucket, now).report(total, remaining, resets, now)

    def penalise(self, bucket: str, seconds: float) -> None:
        """Allow no request in a bucket for a time, after a 429."""
        with self._lock:
            now = self._clock.monotonic()
            state = self._state(bucket, now)
            state.free_at = max(state.free_at, now + seconds)

    def _state(self, name: str, now: float) -> _State:
        state = self._states.get(name)
        if state is None:
            if len(self._states) >= _MAX_BUCKETS:
                self._discard(now)
            state = self._states[name] = _State()
        return state

    def _discard(self, now: float) -> None:
        idle: Iterable[str] = [key for key, state in self._states.items() if state.is_idle(now)]
        for name in idle:
            del self._states[name]

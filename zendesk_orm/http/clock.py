"""Time and waiting: clocks, and operations that can be cancelled while they wait.

A thread cannot be interrupted from outside. A thread that works for an asyncio task therefore
checks a flag before each request and while it waits; `session/threads.py` sets the flag when the
task is cancelled.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import timedelta

from zendesk_orm import fork
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display


#: The last time of a clock, 9000-01-01: times that follow it still have to be in the calendar.
_LATEST = 221_845_392_000.0
#: Seconds between two checks whether the operation of a waiting thread was cancelled.
CHECK_SECONDS = 0.05


class Clock:
    """The clock of the machine."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never decrease, for measuring durations."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait until an event is set, but no longer than a number of seconds."""
        event.wait(seconds)


def build_duration(now: float, days: float, hours: float, minutes: float, seconds: float) -> float:
    """Return the seconds of a duration by which a clock is advanced.

    Raises:
        InvalidValue: the duration is invalid or negative, or ends after the year 8999.
    """
    try:
        duration = timedelta(days, seconds, minutes=minutes, hours=hours).total_seconds()
    except (OverflowError, TypeError, ValueError):
        duration = -1
    if duration < 0:
        values = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
        raise InvalidValue(f"a clock advances by a positive duration, not {display(values)}")
    if now + duration > _LATEST:
        raise InvalidValue("a clock cannot be advanced beyond the year 8999")
    return duration


class VirtualClock(Clock):
    """Time that passes only during waits, so that waiting takes no real time.

    The in-process emulator and its account share one clock, so that a job of two seconds and a
    `Retry-After` of a minute end at once, after the virtual time has passed.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = fork.Lock()

    def now(self) -> float:
        """Return the virtual seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Return the same as `now()`, because virtual time never decreases."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the virtual time."""
        with self._lock:
            self._now += seconds

    def finish_second(self) -> None:
        """Advance the virtual time to the next whole second."""
        self.sleep(int(self._now) + 1 - self._now)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Advance the virtual time by a duration: `clock.advance(minutes=5)`.

        Raises:
            InvalidValue: the duration is invalid or negative, or ends after the year 8999.
        """
        self.sleep(build_duration(self.now(), days, hours, minutes, seconds))

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Advance the virtual time, unless the event is set."""
        if not event.is_set():
            self.sleep(seconds)


class OperationCancelled(BaseException):
    """Raised in a thread whose operation was cancelled.

    Like `asyncio.CancelledError`, it is not an `Exception`, so that handlers of errors do not
    catch it and continue.
    """


class Cancellation:
    """A flag that stops an operation before its next request.

    Args:
        idle: a function that returns the context in which the thread of the operation waits.
        event: the flag; by default a new one.
    """

    def __init__(
        self,
        idle: Callable[[], AbstractContextManager[None]] = nullcontext,
        event: threading.Event | None = None,
    ) -> None:
        self._idle = idle
        self._event = threading.Event() if event is None else event
        self._parts: set[Cancellation] = set()
        self._is_requested: Callable[[], bool] = self._event.is_set

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel()` was called, or the cancellation was requested."""
        return self._event.is_set() or self._is_requested()

    def watch(self, is_requested: Callable[[], bool]) -> None:
        """Stop the operation before its next request as soon as a function returns True.

        Needed because threads may start to work for a task before it notices its cancellation.
        """
        self._is_requested = is_requested

    def cancel(self) -> None:
        """Stop the operation and its parts: waits end at once, and no further request is sent."""
        self._event.set()
        for part in tuple(self._parts):
            part.cancel()

    def add(self, part: Cancellation) -> None:
        """Add a part: an operation that is cancelled together with this one."""
        self._parts.add(part)
        if self.is_cancelled:
            part.cancel()

    @contextmanager
    def active(self) -> Generator[None]:
        """Run a block as part of the operation, including the threads that it starts."""
        token = CURRENT_OPERATION.set(self)
        try:
            yield
        finally:
            CURRENT_OPERATION.reset(token)

    def wait(self, clock: Clock, seconds: float) -> None:
        """Wait until the time is over or the operation is cancelled."""
        with self._idle():
            clock.wait(self._event, seconds)


#: The operation of the current thread, or None if it cannot be cancelled.
CURRENT_OPERATION: ContextVar[Cancellation | None] = ContextVar(
    "zendesk_orm operation", default=None
)


def check_cancelled() -> None:
    """Raise if the operation of this thread was cancelled.

    Raises:
        OperationCancelled: the operation was cancelled.
    """
    operation = CURRENT_OPERATION.get()
    if operation is not None and operation.is_cancelled:
        raise OperationCancelled


def is_of_earlier_call(error: BaseException) -> bool:
    """Return whether an exception is the cancellation of another operation than the current one.

    Pages of an iteration are read ahead as a part of the call that awaited a row. If that call was
    cancelled, a later one finds the pages cancelled, and is not cancelled itself.
    """
    operation = CURRENT_OPERATION.get()
    is_cancelled = operation is not None and operation.is_cancelled
    return isinstance(error, OperationCancelled) and not is_cancelled


def pause(clock: Clock, seconds: float) -> None:
    """Wait for some seconds of a clock.

    Raises:
        OperationCancelled: the operation was cancelled before the time was over.
    """
    operation = CURRENT_OPERATION.get()
    if operation is None:
        clock.sleep(seconds)
        return
    operation.wait(clock, seconds)
    check_cancelled()


class RequestLock(fork.Lock):
    """A lock that is held while requests are sent: threads that wait for it can be cancelled."""

    __slots__ = ()

    @property
    def __enter__(self) -> Callable[[], object]:
        is_alone = CURRENT_OPERATION.get() is None
        # Signal handlers run in the main thread only, which works for no task.
        return self._lock.__enter__ if is_alone else self._wait

    def _wait(self) -> None:
        """Acquire the lock.

        Raises:
            OperationCancelled: the operation was cancelled.
        """
        while not self._lock.acquire(timeout=CHECK_SECONDS):
            check_cancelled()

"""Time, as the library sees it: something to read and something to wait on."""

from __future__ import annotations

import threading
import time

from zendesk_orm import fork


class Clock:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go backwards, for measuring how long something lasts."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait until an event is set, but no longer than a number of seconds."""
        event.wait(seconds)


class VirtualClock(Clock):
    """Time that passes only when somebody waits, so that waiting takes no time.

    The in-process emulator and its account share one: a job that takes two
    seconds and a `Retry-After` of a minute are over at once, and still count.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = fork.Lock()

    def now(self) -> float:
        """Return the virtual seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Return the same as `now()`: virtual time is never set back."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the virtual time pass, at once."""
        with self._lock:
            self._now += seconds

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Let the virtual time pass, at once, unless the event is set."""
        if not event.is_set():
            self.sleep(seconds)

"""`RunningClock`: the clock of an emulator behind a socket."""

from __future__ import annotations

import time

from zendesk_orm import fork
from zendesk_orm.http.clock import Clock, build_duration


class RunningClock(Clock):
    """The machine's time, which can be advanced. Waits take real time.

    Args:
        start: the time at which it starts, in seconds since the epoch, unless that is in the past.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._ahead = max(0.0, start - time.time())
        self._earliest = 0.0
        self._lock = fork.Lock()

    def now(self) -> float:
        """Return seconds since the epoch."""
        return max(time.time() + self._ahead, self._earliest)

    def monotonic(self) -> float:
        """Return seconds that never go backwards, and that include those of `advance()`."""
        return time.monotonic() + self._ahead

    def finish_second(self) -> None:
        """Advance to the next whole second, at which the clock stays until that time has come."""
        with self._lock:
            self._earliest = int(self.now()) + 1

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let a duration pass, at once: `clock.advance(minutes=5)`.

        Raises:
            InvalidValue: the duration is invalid or negative, or ends after the year 8999.
        """
        with self._lock:
            self._ahead += build_duration(self.now(), days, hours, minutes, seconds)

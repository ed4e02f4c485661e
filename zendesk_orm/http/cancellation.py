"""Stopping an operation between two of its requests.

A thread cannot be interrupted from outside. What runs in one for an asyncio task therefore checks
a flag before each request, and while it waits: see `session/threads.py`, which sets the flag when
the task is cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from zendesk_orm.http.clock import Clock


class OperationCancelled(BaseException):
    """Raised in a thread whose operation was cancelled.

    Not an `Exception`, as `asyncio.CancelledError` is none: no handler of errors may turn it into
    an outcome and go on.
    """


class Cancellation:
    """A flag that stops an operation before its next request."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._parts: set[Cancellation] = set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel()` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Stop the operation, and its parts: waits end at once, and no further request is sent."""
        self._event.set()
        for part in tuple(self._parts):
            part.cancel()

    def add(self, part: Cancellation) -> None:
        """Cancel another operation, too, whenever this one is cancelled."""
        self._parts.add(part)
        if self.is_cancelled:
            part.cancel()

    @contextmanager
    def active(self) -> Generator[None]:
        """Make this the operation of the block, in this thread and in those that it starts."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def wait(self, clock: Clock, seconds: float) -> None:
        """Wait, at most until the operation is cancelled."""
        clock.wait(self._event, seconds)


_current: ContextVar[Cancellation | None] = ContextVar("zendesk_orm operation", default=None)


def current_operation() -> Cancellation | None:
    """Return the operation that this thread works for, or None if it cannot be cancelled."""
    return _current.get()


def check_cancelled() -> None:
    """Do nothing, unless the operation was cancelled.

    Raises:
        OperationCancelled: it was.
    """
    operation = _current.get()
    if operation is not None and operation.is_cancelled:
        raise OperationCancelled


def pause(clock: Clock, seconds: float) -> None:
    """Wait by a clock.

    Raises:
        OperationCancelled: the operation was cancelled before the time was over.
    """
    operation = _current.get()
    if operation is None:
        clock.sleep(seconds)
        return
    operation.wait(clock, seconds)
    check_cancelled()

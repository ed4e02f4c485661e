"""Functions for tests with several threads, which wait for conditions and not for durations."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from zendesk_orm.http.transport import Transport
from zendesk_orm.session import single_flight


class Gate:
    """A gate that delays requests of an account until it is opened.

    Args:
        account: the account.
        holds: returns whether a request is delayed.
    """

    def __init__(self, account: Any, holds: Callable[[Any], bool] = lambda request: True) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        send = account.transport.send

        def send_after_opening(request: Any) -> Any:
            if holds(request):
                self.reached.set()
                assert self.opened.wait(30)
            return send(request)

        account.transport.send = send_after_opening


class Worker(threading.Thread):
    """A thread that calls a function, and stores its result or its error."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.function = function
        self.result: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Call the function."""
        try:
            self.result = self.function()
        except BaseException as error:  # noqa: BLE001 - `get()` raises it
            self.error = error

    def get(self) -> Any:
        """Wait for the end of the thread, and return its result or raise its error."""
        self.join(30)
        assert not self.is_alive(), "the thread hangs"
        if self.error is not None:
            raise self.error
        return self.result

    @property
    def waits(self) -> bool:
        """Whether the thread waits for the response to a request of another thread."""
        return _is_in(self.ident, single_flight._Flight.wait.__code__)


def _is_in(thread: int | None, code: Any) -> bool:
    """Return whether a thread is running a function."""
    frame = sys._current_frames().get(thread or 0)
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False


def wait_for_requests() -> None:
    """Wait until no thread is sending a request, also one that is no longer needed."""
    code = Transport.send.__code__
    wait_until(lambda: not any(_is_in(thread.ident, code) for thread in threading.enumerate()))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true, and fail after 30 seconds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition is not true after 30 seconds"
        time.sleep(0.001)


@contextmanager
def open_when_waiting(gate: Gate, workers: list[Worker], waiting: int | None = None) -> Any:
    """Open a gate after the block, which begins when the other threads wait for the delayed one."""
    assert gate.reached.wait(30)
    number = len(workers) - 1 if waiting is None else waiting
    wait_until(lambda: sum(worker.waits for worker in workers) == number)
    yield
    gate.opened.set()
    join(workers)


def join(workers: list[Worker]) -> list[Worker]:
    """Wait until all threads have ended, and return them."""
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive(), "the thread hangs"
    return workers

"""Run the library's methods in threads, for asyncio tasks."""

from __future__ import annotations

import importlib
import os
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import Context, copy_context
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.http.clock import Cancellation, check_cancelled
from zendesk_orm.process_end import cancel_at_end, start_pool
from zendesk_orm.session.prefetcher import compute
from zendesk_orm.session.session import Session
from zendesk_orm.signals import add_note


T = TypeVar("T")

#: Tasks whose requests are sent at the same time; those of further tasks wait.
MAX_THREADS = 32
#: Threads at most, with those that wait for rate limits, jobs and repetitions.
_MAX_WAITING_THREADS = 256


class _Executor:
    """Threads of the library's own, so that the loop's default executor stays free for others.

    A thread that waits for a rate limit is not one of the `MAX_THREADS`, so that tasks that have
    nothing to wait for are not delayed.
    """

    def __init__(self) -> None:
        self._pool: Any = None
        self._process = 0
        self._lock = fork.Lock()
        self._queue: deque[tuple[Any, Context, Callable[[], Any]]] = deque()
        self._active = 0

    def submit(self, function: Callable[[], T]) -> Any:
        """Call a function in a thread, with the context variables of the caller.

        Returns:
            A `concurrent.futures.Future`.
        """
        # Deferred: only programs that use asyncio need threads.
        futures: Any = importlib.import_module("concurrent.futures")
        future = futures.Future()
        with self._lock:
            # A forked child has none of its parent's threads.
            if self._pool is None or self._process != os.getpid():
                self._pool = start_pool(_MAX_WAITING_THREADS, "zendesk_orm-async")
                self._process, self._active = os.getpid(), 0
                self._queue.clear()
            self._queue.append((future, copy_context(), function))
            self._start()
        return future

    @contextmanager
    def idle(self) -> Generator[None]:
        """Let another thread work during a block that only waits."""
        self._change(-1)
        try:
            yield
        finally:
            self._change(1)

    def _change(self, number: int) -> None:
        with self._lock:
            self._active += number
            self._start()

    def _start(self) -> None:
        """Begin the next calls, as many as there may be threads."""
        while self._queue and self._active < MAX_THREADS:
            self._active += 1
            call = self._queue.popleft()
            try:
                self._pool.submit(self._run, *call)
            except RuntimeError as error:
                # The interpreter ends.
                self._active -= 1
                call[0].set_exception(error)

    def _run(self, future: Any, context: Context, function: Callable[[], Any]) -> None:
        try:
            if future.set_running_or_notify_cancel():
                compute(future, lambda: context.run(function))
        finally:
            self._change(-1)


_executor = _Executor()


async def run_in_thread(
    session: Session, function: Callable[..., T], *args: Any, **kwargs: Any
) -> T:
    """Call a function in a thread, in the session of the task that awaits it.

    If the task is cancelled, waits in the thread end at once, and the function is stopped before
    its next request. A request that is being sent is completed first, so that nothing is sent
    after `CancelledError` is raised. A second cancellation does not wait for it.

    Args:
        session: the task's session.
        function: the function to call.
        args, kwargs: its arguments.

    Returns:
        The function's result.
    """
    operation = Cancellation(_executor.idle)

    def run() -> T:
        with operation.active(), session.lend():
            check_cancelled()
            return function(*args, **kwargs)

    # Deferred: only programs that use asyncio load it.
    asyncio: Any = importlib.import_module("asyncio")
    # A task that was cancelled while it ran stops here, before a thread begins to work for it.
    await asyncio.sleep(0)
    cancel_at_end(operation)
    work = _executor.submit(run)
    future = asyncio.wrap_future(work)
    shield = asyncio.shield(future)
    # `Task.cancel()` cancels the shield at once, and runs this coroutine later. Until then, threads
    # of other cancelled tasks become free, and would begin the work of this one.
    operation.watch(shield.cancelled)
    try:
        result: T = await shield
    except asyncio.CancelledError as error:
        operation.cancel()
        if not work.cancel():
            future.add_done_callback(_retrieve)
            await asyncio.wait([future])
            _copy_notes(work.exception(), error)
        raise
    except GeneratorExit:
        # The coroutine is closed, or was dropped together with its task, and cannot wait.
        operation.cancel()
        work.cancel()
        raise
    return result


def _retrieve(future: Any) -> None:
    """Read the exception of a future, so that asyncio does not log it as unread."""
    if not future.cancelled():
        future.exception()


def _copy_notes(source: BaseException | None, target: BaseException) -> None:
    """Add the notes of one exception to another: the ids of jobs that continue at Zendesk."""
    for text in getattr(source, "__notes__", ()):
        add_note(target, text)

"""Run the library's methods in threads, for asyncio tasks."""

from __future__ import annotations

import contextvars
import importlib
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.http.clock import Cancellation, check_cancelled
from zendesk_orm.session.session import Session
from zendesk_orm.signals import add_note


T = TypeVar("T")

#: Tasks whose requests are sent at the same time; those of further tasks wait.
MAX_THREADS = 32


class _Executor:
    """Threads of the library's own, so that the loop's default executor stays free for others."""

    def __init__(self) -> None:
        self._pool: Any = None
        self._process = 0
        self._lock = fork.Lock()

    def submit(self, function: Callable[[], T]) -> Any:
        """Call a function in a thread, with the context variables of the caller.

        Returns:
            A `concurrent.futures.Future`.
        """
        with self._lock:
            # A forked child has none of its parent's threads.
            if self._pool is None or self._process != os.getpid():
                # Deferred: only programs that use asyncio need threads.
                futures: Any = importlib.import_module("concurrent.futures")
                self._pool = futures.ThreadPoolExecutor(MAX_THREADS, "zendesk_orm-async")
                self._process = os.getpid()
            pool = self._pool
        return pool.submit(contextvars.copy_context().run, function)


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
    operation = Cancellation()

    def run() -> T:
        with operation.active(), session.account.lend_session(session):
            check_cancelled()
            return function(*args, **kwargs)

    # Deferred: only programs that use asyncio load it.
    asyncio: Any = importlib.import_module("asyncio")
    # A task that was cancelled while it ran stops here, before a thread begins to work for it.
    await asyncio.sleep(0)
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
    return result


def _retrieve(future: Any) -> None:
    """Read the exception of a future, so that asyncio does not log it as unread."""
    if not future.cancelled():
        future.exception()


def _copy_notes(source: BaseException | None, target: BaseException) -> None:
    """Add the notes of one exception to another: the ids of jobs that continue at Zendesk."""
    for text in getattr(source, "__notes__", ()):
        add_note(target, text)


def current_thread_or_task() -> object:
    """Return an identifier of the current thread or asyncio task."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is not None:
            return task
    return threading.get_ident()

"""Fetches pages while earlier ones are being used, as far as the rate limit allows."""

from __future__ import annotations

import contextvars
import importlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.clock import CURRENT_OPERATION, Cancellation
from zendesk_orm.http.limits import Quota
from zendesk_orm.process_end import cancel_at_end, start_pool
from zendesk_orm.session.lists.interruptions import is_failed


T = TypeVar("T")
S = TypeVar("S")

_END: Any = object()
_THREADS = "zendesk_orm-prefetch"
#: Requests of the rate limit that are left to other clients, for each page fetched ahead.
_RESERVE = 2


class Prefetcher:
    """Fetches pages in threads, ahead of their use.

    Nothing is fetched ahead of the first page: reading one row must cost one page.

    Args:
        depth: the number of pages that are fetched ahead; 0 for none, and no thread.
        quota: the rate limits, as last reported.
    """

    def __init__(self, depth: int, quota: Quota) -> None:
        self.depth = depth
        self._quota = quota
        self._pool: Any = None
        self._process = 0
        self._lock = fork.Lock()

    def stream(self, stream: Iterator[T], waiting: threading.Event | None = None) -> Iterator[T]:
        """Yield the items of a stream; the next one is fetched while the last one is used.

        Args:
            stream: the items.
            waiting: is set while the caller waits for an item that is being fetched.
        """
        waiting = threading.Event() if waiting is None else waiting
        if not self.depth or is_own_thread():
            yield from stream
            return
        yield from islice(stream, 1)
        future: Any = None
        process = os.getpid()
        operation = Cancellation()
        try:
            while True:
                if future is not None and process != os.getpid():
                    raise ZendeskError(
                        "the process was forked while rows were being read, and the thread that "
                        "fetches them is in the parent process; iterate again in the child process"
                    )
                join_operation(operation)
                if future is None or withdraw_call(future):
                    item = next(stream, _END)
                else:
                    waiting.set()
                    item = future.result()
                    waiting.clear()
                if item is _END:
                    return
                process = os.getpid()
                # After a failure, the caller decides whether the page is requested again.
                may_fetch = not is_failed(item) and self.may_fetch()
                future = self.submit(operation, next, stream, _END) if may_fetch else None
                yield item
        finally:
            # If nobody reads on, for example after Ctrl+C, no thread may wait for a rate limit.
            operation.cancel()

    def map(self, function: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Yield the result of a function for each item in order, several computed at once.

        A result that stands for a failure is yielded, and computed again when the next one is
        wanted.
        """
        iterator = iter(items)
        if not self.depth or is_own_thread():
            for item in iterator:
                while is_failed(result := function(item)):
                    yield result
                yield result
            return
        running: deque[tuple[Any, S, int]] = deque()
        operation = Cancellation()
        try:
            while True:
                join_operation(operation)
                limit = 1 + (self.depth if self.may_fetch() else 0)
                while len(running) < limit and (item := next(iterator, _END)) is not _END:
                    running.append((self.submit(operation, function, item), item, os.getpid()))
                if not running:
                    return
                future, item, process = running.popleft()
                # In a forked child, no thread computes the results of the parent's futures.
                waits = process == os.getpid() and not withdraw_call(future)
                result = future.result() if waits else function(item)
                yield result
                if is_failed(result):
                    again = self.submit(operation, function, item)
                    running.appendleft((again, item, os.getpid()))
        finally:
            operation.cancel()
            for future, _, process in running:
                if process == os.getpid():
                    future.cancel()

    def close(self) -> None:
        """Stop the threads."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None and self._process == os.getpid():
            pool.shutdown(wait=False, cancel_futures=True)

    def may_fetch(self) -> bool:
        """Return whether enough requests remain in the rate limit."""
        window = self._quota.get()
        return window is None or window.remaining > self.depth * _RESERVE

    def submit(self, operation: Cancellation | None, function: Callable[..., T], *args: Any) -> Any:
        """Call a function in a thread, as a part of an operation; return the future."""

        def run() -> T:
            with nullcontext() if operation is None else operation.active():
                return function(*args)

        # Deferred: only programs that send several requests at once need threads.
        futures: Any = importlib.import_module("concurrent.futures")
        with self._lock:
            if self._pool is None or self._process != os.getpid():
                self._pool = start_pool(self.depth + 1, _THREADS)
                self._process = os.getpid()
            pool = self._pool
        try:
            return pool.submit(contextvars.copy_context().run, run)
        except RuntimeError:
            # The interpreter ends, or the system has no more threads.
            return compute(futures.Future(), run)


def withdraw_call(future: Any) -> bool:
    """Withdraw a call that no thread has begun, and return whether the caller has to make it.

    Threads may all be busy, or wait for a rate limit that does not concern the call.
    """
    return future is None or future.cancel()


def compute(future: Any, function: Callable[[], Any]) -> Any:
    """Call a function now, and return a future with its result."""
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - the future raises it
        future.set_exception(error)
    return future


def join_operation(operation: Cancellation) -> None:
    """Cancel an operation together with the current one.

    The pages of one stream may be read in different operations, each of which can be cancelled.
    """
    current = CURRENT_OPERATION.get()
    if current is not None:
        current.add(operation)
    cancel_at_end(operation)


def is_own_thread() -> bool:
    """Return whether this is a prefetching thread, which must not wait for another one."""
    return threading.current_thread().name.startswith(_THREADS)

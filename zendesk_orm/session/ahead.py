"""Pages that are fetched while another one is read, as far as the quota allows."""

from __future__ import annotations

import contextvars
import importlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.cancellation import Cancellation, current_operation
from zendesk_orm.http.quota import Quota


T = TypeVar("T")
S = TypeVar("S")

_NONE: Any = object()
_THREADS = "zendesk_orm-ahead"
#: Requests that are left to others, for each that may be made ahead.
_RESERVE = 2


class Ahead:
    """Fetches ahead of the reader, in threads.

    Nothing is fetched ahead of the first page: who takes one row shall pay for one page.

    Args:
        depth: pages that are fetched ahead at most; 0 for none, and no thread.
        quota: what the last answers said of the rate limits.
    """

    def __init__(self, depth: int, quota: Quota) -> None:
        self.depth = depth
        self._quota = quota
        self._pool: Any = None
        self._process = 0
        self._lock = fork.Lock()

    def stream(self, stream: Iterator[T]) -> Iterator[T]:
        """Yield what a stream gives; the next is fetched while the last one is read."""
        if not self.depth or _within():
            yield from stream
            return
        yield from islice(stream, 1)
        going, process = None, os.getpid()
        operation = Cancellation()
        try:
            while True:
                if going is not None and process != os.getpid():
                    raise ZendeskError(
                        "the process was forked while rows were being read, and the thread that "
                        "fetches them is in the parent process; iterate anew in the child process"
                    )
                _join(operation)
                found = next(stream, _NONE) if going is None else going.result()
                if found is _NONE:
                    return
                process = os.getpid()
                allowed = self._allowed()
                going = self._submit(operation, next, stream, _NONE) if allowed else None
                yield found
        finally:
            # Without a reader, for example after Ctrl+C, no thread may wait for a rate limit.
            operation.cancel()

    def map(self, function: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Yield the function of each item in order, several of them made at once."""
        rest = iter(items)
        if not self.depth or _within():
            yield from map(function, rest)
            return
        running: deque[tuple[Any, S, int]] = deque()
        operation = Cancellation()
        try:
            while True:
                _join(operation)
                most = 1 + (self.depth if self._allowed() else 0)
                while len(running) < most and (item := next(rest, _NONE)) is not _NONE:
                    running.append((self._submit(operation, function, item), item, os.getpid()))
                if not running:
                    return
                future, item, process = running.popleft()
                # In a forked child, no thread works on what the parent process submitted.
                yield future.result() if process == os.getpid() else function(item)
        finally:
            operation.cancel()
            for future, _, process in running:
                if process == os.getpid():
                    future.cancel()

    def close(self) -> None:
        """Let the threads go."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None and self._process == os.getpid():
            pool.shutdown(wait=False, cancel_futures=True)

    def _allowed(self) -> bool:
        window = self._quota.get()
        return window is None or window.remaining > self.depth * _RESERVE

    def _submit(self, operation: Cancellation, function: Callable[..., T], *args: Any) -> Any:
        def run() -> T:
            with operation.active():
                return function(*args)

        with self._lock:
            if self._pool is None or self._process != os.getpid():
                # Seam: threads are loaded by those who read more than one page.
                futures: Any = importlib.import_module("concurrent.futures")
                self._pool = futures.ThreadPoolExecutor(self.depth + 1, _THREADS)
                self._process = os.getpid()
            pool = self._pool
        return pool.submit(contextvars.copy_context().run, run)


def _join(operation: Cancellation) -> None:
    """Make work ahead a part of the operation that reads it now, which may be another each time."""
    current = current_operation()
    if current is not None:
        current.add(operation)


def _within() -> bool:
    """Tell whether this is one of the threads itself, which must not wait for another."""
    return threading.current_thread().name.startswith(_THREADS)

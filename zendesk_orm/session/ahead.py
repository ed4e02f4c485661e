"""Pages that are fetched while another one is read, as far as the quota allows."""

from __future__ import annotations

import contextvars
import importlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from zendesk_orm.http.forks import reset_after_fork
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
        self._lock = threading.Lock()
        reset_after_fork(self)

    def reset_after_fork(self) -> None:
        """Forget the threads, which do not run in a forked child."""
        self._pool = None
        self._lock = threading.Lock()

    def stream(self, stream: Iterator[T]) -> Iterator[T]:
        """Yield what a stream gives; the next is fetched while the last one is read."""
        if not self.depth or _within():
            yield from stream
            return
        yield from islice(stream, 1)
        going = None
        while True:
            found = next(stream, _NONE) if going is None else going.result()
            if found is _NONE:
                return
            going = self._submit(next, stream, _NONE) if self._allowed() else None
            yield found

    def map(self, function: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Yield the function of each item in order, several of them made at once."""
        rest = iter(items)
        if not self.depth or _within():
            yield from map(function, rest)
            return
        running: deque[Any] = deque()
        try:
            while True:
                most = 1 + (self.depth if self._allowed() else 0)
                while len(running) < most and (item := next(rest, _NONE)) is not _NONE:
                    running.append(self._submit(function, item))
                if not running:
                    return
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """Let the threads go."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _allowed(self) -> bool:
        window = self._quota.get()
        return window is None or window.remaining > self.depth * _RESERVE

    def _submit(self, function: Callable[..., T], *args: Any) -> Any:
        with self._lock:
            if self._pool is None:
                # Seam: threads are loaded by those who read more than one page.
                futures: Any = importlib.import_module("concurrent.futures")
                self._pool = futures.ThreadPoolExecutor(self.depth + 1, _THREADS)
            pool = self._pool
        return pool.submit(contextvars.copy_context().run, function, *args)


def _within() -> bool:
    """Tell whether this is one of the threads itself, which must not wait for another."""
    return threading.current_thread().name.startswith(_THREADS)

"""The end of a program, which is not delayed by threads of the library that nobody waits for.

Python joins the threads of pools before it ends. One that waits for a rate limit, or that works for
a task whose event loop has stopped, would keep the process alive until its work is done.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress
from functools import cache
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from zendesk_orm import fork


class Cancellable(Protocol):
    """An operation that can be cancelled."""

    def cancel(self) -> object:
        """Cancel the operation."""


_lock = fork.Lock()
#: The operations of threads in pools, each with the thread that uses its result.
_owners: WeakKeyDictionary[Cancellable, threading.Thread] = WeakKeyDictionary()


def cancel_at_end(operation: Cancellable) -> None:
    """Cancel an operation when the program ends, unless its result is still wanted then.

    The result is wanted by the thread that calls this function, until it ends. A daemon, and the
    main thread, end with the program.
    """
    with _lock:
        _owners[operation] = threading.current_thread()


def start_pool(threads: int, name: str) -> Any:
    """Return a new `ThreadPoolExecutor`, whose threads check whether the program ends.

    Args:
        threads: the number of its threads, at most.
        name: the beginning of their names.
    """
    # Deferred: only programs that send several requests at once need threads.
    executor: Any = importlib.import_module("concurrent.futures").ThreadPoolExecutor
    _register()
    return executor(threads, name)


@cache
def _register() -> None:
    """Cancel operations at the end of the main thread, before Python joins the threads of pools.

    `atexit` is too late for it. Functions are called in reverse order, that of
    `concurrent.futures`, which joins the threads, being registered when it is imported.
    """
    register: Any = getattr(threading, "_register_atexit", None)
    # The program ends already.
    with suppress(RuntimeError):
        if register is not None:
            register(_cancel_operations)


def _cancel_operations() -> None:
    with _lock:
        owners = list(_owners.items())
    main = threading.main_thread()
    for operation, owner in owners:
        if owner is main or owner.daemon or not owner.is_alive():
            operation.cancel()

"""State that a forked child process must not share with its parent.

Servers and task queues load a program, and fork their workers (`gunicorn --preload`, Celery,
`multiprocessing`). A child has copies of the parent's locks, connections and pools, but none of
its threads: a copied lock may be held by a thread that will never release it. Locks of this
package are replaced in the child; those inside of SQLite cannot be, so that a fork waits for them.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from operator import attrgetter
from typing import Protocol
from weakref import WeakValueDictionary


class Renewable(Protocol):
    """An object with state that belongs to one process."""

    def renew(self) -> None:
        """Replace the state that was inherited from the parent process."""
        ...


_objects: WeakValueDictionary[int, Renewable] = WeakValueDictionary()


def renew_in_children(owner: Renewable) -> None:
    """Call `renew()` of an object in each process that is forked while the object exists."""
    _objects[id(owner)] = owner


class Lock:
    """A reentrant lock that is free in a forked child process.

    `with` calls the methods of the inner lock, which are written in C: no signal handler, such as
    that of Ctrl+C, runs between the acquisition of the lock and the block, or before its release.
    A block that a process leaves after it was forked in it releases the lock that it acquired.
    """

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        renew_in_children(self)

    def renew(self) -> None:
        """Replace the lock, which a thread of the parent may hold."""
        self._lock = threading.RLock()

    __enter__ = property(attrgetter("_lock.__enter__"))
    __exit__ = property(attrgetter("_lock.__exit__"))


#: Held while code runs that has locks which a child could not replace; forks wait for its end.
delayed = Lock()


class Closeable(Protocol):
    """An object with a connection that a child process must not inherit."""

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        ...


_connected: WeakValueDictionary[int, Closeable] = WeakValueDictionary()


def close_before_forks(owner: Closeable) -> None:
    """Call `close()` of an object before each fork, while `delayed` is held."""
    _connected[id(owner)] = owner


def _delay() -> None:
    delayed.__enter__()
    for owner in list(_connected.values()):
        owner.close()


def _go_on() -> None:
    # Ctrl+C may have ended the wait for the lock; hooks of forks raise nothing.
    with suppress(RuntimeError):
        delayed.__exit__()


def _renew_all() -> None:
    for owner in list(_objects.values()):
        owner.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_delay, after_in_parent=_go_on, after_in_child=_renew_all)

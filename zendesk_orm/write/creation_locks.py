"""Locks by which threads that save the same new object create one row."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from zendesk_orm import fork
from zendesk_orm.http.clock import RequestLock
from zendesk_orm.schema.record import Record


#: The locks in use, by the `id()` of the object; a lock exists as long as a thread refers to it.
_locks: WeakValueDictionary[int, RequestLock] = WeakValueDictionary()
_guard = fork.Lock()


@contextmanager
def creation_lock(record: Record) -> Generator[None]:
    """Hold the lock of an object while it is saved for the first time."""
    with _guard:
        lock = _locks.get(id(record))
        if lock is None:
            lock = _locks[id(record)] = RequestLock()
    with lock:
        yield

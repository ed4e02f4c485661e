"""Requests by id that several threads need at the same time, sent once."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import RateLimited, RequestBudgetExceeded, ZendeskError
from zendesk_orm.http.clock import CHECK_SECONDS, CURRENT_OPERATION, check_cancelled
from zendesk_orm.session.responses import Page


T = TypeVar("T")

#: Errors that depend on the limits of the caller, which other callers need not share.
_CALLER_ERRORS = (RateLimited, RequestBudgetExceeded)


class _Flight:
    """A request that is being sent.

    Attributes:
        version: the state of the account's writes when it began.
        done: set when the request has ended.
        page: its page, or None.
        error: its error, or None; without a page and an error, it has to be sent again.
        successor: the request that is sent instead by one of the threads that waited.
    """

    __slots__ = ("done", "error", "page", "successor", "version")

    def __init__(self) -> None:
        self.version: Hashable = None
        self.done = threading.Event()
        self.page: Page | None = None
        self.error: ZendeskError | None = None
        self.successor: _Flight | None = None

    def wait(self) -> None:
        """Wait for the end of the request.

        Raises:
            OperationCancelled: the operation of this thread was cancelled.
        """
        if CURRENT_OPERATION.get() is None:
            self.done.wait()
            return
        while not self.done.wait(CHECK_SECONDS):
            check_cancelled()


#: The requests that this thread, and the thread that started it, are sending.
_LEADING: ContextVar[frozenset[_Flight]] = ContextVar("requests led", default=frozenset())
#: Pages that were read in advance for this task, by key.
_READ_PAGES: ContextVar[dict[Hashable, Page] | None] = ContextVar("pages read", default=None)


class SingleFlight:
    """The requests by id that an account is sending as one user.

    A caller shares a request that another thread is sending. It does not share one that began
    before a write of this process ended: the response may not contain the write.

    Args:
        get_version: returns the state of the account's writes, which changes with each write.
    """

    def __init__(self, get_version: Callable[[], Hashable]) -> None:
        self._get_version = get_version
        self._flights: dict[Hashable, _Flight] = {}
        self._lock = threading.Lock()
        fork.renew_in_children(self)

    def renew(self) -> None:
        """Drop the requests of the parent process, whose responses never arrive here."""
        self._flights = {}
        self._lock = threading.Lock()

    def share(self, key: Hashable, read: Callable[[], Page], on_join: Callable[[], None]) -> Page:
        """Return the page of a request, which is not sent if another thread is sending it.

        Errors reach all callers. If the caller that sends the request is cancelled, or fails for
        a reason that concerns only itself, one of the others sends it.

        Args:
            key: identifies the request.
            read: sends the request.
            on_join: called before the page of another caller's request is returned.

        Raises:
            ApiError, TransportError.
        """
        candidate = _Flight()
        # From here on, an interruption (Ctrl+C) between any two steps ends the request for all.
        try:
            flight = self._join(key, candidate)
            while flight is not candidate:
                if flight in _LEADING.get():
                    # A receiver of a signal of this request: waiting would never end.
                    return read()
                flight.wait()
                if flight.error is not None:
                    raise copy_error(flight.error)
                if flight.page is not None:
                    on_join()
                    return flight.page
                flight = self._get_successor(key, flight, candidate)
            return _lead(candidate, read)
        finally:
            candidate.done.set()
            with self._lock:
                if self._flights.get(key) is candidate:
                    del self._flights[key]

    def _join(self, key: Hashable, candidate: _Flight) -> _Flight:
        """Return the request of a key that is being sent, or else the caller's."""
        candidate.version = self._get_version()
        with self._lock:
            flight = self._flights.get(key)
            if flight is None or flight.version != candidate.version or flight.done.is_set():
                flight = self._flights[key] = candidate
            return flight

    def _get_successor(self, key: Hashable, failed: _Flight, candidate: _Flight) -> _Flight:
        """Return the request that replaces a failed one: the caller's, if it is the first."""
        candidate.version = self._get_version()
        with self._lock:
            if failed.successor is None:
                failed.successor = self._flights[key] = candidate
            return failed.successor


def _lead(flight: _Flight, read: Callable[[], Page]) -> Page:
    """Send a request, and keep its page or error for the callers that wait for it."""
    token = _LEADING.set(_LEADING.get() | {flight})
    try:
        page = flight.page = read()
    except ZendeskError as error:
        if not isinstance(error, _CALLER_ERRORS):
            flight.error = copy_error(error)
        raise
    finally:
        _LEADING.reset(token)
    return page


def copy_error(error: ZendeskError) -> ZendeskError:
    """Return a copy of an error: each caller adds its own traceback."""
    copied = copy.copy(error)
    copied.__cause__ = error.__cause__
    copied.__suppress_context__ = error.__suppress_context__
    return copied


def call_with_pages(
    pages: dict[Hashable, Page], function: Callable[..., T], *args: Any, **kwargs: Any
) -> T:
    """Call a function that uses pages which were read in advance, each once, in its threads, too.

    Args:
        pages: the pages, by key.
        function: the function.
        args, kwargs: its arguments.
    """
    token = _READ_PAGES.set(pages)
    try:
        return function(*args, **kwargs)
    finally:
        _READ_PAGES.reset(token)


def pop_page(key: Hashable) -> Page | None:
    """Return the page of a request that was read in advance, once, or None."""
    pages = _READ_PAGES.get()
    return pages.pop(key, None) if pages else None

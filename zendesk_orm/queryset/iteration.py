"""Iterators over the rows of a query, which continue after a failed request."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from operator import length_hint
from typing import Any, TypeVar

from attrs import evolve

from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.clock import OperationCancelled, RequestLock, is_of_earlier_call
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.checkpoints import ProcessedPages, StoredPlace
from zendesk_orm.session.lists.bookmarks import Bookmark
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.session.resuming import digest_for, find_start
from zendesk_orm.session.session import Session
from zendesk_orm.session.threads import run_in_thread


R = TypeVar("R")


class PagedIterator(Iterator[R]):
    """Iterator over rows of which pages are loaded when they are needed."""

    #: The rows that are loaded and were not returned yet.
    _rest: Iterator[R]

    def __next__(self) -> R:
        while True:
            for row in self._rest:
                return row
            if not self.load():
                raise StopIteration

    @abstractmethod
    def load(self) -> bool:
        """Read pages until there is a row, which `next()` returns without a request.

        Returns:
            False at the end.

        Raises:
            ZendeskError: a request failed.
        """


class RowIterator(PagedIterator[R]):
    """Iterator over rows that are not cached: `Ticket.objects.iterator()`.

    If a request fails, the rows that were yielded stay valid, and `next()` continues with the page
    that failed.

    Args:
        begin: a function that returns the pages of a query.
        query: the query.
        get_session: a function that returns the session in which the query is read.
        stored: the store of the checkpoints of an export, or None.
    """

    def __init__(
        self,
        begin: Callable[[Query], Iterator[RecordPage[R]]],
        query: Query,
        get_session: Callable[[], Session],
        stored: StoredPlace | None = None,
    ) -> None:
        self._begin = begin
        self._query = query
        self._get_session = get_session
        self._processed = ProcessedPages(stored)
        self._session: Session | None = None
        self._pages: Iterator[RecordPage[R]] | None = None
        self._page: RecordPage[R] = RecordPage()
        self._rest: Iterator[R] = iter(())
        self._bookmark = Bookmark(query.resumed)
        self._failure: Exception | None = None
        self._is_closed = False
        # The thread of a step that was cancelled twice may still be reading.
        self._lock = RequestLock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._query}>"

    def load(self) -> bool:
        """Read pages until there is a row, which `next()` returns without a request.

        Returns:
            False at the end.

        Raises:
            ZendeskError: a request failed; another call continues with the page that failed.
        """
        while not length_hint(self._rest):
            if not self.load_page():
                return False
        return True

    def load_page(self) -> bool:
        """Read the next page, unless rows of this one are left.

        Returns:
            False at the end.

        Raises:
            ZendeskError: a request failed; another call continues with the page that failed.
        """
        with self._lock:
            if length_hint(self._rest):
                return True
            if self._is_closed:
                return False
            # The rows of the page before were processed, because the next one is requested.
            self._processed.add(self._page)
            if self._failure is not None:
                raise self._failure
            try:
                page = self._read_page()
            except BaseException as error:
                # After an exception, a generator ends as if it were complete. After Ctrl+C, the
                # page that it has returned may be lost.
                self._failure = describe_interruption(error)
                if isinstance(error, ZendeskError):
                    error.resume = self.resume_token
                if is_of_earlier_call(error):
                    raise self._failure from None
                raise
            if page is not None and page.error is not None:
                page.error.resume = self.resume_token
                raise page.error
            return page is not None

    def take_page(self) -> RecordPage[R]:
        """Return the rows that are left of the page."""
        number = length_hint(self._rest)
        is_complete = number == len(self._page)
        page = self._page if is_complete else self._page.replace(self._page[-number:])
        # Last, so that Ctrl+C loses no rows.
        self._rest = iter(())
        return page

    def pages(self) -> Iterator[RecordPage[R]]:
        """Yield the rows as lists, one for each page; that of an export has a `checkpoint`.

        ::

            rows = Ticket.objects.changed_since(yesterday).iterator()
            for page in rows.pages():
                with database.transaction():
                    database.store(page)
                    database.store_place(page.checkpoint.to_text())

        A page is empty if none of its rows match. The first one holds the rows that are left of a
        page that was begun by `next()`.

        Raises:
            ZendeskError: a request failed; another call continues with the page that failed.
        """
        while self.load_page():
            yield self.take_page()

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The place up to which the rows of an export were processed: `changed_since(checkpoint)`.

        It moves to the end of a page when the row after its last one is requested; at first, it is
        the place at which the export begins. It is None if the rows are not those of one export in
        its own order.
        """
        if self._processed.checkpoint is None:
            return find_start(self._start(), self._query)
        return self._processed.checkpoint

    @property
    def resume_token(self) -> str | None:
        """The text with which `resume()` continues after the last row, in any process.

        None if that is impossible: if the rows come from several endpoints or are read in parallel,
        or if more than 10,000 rows have no fixed order.
        """
        session = self._start()
        plain = evolve(self._query, resumed=None)
        yielded = len(self._page) - length_hint(self._rest)
        return self._bookmark.token(plain, digest_for(session, plain), yielded)

    def read_page(self) -> list[R]:
        """Return the rows of the page that were not yielded, or of the next one; [] at the end."""
        for row in self:
            return [row, *self._rest]
        return []

    def close(self) -> None:
        """End the iteration; threads that read ahead stop."""
        pages: Any = self._pages
        self._is_closed, self._rest = True, iter(())
        # A thread that is reading a page drops it; it was cancelled, and is not waited for.
        if hasattr(pages, "close") and not getattr(pages, "gi_running", False):
            pages.close()

    def _start(self) -> Session:
        """Return the session; the first call sets the time to which relative times refer."""
        if self._session is None:
            session = self._get_session()
            self._query = set_moment(self._processed.begin(self._query), session)
            self._session = session
        return self._session

    def _read_page(self) -> RecordPage[R] | None:
        """Go to the next page, and return it; None at the end.

        A page that failed is returned, too, and is not gone to.
        """
        if self._pages is None:
            # `none()` needs neither a request nor an account.
            if not self._query.empty:
                self._start()
            self._pages = iter(()) if self._query.empty else self._begin(self._query)
        page = next(self._pages, None)
        if page is None:
            return None
        # A copy, and one step: after Ctrl+C, the token leads to the rows that were not yielded.
        bookmark = copy.copy(self._bookmark)
        is_present = bookmark.begin_page(self._query, page)
        if self._is_closed:
            return None
        if page.error is None:
            self._bookmark, self._page, self._rest = bookmark, page, iter(page)
        elif is_present:
            self._bookmark, self._page = bookmark, RecordPage()
        return page


def describe_interruption(error: BaseException) -> Exception:
    """Return what an iteration raises after an exception: the same, or an error after Ctrl+C."""
    if isinstance(error, Exception):
        return error
    cause = "a cancellation" if isinstance(error, OperationCancelled) else type(error).__name__
    return ZendeskError(
        f"the iteration was interrupted by {cause} and cannot continue; begin "
        "again, or pass its resume_token to resume() to continue after the last row"
    )


def set_moment(query: Query, session: Session) -> Query:
    """Return a query whose relative times refer to now, or to the time in its resume token."""
    if query.resumed is not None:
        return evolve(query, moment=query.resumed.moment)
    if query.moment is None and query.has_deferred_values:
        return evolve(query, moment=session.transport.clock.now())
    return query


class AsyncPagedIterator(AsyncIterator[R]):
    """Asynchronous iterator over the rows of another iterator, which loads pages in a thread.

    Args:
        rows: the iterator.
        get_session: returns the session of the task.
    """

    def __init__(self, rows: PagedIterator[R], get_session: Callable[[], Session]) -> None:
        self._rows = rows
        self._get_session = get_session

    async def __anext__(self) -> R:
        # The thread takes no row, because nobody would receive it if the task was cancelled.
        while True:
            for row in self._rows._rest:
                return row
            if not await run_in_thread(self._get_session(), self._rows.load):
                raise StopAsyncIteration


class AsyncRowIterator(AsyncPagedIterator[R]):
    """Asynchronous iterator over rows that are not cached: `Ticket.objects.aiterator()`."""

    _rows: RowIterator[R]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._rows._query}>"

    @property
    def resume_token(self) -> str | None:
        """The text with which `resume()` continues after the last row; see `RowIterator`."""
        return self._rows.resume_token

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The place up to which the rows of an export were processed; see `RowIterator`."""
        return self._rows.checkpoint

    def pages(self) -> AsyncIterator[RecordPage[R]]:
        """Yield the rows as lists, one for each page; see `RowIterator`.

        Raises:
            ZendeskError: a request failed; another call continues with the page that failed.
        """
        return _AsyncPages(self._rows, self._get_session)

    async def aclose(self) -> None:
        """End the iteration."""
        self._rows.close()


class _AsyncPages(AsyncIterator[RecordPage[R]]):
    """Asynchronous iterator over pages, which does not end after an exception like a generator.

    Args:
        rows: the iterator over the rows.
        get_session: returns the session of the task.
    """

    def __init__(self, rows: RowIterator[R], get_session: Callable[[], Session]) -> None:
        self._rows = rows
        self._get_session = get_session
        self._is_closed = False

    async def __anext__(self) -> RecordPage[R]:
        if self._is_closed or not await run_in_thread(self._get_session(), self._rows.load_page):
            raise StopAsyncIteration
        return self._rows.take_page()

    async def aclose(self) -> None:
        """End the iteration; another call of `pages()` continues."""
        self._is_closed = True

"""Interruptions: a request fails while rows are read, and reading continues with it later.

A generator that raises has ended. Inside the library, a failed page therefore travels through the
generators as a value: a page without rows, with its error. Only the iterators of the public API
raise the error; when they are asked for the next row, they ask for the same page again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

from zendesk_orm.errors import ApiError, TransportError, ZendeskError
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.schema.row import Row
from zendesk_orm.session.responses import Page


T = TypeVar("T")
R = TypeVar("R")
P = TypeVar("P")

#: The errors after which the same request can succeed.
RESUMABLE = (ApiError, TransportError)


class RecordPage(list[R]):
    """The records of one page, or their values.

    Attributes:
        error: the reason why the page could not be read, or None; see `Page.error`.
        position: the place in the list at which the page begins, or None.
        rows: the rows of the records, in the same order; None if they are unknown.
        checkpoint: the place after the page, if it is one of an export; see `Page.checkpoint`.
    """

    error: ZendeskError | None = None
    position: Any = None
    rows: list[Row] | None = None
    checkpoint: Checkpoint | None = None

    def replace(self, items: Iterable[Any]) -> RecordPage[Any]:
        """Return a page with other values for the same rows."""
        page: RecordPage[Any] = RecordPage(items)
        page.__dict__.update(self.__dict__)
        return page


def make_failed_records(error: ZendeskError, page: Page | None = None) -> RecordPage[Any]:
    """Return the page of records that stands for a failure.

    Args:
        error: the failure.
        page: the page whose records could not be made; None if the failure is elsewhere.
    """
    failed: RecordPage[Any] = RecordPage()
    failed.error = error
    if page is not None:
        failed.rows, failed.position = [], page.position
    return failed


def is_failed(item: Any) -> bool:
    """Return whether an item of a stream stands for a failed page."""
    return isinstance(item, (Page, RecordPage)) and item.error is not None


def make_failed_page(error: ZendeskError) -> Page:
    """Return the page of rows that stands for a failure."""
    return Page([], {}, error=error)


def attempt(
    fail: Callable[[ZendeskError], P], function: Callable[..., T], *args: Any
) -> Generator[P, None, T]:
    """Call a function until it succeeds, and return its result; yield each of its failures.

    Args:
        fail: returns the item of the stream that stands for a failure.
        function: the function.
        args: its arguments.
    """
    while True:
        try:
            return function(*args)
        except RESUMABLE as error:
            failure = fail(error)
        yield failure


def gather(items: Iterable[Any]) -> Generator[RecordPage[Any], None, list[Any]]:
    """Return all items of a stream; yield its failures."""
    gathered = []
    for item in items:
        if is_failed(item):
            yield item
        else:
            gathered.append(item)
    return gathered


def raise_failures(stream: Iterable[T]) -> Iterator[T]:
    """Yield the pages of a stream, and raise its first failure: for callers that never resume.

    Raises:
        ApiError, TransportError.
    """
    for page in stream:
        error: ZendeskError | None = getattr(page, "error", None)
        if error is not None:
            raise error
        yield page

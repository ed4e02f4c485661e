"""Batches of Arrow that an asyncio task reads: `ato_arrow_batches()`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from zendesk_orm.http.clock import RequestLock, is_of_earlier_call
from zendesk_orm.queryset.iteration import describe_interruption
from zendesk_orm.session.session import Session
from zendesk_orm.session.threads import run_in_thread


_END: Any = object()
_NO_BATCH: Any = object()


class AsyncBatches(AsyncIterator[Any]):
    """Asynchronous iterator over the batches of a query.

    Args:
        queryset: the query.
        open_reader: returns the reader of its batches.
    """

    def __init__(self, queryset: Any, open_reader: Callable[[], Any]) -> None:
        self._queryset = queryset
        self._open_reader = open_reader
        self._session: Session | None = None
        self._reader: Any = None
        self._batch: Any = _NO_BATCH
        self._failure: Exception | None = None
        self._is_closed = False
        self._lock = RequestLock()

    async def __anext__(self) -> Any:
        if self._is_closed:
            raise StopAsyncIteration
        session = self._session = self._session or self._queryset._session
        # The batch stays here if the task was cancelled before it received it.
        await run_in_thread(session, self._load)
        batch = self._batch
        if batch is _END:
            raise StopAsyncIteration
        self._batch = _NO_BATCH
        return batch

    def _load(self) -> None:
        """Read the next batch, unless there is one.

        Raises:
            ZendeskError: a request failed, or the iteration was interrupted.
        """
        # The thread of a step that was cancelled twice may still be reading.
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._batch is not _NO_BATCH:
                return
            try:
                if self._reader is None:
                    self._reader = self._open_reader()
                self._batch = next(self._reader, _END)
            except BaseException as error:
                # The reader would end as if it were complete.
                self._failure = describe_interruption(error)
                if is_of_earlier_call(error):
                    raise self._failure from None
                raise

    async def aclose(self) -> None:
        """End the iteration."""
        self._is_closed = True

"""Requests of a bulk operation that are sent at the same time, and objects that are sent once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from attrs import frozen

from zendesk_orm.errors import ConnectionLost, InvalidValue
from zendesk_orm.http.clock import Cancellation
from zendesk_orm.http.request import Response
from zendesk_orm.messages import display
from zendesk_orm.schema.fields import column
from zendesk_orm.session.prefetcher import is_own_thread, join_operation, withdraw_call
from zendesk_orm.write.bulk.requests import BulkRequest, BulkStrategy, Entry
from zendesk_orm.write.bulk.results import Outcome


_NO_KEYS: frozenset[Hashable] = frozenset()


@frozen(eq=False)
class _Sent:
    """A request that a thread sends.

    Attributes:
        request: the request.
        future: its response; None if it is sent when the response is wanted.
        keys: what identifies its objects.
        process: the id of the process that sends it.
    """

    request: BulkRequest
    future: Any
    keys: frozenset[Hashable]
    process: int


class RequestsInFlight:
    """Sends requests in threads, and returns their responses in the order of the requests.

    The number of requests at the same time is `read_ahead` of the account; while few requests
    remain in the rate limit, one is sent after the other.

    Args:
        account: the connection of the account.
    """

    def __init__(self, account: Any) -> None:
        self._transport = account.transport
        self._threads = account.ahead
        # Threads that read ahead must not wait for each other.
        self._number = 1 if is_own_thread() else max(account.ahead.depth, 1)
        self._sent: deque[_Sent] = deque()
        self._operation = Cancellation()

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def is_full(self) -> bool:
        """Whether a response has to be taken before another request is sent."""
        number = self._number
        return len(self._sent) >= (number if number == 1 or self._threads.may_fetch() else 1)

    @property
    def is_ready(self) -> bool:
        """Whether `take()` returns a response that has arrived."""
        return bool(self._sent) and self._sent[0].future is not None and self._sent[0].future.done()

    def shares_objects(self, request: BulkRequest) -> bool:
        """Return whether a request that is being sent changes one of the same rows."""
        if not self._sent:
            return False
        keys = _find_keys(request.entries)
        return any(not keys.isdisjoint(sent.keys) for sent in self._sent)

    def add(self, request: BulkRequest) -> None:
        """Begin to send a request."""
        future, keys = None, _NO_KEYS
        if self._number > 1:
            keys = _find_keys(request.entries)
            join_operation(self._operation)
            future = self._threads.submit(self._operation, self._transport.send, request.request)
        self._sent.append(_Sent(request, future, keys, os.getpid()))

    @contextmanager
    def take(self) -> Generator[tuple[BulkRequest, Callable[[], Response]]]:
        """Yield the request that was sent first, and the function that waits for its response.

        The function raises what sending the request has raised. The request is no longer in flight
        after the block, unless Ctrl+C interrupts the block: then `abandon()` yields it.
        """
        sent = self._sent[0]
        request, receive = sent.request, partial(self._transport.send, sent.request.request)
        if sent.process != os.getpid():
            receive = partial(_raise_lost, request)
        elif not withdraw_call(sent.future):
            receive = sent.future.result
        try:
            yield request, receive
        except Exception:
            self._sent.popleft()
            raise
        self._sent.popleft()

    def abandon(self, *, wait: bool) -> Iterator[tuple[BulkRequest, Callable[[], Response]]]:
        """Send nothing more, and yield the requests that may have been sent, with the functions.

        Args:
            wait: whether responses that have not arrived are waited for; otherwise, their
                functions raise `TimeoutError`.
        """
        self._operation.cancel()
        sent = [one for one in self._sent if not withdraw_call(one.future)]
        self._sent.clear()
        for one in sent:
            if wait and one.process == os.getpid():
                one.future.exception()
            yield one.request, partial(one.future.result, 0)


def _raise_lost(request: BulkRequest) -> Response:
    """Raise for a request that the parent of a forked process sends.

    Raises:
        ConnectionLost: always.
    """
    raise ConnectionLost(
        f"{request.request.method} {request.request.visible_path}: the process was forked while "
        "the request was being sent, and the parent process receives the response"
    )


def _find_keys(entries: list[Entry]) -> frozenset[Hashable]:
    """Return the ids of rows, and the values of their unique fields that are sent."""
    return frozenset(key for entry in entries for key in _iterate_keys(entry))


def _iterate_keys(entry: Entry) -> Iterator[Hashable]:
    meta, pk, payload = entry.record._meta, entry.record.pk, entry.payload
    if pk is not None:
        yield meta.concrete, pk
    for name in meta.unique if isinstance(payload, Mapping) else ():
        value = payload.get(column(meta.get_field(name)).wire)
        if value is not None:
            yield meta.concrete, name, str(value).casefold()


def require_same_values(strategy: BulkStrategy, record: Any, fingerprint: int) -> None:
    """Check that an object has the values with which the operation was given it before.

    Args:
        strategy: the way in which the objects are changed.
        record: the object.
        fingerprint: the hash of the text of what `strategy.prepare()` returned then, because the
            payloads of all objects are not kept until the end of the operation.

    Raises:
        InvalidValue: it has others, as in a loop that reuses one object.
    """
    if strategy.action == "create" and record.pk is not None:
        is_same = not record.changes()
    else:
        prepared = strategy.prepare(record)
        # An outcome is that of an object without changes, or of an invalid one.
        is_same = isinstance(prepared, Outcome) or hash(repr(prepared)) == fingerprint
    if not is_same:
        raise InvalidValue(
            f"{display(record)} was given several times, with different values, of which only "
            "the first are sent: make a new object for each row"
        )

"""Connections with a deadline for the whole response, including status line and headers.

The read timeout of `requests` applies to a single read: a server that sends a byte now and then
would keep a request open for hours. `http.client` takes headers that end too early for all headers
of a response, and the lost body for an empty one.
"""

from __future__ import annotations

import http.client
import io
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from zendesk_orm.http.clock import Clock


#: The clock of deadlines: bytes arrive in real time, even if the account has a virtual clock.
CLOCK = Clock()
#: The time by `CLOCK.monotonic()` at which the current response must be complete, or None.
DEADLINE: ContextVar[float | None] = ContextVar("zendesk_orm deadline", default=None)


class DeadlineAdapter(HTTPAdapter):
    """An adapter of `requests` whose connections keep deadlines."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools, with connections that keep deadlines."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of a proxy; connections through SOCKS proxies keep no deadlines."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline.

    Args:
        raw: the reader of the socket.
        sock: the socket; its timeout is the longest wait of one read.
        moment: the deadline.
    """

    def __init__(self, raw: io.RawIOBase, sock: Any, moment: float) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._timeout = sock.gettimeout()
        self._moment = moment

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read bytes into a buffer, and return their number.

        Raises:
            TimeoutError: the deadline has passed, or no byte arrived in time.
        """
        remaining = self._moment - CLOCK.monotonic()
        if remaining <= 0:
            raise TimeoutError("the deadline of the response has passed")
        timeout = remaining if self._timeout is None else min(self._timeout, remaining)
        self._sock.settimeout(timeout)
        return self._raw.readinto(buffer)

    def fileno(self) -> int:
        """Return the file descriptor of the socket."""
        return self._raw.fileno()

    def close(self) -> None:
        """Close the reader of the socket."""
        super().close()
        self._raw.close()


class _Lines(io.BufferedReader):
    """A reader that knows whether the connection ended instead of a line."""

    has_ended = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, or b"" at the end of the connection."""
        line = super().readline(size)
        self.has_ended = not line
        return line


class _Response(http.client.HTTPResponse):
    """A response that is read until the deadline of its request."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        moment, raw = DEADLINE.get(), self.fp.detach()
        self._lines = _Lines(raw if moment is None else _Reader(raw, sock, moment))
        self.fp = self._lines

    def begin(self) -> None:
        """Read the status line and the headers.

        Raises:
            IncompleteRead: the connection ended before the empty line after the headers.
        """
        super().begin()
        if self._lines.has_ended:
            raise http.client.IncompleteRead(b"")


class _HTTPConnection(HTTPConnection):
    response_class = _Response


class _HTTPSConnection(HTTPSConnection):
    response_class = _Response


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls: Any = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls: Any = _HTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}

"""The log of requests, of which the latest are kept.

The logger `zendesk_orm.emulator.access` gets a line for each request, at the level INFO.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from attrs import field, frozen
from werkzeug.datastructures import MultiDict

from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.endpoint_limits import ENDPOINT_LIMITS, find_buckets
from zendesk_orm.http.limits import find_api
from zendesk_orm.messages import display


ACCESS_LOGGER = "zendesk_orm.emulator.access"
_logger = logging.getLogger(ACCESS_LOGGER)

#: The number of names in `Emulator.requests` beyond which the oldest half is discarded.
MAX_NAMES = 100_000
#: The size of a body, in characters, beyond which the log leaves it out.
_MAX_BODY = 100_000
_NO_PARAMS: MultiDict[str, str] = MultiDict()
#: Parts of the names of values that are not shown.
_CONFIDENTIAL = ("password", "secret", "token")


@frozen
class LoggedRequest:
    """A request that the emulator received, and the status of its response.

    Attributes:
        number: the number of the request, from 1 on.
        time: the time at which it was answered, in seconds since the epoch.
        method: the HTTP method.
        path: the path of the address, without `.json`: `/api/v2/tickets/1`.
        status: the status of the response, or None if the connection broke before it.
        size: the size of the response's body in characters, or in bytes for a file.
        user_id: the id of the authenticated user; 0 if the request was not authenticated.
        fault: the fault by which the request failed, or None.
        milliseconds: the time that the response took, by the clock of the machine.
        remaining: the requests that the rate limit of the account has left, or None if the
            response does not report it.
    """

    number: int
    time: float
    method: str
    path: str
    status: int | None
    size: int
    user_id: int
    fault: Fault | None
    milliseconds: float
    remaining: int | None
    _params: MultiDict[str, str] = field(repr=False)
    _text: str = field(repr=False)

    @property
    def params(self) -> dict[str, list[str]]:
        """The parameters of the query string, concealed as `body`; {} for the sign-in."""
        values: dict[str, list[str]] = conceal(dict(self._params.lists()))
        return values

    @property
    def url(self) -> str:
        """Path and query string, percent-encoded, with the values of `params`."""
        query = urlencode(self.params, doseq=True, safe="[],:")
        return quote(self.path) + (f"?{query}" if query else "")

    @property
    def limits(self) -> tuple[str, ...]:
        """The names of the rate limits that the request counts for, that of the account first.

        The limits of endpoints are those that Zendesk documents, whether the emulator applies
        them or not.
        """
        query = urlencode(list(self._params.items(multi=True)))
        line = f"{self.method} {self.path}?{query}"
        buckets = (bucket.name for bucket in find_buckets(ENDPOINT_LIMITS, line))
        api = find_api(self.path)
        return (api, *buckets) if api is not None else ()

    def describe(self) -> str:
        """Return the line of the access log."""
        parts = [
            format_timestamp(self.time),
            self.method,
            self.url,
            "disconnected" if self.status is None else str(self.status),
            f"{self.milliseconds:.1f}ms",
            f"{self.size}B",
        ]
        parts += [f"user={self.user_id}"] if self.user_id else []
        parts += [] if self.remaining is None else [f"left={self.remaining}"]
        parts += [] if self.fault is None else [f"fault={quote(self.fault.route, safe='/*')}"]
        return " ".join(parts)

    @property
    def body(self) -> Any:
        """The decoded JSON body, with "..." for passwords, secrets and tokens.

        None without a body, and for a body of more than 100,000 characters.
        """
        try:
            return conceal(json.loads(self._text))
        except (RecursionError, ValueError):
            return None

    def to_json(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return {
            "number": self.number,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "params": self.params,
            "body": self.body,
            "status": self.status,
            "size": self.size,
            "user_id": self.user_id or None,
            "fault": None if self.fault is None else self.fault.route,
            "milliseconds": round(self.milliseconds, 3),
            "remaining": self.remaining,
            "limits": list(self.limits),
        }


class RequestLog:
    """The latest requests, oldest first.

    Args:
        size: the number of requests that are kept.

    Attributes:
        total: the number of all requests.

    Raises:
        ConfigurationError: the size is invalid.
    """

    def __init__(self, size: int) -> None:
        if type(size) is not int or size < 0:
            raise ConfigurationError(f"log_size must be a number of requests, not {display(size)}")
        self.total = 0
        self._entries: deque[LoggedRequest] = deque(maxlen=size)

    def add(
        self,
        request: Request,
        response: Response | None,
        *,
        time: float,
        user_id: int,
        fault: Fault | None,
        milliseconds: float,
    ) -> None:
        """Append a request with its response, or with None for a broken connection."""
        self.total += 1
        sign_in = request.is_sign_in
        remaining = response.headers.get("x-rate-limit-remaining") if response else None
        entry = LoggedRequest(
            self.total,
            time,
            request.method,
            request.url_path,
            response.status if response else None,
            len(response.content or response.text) if response else 0,
            user_id,
            fault,
            milliseconds,
            None if remaining is None else int(remaining),
            # Requests of the sign-in contain codes and secrets.
            _NO_PARAMS if sign_in else request.params,
            "" if sign_in or len(request.text) > _MAX_BODY else request.text,
        )
        self._entries.append(entry)
        if _logger.isEnabledFor(logging.INFO):
            _logger.info("%s", entry.describe())

    def clear(self) -> None:
        """Discard the requests."""
        self._entries.clear()

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._entries[position]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} of {self.total} requests>"


def conceal(value: Any) -> Any:
    """Return a decoded value without confidential values."""
    if isinstance(value, list):
        return [conceal(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "..." if any(part in key.lower() for part in _CONFIDENTIAL) else conceal(item)
        for key, item in value.items()
    }

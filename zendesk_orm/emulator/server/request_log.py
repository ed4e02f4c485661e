"""The log of requests, of which the latest are kept."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import field, frozen
from werkzeug.datastructures import MultiDict

from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display


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
    """

    number: int
    time: float
    method: str
    path: str
    status: int | None
    size: int
    user_id: int
    fault: Fault | None
    _params: MultiDict[str, str] = field(repr=False)
    _text: str = field(repr=False)

    @property
    def params(self) -> dict[str, list[str]]:
        """The parameters of the query string, concealed as `body`; {} for the sign-in."""
        values: dict[str, list[str]] = _conceal(dict(self._params.lists()))
        return values

    @property
    def body(self) -> Any:
        """The decoded JSON body, with "..." for passwords, secrets and tokens.

        None without a body, and for a body of more than 100,000 characters.
        """
        try:
            return _conceal(json.loads(self._text))
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
    ) -> None:
        """Append a request with its response, or with None for a broken connection."""
        self.total += 1
        sign_in = request.is_sign_in
        self._entries.append(
            LoggedRequest(
                self.total,
                time,
                request.method,
                request.url_path,
                response.status if response else None,
                len(response.content or response.text) if response else 0,
                user_id,
                fault,
                # Requests of the sign-in contain codes and secrets.
                _NO_PARAMS if sign_in else request.params,
                "" if sign_in or len(request.text) > _MAX_BODY else request.text,
            )
        )

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


def _conceal(value: Any) -> Any:
    """Return a decoded value without confidential values."""
    if isinstance(value, list):
        return [_conceal(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "..." if any(part in key.lower() for part in _CONFIDENTIAL) else _conceal(item)
        for key, item in value.items()
    }

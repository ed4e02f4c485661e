"""Limits: of the time and the size of a response, and Zendesk's rate limits.

Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.http.secret import conceal_arguments
from zendesk_orm.messages import display


#: Bytes of a body after decoding. The largest pages have a thousand rows, and need a tenth of it.
MAX_RESPONSE_BYTES = 128 * 1024 * 1024
#: Seconds from sending a request until its response is complete.
RESPONSE_TIMEOUT = 300.0
#: Python's timers overflow beyond it.
_MAX_SECONDS = threading.TIMEOUT_MAX
#: Headers with the limit of one endpoint:
#: `zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41`.
_PREFIXES = ("zendesk-ratelimit-", "zendesk-rate-limit-")
#: The limits of all requests to the API of a product, which are separate.
SUPPORT, HELP_CENTER, CHAT, MESSAGING = "account", "help_center", "chat", "messaging"
#: The beginnings of the paths of Help Center and Chat.
HELP_CENTER_PATHS = ("/api/v2/help_center/", "/api/v2/guide/", "/api/v2/community/")
CHAT_PATHS = "/api/v2/chat/"
MESSAGING_PATHS = ("/sc/", "/v2/")
#: The limit of the jobs that are queued or running. It is no rate: `write/bulk` waits for jobs.
JOBS = "inflight-jobs"
#: Headers with the limit of the account, the remaining requests, and the seconds until it resets.
_ACCOUNT = (
    ("ratelimit-limit", "rate-limit", "x-rate-limit"),
    ("ratelimit-remaining", "rate-limit-remaining", "x-rate-limit-remaining"),
    ("ratelimit-reset", "rate-limit-reset"),
)
#: Limits with fewer remaining requests are watched: more than threads have in flight at once.
_SCARCE = 64
_API_ROOT = "/api/v2/"
_NUMBER = re.compile("[0-9]+")
_PART = re.compile("(total|remaining|resets)=([0-9]+)")
#: The number that stands for all larger numbers in headers, and its digits.
_MAX_NUMBER, _MAX_DIGITS = 10**9, 10


def parse_number(text: str) -> int | None:
    """Return the number in a header, at most a billion, or None if the text is not a number."""
    if not _NUMBER.fullmatch(text):
        return None
    # Python's `int()` rejects thousands of digits.
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) < _MAX_DIGITS else _MAX_NUMBER


def _check_bytes(limits: Any, attribute: Any, value: Any) -> None:
    if value is not None and (type(value) is not int or value < 1):
        raise ConfigurationError(
            f"max_response_bytes must be a number of bytes above 0, or None, not {display(value)}"
        )


def _check_seconds(limits: Any, attribute: Any, value: Any) -> None:
    if value is not None and not is_duration(value):
        raise ConfigurationError(
            f"response_timeout must be a number of seconds above 0, or None, not {display(value)}"
        )


def _pair(value: Any) -> Any:
    """Return two timeouts; one number stands for both.

    Raises:
        ConfigurationError: the value is something else.
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(map(is_duration, pair)):
        raise ConfigurationError(
            "timeout must be two numbers of seconds above 0, for connecting and for each read, "
            f"not {display(value)}"
        )
    return pair


def is_duration(value: Any) -> bool:
    """Return whether a value is a number of seconds above 0 that can be waited for."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 < value <= _MAX_SECONDS


def require_duration(name: str, value: Any) -> None:
    """Raise if an argument is not a number of seconds above 0.

    Raises:
        InvalidValue: it is something else, not a finite number, or longer than a timer runs.
    """
    if not is_duration(value):
        raise InvalidValue(f"{name} must be a number of seconds above 0, not {display(value)}")


@conceal_arguments
@frozen
class Limits:
    """The limits of one response. Files that are downloaded have only the first.

    Attributes:
        timeout: seconds to wait for a connection, and for each read.
        response_timeout: seconds for the whole response; None for no limit.
        max_response_bytes: bytes of the body after decoding; None for no limit.
    """

    timeout: tuple[float, float] = field(default=(10.0, 60.0), converter=_pair)
    response_timeout: float | None = field(default=RESPONSE_TIMEOUT, validator=_check_seconds)
    max_response_bytes: int | None = field(default=MAX_RESPONSE_BYTES, validator=_check_bytes)


DEFAULT_LIMITS = Limits()


@frozen
class Window:
    """One rate limit, as last reported.

    Attributes:
        total: requests allowed in the window.
        remaining: requests left in the window.
        resets: seconds until the window resets, or None if Zendesk does not report it.
    """

    total: int
    remaining: int
    resets: int | None = None


class Quota:
    """The rate limits of an account: `account.quota["tickets-index"].remaining`.

    `account.quota["account"]` is the limit of Support, `"help_center"` and `"chat"` are the
    limits of these products.

    Args:
        reserve: the requests that are left to other clients.

    Attributes:
        is_watched: whether `update()` always returns the reported limits.
    """

    def __init__(self, reserve: int = 0) -> None:
        self.is_watched = False
        self._reserve = reserve
        self._windows: dict[str, Window] = {}

    def update(
        self, headers: Mapping[str, str], path: str = _API_ROOT
    ) -> Mapping[str, Window] | None:
        """Store the limits that the headers of a response contain (names in lower case).

        Zendesk spells the names of the account's limit in three ways.

        Args:
            headers: the headers.
            path: the path of the request.

        Returns:
            The reported limits by name, if one of them may soon be reached; otherwise None.
        """
        reported: dict[str, Window] = {}
        for name, value in headers.items():
            if name.startswith(_PREFIXES):
                parts = {key: parse_number(digits) for key, digits in _PART.findall(value)}
                limit, left = parts.get("total"), parts.get("remaining")
                if limit is not None and left is not None:
                    window = Window(limit, left, parts.get("resets"))
                    reported[name.partition("limit-")[2]] = window
        numbers = []
        for names in _ACCOUNT:
            text = ""
            for name in names:
                text = text or headers.get(name, "")
            numbers.append(parse_number(text))
        total, remaining, resets = numbers
        if total is not None and remaining is not None:
            api = CHAT if path.startswith(CHAT_PATHS) else SUPPORT
            api = HELP_CENTER if path.startswith(HELP_CENTER_PATHS) else api
            api = MESSAGING if path.startswith(MESSAGING_PATHS) else api
            reported[api] = Window(total, remaining, resets)
        self._windows.update(reported)
        return reported if self.is_watched or self.is_scarce(reported) else None

    def is_scarce(self, reported: Mapping[str, Window]) -> bool:
        """Return whether one of some limits may soon be reached."""
        for name, window in reported.items():
            reserve = self._reserve if name in (SUPPORT, HELP_CENTER, CHAT) else 0
            margin = max(_SCARCE, window.total // 10)
            # A total of 0 is no limit that can be waited for.
            if window.remaining - reserve <= margin and window.total and name != JOBS:
                return True
        return False

    def __getitem__(self, name: str) -> Window:
        return self._windows[name]

    def get(self, name: str = SUPPORT) -> Window | None:
        """Return the named window, that of Support by default, or None before it is known."""
        return self._windows.get(name)

    def __repr__(self) -> str:
        return f"<Quota {self._windows}>"


def find_api(path: str) -> str | None:
    """Return the name of the limit of all requests to an API; None for other addresses."""
    if path.startswith(HELP_CENTER_PATHS):
        return HELP_CENTER
    if path.startswith(CHAT_PATHS):
        return CHAT
    return SUPPORT if path.startswith(_API_ROOT) else None

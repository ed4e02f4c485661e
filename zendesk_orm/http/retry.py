"""Retries: which failed requests are sent again, and after how long.

`Retry-After` is read in both forms.

Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from attrs import Attribute, field, frozen

from zendesk_orm.errors import (
    ConfigurationError,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    MalformedResponse,
    RateLimited,
    ResponseTooLarge,
    ServerError,
    ZendeskError,
)
from zendesk_orm.http.limits import is_duration, parse_number
from zendesk_orm.http.page_size import smaller_page
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display


_UNAVAILABLE = 503
_MAX_ATTEMPTS = 1_000_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_SHORT, _LONG = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
#: The three forms of a date that RFC 9110 requires recipients to accept.
_DATES = (
    re.compile(f"{_SHORT}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(f"{_LONG}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(f"{_SHORT} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)
#: How often a wait is doubled: longer ones exceed every limit.
_MAX_DOUBLINGS = 64
#: Seconds that stand for all longer times.
_LONGEST = 1e9
_BLANKS = " \t"
#: Years in the future from which a year of two digits belongs to the century before.
_AHEAD = 50


def _check_attempts(policy: Any, attribute: Attribute[Any], value: Any) -> None:
    if type(value) is not int or not 1 <= value <= _MAX_ATTEMPTS:
        raise ConfigurationError(
            f"{attribute.name} must be a whole number from 1 to {_MAX_ATTEMPTS:,}, not "
            f"{display(value)}"
        )


def _check_deadline(policy: Any, attribute: Attribute[Any], value: Any) -> None:
    if value is not None and not is_duration(value):
        raise ConfigurationError(
            f"{attribute.name} must be a number of seconds above 0, or None, not {display(value)}"
        )


def _check_wait(policy: Any, attribute: Attribute[Any], value: Any) -> None:
    is_zero = type(value) in (int, float) and value == 0
    if not is_zero and not is_duration(value):
        raise ConfigurationError(
            f"{attribute.name} must be a number of seconds, 0 or more, not {display(value)}"
        )


@frozen
class RetryPolicy:
    """Rules of the retry loop; the HTTP library does not retry.

    A request is sent again if the failure proves that it was not applied (no connection, 429,
    503 with `Retry-After`), or if it has the same effect when it is applied twice.

    >>> account = connect("emulator://", retry=RetryPolicy(attempts=3, deadline=120))

    Attributes:
        attempts: the maximum number of times that a request is sent.
        longest: the longest wait in seconds; an error with a longer `Retry-After` is raised.
        first: seconds before the second attempt; doubled before each further one.
        without_header: seconds to wait after a 429 without `Retry-After`.
        deadline: seconds that a request may take with all its attempts and waits; None for no
            limit. The error of the last attempt is raised when the next one would begin later.
    """

    attempts: int = field(default=5, validator=_check_attempts)
    longest: float = field(default=300.0, validator=_check_wait)
    first: float = field(default=0.5, validator=_check_wait)
    without_header: float = field(default=10.0, validator=_check_wait)
    deadline: float | None = field(default=None, validator=_check_deadline)

    def delay(self, request: Request, error: ZendeskError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up.

        Args:
            request: the request.
            error: the failure.
            attempt: how often it was sent: 1 after the first time.
        """
        if attempt >= self.attempts:
            return None
        asked = getattr(error, "retry_after", None)
        wait = self.first * 2.0 ** min(attempt - 1, _MAX_DOUBLINGS) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        if isinstance(error, RateLimited):
            asked = self.without_header if asked is None else asked
        elif not isinstance(error, ServerError) or error.status != _UNAVAILABLE:
            asked = None
        if asked is not None:
            # A `Retry-After` of 0 must not cause a tight loop.
            wait = float(asked) if asked >= self.first else wait
        elif not isinstance(error, ConnectFailed) and not self._worth_repeating(request, error):
            return None
        remaining = None if request.timing is None else request.timing.remaining()
        if remaining is not None and wait >= remaining:
            return None
        return wait if wait <= self.longest else None

    @staticmethod
    def _worth_repeating(request: Request, error: ZendeskError) -> bool:
        if isinstance(error, Conflict):
            return request.method == "GET"
        if isinstance(error, ResponseTooLarge):
            # The next response would be as large, unless fewer rows are requested.
            return smaller_page(request) is not None
        passing = isinstance(error, (ConnectionLost, ServerError, MalformedResponse))
        return passing and request.repeatable


NEVER = RetryPolicy(attempts=1)


def may_be_applied(error: ZendeskError) -> bool:
    """Return whether Zendesk may have applied the request that failed, at whichever attempt."""
    if error.repeated:
        return True
    if isinstance(error, ServerError):
        # A response with `Retry-After` was sent instead of applying the request.
        return error.status != _UNAVAILABLE or error.retry_after is None
    return isinstance(error, (ConnectionLost, MalformedResponse))


def seconds_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks to wait from now on, or None without it.

    A date is compared with the server's own clock, `Date`, if the response has it. An invalid
    value counts as missing; the result is finite and never negative.

    Args:
        headers: of the response, by lower-case name.
        now: seconds since the epoch, of the own clock.
    """
    text = headers.get("retry-after", "").strip(_BLANKS)
    seconds = parse_number(text)
    if seconds is not None:
        return float(seconds)
    until = http_date(text, now)
    if until is None:
        return None
    since = server_time(headers, now)
    return min(max(until - (now if since is None else since), 0.0), _LONGEST)


def server_time(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds since the epoch by the clock of the server, or None if it is unknown.

    Args:
        headers: of the response, by lower-case name.
        now: seconds since the epoch, of the own clock.
    """
    return http_date(headers.get("date", "").strip(_BLANKS), now)


def http_date(text: str, now: float) -> float | None:
    """Return the seconds since the epoch that an HTTP date stands for, or None if it is invalid."""
    match = next(filter(None, (form.fullmatch(text) for form in _DATES)), None)
    if match is None:
        return None
    parts = match.groupdict()
    year, month = int(parts["year"]), _MONTHS.index(parts["month"]) + 1
    day, hour, minute, second = (int(parts[name]) for name in ("day", "hour", "minute", "second"))
    if len(parts["year"]) < 4:
        year = _century(year, now)
    try:
        # A leap second, which Python does not have, is the first one of the next minute.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone.utc)
    except ValueError:
        return None
    return moment.timestamp() + second - min(second, 59) if second <= 60 else None


def _century(year: int, now: float) -> int:
    """Return the whole year; a date that seems to be 50 years ahead is in the past."""
    this = datetime.fromtimestamp(now, timezone.utc).year
    exact = this - this % 100 + year
    return exact - 100 if exact > this + _AHEAD else exact

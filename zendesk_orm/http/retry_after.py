"""`Retry-After`: how long a server asks to wait, in either form.

Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone


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
_SECONDS = re.compile("[0-9]+")
#: Seconds that stand for all longer times, and the digits of such a number.
_LONGEST, _DIGITS = 1e9, 10
_BLANKS = " \t"
#: Years in the future from which a year of two digits belongs to the century before.
_AHEAD = 50


def seconds_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks to wait from now on, or None without it.

    A date is compared with the server's own clock, `Date`, if the response has it. An invalid
    value counts as missing; the result is finite and never negative.

    Args:
        headers: of the response, by lower-case name.
        now: seconds since the epoch, of the own clock.
    """
    text = headers.get("retry-after", "").strip(_BLANKS)
    if _SECONDS.fullmatch(text):
        digits = text.lstrip("0") or "0"
        return float(digits) if len(digits) < _DIGITS else _LONGEST
    until = http_date(text, now)
    if until is None:
        return None
    since = http_date(headers.get("date", "").strip(_BLANKS), now)
    return min(max(until - (now if since is None else since), 0.0), _LONGEST)


def http_date(text: str, now: float) -> float | None:
    """Return the seconds since the epoch that an HTTP date stands for, or None if it is invalid."""
    found = next(filter(None, (form.fullmatch(text) for form in _DATES)), None)
    if found is None:
        return None
    parts = found.groupdict()
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
    whole = this - this % 100 + year
    return whole - 100 if whole > this + _AHEAD else whole

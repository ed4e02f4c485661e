"""The header `Retry-After` as RFC 9110 defines it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import RateLimited, RetryPolicy
from zendesk_orm.http.request import Request
from zendesk_orm.http.retry import seconds_to_wait


NOW = datetime(2026, 11, 29, 6, 0, 0, tzinfo=timezone.utc)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

near = st.integers(-(10**6), 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds))


def _format_fixed(moment: datetime) -> str:
    """Return a date in the format that RFC 9110 prefers."""
    day, month = DAYS[moment.weekday()][:3], MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


def _format_rfc850(moment: datetime) -> str:
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02}-{month}-{moment.year % 100:02} {moment:%H:%M:%S} GMT"


def _format_asctime(moment: datetime) -> str:
    day, month = DAYS[moment.weekday()][:3], MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day:2} {moment:%H:%M:%S} {moment.year:04}"


def _read_seconds(value: str, **headers: str) -> float | None:
    return seconds_to_wait({"retry-after": value, **headers}, NOW.timestamp())


@given(st.integers(0, 10**8), st.sampled_from(["", " ", "\t"]))
def test_digits_are_seconds(seconds, blank):
    """Digits are seconds, with or without blanks around them."""
    assert _read_seconds(f"{blank}{seconds}{blank}") == seconds


@given(near, st.sampled_from([_format_fixed, _format_rfc850, _format_asctime]))
def test_dates_are_compared_with_the_clock_of_the_client(moment, form):
    """All three formats of a date are read as a wait from now; a past date means no wait."""
    assert _read_seconds(form(moment)) == max((moment - NOW).total_seconds(), 0)


@given(near, near, st.sampled_from([_format_fixed, _format_rfc850, _format_asctime]))
def test_dates_are_compared_with_the_clock_of_the_server(until, there, form):
    """If the response has the header `Date`, the wait is the difference of both dates."""
    seconds = _read_seconds(form(until), date=_format_fixed(there))

    assert seconds == max((until - there).total_seconds(), 0)


@given(
    st.text() | st.from_regex(r"[-+]?[0-9]*[.eE]?[0-9]*") | st.sampled_from(["-inf", "nan", "1e9"])
)
def test_any_header_is_a_finite_wait_or_none(value):
    """Whatever the header contains, the result is None, or finite and not negative."""
    seconds = _read_seconds(value)

    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    if not value.strip(" \t").isdigit():
        assert seconds is None


@pytest.mark.parametrize(
    "value",
    ["Sun, 29 Nov 2026 06:00:40", "Sun, 31 Feb 2027 06:00:40 GMT", "Sun, 29 Nov 2026", "-1"],
)
def test_invalid_values_count_as_missing(value):
    """A value that is neither digits nor a date of one of the three forms is ignored."""
    assert _read_seconds(value) is None


def test_a_number_of_thousands_of_digits_is_a_long_wait():
    """A number with too many digits for Python is longer than any accepted wait."""
    assert _read_seconds("9" * 5000) == 1e9


def test_waits_are_doubled_without_an_overflow():
    """The wait after thousands of attempts is computed without an overflow."""
    error = RateLimited("GET", "/api/v2/tickets", 429, retry_after=3.0)

    assert RetryPolicy(attempts=5000).delay(Request("GET", "/"), error, 4000) == 3.0


@given(st.integers(1, 4))
def test_retry_after_zero_waits_for_the_usual_pause(attempt):
    """A server that sends `Retry-After: 0` is called again after the usual pause."""
    error = RateLimited("GET", "/api/v2/tickets", 429, retry_after=0.0)

    assert RetryPolicy().delay(Request("GET", "/"), error, attempt) >= 0.3

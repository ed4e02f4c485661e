"""Lookups for dates, times and their parts, and relative times."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

import pytest
from dateutil.relativedelta import relativedelta

from tests.naming import format_id
from tests.queryset.stored import NOON, emulator_with_tickets, moment, person, stored_rows
from tests.servers import Server
from zendesk_orm import FieldError, InvalidValue, NoEndpoint, Q, Ticket, UnexpectedValue
from zendesk_orm.emulator.context import format_timestamp


#: Both sides of boundaries: a leap day, quarters, years, and years of ISO weeks.
TIMES = [
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2024-02-28T23:59:59",
        "2024-02-29T00:00:00",
        "2024-02-29T23:59:59",
        "2024-03-01T00:00:00",
        "2024-03-31T23:59:59",
        "2024-04-01T00:00:00",
        "2024-12-29T23:59:59",
        "2024-12-30T00:00:00",
        "2024-12-31T23:59:59",
        "2025-01-01T00:00:00",
        "2025-12-28T23:59:59",
        "2025-12-29T00:00:00",
        "2026-01-01T00:00:00",
        "2026-02-28T12:30:45",
    )
]
LEAP, LAST = date(2024, 2, 29), date(2024, 12, 31)


def _ticket(number):
    at = format_timestamp(TIMES[number - 1].timestamp())
    return {"created_at": at, "updated_at": at, "due_at": at if number % 3 else None}


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with a ticket at each of the times; every third has no due date."""
    with emulator_with_tickets(len(TIMES), of_ticket=_ticket) as emulator:
        yield emulator


def _numbers_where(test):
    """Return the numbers of the tickets whose time passes a test."""
    return {number for number, at in enumerate(TIMES, 1) if test(at)}


def _ids(rows):
    """Return the ids of rows, each of which must occur once."""
    result = [ticket.pk for ticket in rows]
    assert len(result) == len(set(result))
    return set(result)


CONTINUOUS = [
    ({"date": LEAP}, lambda at: at.date() == LEAP, 1),
    ({"date": "2024-02-29"}, lambda at: at.date() == LEAP, 1),
    ({"date__gt": LEAP}, lambda at: at.date() > LEAP, 1),
    ({"date__gte": LEAP}, lambda at: at.date() >= LEAP, 1),
    ({"date__lt": LAST}, lambda at: at.date() < LAST, 1),
    ({"date__lte": LAST}, lambda at: at.date() <= LAST, 1),
    ({"date__range": (LEAP, LAST)}, lambda at: LEAP <= at.date() <= LAST, 1),
    ({"date__in": [LEAP, LAST]}, lambda at: at.date() in (LEAP, LAST), 2),
    ({"date__in": []}, lambda at: False, 0),
    ({"year": 2024}, lambda at: at.year == 2024, 1),
    ({"year__exact": 2025}, lambda at: at.year == 2025, 1),
    ({"year__gt": 2024}, lambda at: at.year > 2024, 1),
    ({"year__gte": 2025}, lambda at: at.year >= 2025, 1),
    ({"year__lt": 2025}, lambda at: at.year < 2025, 1),
    ({"year__lte": 2025}, lambda at: at.year <= 2025, 1),
    ({"year__range": (2025, 2026)}, lambda at: 2025 <= at.year <= 2026, 1),
    ({"year__in": [2024, 2026]}, lambda at: at.year in (2024, 2026), 2),
    ({"iso_year": 2025}, lambda at: at.isocalendar()[0] == 2025, 1),
    ({"iso_year__lte": 2024}, lambda at: at.isocalendar()[0] <= 2024, 1),
    ({"iso_year__gt": 2025}, lambda at: at.isocalendar()[0] > 2025, 1),
    ({"date__gt": LEAP, "year": 2024}, lambda at: at.date() > LEAP and at.year == 2024, 1),
]


def _lookups_of(field, lookups):
    return {f"{field}__{name}": value for name, value in lookups.items()}


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize(("lookups", "test", "requests"), CONTINUOUS, ids=format_id)
def test_parts_of_dates_are_sent_as_bounds(account, count_requests, field, lookups, test, requests):
    """Each continuous range of dates takes one search; `count()` agrees."""
    rows = Ticket.objects.filter(**_lookups_of(field, lookups))
    with count_requests(account, requests):
        assert _ids(rows) == _numbers_where(test)
    with count_requests(account, requests):
        assert rows.all().count() == len(_numbers_where(test))


@pytest.mark.parametrize(
    ("lookups", "test"),
    [
        ({"date": LEAP}, lambda at: at.date() == LEAP),
        ({"year": 2024}, lambda at: at.year == 2024),
        ({"year__gte": 2025}, lambda at: at.year >= 2025),
        ({"iso_year": 2025}, lambda at: at.isocalendar()[0] == 2025),
    ],
    ids=format_id,
)
def test_parts_of_dates_can_be_excluded(account, count_requests, lookups, test):
    """`exclude()` of a range returns the rows before and after it."""
    rows = Ticket.objects.exclude(**_lookups_of("created_at", lookups))
    with count_requests(account, 1 if "year__gte" in lookups else 2):
        assert _ids(rows) == _numbers_where(lambda at: not test(at))


def test_days_are_in_utc(account):
    """A day begins and ends at midnight UTC."""
    assert _ids(Ticket.objects.filter(created_at__date=LEAP)) == {2, 3}


def test_rows_without_a_date_match_no_year(account, count_requests):
    """As in Django, rows without a date match no year, and remain if a year is excluded."""
    due = {number for number in range(1, len(TIMES) + 1) if number % 3}
    in_2024 = due & _numbers_where(lambda at: at.year == 2024)
    with count_requests(account, 1):
        assert _ids(Ticket.objects.filter(due_at__year=2024)) == in_2024
    everything = set(range(1, len(TIMES) + 1))
    rows = Ticket.objects.exclude(due_at__year=2024)
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert _ids(rows.scan()) == everything - in_2024
    with count_requests(account, 1):
        assert _ids(Ticket.objects.filter(due_at__isnull=True)) == everything - due


RECURRING = [
    ({"quarter": 1}, lambda at: at.month <= 3),
    ({"quarter": 4}, lambda at: at.month >= 10),
    ({"month": 2}, lambda at: at.month == 2),
    ({"month__in": [2, 12]}, lambda at: at.month in (2, 12)),
    ({"week": 1}, lambda at: at.isocalendar()[1] == 1),
    ({"week": 52}, lambda at: at.isocalendar()[1] == 52),
    ({"day": 29}, lambda at: at.day == 29),
    ({"week_day": 1}, lambda at: at.strftime("%A") == "Sunday"),
    ({"week_day": 7}, lambda at: at.strftime("%A") == "Saturday"),
    ({"iso_week_day": 7}, lambda at: at.strftime("%A") == "Sunday"),
    ({"iso_week_day": 1}, lambda at: at.strftime("%A") == "Monday"),
    ({"hour": 0}, lambda at: at.hour == 0),
    ({"hour__in": [12, 23]}, lambda at: at.hour in (12, 23)),
    ({"minute": 59}, lambda at: at.minute == 59),
    ({"second": 45}, lambda at: at.second == 45),
    ({"time": time(0, 0)}, lambda at: at.time() == time(0, 0)),
    ({"time": time(12, 30, 45)}, lambda at: at.time() == time(12, 30, 45)),
    ({"month": 12, "day": 29}, lambda at: (at.month, at.day) == (12, 29)),
    ({"month": 12, "year": 2024}, lambda at: (at.month, at.year) == (12, 2024)),
    ({"quarter": 1, "year": 2024}, lambda at: at.month <= 3 and at.year == 2024),
]


@pytest.mark.parametrize(("lookups", "test"), RECURRING, ids=format_id)
def test_recurring_parts_need_scan(account, count_requests, lookups, test):
    """A lookup of months, weeks or hours raises without `scan()`."""
    rows = Ticket.objects.filter(**_lookups_of("created_at", lookups))
    expected = _numbers_where(test)
    assert expected
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert _ids(rows.scan()) == expected
    with count_requests(account, 1):
        assert (
            _ids(Ticket.objects.exclude(**_lookups_of("created_at", lookups)).scan())
            == set(range(1, len(TIMES) + 1)) - expected
        )


@pytest.mark.parametrize(("lookups", "test"), RECURRING, ids=format_id)
def test_recurring_parts_of_rows_by_id_need_no_scan(account, count_requests, lookups, test):
    """Months or hours of rows that are queried by id are compared without `scan()`."""
    rows = Ticket.objects.filter(id__in=range(1, 9), **_lookups_of("created_at", lookups))
    with count_requests(account, 1):
        assert _ids(rows) == _numbers_where(test) & set(range(1, 9))


def test_scan_sends_the_year_of_a_month(account, sent):
    """A query with a year and a month sends the year, and compares the month client-side."""
    rows = Ticket.objects.filter(created_at__year=2024, created_at__month=12).scan()

    assert _ids(rows) == {7, 8, 9}
    (request,) = sent
    assert (
        dict(request.params)["query"]
        == "created>=2024-01-01T00:00:00Z created<2025-01-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("lookups", "test"), [*RECURRING, *(s[:2] for s in CONTINUOUS)], ids=format_id
)
def test_bound_q_objects_evaluate_parts_of_dates(account, lookups, test):
    """A bound Q, as in `when=Q(...)` of receivers, evaluates the same conditions."""
    matches = Q(**_lookups_of("created_at", lookups)).bind(Ticket)

    assert {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)} == _numbers_where(test)


@pytest.mark.parametrize(
    ("lookups", "error", "message"),
    [
        ({"created_at__month": 13}, InvalidValue, "1 to 12"),
        ({"created_at__month": 0}, InvalidValue, "1 to 12"),
        ({"created_at__month": True}, InvalidValue, "1 to 12"),
        ({"created_at__month": "2"}, InvalidValue, "1 to 12"),
        ({"created_at__year": "2024"}, InvalidValue, "must be a number"),
        ({"created_at__week_day": 0}, InvalidValue, "1 to 7"),
        ({"created_at__hour": 24}, InvalidValue, "0 to 23"),
        ({"created_at__date": "yesterday"}, InvalidValue, "ISO 8601"),
        ({"created_at__date": NOON}, InvalidValue, "must be a date"),
        ({"created_at__time": "12:00"}, InvalidValue, "time of day"),
        ({"created_at__month__gt": 3}, FieldError, "exact and in"),
        ({"created_at__date__contains": LEAP}, FieldError, "compared by"),
        ({"created_at__moth": 3}, FieldError, "moth"),
        ({"subject__year": 2024}, FieldError, "year"),
        ({"id__month": 3}, FieldError, "month"),
        ({"created_at": datetime(2024, 1, 1)}, InvalidValue, "created_at"),
    ],
    ids=format_id,
)
def test_invalid_parts_of_dates_raise(lookups, error, message):
    """An invalid part of a date raises when the query is built."""
    with pytest.raises(error, match=message):
        Ticket.objects.filter(**lookups)


@pytest.mark.parametrize(
    "lookups",
    [
        {"created_at__date__range": (LEAP,)},
        {"created_at__year__range": 5},
        {"created_at__month__in": 5},
    ],
    ids=format_id,
)
def test_range_and_in_of_date_parts_raise_without_several_values(lookups):
    """`range` and `in` of a part of a date raise if they do not have several values."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(**lookups)


def test_parts_of_related_dates_take_two_requests(account, count_requests):
    """A lookup of a related date fetches the related rows, and then the tickets."""
    with count_requests(account, 2):
        result = _ids(Ticket.objects.filter(requester__created_at__year=2026))

    assert result == set(range(1, len(TIMES) + 1))


@pytest.fixture
def ten_hours():
    """Return an emulator with 600 tickets, one a minute, connected as the default account."""
    with emulator_with_tickets(600) as emulator:
        emulator.connect()
        yield emulator


@pytest.mark.parametrize(
    "ago",
    ["4hours", "4 hours", "4hour", "240minutes", timedelta(hours=4), relativedelta(hours=4)],
    ids=format_id,
)
def test_relative_times_count_back_from_now(ten_hours, sent, ago):
    """A relative time is subtracted from the present time, and sent as a time."""
    before = format_timestamp((NOON - timedelta(hours=4)).timestamp())

    assert _ids(Ticket.objects.filter(created_after=ago)) == set(range(361, 601))
    assert Ticket.objects.filter(created_at__gt=ago).count() == 240
    assert _ids(Ticket.objects.filter(created_at__gte=ago)) == set(range(360, 601))
    assert _ids(Ticket.objects.filter(created_before=ago)) == set(range(1, 360))
    assert [dict(request.params)["query"] for request in sent[:2]] == [
        f"created>{before}",
        f"type:ticket created>{before}",
    ]


def test_relative_times_are_resolved_when_fetched(ten_hours, count_requests, account_of_clock):
    """A relative time is resolved when rows are fetched; cached rows stay the same."""
    rows = Ticket.objects.filter(created_after="1hour")
    with count_requests(account_of_clock, 1):
        first = _ids(rows)
    ten_hours.clock.sleep(1800)
    with count_requests(account_of_clock, 0):
        assert _ids(rows) == first == set(range(541, 601))
    with count_requests(account_of_clock, 1):
        assert _ids(rows.all()) == set(range(571, 601))


@pytest.fixture
def account_of_clock(ten_hours):
    """Return the account of the emulator with 600 tickets."""
    return ten_hours.connect()


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"created_between": ("4hours", "1hour")}, range(360, 541)),
        ({"created_at__range": (timedelta(hours=2), timedelta(minutes=10))}, range(480, 591)),
        ({"created_after": "4hours", "created_at__gt": timedelta(hours=2)}, range(481, 601)),
        ({"created_after": "4hours", "created_before": "2hours"}, range(361, 480)),
        ({"created_after": relativedelta(months=1)}, range(1, 601)),
        ({"created_after": timedelta(0)}, ()),
        ({"created_after": "1day", "status": "new"}, range(1, 601, 2)),
    ],
    ids=format_id,
)
def test_relative_times_are_bounds(ten_hours, count_requests, account_of_clock, lookups, expected):
    """Relative times can be combined, and the narrower of two bounds applies."""
    with count_requests(account_of_clock, 1):
        assert _ids(Ticket.objects.filter(**lookups)) == set(expected)


def test_relative_times_are_compared_client_side(ten_hours, count_requests, account_of_clock):
    """Relative times are compared with the account's clock, and can be excluded."""
    with count_requests(account_of_clock, 1):
        assert _ids(Ticket.objects.filter(id__in=[1, 599, 600], created_after="1hour")) == {
            599,
            600,
        }
    with count_requests(account_of_clock, 1):
        assert _ids(Ticket.objects.exclude(created_after="1hour")) == set(range(1, 541))


def test_repr_and_explain_show_relative_times(ten_hours):
    """`repr()` shows the relative time, and `explain()` the time that is sent."""
    rows = Ticket.objects.filter(created_after="4hours")

    assert "4hours ago" in repr(rows)
    query, request, *_ = rows.explain().splitlines()
    assert "4hours ago" in query
    assert re.search(r"created>\d{4}-\d\d-\d\dT", request)


@pytest.mark.parametrize(
    "ago",
    [
        timedelta(hours=-1),
        "4 fortnights",
        "hours",
        "-4hours",
        "4.5hours",
        pytest.param(
            relativedelta(hours=-1),
        ),
    ],
    ids=format_id,
)
def test_invalid_relative_times_raise(ago):
    """An invalid relative time raises, and so does one in the future."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(created_after=ago)


def test_relative_times_of_text_fields_are_text():
    """The value of a text field is text, although it looks like a relative time."""
    query = Ticket.objects.filter(subject="4hours").query

    assert str(query) == "Ticket: subject = '4hours'"


def test_the_store_has_the_times_of_the_tests(emulator):
    """The emulator has the tickets and requesters that these tests assume."""
    assert [moment(row) for row in stored_rows(emulator)] == TIMES
    assert {person(number) for number in range(10)} == {
        row["requester_id"] for row in stored_rows(emulator)
    }
    assert {at.tzinfo for at in TIMES} == {timezone.utc}


def test_periods_end_with_the_calendar():
    """A moment in the last year that Python can express is the last one, and has its period."""
    row = {"id": 1, "created_at": "9999-12-31T23:59:59Z", "updated_at": "2026-01-01T00:00:00Z"}
    page = {"results": [row], "tickets": [row], "count": 1, "meta": {"has_more": False}}
    account = Server(lambda asked: page).connect()
    later = timezone(timedelta(hours=13))
    try:
        for kind in ("year", "month", "week", "day", "hour", "second"):
            (start,) = Ticket.objects.datetimes("created_at", kind)

            assert start.year == 9999
        with pytest.raises(UnexpectedValue, match="no counterpart"):
            Ticket.objects.datetimes("created_at", "day", tzinfo=later)
    finally:
        account.close()

"""Lookups of parts of moments, and moments told by how long ago they were."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

import pytest
from dateutil.relativedelta import relativedelta

from tests.face.stored import NOON, filled, moment, person, stored
from tests.naming import named
from zendesk_orm import FieldError, InvalidValue, NoEndpoint, Q, Ticket
from zendesk_orm.emulator.world import stamp


#: Both sides of what begins and ends: a leap day, quarters, years, and years of ISO's weeks.
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


def _written(number):
    at = stamp(TIMES[number - 1].timestamp())
    return {"created_at": at, "updated_at": at, "due_at": at if number % 3 else None}


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with a ticket at each of the times; every third has no due date."""
    with filled(len(TIMES), more=_written) as emulator:
        yield emulator


@pytest.fixture
def account(emulator):
    """Return the default account."""
    return emulator.connect()


def _when(test):
    return {number for number, at in enumerate(TIMES, 1) if test(at)}


def _ids(rows):
    found = [ticket.pk for ticket in rows]
    assert len(found) == len(set(found))
    return set(found)


# -- what begins and ends ----------------------------------------------------

STRETCHES = [
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


def _named(field, lookups):
    return {f"{field}__{name}": value for name, value in lookups.items()}


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize(("lookups", "test", "requests"), STRETCHES, ids=named)
def test_a_stretch_of_time_is_asked_for(account, count_requests, field, lookups, test, requests):
    """By its bounds, in one search, or one for each stretch; count() agrees."""
    rows = Ticket.objects.filter(**_named(field, lookups))
    with count_requests(account, requests):
        assert _when(test) == _ids(rows)
    with count_requests(account, requests):
        assert len(_when(test)) == rows.all().count()


@pytest.mark.parametrize(
    ("lookups", "test"),
    [
        ({"date": LEAP}, lambda at: at.date() == LEAP),
        ({"year": 2024}, lambda at: at.year == 2024),
        ({"year__gte": 2025}, lambda at: at.year >= 2025),
        ({"iso_year": 2025}, lambda at: at.isocalendar()[0] == 2025),
    ],
    ids=named,
)
def test_a_stretch_of_time_is_left_out(account, count_requests, lookups, test):
    """What comes before, and what comes after."""
    rows = Ticket.objects.exclude(**_named("created_at", lookups))
    with count_requests(account, 1 if "year__gte" in lookups else 2):
        assert _when(lambda at: not test(at)) == _ids(rows)


def test_a_day_is_a_day_in_utc(account):
    """Its first second is in, the one before and the next midnight are not."""
    assert {2, 3} == _ids(Ticket.objects.filter(created_at__date=LEAP))


def test_rows_without_a_moment(account, count_requests):
    """They are in no year, and stay when one is left out, as in Django."""
    due = {number for number in range(1, len(TIMES) + 1) if number % 3}
    in_2024 = due & _when(lambda at: at.year == 2024)
    with count_requests(account, 1):
        assert in_2024 == _ids(Ticket.objects.filter(due_at__year=2024))
    everything = set(range(1, len(TIMES) + 1))
    rows = Ticket.objects.exclude(due_at__year=2024)
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert everything - in_2024 == _ids(rows.scan())
    with count_requests(account, 1):
        assert everything - due == _ids(Ticket.objects.filter(due_at__isnull=True))


# -- what recurs -------------------------------------------------------------

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


@pytest.mark.parametrize(("lookups", "test"), RECURRING, ids=named)
def test_what_recurs_is_compared_here(account, count_requests, lookups, test):
    """Row by row: refused where that may be many, read with scan(); nothing else is found."""
    rows = Ticket.objects.filter(**_named("created_at", lookups))
    expected = _when(test)
    assert expected
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert expected == _ids(rows.scan())
    with count_requests(account, 1):
        assert set(range(1, len(TIMES) + 1)) - expected == _ids(
            Ticket.objects.exclude(**_named("created_at", lookups)).scan()
        )


@pytest.mark.parametrize(("lookups", "test"), RECURRING, ids=named)
def test_what_recurs_is_compared_with_rows_by_id(account, count_requests, lookups, test):
    """They are few, so nobody has to allow it."""
    rows = Ticket.objects.filter(id__in=range(1, 9), **_named("created_at", lookups))
    with count_requests(account, 1):
        assert _when(test) & set(range(1, 9)) == _ids(rows)


def test_a_scan_asks_for_the_stretch(account, sent):
    """Of a month of a year, the year is asked for and the month compared."""
    rows = Ticket.objects.filter(created_at__year=2024, created_at__month=12).scan()

    assert {7, 8, 9} == _ids(rows)
    (request,) = sent
    assert (
        "created>=2024-01-01T00:00:00Z created<2025-01-01T00:00:00Z"
        == dict(request.params)["query"]
    )


@pytest.mark.parametrize(("lookups", "test"), [*RECURRING, *(s[:2] for s in STRETCHES)], ids=named)
def test_a_receiver_compares_alike(account, lookups, test):
    """`when=Q(...)` asks the same of an object."""
    matches = Q(**_named("created_at", lookups)).bind(Ticket)

    assert _when(test) == {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)}


# -- what there is not -------------------------------------------------------


@pytest.mark.parametrize(
    ("lookups", "error", "message"),
    [
        ({"created_at__month": 13}, InvalidValue, "1 to 12"),
        ({"created_at__month": 0}, InvalidValue, "1 to 12"),
        ({"created_at__month": True}, InvalidValue, "1 to 12"),
        ({"created_at__month": "2"}, InvalidValue, "1 to 12"),
        ({"created_at__year": "2024"}, InvalidValue, "wants a number"),
        ({"created_at__week_day": 0}, InvalidValue, "1 to 7"),
        ({"created_at__hour": 24}, InvalidValue, "0 to 23"),
        ({"created_at__date": "yesterday"}, InvalidValue, "ISO 8601"),
        ({"created_at__date": NOON}, InvalidValue, "wants a date"),
        ({"created_at__time": "12:00"}, InvalidValue, "time of day"),
        ({"created_at__month__gt": 3}, FieldError, "exact and in"),
        ({"created_at__date__contains": LEAP}, FieldError, "compared by"),
        ({"created_at__moth": 3}, FieldError, "moth"),
        ({"subject__year": 2024}, FieldError, "year"),
        ({"id__month": 3}, FieldError, "month"),
        ({"created_at": datetime(2024, 1, 1)}, InvalidValue, "created_at"),
    ],
    ids=named,
)
def test_parts_that_there_are_not_are_refused(lookups, error, message):
    """When the question is put together."""
    with pytest.raises(error, match=message):
        Ticket.objects.filter(**lookups)


@pytest.mark.parametrize(
    "lookups",
    [
        {"created_at__date__range": (LEAP,)},
        {"created_at__year__range": 5},
        {"created_at__month__in": 5},
    ],
    ids=named,
)
def test_parts_that_want_several_values_say_so(lookups):
    """With the library's error, as `range` and `in` of any other field do."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(**lookups)


def test_a_part_of_what_a_relation_points_to(account, count_requests):
    """Its rows are asked for first: people made in 2026, and of these the tickets."""
    with count_requests(account, 2):
        found = _ids(Ticket.objects.filter(requester__created_at__year=2026))

    assert set(range(1, len(TIMES) + 1)) == found


# -- how long ago ------------------------------------------------------------


@pytest.fixture
def clocked():
    """Return an emulator with 600 tickets, one a minute, connected as the default account."""
    with filled(600) as emulator:
        emulator.connect()
        yield emulator


@pytest.mark.parametrize(
    "ago",
    ["4hours", "4 hours", "4hour", "240minutes", timedelta(hours=4), relativedelta(hours=4)],
    ids=named,
)
def test_a_length_of_time_counts_back_from_now(clocked, sent, ago):
    """As search writes it, or as Python does; what is sent is the moment."""
    before = stamp((NOON - timedelta(hours=4)).timestamp())

    assert set(range(361, 601)) == _ids(Ticket.objects.filter(created_after=ago))
    assert 240 == Ticket.objects.filter(created_at__gt=ago).count()
    assert set(range(360, 601)) == _ids(Ticket.objects.filter(created_at__gte=ago))
    assert set(range(1, 360)) == _ids(Ticket.objects.filter(created_before=ago))
    assert [f"created>{before}", f"type:ticket created>{before}"] == [
        dict(request.params)["query"] for request in sent[:2]
    ]


def test_now_is_when_it_is_read(clocked, count_requests, account_of_clock):
    """The same question an hour later is about other rows; a second pass is not."""
    rows = Ticket.objects.filter(created_after="1hour")
    with count_requests(account_of_clock, 1):
        first = _ids(rows)
    clocked.clock.sleep(1800)
    with count_requests(account_of_clock, 0):
        assert first == _ids(rows) == set(range(541, 601))
    with count_requests(account_of_clock, 1):
        assert set(range(571, 601)) == _ids(rows.all())


@pytest.fixture
def account_of_clock(clocked):
    """Return the account of the emulator with 600 tickets."""
    return clocked.connect()


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
    ids=named,
)
def test_lengths_of_time_are_bounds(clocked, count_requests, account_of_clock, lookups, expected):
    """Like moments: the tighter one counts, and both ends may be told so."""
    with count_requests(account_of_clock, 1):
        assert set(expected) == _ids(Ticket.objects.filter(**lookups))


def test_lengths_of_time_are_compared_here(clocked, count_requests, account_of_clock):
    """With the time of the account, where rows are read by id; and they can be left out."""
    with count_requests(account_of_clock, 1):
        assert {599, 600} == _ids(
            Ticket.objects.filter(id__in=[1, 599, 600], created_after="1hour")
        )
    with count_requests(account_of_clock, 1):
        assert set(range(1, 541)) == _ids(Ticket.objects.exclude(created_after="1hour"))


def test_a_question_about_the_past_tells_what_it_asks(clocked):
    """repr() shows the length, and explain() the moment that is sent."""
    rows = Ticket.objects.filter(created_after="4hours")

    assert "4hours ago" in repr(rows)
    question, request, *_ = rows.explain().splitlines()
    assert "4hours ago" in question
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
    ids=named,
)
def test_what_is_no_length_of_time_is_refused(ago):
    """Neither is one that reaches into the future."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(created_after=ago)


def test_only_moments_are_long_ago():
    """Of text, it is a text."""
    query = Ticket.objects.filter(subject="4hours").query

    assert "Ticket: subject = '4hours'" == str(query)


def test_rows_are_what_they_were_made(emulator):
    """The store holds the times that the tests are about."""
    assert TIMES == [moment(row) for row in stored(emulator)]
    assert {person(number) for number in range(10)} == {
        row["requester_id"] for row in stored(emulator)
    }
    assert {timezone.utc} == {at.tzinfo for at in TIMES}

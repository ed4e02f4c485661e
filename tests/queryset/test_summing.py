"""Aggregates and dates, compared with those of the stored rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.queryset.stored import emulator_with_tickets, moment, stored_rows, stored_rows_by_id
from zendesk_orm import (
    Avg,
    Count,
    FieldError,
    Group,
    InvalidValue,
    Max,
    Min,
    NoEndpoint,
    Sum,
    Ticket,
    User,
    ZendeskError,
)


NEW = Ticket.objects.filter(status="new")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = timezone(timedelta(hours=9))
KATHMANDU = timezone(timedelta(hours=5, minutes=45))


@pytest.fixture(scope="module")
def rows(seeded):
    """Return the stored rows of all tickets."""
    return list(stored_rows_by_id(seeded).values())


@pytest.fixture(scope="module")
def new(rows):
    """Return the stored rows of new tickets."""
    return [row for row in rows if row["status"] == "new"]


def _sort_choices(name, values):
    """Return values in the order of the field's choices, without None."""
    choices = getattr(Ticket, name).kind.choices
    return sorted((value for value in values if value is not None), key=choices.index)


def test_count_fetches_the_number_only(demo, rows, new, sent):
    """`Count` fetches the number of rows, or of rows with a value, but no row."""
    result = [
        Ticket.objects.aggregate(Count("id")),
        Ticket.objects.aggregate(Count("*")),
        NEW.aggregate(number=Count("pk")),
        Ticket.objects.aggregate(Count("assignee")),
        NEW.aggregate(Count("priority")),
    ]

    assert result == [
        {"id__count": 3000},
        {"*__count": 3000},
        {"number": len(new)},
        {"assignee__count": sum(row["assignee_id"] is not None for row in rows)},
        {"priority__count": sum(row["priority"] is not None for row in new)},
    ]
    assert [request.path for request in sent] == ["/api/v2/search/count"] * 5


def test_min_and_max_fetch_one_row(demo, rows, new, sent):
    """`Min` and `Max` fetch one row if an endpoint orders by the field."""
    result = Ticket.objects.aggregate(Min("created_at"), Max("created_at"))
    result |= NEW.aggregate(oldest=Min("updated_at"))

    assert result == {
        "created_at__min": min(moment(row) for row in rows),
        "created_at__max": max(moment(row) for row in rows),
        "oldest": min(moment(row, "updated_at") for row in new),
    }
    assert [request.params[-1] for request in sent] == [("per_page", "1")] * 3


def test_min_and_max_of_choices_try_each_choice(demo, new, rows, sent):
    """`Min` and `Max` of choices search for one row of each choice, in their order."""
    ordered = _sort_choices("priority", (row["priority"] for row in new))
    top = _sort_choices("priority", (row["priority"] for row in rows))[-1]

    assert NEW.aggregate(top=Max("priority"), least=Min("priority")) == {
        "top": ordered[-1],
        "least": ordered[0],
    }
    assert Ticket.objects.aggregate(Max("priority")) == {"priority__max": top}
    assert NEW.filter(tags="nowhere").aggregate(Max("priority")) == {"priority__max": None}
    assert all(("per_page", "1") in request.params for request in sent)


def test_aggregates_of_fresh_rows_omit_archived_ones(demo, seeded, count_requests):
    """Aggregates of `fresh()` omit archived tickets, as the list does."""
    fresh = stored_rows(seeded, archived=False)
    with count_requests(demo, 4):
        result = Ticket.objects.fresh().aggregate(
            Count("id"), Max("id"), Min("id"), Max("updated_at")
        )

    assert result == {
        "id__count": len(fresh),
        "id__max": max(row["id"] for row in fresh),
        "id__min": min(row["id"] for row in fresh),
        "updated_at__max": max(moment(row, "updated_at") for row in fresh),
    }


def test_aggregates_without_rows_are_zero_or_none(demo, count_requests):
    """Without rows, a count is 0 and other aggregates are None."""
    with count_requests(demo, 0):
        result = Ticket.objects.none().aggregate(Count("id"), Max("created_at"), Sum("id"))
    assert result == {"id__count": 0, "created_at__max": None, "id__sum": None}
    nobody = Ticket.objects.filter(external_id="case-1")
    with count_requests(demo, 2):
        result = nobody.aggregate(Count("id"), Max("created_at"))
    assert result == {"id__count": 0, "created_at__max": None}


def test_aggregate_without_arguments_makes_no_request(demo, count_requests):
    """As in Django, `aggregate()` without arguments returns an empty dictionary."""
    with count_requests(demo, 0):
        assert NEW.aggregate() == {}


ALL_ROWS = {
    "Avg": Avg("generated_timestamp"),
    "Sum": Sum("generated_timestamp"),
    "Count distinct": Count("status", distinct=True),
    "Max without an order": Max("id"),
    "Min of another": Min("due_at"),
}


@pytest.mark.parametrize("aggregate", ALL_ROWS.values(), ids=ALL_ROWS)
def test_aggregates_that_read_all_rows_raise(demo, count_requests, aggregate):
    """An aggregate that needs all rows raises an error that suggests `scan()`."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        Ticket.objects.aggregate(aggregate)


def test_counts_of_unsearchable_values_need_scan(demo, count_requests):
    """Counting the values of a field that search cannot test raises without `scan()`."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        Ticket.objects.aggregate(Count("external_id"))
    with count_requests(demo, 3):
        assert Ticket.objects.scan().aggregate(Count("external_id")) == {"external_id__count": 300}


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (Avg("generated_timestamp"), lambda rows: sum(rows) / len(rows)),
        (Sum("generated_timestamp"), sum),
        (Max("generated_timestamp"), max),
        (Min("generated_timestamp"), min),
        (Count("generated_timestamp", distinct=True), lambda rows: len(set(rows))),
    ],
)
def test_scan_allows_aggregates_of_all_rows(demo, new, count_requests, aggregate, expected):
    """With `scan()`, an aggregate is computed from all rows."""
    values = [row["generated_timestamp"] for row in new]
    with count_requests(demo, 1):
        result = NEW.scan().aggregate(it=aggregate)

    assert result == {"it": expected(values)}


def test_aggregates_ignore_null(demo, rows, count_requests):
    """As in SQL, aggregates ignore null, and are None if all values are null."""
    with count_requests(demo, 3):
        result = Ticket.objects.scan().aggregate(Count("priority", distinct=True))
    assert result == {"priority__count": len({row["priority"] for row in rows} - {None})}
    with count_requests(demo, 1):
        assert NEW.scan().aggregate(Max("due_at")) == {"due_at__max": None}


def test_short_lists_are_aggregated_without_scan(demo, seeded, count_requests):
    """Aggregates of a list with one page do not need `scan()`."""
    names = [row["name"] for row in stored_rows(seeded, Group)]
    with count_requests(demo, 1):
        assert Group.objects.aggregate(Max("name")) == {"name__max": max(names)}
    with count_requests(demo, 1):
        assert Group.objects.aggregate(n=Count("name", distinct=True)) == {"n": 8}


def test_rows_are_read_once_for_all_aggregates(demo, new, count_requests):
    """Several aggregates read the rows once."""
    values = [row["generated_timestamp"] for row in new]
    with count_requests(demo, 1):
        result = NEW.scan().aggregate(a=Avg("generated_timestamp"), s=Sum("generated_timestamp"))

    assert result == {"a": sum(values) / len(values), "s": sum(values)}


def test_invalid_aggregates_raise_before_sending(demo, count_requests):
    """If one aggregate is not supported, none is fetched."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        Ticket.objects.aggregate(Count("id"), Avg("generated_timestamp"))


def test_slices_are_aggregated_by_their_rows(demo, new, count_requests):
    """Aggregates of a slice are computed from its rows, without `scan()`."""
    newest = sorted(moment(row) for row in new)[-5:]
    with count_requests(demo, 1):
        assert NEW[:5].aggregate(Min("created_at")) == {"created_at__min": newest[0]}


def test_cached_rows_are_aggregated_without_a_request(demo, new, count_requests):
    """The count of an evaluated QuerySet makes no request."""
    tickets = Ticket.objects.filter(status="new")
    list(tickets)
    with count_requests(demo, 0):
        result = tickets.aggregate(Count("id"))

    assert result == {"id__count": len(new)}


def test_averages_of_cached_rows_need_no_scan(demo, new, count_requests):
    """Other aggregates of an evaluated QuerySet need neither a request nor `scan()`."""
    values = [row["generated_timestamp"] for row in new]
    tickets = Ticket.objects.filter(status="new")
    list(tickets)
    with count_requests(demo, 0):
        result = tickets.aggregate(it=Avg("generated_timestamp"))

    assert result == {"it": sum(values) / len(values)}


@pytest.mark.parametrize("wrong", ["id", 5], ids=str)
def test_other_arguments_of_aggregate_raise(demo, wrong):
    """An argument that is not an aggregate raises an error that lists the aggregates."""
    with pytest.raises(InvalidValue, match="Count, Min, Max, Sum or Avg"):
        NEW.aggregate(wrong)


def test_other_keyword_arguments_of_aggregate_raise(demo, count_requests):
    """A keyword argument that is not an aggregate raises an error that lists them."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="Count, Min, Max, Sum or Avg"):
        NEW.aggregate(it="id")


def test_aggregates_of_unknown_fields_raise(demo, count_requests):
    """An aggregate of an unknown field raises an error that suggests a field."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="created_at"):
        NEW.aggregate(Max("created_att"))


@pytest.mark.parametrize(
    "aggregate",
    [Sum("subject"), Avg("created_at"), Sum("tags"), Avg("status")],
    ids=["text", "moments", "lists", "choices"],
)
def test_sums_of_other_types_raise(demo, count_requests, aggregate):
    """`Sum` and `Avg` of texts, datetimes, lists or choices raise before anything is sent."""
    with count_requests(demo, 0), pytest.raises(ZendeskError):
        NEW.scan().aggregate(aggregate)


def test_distinct_counts_compare_lists(demo, new):
    """A distinct count of lists compares their items."""
    expected = len({tuple(row["tags"]) for row in new})

    assert NEW.scan().aggregate(Count("tags", distinct=True)) == {"tags__count": expected}


def _start_of_period(at, kind):
    """Return the start of the period that contains a datetime."""
    if kind == "week":
        at, kind = at - timedelta(days=at.weekday()), "day"
    parts = ["year", "month", "day", "hour", "minute", "second"]
    prefix = parts[: parts.index(kind) + 1]
    values = {name: getattr(at, name) for name in prefix}
    return datetime(**{"month": 1, "day": 1} | values, tzinfo=at.tzinfo)


def _periods_with_rows(rows, kind, zone=timezone.utc, key="created_at"):
    """Return the starts of the periods that contain a row, in their order."""
    return sorted({_start_of_period(moment(row, key).astimezone(zone), kind) for row in rows})


@pytest.mark.parametrize("kind", ["year", "month", "week", "day"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_dates_returns_days_with_rows(demo, new, count_requests, kind, order):
    """`dates()` returns each period with rows, by a request for each and one for the end."""
    expected = [at.date() for at in _periods_with_rows(new, kind)]
    with count_requests(demo, len(expected) + 1):
        result = NEW.dates("created_at", kind, order)

    assert result == (expected if order == "ASC" else expected[::-1])
    assert {type(item) for item in result} == {date}


@pytest.mark.parametrize("kind", ["year", "month", "week", "day", "hour", "minute", "second"])
def test_datetimes_returns_periods_with_rows(demo, new, count_requests, kind):
    """`datetimes()` returns each period with rows, down to seconds."""
    expected = _periods_with_rows(new, kind)
    with count_requests(demo, len(expected) + 1):
        result = NEW.datetimes("created_at", kind)

    assert result == expected


@pytest.mark.parametrize("zone", [TOKYO, KATHMANDU], ids=["Tokyo", "Kathmandu"])
@pytest.mark.parametrize("kind", ["month", "week", "day", "hour"])
def test_datetimes_uses_the_time_zone(demo, new, count_requests, zone, kind):
    """`datetimes()` returns the starts of periods in the time zone that is passed."""
    expected = _periods_with_rows(new, kind, zone)
    with count_requests(demo, len(expected) + 1):
        result = NEW.datetimes("created_at", kind, "DESC", tzinfo=zone)

    assert result == expected[::-1]
    assert {item.tzinfo for item in result} == {zone}
    assert expected != _periods_with_rows(new, kind) or (zone, kind) == (TOKYO, "hour")


def test_dates_of_more_rows_than_a_search_returns(demo, rows, count_requests):
    """`dates()` finds all months of more rows than a search returns."""
    expected = [at.date() for at in _periods_with_rows(rows, "month", key="updated_at")]
    with count_requests(demo, len(expected) + 1):
        assert Ticket.objects.dates("updated_at", "month") == expected


@pytest.mark.parametrize(
    ("zone", "end", "kind"),
    [
        (BERLIN, "2026-03-29T01:30:00+00:00", "day"),
        (BERLIN, "2026-03-29T01:30:00+00:00", "hour"),
        (BERLIN, "2026-10-25T01:30:00+00:00", "day"),
        (BERLIN, "2026-10-25T01:30:00+00:00", "hour"),
        (NEW_YORK, "2026-11-01T06:30:00+00:00", "minute"),
        (NEW_YORK, "2026-03-08T07:30:00+00:00", "minute"),
    ],
)
def test_datetimes_at_a_clock_change(zone, end, kind):
    """`datetimes()` returns each period once, also when clocks are changed."""
    with emulator_with_tickets(90, now=datetime.fromisoformat(end)) as emulator:
        emulator.connect()
        times = [moment(row).astimezone(zone) for row in stored_rows(emulator)]
        starts = [_start_of_period(time, kind).replace(fold=time.fold) for time in times]

        result = Ticket.objects.datetimes("created_at", kind, tzinfo=zone)

    # They are compared in UTC, because a local time can occur twice.
    assert {item.astimezone(timezone.utc) for item in result} == {
        start.astimezone(timezone.utc) for start in starts
    }


def test_dates_without_rows_are_empty(demo, count_requests):
    """`dates()` without rows is empty; `none()` makes no request."""
    with count_requests(demo, 0):
        assert Ticket.objects.none().dates("created_at", "day") == []
    with count_requests(demo, 1):
        assert Ticket.objects.filter(external_id="case-1").dates("created_at", "day") == []
    with count_requests(demo, 1):
        assert NEW.dates("due_at", "day") == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NEW.dates("created_at", "hour"), "year, month, week, day"),
        (lambda: NEW.datetimes("created_at", "quarter"), "second"),
        (lambda: NEW.dates("subject", "day"), "not a datetime field"),
        (lambda: NEW.dates("created_att", "day"), "created_at"),
        (lambda: NEW.dates("created_at", "day", "UP"), "ASC"),
        (lambda: NEW[:5].dates("created_at", "day"), "slice"),
    ],
)
def test_invalid_arguments_of_dates_raise(demo, count_requests, call, message):
    """An invalid argument of `dates()` or `datetimes()` raises before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        call()


def test_dates_raise_without_a_supported_order(demo, seeded, count_requests):
    """`dates()` raises if no endpoint orders the rows by the field."""
    for field in ("created_at", "last_login_at"):
        with count_requests(demo, 0), pytest.raises(NoEndpoint, match=f"order by {field}"):
            User.objects.dates(field, "month")
    admins = [row for row in stored_rows(seeded, User) if row["role"] == "admin"]
    expected = [at.date() for at in _periods_with_rows(admins, "month")]
    with count_requests(demo, len(expected) + 1):
        assert User.objects.filter(role="admin").dates("created_at", "month") == expected


def test_dates_of_a_short_list_take_one_request(demo, seeded, count_requests):
    """`dates()` of a list with one page takes one request."""
    expected = [at.date() for at in _periods_with_rows(stored_rows(seeded, Group), "month")]
    with count_requests(demo, 1):
        assert Group.objects.dates("created_at", "month") == expected


def test_short_lists_are_read_once_for_all_aggregates(demo, count_requests):
    """Several aggregates of a list with one page take one request."""
    with count_requests(demo, 1):
        Group.objects.aggregate(Max("name"), Min("name"), Min("created_at"))

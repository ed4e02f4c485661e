"""Numbers and dates of all rows: against what a plain loop over the stored rows would find."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.face.stored import filled, moment, stored, stored_by_id
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
    """Return the rows of all tickets, as they lie in the store."""
    return list(stored_by_id(seeded).values())


@pytest.fixture(scope="module")
def new(rows):
    """Return the rows of the new tickets."""
    return [row for row in rows if row["status"] == "new"]


def _rank(name, values):
    choices = getattr(Ticket, name).kind.choices
    return sorted((value for value in values if value is not None), key=choices.index)


# -- what is asked for without reading rows -----------------------------------


def test_a_count_asks_for_the_number(demo, rows, new, sent):
    """Of all rows, of those that match, and of those that have a value."""
    found = [
        Ticket.objects.aggregate(Count("id")),
        Ticket.objects.aggregate(Count("*")),
        NEW.aggregate(number=Count("pk")),
        Ticket.objects.aggregate(Count("assignee")),
        NEW.aggregate(Count("priority")),
    ]

    assert found == [
        {"id__count": 3000},
        {"*__count": 3000},
        {"number": len(new)},
        {"assignee__count": sum(row["assignee_id"] is not None for row in rows)},
        {"priority__count": sum(row["priority"] is not None for row in new)},
    ]
    assert ["/api/v2/search/count"] * 5 == [request.path for request in sent]


def test_the_least_and_the_greatest_ask_for_one_row(demo, rows, new, sent):
    """The least and the greatest value cost one row each if an endpoint sorts by the field."""
    found = Ticket.objects.aggregate(Min("created_at"), Max("created_at"))
    found |= NEW.aggregate(oldest=Min("updated_at"))

    assert found == {
        "created_at__min": min(moment(row) for row in rows),
        "created_at__max": max(moment(row) for row in rows),
        "oldest": min(moment(row, "updated_at") for row in new),
    }
    assert [("per_page", "1")] * 3 == [request.params[-1] for request in sent]


def test_the_least_and_the_greatest_choice_are_asked_for(demo, new, rows, sent):
    """Choices are asked for one after the other, in the order of their ranks."""
    ranks = _rank("priority", (row["priority"] for row in new))
    top = _rank("priority", (row["priority"] for row in rows))[-1]

    assert NEW.aggregate(top=Max("priority"), least=Min("priority")) == {
        "top": ranks[-1],
        "least": ranks[0],
    }
    assert {"priority__max": top} == Ticket.objects.aggregate(Max("priority"))
    assert {"priority__max": None} == NEW.filter(tags="nowhere").aggregate(Max("priority"))
    assert all(("per_page", "1") in request.params for request in sent)


def test_fresh_rows_are_summed_up_without_archived_ones(demo, seeded, count_requests):
    """The list answers, which leaves them out."""
    fresh = stored(seeded, archived=False)
    with count_requests(demo, 4):
        found = Ticket.objects.fresh().aggregate(
            Count("id"), Max("id"), Min("id"), Max("updated_at")
        )

    assert found == {
        "id__count": len(fresh),
        "id__max": max(row["id"] for row in fresh),
        "id__min": min(row["id"] for row in fresh),
        "updated_at__max": max(moment(row, "updated_at") for row in fresh),
    }


def test_no_rows_have_no_sum(demo, count_requests):
    """A count of nothing is 0, everything else None; it costs nothing where that is known."""
    with count_requests(demo, 0):
        found = Ticket.objects.none().aggregate(Count("id"), Max("created_at"), Sum("id"))
    assert {"id__count": 0, "created_at__max": None, "id__sum": None} == found
    nobody = Ticket.objects.filter(external_id="case-1")
    with count_requests(demo, 2):
        found = nobody.aggregate(Count("id"), Max("created_at"))
    assert {"id__count": 0, "created_at__max": None} == found


def test_no_aggregate_is_no_request(demo, count_requests):
    """As in Django, the result is empty."""
    with count_requests(demo, 0):
        assert {} == NEW.aggregate()


# -- what takes all rows -----------------------------------------------------

ALL_ROWS = {
    "Avg": Avg("generated_timestamp"),
    "Sum": Sum("generated_timestamp"),
    "Count distinct": Count("status", distinct=True),
    "Max without an order": Max("id"),
    "Min of another": Min("due_at"),
}


@pytest.mark.parametrize("aggregate", ALL_ROWS.values(), ids=ALL_ROWS)
def test_what_takes_all_rows_is_refused(demo, count_requests, aggregate):
    """Before anything is sent, with the words that allow it."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        Ticket.objects.aggregate(aggregate)


def test_a_count_of_what_search_cannot_ask_for_is_refused(demo, count_requests):
    """Search finds no tickets by whether they have an external id; `scan()` counts them."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        Ticket.objects.aggregate(Count("external_id"))
    with count_requests(demo, 3):
        assert {"external_id__count": 300} == Ticket.objects.scan().aggregate(Count("external_id"))


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
def test_with_scan_all_rows_are_read(demo, new, count_requests, aggregate, expected):
    """The result is what a loop would make of them."""
    values = [row["generated_timestamp"] for row in new]
    with count_requests(demo, 1):
        found = NEW.scan().aggregate(it=aggregate)

    assert {"it": expected(values)} == found


def test_nulls_do_not_count(demo, rows, count_requests):
    """As in SQL, in all of them; where there is nothing else, None."""
    with count_requests(demo, 3):
        found = Ticket.objects.scan().aggregate(Count("priority", distinct=True))
    assert {"priority__count": len({row["priority"] for row in rows} - {None})} == found
    with count_requests(demo, 1):
        assert {"due_at__max": None} == NEW.scan().aggregate(Max("due_at"))


def test_a_short_list_needs_no_permission(demo, seeded, count_requests):
    """A page that is read anyway is no scan."""
    names = [row["name"] for row in stored(seeded, Group)]
    with count_requests(demo, 1):
        assert {"name__max": max(names)} == Group.objects.aggregate(Max("name"))
    with count_requests(demo, 1):
        assert {"n": 8} == Group.objects.aggregate(n=Count("name", distinct=True))


def test_rows_are_read_once_for_all_aggregates(demo, new, count_requests):
    """One pass serves them all."""
    values = [row["generated_timestamp"] for row in new]
    with count_requests(demo, 1):
        found = NEW.scan().aggregate(a=Avg("generated_timestamp"), s=Sum("generated_timestamp"))

    assert {"a": sum(values) / len(values), "s": sum(values)} == found


def test_what_is_refused_is_refused_before_anything_is_sent(demo, count_requests):
    """One that cannot be told, or is none at all, is no reason to ask for the others."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        Ticket.objects.aggregate(Count("id"), Avg("generated_timestamp"))


def test_a_slice_is_summed_up_by_its_rows(demo, new, count_requests):
    """One page holds them, so that no scan is needed."""
    newest = sorted(moment(row) for row in new)[-5:]
    with count_requests(demo, 1):
        assert {"created_at__min": newest[0]} == NEW[:5].aggregate(Min("created_at"))


def test_what_was_read_is_summed_up_without_a_request(demo, new, count_requests):
    """The rows are there."""
    read = Ticket.objects.filter(status="new")
    list(read)
    with count_requests(demo, 0):
        found = read.aggregate(Count("id"))

    assert {"id__count": len(new)} == found


def test_what_was_read_is_averaged_without_a_request(demo, new, count_requests):
    """The rows are there, so no permission is needed, and nothing is sent."""
    values = [row["generated_timestamp"] for row in new]
    read = Ticket.objects.filter(status="new")
    list(read)
    with count_requests(demo, 0):
        found = read.aggregate(it=Avg("generated_timestamp"))

    assert {"it": sum(values) / len(values)} == found


@pytest.mark.parametrize("wrong", ["id", 5], ids=str)
def test_what_is_no_aggregate_is_refused(demo, wrong):
    """With the list of those that there are, by name or without."""
    with pytest.raises(InvalidValue, match="Count, Min, Max, Sum or Avg"):
        NEW.aggregate(wrong)


def test_what_is_no_aggregate_is_refused_under_a_name(demo, count_requests):
    """With the list of those that there are."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="Count, Min, Max, Sum or Avg"):
        NEW.aggregate(it="id")


def test_an_unknown_field_is_refused(demo, count_requests):
    """With what was meant."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="created_at"):
        NEW.aggregate(Max("created_att"))


@pytest.mark.parametrize(
    "aggregate",
    [Sum("subject"), Avg("created_at"), Sum("tags"), Avg("status")],
    ids=["text", "moments", "lists", "choices"],
)
def test_what_does_not_add_up_is_refused(demo, count_requests, aggregate):
    """Before anything is sent, with the library's own error."""
    with count_requests(demo, 0), pytest.raises(ZendeskError):
        NEW.scan().aggregate(aggregate)


def test_distinct_lists_are_counted(demo, new):
    """By what they hold, as distinct() does."""
    expected = len({tuple(row["tags"]) for row in new})

    assert {"tags__count": expected} == NEW.scan().aggregate(Count("tags", distinct=True))


# -- dates -------------------------------------------------------------------


def _start(at, kind):
    if kind == "week":
        at, kind = at - timedelta(days=at.weekday()), "day"
    parts = ["year", "month", "day", "hour", "minute", "second"]
    kept = parts[: parts.index(kind) + 1]
    filled = {name: getattr(at, name) for name in kept}
    return datetime(**{"month": 1, "day": 1} | filled, tzinfo=at.tzinfo)


def _moments(rows, kind, zone=timezone.utc, key="created_at"):
    """Return what a loop would find."""
    return sorted({_start(moment(row, key).astimezone(zone), kind) for row in rows})


@pytest.mark.parametrize("kind", ["year", "month", "week", "day"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_dates_are_those_that_have_rows(demo, new, count_requests, kind, order):
    """A request for each, and one to find that there are no more."""
    expected = [at.date() for at in _moments(new, kind)]
    with count_requests(demo, len(expected) + 1):
        found = NEW.dates("created_at", kind, order)

    assert found == (expected if order == "ASC" else expected[::-1])
    assert {date} == {type(each) for each in found}


@pytest.mark.parametrize("kind", ["year", "month", "week", "day", "hour", "minute", "second"])
def test_datetimes_are_those_that_have_rows(demo, new, count_requests, kind):
    """Down to the second, which is as exact as Zendesk is."""
    expected = _moments(new, kind)
    with count_requests(demo, len(expected) + 1):
        found = NEW.datetimes("created_at", kind)

    assert expected == found


@pytest.mark.parametrize("zone", [TOKYO, KATHMANDU], ids=["Tokyo", "Kathmandu"])
@pytest.mark.parametrize("kind", ["month", "week", "day", "hour"])
def test_days_begin_in_the_zone_named(demo, new, count_requests, zone, kind):
    """And hours, too, where they begin at another minute."""
    expected = _moments(new, kind, zone)
    with count_requests(demo, len(expected) + 1):
        found = NEW.datetimes("created_at", kind, "DESC", tzinfo=zone)

    assert expected[::-1] == found
    assert {zone} == {each.tzinfo for each in found}
    assert expected != _moments(new, kind) or (zone, kind) == (TOKYO, "hour")


def test_all_months_of_all_tickets(demo, rows, count_requests):
    """Far more rows than one search gives, and by another field."""
    expected = [at.date() for at in _moments(rows, "month", key="updated_at")]
    with count_requests(demo, len(expected) + 1):
        assert expected == Ticket.objects.dates("updated_at", "month")


@pytest.mark.parametrize(
    ("zone", "until", "kind"),
    [
        (BERLIN, "2026-03-29T01:30:00+00:00", "day"),
        (BERLIN, "2026-03-29T01:30:00+00:00", "hour"),
        (BERLIN, "2026-10-25T01:30:00+00:00", "day"),
        (BERLIN, "2026-10-25T01:30:00+00:00", "hour"),
        (NEW_YORK, "2026-11-01T06:30:00+00:00", "minute"),
        (NEW_YORK, "2026-03-08T07:30:00+00:00", "minute"),
    ],
)
def test_nothing_is_lost_when_clocks_change(zone, until, kind):
    """Each day, hour or minute that there was is found once; 90 tickets, one a minute."""
    with filled(90, now=datetime.fromisoformat(until)) as emulator:
        emulator.connect()
        times = [moment(row).astimezone(zone) for row in stored(emulator)]
        starts = [_start(each, kind).replace(fold=each.fold) for each in times]

        found = Ticket.objects.datetimes("created_at", kind, tzinfo=zone)

    # Two times in one zone are compared by what the clock shows, which comes twice.
    assert {each.astimezone(timezone.utc) for each in starts} == {
        each.astimezone(timezone.utc) for each in found
    }


def test_no_rows_have_no_dates(demo, count_requests):
    """None, for nothing where that is known, and for one request where it is not."""
    with count_requests(demo, 0):
        assert [] == Ticket.objects.none().dates("created_at", "day")
    with count_requests(demo, 1):
        assert [] == Ticket.objects.filter(external_id="case-1").dates("created_at", "day")
    with count_requests(demo, 1):
        assert [] == NEW.dates("due_at", "day")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: NEW.dates("created_at", "hour"), "year, month, week, day"),
        (lambda: NEW.datetimes("created_at", "quarter"), "second"),
        (lambda: NEW.dates("subject", "day"), "no moments"),
        (lambda: NEW.dates("created_att", "day"), "created_at"),
        (lambda: NEW.dates("created_at", "day", "UP"), "ASC or DESC"),
        (lambda: NEW[:5].dates("created_at", "day"), "slice"),
    ],
)
def test_dates_that_there_are_not_are_refused(demo, count_requests, ask, message):
    """Before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        ask()


def test_dates_that_cannot_be_asked_for_are_refused(demo, seeded, count_requests):
    """No endpoint orders all users by creation, nor any by their last login."""
    for field in ("created_at", "last_login_at"):
        with count_requests(demo, 0), pytest.raises(NoEndpoint, match=f"order by {field}"):
            User.objects.dates(field, "month")
    admins = [row for row in stored(seeded, User) if row["role"] == "admin"]
    expected = [at.date() for at in _moments(admins, "month")]
    with count_requests(demo, len(expected) + 1):
        assert expected == User.objects.filter(role="admin").dates("created_at", "month")


def test_dates_of_a_short_list_are_one_request(demo, seeded, count_requests):
    """All rows are on the page that is read first."""
    expected = [at.date() for at in _moments(stored(seeded, Group), "month")]
    with count_requests(demo, 1):
        assert expected == Group.objects.dates("created_at", "month")


def test_a_short_list_is_read_once_for_all_aggregates(demo, count_requests):
    """All rows are on the page that is read first."""
    with count_requests(demo, 1):
        Group.objects.aggregate(Max("name"), Min("name"), Min("created_at"))

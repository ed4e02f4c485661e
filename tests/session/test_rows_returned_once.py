"""Each row is returned once, although the loop or another client changes rows."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from attrs import evolve

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import Comment, Group, Q, Ticket
from zendesk_orm.talk import Call


BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)
HOME = "https://emulator.zendesk.com/api/v2/"

#: A query of each paging style, the key of its rows, and the further values of a row.
STYLES = {
    "cursor": (Group.objects.all(), "groups", {"name": "x"}),
    "numbers": (Ticket.objects.order_by("-created_at")[:250], "results", {"result_type": "ticket"}),
    "search export": (Ticket.objects.all(), "results", {"result_type": "ticket"}),
    "incremental": (Ticket.objects.filter(changed_since=BEGIN), "tickets", {}),
    "calls": (Call.objects.filter(changed_since=BEGIN), "calls", {}),
}


def _page(key, pks, has_more, values):
    """Return an envelope that states in each paging style whether there is another page."""
    stamps = {"created_at": "2026-01-01T00:00:00Z"}
    rows = [
        {"id": pk, "updated_at": f"2026-01-01T00:00:{pk:02}Z", **stamps, **values} for pk in pks
    ]
    link = f"{HOME}next?after={pks[-1]}" if has_more else None
    return {
        key: rows,
        "meta": {"has_more": has_more},
        "links": {"next": link},
        "next_page": link,
        "after_url": link,
        "end_of_stream": not has_more,
        "count": 4,
    }


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("streams", [False, True])
def test_a_row_on_two_pages_is_returned_once(emulator, style, streams):
    """A row that a later page repeats is returned once, in each paging style."""
    rows, key, values = STYLES[style]
    for pks, has_more in (([1, 2], True), ([2, 3], True), ([1, 3, 4], False)):
        emulator.fail_next(200, body=_page(key, pks, has_more, values))

    assert [row.pk for row in (rows.iterator() if streams else rows.all())] == [1, 2, 3, 4]


def test_a_row_that_a_page_repeats_is_returned_once(emulator):
    """Two equal rows on one page are one row."""
    body = _page("groups", [1, 2, 2], has_more=False, values={})
    emulator.fail_next(200, body={**body, "count": 3})

    assert [group.pk for group in Group.objects.all()] == [1, 2]


# -- loops that save -----------------------------------------------------------


@pytest.fixture
def many():
    """Return an emulator with 1,250 tickets, 625 of them open, that is the default account."""
    with emulator_with_tickets(1_250) as emulator:
        emulator.connect()
        yield emulator


OPEN = Ticket.objects.filter(status="open")

LOOPS = {
    "a slice": lambda: OPEN.order_by("-updated_at")[:625],
    "a stream": lambda: OPEN.order_by("updated_at").iterator(),
    "oldest first": lambda: OPEN.order_by("created_at").iterator(),
    "small pages": lambda: OPEN.order_by("updated_at").page_size(30)[100:400],
    "a list by cursor": lambda: Ticket.objects.fresh().order_by("updated_at").iterator(),
    "newest change first": lambda: Ticket.objects.fresh().order_by("-updated_at").iterator(),
    "numbered pages of a list": lambda: Ticket.objects.fresh()[130:930],
    "alternatives": lambda: (OPEN | Ticket.objects.filter(tags="vip")).order_by("updated_at"),
    "an export": lambda: OPEN.iterator(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_that_saves_visits_each_row_once(many, name):
    """Saving a row moves it in the order or out of the result, and displaces no other row."""
    expected = [ticket.pk for ticket in LOOPS[name]()]
    visited = []
    for ticket in LOOPS[name]():
        visited.append(ticket.pk)
        ticket.status = "pending"
        ticket.save(safe=False)
        many.clock.sleep(1)

    assert visited == expected
    assert len(visited) >= 300
    assert len(set(visited)) == len(visited)


def test_rows_created_by_others_displace_no_rows(many):
    """A loop over numbered pages returns the rows that existed when it began."""
    many.connect(alias="colleague")
    rows = OPEN.order_by("-updated_at")[:400]
    expected = [ticket.pk for ticket in rows]
    visited = []
    for ticket in rows.all():
        visited.append(ticket.pk)
        if len(visited) % 100 == 50:
            Ticket.objects.using("colleague").create(
                subject="new", comment=Comment(body="?"), status="open"
            )

    assert visited == expected


def test_a_row_changed_by_the_loop_is_returned_with_its_change(many):
    """A row that the loop changes before reaching it has the new value."""
    tickets = OPEN.order_by("-updated_at")[:250]
    last = Ticket.objects.get(OPEN.order_by("-updated_at")[249].pk)
    seen = []
    for ticket in tickets:
        if not seen:
            last.subject = "changed"
            last.save()
        seen.append((ticket.pk, ticket.subject))

    assert seen[-1] == (last.pk, "changed")


# -- requests of a loop --------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "requests"),
    [
        (lambda: OPEN.order_by("-updated_at")[:5], 1),
        (lambda: OPEN.order_by("-updated_at")[:100], 1),
        (lambda: OPEN.order_by("-updated_at")[:250], 3),
        (lambda: OPEN.order_by("updated_at").iterator(), 7),
        (lambda: Ticket.objects.order_by("updated_at").iterator(), 10),
        (lambda: Ticket.objects.fresh().order_by("updated_at").iterator(), 10),
        (lambda: Ticket.objects.fresh().order_by("updated_at")[:120].iterator(), 2),
        (lambda: Ticket.objects.fresh().iterator(), 1),
        (lambda: OPEN.iterator(), 1),
    ],
)
def test_rows_that_can_move_are_read_before_the_first_row(many, count_requests, rows, requests):
    """If rows can change their position, up to 1,000 are read before the first one is returned."""
    account = many.connect()
    with count_requests(account, requests):
        next(iter(rows()))


def test_prefetching_needs_no_more_requests(many, count_requests):
    """Reading numbered pages at the same time sends as many requests as one after the other."""
    account = many.connect(read_ahead=3)
    with count_requests(account, 7):
        assert len(OPEN.order_by("-updated_at")[:1000]) == 625
    account.close()


STREAM = Ticket.objects.order_by("-updated_at")
STREAM = STREAM._chain(evolve(STREAM.query, streamed=True))


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (
            OPEN.order_by("-updated_at")[:250],
            "all pages are read before the first row is returned: numbered pages",
        ),
        (
            STREAM,
            "1,000 rows are read before the first one is returned: numbered pages",
        ),
        (
            Ticket.objects.fresh().order_by("-updated_at"),
            "1,000 rows are read before the first one is returned: ordered by -updated_at",
        ),
    ],
)
def test_explain_notes_rows_that_are_read_first(rows, note):
    """`explain()` shows how many rows are read before the first one is returned."""
    assert f"note: {note}" in rows.explain().splitlines()


def test_explain_has_no_note_if_rows_cannot_move(emulator):
    """Pages by cursor, in an order that no change affects, need no such note."""
    for rows in (Ticket.objects.all(), Ticket.objects.fresh(), OPEN.order_by("-updated_at")[:5]):
        assert "before the first" not in rows.explain()


# -- the first and the last ------------------------------------------------------


def test_first_and_last_use_the_id_if_rows_have_no_order(demo):
    """`scan().first()` has the lowest id, and `scan().last()` the highest."""
    rows = Ticket.objects.exclude(external_id="case-2290")
    ids = [ticket.pk for ticket in rows.scan()]

    assert (rows.scan().first().pk, rows.scan().last().pk) == (min(ids), max(ids))


@pytest.mark.parametrize("order", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_equal_values_are_ordered_by_id(emulator, order):
    """Rows with equal values are ordered by id in the direction of the order."""
    for number in range(4):
        Ticket.objects.create(subject=f"n{number}", comment=Comment(body="?"), tags=["batch"])
    rows = Ticket.objects.filter(tags="batch").order_by(order)
    expected = [1, 2, 3, 4] if order[0] != "-" else [4, 3, 2, 1]

    assert [ticket.pk for ticket in rows] == expected
    assert [ticket.pk for ticket in rows[:2]] == expected[:2]
    assert (rows.first().pk, rows.last().pk) == (expected[0], expected[-1])
    assert [ticket.pk for ticket in (rows | rows.filter(Q(status="new")))] == expected

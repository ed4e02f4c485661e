"""Each row is given once, to a loop that changes rows and to one that reads while others do."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from attrs import evolve

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import Comment, Group, Q, Ticket
from zendesk_orm.talk import Call


BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)
HOME = "https://emulator.zendesk.com/api/v2/"

#: A query of each style of paging, the key of its rows, and what its rows hold besides.
STYLES = {
    "cursor": (Group.objects.all(), "groups", {"name": "x"}),
    "numbers": (Ticket.objects.order_by("-created_at")[:250], "results", {"result_type": "ticket"}),
    "search export": (Ticket.objects.all(), "results", {"result_type": "ticket"}),
    "incremental": (Ticket.objects.filter(changed_since=BEGIN), "tickets", {}),
    "calls": (Call.objects.filter(changed_since=BEGIN), "calls", {}),
}


def _page(key, pks, more, values):
    """Return an envelope that says in every style whether there is another page."""
    stamps = {"created_at": "2026-01-01T00:00:00Z"}
    rows = [
        {"id": pk, "updated_at": f"2026-01-01T00:00:{pk:02}Z", **stamps, **values} for pk in pks
    ]
    link = f"{HOME}next?after={pks[-1]}" if more else None
    return {
        key: rows,
        "meta": {"has_more": more},
        "links": {"next": link},
        "next_page": link,
        "after_url": link,
        "end_of_stream": not more,
        "count": 4,
    }


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("streams", [False, True])
def test_a_row_of_two_pages_comes_once(emulator, style, streams):
    """A row that a later page repeats is given once, whatever the style of paging."""
    rows, key, values = STYLES[style]
    for pks, more in (([1, 2], True), ([2, 3], True), ([1, 3, 4], False)):
        emulator.fail_next(200, body=_page(key, pks, more, values))

    assert [1, 2, 3, 4] == [row.pk for row in (rows.iterator() if streams else rows.all())]


def test_a_page_that_repeats_a_row_gives_it_once(emulator):
    """Two equal rows of one page are one row."""
    body = _page("groups", [1, 2, 2], more=False, values={})
    emulator.fail_next(200, body={**body, "count": 3})

    assert [1, 2] == [group.pk for group in Group.objects.all()]


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

    assert expected == visited
    assert len(set(visited)) == len(visited) >= 300


def test_rows_that_others_create_displace_none(many):
    """A loop over numbered pages gives the rows there were when it began."""
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

    assert expected == visited


def test_a_held_row_shows_what_the_loop_made_of_it(many):
    """A row that the loop changes before it comes to it is given as it is then."""
    tickets = OPEN.order_by("-updated_at")[:250]
    last = Ticket.objects.get(OPEN.order_by("-updated_at")[249].pk)
    seen = []
    for ticket in tickets:
        if not seen:
            last.subject = "changed"
            last.save()
        seen.append((ticket.pk, ticket.subject))

    assert (last.pk, "changed") == seen[-1]


# -- and what they cost --------------------------------------------------------


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
def test_the_first_row_costs_the_window(many, count_requests, rows, requests):
    """The window is read before its first row only if rows can move in it, a thousand at most."""
    account = many.connect()
    with count_requests(account, requests):
        next(iter(rows()))


def test_the_window_is_read_in_parallel(many, count_requests):
    """Numbered pages are fetched ahead, and cost no more for that."""
    account = many.connect(read_ahead=3)
    with count_requests(account, 7):
        assert 625 == len(OPEN.order_by("-updated_at")[:1000])
    account.close()


STREAM = Ticket.objects.order_by("-updated_at")
STREAM = STREAM._chain(evolve(STREAM.query, streamed=True))


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (
            OPEN.order_by("-updated_at")[:250],
            "all pages are read before the first row is given: numbered pages",
        ),
        (
            STREAM,
            "1,000 rows are read before the first one is given: numbered pages",
        ),
        (
            Ticket.objects.fresh().order_by("-updated_at"),
            "1,000 rows are read before the first one is given: ordered by -updated_at",
        ),
    ],
)
def test_explain_says_what_is_read_first(rows, note):
    """The plan states how many rows are read before the first one."""
    assert f"note: {note}" in rows.explain().splitlines()


def test_explain_says_nothing_of_rows_that_stay(emulator):
    """Pages by cursor, in an order that no change alters, need no such note."""
    for rows in (Ticket.objects.all(), Ticket.objects.fresh(), OPEN.order_by("-updated_at")[:5]):
        assert "before the first" not in rows.explain()


# -- the first and the last ------------------------------------------------------


def test_the_first_row_is_the_one_with_the_lowest_id(demo):
    """Rows in no order begin with the lowest id and end with the highest, or are refused."""
    rows = Ticket.objects.exclude(external_id="case-2290")
    found = [ticket.pk for ticket in rows.scan()]

    assert (min(found), max(found)) == (rows.scan().first().pk, rows.scan().last().pk)


@pytest.mark.parametrize("order", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_rows_of_one_second_have_one_order(emulator, order):
    """Ties go by id in the direction of the order, in a list, a slice and at both ends."""
    for number in range(4):
        Ticket.objects.create(subject=f"n{number}", comment=Comment(body="?"), tags=["batch"])
    rows = Ticket.objects.filter(tags="batch").order_by(order)
    expected = [1, 2, 3, 4] if order[0] != "-" else [4, 3, 2, 1]

    assert expected == [ticket.pk for ticket in rows]
    assert expected[:2] == [ticket.pk for ticket in rows[:2]]
    assert (expected[0], expected[-1]) == (rows.first().pk, rows.last().pk)
    assert expected == [ticket.pk for ticket in (rows | rows.filter(Q(status="new")))]

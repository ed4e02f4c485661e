"""The number of requests of reading operations in an account with 10,000 tickets."""

from __future__ import annotations

import pytest

from tests.queryset.stored import emulator_with_tickets, person
from zendesk_orm import Organization, Q, ResultLimitExceeded, Ticket, User


TICKETS = 10_000
FRESH = Ticket.objects.fresh
OPEN = Ticket.objects.filter(status="open")


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with 10,000 tickets, every second one open."""
    with emulator_with_tickets(TICKETS) as emulator:
        yield emulator


def _collect_ids(rows):
    return [ticket.pk for ticket in rows]


#: All ids, newest first; all ids as in lists; and those of open tickets, newest first.
DESCENDING = range(TICKETS, 0, -1)
ASCENDING = range(1, TICKETS + 1)
OPEN_DESCENDING = range(TICKETS, 0, -2)

TABLE = [
    # One row
    ("first", lambda: Ticket.objects.first().pk, 1, 1),
    ("first of the fresh", lambda: FRESH().first().pk, 1, 1),
    ("first that matches", lambda: OPEN.first().pk, 2, 1),
    ("last", lambda: Ticket.objects.last().pk, TICKETS, 1),
    ("latest", lambda: OPEN.latest().pk, TICKETS, 1),
    ("get", lambda: Ticket.objects.get(5000).pk, 5000, 1),
    ("get by a tag", lambda: Ticket.objects.get(tags="vip").pk, 3, 1),
    (
        "get twice",
        lambda: [Ticket.objects.get(5000).pk, Ticket.objects.get(5000).pk],
        [5000] * 2,
        2,
    ),
    # Counts
    ("exists", lambda: Ticket.objects.exists(), True, 1),
    ("exists that matches", lambda: OPEN.exists(), True, 1),
    ("exists of nothing", lambda: Ticket.objects.filter(status="hold").exists(), False, 1),
    ("count", lambda: Ticket.objects.count(), TICKETS, 1),
    ("count of the fresh", lambda: FRESH().count(), TICKETS, 1),
    ("count that matches", lambda: OPEN.count(), TICKETS // 2, 1),
    ("count of a slice", lambda: OPEN[240:260].count(), 20, 1),
    ("count of the others", lambda: Ticket.objects.exclude(tags="vip").count(), TICKETS - 1, 1),
    # By id
    ("250 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 251))), list(ASCENDING[:250]), 3),
    ("100 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 101))), list(ASCENDING[:100]), 1),
    ("101 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 102))), list(ASCENDING[:101]), 2),
    ("250 ids, filtered", lambda: len(OPEN.filter(id__in=range(1, 251))), 125, 3),
    # Slices
    ("fresh [240:260]", lambda: _collect_ids(FRESH()[240:260]), list(ASCENDING[240:260]), 1),
    ("fresh [3950:4000]", lambda: _collect_ids(FRESH()[3950:4000]), list(ASCENDING[3950:4000]), 1),
    ("fresh [9990:10000]", lambda: _collect_ids(FRESH()[9990:10000]), list(ASCENDING[9990:]), 1),
    ("fresh [95:105]", lambda: _collect_ids(FRESH()[95:105]), list(ASCENDING[95:105]), 1),
    ("fresh [0:150]", lambda: _collect_ids(FRESH()[0:150]), list(ASCENDING[:150]), 2),
    ("filter [240:260]", lambda: _collect_ids(OPEN[240:260]), list(OPEN_DESCENDING[240:260]), 1),
    (
        "filter [3950:4000]",
        lambda: _collect_ids(OPEN[3950:4000]),
        list(OPEN_DESCENDING[3950:4000]),
        4,
    ),
    ("filter [980:1000]", lambda: _collect_ids(OPEN[980:1000]), list(OPEN_DESCENDING[980:1000]), 1),
    ("filter [990:1010]", lambda: _collect_ids(OPEN[990:1010]), list(OPEN_DESCENDING[990:1010]), 2),
    (
        "all [240:260]",
        lambda: _collect_ids(Ticket.objects.all()[240:260]),
        list(DESCENDING[240:260]),
        1,
    ),
    (
        "all [3950:4000]",
        lambda: _collect_ids(Ticket.objects.all()[3950:4000]),
        list(DESCENDING[3950:4000]),
        4,
    ),
    ("an empty slice", lambda: _collect_ids(OPEN[30:30]), [], 0),
    # Whole results
    ("a search of 5,000 rows", lambda: _collect_ids(OPEN.all()), list(OPEN_DESCENDING), 5),
    (
        "a search of 5,000 rows, the other way round",
        lambda: _collect_ids(OPEN.order_by("created_at")),
        list(OPEN_DESCENDING)[::-1],
        5,
    ),
    ("all 10,000", lambda: _collect_ids(Ticket.objects.all()), list(DESCENDING), 10),
    ("two alternatives", lambda: len(OPEN | Ticket.objects.filter(tags="vip")), 5001, 6),
    ("the rows of a person", lambda: len(Ticket.objects.filter(requester=person(4))), 1000, 1),
]


@pytest.mark.parametrize(
    ("read", "expected", "requests"), [pytest.param(*values, id=name) for name, *values in TABLE]
)
def test_a_read_sends_the_minimum_of_requests(account, count_requests, read, expected, requests):
    """Each reading operation returns the expected value with exactly these requests."""
    with count_requests(account, requests):
        assert read() == expected


def test_a_ticket_is_fetched_once_in_a_session(account, count_requests):
    """In a session, a ticket is fetched by id once; outside, each `get()` is a request."""
    with count_requests(account, 1), account.session():
        assert Ticket.objects.get(5000) is Ticket.objects.get(5000)
    with count_requests(account, 2):
        assert Ticket.objects.get(5000) == Ticket.objects.get(5000)


def test_ids_are_fetched_once_in_a_session(account, count_requests):
    """In a session, `in_bulk()` fetches only rows that were not fetched before."""
    with account.session():
        with count_requests(account, 3):
            tickets = Ticket.objects.in_bulk(range(1, 251))
        with count_requests(account, 0):
            assert Ticket.objects.in_bulk(range(1, 251)) == tickets
        with count_requests(account, 1):
            assert len(Ticket.objects.in_bulk(range(1, 261))) == 260


def _list_values(tickets):
    return [(t.pk, t.requester.name, t.organization.name) for t in tickets]


EXPECTED = [(pk, f"User {pk % 10}", f"Org {pk % 10 % 5}") for pk in range(1, TICKETS + 1)]


@pytest.mark.parametrize(
    ("rows", "expected", "requests"),
    [
        (lambda: FRESH().select_related("requester", "organization")[:1000], EXPECTED[:1000], 10),
        (
            lambda: Ticket.objects.select_related("requester", "organization")[:1000],
            EXPECTED[:-1001:-1],
            1,
        ),
        (lambda: FRESH().prefetch_related("requester", "organization")[:1000], EXPECTED[:1000], 12),
        (lambda: FRESH()[:1000], EXPECTED[:1000], 12),
    ],
    ids=["list and side-loads", "export and side-loads", "prefetched", "lazy"],
)
def test_relations_of_1000_tickets_take_few_requests(
    account, count_requests, rows, expected, requests
):
    """Relations take no request if side-loaded, and otherwise one per model."""
    with count_requests(account, requests):
        assert _list_values(rows()) == expected


@pytest.mark.parametrize(("rows", "requests"), [(lambda: OPEN.all(), 5), (lambda: FRESH(), 100)])
def test_a_stream_takes_the_requests_of_the_list(account, count_requests, rows, requests):
    """`iterator()` takes as many requests as the list, and fewer if it ends early."""
    with count_requests(account, requests):
        assert sum(1 for _ in rows().iterator()) == (TICKETS if requests == 100 else TICKETS // 2)
    with count_requests(account, 1):
        next(rows().iterator())


def test_a_plan_has_the_number_of_requests(account, count_requests):
    """`plan.requests` of a slice is the number of requests that it takes."""
    for rows in (
        FRESH()[240:260],
        FRESH()[3950:4000],
        OPEN[240:260],
        OPEN[990:1010],
        FRESH()[:150],
    ):
        with count_requests(account, rows.plan.requests):
            list(rows)


def test_a_search_that_cannot_continue_raises(account, count_requests):
    """A search with too many rows to order client-side raises after the first page."""
    with count_requests(account, 1), pytest.raises(ResultLimitExceeded, match="5,000"):
        list(OPEN.order_by("subject"))


def test_related_rows_take_few_requests(account, emulator, count_requests):
    """Tickets of a user or an organization are read from one list or search."""
    users = User.objects.filter(role="end-user")
    with count_requests(account, 1):
        assert len(users) == 10
    with count_requests(account, 1):
        assert len(users[4].requested_tickets.all()) == 1000
    with count_requests(account, 2):
        tickets = Ticket.objects.filter(organization__name="Org 3", tags="vip")
        assert _collect_ids(tickets) == [3]
    with count_requests(account, 3):
        both = Q(organization__name="Org 3") & Q(requester__email="user3@example.com")
        assert Ticket.objects.filter(both).count() == 1000
    with count_requests(account, 1):
        assert Organization.objects.count() == 5

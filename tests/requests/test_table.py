"""The table of requests: what reading costs in an account with 10,000 tickets, to the request."""

from __future__ import annotations

import pytest

from tests.face.stored import filled, person
from zendesk_orm import Organization, Q, ResultLimitExceeded, Ticket, User


TICKETS = 10_000
FRESH = Ticket.objects.fresh
OPEN = Ticket.objects.filter(status="open")


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with 10,000 tickets, every second one open."""
    with filled(TICKETS) as emulator:
        yield emulator


@pytest.fixture
def account(emulator):
    """Return the default account."""
    return emulator.connect()


def _ids(rows):
    return [ticket.pk for ticket in rows]


#: All ids, the newest first, and those of open tickets; lists come the other way round.
DOWN = range(TICKETS, 0, -1)
UP = range(1, TICKETS + 1)
OPEN_DOWN = range(TICKETS, 0, -2)

TABLE = [
    # -- one row --
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
    # -- numbers --
    ("exists", lambda: Ticket.objects.exists(), True, 1),
    ("exists that matches", lambda: OPEN.exists(), True, 1),
    ("exists of nothing", lambda: Ticket.objects.filter(status="hold").exists(), False, 1),
    ("count", lambda: Ticket.objects.count(), TICKETS, 1),
    ("count of the fresh", lambda: FRESH().count(), TICKETS, 1),
    ("count that matches", lambda: OPEN.count(), TICKETS // 2, 1),
    ("count of a slice", lambda: OPEN[240:260].count(), 20, 1),
    ("count of the others", lambda: Ticket.objects.exclude(tags="vip").count(), TICKETS - 1, 1),
    # -- by id --
    ("250 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 251))), list(UP[:250]), 3),
    ("100 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 101))), list(UP[:100]), 1),
    ("101 ids", lambda: sorted(Ticket.objects.in_bulk(range(1, 102))), list(UP[:101]), 2),
    ("250 ids, filtered", lambda: len(OPEN.filter(id__in=range(1, 251))), 125, 3),
    # -- slices --
    ("fresh [240:260]", lambda: _ids(FRESH()[240:260]), list(UP[240:260]), 1),
    ("fresh [3950:4000]", lambda: _ids(FRESH()[3950:4000]), list(UP[3950:4000]), 1),
    ("fresh [9990:10000]", lambda: _ids(FRESH()[9990:10000]), list(UP[9990:]), 1),
    ("fresh [95:105]", lambda: _ids(FRESH()[95:105]), list(UP[95:105]), 1),
    ("fresh [0:150]", lambda: _ids(FRESH()[0:150]), list(UP[:150]), 2),
    ("filter [240:260]", lambda: _ids(OPEN[240:260]), list(OPEN_DOWN[240:260]), 1),
    ("filter [3950:4000]", lambda: _ids(OPEN[3950:4000]), list(OPEN_DOWN[3950:4000]), 4),
    ("filter [980:1000]", lambda: _ids(OPEN[980:1000]), list(OPEN_DOWN[980:1000]), 1),
    ("filter [990:1010]", lambda: _ids(OPEN[990:1010]), list(OPEN_DOWN[990:1010]), 2),
    ("all [240:260]", lambda: _ids(Ticket.objects.all()[240:260]), list(DOWN[240:260]), 1),
    ("all [3950:4000]", lambda: _ids(Ticket.objects.all()[3950:4000]), list(DOWN[3950:4000]), 4),
    ("an empty slice", lambda: _ids(OPEN[30:30]), [], 0),
    # -- whole results --
    ("a search of 5,000 rows", lambda: _ids(OPEN.all()), list(OPEN_DOWN), 5),
    (
        "a search of 5,000 rows, the other way round",
        lambda: _ids(OPEN.order_by("created_at")),
        list(OPEN_DOWN)[::-1],
        5,
    ),
    ("all 10,000", lambda: _ids(Ticket.objects.all()), list(DOWN), 10),
    ("two alternatives", lambda: len(OPEN | Ticket.objects.filter(tags="vip")), 5001, 6),
    ("the rows of a person", lambda: len(Ticket.objects.filter(requester=person(4))), 1000, 1),
]


@pytest.mark.parametrize(
    ("read", "expected", "requests"), [pytest.param(*rest, id=name) for name, *rest in TABLE]
)
def test_the_table(account, count_requests, read, expected, requests):
    """These rows, for exactly so many requests."""
    with count_requests(account, requests):
        assert expected == read()


def test_a_ticket_in_a_unit_of_work_is_read_once(account, count_requests):
    """Outside one, each `get` is a request."""
    with count_requests(account, 1), account.session():
        assert Ticket.objects.get(5000) is Ticket.objects.get(5000)
    with count_requests(account, 2):
        assert Ticket.objects.get(5000) == Ticket.objects.get(5000)


def test_250_ids_in_a_unit_of_work_are_read_once(account, count_requests):
    """And then only what is not at hand is asked for."""
    with account.session():
        with count_requests(account, 3):
            held = Ticket.objects.in_bulk(range(1, 251))
        with count_requests(account, 0):
            assert held == Ticket.objects.in_bulk(range(1, 251))
        with count_requests(account, 1):
            assert 260 == len(Ticket.objects.in_bulk(range(1, 261)))


def _shown(tickets):
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
    ids=["list and side-loads", "export and side-loads", "prefetched", "nothing said"],
)
def test_1000_tickets_with_people_and_organizations(
    account, count_requests, rows, expected, requests
):
    """By side-load no request more; else one for ten people, and one for five organizations."""
    with count_requests(account, requests):
        assert expected == _shown(rows())


@pytest.mark.parametrize(("rows", "most"), [(lambda: OPEN.all(), 5), (lambda: FRESH(), 100)])
def test_a_stream_costs_what_the_list_does(account, count_requests, rows, most):
    """And a stream that ends early costs only what was read."""
    with count_requests(account, most):
        assert (TICKETS if most == 100 else TICKETS // 2) == sum(1 for _ in rows().iterator())
    with count_requests(account, 1):
        next(rows().iterator())


def test_a_plan_tells_what_is_then_made(account, count_requests):
    """The price is known before, of slices at least."""
    for rows in (
        FRESH()[240:260],
        FRESH()[3950:4000],
        OPEN[240:260],
        OPEN[990:1010],
        FRESH()[:150],
    ):
        with count_requests(account, rows.plan.requests):
            list(rows)


def test_a_search_that_cannot_go_on_is_refused(account, count_requests):
    """Rather than cut off: ordered by what no moment tells, 5,000 rows are too many."""
    with count_requests(account, 1), pytest.raises(ResultLimitExceeded, match="5,000"):
        list(OPEN.order_by("subject"))


def test_what_belongs_to_others_is_asked_there(account, emulator, count_requests):
    """A person's tickets and an organization's are a list of their own, or a search."""
    people = User.objects.filter(role="end-user")
    with count_requests(account, 1):
        assert 10 == len(people)
    with count_requests(account, 1):
        assert 1000 == len(people[4].requested_tickets.all())
    with count_requests(account, 2):
        found = Ticket.objects.filter(organization__name="Org 3", tags="vip")
        assert [3] == _ids(found)
    with count_requests(account, 3):
        both = Q(organization__name="Org 3") & Q(requester__email="user3@example.com")
        assert 1000 == Ticket.objects.filter(both).count()
    with count_requests(account, 1):
        assert 5 == Organization.objects.count()

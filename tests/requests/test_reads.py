"""How many requests reading costs: part of the contract of every operation."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Group, NoEndpoint, Organization, Q, Ticket, User, connections
from zendesk_orm.errors import ResultLimitExceeded


# Managers are made anew each time they are read.
TICKETS = Ticket.objects.all
FRESH = Ticket.objects.fresh
USERS = User.objects.all


def _read(rows):
    return lambda: list(rows())


COSTS = [
    # -- one row --
    ("ticket by id", lambda: Ticket.objects.get(1), 1),
    ("ticket by external id", lambda: Ticket.objects.get(external_id="case-10"), 1),
    ("user by email", lambda: User.objects.get(email="owner@example.com"), 1),
    ("first", lambda: Ticket.objects.first(), 1),
    ("last", lambda: Ticket.objects.last(), 1),
    ("first that matches", lambda: Ticket.objects.filter(status="open").first(), 1),
    ("first of the fresh", lambda: FRESH().first(), 1),
    ("last of the fresh", lambda: FRESH().last(), 1),
    ("first user", lambda: User.objects.first(), 1),
    ("last user", lambda: User.objects.last(), 1),
    ("last group", lambda: Group.objects.last(), 1),
    ("a row by its place", lambda: USERS()[5], 1),
    ("a row far down", lambda: USERS()[350], 1),
    # -- numbers --
    ("count", lambda: Ticket.objects.count(), 1),
    ("count of the fresh", lambda: FRESH().count(), 1),
    ("count of those that match", lambda: Ticket.objects.filter(status="open").count(), 1),
    ("count of the others", lambda: Ticket.objects.exclude(priority="urgent").count(), 1),
    ("count of a slice", lambda: FRESH()[10:50].count(), 1),
    ("count of users", lambda: User.objects.count(), 1),
    ("exists", lambda: Ticket.objects.exists(), 1),
    ("exists by external id", lambda: User.objects.filter(external_id="x").exists(), 1),
    ("bool", lambda: bool(TICKETS()), 1),
    # -- slices --
    ("a slice in the middle", _read(lambda: FRESH()[240:260]), 1),
    ("a slice far down", _read(lambda: FRESH()[1950:2000]), 1),
    ("a slice of one full page", _read(lambda: FRESH()[200:300]), 1),
    ("a slice of a page and a half", _read(lambda: FRESH()[0:150]), 2),
    ("a slice over a boundary", _read(lambda: FRESH()[10:120]), 2),
    ("a slice of a search", _read(lambda: Ticket.objects.filter(status="closed")[240:260]), 1),
    ("a slice up to the wall", _read(lambda: Ticket.objects.filter(status="closed")[980:1000]), 1),
    ("a slice over the wall", _read(lambda: Ticket.objects.filter(status="closed")[990:1010]), 2),
    ("a slice of users", _read(lambda: USERS()[250:300]), 1),
    ("an empty slice", _read(lambda: USERS()[30:30]), 0),
    # -- whole results --
    ("all tickets", lambda: len(TICKETS()), 3),
    ("all fresh tickets", lambda: len(FRESH()), 23),
    ("2,293 that match", lambda: len(Ticket.objects.filter(status="closed")), 3),
    ("all users", lambda: len(USERS()), 4),
    ("all organizations", lambda: len(Organization.objects.all()), 1),
    ("a short list, filtered", lambda: len(Group.objects.filter(name="Billing")), 1),
    ("nothing", lambda: len(Ticket.objects.none()), 0),
    ("one of no ids", lambda: len(Ticket.objects.filter(id__in=[])), 0),
    ("a missing id", lambda: len(Ticket.objects.filter(id=999_999)), 1),
    # -- alternatives and other models' conditions --
    (
        "alternatives of two fields",
        lambda: len(Ticket.objects.filter(Q(status="new") | Q(tags="vip"))),
        2,
    ),
    (
        "alternatives of one field",
        lambda: len(Ticket.objects.filter(Q(status="new") | Q(status="open"))),
        1,
    ),
    (
        "a span",
        lambda: Ticket.objects.filter(organization__name="Alder Foods").count(),
        2,
    ),
    (
        "a query for a value",
        lambda: len(Ticket.objects.filter(requester__in=User.objects.filter(role="admin"))),
        2,
    ),
    # -- what only looks --
    ("a repr", lambda: repr(Ticket.objects.filter(status="new")), 0),
    ("an explanation", lambda: Ticket.objects.filter(status="new").explain(), 0),
]


@pytest.mark.parametrize(
    ("read", "requests"), [pytest.param(*rest, id=name) for name, *rest in COSTS]
)
def test_reading_costs_so_many_requests(demo, count_requests, read, requests):
    """Each way of reading makes exactly the requests that it has to."""
    with count_requests(demo, requests):
        read()


@pytest.mark.parametrize(
    "rows", [User.objects.order_by("name"), Ticket.objects.filter(subject__contains="x")]
)
def test_what_is_refused_costs_nothing(demo, count_requests, rows):
    """A question that no endpoint answers is not asked."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(rows)


def test_a_slice_deep_in_4000_tickets_is_one_request(emulator):
    """A page far down is asked for by its number, and holds the rows that it should."""
    Ticket.objects.bulk_create(
        Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(4000)
    )
    del emulator.requests[:]

    rows = list(Ticket.objects.fresh()[3950:4000])

    assert ["GET tickets"] == emulator.requests
    assert list(range(3951, 4001)) == [ticket.pk for ticket in rows]


def test_the_same_ticket_outside_a_unit_of_work_is_read_anew(demo, count_requests):
    """What others may change any moment is not kept."""
    with count_requests(demo, 2):
        Ticket.objects.get(1)
        Ticket.objects.get(1)


def test_the_same_ticket_in_a_unit_of_work_is_read_once(demo, count_requests):
    """What was read by id is at hand until the unit of work ends."""
    with count_requests(demo, 1), demo.session():
        Ticket.objects.get(1)
        Ticket.objects.get(1)


def test_250_ids_are_three_requests(demo_emulator):
    """Ids go out by the hundred."""
    ids = [user.pk for user in User.objects.all()[:250]]
    demo_emulator.connect()
    del demo_emulator.requests[:]

    found = User.objects.in_bulk(ids)

    assert ["GET users/show_many"] * 3 == demo_emulator.requests
    assert ids == list(found)


def test_99_of_100_ids_kept_are_one_request_for_one_row(demo_emulator, sent):
    """Only what is not at hand is asked for."""
    users = list(User.objects.all()[:100])
    last = users[-1].pk
    connections["default"].rows.forget(User, last)
    del sent[:]

    found = User.objects.in_bulk([user.pk for user in users])

    assert 100 == len(found)
    assert [(f"/api/v2/users/{last}", ())] == [(each.path, each.params) for each in sent]


def test_a_second_pass_costs_nothing(demo, count_requests):
    """A QuerySet keeps what it read: iterating, counting and testing it again is free."""
    rows = Ticket.objects.filter(status="open")
    list(rows)

    with count_requests(demo, 0):
        assert len(list(rows)) == len(rows) == rows.count()
        assert rows.exists()
        assert rows
        assert rows[3] == next(iter(rows[3:4]))


def test_breaking_off_costs_only_the_pages_that_were_read(demo, count_requests):
    """A loop that ends on the second page has read two."""
    with count_requests(demo, 2):
        for position, _ in enumerate(FRESH()):
            if position == 150:
                break


def test_existence_asks_for_one_row(demo, sent):
    """`exists()` does not fetch a page to look at one row."""
    assert Ticket.objects.fresh().exists()

    assert [("page[size]", "1")] == [pair for pair in sent[0].params if "size" in pair[0]]


# -- relations ---------------------------------------------------------------


def _shown(tickets):
    return [
        (ticket.subject, ticket.requester.name, ticket.organization and ticket.organization.name)
        for ticket in tickets
    ]


def test_1000_tickets_with_people_and_organizations_are_ten_requests(demo, count_requests):
    """Side-loads come with the pages."""
    with count_requests(demo, 10):
        shown = _shown(FRESH().select_related("requester", "organization")[:1000])

    assert 1000 == len(shown)


def test_1000_tickets_of_the_search_with_side_loads_are_one_request(demo, count_requests):
    """The export gives a thousand rows a page, and side-loads too."""
    with count_requests(demo, 1):
        shown = _shown(Ticket.objects.select_related("requester", "organization")[:1000])

    assert 1000 == len(shown)


def test_a_loop_without_select_related_fetches_people_by_the_page(demo, count_requests):
    """The first requester that is read brings those of the page along: at most one a page."""
    with count_requests(demo, 2):
        names = [ticket.requester.name for ticket in FRESH()[:100]]

    assert 100 == len(names)


def test_the_id_behind_a_relation_costs_nothing(demo, count_requests):
    """Reading `requester_id` is no reason to fetch the requester."""
    with count_requests(demo, 1):
        ticket = Ticket.objects.get(3000)
        assert ticket.requester_id == ticket.requester.pk


def test_comments_are_one_request_a_ticket(demo, count_requests):
    """A ticket's comments are a list of its own, read once."""
    ticket = Ticket.objects.get(3000)
    comments = ticket.comments.all()

    with count_requests(demo, 1):
        list(comments)
        list(comments)


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (lambda org: org.tickets.fresh(), "organizations/{}/tickets"),
        (lambda org: org.users.fresh(), "organizations/{}/users"),
    ],
)
def test_the_rows_of_an_organization_are_its_own_list(demo_emulator, rows, path):
    """The endpoint below the organization is asked, once."""
    organization = Organization.objects.first()
    del demo_emulator.requests[:]

    list(rows(organization))

    assert [f"GET {path.format(organization.pk)}"] == demo_emulator.requests


# -- the price can be capped -------------------------------------------------


def test_more_than_can_be_ordered_here_is_refused_at_the_first_page(demo, count_requests):
    """The first page tells how many rows there are, so no second one is asked for."""
    with count_requests(demo, 1), pytest.raises(ResultLimitExceeded):
        list(Ticket.objects.filter(status="closed").order_by("subject"))


def test_search_goes_on_beyond_its_wall(demo, count_requests):
    """An export, ordered here, takes fewer requests; a stream goes on by the last moment."""
    rows = Ticket.objects.filter(status="closed").order_by("created_at")
    with count_requests(demo, 3):
        kept = list(rows)
    with count_requests(demo, 23):
        streamed = list(rows.iterator())

    assert kept == streamed == sorted(set(kept), key=lambda ticket: (ticket.created_at, ticket.pk))
    assert 2293 == len(kept)


def test_a_plan_tells_the_requests_that_are_then_made(demo, count_requests):
    """What `plan` says of a slice is what it costs."""
    for rows in (FRESH()[240:260], FRESH()[0:150], USERS()[95:205]):
        with count_requests(demo, rows.plan.requests):
            list(rows)

"""The number of requests of reading operations."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Group, NoEndpoint, Organization, Q, Ticket, User, connections
from zendesk_orm.errors import ResultLimitExceeded


# Functions, because each access to a manager creates a new one.
TICKETS = Ticket.objects.all
FRESH = Ticket.objects.fresh
USERS = User.objects.all


def _list(rows):
    return lambda: list(rows())


COSTS = [
    # One row
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
    # Counts
    ("count", lambda: Ticket.objects.count(), 1),
    ("count of the fresh", lambda: FRESH().count(), 1),
    ("count of those that match", lambda: Ticket.objects.filter(status="open").count(), 1),
    ("count of the others", lambda: Ticket.objects.exclude(priority="urgent").count(), 1),
    ("count of a slice", lambda: FRESH()[10:50].count(), 1),
    ("count of users", lambda: User.objects.count(), 1),
    ("exists", lambda: Ticket.objects.exists(), 1),
    ("exists by external id", lambda: User.objects.filter(external_id="x").exists(), 1),
    ("bool", lambda: bool(TICKETS()), 1),
    # Slices
    ("a slice in the middle", _list(lambda: FRESH()[240:260]), 1),
    ("a slice far down", _list(lambda: FRESH()[1950:2000]), 1),
    ("a slice of one full page", _list(lambda: FRESH()[200:300]), 1),
    ("a slice of a page and a half", _list(lambda: FRESH()[0:150]), 2),
    ("a slice over a boundary", _list(lambda: FRESH()[10:120]), 2),
    ("a slice of a search", _list(lambda: Ticket.objects.filter(status="closed")[240:260]), 1),
    ("a slice up to the wall", _list(lambda: Ticket.objects.filter(status="closed")[980:1000]), 1),
    ("a slice over the wall", _list(lambda: Ticket.objects.filter(status="closed")[990:1010]), 2),
    ("a slice of users", _list(lambda: USERS()[250:300]), 1),
    ("an empty slice", _list(lambda: USERS()[30:30]), 0),
    # Whole results
    ("all tickets", lambda: len(TICKETS()), 3),
    ("all fresh tickets", lambda: len(FRESH()), 23),
    ("2,293 that match", lambda: len(Ticket.objects.filter(status="closed")), 3),
    ("all users", lambda: len(USERS()), 4),
    ("all organizations", lambda: len(Organization.objects.all()), 1),
    ("a short list, filtered", lambda: len(Group.objects.filter(name="Billing")), 1),
    ("nothing", lambda: len(Ticket.objects.none()), 0),
    ("one of no ids", lambda: len(Ticket.objects.filter(id__in=[])), 0),
    ("a missing id", lambda: len(Ticket.objects.filter(id=999_999)), 1),
    # Alternatives, and conditions on other models
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
    # Representations
    ("a repr", lambda: repr(Ticket.objects.filter(status="new")), 0),
    ("an explanation", lambda: Ticket.objects.filter(status="new").explain(), 0),
]


@pytest.mark.parametrize(
    ("read", "requests"), [pytest.param(*values, id=name) for name, *values in COSTS]
)
def test_a_read_sends_the_minimum_of_requests(demo, count_requests, read, requests):
    """Each reading operation sends exactly the necessary requests."""
    with count_requests(demo, requests):
        read()


@pytest.mark.parametrize(
    "rows", [User.objects.order_by("name"), Ticket.objects.filter(subject__contains="x")]
)
def test_an_unsupported_query_sends_no_request(demo, count_requests, rows):
    """A query that no endpoint supports raises before any request."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(rows)


@pytest.mark.slow
def test_a_deep_slice_takes_one_request(emulator):
    """A slice far down is requested by its page number, and returns the right rows."""
    Ticket.objects.bulk_create(
        Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(4000)
    )
    del emulator.requests[:]

    rows = list(Ticket.objects.fresh()[3950:4000])

    assert emulator.requests == ["GET tickets"]
    assert [ticket.pk for ticket in rows] == list(range(3951, 4001))


def test_a_ticket_is_fetched_again_outside_a_session(demo, count_requests):
    """Outside a session, the same ticket is fetched each time."""
    with count_requests(demo, 2):
        Ticket.objects.get(1)
        Ticket.objects.get(1)


def test_a_ticket_is_fetched_once_in_a_session(demo, count_requests):
    """In a session, a ticket is fetched by id once."""
    with count_requests(demo, 1), demo.session():
        Ticket.objects.get(1)
        Ticket.objects.get(1)


def test_250_ids_take_three_requests(demo_emulator):
    """`in_bulk()` fetches a hundred ids per request."""
    ids = [user.pk for user in User.objects.all()[:250]]
    demo_emulator.connect()
    del demo_emulator.requests[:]

    users = User.objects.in_bulk(ids)

    assert demo_emulator.requests == ["GET users/show_many"] * 3
    assert list(users) == ids


def test_in_bulk_fetches_only_missing_rows(demo_emulator, sent):
    """`in_bulk()` fetches only rows that are not cached."""
    users = list(User.objects.all()[:100])
    last = users[-1].pk
    connections["default"].cache.forget(User, last)
    del sent[:]

    fetched = User.objects.in_bulk([user.pk for user in users])

    assert len(fetched) == 100
    assert [(request.path, request.params) for request in sent] == [(f"/api/v2/users/{last}", ())]


def test_an_evaluated_queryset_sends_no_request(demo, count_requests):
    """Iterating, counting and testing an evaluated QuerySet again sends no request."""
    rows = Ticket.objects.filter(status="open")
    list(rows)

    with count_requests(demo, 0):
        assert len(list(rows)) == len(rows) == rows.count()
        assert rows.exists()
        assert rows
        assert rows[3] == next(iter(rows[3:4]))


def test_a_loop_that_breaks_reads_no_further_page(demo, count_requests):
    """A loop that ends on the second page has read two pages."""
    with count_requests(demo, 2):
        for position, _ in enumerate(FRESH()):
            if position == 150:
                break


def test_exists_requests_one_row(demo, sent):
    """`exists()` requests a page of one row."""
    assert Ticket.objects.fresh().exists()

    assert [pair for pair in sent[0].params if "size" in pair[0]] == [("page[size]", "1")]


# Relations


def _list_values(tickets):
    return [
        (ticket.subject, ticket.requester.name, ticket.organization and ticket.organization.name)
        for ticket in tickets
    ]


def test_side_loads_of_a_list_need_no_request(demo, count_requests):
    """Side-loads of a list arrive with its pages."""
    with count_requests(demo, 10):
        values = _list_values(FRESH().select_related("requester", "organization")[:1000])

    assert len(values) == 1000


def test_side_loads_of_an_export_need_no_request(demo, count_requests):
    """The search export returns 1,000 rows and their side-loads in one request."""
    with count_requests(demo, 1):
        values = _list_values(Ticket.objects.select_related("requester", "organization")[:1000])

    assert len(values) == 1000


def test_a_loop_fetches_relations_of_a_page_together(demo, count_requests):
    """Reading the first requester of a page fetches all requesters of the page."""
    with count_requests(demo, 2):
        names = [ticket.requester.name for ticket in FRESH()[:100]]

    assert len(names) == 100


def test_the_id_of_a_relation_needs_no_request(demo, count_requests):
    """Reading `requester_id` does not fetch the requester."""
    with count_requests(demo, 1):
        ticket = Ticket.objects.get(3000)
        assert ticket.requester_id == ticket.requester.pk


def test_comments_of_a_ticket_take_one_request(demo, count_requests):
    """The comments of a ticket are read once."""
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
def test_rows_of_an_organization_take_one_request(demo_emulator, rows, path):
    """Rows of an organization are read from the list below the organization."""
    organization = Organization.objects.first()
    del demo_emulator.requests[:]

    list(rows(organization))

    assert demo_emulator.requests == [f"GET {path.format(organization.pk)}"]


# Limits and plans


def test_too_many_rows_to_order_raise_after_one_page(demo, count_requests):
    """More rows than can be ordered client-side raise after the first page."""
    with count_requests(demo, 1), pytest.raises(ResultLimitExceeded):
        list(Ticket.objects.filter(status="closed").order_by("subject"))


def test_a_search_continues_beyond_its_limit(demo, count_requests):
    """A search beyond 1,000 rows uses the export, or continues at the last time if streamed."""
    rows = Ticket.objects.filter(status="closed").order_by("created_at")
    with count_requests(demo, 3):
        listed = list(rows)
    with count_requests(demo, 23):
        streamed = list(rows.iterator())

    assert (
        listed == streamed == sorted(set(listed), key=lambda ticket: (ticket.created_at, ticket.pk))
    )
    assert len(listed) == 2293


def test_a_plan_has_the_number_of_requests(demo, count_requests):
    """`plan.requests` of a slice is the number of requests that it takes."""
    for rows in (FRESH()[240:260], FRESH()[0:150], USERS()[95:205]):
        with count_requests(demo, rows.plan.requests):
            list(rows)

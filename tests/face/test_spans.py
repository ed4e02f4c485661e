"""Filters by what a relation points to: asked for first, and its ids stand for it."""

from __future__ import annotations

import pytest

from tests.face.stored import stored_by_id
from zendesk_orm import Group, NoEndpoint, Organization, Q, Ticket, User


@pytest.fixture(scope="module")
def rows(seeded):
    """Return the rows of tickets, users, organizations and groups by id, as they are stored."""
    return {model: stored_by_id(seeded, model) for model in (Ticket, User, Organization, Group)}


@pytest.fixture
def where(rows):
    """Return what gives the ids of tickets by a test of the ticket and of what it points to."""

    def told(test):
        users, companies, groups = rows[User], rows[Organization], rows[Group]
        return {
            pk
            for pk, row in rows[Ticket].items()
            if test(
                row,
                users.get(row["requester_id"]),
                users.get(row["assignee_id"]),
                companies.get(row["organization_id"]),
                groups.get(row["group_id"]),
            )
        }

    return told


def _ids(rows):
    found = [row.pk for row in rows]
    assert len(found) == len(set(found))
    return set(found)


SPANS = [
    ("requester__name", "Elif Nakamura", lambda t, r, a, o, g: r["name"] == "Elif Nakamura", 2),
    ("assignee__role", "admin", lambda t, r, a, o, g: bool(a) and a["role"] == "admin", 2),
    ("organization__tags", "vip", lambda t, r, a, o, g: bool(o) and "vip" in o["tags"], 2),
    (
        "organization__external_id",
        "org-3",
        lambda t, r, a, o, g: bool(o) and o["external_id"] == "org-3",
        2,
    ),
    (
        "group__name__startswith",
        "S",
        lambda t, r, a, o, g: bool(g) and g["name"].startswith("S"),
        2,
    ),
    ("requester__email", "nobody@example.com", lambda t, r, a, o, g: False, 1),
]


@pytest.mark.parametrize(
    ("lookup", "value", "test", "requests"), SPANS, ids=[span[0] for span in SPANS]
)
def test_a_span_is_a_query_of_its_own(demo, where, count_requests, lookup, value, test, requests):
    """One request for what it points to, and those for the rows; nobody is no rows."""
    rows = Ticket.objects.filter(**{lookup: value})
    with count_requests(demo, requests):
        assert where(test) == _ids(rows)
    assert len(where(test)) == rows.all().count()


def test_a_span_over_two_relations(demo, where, rows, count_requests):
    """`requester__organization__name`: organizations, people, tickets."""
    companies = rows[Organization]

    def wanted(ticket, requester, *others):
        company = companies.get(requester["organization_id"])
        return bool(company) and company["name"] == "Cedar Press"

    expected = where(wanted)
    assert expected
    with count_requests(demo, 3):
        assert expected == _ids(Ticket.objects.filter(requester__organization__name="Cedar Press"))


def test_a_span_is_left_out(demo, where, count_requests):
    """The others stay, those that point to nothing among them."""
    expected = where(lambda t, r, a, o, g: not (o and "vip" in o["tags"]))
    with count_requests(demo, 4):
        found = _ids(Ticket.objects.exclude(organization__tags="vip"))

    assert expected == found
    assert where(lambda t, r, a, o, g: o is None) <= found


def test_spans_stand_beside_other_conditions(demo, where, count_requests):
    """Each span is asked once; alternatives are searches of their own."""
    with count_requests(demo, 2):
        found = _ids(Ticket.objects.filter(organization__tags="vip", status="open"))
    assert (
        where(lambda t, r, a, o, g: bool(o) and "vip" in o["tags"] and t["status"] == "open")
        == found
    )
    with count_requests(demo, 3):
        found = _ids(Ticket.objects.filter(Q(organization__tags="vip") | Q(status="new")))
    assert (
        where(lambda t, r, a, o, g: bool(o and "vip" in o["tags"]) or t["status"] == "new") == found
    )
    with count_requests(demo, 3):
        both = Ticket.objects.filter(organization__tags="vip", group__name="Billing")
        found = _ids(both)
    assert (
        where(lambda t, r, a, o, g: bool(o and g) and "vip" in o["tags"] and g["name"] == "Billing")
        == found
    )


@pytest.mark.parametrize(
    ("lookups", "requests"),
    [
        ({"requester__in": User.objects.filter(role="admin")}, 2),
        ({"assignee__in": User.objects.filter(role="admin")}, 2),
        ({"organization__in": Organization.objects.all()[:5]}, 2),
        ({"organization__in": Organization.objects.filter(tags="vip").values("id")}, 2),
        ({"group__in": Group.objects.none()}, 0),
        ({"pk__in": Ticket.objects.filter(status="new")[:5]}, 2),
    ],
    ids=["requester", "assignee", "a slice", "values", "nothing", "its own ids"],
)
def test_a_query_is_a_value(demo, rows, count_requests, lookups, requests):
    """It is read for its ids when the rows are read, and not before."""
    ((lookup, query),) = lookups.items()
    with count_requests(demo, 0):
        asked = Ticket.objects.filter(**lookups)
        assert asked.explain()
    with count_requests(demo, requests):
        found = _ids(asked)
    ids = {row["id"] if isinstance(row, dict) else row.pk for row in query.all()}
    key = "id" if lookup == "pk__in" else lookup.replace("__in", "_id")
    assert found == {pk for pk, row in rows[Ticket].items() if row[key] in ids}


def test_objects_are_values(demo, rows, count_requests):
    """Each stands for its id, so that only the tickets are asked for."""
    admins = list(User.objects.filter(role="admin"))
    with count_requests(demo, 1):
        found = _ids(Ticket.objects.filter(assignee__in=admins))

    ids = {user.pk for user in admins}
    assert found == {pk for pk, row in rows[Ticket].items() if row["assignee_id"] in ids}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Ticket.objects.filter(requester__organization__group__name="Billing"),
        lambda: Ticket.objects.filter(
            organization__name="Alder Foods", requester__notes__regex="x"
        ),
    ],
    ids=["in the middle", "beside another"],
)
def test_a_span_that_cannot_be_asked_costs_nothing(demo, count_requests, ask):
    """Every part is planned before the first one is sent."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(ask())


def test_scan_reaches_what_a_relation_points_to(demo, where):
    """What `scan()` allows, it allows for every part of the question."""
    rows = Ticket.objects.filter(organization__details__endswith="1950").scan()

    expected = where(lambda t, r, a, o, g: bool(o) and o["details"].endswith("1950"))
    assert expected
    assert expected == _ids(rows)


def test_a_span_of_more_than_can_be_named_is_refused(demo):
    """400 people are more than eight searches take; the refusal says what to do."""
    everybody = User.objects.all().union(User.objects.none())
    rows = Ticket.objects.filter(requester__in=[*everybody, *range(1, 20)], status="new")

    with pytest.raises(NoEndpoint, match="narrow them"):
        list(rows)

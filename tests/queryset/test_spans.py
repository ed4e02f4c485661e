"""Lookups that span relations, and QuerySets as values of lookups."""

from __future__ import annotations

import pytest

from tests.queryset.stored import stored_rows_by_id
from zendesk_orm import Group, NoEndpoint, Organization, Q, Ticket, User


@pytest.fixture(scope="module")
def rows(seeded):
    """Return the stored rows of tickets, users, organizations and groups by id."""
    return {
        model: stored_rows_by_id(seeded, model) for model in (Ticket, User, Organization, Group)
    }


@pytest.fixture
def ids_where(rows):
    """Return a function that returns the ids of tickets by a test of their related rows."""

    def select_ids(test):
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

    return select_ids


def _ids(rows):
    """Return the ids of rows, each of which must occur once."""
    result = [row.pk for row in rows]
    assert len(result) == len(set(result))
    return set(result)


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
def test_spanning_lookups_query_the_related_model_first(
    demo, ids_where, count_requests, lookup, value, test, requests
):
    """A lookup across a relation fetches the related rows, and then the tickets of these."""
    rows = Ticket.objects.filter(**{lookup: value})
    with count_requests(demo, requests):
        assert _ids(rows) == ids_where(test)
    assert rows.all().count() == len(ids_where(test))


def test_lookups_can_span_two_relations(demo, ids_where, rows, count_requests):
    """A lookup across two relations fetches organizations, users and tickets."""
    companies = rows[Organization]

    def of_cedar_press(ticket, requester, *others):
        company = companies.get(requester["organization_id"])
        return bool(company) and company["name"] == "Cedar Press"

    expected = ids_where(of_cedar_press)
    assert expected
    with count_requests(demo, 3):
        assert _ids(Ticket.objects.filter(requester__organization__name="Cedar Press")) == expected


def test_spanning_lookups_can_be_excluded(demo, ids_where, count_requests):
    """`exclude()` across a relation also returns rows without a related object."""
    expected = ids_where(lambda t, r, a, o, g: not (o and "vip" in o["tags"]))
    with count_requests(demo, 4):
        result = _ids(Ticket.objects.exclude(organization__tags="vip"))

    assert result == expected
    assert ids_where(lambda t, r, a, o, g: o is None) <= result


def test_spanning_lookups_combine_with_other_conditions(demo, ids_where, count_requests):
    """Lookups across relations can be combined with other conditions by `&` and `|`."""
    with count_requests(demo, 2):
        result = _ids(Ticket.objects.filter(organization__tags="vip", status="open"))
    assert result == ids_where(
        lambda t, r, a, o, g: bool(o) and "vip" in o["tags"] and t["status"] == "open"
    )
    with count_requests(demo, 3):
        result = _ids(Ticket.objects.filter(Q(organization__tags="vip") | Q(status="new")))
    assert result == ids_where(
        lambda t, r, a, o, g: bool(o and "vip" in o["tags"]) or t["status"] == "new"
    )
    with count_requests(demo, 3):
        result = _ids(Ticket.objects.filter(organization__tags="vip", group__name="Billing"))
    assert result == ids_where(
        lambda t, r, a, o, g: bool(o and g) and "vip" in o["tags"] and g["name"] == "Billing"
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
def test_querysets_can_be_values(demo, rows, count_requests, lookups, requests):
    """A QuerySet as a value is evaluated when the rows are fetched, and not earlier."""
    ((lookup, query),) = lookups.items()
    with count_requests(demo, 0):
        tickets = Ticket.objects.filter(**lookups)
        assert tickets.explain()
    with count_requests(demo, requests):
        result = _ids(tickets)
    ids = {row["id"] if isinstance(row, dict) else row.pk for row in query.all()}
    key = "id" if lookup == "pk__in" else lookup.replace("__in", "_id")
    assert result == {pk for pk, row in rows[Ticket].items() if row[key] in ids}


def test_lists_of_objects_can_be_values(demo, rows, count_requests):
    """A list of objects as a value is replaced by their ids, without a further request."""
    admins = list(User.objects.filter(role="admin"))
    with count_requests(demo, 1):
        result = _ids(Ticket.objects.filter(assignee__in=admins))

    ids = {user.pk for user in admins}
    assert result == {pk for pk, row in rows[Ticket].items() if row["assignee_id"] in ids}


@pytest.mark.parametrize(
    "build",
    [
        lambda: Ticket.objects.filter(requester__organization__group__name="Billing"),
        lambda: Ticket.objects.filter(
            organization__name="Alder Foods", requester__notes__regex="x"
        ),
    ],
    ids=["in the middle", "after a supported one"],
)
def test_unsupported_spans_raise_before_sending(demo, count_requests, build):
    """A query with an unsupported lookup across relations raises before anything is sent."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(build())


def test_scan_applies_to_spanning_lookups(demo, ids_where):
    """`scan()` also applies to the query for the related rows."""
    rows = Ticket.objects.filter(organization__details__endswith="1950").scan()

    expected = ids_where(lambda t, r, a, o, g: bool(o) and o["details"].endswith("1950"))
    assert expected
    assert _ids(rows) == expected


def test_spans_with_too_many_rows_raise(demo):
    """More related ids than eight searches accept raise an error that suggests a remedy."""
    users = User.objects.all().union(User.objects.none())
    rows = Ticket.objects.filter(requester__in=[*users, *range(1, 20)], status="new")

    with pytest.raises(NoEndpoint, match="narrow them"):
        list(rows)

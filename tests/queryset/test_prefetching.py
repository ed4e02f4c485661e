"""`prefetch_related()` of relations to one and to many, and `Prefetch` objects."""

from __future__ import annotations

import pickle

import pytest

from tests.queryset.stored import emulator_with_tickets, stored_rows
from zendesk_orm import (
    FieldError,
    Group,
    InvalidValue,
    NoEndpoint,
    Organization,
    Prefetch,
    Ticket,
    User,
    connections,
    prefetch_related_objects,
)


CLOSED = Ticket.objects.filter(status="closed")
#: Requests for a list of organizations, and for an export of their tickets.
LIST, TICKETS = 1, 1


def _ticket_ids(rows, organization, **lookups):
    """Return the ids of the organization's tickets, newest first."""
    result = [
        row
        for row in rows.values()
        if row["organization_id"] == organization.pk and lookups.items() <= row.items()
    ]
    return [row["id"] for row in sorted(result, key=lambda row: row["created_at"], reverse=True)]


def _ids(rows):
    return [row.pk for row in rows]


def test_relations_to_one_take_one_request_per_page(
    demo, user_rows, organization_rows, count_requests
):
    """A list takes one request, and each prefetched relation of a page one more."""
    with count_requests(demo, 4):
        result = list(
            Ticket.objects.fresh().prefetch_related("requester", "organization", "brand")[:60]
        )
    with count_requests(demo, 0):
        for ticket in result:
            organization_row = organization_rows.get(ticket.organization_id)
            assert ticket.requester.name == user_rows[ticket.requester_id]["name"]
            assert (ticket.organization and ticket.organization.name) == (
                organization_row and organization_row["name"]
            )
            assert ticket.brand.name


def test_each_page_fetches_missing_objects_only(demo, count_requests):
    """Related objects of the first page are not fetched again for the second."""
    tickets = list(Ticket.objects.fresh()[:150])
    first = {ticket.requester_id for ticket in tickets[:100]}
    second = {ticket.requester_id for ticket in tickets[100:]} - first
    assert second
    with count_requests(demo, 4):
        result = list(Ticket.objects.fresh().prefetch_related("requester")[:150])
    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in result)


def test_cached_objects_are_not_prefetched_again(demo, count_requests):
    """A session does not fetch users again that it has already fetched."""
    with demo.session():
        users = list(User.objects.all())
        with count_requests(demo, 1):
            result = list(Ticket.objects.fresh().prefetch_related("requester")[:60])
        with count_requests(demo, 0):
            assert {ticket.requester for ticket in result} <= set(users)


def test_nested_relations_to_one_take_one_request_each(
    demo, user_rows, organization_rows, count_requests
):
    """`requester__organization` fetches tickets, requesters and organizations."""
    with count_requests(demo, 3):
        result = list(Ticket.objects.fresh().prefetch_related("requester__organization")[:30])
    with count_requests(demo, 0):
        for ticket in result:
            organization_row = organization_rows.get(
                user_rows[ticket.requester_id]["organization_id"]
            )
            organization = ticket.requester.organization
            assert (organization and organization.name) == (
                organization_row and organization_row["name"]
            )


def test_iterator_prefetches_each_page(demo, count_requests):
    """`iterator()` prefetches the relations of each page."""
    with count_requests(demo, 2):
        first = next(Ticket.objects.fresh().prefetch_related("requester").iterator(chunk_size=10))
        assert first.requester.name


def test_relations_of_single_objects_are_prefetched(demo, count_requests):
    """`get()`, `first()` and indexes prefetch relations, too."""
    rows = Ticket.objects.prefetch_related("requester")
    for read in (lambda: rows.get(2999), lambda: rows.first(), lambda: rows.all()[5]):
        with count_requests(demo, 2):
            ticket = read()
            assert ticket.requester.name
        # The next query would use the cached requester.
        demo.cache.clear()


def test_relations_to_many_take_one_search(demo, rows, count_requests):
    """One search fetches the tickets of up to fifty organizations."""
    with count_requests(demo, LIST + TICKETS):
        result = list(Organization.objects.prefetch_related("tickets")[:5])
    with count_requests(demo, 0):
        for organization in result:
            expected = _ticket_ids(rows, organization)
            assert _ids(organization.tickets.all()) == _ids(organization.tickets.all()) == expected
            assert organization.tickets.count() == len(organization.tickets.all()) == len(expected)
            assert organization.tickets.exists() is bool(expected)
            assert organization.tickets.all()[0].pk == expected[0]
            assert _ids(organization.tickets.all()[1:3]) == expected[1:3]
    assert sum(len(_ticket_ids(rows, organization)) for organization in result) > 100


def test_more_than_fifty_objects_take_several_searches(demo, rows, sent):
    """60 organizations take one search for 50 of them, and one for 10."""
    result = list(Organization.objects.prefetch_related("tickets"))

    assert len(result) == 60
    for organization in result:
        assert _ids(organization.tickets.all()) == _ticket_ids(rows, organization)
    words = [dict(request.params).get("query", "").count("organization:") for request in sent]
    assert {50, 10} <= set(words)
    pages = sum(-(-len(part) // 1000) for part in _ticket_ids_per_search(rows, result))
    assert len(sent) == LIST + pages


def _ticket_ids_per_search(rows, organizations):
    """Yield the ids of the tickets that each search returns."""
    for start in (0, 50):
        yield [
            pk
            for organization in organizations[start : start + 50]
            for pk in _ticket_ids(rows, organization)
        ]


def test_comments_take_one_request_per_ticket(demo, sent):
    """Comments are listed for each ticket, to which they refer."""
    result = list(Ticket.objects.fresh().prefetch_related("comments")[:3])

    assert [request.path for request in sent] == [
        "/api/v2/tickets",
        *(f"/api/v2/tickets/{ticket.pk}/comments" for ticket in result),
    ]
    before = len(sent)
    for ticket in result:
        assert ticket.comments.all()[0].body == ticket.description
        assert all(comment.ticket is ticket for comment in ticket.comments.all())
    assert len(sent) == before


def test_empty_relations_are_prefetched(demo, count_requests):
    """A prefetched relation without rows is not requested again."""
    with count_requests(demo, 3):
        result = list(Ticket.objects.fresh().prefetch_related("incidents")[:2])
    with count_requests(demo, 0):
        assert [list(ticket.incidents.all()) for ticket in result] == [[], []]


def test_filtering_a_prefetched_relation_makes_a_request(demo, rows, count_requests):
    """As in Django, a filter of a prefetched relation is a new query."""
    with count_requests(demo, LIST + TICKETS):
        result = list(Organization.objects.prefetch_related("tickets")[:2])
    with count_requests(demo, 2):
        for organization in result:
            assert _ids(organization.tickets.filter(status="closed")) == _ticket_ids(
                rows, organization, status="closed"
            )


def test_several_relations_can_be_prefetched(demo, rows, seeded, count_requests):
    """Two relations to many take one request each."""
    with count_requests(demo, 3):
        result = list(Organization.objects.prefetch_related("tickets", "users")[:5])
    user_rows = stored_rows(seeded, User)
    with count_requests(demo, 0):
        for organization in result:
            assert _ids(organization.tickets.all()) == _ticket_ids(rows, organization)
            user_ids = {row["id"] for row in user_rows if row["organization_id"] == organization.pk}
            assert set(_ids(organization.users.all())) == user_ids


def test_nested_relations_to_many_and_to_one(demo, rows, user_rows, count_requests):
    """`tickets__requester` fetches the requesters of all tickets in one request."""
    with count_requests(demo, 3):
        result = list(Organization.objects.prefetch_related("tickets__requester")[:3])
    with count_requests(demo, 0):
        for organization in result:
            assert [ticket.requester.name for ticket in organization.tickets.all()] == [
                user_rows[rows[pk]["requester_id"]]["name"]
                for pk in _ticket_ids(rows, organization)
            ]


def test_prefetch_objects_narrow_the_rows(demo, rows, count_requests):
    """A `Prefetch` fetches the rows of its QuerySet, in its order and with its side-loads."""
    closed = CLOSED.select_related("requester").order_by("created_at")
    with count_requests(demo, LIST + TICKETS):
        result = list(Organization.objects.prefetch_related(Prefetch("tickets", closed))[:5])
    with count_requests(demo, 0):
        for organization in result:
            expected = _ticket_ids(rows, organization, status="closed")[::-1]
            assert _ids(organization.tickets.all()) == expected
            assert all(ticket.requester.name for ticket in organization.tickets.all())


def test_to_attr_stores_a_list(demo, rows, count_requests):
    """`to_attr` stores the rows in a list, and does not cache the relation."""
    prefetch = Prefetch("tickets", CLOSED, to_attr="closed")
    with count_requests(demo, LIST + TICKETS):
        result = list(Organization.objects.prefetch_related(prefetch)[:2])
    with count_requests(demo, 0):
        for organization in result:
            assert type(organization.closed) is list
            assert _ids(organization.closed) == _ticket_ids(rows, organization, status="closed")
    with count_requests(demo, 2):
        for organization in result:
            assert _ids(organization.tickets.all()) == _ticket_ids(rows, organization)


def test_a_relation_can_be_prefetched_twice(demo, rows, count_requests):
    """A relation can be prefetched into two attributes, by one search each."""
    prefetches = [
        Prefetch("tickets", Ticket.objects.filter(status=status), to_attr=status)
        for status in ("closed", "open")
    ]
    with count_requests(demo, 3):
        result = list(Organization.objects.prefetch_related(*prefetches)[:3])
    for organization in result:
        assert _ids(organization.closed) == _ticket_ids(rows, organization, status="closed")
        assert _ids(organization.open) == _ticket_ids(rows, organization, status="open")


def test_a_fresh_prefetch_uses_lists(demo, seeded, sent):
    """A `Prefetch` with `fresh()` requests the list of each object."""
    unarchived = [row["id"] for row in stored_rows(seeded, archived=False)]
    result = list(
        Organization.objects.prefetch_related(Prefetch("tickets", Ticket.objects.fresh()))[:3]
    )

    assert [request.path for request in sent] == [
        "/api/v2/organizations",
        *(f"/api/v2/organizations/{organization.pk}/tickets" for organization in result),
    ]
    for organization in result:
        assert set(_ids(organization.tickets.all())) <= set(unarchived)
        assert organization.tickets.all()


def test_sliced_prefetches_raise_or_apply_to_each_object(demo, rows):
    """A slice in a `Prefetch` applies to the rows of each object, or raises."""
    prefetch = Prefetch("tickets", Ticket.objects.all()[:2])
    try:
        result = list(Organization.objects.prefetch_related(prefetch)[:5])
    except (FieldError, InvalidValue, NoEndpoint):
        return

    assert [_ids(item.tickets.all()) for item in result] == [
        _ticket_ids(rows, item)[:2] for item in result
    ]


def test_the_queryset_of_a_prefetch_can_prefetch(demo, count_requests):
    """The QuerySet of a `Prefetch` can prefetch relations of its rows."""
    open_tickets = Ticket.objects.filter(status="open").prefetch_related("comments")
    result = list(Organization.objects.prefetch_related(Prefetch("tickets", open_tickets))[:2])
    tickets = [ticket for organization in result for ticket in organization.tickets.all()]
    assert tickets
    with count_requests(demo, 0):
        assert all(list(ticket.comments.all()) for ticket in tickets)


def test_lookups_continue_from_earlier_prefetches(demo, rows, count_requests):
    """`tickets__requester` after a `Prefetch` of tickets is of its tickets only."""
    lookups = Prefetch("tickets", Ticket.objects.filter(status="open")), "tickets__requester"
    with count_requests(demo, 3):
        result = list(Organization.objects.prefetch_related(*lookups)[:3])

    for organization in result:
        assert _ids(organization.tickets.all()) == _ticket_ids(rows, organization, status="open")


def test_to_attr_of_relations_to_one_sets_an_object_or_raises(demo, user_rows):
    """`to_attr` of a relation to one stores the object, or raises."""
    try:
        rows = Ticket.objects.fresh().prefetch_related(Prefetch("requester", to_attr="person"))
        ticket = rows[0]
    except (FieldError, InvalidValue):
        return

    assert ticket.person.name == user_rows[ticket.requester_id]["name"]


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ("commments", "commments"),
        ("requester__nope", "nope"),
        ("tickets", "tickets"),
        ("get_status_display", "get_status_display"),
        (Prefetch("comments", User.objects.all()), "must be for Comment"),
        (Prefetch("requester__organization", Group.objects.all()), "must be for Organization"),
    ],
)
def test_unknown_relations_raise_before_sending(demo, count_requests, lookup, message):
    """`prefetch_related()` raises for an unknown relation or a QuerySet of another model."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        Ticket.objects.prefetch_related(lookup)


@pytest.mark.parametrize("name", ["subject", "requester_id", "id"])
def test_fields_cannot_be_prefetched(name):
    """`prefetch_related()` of a field raises an error with its name."""
    with pytest.raises(FieldError, match=name):
        Ticket.objects.prefetch_related(name)


def test_relations_to_one_cannot_have_a_queryset(demo, count_requests):
    """A `Prefetch` with a QuerySet for a relation to one raises before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="refers to one row"):
        list(Ticket.objects.prefetch_related(Prefetch("requester", User.objects.all()))[:1])


def test_prefetch_related_none_removes_prefetches(demo, count_requests):
    """As in Django, `prefetch_related(None)` removes the prefetches before it."""
    rows = Ticket.objects.fresh().prefetch_related("requester", "comments").prefetch_related(None)
    with count_requests(demo, 1):
        list(rows[:3])
    with count_requests(demo, 2):
        list(rows.prefetch_related("brand")[:3])


def test_prefetch_related_objects_fetches_the_relations_of_objects(demo, user_rows, count_requests):
    """`prefetch_related_objects()` fetches relations of objects that are already loaded."""
    result = list(Ticket.objects.fresh()[:20])
    with count_requests(demo, 21):
        prefetch_related_objects(result, "requester", "comments")
    with count_requests(demo, 0):
        for ticket in result:
            assert ticket.requester.name == user_rows[ticket.requester_id]["name"]
            assert ticket.comments.all()[0].body == ticket.description


def test_prefetch_related_objects_accepts_prefetch_objects(demo, rows, count_requests):
    """`prefetch_related_objects()` accepts a `Prefetch`."""
    result = list(Organization.objects.all()[:3])
    with count_requests(demo, 1):
        prefetch_related_objects(result, Prefetch("tickets", CLOSED, to_attr="done"))

    assert [_ids(item.done) for item in result] == [
        _ticket_ids(rows, item, status="closed") for item in result
    ]


def test_prefetch_related_objects_without_objects_sends_nothing(demo, count_requests):
    """`prefetch_related_objects([])` makes no request."""
    with count_requests(demo, 0):
        prefetch_related_objects([], "requester")


def test_prefetch_related_objects_rejects_unknown_relations(demo, count_requests):
    """`prefetch_related_objects()` raises for an unknown relation before anything is sent."""
    result = list(Ticket.objects.fresh()[:2])
    with count_requests(demo, 0), pytest.raises(FieldError, match="nope"):
        prefetch_related_objects(result, "nope")


def test_unsaved_objects_are_skipped(demo, count_requests):
    """`prefetch_related_objects()` skips an unsaved object, which has no id."""
    saved = list(Ticket.objects.fresh()[:1])
    with count_requests(demo, 1):
        prefetch_related_objects([*saved, Ticket(subject="x")], "comments")

    assert saved[0].comments.all()


def test_prefetch_related_objects_uses_the_account_of_the_objects(demo, count_requests):
    """Related objects are fetched from the account of the objects."""
    with emulator_with_tickets(4) as emulator:
        other = emulator.connect(alias="emea")
        result = list(Ticket.objects.using("emea"))
        with count_requests(connections["default"], 0), count_requests(other, 1):
            prefetch_related_objects(result, "requester")
        with count_requests(other, 0):
            assert {t.requester.name for t in result} == {f"User {n}" for n in (1, 2, 3, 4)}


def test_prefetched_objects_are_identical(demo, count_requests):
    """A prefetched row is one object, which refers to the object that it was prefetched for."""
    organization, *_ = result = list(Organization.objects.prefetch_related("tickets")[:2])
    ticket = organization.tickets.all()[0]

    with count_requests(demo, 0):
        assert ticket is organization.tickets.all()[0]
        assert ticket.organization in result
        assert ticket.organization is organization


def test_prefetches_are_pickled(demo, count_requests):
    """A pickled query keeps its prefetches, or the rows that they have fetched."""
    rows = Organization.objects.prefetch_related(Prefetch("tickets", CLOSED, to_attr="done"))[:2]
    unevaluated = pickle.loads(pickle.dumps(rows))
    with count_requests(demo, 2):
        assert all(organization.done for organization in unevaluated)
    evaluated = pickle.loads(pickle.dumps(unevaluated))
    with count_requests(demo, 0):
        assert _ids(evaluated) == _ids(unevaluated)


def test_all_of_a_query_discards_its_cache(demo, count_requests):
    """As in Django, `all()` of an evaluated QuerySet fetches its rows again."""
    rows = Ticket.objects.filter(status="new").prefetch_related("requester")
    with count_requests(demo, 2):
        list(rows)
    with count_requests(demo, 1):
        assert all(ticket.requester.name for ticket in rows.all())


@pytest.mark.parametrize("name", ["subject", "requester", "requester_id", "comments", "save", "pk"])
def test_prefetched_rows_replace_no_attribute(account, emulator, name):
    """`to_attr` must be a new name, as in Django: a list in a field would be sent by `save()`."""
    with pytest.raises(FieldError, match=f"to_attr='{name}' would replace an attribute of Ticket"):
        Ticket.objects.prefetch_related(Prefetch("comments", to_attr=name))
    assert emulator.requests == []

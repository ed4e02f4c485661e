"""What rows point to, and what points to them, read for a page at once."""

from __future__ import annotations

import pickle

import pytest

from tests.face.stored import filled, stored, stored_by_id
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
#: Requests for the organizations themselves, and for their tickets, which two exports give.
LIST, TICKETS = 1, 1


@pytest.fixture(scope="module")
def tickets(seeded):
    """Return the rows of all tickets by id, as they lie in the store."""
    return stored_by_id(seeded)


@pytest.fixture(scope="module")
def people(seeded):
    """Return the rows of all users by id."""
    return stored_by_id(seeded, User)


@pytest.fixture(scope="module")
def companies(seeded):
    """Return the rows of all organizations by id."""
    return stored_by_id(seeded, Organization)


def _of(tickets, organization, **wanted):
    """Return the ids of the organization's tickets, newest first."""
    found = [
        row
        for row in tickets.values()
        if row["organization_id"] == organization.pk and wanted.items() <= row.items()
    ]
    return [row["id"] for row in sorted(found, key=lambda row: row["created_at"], reverse=True)]


def _ids(rows):
    return [row.pk for row in rows]


# -- to one ------------------------------------------------------------------


def test_what_rows_point_to_is_fetched_by_the_hundred(demo, people, companies, count_requests):
    """One request for the list, and for each relation one for the page."""
    with count_requests(demo, 4):
        found = list(
            Ticket.objects.fresh().prefetch_related("requester", "organization", "brand")[:60]
        )
    with count_requests(demo, 0):
        for ticket in found:
            company = companies.get(ticket.organization_id)
            assert people[ticket.requester_id]["name"] == ticket.requester.name
            assert (company and company["name"]) == (
                ticket.organization and ticket.organization.name
            )
            assert ticket.brand.name


def test_two_pages_are_two_fetches(demo, count_requests):
    """And what the first page brought is not fetched for the second."""
    wanted = list(Ticket.objects.fresh()[:150])
    first = {ticket.requester_id for ticket in wanted[:100]}
    second = {ticket.requester_id for ticket in wanted[100:]} - first
    assert second
    with count_requests(demo, 4):
        found = list(Ticket.objects.fresh().prefetch_related("requester")[:150])
    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in found)


def test_what_is_at_hand_is_not_fetched(demo, count_requests):
    """In a unit of work, people who were read before are known."""
    with demo.session():
        everybody = list(User.objects.all())
        with count_requests(demo, 1):
            found = list(Ticket.objects.fresh().prefetch_related("requester")[:60])
        with count_requests(demo, 0):
            assert {ticket.requester for ticket in found} <= set(everybody)


def test_relations_of_relations_are_fetched(demo, people, companies, count_requests):
    """`requester__organization`: tickets, their people, and the organizations of these."""
    with count_requests(demo, 3):
        found = list(Ticket.objects.fresh().prefetch_related("requester__organization")[:30])
    with count_requests(demo, 0):
        for ticket in found:
            company = companies.get(people[ticket.requester_id]["organization_id"])
            organization = ticket.requester.organization
            assert (company and company["name"]) == (organization and organization.name)


def test_streams_are_prefetched_page_by_page(demo, count_requests):
    """`iterator()` reads along as it goes."""
    with count_requests(demo, 2):
        first = next(Ticket.objects.fresh().prefetch_related("requester").iterator(chunk_size=10))
        assert first.requester.name


def test_single_rows_are_prefetched(demo, count_requests):
    """get(), first() and places bring along what was named."""
    rows = Ticket.objects.prefetch_related("requester")
    for read in (lambda: rows.get(2999), lambda: rows.first(), lambda: rows.all()[5]):
        with count_requests(demo, 2):
            ticket = read()
            assert ticket.requester.name
        # What is kept for minutes would be at hand for the next.
        demo.rows.clear()


# -- to many -----------------------------------------------------------------


def test_what_points_here_is_one_search(demo, tickets, count_requests):
    """For up to fifty parents; each gets its own, and `.all()` gives them again for nothing."""
    with count_requests(demo, LIST + TICKETS):
        found = list(Organization.objects.prefetch_related("tickets")[:5])
    with count_requests(demo, 0):
        for organization in found:
            expected = _of(tickets, organization)
            assert expected == _ids(organization.tickets.all()) == _ids(organization.tickets.all())
            assert len(expected) == organization.tickets.count() == len(organization.tickets.all())
            assert bool(expected) is organization.tickets.exists()
            assert expected[0] == organization.tickets.all()[0].pk
            assert expected[1:3] == _ids(organization.tickets.all()[1:3])
    assert sum(len(_of(tickets, organization)) for organization in found) > 100


def test_more_parents_than_a_search_takes_are_several(demo, tickets, sent):
    """60 organizations are two searches, and 2,500 rows so many more pages as they take."""
    found = list(Organization.objects.prefetch_related("tickets"))

    assert 60 == len(found)
    for organization in found:
        assert _of(tickets, organization) == _ids(organization.tickets.all())
    words = [dict(request.params).get("query", "").count("organization:") for request in sent]
    assert {50, 10} <= set(words)
    pages = sum(-(-len(part) // 1000) for part in _parts(tickets, found))
    assert LIST + pages == len(sent)


def _parts(tickets, organizations):
    for start in (0, 50):
        yield [pk for each in organizations[start : start + 50] for pk in _of(tickets, each)]


def test_what_has_a_list_for_each_is_a_list_for_each(demo, sent):
    """Comments can be had ticket by ticket only, and the objects know their ticket."""
    found = list(Ticket.objects.fresh().prefetch_related("comments")[:3])

    assert ["/api/v2/tickets", *(f"/api/v2/tickets/{t.pk}/comments" for t in found)] == [
        request.path for request in sent
    ]
    before = len(sent)
    for ticket in found:
        assert ticket.description == ticket.comments.all()[0].body
        assert all(comment.ticket is ticket for comment in ticket.comments.all())
    assert before == len(sent)


def test_what_points_to_none_of_them_is_empty(demo, count_requests):
    """An empty result was read, too, and is not asked for again."""
    with count_requests(demo, 3):
        found = list(Ticket.objects.fresh().prefetch_related("incidents")[:2])
    with count_requests(demo, 0):
        assert [[], []] == [list(ticket.incidents.all()) for ticket in found]


def test_what_is_asked_further_is_asked(demo, tickets, count_requests):
    """As in Django, a filter on what was prefetched is another question."""
    with count_requests(demo, LIST + TICKETS):
        found = list(Organization.objects.prefetch_related("tickets")[:2])
    with count_requests(demo, 2):
        for organization in found:
            assert _of(tickets, organization, status="closed") == _ids(
                organization.tickets.filter(status="closed")
            )


def test_several_relations_are_read_one_after_the_other(demo, tickets, seeded, count_requests):
    """Each costs what it costs by itself."""
    with count_requests(demo, 3):
        found = list(Organization.objects.prefetch_related("tickets", "users")[:5])
    people = stored(seeded, User)
    with count_requests(demo, 0):
        for organization in found:
            assert _of(tickets, organization) == _ids(organization.tickets.all())
            mine = {row["id"] for row in people if row["organization_id"] == organization.pk}
            assert mine == set(_ids(organization.users.all()))


def test_nested_lookups_go_to_many_and_on_to_one(demo, tickets, people, count_requests):
    """`tickets__requester`: the people of all tickets at once."""
    with count_requests(demo, 3):
        found = list(Organization.objects.prefetch_related("tickets__requester")[:3])
    with count_requests(demo, 0):
        for organization in found:
            assert [
                people[tickets[pk]["requester_id"]]["name"] for pk in _of(tickets, organization)
            ] == [ticket.requester.name for ticket in organization.tickets.all()]


# -- Prefetch ----------------------------------------------------------------


def test_a_prefetch_narrows(demo, tickets, count_requests):
    """Only rows of its queryset are read, in its order, with what it brings along."""
    closed = CLOSED.select_related("requester").order_by("created_at")
    with count_requests(demo, LIST + TICKETS):
        found = list(Organization.objects.prefetch_related(Prefetch("tickets", closed))[:5])
    with count_requests(demo, 0):
        for organization in found:
            expected = _of(tickets, organization, status="closed")[::-1]
            assert expected == _ids(organization.tickets.all())
            assert all(ticket.requester.name for ticket in organization.tickets.all())


def test_a_prefetch_goes_to_an_attribute(demo, tickets, count_requests):
    """A list, beside which the relation is as it was."""
    prefetch = Prefetch("tickets", CLOSED, to_attr="closed")
    with count_requests(demo, LIST + TICKETS):
        found = list(Organization.objects.prefetch_related(prefetch)[:2])
    with count_requests(demo, 0):
        for organization in found:
            assert type(organization.closed) is list
            assert _of(tickets, organization, status="closed") == _ids(organization.closed)
    with count_requests(demo, 2):
        for organization in found:
            assert _of(tickets, organization) == _ids(organization.tickets.all())


def test_two_prefetches_of_one_relation(demo, tickets, count_requests):
    """Under two names, one search each."""
    prefetches = [
        Prefetch("tickets", Ticket.objects.filter(status=status), to_attr=status)
        for status in ("closed", "open")
    ]
    with count_requests(demo, 3):
        found = list(Organization.objects.prefetch_related(*prefetches)[:3])
    for organization in found:
        assert _of(tickets, organization, status="closed") == _ids(organization.closed)
        assert _of(tickets, organization, status="open") == _ids(organization.open)


def test_a_fresh_prefetch_is_the_list_of_each(demo, seeded, sent):
    """Where the search is not wanted, each parent's own list is asked."""
    alive = [row["id"] for row in stored(seeded, archived=False)]
    found = list(
        Organization.objects.prefetch_related(Prefetch("tickets", Ticket.objects.fresh()))[:3]
    )

    assert [
        "/api/v2/organizations",
        *(f"/api/v2/organizations/{organization.pk}/tickets" for organization in found),
    ] == [request.path for request in sent]
    for organization in found:
        assert set(_ids(organization.tickets.all())) <= set(alive)
        assert organization.tickets.all()


def test_a_sliced_prefetch_is_sliced_for_each_parent(demo, tickets):
    """As in Django: the two newest of each; or else it is refused, and nothing is lost."""
    prefetch = Prefetch("tickets", Ticket.objects.all()[:2])
    try:
        found = list(Organization.objects.prefetch_related(prefetch)[:5])
    except (FieldError, InvalidValue, NoEndpoint):
        return

    assert [_of(tickets, each)[:2] for each in found] == [
        _ids(each.tickets.all()) for each in found
    ]


def test_a_prefetch_prefetches(demo, count_requests):
    """What its own queryset reads along is read along."""
    some = Ticket.objects.filter(status="open").prefetch_related("comments")
    found = list(Organization.objects.prefetch_related(Prefetch("tickets", some))[:2])
    read = [ticket for organization in found for ticket in organization.tickets.all()]
    assert read
    with count_requests(demo, 0):
        assert all(list(ticket.comments.all()) for ticket in read)


def test_a_lookup_goes_on_from_an_earlier_prefetch(demo, tickets, count_requests):
    """As in Django: `tickets__requester` after `Prefetch("tickets", some)` is of these."""
    lookups = Prefetch("tickets", Ticket.objects.filter(status="open")), "tickets__requester"
    with count_requests(demo, 3):
        found = list(Organization.objects.prefetch_related(*lookups)[:3])

    for organization in found:
        assert _of(tickets, organization, status="open") == _ids(organization.tickets.all())


def test_a_prefetch_to_one_goes_to_an_attribute(demo, people):
    """As in Django, or else it is refused."""
    try:
        rows = Ticket.objects.fresh().prefetch_related(Prefetch("requester", to_attr="who"))
        ticket = rows[0]
    except (FieldError, InvalidValue):
        return

    assert people[ticket.requester_id]["name"] == ticket.who.name


# -- refusals ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ("commments", "commments"),
        ("requester__nope", "nope"),
        ("tickets", "tickets"),
        ("get_status_display", "get_status_display"),
        (Prefetch("comments", User.objects.all()), "wants a query of Comment"),
        (Prefetch("requester__organization", Group.objects.all()), "wants a query of Organization"),
    ],
)
def test_what_there_is_not_is_refused(demo, count_requests, lookup, message):
    """When it is named, not when rows are read."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        Ticket.objects.prefetch_related(lookup)


@pytest.mark.parametrize("name", ["subject", "requester_id", "id"])
def test_a_field_is_no_relation(name):
    """And the refusal says so."""
    with pytest.raises(FieldError, match=name):
        Ticket.objects.prefetch_related(name)


def test_a_queryset_for_one_row_is_refused_at_once(demo, count_requests):
    """Before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="leads to one row"):
        list(Ticket.objects.prefetch_related(Prefetch("requester", User.objects.all()))[:1])


def test_none_takes_them_back(demo, count_requests):
    """As in Django; those named after it count."""
    rows = Ticket.objects.fresh().prefetch_related("requester", "comments").prefetch_related(None)
    with count_requests(demo, 1):
        list(rows[:3])
    with count_requests(demo, 2):
        list(rows.prefetch_related("brand")[:3])


# -- objects at hand ---------------------------------------------------------


def test_objects_at_hand_are_prefetched(demo, people, count_requests):
    """Whatever query they came from."""
    found = list(Ticket.objects.fresh()[:20])
    with count_requests(demo, 21):
        prefetch_related_objects(found, "requester", "comments")
    with count_requests(demo, 0):
        for ticket in found:
            assert people[ticket.requester_id]["name"] == ticket.requester.name
            assert ticket.comments.all()[0].body == ticket.description


def test_objects_at_hand_get_an_attribute(demo, tickets, count_requests):
    """A `Prefetch` says what is read and where it goes."""
    found = list(Organization.objects.all()[:3])
    with count_requests(demo, 1):
        prefetch_related_objects(found, Prefetch("tickets", CLOSED, to_attr="done"))

    assert [_of(tickets, each, status="closed") for each in found] == [_ids(e.done) for e in found]


def test_no_objects_cost_nothing(demo, count_requests):
    """There is nothing to read along."""
    with count_requests(demo, 0):
        prefetch_related_objects([], "requester")


def test_objects_at_hand_have_the_relation(demo, count_requests):
    """An unknown one is refused."""
    found = list(Ticket.objects.fresh()[:2])
    with count_requests(demo, 0), pytest.raises(FieldError, match="nope"):
        prefetch_related_objects(found, "nope")


def test_objects_that_were_never_saved_are_left_out(demo, count_requests):
    """Nothing can point to what has no id."""
    saved = list(Ticket.objects.fresh()[:1])
    with count_requests(demo, 1):
        prefetch_related_objects([*saved, Ticket(subject="x")], "comments")

    assert saved[0].comments.all()


def test_objects_of_another_account_are_read_there(demo, count_requests):
    """The account is that of the objects."""
    with filled(4) as emulator:
        other = emulator.connect(alias="emea")
        found = list(Ticket.objects.using("emea"))
        with count_requests(connections["default"], 0), count_requests(other, 1):
            prefetch_related_objects(found, "requester")
        with count_requests(other, 0):
            assert {f"User {n}" for n in (1, 2, 3, 4)} == {t.requester.name for t in found}


# -- what was prefetched -----------------------------------------------------


def test_what_was_prefetched_is_the_same_object(demo, count_requests):
    """One row is one object, whichever way it came."""
    organization, *_ = found = list(Organization.objects.prefetch_related("tickets")[:2])
    ticket = organization.tickets.all()[0]

    with count_requests(demo, 0):
        assert ticket is organization.tickets.all()[0]
        assert ticket.organization in found
        assert ticket.organization is organization


def test_the_question_is_pickled_with_its_prefetches(demo, count_requests):
    """An unread query reads along when it is read; a read one is not read again."""
    rows = Organization.objects.prefetch_related(Prefetch("tickets", CLOSED, to_attr="done"))[:2]
    unread = pickle.loads(pickle.dumps(rows))
    with count_requests(demo, 2):
        assert all(organization.done for organization in unread)
    read = pickle.loads(pickle.dumps(unread))
    with count_requests(demo, 0):
        assert _ids(unread) == _ids(read)


def test_all_of_a_query_is_read_anew(demo, count_requests):
    """`.all()` of a QuerySet is another question, as in Django; only relations keep theirs."""
    rows = Ticket.objects.filter(status="new").prefetch_related("requester")
    with count_requests(demo, 2):
        list(rows)
    with count_requests(demo, 1):
        assert all(ticket.requester.name for ticket in rows.all())

"""Relations to one and to many."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Group,
    InvalidValue,
    Manager,
    Organization,
    Q,
    Ticket,
    User,
)


@pytest.fixture
def ticket(demo):
    """Return a ticket with an assignee and an organization."""
    return next(t for t in Ticket.objects.fresh() if t.assignee_id and t.organization_id)


@pytest.mark.parametrize(
    ("relation", "model"),
    [
        ("requester", User),
        ("submitter", User),
        ("assignee", User),
        ("organization", Organization),
        ("group", Group),
    ],
)
def test_relations_return_objects(ticket, relation, model):
    """A relation returns an object of its model with the id, whose fields can be read."""
    related = getattr(ticket, relation)

    assert isinstance(related, model)
    assert related.pk == getattr(ticket, f"{relation}_id")
    assert related.name == model.objects.get(related.pk).name


def test_a_relation_without_an_id_is_none(demo):
    """A relation without an id is None."""
    ticket = Ticket.objects.filter(assignee=None).first()

    assert (ticket.assignee_id, ticket.assignee) == (None, None)


def test_the_same_row_is_the_same_object(ticket):
    """Two relations to one user return the same object."""
    assert ticket.requester is ticket.submitter
    assert ticket.requester is User.objects.get(ticket.requester_id)


def test_partial_objects_load_once(demo, count_requests):
    """The first missing field of a related object fetches its row, and others use it."""
    ticket = Ticket.objects.get(3000)
    requester = ticket.requester

    with count_requests(demo, 0):
        assert ticket.requester_id == requester.pk
        assert str(requester.pk) in repr(requester)
    with count_requests(demo, 1):
        assert requester.name
        assert requester.email
        assert requester.role == "end-user"


def test_relations_to_deleted_rows_raise(emulator):
    """Reading a field of a deleted related object raises the DoesNotExist of its model."""
    group = Group.objects.create(name="a")
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"), group=group)
    group.delete()
    ticket = Ticket.objects.get(ticket.pk)
    ticket.__dict__.pop("group", None)

    with pytest.raises(Group.DoesNotExist, match=str(ticket.group_id)):
        assert ticket.group.name


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.fresh()[:60],
        Ticket.objects.filter(status="open"),
        Ticket.objects.filter(id__in=[2990, 2991, 2992]),
        Ticket.objects.filter(id=2990),
        Ticket.objects.filter(status="open")[:10],
    ],
    ids=["list", "search", "show_many", "show", "slice"],
)
def test_select_related_needs_no_further_requests(demo, count_requests, rows):
    """Objects that `select_related()` loads need no further request."""
    requester_ids = {t.pk: t.requester_id for t in rows.all()}
    result = list(rows.select_related("requester", "organization", "group"))

    with count_requests(demo, 0):
        for ticket in result:
            assert ticket.requester.pk == requester_ids[ticket.pk]
            assert ticket.requester.name
            assert ticket.organization is None or ticket.organization.name
            assert ticket.group is None or ticket.group.name


def test_select_related_without_a_side_load_fetches_per_page(demo, sent):
    """`select_related()` fetches brands, which have no side-load, once per page."""
    result = list(Ticket.objects.fresh().select_related("brand")[:50])

    assert {ticket.brand.name for ticket in result} <= {"Emulator", "Emulator Labs"}
    assert sent[0].path == "/api/v2/tickets"
    assert len(sent) <= 3


def test_select_related_of_comments_takes_one_request(demo, count_requests):
    """Comments and their authors take one request."""
    comments = Ticket.objects.get(3000).comments.select_related("author")

    with count_requests(demo, 1):
        names = [comment.author.name for comment in comments]

    assert len(names) == 2


def test_select_related_applies_to_each_search_of_a_union(demo, count_requests):
    """Each search of a union side-loads the requesters."""
    rows = Ticket.objects.filter(Q(status="new") | Q(tags="vip"))
    result = list(rows.select_related("requester"))

    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in result)


def test_relations_to_many_return_the_referring_rows(ticket):
    """A relation to many returns the rows that refer to the object."""
    organization, requester, assignee = ticket.organization, ticket.requester, ticket.assignee

    assert ticket in organization.tickets.all()
    assert {item.organization_id for item in organization.tickets.all()} == {organization.pk}
    assert {user.organization_id for user in organization.users.all()} == {organization.pk}
    assert {item.requester_id for item in requester.requested_tickets.all()} == {requester.pk}
    assert {item.assignee_id for item in assignee.assigned_tickets.all()} == {assignee.pk}
    assert {item.group_id for item in ticket.group.tickets.all()} == {ticket.group_id}
    assert {item.brand_id for item in ticket.brand.tickets.all()[:200]} == {ticket.brand_id}


def test_incidents_of_a_problem_include_a_new_one(emulator):
    """The incidents of a problem include a new one at once, because they are listed."""
    problem = Ticket.objects.create(subject="p", type="problem", comment=Comment(body="x"))
    values = {"type": "incident", "problem": problem, "comment": Comment(body="x")}
    incident = Ticket.objects.create(subject="i", **values)

    assert list(problem.incidents.all()) == [incident]
    assert incident.problem is problem


def test_relations_to_many_are_managers(ticket):
    """A relation to many is a manager that can be filtered and counted."""
    rows = ticket.organization.tickets

    assert isinstance(rows, Manager)
    assert rows.filter(status="closed").count() == sum(row.status == "closed" for row in rows.all())


@pytest.mark.parametrize("rows", ["comments", "audits"])
def test_nested_rows_know_their_ticket(ticket, rows):
    """Comments and audits refer to the ticket whose list contains them."""
    result = list(getattr(ticket, rows).all())

    assert len(result) == 2
    assert {item.ticket_id for item in result} == {ticket.pk}
    assert all(item.ticket is ticket for item in result)


def test_comments_are_ordered_and_filtered_client_side(ticket):
    """The comments of a ticket can be ordered and filtered, although Zendesk cannot do it."""
    first, second = ticket.comments.all()

    assert list(ticket.comments.order_by("-created_at")) == [second, first]
    assert list(ticket.comments.filter(author=second.author)) == [second]
    assert ticket.comments.last() == second
    assert ticket.comments.count() == 2


def test_relations_of_unsaved_objects_raise(demo):
    """A relation to many of an unsaved object raises, because it has no id."""
    with pytest.raises(InvalidValue, match="no id yet"):
        Ticket(subject="x").comments  # noqa: B018 - reading is the test


def test_comments_without_a_ticket_raise(demo):
    """A query for all comments raises an error that asks for a ticket."""
    with pytest.raises(Exception, match="needs ticket"):
        list(Comment.objects.all())

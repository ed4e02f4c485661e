"""What an object points to, and what points to it."""

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
    """Return a ticket with all its relations."""
    return next(t for t in Ticket.objects.fresh() if t.assignee_id and t.organization_id)


# -- forward -----------------------------------------------------------------


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
def test_a_relation_is_the_object_behind_the_id(ticket, relation, model):
    """It is of its model, has the id, and its fields are there when they are read."""
    related = getattr(ticket, relation)

    assert isinstance(related, model)
    assert getattr(ticket, f"{relation}_id") == related.pk
    assert related.name == model.objects.get(related.pk).name


def test_a_relation_to_nothing_is_none(demo):
    """Without an id there is no object."""
    ticket = Ticket.objects.filter(assignee=None).first()

    assert (None, None) == (ticket.assignee_id, ticket.assignee)


def test_the_same_row_is_the_same_object(ticket):
    """Two ways to one user lead to one object."""
    assert ticket.requester is ticket.submitter
    assert ticket.requester is User.objects.get(ticket.requester_id)


def test_a_hollow_object_loads_once(demo, count_requests):
    """Its first missing field fetches the row, the others are there then."""
    ticket = Ticket.objects.get(3000)
    requester = ticket.requester

    with count_requests(demo, 0):
        assert ticket.requester_id == requester.pk
        assert str(requester.pk) in repr(requester)
    with count_requests(demo, 1):
        assert requester.name
        assert requester.email
        assert requester.role == "end-user"


def test_a_relation_that_is_gone_raises(emulator):
    """Reading a field of a row that is not there is the model's own DoesNotExist."""
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
def test_selected_relations_come_along(demo, count_requests, rows):
    """Reading them makes no further request, and they are what they would be without."""
    plain = {t.pk: t.requester_id for t in rows.all()}
    found = list(rows.select_related("requester", "organization", "group"))

    with count_requests(demo, 0):
        for ticket in found:
            assert plain[ticket.pk] == ticket.requester.pk
            assert ticket.requester.name
            assert ticket.organization is None or ticket.organization.name
            assert ticket.group is None or ticket.group.name


def test_what_no_side_load_brings_is_fetched_for_the_page(demo, sent):
    """Organizations have no side-load of groups, nor tickets one of brands."""
    found = list(Ticket.objects.fresh().select_related("brand")[:50])

    assert {"Emulator", "Emulator Labs"} >= {ticket.brand.name for ticket in found}
    assert "/api/v2/tickets" == sent[0].path
    assert 3 >= len(sent)


def test_relations_of_a_nested_list_come_along(demo, count_requests):
    """Comments with their authors are one request."""
    comments = Ticket.objects.get(3000).comments.select_related("author")

    with count_requests(demo, 1):
        names = [comment.author.name for comment in comments]

    assert 2 == len(names)


def test_a_union_brings_its_relations(demo, count_requests):
    """Each of its searches side-loads."""
    rows = Ticket.objects.filter(Q(status="new") | Q(tags="vip"))
    found = list(rows.select_related("requester"))

    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in found)


# -- backward ----------------------------------------------------------------


def test_rows_that_point_here(ticket):
    """`org.tickets`, `user.requested_tickets` and the others are the rows with that id."""
    organization, requester, assignee = ticket.organization, ticket.requester, ticket.assignee

    assert ticket in organization.tickets.all()
    assert {organization.pk} == {each.organization_id for each in organization.tickets.all()}
    assert {organization.pk} == {each.organization_id for each in organization.users.all()}
    assert {requester.pk} == {each.requester_id for each in requester.requested_tickets.all()}
    assert {assignee.pk} == {each.assignee_id for each in assignee.assigned_tickets.all()}
    assert {ticket.group_id} == {each.group_id for each in ticket.group.tickets.all()}
    assert {ticket.brand_id} == {each.brand_id for each in ticket.brand.tickets.all()[:200]}


def test_incidents_point_to_their_problem(emulator):
    """They come from a list, so that a new one is among them at once."""
    problem = Ticket.objects.create(subject="p", type="problem", comment=Comment(body="x"))
    values = {"type": "incident", "problem": problem, "comment": Comment(body="x")}
    incident = Ticket.objects.create(subject="i", **values)

    assert [incident] == list(problem.incidents.all())
    assert problem is incident.problem


def test_they_are_a_manager(ticket):
    """They can be filtered, ordered and counted like any other rows."""
    rows = ticket.organization.tickets

    assert isinstance(rows, Manager)
    assert rows.filter(status="closed").count() == sum(
        each.status == "closed" for each in rows.all()
    )


@pytest.mark.parametrize("rows", ["comments", "audits"])
def test_what_lies_below_a_ticket_knows_its_ticket(ticket, rows):
    """The rows do not say it; the path did."""
    found = list(getattr(ticket, rows).all())

    assert 2 == len(found)
    assert {ticket.pk} == {each.ticket_id for each in found}
    assert all(each.ticket is ticket for each in found)


def test_comments_are_ordered_and_filtered_here(ticket):
    """They are few, and Zendesk filters none of them."""
    first, second = ticket.comments.all()

    assert [second, first] == list(ticket.comments.order_by("-created_at"))
    assert [second] == list(ticket.comments.filter(author=second.author))
    assert second == ticket.comments.last()
    assert 2 == ticket.comments.count()


def test_what_was_never_saved_has_nothing_below(demo):
    """There is no id to ask for."""
    with pytest.raises(InvalidValue, match="no id yet"):
        Ticket(subject="x").comments  # noqa: B018 - reading is the test


def test_a_comment_by_itself_has_no_list(demo):
    """Zendesk lists the comments of a ticket only, and the refusal says so."""
    with pytest.raises(Exception, match="needs ticket"):
        list(Comment.objects.all())

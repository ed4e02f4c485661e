"""Values, aggregates and subqueries use the rows of Zendesk and not unsaved edits."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Max, Organization, Ticket, TicketField, User


@pytest.fixture
def ann(account):
    """Return a user who is not the requester of any ticket."""
    return User.objects.create(name="Ann", email="ann@acme.com")


@pytest.fixture
def ticket(account, ann):
    """Return a ticket with unsaved edits of its fields, tags, requester and custom field."""
    TicketField.objects.create(type="text", title="Severity")
    ticket = Ticket.objects.create(
        subject="Fire",
        comment=Comment(body="Help!"),
        tags=["a"],
        priority="low",
        external_id="E1",
        custom={"Severity": "Minor"},
    )
    ticket.subject, ticket.priority, ticket.external_id = "Draft", "urgent", "E2"
    ticket.tags.append("b")
    ticket.requester = ann
    ticket.custom["Severity"] = "Critical"
    return ticket


def test_values_contain_no_edits(ticket):
    """`values()` and `values_list()` return the values of the rows."""
    tickets, owner = Ticket.objects.fresh(), User.objects.me()

    assert list(tickets.values("subject", "tags", "requester")) == [
        {"subject": "Fire", "tags": ["a"], "requester": owner.pk}
    ]
    assert list(tickets.values_list("requester__name", flat=True)) == [owner.name]
    assert list(tickets.values_list("custom_fields__Severity", flat=True)) == ["Minor"]
    assert list(tickets.select_related("requester").values_list("requester__email", flat=True)) == [
        owner.email
    ]
    assert ticket.changes().keys() >= {"subject", "tags", "requester_id", "priority"}


def test_values_contain_no_edits_of_related_objects(account):
    """`values()` of related fields returns the values of the related rows."""
    acme = Organization.objects.create(name="Acme")
    kim = User.objects.create(name="Kim", email="kim@acme.com", organization=acme)
    acme.name = kim.name = "Draft"

    (row,) = User.objects.filter(id=kim.pk).values("name", "organization__name")

    assert row == {"name": "Kim", "organization__name": "Acme"}


def test_subqueries_use_no_edits(ticket):
    """A subquery uses the values of the rows."""
    requesters = User.objects.filter(id__in=Ticket.objects.fresh().values("requester"))

    assert list(requesters) == [User.objects.me()]


def test_aggregates_use_no_edits(ticket):
    """Aggregates and distinct rows are computed from the values of the rows."""
    tickets = Ticket.objects.fresh()

    assert tickets[:10].aggregate(Max("priority")) == {"priority__max": "low"}
    assert tickets[:10].aggregate(Max("subject")) == {"subject__max": "Fire"}
    assert [row.pk for row in tickets.distinct("subject")[:2]] == [ticket.pk]


def test_in_bulk_uses_no_edits(ticket):
    """`in_bulk()` returns objects by the values of their rows."""
    assert Ticket.objects.fresh().in_bulk(["E1"], field_name="external_id") == {"E1": ticket}


def test_prefetches_use_no_edits(ticket, ann):
    """A ticket with an unsaved requester is prefetched for its saved requester."""
    users = {
        user.pk: list(user.requested_tickets.all())
        for user in User.objects.prefetch_related("requested_tickets")
    }

    assert users[ann.pk] == []
    assert users[User.objects.me().pk] == [ticket]


def test_changing_values_does_not_change_objects(account):
    """Changing a list that `values()` returned does not change the object."""
    ticket = Ticket.objects.create(subject="Fire", comment=Comment(body="Help!"), tags=["a"])
    (row,) = Ticket.objects.fresh().values("tags")

    row["tags"].append("b")

    assert ticket.tags == ["a"]
    assert ticket.changes() == {}


def test_values_of_related_rows_are_fetched_together(account, count_requests):
    """Fields of related objects on one page take no request for each object."""
    for name in ("Ann", "Kim", "Eve"):
        user = User.objects.create(name=name, email=f"{name}@acme.com".lower())
        Ticket.objects.create(subject=name, comment=Comment(body="b"), requester=user)

    with count_requests(account, 1):
        names = list(
            Ticket.objects.fresh().order_by("id").values_list("requester__name", flat=True)
        )

    assert names == ["Ann", "Kim", "Eve"]

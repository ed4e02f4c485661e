"""Tickets with new requesters: one request creates the ticket and the user."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Ticket, User


NEW = {"subject": "Printer", "comment": Comment(body="Help!")}


@pytest.mark.parametrize(
    "requester",
    [
        {"name": "Kim", "email": "kim@acme.com"},
        {"name": "Kim", "email": "kim@acme.com", "locale_id": 1},
        "kim@acme.com",
        lambda: User(name="Kim", email="kim@acme.com"),
    ],
    ids=["dictionary", "with a locale", "address", "unsaved user"],
)
def test_ticket_and_customer_are_created_in_one_request(account, count_requests, requester):
    """The requester can be a dictionary or an unsaved user."""
    with count_requests(account, 1):
        ticket = Ticket.objects.create(
            requester=requester() if callable(requester) else requester, **NEW
        )

    assert ticket.requester.email == "kim@acme.com"
    assert ticket.changes() == {}


def test_an_existing_address_creates_no_user(account):
    """Zendesk uses the existing user with the address."""
    kim = User.objects.create(name="Kim", email="kim@acme.com")

    assert kim == Ticket.objects.create(requester="kim@acme.com", **NEW).requester


def test_an_unsaved_user_gets_the_id(account):
    """The assigned object becomes the requester, and has no edits any more."""
    kim = User(name="Kim", email="kim@acme.com")
    ticket = Ticket.objects.create(requester=kim, **NEW)

    assert kim.pk == ticket.requester_id
    assert kim is ticket.requester
    assert kim.changes() == {}
    assert kim.role == "end-user"


def test_a_user_saved_before_the_ticket_is_sent_by_id(account, sent):
    """A user that was saved after the assignment is sent by its id."""
    kim = User(name="Kim", email="kim@acme.com")
    ticket = Ticket(requester=kim, **NEW)
    kim.save()
    ticket.save()

    assert kim.pk == sent[-1].json["ticket"]["requester_id"]
    assert "requester" not in sent[-1].json["ticket"]


def test_the_last_assigned_requester_is_sent(account, sent):
    """Only the requester that was assigned last is sent."""
    kim = User.objects.create(name="Kim", email="kim@acme.com")
    ticket = Ticket(requester="lee@acme.com", **NEW)
    ticket.requester = kim
    ticket.save()

    assert "requester" not in sent[-1].json["ticket"]
    assert kim == ticket.requester


def test_bulk_create_sends_new_requesters(account):
    """Bulk creations create the requesters, too."""
    tickets = [Ticket(requester=f"u{n}@acme.com", **NEW) for n in range(3)]
    Ticket.objects.bulk_create(tickets)

    assert [f"u{n}@acme.com" for n in range(3)] == [ticket.requester.email for ticket in tickets]


@pytest.mark.parametrize(
    ("requester", "problem"),
    [
        ({"email": "kim@acme.com", "role": "agent"}, "role"),
        ({"locale_id": 1}, "User"),
        ({"name": "Kim"}, "User"),
        ("Kim", "User"),
    ],
)
def test_unsupported_requesters_are_rejected(account, count_requests, requester, problem):
    """The error is raised before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=problem):
        Ticket.objects.create(requester=requester, **NEW)


def test_a_user_without_an_address_must_be_saved(account, count_requests):
    """Zendesk would create another user by each request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="id"):
        Ticket.objects.create(requester=User(name="Kim"), **NEW)


def test_a_user_with_further_fields_must_be_saved(account, count_requests):
    """No field of an unsaved user is dropped silently."""
    kim = User(name="Kim", email="kim@acme.com", phone="123")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="phone"):
        Ticket.objects.create(requester=kim, **NEW)

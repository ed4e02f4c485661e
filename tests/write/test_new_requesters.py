"""Tickets whose requester Zendesk does not know yet: one request creates both."""

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
    """Whatever form the new requester has."""
    with count_requests(account, 1):
        ticket = Ticket.objects.create(
            requester=requester() if callable(requester) else requester, **NEW
        )

    assert "kim@acme.com" == ticket.requester.email
    assert {} == ticket.changes()


def test_a_known_address_is_that_user(account):
    """Zendesk looks the address up, and creates nobody."""
    kim = User.objects.create(name="Kim", email="kim@acme.com")

    assert kim == Ticket.objects.create(requester="kim@acme.com", **NEW).requester


def test_an_unsaved_user_gets_the_id(account):
    """The object that was assigned is the requester, and has no edits any more."""
    kim = User(name="Kim", email="kim@acme.com")
    ticket = Ticket.objects.create(requester=kim, **NEW)

    assert kim.pk == ticket.requester_id
    assert kim is ticket.requester
    assert {} == kim.changes()
    assert "end-user" == kim.role


def test_a_user_who_is_saved_in_time_is_sent_by_id(account, sent):
    """The user has an id when the ticket is saved, though not when it was assigned."""
    kim = User(name="Kim", email="kim@acme.com")
    ticket = Ticket(requester=kim, **NEW)
    kim.save()
    ticket.save()

    assert kim.pk == sent[-1].json["ticket"]["requester_id"]
    assert "requester" not in sent[-1].json["ticket"]


def test_another_requester_takes_the_place_of_a_new_one(account, sent):
    """Only the last one that was assigned is sent."""
    kim = User.objects.create(name="Kim", email="kim@acme.com")
    ticket = Ticket(requester="lee@acme.com", **NEW)
    ticket.requester = kim
    ticket.save()

    assert "requester" not in sent[-1].json["ticket"]
    assert kim == ticket.requester


def test_many_tickets_are_created_with_new_customers(account):
    """In bulk, too."""
    tickets = [Ticket(requester=f"u{n}@acme.com", **NEW) for n in range(3)]
    Ticket.objects.bulk_create(tickets)

    assert [f"u{n}@acme.com" for n in range(3)] == [each.requester.email for each in tickets]


@pytest.mark.parametrize(
    ("requester", "problem"),
    [
        ({"email": "kim@acme.com", "role": "agent"}, "not role"),
        ({"locale_id": 1}, "wants a User or its id"),
        ({"name": "Kim"}, "wants a User or its id"),
        ("Kim", "no id of a User"),
    ],
)
def test_what_zendesk_does_not_take_is_rejected(account, count_requests, requester, problem):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=problem):
        Ticket.objects.create(requester=requester, **NEW)


def test_a_user_without_an_address_has_to_be_saved(account, count_requests):
    """Zendesk would create another one each time."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="has no id yet"):
        Ticket.objects.create(requester=User(name="Kim"), **NEW)


def test_a_user_with_more_than_zendesk_takes_has_to_be_saved(account, count_requests):
    """Nothing of an unsaved user is left out silently."""
    kim = User(name="Kim", email="kim@acme.com", phone="123")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="not phone; save it first"):
        Ticket.objects.create(requester=kim, **NEW)

"""What lies on tickets: approval requests, pinned content, and the conversation log."""

from __future__ import annotations

import pytest

from tests.support.kept import keep
from tests.support.people import person
from zendesk_orm import Comment, InvalidValue, Ticket, User, ValidationError, post_save, receiver
from zendesk_orm.support import ApprovalRequest, SavedSearch, TicketContentPin


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ticket(account):
    """A ticket."""
    return Ticket.objects.create(subject="Laptop", comment=Comment(body="Please"))


def test_an_approval_is_asked_for(account, ticket, count_requests):
    """One request; signals tell of it, and it is what the list has."""
    amy, told = person("Amy", role="agent"), []

    @receiver(post_save, sender=ApprovalRequest)
    def saved(sender, instance, created, **more):
        told.append((instance, created))

    with count_requests(account, 1):
        asked = ApprovalRequest.objects.create(
            ticket=ticket, assignee_user=amy, subject="A laptop", message="For the new engineer"
        )

    assert [(asked, True)] == told
    assert ("active", "API_ORIGINATION") == (asked.status, asked.origination_type)
    assert (ticket, amy, User.objects.me()) == (asked.ticket, asked.assignee_user, asked.created_by)
    with count_requests(account, 1):
        (found,) = ApprovalRequest.objects.filter(status="active", assignee_user=amy)
        assert (asked.pk, amy.pk) == (found.pk, found.assignee_user_id)
        assert found.assignee_group is None
    with count_requests(account, 2):
        people = ApprovalRequest.objects.values_list("assignee_user_id", flat=True)
        assert [amy.pk] == list(people)
        assert [asked] == list(ApprovalRequest.objects.filter(assignee_user__in=[1, amy]).scan())
    with count_requests(account, 1):
        assert 0 == len(ApprovalRequest.objects.filter(status="approved"))


def test_decisions_are_told(emulator, account, ticket):
    """By whom, and why."""
    decision = {"status": "approved", "decision_notes": "Fine", "decided_by_user": {"id": 1}}
    keep(emulator, ApprovalRequest, {
        "id": "01A", "ticket_id": ticket.pk, "status": "approved", "decisions": [decision],
        "created_at": "2026-01-01T00:00:00Z",
    })  # fmt: skip

    (found,) = ApprovalRequest.objects.filter(status="approved")
    assert [decision] == found.decisions


def test_approvals_are_not_changed(account, ticket):
    """Nor is a second one asked for, or one that says nothing."""
    asked = ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
    assert asked is asked.save()
    with pytest.raises(ValidationError, match="couldn't be sent"):
        ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
    with pytest.raises(ValidationError, match="message"):
        ApprovalRequest.objects.create(ticket=ticket, subject="A")


def test_a_dry_run_asks_nobody(account, ticket, count_requests):
    """It tells what would be sent, and leaves the object unsaved."""
    with count_requests(account, 0), account.dry_run() as diff:
        asked = ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
        ticket.content_pins.create(content_type="article", content_id="42")

    assert asked.pk is None
    assert "subject: 'A'" in str(diff)
    assert 2 == len(diff)


def test_content_is_pinned_to_a_ticket(account, ticket, count_requests):
    """Pins are made, listed and removed below the ticket, a request each."""
    with count_requests(account, 2):
        pin = ticket.content_pins.create(content_type="article", content_id="42", locale="en-us")
        assert [pin] == list(ticket.content_pins.all())
    assert (ticket, "42") == (pin.ticket, pin.content_id)
    with pytest.raises(ValidationError, match="pinned"):
        ticket.content_pins.create(content_type="article", content_id="42")
    with count_requests(account, 1):
        pin.delete()
    assert [] == list(ticket.content_pins.all())
    with pytest.raises(ValidationError, match="content_type"):
        TicketContentPin.objects.create(ticket=ticket, content_id="1")


def test_the_conversation_of_a_ticket_is_one_list(account, ticket, count_requests):
    """What was said, by whom, from the first on; or from the last."""
    ticket.comments.create(body="No", public=False)
    with count_requests(account, 1):
        first, second = ticket.conversation_log.all()

    assert "Please" in first.content["body"]
    assert ("agent", User.objects.me().pk) == (
        first.author["type"],
        first.author["zen:support:user_id"],
    )
    assert (True, False) == (first.metadata["public"], second.metadata["public"])
    assert ticket == first.ticket


def test_searches_are_saved(account, count_requests):
    """An agent's own; an update sends what Zendesk always wants to know."""
    with count_requests(account, 4):
        search = SavedSearch.objects.create(name="Open", query="status:open", type="ticket")
        search.query = "status<solved"
        search.save()
        assert [search] == list(SavedSearch.objects.all())
        search.delete()
    assert 0 == len(SavedSearch.objects.all())
    with pytest.raises(InvalidValue):
        SavedSearch(name="Open", query="x", type="macro")

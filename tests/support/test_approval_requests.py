"""Approval requests, pinned content, conversation logs and saved searches."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from tests.support.seeding import seed_rows
from zendesk_orm import Comment, InvalidValue, Ticket, User, ValidationError, post_save, receiver
from zendesk_orm.support import ApprovalRequest, SavedSearch, TicketContentPin


@pytest.fixture
def ticket(account):
    """Create a ticket."""
    return Ticket.objects.create(subject="Laptop", comment=Comment(body="Please"))


def test_an_approval_request_is_created(account, ticket, count_requests):
    """An approval request is created in one request, sends `post_save`, and can be filtered."""
    amy, events = create_user("Amy", role="agent"), []

    @receiver(post_save, sender=ApprovalRequest)
    def record_event(sender, instance, created, **kwargs):
        events.append((instance, created))

    with count_requests(account, 1):
        approval = ApprovalRequest.objects.create(
            ticket=ticket, assignee_user=amy, subject="A laptop", message="For the new engineer"
        )

    assert events == [(approval, True)]
    assert (approval.status, approval.origination_type) == ("active", "API_ORIGINATION")
    assert (approval.ticket, approval.assignee_user, approval.created_by) == (
        ticket,
        amy,
        User.objects.me(),
    )
    with count_requests(account, 1):
        (listed,) = ApprovalRequest.objects.filter(status="active", assignee_user=amy)
        assert (listed.pk, listed.assignee_user_id) == (approval.pk, amy.pk)
        assert listed.assignee_group is None
    with count_requests(account, 2):
        assignee_ids = ApprovalRequest.objects.values_list("assignee_user_id", flat=True)
        assert list(assignee_ids) == [amy.pk]
        assert list(ApprovalRequest.objects.filter(assignee_user__in=[1, amy]).scan()) == [approval]
    with count_requests(account, 1):
        assert len(ApprovalRequest.objects.filter(status="approved")) == 0


def test_an_approval_request_has_its_decisions(emulator, account, ticket):
    """An approval request has its decisions, with notes and the user who decided."""
    decision = {"status": "approved", "decision_notes": "Fine", "decided_by_user": {"id": 1}}
    seed_rows(emulator, ApprovalRequest, {
        "id": "01A", "ticket_id": ticket.pk, "status": "approved", "decisions": [decision],
        "created_at": "2026-01-01T00:00:00Z",
    })  # fmt: skip

    (approval,) = ApprovalRequest.objects.filter(status="approved")
    assert approval.decisions == [decision]


def test_invalid_approval_requests_are_rejected(account, ticket):
    """A second request for a ticket, or one without a message, raises `ValidationError`."""
    approval = ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
    assert approval.save() is approval
    with pytest.raises(ValidationError, match="couldn't be sent"):
        ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
    with pytest.raises(ValidationError, match="message"):
        ApprovalRequest.objects.create(ticket=ticket, subject="A")


def test_a_dry_run_describes_approval_requests_and_pins(account, ticket, count_requests):
    """A dry run describes both requests, sends neither, and leaves the object unsaved."""
    with count_requests(account, 0), account.dry_run() as diff:
        approval = ApprovalRequest.objects.create(ticket=ticket, subject="A", message="B")
        ticket.content_pins.create(content_type="article", content_id="42")

    assert approval.pk is None
    assert "subject: 'A'" in str(diff)
    assert len(diff) == 2


def test_content_is_pinned_to_a_ticket(account, ticket, count_requests):
    """Content is pinned, listed and unpinned in one request each, and only once per ticket."""
    with count_requests(account, 2):
        pin = ticket.content_pins.create(content_type="article", content_id="42", locale="en-us")
        assert list(ticket.content_pins.all()) == [pin]
    assert (pin.ticket, pin.content_id) == (ticket, "42")
    with pytest.raises(ValidationError, match="pinned"):
        ticket.content_pins.create(content_type="article", content_id="42")
    with count_requests(account, 1):
        pin.delete()
    assert list(ticket.content_pins.all()) == []
    with pytest.raises(ValidationError, match="content_type"):
        TicketContentPin.objects.create(ticket=ticket, content_id="1")


def test_a_conversation_log_lists_all_comments(account, ticket, count_requests):
    """The conversation log lists public and private comments with their authors, oldest first."""
    ticket.comments.create(body="No", public=False)
    with count_requests(account, 1):
        first, second = ticket.conversation_log.all()

    assert "Please" in first.content["body"]
    assert (first.author["type"], first.author["zen:support:user_id"]) == (
        "agent",
        User.objects.me().pk,
    )
    assert (first.metadata["public"], second.metadata["public"]) == (True, False)
    assert first.ticket == ticket


def test_saved_searches_are_managed(account, count_requests):
    """A saved search is created, changed, listed and deleted in one request each."""
    with count_requests(account, 4):
        search = SavedSearch.objects.create(name="Open", query="status:open", type="ticket")
        search.query = "status<solved"
        search.save()
        assert list(SavedSearch.objects.all()) == [search]
        search.delete()
    assert len(SavedSearch.objects.all()) == 0
    with pytest.raises(InvalidValue):
        SavedSearch(name="Open", query="x", type="macro")

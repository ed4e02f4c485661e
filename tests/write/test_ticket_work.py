"""Actions on tickets: solve, merge, mark as spam, delete, restore, follow up."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, NotFound, Ticket, User


def _make(subject="Printer", **values):
    return Ticket.objects.create(subject=subject, comment=Comment(body="Help!"), **values)


def test_a_ticket_is_solved_with_a_comment(account, count_requests):
    """Status and comment are sent in one request."""
    ticket = _make(assignee=User.objects.filter(role="admin")[0])
    with count_requests(account, 1):
        assert ticket is ticket.solve("Done.", public=False)

    assert Ticket.objects.get(ticket.pk).status == "solved"
    last = list(ticket.comments.all())[-1]
    assert (last.body, last.public) == ("Done.", False)


def test_a_closed_ticket_is_rejected_without_a_request(account, count_requests):
    """The message contains the remedy; saving it unchanged sends nothing."""
    ticket = _make()
    ticket.status = "closed"
    ticket.save()
    with count_requests(account, 0):
        ticket.save()
        ticket.priority = "high"
        with pytest.raises(InvalidValue, match="create_follow_up"):
            ticket.save()
        with pytest.raises(InvalidValue, match="create_follow_up"):
            ticket.solve("Too late.")


def test_create_follow_up(account, count_requests):
    """A new ticket refers to the closed one; for an open ticket, it raises."""
    ticket = _make(tags=["vip"])
    with count_requests(account, 0), pytest.raises(InvalidValue, match="closed"):
        ticket.create_follow_up("Again.")
    ticket.status = "closed"
    ticket.save()
    with count_requests(account, 1):
        again = ticket.create_follow_up("It happened again.", subject="Printer, again")

    assert again.pk != ticket.pk
    assert again.tags == ["vip"]
    assert Ticket.objects.get(ticket.pk).followup_ids == [again.pk]


def test_tickets_are_merged(account, count_requests):
    """Merging needs the call and two status requests; cached rows are discarded."""
    target, other, third = _make("One"), _make("Two"), _make("Three")
    with count_requests(account, 3):
        target.merge(other, third.pk, comment="Both came in.", others_comment="See the first.")

    assert [other.status, third.status] == ["closed", "closed"]
    assert "Both came in." in [comment.body for comment in target.comments.all()]
    assert target.subject == "One"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="saved"):
        target.merge(target)


def test_mark_as_spam_suspends_the_requester(account, count_requests):
    """The ticket is deleted, as at Zendesk."""
    spammer = User.objects.create(name="Spam", email="spam@example.com")
    ticket = _make(requester=spammer)
    with count_requests(account, 1):
        ticket.mark_as_spam()

    spammer.refresh_from_db()
    assert spammer.suspended
    assert ticket not in list(Ticket.objects.all())


def test_a_deleted_ticket_is_restored(account, count_requests):
    """Tickets are restored by the object, or by the manager of deleted tickets."""
    one, two = _make("One"), _make("Two")
    one.delete()
    two.delete()
    with count_requests(account, 1):
        one.restore()
    (deleted,) = Ticket.deleted.all()
    assert two.pk == deleted.pk
    deleted.restore()

    assert {ticket.subject for ticket in Ticket.objects.fresh()} == {"One", "Two"}
    assert one.subject == "One"
    assert list(Ticket.deleted.all()) == []


def test_a_ticket_is_destroyed(account, count_requests):
    """Deletion, destruction and two status requests are four requests."""
    ticket = _make()
    with count_requests(account, 4):
        assert ticket.delete(permanent=True) == (1, {"support.Ticket": 1})

    assert list(Ticket.deleted.all()) == []
    with pytest.raises(NotFound):
        ticket.restore()

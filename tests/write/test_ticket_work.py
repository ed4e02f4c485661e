"""What is done with tickets: solved, merged, marked as spam, deleted, restored, followed up."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, NotFound, Ticket, User


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def _make(subject="Printer", **values):
    return Ticket.objects.create(subject=subject, comment=Comment(body="Help!"), **values)


def test_a_ticket_is_solved_with_a_comment(account, count_requests):
    """In one request."""
    ticket = _make(assignee=User.objects.filter(role="admin")[0])
    with count_requests(account, 1):
        assert ticket is ticket.solve("Done.", public=False)

    assert "solved" == Ticket.objects.get(ticket.pk).status
    last = list(ticket.comments.all())[-1]
    assert ("Done.", False) == (last.body, last.public)


def test_a_closed_ticket_is_refused_here(account, count_requests):
    """Before anything is sent, with the way out; unchanged, a save costs nothing anyway."""
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


def test_a_closed_ticket_is_followed_up(account, count_requests):
    """By a new one that knows where it came from; an open one is gone on in."""
    ticket = _make(tags=["vip"])
    with count_requests(account, 0), pytest.raises(InvalidValue, match="not closed"):
        ticket.create_follow_up("Again.")
    ticket.status = "closed"
    ticket.save()
    with count_requests(account, 1):
        again = ticket.create_follow_up("It happened again.", subject="Printer, again")

    assert again.pk != ticket.pk
    assert ["vip"] == again.tags
    assert [again.pk] == Ticket.objects.get(ticket.pk).followup_ids


def test_tickets_are_merged(account, count_requests):
    """The call, and two looks at the job; what is known of them is read anew."""
    target, other, third = _make("One"), _make("Two"), _make("Three")
    with count_requests(account, 3):
        target.merge(other, third.pk, comment="Both came in.", others_comment="See the first.")

    assert ["closed", "closed"] == [other.status, third.status]
    assert "Both came in." in [comment.body for comment in target.comments.all()]
    assert "One" == target.subject
    with count_requests(account, 0), pytest.raises(InvalidValue, match="other tickets"):
        target.merge(target)


def test_spam_is_gone_and_its_requester_suspended(account, count_requests):
    """As Zendesk does."""
    spammer = User.objects.create(name="Spam", email="spam@example.com")
    ticket = _make(requester=spammer)
    with count_requests(account, 1):
        ticket.mark_as_spam()

    spammer.refresh_from_db()
    assert spammer.suspended
    assert ticket not in list(Ticket.objects.all())


def test_a_deleted_ticket_is_restored(account, count_requests):
    """Through the object, or through the list of deleted ones."""
    one, two = _make("One"), _make("Two")
    one.delete()
    two.delete()
    with count_requests(account, 1):
        one.restore()
    (deleted,) = Ticket.deleted.all()
    assert two.pk == deleted.pk
    deleted.restore()

    assert {"One", "Two"} == {ticket.subject for ticket in Ticket.objects.fresh()}
    assert "One" == one.subject
    assert [] == list(Ticket.deleted.all())


def test_a_ticket_is_destroyed_for_good(account, count_requests):
    """Deleted, destroyed, and two looks at the job: four requests."""
    ticket = _make()
    with count_requests(account, 4):
        assert (1, {"support.Ticket": 1}) == ticket.delete(permanent=True)

    assert [] == list(Ticket.deleted.all())
    with pytest.raises(NotFound):
        ticket.restore()

"""Comments, which are saved through their ticket."""

from __future__ import annotations

import pytest

from tests.write.test_save import bare
from zendesk_orm import Comment, ConnectionLost, FieldError, InvalidValue, RetryPolicy, Ticket


@pytest.fixture
def ticket(emulator, sent):
    """Return a ticket that was just created; `sent` begins after it."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    del sent[:]
    return ticket


def test_a_comment_rides_on_a_save(ticket, sent):
    """`ticket.comment` goes out with what else changed."""
    ticket.priority = "high"
    ticket.comment = Comment(body="Looking into it", public=False)
    ticket.save()

    body = {"priority": "high", "comment": {"body": "Looking into it", "public": False}}
    assert [{"ticket": body}] == [bare(each.json) for each in sent]


def test_a_comment_is_sent_once(ticket, sent):
    """The next save does not send it again."""
    ticket.comment = Comment(body="Looking into it")
    ticket.save()
    ticket.save()

    assert 1 == len(sent)
    assert ["Help", "Looking into it"] == [each.body for each in ticket.comments.all()]


def test_a_comment_of_the_ticket_is_created(ticket, sent):
    """`ticket.comments.create()` sends the comment and nothing else of the ticket."""
    ticket.subject = "unsaved"

    ticket.comments.create(body="A note", public=False)

    assert [("PUT", {"ticket": {"comment": {"body": "A note", "public": False}}})] == [
        (each.method, bare(each.json)) for each in sent
    ]
    assert {"subject": ("Printer", "unsaved")} == ticket.changes()


def test_a_created_comment_has_its_row(ticket):
    """Id, author and ticket come from the audit of the update."""
    note = ticket.comments.create(body="A note", public=False)

    (found,) = (each for each in ticket.comments.all() if each.body == "A note")
    assert (found.pk, ticket.pk, False) == (note.pk, note.ticket_id, note.public)
    assert "Olivia Owner" == note.author.name
    assert {} == note.changes()


def test_the_ticket_knows_the_audit_of_its_comment(ticket):
    """`last_audit` is that of the comment."""
    ticket.comments.create(body="A note")

    assert ["Comment"] == [
        event["type"] for event in ticket.last_audit.events if event["type"] == "Comment"
    ]


def test_a_comment_is_written_once_and_for_all(ticket):
    """Zendesk changes no comment."""
    note = ticket.comments.create(body="A note")

    with pytest.raises(InvalidValue, match="cannot be changed"):
        note.save()


def test_a_comment_needs_a_ticket(emulator):
    """Without one it cannot be sent anywhere."""
    with pytest.raises(InvalidValue, match="needs a ticket"):
        Comment(body="lost").save()
    assert [] == emulator.requests


def test_a_comment_whose_fate_is_unknown_is_not_sent_again(ticket, emulator):
    """A second sending would write it twice."""
    del emulator.requests[:]
    emulator.fail_next(None, after_applying=True)
    ticket.comment = Comment(body="Looking into it")

    with pytest.raises(ConnectionLost):
        ticket.save()

    assert ["PUT tickets/1"] == emulator.requests
    assert ["Help", "Looking into it"] == [each.body for each in ticket.comments.all()]


def test_an_update_without_a_comment_is_sent_again(ticket, emulator):
    """Setting a field twice is setting it once; the conflict is with the update's own stamp."""
    del emulator.requests[:]
    emulator.fail_next(None, after_applying=True)
    ticket.priority = "high"
    ticket.save()

    assert ["PUT tickets/1", "PUT tickets/1", "GET tickets/1"] == emulator.requests
    assert "high" == Ticket.objects.get(1).priority


def test_a_comment_that_was_refused_stays_to_be_sent(ticket, emulator):
    """After a refusal the comment is still on the ticket."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    ticket = Ticket.objects.get(1)
    ticket.comment = Comment(body="Looking into it")
    emulator.fail_next(500)
    with pytest.raises(Exception, match="500"):
        ticket.save()

    ticket.save()

    assert ["Help", "Looking into it"] == [each.body for each in ticket.comments.all()]


def test_a_comment_of_a_dictionary_is_a_comment(emulator, sent):
    """Plain data is taken where a comment is."""
    Ticket.objects.create(subject="x", comment={"body": "Help"})

    assert {"subject": "x", "comment": {"body": "Help"}} == sent[0].json["ticket"]


def test_a_comment_takes_no_unknown_field(ticket):
    """A misspelt field is refused."""
    with pytest.raises(FieldError, match="public"):
        ticket.comments.create(body="x", pubic=False)

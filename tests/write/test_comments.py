"""Comments, which are saved with their ticket."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest

from tests.write.test_save import without_version
from zendesk_orm import (
    ApiError,
    Comment,
    ConnectionLost,
    FieldError,
    InvalidValue,
    RetryPolicy,
    Ticket,
    TicketField,
    ValidationError,
)


@pytest.fixture
def ticket(emulator, sent):
    """Return a ticket that was just created; `sent` begins after it."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    del sent[:]
    return ticket


def test_a_comment_is_sent_by_save(ticket, sent):
    """`ticket.comment` is sent with the changed fields."""
    ticket.priority = "high"
    ticket.comment = Comment(body="Looking into it", public=False)
    ticket.save()

    body = {"priority": "high", "comment": {"body": "Looking into it", "public": False}}
    assert [without_version(request.json) for request in sent] == [{"ticket": body}]


def test_a_comment_is_sent_once(ticket, sent):
    """The next save does not send it again."""
    ticket.comment = Comment(body="Looking into it")
    ticket.save()
    ticket.save()

    assert len(sent) == 1
    assert [comment.body for comment in ticket.comments.all()] == ["Help", "Looking into it"]


def test_create_sends_only_the_comment(ticket, sent):
    """`ticket.comments.create()` sends the comment and no other field of the ticket."""
    ticket.subject = "unsaved"

    ticket.comments.create(body="A note", public=False)

    assert [(request.method, without_version(request.json)) for request in sent] == [
        ("PUT", {"ticket": {"comment": {"body": "A note", "public": False}}})
    ]
    assert ticket.changes() == {"subject": ("Printer", "unsaved")}


def test_a_created_comment_has_its_row(ticket):
    """Its id, author and ticket come from the audit of the update."""
    note = ticket.comments.create(body="A note", public=False)

    (result,) = (comment for comment in ticket.comments.all() if comment.body == "A note")
    assert (note.pk, note.ticket_id, note.public) == (result.pk, ticket.pk, False)
    assert note.author.name == "Olivia Owner"
    assert note.changes() == {}


def test_the_ticket_has_the_audit_of_its_comment(ticket):
    """`last_audit` is the audit of the comment."""
    ticket.comments.create(body="A note")

    assert [event["type"] for event in ticket.last_audit.events if event["type"] == "Comment"] == [
        "Comment"
    ]


def test_a_comment_cannot_be_changed(ticket):
    """Zendesk has no endpoint to update comments."""
    note = ticket.comments.create(body="A note")

    with pytest.raises(InvalidValue, match="changed"):
        note.save()


def test_a_comment_needs_a_ticket(emulator):
    """A comment without a ticket cannot be saved."""
    with pytest.raises(InvalidValue, match="ticket"):
        Comment(body="lost").save()
    assert emulator.requests == []


def test_a_comment_with_an_unknown_outcome_is_not_sent_again(ticket, emulator):
    """A repeated request could add it twice."""
    del emulator.requests[:]
    emulator.fail_next(None, after_applying=True)
    ticket.comment = Comment(body="Looking into it")

    with pytest.raises(ConnectionLost):
        ticket.save()

    assert emulator.requests == ["PUT tickets/1"]
    assert [comment.body for comment in ticket.comments.all()] == ["Help", "Looking into it"]


def test_an_update_without_a_comment_is_sent_again(ticket, emulator):
    """Such an update has the same effect twice; its conflict with itself is ignored."""
    del emulator.requests[:]
    emulator.fail_next(None, after_applying=True)
    ticket.priority = "high"
    ticket.save()

    assert emulator.requests == ["PUT tickets/1", "PUT tickets/1", "GET tickets/1"]
    assert Ticket.objects.get(1).priority == "high"


def test_a_rejected_comment_stays_on_the_ticket(ticket, emulator):
    """The next save sends it again."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    ticket = Ticket.objects.get(1)
    ticket.comment = Comment(body="Looking into it")
    emulator.fail_next(500)
    with pytest.raises(Exception, match="500"):
        ticket.save()

    ticket.save()

    assert [comment.body for comment in ticket.comments.all()] == ["Help", "Looking into it"]


def test_a_dictionary_is_accepted_as_comment(emulator, sent):
    """A dictionary is converted to a `Comment`."""
    Ticket.objects.create(subject="x", comment={"body": "Help"})

    assert sent[0].json["ticket"] == {"subject": "x", "comment": {"body": "Help"}}


def test_an_unknown_field_of_a_comment_is_rejected(ticket):
    """A misspelt field raises an error."""
    with pytest.raises(FieldError, match="public"):
        ticket.comments.create(body="x", pubic=False)


def _in_dry_run(account, emulator, ticket):
    with account.dry_run(quiet=True):
        ticket.comments.create(body="unsent")


def _in_aborted_batch(account, emulator, ticket):
    with suppress(LookupError), account.batch():
        ticket.comments.create(body="unsent")
        raise LookupError


def _rejected(account, emulator, ticket):
    emulator.fail_next(422, method="PUT")
    with pytest.raises(ApiError):
        ticket.comments.create(body="unsent")


@pytest.mark.parametrize("attempt", [_in_dry_run, _in_aborted_batch, _rejected])
@pytest.mark.parametrize("draft", [None, "draft"])
def test_a_comment_that_was_not_added_is_no_edit_of_its_ticket(
    account, emulator, ticket, attempt, draft
):
    """A later save of the ticket sends the comment that was assigned to it, and no other one."""
    if draft is not None:
        ticket.comment = Comment(body=draft)
    attempt(account, emulator, ticket)
    ticket.priority = "urgent"
    ticket.save()

    bodies = [comment.body for comment in ticket.comments.all()]
    assert bodies == ["Help"] + [draft] * (draft is not None)


@pytest.mark.parametrize("is_batch", [False, True])
def test_an_added_comment_keeps_the_one_that_was_assigned(account, ticket, is_batch):
    """`comments.create()` sends its own comment; the next save sends the other one."""
    ticket.comment = Comment(body="draft")
    with account.batch() if is_batch else nullcontext():
        ticket.comments.create(body="now")
        ticket.save()

    assert [comment.body for comment in ticket.comments.all()] == ["Help", "now", "draft"]
    assert not ticket.changes()


def test_other_edits_of_the_ticket_do_not_prevent_a_comment(ticket, sent):
    """`comments.create()` sends the comment alone; other edits are checked by their own save."""
    field = TicketField.objects.create(
        type="tagger", title="Product", custom_field_options=[{"name": "Laser", "value": "laser"}]
    )
    Ticket.objects.filter(custom_fields__Product="laser").exists()  # Reads the custom fields.
    ticket.custom_fields = [{"id": field.id, "value": "toaster"}]
    del sent[:]

    ticket.comments.create(body="Noted.", public=False)

    assert [list(without_version(request.json)["ticket"]) for request in sent] == [["comment"]]
    with pytest.raises(ValidationError, match="Product must be one of"):
        ticket.save()

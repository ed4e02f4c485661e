"""`retry_failed()` of batches: nothing is sent twice, and corrected values are sent."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, RetryPolicy, Ticket, User


@pytest.fixture
def account(emulator):
    """Connect an account that sends no request twice by itself."""
    return emulator.connect(retry=RetryPolicy(attempts=1))


def _save_in_batch(account, records):
    """Save objects in a batch that fails, and return its result."""
    batch = account.batch(raise_on_failure=False)
    with batch:
        for record in records:
            record.save()
    assert batch.result.failed
    return batch.result


def _bodies(ticket):
    return [comment.body for comment in Ticket(id=ticket.pk).comments.fresh()]


@pytest.mark.parametrize("is_applied", [True, False])
def test_tickets_whose_creation_was_lost_are_looked_up_first(account, emulator, is_applied):
    """Tickets with an external id are created once, whether or not they were created before."""
    tickets = [
        Ticket(subject=f"T{number}", external_id=f"e{number}", comment=Comment(body="b"))
        for number in range(3)
    ]
    emulator.fail_next(None, method="POST", after_applying=is_applied)

    result = _save_in_batch(account, tickets)
    result.retry_failed(unknown=True)

    assert sorted(ticket.subject for ticket in Ticket.objects.fresh()) == ["T0", "T1", "T2"]
    assert None not in [ticket.pk for ticket in tickets]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("second", [None, False, True], ids=["sent", "not applied", "applied"])
@pytest.mark.parametrize("first", [False, True], ids=["not applied", "applied"])
def test_comments_are_sent_once(account, emulator, number, first, second):
    """However often responses are lost, each ticket has its comment and its tag once."""
    tickets = [Ticket.objects.create(subject="T", comment=Comment(body="b")) for _ in range(number)]
    emulator.clock.sleep(100)
    emulator.fail_next(None, method="PUT", after_applying=first)
    for ticket in tickets:
        ticket.comment = Comment(body="c", public=False)
        ticket.tags.append("x")
    result = _save_in_batch(account, tickets)
    if second is not None:
        emulator.clock.sleep(5)
        emulator.fail_next(None, method="PUT", after_applying=second)
        result = result.retry_failed(unknown=True)
    emulator.clock.sleep(5)

    result.retry_failed(unknown=True)

    assert [_bodies(ticket) for ticket in tickets] == [["b", "c"]] * number
    assert [Ticket.objects.fresh().get(ticket.pk).tags for ticket in tickets] == [["x"]] * number


@pytest.mark.parametrize("number", [1, 3])
def test_corrected_values_are_sent(account, number):
    """A value that was corrected after its failure replaces the one that was rejected."""
    User.objects.create(name="First", email="taken@example.com")
    users = [User(name=f"U{position}") for position in range(number)]
    users[0].email = "taken@example.com"
    result = _save_in_batch(account, users)
    users[0].email = "free@example.com"

    result.retry_failed()

    assert User.objects.fresh().get(users[0].pk).email == "free@example.com"
    assert len({user.pk for user in users} - {None}) == number


def test_each_of_two_comments_is_sent_once(account, emulator):
    """The first one is sent again as it was, although the object had the second one since."""
    ticket = Ticket.objects.create(subject="T", comment=Comment(body="b"))
    emulator.fail_next(422, method="PUT", times=2)
    batch = account.batch(raise_on_failure=False)
    with batch:
        for body in ("first", "second"):
            ticket.comment = Comment(body=body)
            ticket.save()

    batch.result.retry_failed()

    assert _bodies(ticket) == ["b", "first", "second"]
    assert not ticket.changes()

"""`retry_failed()` of batches: nothing is sent twice, and corrected values are sent."""

from __future__ import annotations

from functools import partial

import pytest

from zendesk_orm import BulkError, Comment, RetryPolicy, Ticket, User, ZendeskError
from zendesk_orm.emulator import Fault


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
    """The first one is sent again as it was, and before the second one, which waits for it."""
    ticket = Ticket.objects.create(subject="T", comment=Comment(body="b"))
    emulator.fail_next(422, method="PUT")
    batch = account.batch(raise_on_failure=False)
    with batch:
        for body in ("first", "second"):
            ticket.comment = Comment(body=body)
            ticket.save()

    batch.result.retry_failed()

    assert _bodies(ticket) == ["b", "first", "second"]
    assert not ticket.changes()


#: Requests that fail, with or without effect.
FAULTS = {
    "lost": {"disconnect": True, "applied": True},
    "not sent": {"disconnect": True},
    "cut off": {"truncate": True},
    "504, applied": {"status": 504, "applied": True},
    "422": {"status": 422},
}


def _reply_by_job(account, tickets):
    for ticket in tickets:
        ticket.comment = Comment(body="first")
    Ticket.objects.bulk_update(tickets)


def _reply_to_all(account, tickets):
    rows = Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets])
    rows.update(comment=Comment(body="first"))


def _reply_in_batch(account, tickets):
    with account.batch():
        for ticket in tickets:
            ticket.comment = Comment(body="first")
            ticket.save()


def _reply_twice_in_batch(account, tickets):
    with account.batch():
        for body in ("first", "second"):
            tickets[0].comment = Comment(body=body)
            tickets[0].save()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::zendesk_orm.NPlusOneWarning")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("route", ["PUT", "GET"])
@pytest.mark.parametrize(
    "reply", [_reply_by_job, _reply_to_all, _reply_in_batch, _reply_twice_in_batch]
)
def test_comments_are_added_once_and_in_order_whatever_fails(
    account, emulator, reply, route, fault
):
    """Retries follow at once: also while the job runs, and if the lookups of a retry fail."""
    for skip in range(3):
        tickets = [Ticket.objects.create(subject="T", comment=Comment(body="b")) for _ in range(2)]
        emulator.clock.sleep(600)
        emulator.faults.add(Fault("PUT /api/v2/tickets*", skip=skip, times=1, **FAULTS["lost"]))
        emulator.faults.add(Fault(f"{route} /api/v2/*", times=2, **fault))

        _repeat(partial(reply, account, tickets))

        emulator.faults.clear()
        twice = reply is _reply_twice_in_batch
        bodies = ["b", "first", "second"] if twice else ["b", "first"]
        assert [_bodies(ticket) for ticket in tickets] == [bodies, ["b"] if twice else bodies]


def _repeat(call):
    """Call a function that writes, and retry what has failed."""
    while (error := _error_of(call)) is not None:
        if isinstance(error, BulkError):
            call = partial(error.result.retry_failed, unknown=True)


def _error_of(call):
    try:
        call()
    except ZendeskError as error:
        return error
    return None

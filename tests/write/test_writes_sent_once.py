"""Comments and tickets are created once, whichever methods send them after a lost response."""

from __future__ import annotations

import pickle

import pytest

from tests.threads import Gate, Worker
from zendesk_orm import (
    BulkError,
    Comment,
    InvalidValue,
    Organization,
    RetryPolicy,
    Ticket,
    TransportError,
    User,
    connections,
)
from zendesk_orm.emulator import Fault
from zendesk_orm.http.transport import Transport


@pytest.fixture
def account(emulator):
    """An account that does not repeat requests automatically."""
    return emulator.connect(retry=RetryPolicy(attempts=1))


def _new(**values):
    return Ticket(subject="x", comment=Comment(body="first"), **values)


def _copy(ticket):
    return pickle.loads(pickle.dumps(ticket))


def _save(ticket):
    ticket.save()


def _save_a_copy(ticket):
    _copy(ticket).save()


def _bulk_update(ticket):
    Ticket.objects.bulk_update([ticket])


def _bulk_create(ticket):
    Ticket.objects.bulk_create([ticket])


def _batch(ticket):
    with connections["default"].batch():
        ticket.save()


def _batch_of_two(ticket):
    other = Ticket.objects.create(subject="other", comment=Comment(body="first"))
    with connections["default"].batch():
        other.priority = ticket.priority = "high"
        other.save()
        ticket.save()


UPDATES = [_save, _save_a_copy, _bulk_update, _batch, _batch_of_two]


def _lose_response(emulator, write, ticket, *, interrupted=False):
    """Apply a write whose response is lost."""
    if not interrupted:
        emulator.fail_next(None, after_applying=True)
        with pytest.raises((TransportError, BulkError)):
            write(ticket)
        return
    send = Transport.send

    def interrupt(transport, request):
        send(transport, request)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "send", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(ticket)


@pytest.mark.parametrize("interrupted", [False, True], ids=["lost", "interrupted"])
@pytest.mark.parametrize("second", UPDATES)
@pytest.mark.parametrize("first", [_save, _bulk_update, _batch, _batch_of_two])
def test_a_comment_is_added_once(account, emulator, first, second, interrupted):
    """Each method finds a comment whose response was lost by another method."""
    ticket = _new().save()
    emulator.clock.sleep(60)
    ticket.comment = Comment(body="once")
    if first is _batch_of_two:
        _lose_batch_of_two(emulator, ticket, interrupted=interrupted)
    else:
        _lose_response(emulator, first, ticket, interrupted=interrupted)
    emulator.clock.sleep(60)
    second(ticket)
    emulator.clock.sleep(60)

    bodies = [comment.body for comment in Ticket.objects.fresh().get(ticket.pk).comments.all()]
    assert bodies == ["first", "once"]


def _lose_batch_of_two(emulator, ticket, *, interrupted):
    """Lose the response of a batch of two changes."""
    other = _new().save()

    def write(_):
        with connections["default"].batch():
            other.priority = "low"
            other.save()
            ticket.save()

    _lose_response(emulator, write, ticket, interrupted=interrupted)


@pytest.mark.parametrize("interrupted", [False, True], ids=["lost", "interrupted"])
@pytest.mark.parametrize("second", [_save, _save_a_copy, _bulk_create, _batch])
@pytest.mark.parametrize("first", [_save, _bulk_create, _batch])
def test_a_ticket_is_created_once(account, emulator, first, second, interrupted):
    """Another method finds the ticket by its idempotency key, or raises before it is sent."""
    ticket = _new()
    _lose_response(emulator, first, ticket, interrupted=interrupted)
    emulator.clock.sleep(60)
    try:
        second(ticket)
    except (InvalidValue, BulkError) as error:
        assert "idempotency_key = None" in str(error)  # noqa: PT017 - either outcome is safe

    emulator.clock.sleep(60)
    assert Ticket.objects.fresh().count() == 1


def test_a_ticket_of_a_rejected_creation_can_be_created_in_bulk(account, emulator):
    """A definite failure creates nothing, so that any method may follow."""
    ticket = _new()
    emulator.fail_next(422)
    with pytest.raises(Exception, match="422"):
        ticket.save()
    Ticket.objects.bulk_create([ticket])
    emulator.clock.sleep(60)

    assert Ticket.objects.fresh().count() == 1


def test_another_ticket_can_be_created_on_purpose(account, emulator):
    """Without its idempotency key, an uncertain creation is sent again."""
    ticket = _new()
    _lose_response(emulator, _save, ticket)
    ticket.idempotency_key = None
    Ticket.objects.bulk_create([ticket])
    emulator.clock.sleep(60)

    assert Ticket.objects.fresh().count() == 2


def test_retry_failed_can_create_unknown_objects(account, emulator):
    """`retry_failed(unknown=True)` explicitly creates the objects again."""
    ticket = _new()
    emulator.fail_next(None)
    with pytest.raises(BulkError) as error:
        Ticket.objects.bulk_create([ticket])
    error.value.result.retry_failed(unknown=True)

    assert ticket.pk is not None
    assert not ticket.changes()


def test_an_object_that_occurs_twice_is_sent_once(account, emulator, count_requests):
    """Each occurrence has an outcome, and the change is sent once."""
    new = _new()
    created = Ticket.objects.bulk_create([new, new])
    assert [outcome.id for outcome in created] == [new.pk, new.pk]
    new.comment = Comment(body="once")
    updated = Ticket.objects.bulk_update([new, new])
    assert [outcome.ok for outcome in updated] == [True, True]
    emulator.clock.sleep(60)

    assert Ticket.objects.fresh().count() == 1
    assert [comment.body for comment in new.comments.all()] == ["first", "once"]


def _reuse(ticket, others):
    """Yield one object for two rows, with other objects between them."""
    for subject in ("first row", "second row"):
        ticket.subject = subject
        yield ticket
        yield from others


@pytest.mark.parametrize("number", [0, 150])
def test_an_object_that_is_reused_for_several_rows_is_rejected(account, number):
    """Values that would not be sent are an error, before and after the first are applied."""
    new, saved = _new(), [_new().save() for _ in range(number + 1)]
    with pytest.raises((InvalidValue, BulkError), match="make a new object for each row"):
        Ticket.objects.bulk_create(_reuse(new, [_new() for _ in range(number)]))
    assert (new.pk is None) == (number == 0)

    for ticket in saved:
        ticket.priority = "low"
    with pytest.raises((InvalidValue, BulkError), match="make a new object for each row"):
        Ticket.objects.bulk_update(_reuse(saved[0], saved[1:]))


def test_objects_of_one_row_are_updated_after_a_batch(account, emulator):
    """All objects of a row have no edits after the change of one of them was sent."""
    pk = _new().save().pk
    first, second, third = (Ticket(id=pk) for _ in range(3))
    with account.batch() as batch:
        first.priority = "high"
        first.save()
        second.comment = Comment(body="once")
        second.save()
        third.subject = "changed"
        third.save()
        third.type = "task"

    assert len(batch) == 3
    assert [sorted(ticket.changes()) for ticket in (first, second, third)] == [[], [], ["type"]]
    second.status = "open"
    second.save()
    assert [ticket.body for ticket in Ticket.objects.get(pk).comments.all()] == ["first", "once"]


def test_retry_failed_sends_the_failed_changes_of_an_object(account, emulator):
    """Successful changes of the same object are not sent again, also by a second retry."""
    ticket = _new().save()
    puts, send = [], Transport.send

    def fail(transport, request):
        if request.method == "PUT":
            puts.append(request)
            if len(puts) in (2, 3):
                emulator.fail_next(422, method="PUT")
        return send(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "send", fail)
        with account.batch(raise_on_failure=False) as batch:
            for body in ("one", "two"):
                ticket.comment = Comment(body=body)
                ticket.save()
        assert [outcome.state for outcome in batch.result] == ["done", "failed"]
        retried = batch.result.retry_failed()
        assert [outcome.state for outcome in retried] == ["failed"]
        assert len(retried.retry_failed()) == 1

    bodies = [row.body for row in Ticket.objects.get(ticket.pk).comments.all()]
    assert bodies == ["first", "one", "two"]


def test_a_save_during_a_job_does_not_add_the_comment_again(account):
    """While a job adds the comment, `save()` raises; after `wait()` nothing is left to send."""
    tickets = [Ticket.objects.create(subject="T", comment=Comment(body="b")) for _ in range(2)]
    for ticket in tickets:
        ticket.comment = Comment(body="c", public=False)
    result = Ticket.objects.bulk_update(tickets, wait=False)

    with pytest.raises(InvalidValue):
        tickets[0].save()
    result.wait()
    tickets[0].save()
    tickets[0].comment = Comment(body="c", public=False)
    tickets[0].save()

    bodies = [[comment.body for comment in ticket.comments.fresh()] for ticket in tickets]
    assert bodies == [["b", "c", "c"], ["b", "c"]]


def test_a_save_during_a_job_does_not_create_the_object_again(account):
    """While a job that creates a ticket is running, `save()` of the ticket raises an error."""
    ticket = Ticket(subject="T", comment=Comment(body="b"))
    result = Ticket.objects.bulk_create([ticket], wait=False)

    with pytest.raises(InvalidValue):
        ticket.save()
    result.wait()
    ticket.priority = "high"
    ticket.save()

    assert [(row.pk, row.priority) for row in Ticket.objects.fresh()] == [(ticket.pk, "high")]


@pytest.mark.parametrize("model", [User, Organization], ids=lambda model: model.__name__)
def test_objects_that_a_job_creates_are_not_created_by_a_save(account, model):
    """A `save()` before `wait()` raises, also if the row may exist twice."""
    record = model(name="A")
    result = model.objects.bulk_create([record], wait=False)
    with pytest.raises(InvalidValue):
        record.save()

    result.wait()
    record.notes = "n"
    record.save()

    assert [row.notes for row in model.objects.fresh().all() if row.name == "A"] == ["n"]


@pytest.mark.parametrize("fails_again", [False, True])
def test_retries_of_one_result_send_each_object_once(account, emulator, fails_again):
    """A comment of `update()` is added once, whichever results `retry_failed()` is called on."""
    tickets = [Ticket.objects.create(subject="T", comment=Comment(body="b")) for _ in range(2)]
    rows = Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets])
    route = "PUT /api/v2/tickets/update_many*"
    emulator.faults.add(Fault(route, status=422, times=2 if fails_again else 1))
    result = rows.update(comment=Comment(body="c"), raise_on_failure=False)

    retried = result.retry_failed()
    if fails_again:
        retried.retry_failed()
    assert not result.retry_failed().outcomes

    bodies = [[comment.body for comment in ticket.comments.all()] for ticket in tickets]
    assert bodies == [["b", "c"]] * 2


def test_threads_that_save_a_new_object_create_one_row(account):
    """While one thread creates an object, others wait, and send nothing afterwards."""
    for model in (User, Organization, Ticket):
        values = {"subject": "New", "comment": Comment(body="x")} if model is Ticket else {}
        before, new = model.objects.count(), model(**values or {"name": "New"})
        gate = Gate(account, lambda request: request.method == "POST")
        workers = [Worker(new.save) for _ in range(4)]
        assert gate.reached.wait(30)
        gate.opened.set()

        assert all(worker.get() is new for worker in workers)
        assert model.objects.count() == before + 1

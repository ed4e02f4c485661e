"""`batch()`: changes that wait for the end of a block, and go out together."""

# ruff: noqa: PT012
# What is raised is raised within a block, or at its end.

from __future__ import annotations

import threading

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    F,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    User,
    post_bulk,
    post_delete,
    post_save,
    pre_save,
    receiver,
    request_started,
)


SEEN = ["seen"]


@pytest.fixture
def account(emulator):
    """An account of the emulator, whose clock goes on by itself."""
    return emulator.connect()


def _tickets(count):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(count)]


def _writes(emulator):
    return [each for each in emulator.requests if not each.startswith("GET")]


def test_nothing_is_sent_before_the_end(account, emulator):
    """A save inside has no effect yet, and the objects keep their edits."""
    with account.batch() as batch:
        ticket = _tickets(1)[0].save()
        assert (None, [], None, 1) == (ticket.pk, emulator.requests, batch.result, len(batch))

    assert ticket.pk is not None
    assert {} == ticket.changes()
    assert 1 == len(batch.result)


def test_a_hundred_and_fifty_updates_are_two_jobs(account, emulator):
    """Changed objects go out a hundred to a request, whatever each of them changed."""
    tickets = Ticket.objects.bulk_create(_tickets(150)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        for number, ticket in enumerate(tickets):
            ticket.priority = "high" if number % 2 else "low"
            ticket.save()

    assert ["PUT tickets/update_many"] * 2 == _writes(emulator)
    assert (150, 2) == (len(batch.result), len(batch.result.jobs))
    assert 75 == Ticket.objects.filter(priority="high").fresh().scan().count()


def test_several_saves_of_one_object_are_one(account, emulator):
    """What counts is the object as it was at its last save."""
    ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch() as batch:
        ticket.priority = "low"
        ticket.save()
        ticket.priority, ticket.type = "high", "task"
        ticket.save()
        # Not saved, and so not sent.
        ticket.subject = "Other"

    assert [f"PUT tickets/{ticket.pk}"] == emulator.requests
    assert (1, {"subject": ("T0", "Other")}) == (len(batch.result), ticket.changes())
    ticket.refresh_from_db()
    assert ("high", "task", "T0") == (ticket.priority, ticket.type, ticket.subject)


def test_an_edit_that_was_taken_back_is_not_sent(account, emulator):
    """A whole save tells all that differs; what does no more is dropped from the batch."""
    ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch():
        ticket.priority = "low"
        ticket.save()
        ticket.priority, ticket.type = None, "task"
        ticket.save()

    ticket.refresh_from_db()
    assert (None, "task") == (ticket.priority, ticket.type)


def test_parts_of_an_object_are_put_together(account):
    """`update_fields` adds to what waits, and takes nothing else away."""
    ticket = _tickets(1)[0].save()

    with account.batch():
        ticket.priority, ticket.type = "low", "task"
        ticket.save(update_fields=["priority"])
        ticket.save(update_fields=["type"])

    ticket.refresh_from_db()
    assert ("low", "task") == (ticket.priority, ticket.type)


def test_each_comment_is_written(account):
    """Two comments on one ticket are two updates, in their order: neither replaces the other."""
    ticket = _tickets(1)[0].save()

    with account.batch() as batch:
        ticket.comments.create(body="one")
        ticket.comments.create(body="two", public=False)
        ticket.status = "pending"
        ticket.save()

    assert ["x", "one", "two"] == [each.body for each in ticket.comments.all()]
    assert (2, "pending") == (len(batch.result), ticket.status)


def test_what_others_point_to_goes_first(account, emulator):
    """A ticket, its requester and their organization can be saved in any order."""
    with account.batch() as batch:
        organization = Organization(name="Acme")
        user = User(name="Ada", email="ada@example.com", organization=organization)
        ticket = Ticket(subject="Hi", requester=user, comment=Comment(body="x"))
        ticket.save()
        user.save()
        organization.save()

    assert ["POST organizations", "POST users", "POST tickets"] == _writes(emulator)
    assert (user.pk, organization.pk) == (ticket.requester_id, user.organization_id)
    assert [ticket, user, organization] == batch.result.succeeded


def test_an_object_can_need_another_of_its_model(account):
    """The incidents of a problem that is made in the same batch follow it."""
    with account.batch() as batch:
        problem = Ticket(subject="P", type="problem", comment=Comment(body="x"))
        incidents = [
            Ticket(subject="I", type="incident", problem=problem, comment=Comment(body="x"))
            for _ in range(3)
        ]
        for ticket in (*incidents, problem):
            ticket.save()

    assert 4 == len(batch.result)
    assert {problem.pk} == {each.problem_id for each in incidents}


def test_what_cannot_be_made_takes_those_along_that_need_it(account):
    """One outcome each: the reason of the first, and of the others whom they missed."""
    User.objects.create(name="First", email="ada@example.com")
    user = User(name="Ada", email="ada@example.com")
    ticket = Ticket(subject="Hi", requester=user, comment=Comment(body="x"))
    other = _tickets(1)[0]

    with pytest.raises(BulkError), account.batch() as batch:
        for each in (user, ticket, other):
            each.save()

    first, second = batch.result.failed
    assert ("Unprocessable", "NotSent") == (first.error, second.error)
    assert "which was not saved" in second.details
    assert [other] == batch.result.succeeded


def test_what_failed_is_sent_again(account):
    """`retry_failed()` sends the changes of those that failed, and of those that needed them."""
    first = User.objects.create(name="First", email="ada@example.com")
    user = User(name="Ada", email="ada@example.com")
    with account.batch(raise_on_failure=False) as batch:
        user.save()
        Ticket(subject="Hi", requester=user, comment=Comment(body="x")).save()
    assert 2 == len(batch.result.failed)
    for identity in first.identities.all() if hasattr(first, "identities") else ():
        identity.delete()
    first.delete()

    again = batch.result.retry_failed()

    assert (2, 0) == (len(again), len(again.failed))


def test_an_exception_inside_sends_nothing(account, emulator):
    """It comes out as it is, and objects keep their edits."""
    ticket = _tickets(1)[0]

    with pytest.raises(ZeroDivisionError), account.batch() as batch:
        ticket.save()
        raise ZeroDivisionError

    assert ([], None, None) == (emulator.requests, ticket.pk, batch.result)
    assert {"subject", "comment"} == {*ticket.changes()}


def test_deletes_go_last(account, emulator):
    """An object that was saved before it was deleted is saved and deleted."""
    tickets = Ticket.objects.bulk_create(_tickets(3)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        tickets[0].delete()
        tickets[1].subject = "Other"
        tickets[1].save()
        tickets[1].delete()
        tickets[2].subject = "New"
        tickets[2].save()

    assert ["PUT tickets/update_many", "DELETE tickets/destroy_many"] == _writes(emulator)
    assert 4 == len(batch.result)


def test_what_is_made_and_deleted_never_was(account, emulator):
    """Nothing is sent of it."""
    with account.batch() as batch:
        ticket = _tickets(1)[0].save()
        ticket.delete()

    assert ([], 0) == (emulator.requests, len(batch.result))


def test_what_was_deleted_cannot_be_saved(account):
    """The order of the calls would be lost."""
    ticket = _tickets(1)[0].save()

    with pytest.raises(InvalidValue, match="was deleted before"), account.batch():
        ticket.delete()
        ticket.subject = "Other"
        ticket.save()


def test_bulk_operations_inside_wait_too(account, emulator):
    """`update()`, `bulk_create()` and `delete()` of queries are part of the same batch."""
    old = Ticket.objects.bulk_create(_tickets(2)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        pending = Ticket.objects.bulk_create(_tickets(2))
        Ticket.objects.filter(id__in=[each.pk for each in old]).update(tags=F("tags") + SEEN)
        assert (2, []) == (len(pending.pending), _writes(emulator))

    assert ["POST tickets/create_many", "PUT tickets/update_many"] == _writes(emulator)
    assert 4 == len(batch.result)
    assert ["seen"] == Ticket.objects.fresh().get(old[0].pk).tags


def test_models_without_bulk_calls_go_one_by_one(account, emulator):
    """Zendesk has no create_many for groups."""
    with account.batch() as batch:
        for name in ("One", "Two"):
            Group(name=name).save()

    assert ["POST groups"] * 2 == _writes(emulator)
    assert 2 == len(batch.result)


def test_calls_of_their_own_cannot_wait(account):
    """A merge is no save; it is refused before anything is sent."""
    one, two = Ticket.objects.bulk_create(_tickets(2)).succeeded

    with pytest.raises(InvalidValue, match="merge is a call of its own"), account.batch():
        one.merge(two)


def test_what_exists_cannot_be_looked_for_later(account):
    """`ignore_conflicts` reads before it writes."""
    with pytest.raises(TypeError, match="before or after it"), account.batch():
        Ticket.objects.bulk_create(
            _tickets(1), ignore_conflicts=True, unique_fields=["external_id"]
        )


def test_a_batch_within_another_joins_it(account, emulator):
    """What the inner one collected is sent at the end of the outer; its exception is its own."""
    with account.batch() as outer:
        with account.batch() as inner:
            _tickets(1)[0].save()
        with pytest.raises(ZeroDivisionError), account.batch():
            _tickets(1)[0].save()
            raise ZeroDivisionError
        assert ([], None) == (emulator.requests, inner.result)

    assert 1 == len(outer.result)


def test_other_threads_are_not_part_of_it(account, emulator):
    """A batch belongs to the thread that opened it."""
    with account.batch():
        thread = threading.Thread(target=lambda: _tickets(1)[0].save())
        thread.start()
        thread.join()
        assert ["POST tickets"] == emulator.requests


def test_objects_of_another_session_are_part_of_it(account, emulator):
    """What counts is where `save()` is called, not where the object came from."""
    with account.session():
        ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch():
        ticket.subject = "Other"
        ticket.save()
        assert [] == emulator.requests

    assert 1 == len(emulator.requests)


def test_on_commit_runs_after_it(account):
    """Inside at the end, in order; outside at once; not at all when some failed."""
    ran = []
    account.on_commit(lambda: ran.append("outside"))
    with account.batch() as batch:
        account.on_commit(lambda: ran.append("first"))
        batch.on_commit(lambda: ran.append("second"))
        _tickets(1)[0].save()
        assert ["outside"] == ran
    with pytest.raises(BulkError), account.batch() as batch:
        batch.on_commit(lambda: ran.append("failed"))
        Ticket(subject="x", comment=Comment(body="x"), assignee_id=1).save()

    assert ["outside", "first", "second"] == ran


def test_each_save_and_delete_is_announced(account):
    """`pre_save` when it is asked for, `post_save` and `post_delete` when it is done."""
    gone, *changed = Ticket.objects.bulk_create(_tickets(3)).succeeded
    heard = []

    @receiver([pre_save, post_save, post_delete], sender=Ticket)
    def hear(sender, instance, created=None, changes=None, **kwargs):
        heard.append((instance.pk, created, changes))

    with account.batch():
        for ticket in changed:
            ticket.priority = "high"
            ticket.save()
        gone.delete()
        assert [(each.pk, False, {"priority": (None, "high")}) for each in changed] == heard
        heard.clear()

    told = [(each.pk, False, {"priority": (None, "high")}) for each in changed]
    assert [*told, (gone.pk, None, None)] == heard


def test_a_receiver_that_raises_loses_no_result(account):
    """Everything is sent, and the error that comes out carries the outcomes."""

    @receiver([post_save, post_bulk], sender=Ticket)
    def fail(sender, **kwargs):
        raise ZeroDivisionError

    with pytest.raises(BulkError, match="a receiver raised") as caught, account.batch() as batch:
        for each in _tickets(2):
            each.save()
        User(name="Ada").save()

    assert batch.result is caught.value.result
    assert 3 == len(batch.result)


def test_a_receiver_that_raises_makes_no_failure_of_what_was_saved(account, emulator):
    """Whatever it raises: sent again, it would be there twice."""

    @receiver(post_save, sender=Ticket)
    def fail(sender, **kwargs):
        raise InvalidValue("not mine")

    with pytest.raises(BulkError, match="a receiver raised") as caught, account.batch():
        ticket = _tickets(1)[0].save()

    assert ([ticket], []) == (caught.value.result.succeeded, caught.value.result.failed)


def test_a_receiver_that_stops_a_request_makes_a_failure(account, emulator):
    """What was not sent is not done."""

    @receiver(request_started)
    def stop(sender, request, **kwargs):
        raise ZeroDivisionError

    with pytest.raises(BulkError, match="a receiver raised") as caught, account.batch():
        _tickets(1)[0].save()

    assert ["ZeroDivisionError"] == [each.error for each in caught.value.result.failed]
    assert [] == emulator.requests


def test_an_empty_batch_sends_nothing(account, emulator):
    """Its result has no outcomes."""
    with account.batch() as batch:
        pass

    assert ([], 0, True) == (emulator.requests, len(batch.result), bool(batch.result))


def test_what_is_not_saved_cannot_be_pointed_to_outside(account, emulator):
    """As in Django, it may be assigned, and has to be saved before."""
    acme = Organization(name="Acme")
    user = User(name="Ada", email="ada@example.com", organization=acme)

    with pytest.raises(InvalidValue, match="organization: <Organization None: Acme> has no id yet"):
        user.save()
    assert [] == emulator.requests
    acme.save()

    assert acme.pk == user.save().organization_id


def test_what_is_saved_again_after_a_deletion_is_created_once(account, emulator):
    """A new object that is saved, deleted and saved in one batch is created."""
    ticket = _tickets(1)[0]
    with account.batch():
        ticket.save()
        ticket.delete()
        ticket.save()

    emulator.clock.sleep(10)
    assert [each.pk for each in Ticket.objects.fresh()] == [ticket.pk]

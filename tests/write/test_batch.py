"""`batch()` collects changes until the end of the block, and sends them together."""

# ruff: noqa: PT012
# Errors are raised within a block, or at its end.

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    CustomField,
    F,
    Group,
    GroupMembership,
    InvalidValue,
    Organization,
    Ticket,
    TicketField,
    User,
    post_bulk,
    post_delete,
    post_save,
    pre_save,
    receiver,
    request_started,
)


SEEN = ["seen"]


class _Fault(Ticket):
    """A ticket with two declared custom fields."""

    severity = CustomField("Severity")
    level = CustomField("Level")


def _tickets(count):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(count)]


def _write_requests(emulator):
    return [request for request in emulator.requests if not request.startswith("GET")]


def test_nothing_is_sent_before_the_end(account, emulator):
    """A save inside has no effect yet, and the objects keep their edits."""
    with account.batch() as batch:
        ticket = _tickets(1)[0].save()
        assert (ticket.pk, emulator.requests, batch.result, len(batch)) == (None, [], None, 1)

    assert ticket.pk is not None
    assert ticket.changes() == {}
    assert len(batch.result) == 1


def test_a_hundred_and_fifty_updates_are_two_jobs(account, emulator):
    """Changed objects are sent in jobs of a hundred, even if their changes differ."""
    tickets = Ticket.objects.bulk_create(_tickets(150)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        for number, ticket in enumerate(tickets):
            ticket.priority = "high" if number % 2 else "low"
            ticket.save()

    assert _write_requests(emulator) == ["PUT tickets/update_many"] * 2
    assert (len(batch.result), len(batch.result.jobs)) == (150, 2)
    assert Ticket.objects.filter(priority="high").fresh().scan().count() == 75


def test_saves_of_one_object_are_merged(account, emulator):
    """Several saves of one object send its values at the last save."""
    ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch() as batch:
        ticket.priority = "low"
        ticket.save()
        ticket.priority, ticket.type = "high", "task"
        ticket.save()
        # Not saved, and so not sent.
        ticket.subject = "Other"

    assert emulator.requests == [f"PUT tickets/{ticket.pk}"]
    assert (len(batch.result), ticket.changes()) == (1, {"subject": ("T0", "Other")})
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.type, ticket.subject) == ("high", "task", "T0")


def test_a_reverted_edit_is_not_sent(account, emulator):
    """A save without `update_fields` drops fields of earlier saves that no longer differ."""
    ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch():
        ticket.priority = "low"
        ticket.save()
        ticket.priority, ticket.type = None, "task"
        ticket.save()

    ticket.refresh_from_db()
    assert (ticket.priority, ticket.type) == (None, "task")


def test_partial_saves_are_merged(account):
    """`update_fields` adds to the fields of earlier saves."""
    ticket = _tickets(1)[0].save()

    with account.batch():
        ticket.priority, ticket.type = "low", "task"
        ticket.save(update_fields=["priority"])
        ticket.save(update_fields=["type"])

    ticket.refresh_from_db()
    assert (ticket.priority, ticket.type) == ("low", "task")


def test_two_comments_are_two_updates(account):
    """Two comments on one ticket are sent as two updates, in order."""
    ticket = _tickets(1)[0].save()

    with account.batch() as batch:
        ticket.comments.create(body="one")
        ticket.comments.create(body="two", public=False)
        ticket.status = "pending"
        ticket.save()

    assert [comment.body for comment in ticket.comments.all()] == ["x", "one", "two"]
    assert (len(batch.result), ticket.status) == (2, "pending")


def test_related_objects_are_saved_first(account, emulator):
    """A ticket, its requester and their organization can be saved in any order."""
    with account.batch() as batch:
        organization = Organization(name="Acme")
        user = User(name="Ada", email="ada@example.com", organization=organization)
        ticket = Ticket(subject="Hi", requester=user, comment=Comment(body="x"))
        ticket.save()
        user.save()
        organization.save()

    assert _write_requests(emulator) == ["POST organizations", "POST users", "POST tickets"]
    assert (ticket.requester_id, user.organization_id) == (user.pk, organization.pk)
    assert batch.result.succeeded == [ticket, user, organization]


def test_an_object_can_refer_to_another_of_its_model(account):
    """The incidents of a new problem are created after it."""
    with account.batch() as batch:
        problem = Ticket(subject="P", type="problem", comment=Comment(body="x"))
        incidents = [
            Ticket(subject="I", type="incident", problem=problem, comment=Comment(body="x"))
            for _ in range(3)
        ]
        for ticket in (*incidents, problem):
            ticket.save()

    assert len(batch.result) == 4
    assert {incident.problem_id for incident in incidents} == {problem.pk}


def test_a_failed_object_fails_the_objects_that_refer_to_it(account):
    """The outcome of a dependent object names the reason of the first failure."""
    User.objects.create(name="First", email="ada@example.com")
    user = User(name="Ada", email="ada@example.com")
    ticket = Ticket(subject="Hi", requester=user, comment=Comment(body="x"))
    other = _tickets(1)[0]

    with pytest.raises(BulkError), account.batch() as batch:
        for item in (user, ticket, other):
            item.save()

    first, second = batch.result.failed
    assert (first.error, second.error) == ("Unprocessable", "NotSent")
    assert "which was not saved" in second.details
    assert batch.result.succeeded == [other]


def test_failed_changes_can_be_retried(account):
    """`retry_failed()` sends the failed changes, and the changes that depend on them."""
    first = User.objects.create(name="First", email="ada@example.com")
    user = User(name="Ada", email="ada@example.com")
    with account.batch(raise_on_failure=False) as batch:
        user.save()
        Ticket(subject="Hi", requester=user, comment=Comment(body="x")).save()
    assert len(batch.result.failed) == 2
    for identity in first.identities.all() if hasattr(first, "identities") else ():
        identity.delete()
    first.delete()

    again = batch.result.retry_failed()

    assert (len(again), len(again.failed)) == (2, 0)


def test_an_exception_inside_sends_nothing(account, emulator):
    """An exception in the block is raised unchanged, and the objects keep their edits."""
    ticket = _tickets(1)[0]

    with pytest.raises(ZeroDivisionError), account.batch() as batch:
        ticket.save()
        raise ZeroDivisionError

    assert (emulator.requests, ticket.pk, batch.result) == ([], None, None)
    assert {*ticket.changes()} == {"subject", "comment"}


def test_deletions_are_sent_last(account, emulator):
    """An object that is saved and then deleted is updated and then deleted."""
    tickets = Ticket.objects.bulk_create(_tickets(3)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        tickets[0].delete()
        tickets[1].subject = "Other"
        tickets[1].save()
        tickets[1].delete()
        tickets[2].subject = "New"
        tickets[2].save()

    assert _write_requests(emulator) == ["PUT tickets/update_many", "DELETE tickets/destroy_many"]
    assert len(batch.result) == 4


def test_an_object_that_is_created_and_deleted_in_a_batch_is_not_sent(account, emulator):
    """An object that is created and deleted in one batch causes no request."""
    with account.batch() as batch:
        ticket = _tickets(1)[0].save()
        ticket.delete()

    assert (emulator.requests, len(batch.result)) == ([], 0)


def test_a_deleted_object_cannot_be_saved(account):
    """Saving an object after its deletion in the same batch raises."""
    ticket = _tickets(1)[0].save()

    with pytest.raises(InvalidValue, match="deleted"), account.batch():
        ticket.delete()
        ticket.subject = "Other"
        ticket.save()


def test_bulk_operations_are_part_of_the_batch(account, emulator):
    """`update()`, `bulk_create()` and `delete()` of queries are sent at the end, too."""
    old = Ticket.objects.bulk_create(_tickets(2)).succeeded
    emulator.requests.clear()

    with account.batch() as batch:
        pending = Ticket.objects.bulk_create(_tickets(2))
        Ticket.objects.filter(id__in=[ticket.pk for ticket in old]).update(tags=F("tags") + SEEN)
        assert (len(pending.pending), _write_requests(emulator)) == (2, [])

    assert _write_requests(emulator) == ["POST tickets/create_many", "PUT tickets/update_many"]
    assert len(batch.result) == 4
    assert Ticket.objects.fresh().get(old[0].pk).tags == ["seen"]


def test_models_without_bulk_endpoints_are_sent_one_by_one(account, emulator):
    """Groups are created by one request each, because Zendesk has no create_many for them."""
    with account.batch() as batch:
        for name in ("One", "Two"):
            Group(name=name).save()

    assert _write_requests(emulator) == ["POST groups"] * 2
    assert len(batch.result) == 2


def test_an_action_is_rejected(account):
    """A merge inside a batch raises before anything is sent."""
    one, two = Ticket.objects.bulk_create(_tickets(2)).succeeded

    with pytest.raises(InvalidValue, match="merge"), account.batch():
        one.merge(two)


def test_a_batch_rejects_lookups_of_existing_objects(account):
    """`ignore_conflicts` raises in a batch, because it reads rows first."""
    with pytest.raises(TypeError, match="batch"), account.batch():
        Ticket.objects.bulk_create(
            _tickets(1), ignore_conflicts=True, unique_fields=["external_id"]
        )


def test_nested_batches_are_sent_together(account, emulator):
    """The changes of an inner batch are sent at the end of the outer one."""
    with account.batch() as outer:
        with account.batch() as inner:
            _tickets(1)[0].save()
        with pytest.raises(ZeroDivisionError), account.batch():
            _tickets(1)[0].save()
            raise ZeroDivisionError
        assert (emulator.requests, inner.result) == ([], None)

    assert len(outer.result) == 1


def test_a_batch_belongs_to_its_thread(account, emulator):
    """Saves in other threads are sent at once."""
    with account.batch():
        thread = threading.Thread(target=lambda: _tickets(1)[0].save())
        thread.start()
        thread.join()
        assert emulator.requests == ["POST tickets"]


def test_objects_of_another_session_are_collected(account, emulator):
    """A save inside the block is collected, whichever session created the object."""
    with account.session():
        ticket = _tickets(1)[0].save()
    emulator.requests.clear()

    with account.batch():
        ticket.subject = "Other"
        ticket.save()
        assert emulator.requests == []

    assert len(emulator.requests) == 1


def test_on_commit_runs_callbacks_after_the_batch(account):
    """Callbacks run in order at the end, at once outside a batch, and never after a failure."""
    ran = []
    account.on_commit(lambda: ran.append("outside"))
    with account.batch() as batch:
        account.on_commit(lambda: ran.append("first"))
        batch.on_commit(lambda: ran.append("second"))
        _tickets(1)[0].save()
        assert ran == ["outside"]
    with pytest.raises(BulkError), account.batch() as batch:
        batch.on_commit(lambda: ran.append("failed"))
        Ticket(subject="x", comment=Comment(body="x"), assignee_id=1).save()

    assert ran == ["outside", "first", "second"]


def test_each_save_and_delete_is_announced(account):
    """`pre_save` is sent by `save()`, `post_save` and `post_delete` after the request."""
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
        assert [(record.pk, False, {"priority": (None, "high")}) for record in changed] == heard
        heard.clear()

    expected = [(record.pk, False, {"priority": (None, "high")}) for record in changed]
    assert heard == [*expected, (gone.pk, None, None)]


def test_an_error_in_a_receiver_carries_all_outcomes(account):
    """All changes are sent, and the error contains their outcomes."""

    @receiver([post_save, post_bulk], sender=Ticket)
    def fail(sender, **kwargs):
        raise ZeroDivisionError

    with pytest.raises(BulkError, match="raised") as caught, account.batch() as batch:
        for ticket in _tickets(2):
            ticket.save()
        User(name="Ada").save()

    assert batch.result is caught.value.result
    assert len(batch.result) == 3


def test_a_receiver_that_raises_does_not_change_outcomes(account, emulator):
    """A change that was sent is done, whatever a receiver raises, so that a retry skips it."""

    @receiver(post_save, sender=Ticket)
    def fail(sender, **kwargs):
        raise InvalidValue("not mine")

    with pytest.raises(BulkError, match="raised") as caught, account.batch():
        ticket = _tickets(1)[0].save()

    assert (caught.value.result.succeeded, caught.value.result.failed) == ([ticket], [])


def test_a_receiver_that_prevents_a_request_fails_its_objects(account, emulator):
    """The outcome of an object that was not sent is a failure."""

    @receiver(request_started)
    def stop(sender, request, **kwargs):
        raise ZeroDivisionError

    with pytest.raises(BulkError, match="raised") as caught, account.batch():
        _tickets(1)[0].save()

    assert [outcome.error for outcome in caught.value.result.failed] == ["ZeroDivisionError"]
    assert emulator.requests == []


def test_an_empty_batch_sends_nothing(account, emulator):
    """An empty batch sends no request, and its result has no outcomes."""
    with account.batch() as batch:
        pass

    assert (emulator.requests, len(batch.result), bool(batch.result)) == ([], 0, True)


def test_an_unsaved_object_cannot_be_referred_to_outside_a_batch(account, emulator):
    """As in Django, an unsaved object can be assigned, but must be saved before the other."""
    acme = Organization(name="Acme")
    user = User(name="Ada", email="ada@example.com", organization=acme)

    with pytest.raises(InvalidValue, match="organization"):
        user.save()
    assert emulator.requests == []
    acme.save()

    assert acme.pk == user.save().organization_id


def test_an_object_saved_after_its_deletion_is_created_once(account, emulator):
    """A new object that is saved, deleted and saved in one batch is created."""
    ticket = _tickets(1)[0]
    with account.batch():
        ticket.save()
        ticket.delete()
        ticket.save()

    emulator.clock.sleep(10)
    assert [row.pk for row in Ticket.objects.fresh()] == [ticket.pk]


def test_edits_after_a_save_are_not_sent(account, emulator):
    """The values at the time of the save are sent, also after a merge with others' changes."""
    organization = Organization.objects.create(name="Old", domain_names=["a.com"])
    emulator.connect(alias="other")
    other = Organization.objects.using("other").get(organization.pk)
    other.domain_names.append("theirs.com")
    other.save()
    with account.batch():
        organization.name = "New"
        organization.domain_names.append("mine.com")
        organization.save()
        organization.name = "Old"
        organization.notes = "later"

    row = Organization.objects.using("other").fresh().get(organization.pk)
    assert (row.name, row.domain_names) == ("New", ["a.com", "theirs.com", "mine.com"])
    assert organization.changes() == {"notes": (None, "later")}


def test_custom_fields_of_several_saves_are_sent_together(account):
    """A save of one custom field does not replace another one that was saved before."""
    first = TicketField.objects.create(title="A", type="text")
    TicketField.objects.create(title="B", type="text")
    ticket = Ticket.objects.create(subject="T", comment=Comment(body="x"))
    with account.batch() as batch:
        values = [{"id": first.pk, "value": "1"}]
        Ticket.objects.filter(id__in=[ticket.pk]).update(custom_fields=values)
        ticket.custom["B"] = "2"
        ticket.save()

    assert len(batch) == 1
    ticket.refresh_from_db()
    assert (ticket.custom["A"], ticket.custom["B"]) == ("1", "2")


def test_objects_of_one_row_are_sent_separately(account, emulator):
    """A conflict of one object loses nothing that another object of the row has saved."""
    ticket = Ticket.objects.create(subject="T", comment=Comment(body="x"))
    emulator.connect(alias="other")
    other = Ticket.objects.using("other").get(ticket.pk)
    other.priority = "low"
    other.save()
    emulator.clock.sleep(10)
    with account.batch() as batch:
        ticket.subject = "mine"
        ticket.save()
        Ticket(id=ticket.pk, external_id="E", comment=Comment(body="second")).save()

    assert len(batch.result) == 2
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.external_id, ticket.priority) == ("mine", "E", "low")
    assert [comment.body for comment in ticket.comments.all()] == ["x", "second"]


@pytest.mark.parametrize("names", [["severity"], None], ids=["declared field", "all fields"])
@pytest.mark.parametrize("other", ["L", "M"])
def test_a_save_undoes_a_custom_field_of_an_earlier_save(account, emulator, names, other):
    """The value of the row is sent again, with or without other edits of custom fields."""
    for title in ("Severity", "Level"):
        TicketField.objects.create(type="text", title=title)
    ticket = _Fault.objects.create(subject="s", comment=Comment(body="b"), level="L")
    ticket = _Fault.objects.get(ticket.pk)
    with account.batch():
        ticket.severity = "high"
        ticket.save(update_fields=names)
        ticket.severity, ticket.level = None, other
        ticket.save(update_fields=names)

    emulator.connect(alias="reader")
    row = _Fault.objects.using("reader").get(ticket.pk)
    assert (row.severity, row.level) == (None, "L" if names else other)
    assert bool(ticket.changes()) == (names is not None and other == "M")


def test_a_user_of_a_new_ticket_is_created_with_it_unless_the_batch_creates_it(account, emulator):
    """A `User` that is saved in the batch is saved first; another is part of the ticket."""
    saved, new = (User(name=name, email=f"{name}@example.com") for name in ("saved", "new"))
    with account.batch():
        tickets = [
            Ticket(subject="s", comment=Comment(body="b"), requester=user).save()
            for user in (saved, new)
        ]
        saved.save()

    assert [ticket.requester.email for ticket in tickets] == [
        "saved@example.com",
        "new@example.com",
    ]
    assert [ticket.changes() for ticket in tickets] == [{}, {}]


def test_a_membership_that_was_removed_and_added_again_stays(account, emulator):
    """Opposite changes cancel each other: only the memberships are read."""
    group = Group.objects.create(name="g")
    user = User.objects.create(name="u", email="u@example.com", role="agent")
    group.users.add(user)
    emulator.requests.clear()
    with account.batch():
        group.users.remove(user)
        group.users.add(user)

    assert [request.split()[0] for request in emulator.requests] == ["GET", "GET"]
    assert list(group.users.all()) == [user]


def test_a_membership_with_other_values_replaces_a_deleted_one(account):
    """In a batch, the new membership is created after the other one was deleted."""
    group = Group.objects.create(name="g")
    user = User.objects.create(name="u", email="u@example.com", role="agent")
    group.users.add(user)
    deleted = group.memberships.get()
    with account.batch():
        deleted.delete()
        created = GroupMembership(user=user, group=group, default=True)
        created.save()

    (stored,) = group.memberships.fresh()
    assert (stored.pk, stored.default) == (created.pk, True)
    assert stored.pk != deleted.pk


@pytest.mark.parametrize("number", [1, 3])
def test_new_rows_replace_deleted_rows_with_the_same_unique_values(account, number):
    """In a batch, Zendesk accepts the new rows because the others are deleted first."""
    names = [f"user{position}" for position in range(number)]
    for name in names:
        User.objects.create(name=name, email=f"{name}@example.com", external_id=name)
    deleted = {user.pk for user in User.objects.filter(external_id__in=names)}
    with account.batch():
        for user in list(User.objects.filter(external_id__in=names)):
            user.delete()
        for name in names:
            user, created = User.objects.get_or_create(
                external_id=name, defaults={"name": "new", "email": f"{name}@example.com"}
            )
            assert created

    stored = list(User.objects.filter(external_id__in=names))
    assert [user.name for user in stored] == ["new"] * number
    assert deleted.isdisjoint(user.pk for user in stored)


def test_an_update_takes_over_the_unique_value_of_a_deleted_row(account):
    """In a batch, the update is sent after the deletion."""
    renamed = User.objects.create(name="kept", external_id="a")
    deleted = User.objects.create(name="deleted", external_id="b")

    with account.batch():
        deleted.delete()
        renamed.external_id = "b"
        renamed.save()

    assert [user.name for user in User.objects.filter(external_id="b")] == ["kept"]


def test_the_row_of_a_known_id_is_no_change_of_others(account, people):
    """Other calls in the batch load the row of a ticket whose earlier subject nobody has seen."""
    pk = Ticket.objects.create(subject="old", comment=Comment(body="b")).pk
    with account.batch():
        ticket = Ticket(id=pk)
        ticket.subject = "new"
        ticket.followers.add(people[0])
        Ticket.objects.filter(id__in=[pk]).update(priority="low")
        ticket.save()

    row = Ticket.objects.fresh().get(pk)
    assert (row.subject, row.priority, row.follower_ids) == ("new", "low", [people[0].pk])


def test_tags_of_others_that_were_replaced_since_are_no_edits(account, emulator):
    """An object shows the row of its last change, without tags of the row before."""
    organization = Organization.objects.create(name="O", tags=["a"])
    emulator.connect(alias="other")
    theirs = Organization.objects.using("other").get(organization.pk)
    theirs.tags.add("theirs")
    emulator.clock.sleep(5)
    with account.batch():
        organization.tags.remove("absent")
        Organization(id=organization.pk).tags.set(["a"])
        organization.notes = "n"
        organization.save()

    assert organization.tags == ["a"]
    assert not organization.changes()


@pytest.mark.parametrize("is_batch", [False, True])
def test_edits_keep_tags_of_a_job_that_followed(account, is_batch):
    """The job adds tags to a ticket whose tags were edited before; its row does not show them."""
    ticket = Ticket.objects.create(subject="T", comment=Comment(body="b"), tags=["old", "gone"])
    ticket.tags, added = ["old", "edit"], ["job"]
    Ticket.objects.filter(id__in=[ticket.pk]).update(tags=F("tags") + added)
    with account.batch() if is_batch else nullcontext():
        ticket.save()

    assert sorted(Ticket.objects.fresh().get(ticket.pk).tags) == ["edit", "job", "old"]

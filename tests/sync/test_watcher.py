"""`Watcher.poll()`: the changes of others, from incremental exports."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from cachetools import TTLCache

from tests.sync.conftest import DELAY, Received
from zendesk_orm import (
    Comment,
    InvalidValue,
    Organization,
    Tag,
    Ticket,
    User,
    Watcher,
    post_save,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)


def _create(tickets, **values):
    return tickets.create(subject="Printer", comment=Comment(body="Help!"), **values)


def test_a_change_is_announced_with_old_and_new_values(account, emulator, other, received):
    """A receiver gets the old and the new values, with their types, and the comment."""
    ticket = _create(other, priority="low")
    emulator.advance(seconds=5)
    watcher = Watcher(Ticket)
    emulator.advance(seconds=DELAY)
    ticket.priority, ticket.assignee_id = "high", account.own_changes.user_id
    ticket.comment = Comment(body="Done")
    ticket.save()
    emulator.advance(seconds=DELAY)

    number = watcher.poll()

    assert number == 2
    assert [item.kind for item in received] == ["created", "changed"]
    comment = received[1].changes.pop("comment")[1]
    assert (comment.body, comment.public) == ("Done", True)
    assert received[1].changes == {"priority": ("low", "high")}


def test_receivers_get_the_present_ticket_in_spite_of_cached_rows(account, emulator, other):
    """A cache of tickets, or a session that has read one before, does not hand out old values."""
    account.cache.add(Ticket, TTLCache, maxsize=10, ttl=86_400)
    ticket = _create(other)
    subjects = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, **kwargs):
        subjects.append(instance.subject)

    watcher = Watcher(Ticket)
    for session in (nullcontext(), account.session()):
        with session:
            assert Ticket.objects.get(ticket.pk).subject == ticket.subject
            for subject in ("Toner", "Paper"):
                ticket.subject = f"{subject} {len(subjects)}"
                ticket.save()
                emulator.advance(seconds=DELAY)
                watcher.poll()

    assert subjects == ["Toner 0", "Paper 1", "Toner 2", "Paper 3"]


def test_a_round_costs_one_request_for_each_export(
    account, emulator, other, received, count_requests
):
    """A round reads two exports for tickets, and up to a hundred changed tickets by one request."""
    watcher = Watcher(Ticket)
    for _ in range(3):
        _create(other)
    emulator.advance(seconds=DELAY)

    with count_requests(account, 3):
        watcher.poll()
    with count_requests(account, 2):
        watcher.poll()


def test_nothing_is_loaded_without_receivers(account, emulator, other, count_requests):
    """Tickets are fetched only for receivers."""
    watcher = Watcher(Ticket)
    _create(other)
    emulator.advance(seconds=DELAY)

    with count_requests(account, 2):
        number = watcher.poll()

    assert number == 1


def test_earlier_changes_are_not_announced(emulator, other, received):
    """Without a checkpoint, watching begins now, or at `since`."""
    ticket = _create(other)
    emulator.advance(hours=1)
    Watcher(Ticket).poll()
    assert received == []

    Watcher(Ticket, since=timedelta(hours=2), name="earlier").poll()

    assert received == [Received("created", ticket.pk, {})]


def test_own_saves_are_not_announced(account, emulator, other, received):
    """Changes that the account made are not echoed; those of others to the same ticket are."""
    watcher = Watcher(Ticket)
    ticket = _create(Ticket.objects)
    ticket.priority = "low"
    ticket.save()
    emulator.advance(seconds=5)
    theirs = other.get(id=ticket.pk)
    theirs.priority = "urgent"
    theirs.save()
    emulator.advance(seconds=DELAY)

    watcher.poll()

    assert received == [Received("changed", ticket.pk, {"priority": ("low", "urgent")})]


def test_own_jobs_and_deletions_are_not_announced(account, emulator, other, received):
    """Bulk operations and deletions of the account are recognized, too."""
    watcher = Watcher(Ticket)
    tickets = Ticket.objects.bulk_create(
        [Ticket(subject=f"No. {number}", comment=Comment(body="x")) for number in range(3)]
    )
    rows = [outcome.object for outcome in tickets.outcomes]
    emulator.advance(seconds=5)
    for ticket in rows:
        ticket.priority = "high"
    Ticket.objects.bulk_update(rows, ["priority"])
    rows[0].delete()
    emulator.advance(seconds=DELAY)

    watcher.poll()

    assert received == []


def test_echo_announces_own_changes(emulator, account, received):
    """`echo=True` announces the changes of the account, too."""
    watcher = Watcher(Ticket, echo=True)
    ticket = _create(Ticket.objects)
    emulator.advance(seconds=DELAY)

    watcher.poll()

    assert received == [Received("created", ticket.pk, {})]


def test_deleted_and_restored_tickets_are_announced(emulator, other, received):
    """A deletion is announced after earlier changes, and a restored ticket has changed."""
    watcher = Watcher(Ticket)
    ticket = _create(other)
    emulator.advance(seconds=5)
    ticket.delete()
    emulator.advance(seconds=DELAY)
    watcher.poll()
    emulator.advance(seconds=5)
    ticket.restore()
    emulator.advance(seconds=DELAY)
    watcher.poll()
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert [item.kind for item in received] == ["created", "deleted", "changed"]


def test_a_change_is_delivered_although_its_ticket_was_deleted(emulator, other):
    """The object of a deleted ticket has the values of the change, and loads no others."""
    watcher, statuses = Watcher(Ticket), []

    @receiver([remote_created, remote_changed], sender=Ticket)
    def record(sender, instance, **kwargs):
        statuses.append((instance.status, instance.subject))

    ticket = _create(other)
    emulator.advance(seconds=5)
    ticket.subject = "Other"
    ticket.save()
    ticket.delete()
    emulator.advance(seconds=DELAY)

    watcher.poll()

    assert statuses == [("deleted", None), ("deleted", "Other")]


def test_merged_tickets_have_changed(emulator, other, received):
    """A merge changes both tickets, each once; the merged one is closed."""
    watcher = Watcher(Ticket)
    target, source = _create(other), _create(other)
    emulator.advance(seconds=5)
    target.merge(source, comment="Merged", others_comment="See the other one")
    emulator.advance(seconds=DELAY)
    watcher.poll()
    watcher.poll()

    changed = {item.pk: item.changes for item in received if item.kind == "changed"}
    assert len(received) == 4
    assert changed[source.pk]["status"] == ("new", "closed")
    assert changed[target.pk]["comment"][1].body == "Merged"


def test_users_and_organizations_are_watched(emulator, account):
    """Other models are announced with the old values of rows that were read, and deletions, too."""
    watcher, log = Watcher(User, Organization), []
    emulator.connect(alias="other")
    emulator.advance(seconds=5)
    user = User.objects.using("other").create(name="Ada", email="ada@example.com")
    group = Organization.objects.using("other").create(name="Acme")

    @receiver([remote_created, remote_changed])
    def record(sender, instance, created, changes, **kwargs):
        log.append((instance.name, created, changes))

    @receiver(remote_deleted)
    def record_deletion(sender, instance, **kwargs):
        log.append((instance.pk, None, {}))

    emulator.advance(seconds=DELAY)
    watcher.poll()
    group.name = "Acme Ltd."
    group.save()
    user.delete()
    emulator.advance(seconds=DELAY)
    watcher.poll()
    watcher.poll()

    created = [("Ada", True, {}), ("Acme", True, {})]
    later = [(user.pk, None, {}), ("Acme Ltd.", False, {"name": ("Acme", "Acme Ltd.")})]
    assert [item for item in log if item[0] != "Olivia Owner"] == created + later


def test_own_saves_of_users_are_not_announced(emulator, account):
    """A row is not announced if it has changed by own saves only."""
    log = []

    @receiver([remote_created, remote_changed], sender=User)
    def record(sender, instance, **kwargs):
        log.append(instance.name)

    emulator.connect(alias="other")
    emulator.advance(minutes=5)
    watcher = Watcher(User)
    ada = User.objects.create(name="Ada", email="ada@example.com")
    ben = User.objects.using("other").create(name="Ben", email="ben@example.com")
    emulator.advance(seconds=5)
    ours = User.objects.get(id=ben.pk)
    ada.notes = ours.notes = "x"
    ada.save()
    ours.save()
    emulator.advance(seconds=DELAY)

    watcher.poll()

    assert log == ["Ben"]


def test_one_function_serves_local_and_remote_changes(emulator, other):
    """A receiver of `post_save` and `remote_changed` that saves is called once for each change."""
    log = []

    @receiver([post_save, remote_changed], sender=Ticket)
    def tag(sender, instance, origin, **kwargs):
        log.append(origin)
        instance.tags.append(f"seen-{len(log)}")
        instance.save()

    watcher = Watcher(Ticket)
    ticket = _create(other)
    del log[:]
    emulator.advance(seconds=5)
    ticket.priority = "high"
    ticket.save()
    del log[:]
    emulator.advance(seconds=DELAY)
    watcher.poll()
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert log == ["remote"] * len(log)
    assert len(log) <= 3


def test_many_changes_of_one_second_are_announced_in_order(emulator, other, received):
    """Changes with equal times are neither lost nor doubled."""
    emulator.switches.updates_share_seconds = True
    watcher = Watcher(Ticket)
    ticket = _create(other)
    for number in range(200):
        ticket.subject = f"No. {number}"
        ticket.save(safe=False)
    emulator.advance(seconds=DELAY)
    watcher.poll()
    watcher.poll()

    subjects = [item.changes["subject"][1] for item in received if item.kind == "changed"]
    assert subjects == [f"No. {number}" for number in range(200)]


def test_models_without_export_cannot_be_watched(account):
    """The error names the model, and other ways."""
    with pytest.raises(InvalidValue, match="webhook"):
        Watcher(Tag)
    with pytest.raises(InvalidValue, match="models"):
        Watcher()
    with pytest.raises(InvalidValue, match="interval"):
        Watcher(Ticket, interval=0)

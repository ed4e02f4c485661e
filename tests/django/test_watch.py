"""The command zendesk_watch, and the store of its dead letters."""

from __future__ import annotations

import io
import os
import signal

import pytest
from attrs import evolve
from django.core.management import CommandError, call_command
from django.db import connection

from tests.django.people.models import User as Person
from zendesk_orm import Comment, Ticket, receiver, remote_changed, remote_created
from zendesk_orm.contrib.django.announced import DjangoAnnounced
from zendesk_orm.contrib.django.dead_letters import DjangoDeadLetters
from zendesk_orm.contrib.django.models import (
    AnnouncedChange,
    AnnouncedFact,
    Checkpoint,
    DeadLetter,
)
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.dead_letters import write_letter


@pytest.fixture(autouse=True)
def tables(database):
    """Delete the rows of the tables after the test."""
    yield
    for model in (AnnouncedChange, AnnouncedFact, Checkpoint, DeadLetter, Person):
        model.objects.all().delete()


def run(*args, **options):
    """Run the command, and return its output."""
    output = io.StringIO()
    call_command("zendesk_watch", *args, stdout=output, **options)
    return output.getvalue()


def test_changes_of_others_reach_receivers(emulator, account):
    """Receivers may use the models of the project; the next run continues at the last change."""
    emulator.connect(alias="other")
    tickets = Ticket.objects.using("other")
    ticket = tickets.create(subject="Printer", comment=Comment(body="Help!"))
    emulator.advance(minutes=5)

    @receiver([remote_created, remote_changed], sender=Ticket)
    def save(sender, instance, **kwargs):
        Person.objects.create(username=f"{instance.subject} {instance.priority}")
        os.kill(os.getpid(), signal.SIGTERM)

    first = run("Ticket", "--since", "60", verbosity=2)
    ticket.priority = "urgent"
    ticket.save()
    emulator.advance(minutes=5)
    second = run("Ticket", "--since", "60", verbosity=0)

    assert f"created Ticket {ticket.pk}" in first
    assert second == ""
    names = list(Person.objects.order_by("pk").values_list("username", flat=True))
    assert names == ["Printer None", "Printer urgent"]
    assert Checkpoint.objects.filter(name__startswith="watch").exists()


def test_errors_are_reported(emulator, account):
    """Unknown names, models without an export, and missing tables are errors of the command."""
    for args, word in (
        (("Tickt",), "'Ticket'"),
        (("Ticket", "--account", "emea"), "emea"),
        (("Group",), "Group"),
        (("Ticket", "--interval", "-1"), "interval"),
        (("Ticket", "--since", "nan"), "minutes"),
        (("Ticket", "--since", "1e30"), "minutes"),
        (("Ticket", "--database", "nope"), "nope"),
    ):
        with pytest.raises(CommandError, match=word):
            run(*args)
    with connection.schema_editor() as editor:
        editor.delete_model(Checkpoint)
    try:
        with pytest.raises(CommandError, match="migrate zendesk_orm"):
            run("Ticket")
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Checkpoint)


def test_letters_are_stored_in_their_order():
    """Letters are added, replaced unless they were changed, and deleted."""
    store = DjangoDeadLetters()
    changes = [RemoteChange(f"k{pk}", Ticket, pk, "changed", "export") for pk in (1, 2, 1)]
    first, second, third = (
        write_letter(change, "app.receivers.save", 0.0, due_at)
        for change, due_at in zip(changes, (5.0, None, 7.0), strict=True)
    )
    for letter in (first, second, third):
        store.add(letter)

    assert store.letters() == [first, second, third]
    assert store.waiting() == [first, third]
    assert store.waiting("support.Ticket:2") == []
    later = evolve(first, attempts=1, due_at=None)
    assert [store.replace(first, later), store.replace(first, later)] == [True, False]
    assert (store.letters(), store.waiting()) == ([later, second, third], [third])
    for letter in (later, later, second):
        store.delete(letter)
    assert store.letters() == [third]
    assert str(DeadLetter.objects.get()) == "support.Ticket:1"


def test_letters_of_accounts_are_separate():
    """Two accounts share the table, and see their own letters only."""
    change = RemoteChange("k", Ticket, 1, "changed", "export")
    DjangoDeadLetters("emea").add(write_letter(change, "app.receivers.save", 0.0, 5.0))

    assert DjangoDeadLetters().letters() == []
    assert len(DjangoDeadLetters("emea").waiting()) == 1


def test_processes_announce_a_change_once():
    """A change belongs to the process that claims it first, until its claim ends or is given back.

    Long keys and facts are stored by their digests.
    """
    one, two, other = DjangoAnnounced(), DjangoAnnounced(), DjangoAnnounced("emea")
    for key in ("k", "k" * 1000):
        assert [store.claim(key, 0.0) for store in (one, two, other)] == ["mine", "busy", "mine"]
        assert (two.claim(key, 100.0), one.claim(key, 100.0)) == ("mine", "busy")
        two.release(key)
        assert one.claim(key, 101.0) == "mine"
        one.record(key, {}, "webhook", 101.0)
        two.release(key)
        assert two.claim(key, 1_000.0) == "done"
        assert two.find_repeats([key, "x"]) == {key}


def test_facts_of_other_streams_are_recognized():
    """A fact that one stream has reported is not new in another one, once."""
    store = DjangoAnnounced()
    facts = {"a": 100.0, "b" * 1000: None}
    store.record("k", facts, "webhook", 100.0)

    assert store.find_new(facts, "export", 110.0) == frozenset()
    assert store.find_new(["a"], "export", 500.0) == {"a"}
    assert store.find_new(["a"], "webhook", 100.0) == {"a"}
    store.record("l", {"a": 110.0}, "export", 110.0)
    assert store.find_new(["a"], "export", 110.0) == {"a"}
    assert (store.latest("a"), store.latest("c")) == (100.0, None)
    assert AnnouncedFact.objects.count() == 2
    assert store.get_time("row") is None
    for seconds in (5.0, 9.0, 7.0):
        store.set_time("row", seconds)
    assert (store.get_time("row"), DjangoAnnounced("emea").get_time("row")) == (9.0, None)


def test_old_changes_are_deleted():
    """The number of remembered changes is limited, for each account."""
    store = DjangoAnnounced(capacity=10)
    DjangoAnnounced("emea").record("k", {"f": 1.0}, "webhook", 1.0)
    for number in range(500):
        store.record(f"k{number}", {f"f{number}": 1.0}, "webhook", 1.0)

    for model in (AnnouncedChange, AnnouncedFact):
        assert model.objects.filter(account="default").count() == 10
        assert model.objects.filter(account="emea").count() == 1

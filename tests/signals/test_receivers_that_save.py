"""Receivers that save: they are not called for their own changes to the same object."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from zendesk_orm import (
    Comment,
    Group,
    Q,
    Ticket,
    User,
    post_delete,
    post_save,
    pre_save,
    receiver,
    value_ignored,
)


class Broken(Exception):
    """Raised by receivers."""


def _add_tag(instance, word):
    """Append a tag that the object does not have."""
    instance.tags = [*instance.tags, f"{word}{len(instance.tags)}"]


def _save_priority(ticket, priority="high"):
    ticket.priority = priority
    ticket.save()


# The same object


def test_a_receiver_that_saves_does_not_loop(ticket, emulator):
    """A receiver that changes and saves its object is called once per save."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, changes, **arguments):
        calls.append(sorted(changes))
        _add_tag(instance, "seen")
        instance.save()

    _save_priority(ticket)

    assert calls == [["priority"]]
    assert emulator.requests == ["PUT tickets/1"] * 2
    assert Ticket.objects.get(ticket.pk).tags == ["seen0"]


def test_a_receiver_is_called_for_the_next_save(ticket):
    """A receiver that saved its object is called again for the next save."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, **arguments):
        calls.append(instance.priority)
        _add_tag(instance, "seen")
        instance.save()

    _save_priority(ticket, "high")
    _save_priority(ticket, "low")

    assert calls == ["high", "low"]


def test_other_receivers_are_called_for_a_nested_save(ticket, listen):
    """Other receivers are called for the save and for the one that a receiver made."""
    events = listen(post_save)

    @receiver(post_save)
    def save_again(sender, instance, **arguments):
        _add_tag(instance, "seen")
        instance.save()

    _save_priority(ticket)

    assert [sorted(event["changes"]) for event in events] == [["priority"], ["tags"]]


def test_two_receivers_that_save_do_not_loop(ticket, emulator):
    """Two receivers that save are called for each other's saves, and not for their own."""
    calls = []

    def save_again(word):
        @receiver(post_save, sender=Ticket)
        def listen(sender, instance, **arguments):
            calls.append(word)
            _add_tag(instance, word)
            instance.save()

    save_again("a")
    save_again("b")
    _save_priority(ticket)

    # "a" saves, which calls "b"; then "b" is called for the first save, and "a" for what it saves.
    assert calls == ["a", "b", "b", "a"]
    assert len(emulator.requests) == 5


def test_a_pre_save_receiver_may_save(ticket, emulator, listen):
    """A `pre_save` receiver that saves its object leaves nothing to send."""
    calls, events = [], listen(post_save)

    @receiver(pre_save, sender=Ticket)
    def save_early(sender, instance, **arguments):
        calls.append(instance.priority)
        instance.save()

    _save_priority(ticket)

    assert calls == ["high"]
    assert emulator.requests == ["PUT tickets/1"]
    assert [sorted(event["changes"]) for event in events] == [["priority"]]


def test_a_pre_save_receiver_may_create(emulator, listen):
    """A `pre_save` receiver that saves a new object creates it once."""
    calls, events = [], listen(post_save)

    @receiver(pre_save, sender=Group)
    def save_early(sender, instance, created, **arguments):
        calls.append(created)
        instance.save()

    group = Group.objects.create(name="a")

    assert calls == [True]
    assert emulator.requests == ["POST groups"]
    assert [(event["instance"], event["created"]) for event in events] == [(group, True)]


def test_a_receiver_that_saves_another_object_of_the_row_does_not_loop(ticket, emulator):
    """A receiver that fetches and saves the same row is called once."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, **arguments):
        calls.append(instance)
        with emulator_account.session():
            again = Ticket.objects.get(instance.pk)
            _add_tag(again, "seen")
            again.save()
        calls.append(again is instance)

    emulator_account = emulator.connect()
    _save_priority(ticket)

    assert calls == [ticket, False]


def test_a_receiver_with_two_conditions_does_not_loop(ticket):
    """A receiver with two conditions is not called for its own save under either of them."""
    calls = []

    def save_again(sender, instance, **arguments):
        calls.append(instance.priority)
        instance.priority = "low"
        instance.save()

    receiver(post_save, sender=Ticket, when=Q(priority="high"))(save_again)
    receiver(post_save, sender=Ticket, when=Q(priority="low"))(save_again)
    _save_priority(ticket)

    assert calls == ["high", "low"]


def test_a_receiver_of_value_ignored_does_not_loop(ticket):
    """A receiver of `value_ignored` that saves the value again is called once."""
    owner = User.objects.get(ticket.requester_id)
    calls = []

    @receiver(value_ignored)
    def save_again(sender, instance, **arguments):
        calls.append(instance.email)
        instance.email = "other@acme.com"
        instance.save()

    owner.email = "other@acme.com"
    owner.save()

    assert len(calls) == 1


def test_a_receiver_that_raised_is_called_again(ticket):
    """A receiver that raised is called for the next save."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def fail(sender, instance, **arguments):
        calls.append(instance.priority)
        raise Broken

    for priority in ("high", "low"):
        with pytest.raises(Broken):
            _save_priority(ticket, priority)

    assert calls == ["high", "low"]


# Other objects and signals


def test_a_receiver_is_called_for_other_objects_that_it_saves(emulator):
    """A receiver is called for other objects that it saves."""
    calls = []

    @receiver(post_save, sender=Group)
    def save_again(sender, instance, **arguments):
        calls.append(instance.name)
        if len(calls) < 3:
            Group.objects.create(name=f"{instance.name}b")

    Group.objects.create(name="a")

    assert calls == ["a", "ab", "abb"]


def test_objects_of_two_models_are_distinguished(emulator):
    """A receiver is called for an object of another model, even with the same id."""
    calls = []

    @receiver(post_save)
    def save_again(sender, instance, **arguments):
        calls.append(sender)
        if sender is Group:
            User.objects.create(name=instance.name)

    Group.objects.create(name="a")

    assert calls == [Group, User]


def test_objects_of_two_accounts_are_distinguished(emulator):
    """A receiver is called for an object of another account, even with the same id."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, using, **arguments):
        calls.append((using, instance.pk))
        if using == "default":
            Ticket.objects.using("emea").create(subject="copy", comment=Comment(body="x"))

    with type(emulator)() as other:
        other.connect(alias="emea")
        Ticket.objects.create(subject="x", comment=Comment(body="x"))

    assert calls == [("default", 1), ("emea", 1)]


def test_deleting_in_a_receiver_sends_post_delete(ticket, listen):
    """A receiver that deletes its object sends `post_delete`."""
    events = listen(post_delete)

    @receiver([post_save, post_delete])
    def delete(sender, instance, **arguments):
        if "created" in arguments:
            instance.delete()

    _save_priority(ticket)

    assert [event["instance"] for event in events] == [ticket]


# Threads and tasks


def _connect_two_savers():
    """Connect a receiver that waits for a second call; return the priorities that it received."""
    barrier, calls = threading.Barrier(2, timeout=10), []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, **arguments):
        calls.append(instance.priority)
        barrier.wait()
        _add_tag(instance, instance.priority)
        instance.save(safe=False)

    return calls


def test_saves_in_other_threads_are_received(ticket):
    """Two threads that save the same row at once both call the receiver."""
    calls = _connect_two_savers()

    def save(priority):
        copy = Ticket.objects.get(ticket.pk)
        copy.priority = priority
        copy.save(safe=False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, ["high", "low"]))

    assert sorted(calls) == ["high", "low"]


def test_saves_in_other_tasks_are_received(ticket):
    """Two tasks that save the same row at once both call the receiver."""
    calls = _connect_two_savers()

    async def save(priority):
        copy = await Ticket.objects.aget(ticket.pk)
        copy.priority = priority
        await copy.asave(safe=False)

    async def main():
        await asyncio.gather(*(asyncio.create_task(save(priority)) for priority in ("high", "low")))

    asyncio.run(main())

    assert sorted(calls) == ["high", "low"]


def test_a_task_started_by_a_receiver_calls_it_after_its_end(ticket):
    """A save in a task that a receiver started calls the receiver once it has ended."""
    calls, tasks = [], []

    @receiver(post_save, sender=Ticket)
    def save_again(sender, instance, **arguments):
        calls.append(instance.priority)
        if not tasks:
            tasks.append(asyncio.ensure_future(later()))

    async def later():
        copy = await Ticket.objects.aget(ticket.pk)
        copy.priority = "low"
        await copy.asave(safe=False)

    async def main():
        _save_priority(ticket)
        await tasks[0]

    asyncio.run(main())

    assert calls == ["high", "low"]

"""Receivers that save: none hears of what it does itself to the object that it is told of."""

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


def _tag(instance, word):
    """Change an object, also when it has been changed in the same way before."""
    instance.tags = [*instance.tags, f"{word}{len(instance.tags)}"]


def _save(ticket, priority="high"):
    ticket.priority = priority
    ticket.save()


# -- the same object ---------------------------------------------------------


def test_a_receiver_that_always_changes_something_does_not_loop(ticket, emulator):
    """It is called once for a save; what it saves is saved."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, changes, **arguments):
        calls.append(sorted(changes))
        _tag(instance, "seen")
        instance.save()

    _save(ticket)

    assert [["priority"]] == calls
    assert ["PUT tickets/1"] * 2 == emulator.requests
    assert ["seen0"] == Ticket.objects.get(ticket.pk).tags


def test_the_next_save_is_heard_of_again(ticket):
    """What has ended stands in nobody's way."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, **arguments):
        calls.append(instance.priority)
        _tag(instance, "seen")
        instance.save()

    _save(ticket, "high")
    _save(ticket, "low")

    assert ["high", "low"] == calls


def test_other_receivers_hear_of_what_one_saves(ticket, heard):
    """Of the save, and of the one that was made of it."""
    told = heard(post_save)

    @receiver(post_save)
    def follow(sender, instance, **arguments):
        _tag(instance, "seen")
        instance.save()

    _save(ticket)

    assert [["priority"], ["tags"]] == [sorted(each["changes"]) for each in told]


def test_receivers_do_not_keep_each_other_going(ticket, emulator):
    """Each hears of what the other saves, and neither of what comes of its own."""
    calls = []

    def follow(word):
        @receiver(post_save, sender=Ticket)
        def listen(sender, instance, **arguments):
            calls.append(word)
            _tag(instance, word)
            instance.save()

    follow("a")
    follow("b")
    _save(ticket)

    # "a" saves, of which "b" hears; then "b" hears of the first save, and "a" of what it saves.
    assert ["a", "b", "b", "a"] == calls
    assert 5 == len(emulator.requests)


def test_a_receiver_may_save_before_the_save(ticket, emulator, heard):
    """There is nothing left to send then."""
    calls, told = [], heard(post_save)

    @receiver(pre_save, sender=Ticket)
    def hurry(sender, instance, **arguments):
        calls.append(instance.priority)
        instance.save()

    _save(ticket)

    assert ["high"] == calls
    assert ["PUT tickets/1"] == emulator.requests
    assert [["priority"]] == [sorted(each["changes"]) for each in told]


def test_a_receiver_may_save_what_is_about_to_be_created(emulator, heard):
    """It is created once: the same object is known before it has an id."""
    calls, told = [], heard(post_save)

    @receiver(pre_save, sender=Group)
    def hurry(sender, instance, created, **arguments):
        calls.append(created)
        instance.save()

    group = Group.objects.create(name="a")

    assert [True] == calls
    assert ["POST groups"] == emulator.requests
    assert [(group, True)] == [(each["instance"], each["created"]) for each in told]


def test_the_same_row_in_another_object_is_the_same(ticket, emulator):
    """A receiver that fetches what it was told of, to save that, does not loop."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, **arguments):
        calls.append(instance)
        with emulator_account.session():
            again = Ticket.objects.get(instance.pk)
            _tag(again, "seen")
            again.save()
        calls.append(again is instance)

    emulator_account = emulator.connect()
    _save(ticket)

    assert [ticket, False] == calls


def test_two_conditions_of_one_receiver_are_one_receiver(ticket):
    """What it saves under one condition it does not hear of under the other."""
    calls = []

    def follow(sender, instance, **arguments):
        calls.append(instance.priority)
        instance.priority = "low"
        instance.save()

    receiver(post_save, sender=Ticket, when=Q(priority="high"))(follow)
    receiver(post_save, sender=Ticket, when=Q(priority="low"))(follow)
    _save(ticket)

    assert ["high", "low"] == calls


def test_a_value_that_is_never_kept_does_not_loop(ticket):
    """A receiver of `value_ignored` may try again, once."""
    owner = User.objects.get(ticket.requester_id)
    calls = []

    @receiver(value_ignored)
    def insist(sender, instance, **arguments):
        calls.append(instance.email)
        instance.email = "other@acme.com"
        instance.save()

    owner.email = "other@acme.com"
    owner.save()

    assert 1 == len(calls)


def test_a_receiver_that_raised_hears_of_the_next_save(ticket):
    """It has ended, however it did."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def fail(sender, instance, **arguments):
        calls.append(instance.priority)
        raise Broken

    for priority in ("high", "low"):
        with pytest.raises(Broken):
            _save(ticket, priority)

    assert ["high", "low"] == calls


# -- other objects, other signals --------------------------------------------


def test_a_receiver_hears_of_another_object_that_it_saves(emulator):
    """It is another row, and nothing is kept from anybody."""
    calls = []

    @receiver(post_save, sender=Group)
    def follow(sender, instance, **arguments):
        calls.append(instance.name)
        if len(calls) < 3:
            Group.objects.create(name=f"{instance.name}b")

    Group.objects.create(name="a")

    assert ["a", "ab", "abb"] == calls


def test_objects_of_two_models_are_told_apart(emulator):
    """Whatever their ids are."""
    calls = []

    @receiver(post_save)
    def follow(sender, instance, **arguments):
        calls.append(sender)
        if sender is Group:
            User.objects.create(name=instance.name)

    Group.objects.create(name="a")

    assert [Group, User] == calls


def test_the_same_id_in_another_account_is_another_object(emulator):
    """A receiver may copy what it is told of to another account, and hears of that."""
    calls = []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, using, **arguments):
        calls.append((using, instance.pk))
        if using == "default":
            Ticket.objects.using("emea").create(subject="copy", comment=Comment(body="x"))

    with type(emulator)() as other:
        other.connect(alias="emea")
        Ticket.objects.create(subject="x", comment=Comment(body="x"))

    assert [("default", 1), ("emea", 1)] == calls


def test_what_a_receiver_deletes_is_announced_as_deleted(ticket, heard):
    """That is another signal."""
    told = heard(post_delete)

    @receiver([post_save, post_delete])
    def drop(sender, instance, **arguments):
        if "created" in arguments:
            instance.delete()

    _save(ticket)

    assert [ticket] == [each["instance"] for each in told]


# -- threads and tasks -------------------------------------------------------


def test_what_other_threads_save_is_heard_of(ticket):
    """The same row is saved by two threads at once, and the receiver hears of both."""
    together, calls = threading.Barrier(2, timeout=10), []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, **arguments):
        calls.append(instance.priority)
        together.wait()
        _tag(instance, instance.priority)
        instance.save(safe=False)

    def save(priority):
        own = Ticket.objects.get(ticket.pk)
        own.priority = priority
        own.save(safe=False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, ["high", "low"]))

    assert ["high", "low"] == sorted(calls)


def test_what_other_tasks_save_is_heard_of(ticket):
    """The same is true for tasks of asyncio."""
    together, calls = threading.Barrier(2, timeout=10), []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, **arguments):
        calls.append(instance.priority)
        together.wait()
        _tag(instance, instance.priority)
        instance.save(safe=False)

    async def save(priority):
        own = await Ticket.objects.aget(ticket.pk)
        own.priority = priority
        await own.asave(safe=False)

    async def main():
        await asyncio.gather(*(asyncio.create_task(save(each)) for each in ("high", "low")))

    asyncio.run(main())

    assert ["high", "low"] == sorted(calls)


def test_a_task_that_a_receiver_starts_is_heard_of_when_the_receiver_has_ended(ticket):
    """The task knows in which call it was started, and that it is over."""
    calls, tasks = [], []

    @receiver(post_save, sender=Ticket)
    def follow(sender, instance, **arguments):
        calls.append(instance.priority)
        if not tasks:
            tasks.append(asyncio.ensure_future(later()))

    async def later():
        own = await Ticket.objects.aget(ticket.pk)
        own.priority = "low"
        await own.asave(safe=False)

    async def main():
        _save(ticket)
        await tasks[0]

    asyncio.run(main())

    assert ["high", "low"] == calls

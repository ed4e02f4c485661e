"""Signals of saves of single objects: `pre_save`, `post_save` and `value_ignored`."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Group,
    NotFound,
    Organization,
    Q,
    Ticket,
    User,
    ValidationError,
    post_save,
    pre_save,
    receiver,
    value_ignored,
)


class Vetoed(Exception):
    """Raised by receivers."""


def _create_ticket(**values):
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), **values)


# Arguments


def _expect_update(ticket):
    """Return the arguments of a signal about a ticket whose priority becomes high."""
    return {
        "sender": Ticket,
        "instance": ticket,
        "created": False,
        "changes": {"priority": (None, "high")},
        "origin": "local",
        "using": "default",
    }


def test_pre_save_is_sent_before_the_request(ticket, emulator):
    """`pre_save` is sent once before the request, with object, changes, origin and account."""
    events = []

    @receiver(pre_save)
    def record(sender, **arguments):
        events.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.priority = "high"
    ticket.save()

    assert events == [{**_expect_update(ticket), "sent": 0}]


def test_post_save_is_sent_after_the_object_is_updated(ticket, emulator):
    """`post_save` is sent once, after the object was updated from the response."""
    events = []

    @receiver(post_save)
    def record(sender, instance, **arguments):
        events.append({"sender": sender, "instance": instance, **arguments})
        events.append((instance.changes(), instance.priority, len(emulator.requests)))

    ticket.priority = "high"
    ticket.save()

    assert events == [_expect_update(ticket), ({}, "high", 1)]


def test_a_creation_sends_created(emulator):
    """A creation sends `created=True`; the object has an id only in `post_save`."""
    events = []

    @receiver([pre_save, post_save])
    def record(sender, instance, created, changes, origin, using, **kwargs):
        events.append((sender, instance.pk, created, changes, origin, using))

    group = Group.objects.create(name="a")

    same = (True, {"name": (None, "a")}, "local", "default")
    assert events == [(Group, None, *same), (Group, group.pk, *same)]


def test_an_update_sends_old_and_new_values(emulator, listen):
    """The changes in `post_save` are pairs of old and new values."""
    ticket = _create_ticket(tags=["a"])
    events = listen(post_save, sender=Ticket)
    ticket.tags = ["a", "b"]
    ticket.priority = "high"
    ticket.save()

    assert [(event["created"], event["changes"]) for event in events] == [
        (False, {"tags": (["a"], ["a", "b"]), "priority": (None, "high")})
    ]


def test_using_is_the_alias_of_the_account(emulator, listen):
    """`using` is the alias of the account that was saved to."""
    emulator.connect(alias="emea")
    before, after = listen(pre_save), listen(post_save)

    Group.objects.using("emea").create(name="a")

    assert [event["using"] for event in before] == [event["using"] for event in after] == ["emea"]


@pytest.mark.parametrize("times", [1, 2])
def test_an_upsert_sends_save_signals(emulator, listen, times):
    """An upsert sends `created=None` in `pre_save`, and the actual value in `post_save`."""
    before, after = listen(pre_save), listen(post_save)

    for _ in range(times):
        user, _ = User.objects.update_or_create(email="a@b.com", defaults={"name": "Ann"})

    assert [event["created"] for event in before] == [None] * times
    assert [event["created"] for event in after] == [True, False][:times]
    assert tuple(after[-1][name] for name in ("sender", "instance", "origin", "using")) == (
        User,
        user,
        "local",
        "default",
    )


def test_a_new_comment_sends_post_save_of_its_ticket(ticket, listen):
    """Creating a comment sends `post_save` of the ticket, with the comment in its changes."""
    events = listen(post_save, sender=Ticket)

    ticket.comments.create(body="A note")

    assert [list(event["changes"]) for event in events] == [["comment"]]


# Cases without a signal


@pytest.mark.parametrize(
    "signal", [pre_save, post_save, value_ignored], ids=lambda signal: signal.name
)
def test_a_save_without_changes_sends_no_signal(ticket, listen, signal):
    """A save without changes sends no signal."""
    events = listen(signal)

    ticket.save()

    assert events == []


def test_a_rejected_save_sends_no_post_save(emulator, listen):
    """If Zendesk rejects a save, `pre_save` was sent and `post_save` is not."""
    Organization.objects.create(name="Acme")
    before, after, ignored = listen(pre_save), listen(post_save), listen(value_ignored)

    with pytest.raises(ValidationError, match="already been taken"):
        Organization.objects.create(name="Acme")

    assert (len(before), after, ignored) == (1, [], [])


def test_a_save_of_a_deleted_row_sends_no_post_save(ticket, emulator, listen):
    """Saving a deleted row raises without `post_save`, and the edits are preserved."""
    Ticket.objects.using("default").get(ticket.pk).delete()
    events = listen(post_save)

    ticket.priority = "high"
    with pytest.raises(NotFound):
        ticket.save()

    assert events == []
    assert ticket.changes() == {"priority": (None, "high")}


# Receivers that intervene


def test_a_receiver_can_veto_a_save(ticket, emulator):
    """An exception in `pre_save` prevents the request and preserves the edits."""

    @receiver(pre_save, sender=Ticket)
    def veto(sender, instance, **kwargs):
        raise Vetoed

    ticket.priority = "urgent"
    with pytest.raises(Vetoed):
        ticket.save()

    assert emulator.requests == []
    assert ticket.changes() == {"priority": (None, "urgent")}


def test_a_pre_save_receiver_may_edit_the_object(emulator, sent, listen):
    """Values that a `pre_save` receiver assigns are sent and in the changes of `post_save`."""
    events = listen(post_save, sender=Ticket)

    @receiver(pre_save, sender=Ticket)
    def add_tag(sender, instance, **kwargs):
        instance.tags.append("checked")

    _create_ticket(priority="high")

    assert sent[0].json["ticket"]["tags"] == ["checked"]
    assert events[0]["changes"]["tags"] == (None, ["checked"])


# Conditions and senders


def test_when_filters_saved_objects(emulator, listen):
    """With `when=Q(...)`, only objects that match send the signal to the receiver."""
    events = listen(post_save, sender=Ticket, when=Q(priority="urgent"))

    urgent = _create_ticket(priority="urgent")
    _create_ticket(priority="low")
    _create_ticket()

    assert [event["instance"] for event in events] == [urgent]


def test_when_sends_no_request(emulator, listen):
    """`when=` is evaluated without a request."""
    listen(post_save, sender=Ticket, when=Q(priority="urgent") & ~Q(tags="vip"))

    _create_ticket(priority="urgent")

    assert emulator.requests == ["POST tickets"]


@pytest.mark.parametrize(
    ("senders", "expected"),
    [(Group, [Group]), ([Group, User], [Group, User]), (None, [Group, Organization, User])],
)
def test_a_receiver_is_called_for_its_senders(emulator, listen, senders, expected):
    """A receiver is called for one model, several models or all."""
    events = listen(post_save, **({} if senders is None else {"sender": senders}))

    for model in (Group, Organization, User):
        model.objects.create(name="a")

    assert [event["sender"] for event in events] == expected


# Ignored values


def test_value_ignored_is_sent_once(ticket, listen):
    """`value_ignored` is sent once per save, with the object and the names of the fields."""
    owner = User.objects.get(ticket.requester_id)
    events = listen(value_ignored)

    owner.email = "other@acme.com"
    owner.save()

    assert events == [
        {"sender": User, "instance": owner, "names": ["email"], "using": "default"},
    ]


def test_accepted_values_send_no_value_ignored(ticket, listen):
    """A save whose values Zendesk accepted sends no `value_ignored`."""
    events = listen(value_ignored)

    ticket.priority = "high"
    ticket.tags = ["b", "a"]
    ticket.save()
    Group.objects.create(name="a")

    assert events == []

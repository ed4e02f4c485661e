"""The decorator `receiver()`: senders, conditions, and disconnecting."""

from __future__ import annotations

import gc

import pytest

from zendesk_orm import FieldError, Group, InvalidValue, Q, Ticket, User
from zendesk_orm.signals import announce, post_bulk, post_delete, post_save, pre_save, receiver


def _receive(sender, **kwargs):
    """Do nothing."""


def _send(signal, instance, **arguments):
    announce(signal, type(instance), instance=instance, **arguments)


class Recorder:
    """A receiver that notes senders and arguments."""

    def __init__(self):
        self.senders = []
        self.arguments = []

    def __call__(self, sender, **arguments):
        self.senders.append(sender)
        self.arguments.append(arguments)


@pytest.fixture
def recorder():
    """Return a receiver that notes senders and arguments."""
    return Recorder()


def test_a_receiver_gets_sender_and_arguments(recorder):
    """A receiver is called with the sender and the arguments as they were sent."""
    receiver(post_save)(recorder)

    announce(post_save, Ticket, instance=1, created=True)

    assert recorder.senders == [Ticket]
    assert recorder.arguments == [{"instance": 1, "created": True}]


def test_the_decorated_function_is_returned():
    """The decorator returns the function itself."""

    def function(sender, **arguments): ...

    assert receiver(post_save, sender=Ticket, when=Q(status="new"))(function) is function


def test_a_decorated_closure_is_kept_alive():
    """The decorator keeps a strong reference to the receiver."""
    calls = []

    def connect(**options):
        @receiver(post_save, sender=Ticket, **options)
        def record(sender, **arguments):
            calls.append(options)

    connect()
    connect(when=Q(status="new"))

    gc.collect()
    _send(post_save, Ticket(status="new"))

    assert len(calls) == 2


def test_a_receiver_of_one_sender_ignores_others(recorder):
    """A receiver of one sender is not called for others."""
    receiver(post_save, sender=Ticket)(recorder)

    _send(post_save, User(name="Ann"))
    _send(post_save, Ticket())

    assert recorder.senders == [Ticket]


@pytest.mark.parametrize("kind", [list, tuple, set])
def test_a_receiver_may_have_several_senders(recorder, kind):
    """A list of senders connects the receiver to each of them."""
    receiver(post_save, sender=kind([Ticket, User]))(recorder)

    for instance in (Ticket(), Group(), User(name="Ann")):
        _send(post_save, instance)

    assert recorder.senders == [Ticket, User]


def test_a_receiver_without_a_sender_receives_from_all(recorder):
    """A receiver without a sender is called for all models."""
    receiver(post_save)(recorder)

    for instance in (Ticket(), Group()):
        _send(post_save, instance)

    assert recorder.senders == [Ticket, Group]


def test_a_receiver_may_have_several_signals(recorder):
    """A list of signals connects the receiver to each of them."""
    receiver([pre_save, post_save])(recorder)

    announce(pre_save, Ticket, at="pre")
    announce(post_save, Ticket, at="post")
    announce(post_delete, Ticket, at="never")

    assert [arguments["at"] for arguments in recorder.arguments] == ["pre", "post"]


def test_when_filters_instances(recorder):
    """`when=` passes instances that match the `Q`, unsaved edits included."""
    receiver(post_save, sender=Ticket, when=Q(priority="urgent"))(recorder)
    urgent = Ticket.from_row({"id": 2, "subject": "raised", "priority": "low"})
    urgent.priority = "urgent"

    _send(post_save, Ticket.from_row({"id": 1, "subject": "calm", "priority": "low"}))
    _send(post_save, urgent)

    assert [arguments["instance"] for arguments in recorder.arguments] == [urgent]


def test_when_is_checked_for_each_sender(recorder):
    """`when=` is evaluated with the fields of the sender."""
    receiver(post_save, sender=[Ticket, User], when=Q(external_id="x"))(recorder)

    _send(post_save, Ticket(external_id="x"))
    _send(post_save, User(external_id="y"))
    _send(post_save, User(external_id="x"))

    assert recorder.senders == [Ticket, User]


def test_when_sends_no_request(recorder):
    """`when=` does not fetch partial rows, which do not match."""
    receiver(post_save, sender=User, when=Q(role="agent"))(recorder)
    ticket = Ticket.from_row({"id": 1, "requester_id": 5})

    _send(post_save, ticket.requester)

    assert recorder.senders == []


def test_when_requires_a_sender():
    """`when=` without a sender raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="when= needs sender="):
        receiver(post_save, when=Q(status="new"))


def test_when_with_an_unknown_field_is_rejected():
    """`when=` with an unknown field raises when the receiver is connected."""
    with pytest.raises(FieldError, match="did you mean 'status'"):
        receiver(post_save, sender=Ticket, when=Q(stauts="new"))(_receive)


def test_when_with_an_unknown_choice_is_rejected():
    """`when=` with an unknown choice raises when the receiver is connected."""
    with pytest.raises(InvalidValue, match="'urgent'"):
        receiver(post_save, sender=Ticket, when=Q(priority="urgnet"))(_receive)


def test_when_across_a_relation_is_rejected():
    """`when=` that would need another row raises when the receiver is connected."""
    with pytest.raises((FieldError, InvalidValue, TypeError), match="requester"):
        receiver(post_save, sender=Ticket, when=Q(requester__email="ann@example.com"))(_receive)


def test_when_is_rejected_for_signals_without_an_instance():
    """`when=` raises for signals without an instance, such as `post_bulk`."""
    with pytest.raises(InvalidValue, match="instance"):
        receiver(post_bulk, sender=Ticket, when=Q(status="new"))(_receive)


def test_a_rejected_receiver_is_not_connected():
    """A receiver that was rejected is connected to none of its senders."""
    with pytest.raises(FieldError):
        receiver(post_save, sender=[Ticket, Group], when=Q(status="new"))(_receive)

    assert list(post_save.receivers_for(Group)) == []


def test_an_exception_of_a_receiver_is_raised():
    """An exception of a `pre_save` receiver is raised to the sender."""

    def veto(sender, **arguments):
        raise ValueError("closed on Sundays")

    receiver(pre_save, sender=Ticket)(veto)

    with pytest.raises(ValueError, match="closed on Sundays"):
        _send(pre_save, Ticket())


def test_sending_without_receivers_does_nothing():
    """Sending a signal without receivers does nothing."""
    assert announce(post_save, Ticket, instance=Ticket()) is None


def test_a_muted_signal_is_not_sent(recorder):
    """A signal is not sent within blinker's `muted()`."""
    receiver(post_save)(recorder)

    with post_save.muted():
        _send(post_save, Ticket())
    _send(post_save, User(name="Ann"))

    assert recorder.senders == [User]


def test_receivers_are_called_in_order_of_connection():
    """Receivers of all senders are called first, then those of one, in order of connection."""
    names = []
    for name, options in [("a", {"sender": Ticket}), ("b", {}), ("c", {"sender": Ticket})]:
        receiver(post_save, **options)(lambda sender, name=name, **_: names.append(name))

    _send(post_save, Ticket())

    assert names == ["b", "a", "c"]


@pytest.mark.parametrize("options", [{}, {"sender": Ticket, "when": Q(status="new")}])
def test_an_asynchronous_receiver_is_rejected(options):
    """An asynchronous receiver raises `InvalidValue` and is not connected."""

    async def hear(sender, **arguments): ...

    with pytest.raises(InvalidValue, match="hear is asynchronous"):
        receiver(post_save, **options)(hear)
    assert not post_save.receivers


# Disconnecting


CONDITION = {"sender": Ticket, "when": Q(status="new")}


@pytest.mark.parametrize("options", [{}, {"sender": Ticket}, CONDITION])
def test_a_receiver_can_be_disconnected(recorder, options):
    """A receiver is disconnected by its function, with or without a condition."""
    receiver(post_save, **options)(recorder)

    post_save.disconnect(recorder)
    _send(post_save, Ticket(status="new"))

    assert recorder.senders == []
    assert not post_save.receivers


def test_a_receiver_can_be_disconnected_from_one_sender(recorder):
    """A receiver that is disconnected from one sender keeps its other senders and condition."""
    receiver(post_save, sender=[Ticket, User], when=Q(external_id="x"))(recorder)

    post_save.disconnect(recorder, sender=Ticket)
    _send(post_save, Ticket(external_id="x"))
    _send(post_save, User(external_id="x"))

    assert recorder.senders == [User]


def test_disconnect_removes_all_conditions(recorder):
    """`disconnect()` removes all connections of a receiver with different conditions."""
    receiver(post_save, sender=Ticket, when=Q(status="new"))(recorder)
    receiver(post_save, sender=Ticket, when=Q(priority="high"))(recorder)

    post_save.disconnect(recorder)
    _send(post_save, Ticket(status="new", priority="high"))

    assert recorder.senders == []


def test_a_method_can_be_disconnected():
    """A bound method is disconnected from its own object only."""

    class Listener:
        def __init__(self):
            self.senders = []

        def record(self, sender, **arguments):
            self.senders.append(sender)

    one, two = Listener(), Listener()
    for listener in (one, two):
        receiver(post_save, **CONDITION)(listener.record)

    post_save.disconnect(one.record)
    _send(post_save, Ticket(status="new"))

    assert (one.senders, two.senders) == ([], [Ticket])


def test_disconnect_ignores_other_receivers(recorder):
    """Disconnecting a function that was never connected affects no other receiver."""
    receiver(post_save, **CONDITION)(recorder)

    post_save.disconnect(print)
    _send(post_save, Ticket(status="new"))

    assert recorder.senders == [Ticket]

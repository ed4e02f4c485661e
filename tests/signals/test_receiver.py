"""`receiver()`: who listens, to whom, on which condition, and no longer."""

from __future__ import annotations

import gc

import pytest

from zendesk_orm import FieldError, Group, InvalidValue, Q, Ticket, User
from zendesk_orm.signals import announce, post_bulk, post_delete, post_save, pre_save, receiver


def _announce(signal, instance, **arguments):
    announce(signal, type(instance), instance=instance, **arguments)


class Heard:
    """A receiver that keeps what it was told."""

    def __init__(self):
        self.senders = []
        self.arguments = []

    def __call__(self, sender, **arguments):
        self.senders.append(sender)
        self.arguments.append(arguments)


@pytest.fixture
def heard():
    """Return a receiver that keeps what it is told."""
    return Heard()


def test_a_receiver_is_told_the_sender_and_the_arguments(heard):
    """The arguments arrive as they were sent."""
    receiver(post_save)(heard)

    announce(post_save, Ticket, instance=1, created=True)

    assert [Ticket] == heard.senders
    assert [{"instance": 1, "created": True}] == heard.arguments


def test_the_function_is_given_back():
    """The decorated function can be called and tested by itself."""

    def listen(sender, **arguments): ...

    assert listen is receiver(post_save, sender=Ticket, when=Q(status="new"))(listen)


def test_a_closure_is_kept_alive():
    """The signal holds its receivers: one that nobody else holds is told all the same."""
    told = []

    def connect(**only):
        @receiver(post_save, sender=Ticket, **only)
        def listen(sender, **arguments):
            told.append(only)

    connect()
    connect(when=Q(status="new"))

    gc.collect()
    _announce(post_save, Ticket(status="new"))

    assert 2 == len(told)


def test_one_sender_is_listened_to(heard):
    """What others send is not heard."""
    receiver(post_save, sender=Ticket)(heard)

    _announce(post_save, User(name="Ann"))
    _announce(post_save, Ticket())

    assert [Ticket] == heard.senders


@pytest.mark.parametrize("kind", [list, tuple, set])
def test_several_senders_are_listened_to(heard, kind):
    """A list of senders is each of them."""
    receiver(post_save, sender=kind([Ticket, User]))(heard)

    for instance in (Ticket(), Group(), User(name="Ann")):
        _announce(post_save, instance)

    assert [Ticket, User] == heard.senders


def test_without_a_sender_all_are_listened_to(heard):
    """Any model is heard."""
    receiver(post_save)(heard)

    for instance in (Ticket(), Group()):
        _announce(post_save, instance)

    assert [Ticket, Group] == heard.senders


def test_several_signals_are_listened_to(heard):
    """A list of signals is each of them."""
    receiver([pre_save, post_save])(heard)

    announce(pre_save, Ticket, at="pre")
    announce(post_save, Ticket, at="post")
    announce(post_delete, Ticket, at="never")

    assert ["pre", "post"] == [told["at"] for told in heard.arguments]


def test_when_lets_pass_what_matches(heard):
    """Only an instance that matches the Q is told of, unsaved edits included."""
    receiver(post_save, sender=Ticket, when=Q(priority="urgent"))(heard)
    raised = Ticket.from_row({"id": 2, "subject": "raised", "priority": "low"})
    raised.priority = "urgent"

    _announce(post_save, Ticket.from_row({"id": 1, "subject": "calm", "priority": "low"}))
    _announce(post_save, raised)

    assert [raised] == [told["instance"] for told in heard.arguments]


def test_when_is_checked_for_each_sender(heard):
    """The fields are those of the model that sends."""
    receiver(post_save, sender=[Ticket, User], when=Q(external_id="x"))(heard)

    _announce(post_save, Ticket(external_id="x"))
    _announce(post_save, User(external_id="y"))
    _announce(post_save, User(external_id="x"))

    assert [Ticket, User] == heard.senders


def test_when_makes_no_request(heard):
    """Of a row of which only the id is known, the rest is not fetched: it does not match."""
    receiver(post_save, sender=User, when=Q(role="agent"))(heard)
    ticket = Ticket.from_row({"id": 1, "requester_id": 5})

    _announce(post_save, ticket.requester)

    assert [] == heard.senders


def test_when_wants_a_sender():
    """Without a model the names in the Q mean nothing."""
    with pytest.raises(InvalidValue, match="when= needs sender="):
        receiver(post_save, when=Q(status="new"))


def test_when_with_an_unknown_field_is_refused_at_once():
    """A misspelt condition fails where it stands, not when the signal is sent."""
    with pytest.raises(FieldError, match="did you mean 'status'"):
        receiver(post_save, sender=Ticket, when=Q(stauts="new"))(print)


def test_when_with_a_misspelt_choice_is_refused_at_once():
    """A condition that nothing can match fails where it stands."""
    with pytest.raises(InvalidValue, match="'urgent'"):
        receiver(post_save, sender=Ticket, when=Q(priority="urgnet"))(print)


def test_when_that_would_need_a_request_is_refused_at_once():
    """The requester's address is in another row, which no receiver reads."""
    with pytest.raises((FieldError, InvalidValue, TypeError), match="requester"):
        receiver(post_save, sender=Ticket, when=Q(requester__email="ann@example.com"))(print)


def test_when_is_refused_for_signals_without_an_instance():
    """post_bulk tells of a result, not of an instance, so there is nothing to check."""
    with pytest.raises(InvalidValue, match="instance"):
        receiver(post_bulk, sender=Ticket, when=Q(status="new"))(print)


def test_a_refused_receiver_is_not_connected():
    """What was refused is not told of anything later."""
    with pytest.raises(FieldError):
        receiver(post_save, sender=[Ticket, Group], when=Q(status="new"))(print)

    assert not post_save.has_receivers_for(Group)


def test_what_a_receiver_raises_is_passed_on():
    """An exception of a receiver reaches whoever announced: pre_save may stop a save."""

    def veto(sender, **arguments):
        raise ValueError("closed on Sundays")

    receiver(pre_save, sender=Ticket)(veto)

    with pytest.raises(ValueError, match="closed on Sundays"):
        _announce(pre_save, Ticket())


def test_nobody_is_told_when_nobody_listens():
    """Announcing without receivers does nothing."""
    assert announce(post_save, Ticket, instance=Ticket()) is None


def test_a_muted_signal_is_not_sent(heard):
    """As long as blinker's `muted()` says so."""
    receiver(post_save)(heard)

    with post_save.muted():
        _announce(post_save, Ticket())
    _announce(post_save, User(name="Ann"))

    assert [User] == heard.senders


def test_receivers_are_called_in_the_order_in_which_they_connected():
    """Those of all senders first, then those of one."""
    told = []
    for name, options in [("a", {"sender": Ticket}), ("b", {}), ("c", {"sender": Ticket})]:
        receiver(post_save, **options)(lambda sender, name=name, **_: told.append(name))

    _announce(post_save, Ticket())

    assert ["b", "a", "c"] == told


@pytest.mark.parametrize("options", [{}, {"sender": Ticket, "when": Q(status="new")}])
def test_what_would_have_to_be_awaited_is_refused(options):
    """Receivers are called; nobody would await a coroutine."""

    async def hear(sender, **arguments): ...

    with pytest.raises(InvalidValue, match="hear would have to be awaited"):
        receiver(post_save, **options)(hear)
    assert not post_save.receivers


# -- no longer ---------------------------------------------------------------


CONDITION = {"sender": Ticket, "when": Q(status="new")}


@pytest.mark.parametrize("options", [{}, {"sender": Ticket}, CONDITION])
def test_a_receiver_can_be_disconnected(heard, options):
    """By the function itself, whether it has a condition or not."""
    receiver(post_save, **options)(heard)

    post_save.disconnect(heard)
    _announce(post_save, Ticket(status="new"))

    assert [] == heard.senders
    assert not post_save.receivers


def test_a_receiver_can_be_disconnected_from_one_sender(heard):
    """It goes on to hear of the others, by the same condition."""
    receiver(post_save, sender=[Ticket, User], when=Q(external_id="x"))(heard)

    post_save.disconnect(heard, sender=Ticket)
    _announce(post_save, Ticket(external_id="x"))
    _announce(post_save, User(external_id="x"))

    assert [User] == heard.senders


def test_all_conditions_of_a_receiver_end_together(heard):
    """It may have been connected several times, with several."""
    receiver(post_save, sender=Ticket, when=Q(status="new"))(heard)
    receiver(post_save, sender=Ticket, when=Q(priority="high"))(heard)

    post_save.disconnect(heard)
    _announce(post_save, Ticket(status="new", priority="high"))

    assert [] == heard.senders


def test_a_method_can_be_disconnected():
    """Each reading of it gives another object, which is equal."""

    class Listener:
        def __init__(self):
            self.told = []

        def hear(self, sender, **arguments):
            self.told.append(sender)

    one, two = Listener(), Listener()
    for listener in (one, two):
        receiver(post_save, **CONDITION)(listener.hear)

    post_save.disconnect(one.hear)
    _announce(post_save, Ticket(status="new"))

    assert ([], [Ticket]) == (one.told, two.told)


def test_other_receivers_stay(heard):
    """Disconnecting one ends no other, and none of what was never connected."""
    receiver(post_save, **CONDITION)(heard)

    post_save.disconnect(print)
    _announce(post_save, Ticket(status="new"))

    assert [Ticket] == heard.senders

"""`connect()` and `disconnect()`: Django's arguments, checked when a receiver is connected."""

from __future__ import annotations

import functools
import gc
import weakref

import pytest

from zendesk_orm import FieldError, InvalidValue, Q, Ticket, User, ZendeskError, post_save, receiver
from zendesk_orm.announcement import Announcement
from zendesk_orm.signals import (
    announce,
    job_finished,
    post_bulk,
    pre_init,
    pre_save,
    request_started,
)


NEW = Q(status="new")


class Listener:
    """A receiver with state."""

    def __init__(self):
        self.senders = []

    def __call__(self, sender, **kwargs):
        self.senders.append(sender)

    def hear(self, sender, **kwargs):
        """Keep the sender."""
        self.senders.append(sender)


@pytest.fixture
def proxy():
    """Return a proxy of Ticket, as programs with custom fields declare one."""

    class OurTicket(Ticket):
        """A ticket with names of ours."""

        class Meta:
            proxy = True

    return OurTicket


def _send(instance, signal=post_save):
    announce(signal, type(instance), instance=instance)


# -- releasing ---------------------------------------------------------------

WAYS = {
    "connect": lambda f: post_save.connect(f),
    "connect to a sender": lambda f: post_save.connect(f, sender=Ticket),
    "connect strongly": lambda f: post_save.connect(f, sender=Ticket, weak=False),
    "connect with a condition": lambda f: post_save.connect(f, Ticket, False, when=NEW),
    "connect with an id": lambda f: post_save.connect(f, Ticket, False, "an id"),
    "receiver": lambda f: receiver(post_save)(f),
    "receiver of a sender": lambda f: receiver(post_save, sender=Ticket)(f),
    "receiver with a condition": lambda f: receiver(post_save, sender=Ticket, when=NEW)(f),
    "connect_via": lambda f: post_save.connect_via(Ticket)(f),
}
ENDS = {
    "by the function": lambda f, sender: post_save.disconnect(f),
    "by the sender": lambda f, sender: post_save.disconnect(f, sender=sender),
}


def test_a_disconnected_receiver_is_released():
    """However it was connected and disconnected, the signal holds nothing of it."""
    kept = []
    for way, connect in WAYS.items():
        for end, disconnect in ENDS.items():
            for make in (lambda: lambda sender, **kwargs: None, Listener, lambda: Listener().hear):
                hear = make()
                gone = weakref.ref(getattr(hear, "__self__", hear))
                connect(hear)
                disconnect(hear, None if way in ("connect", "receiver") else Ticket)
                del hear
                # Cycles of objects that are that young; a whole collection takes long.
                gc.collect(0)
                if gone() is not None or post_save.receivers:
                    kept.append((way, end))
                post_save.receivers.clear()

    assert not kept


def test_a_weak_receiver_ends_with_its_last_reference():
    """As in Django, `connect()` alone keeps no function, and no object of a method."""
    listener = Listener()
    post_save.connect(listener.hear, sender=Ticket)
    post_save.connect(Listener(), sender=Ticket)
    _send(Ticket())
    heard = list(listener.senders)
    del listener
    gc.collect()

    assert ([Ticket], {}) == (heard, post_save.receivers)


def test_only_the_named_sender_is_disconnected():
    """A receiver of two models goes on to hear of the other one."""
    listener = Listener()
    receiver(post_save, sender=[Ticket, User])(listener)

    post_save.disconnect(listener, sender=Ticket)
    for instance in (Ticket(), User()):
        _send(instance)

    assert [User] == listener.senders


# -- connecting twice --------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"sender": Ticket}, {"sender": Ticket, "when": NEW}])
def test_connecting_twice_calls_once(options):
    """The same function, sender and condition are one connection."""
    listener = Listener()
    for _ in range(2):
        receiver(post_save, **options)(listener)

    _send(Ticket(status="new"))

    assert [Ticket] == listener.senders


def test_a_dispatch_uid_identifies_a_receiver():
    """A module that is imported twice connects once; the uid alone disconnects."""
    one, two = Listener(), Listener()
    for each in (one, two):
        post_save.connect(each, sender=Ticket, dispatch_uid="stamp")
    _send(Ticket())
    post_save.disconnect(sender=Ticket, dispatch_uid="stamp")
    _send(Ticket())

    assert ([Ticket], []) == (one.senders, two.senders)


def test_connect_takes_a_condition():
    """`when=` of `connect()` is that of `receiver()`."""
    listener = Listener()
    post_save.connect(listener, sender=Ticket, when=NEW)

    for status in ("new", "open"):
        _send(Ticket(status=status))

    assert [Ticket] == listener.senders


def test_sender_none_hears_all():
    """As in Django."""
    listener = Listener()
    post_save.connect(listener, sender=None)

    for instance in (Ticket(), User()):
        _send(instance)

    assert [Ticket, User] == listener.senders


# -- proxies -----------------------------------------------------------------


def test_receivers_of_a_model_hear_its_proxies(proxy):
    """The rows are the same; `sender` is the proxy. A proxy's receivers hear the proxy only."""
    of_model, of_proxy, of_both = Listener(), Listener(), Listener()
    post_save.connect(of_model, sender=Ticket, when=NEW)
    post_save.connect(of_proxy, sender=proxy)
    receiver(post_save, sender=[Ticket, proxy])(of_both)

    for instance in (proxy(status="new"), Ticket(status="new"), User()):
        _send(instance)

    assert [proxy, Ticket] == of_model.senders
    assert [proxy] == of_proxy.senders
    assert [proxy, Ticket] == of_both.senders


def test_saving_a_proxy_is_heard_by_receivers_of_the_model(emulator, proxy):
    """That of a real save, too."""
    listener = Listener()
    post_save.connect(listener, sender=Ticket)

    proxy.objects.create(subject="x", comment={"body": "y"})

    assert [proxy] == listener.senders


# -- what cannot be connected ------------------------------------------------


async def _awaited(sender, **kwargs): ...


async def _generated(sender, **kwargs):
    yield


class Awaited:
    """A receiver that would have to be awaited."""

    async def __call__(self, sender, **kwargs): ...


RECEIVERS = {
    "awaited": [_awaited, functools.partial(_awaited), Awaited(), _generated],
    "kwargs": [
        lambda: None,
        lambda sender: None,
        lambda sender, instance: None,
        lambda instance, **kwargs: None,
        lambda **kwargs: None,
        lambda sender, other, **kwargs: None,
        functools.partial(lambda sender: None),
    ],
    "must be a function": [None, "hear", 3, Ticket()],
}
SENDERS = ["Ticket", "support.Ticket", Ticket.objects, 5, int, {"a": 1}]


def _refused(call, *args):
    """Return the message of our error, or that there was none."""
    try:
        call(*args)
    except ZendeskError as error:
        return str(error)
    return "accepted"


def test_receivers_that_cannot_be_called_are_rejected():
    """With every signal, and with every way of connecting; the message names the reason."""
    ways = (post_save.connect, receiver(post_save), receiver([pre_save, post_bulk]))
    wrong = [
        (hear, said)
        for word, receivers in RECEIVERS.items()
        for hear in receivers
        for connect in ways
        if word not in (said := _refused(connect, hear))
    ]

    assert not wrong
    assert not post_save.receivers


@pytest.mark.parametrize("sender", [*SENDERS, Ticket()], ids=repr)
def test_a_sender_that_never_sends_is_rejected(sender):
    """A name, an object or another class would be accepted and never called."""
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        post_save.connect(print, sender=sender)
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        receiver(post_save, sender=[Ticket, sender])
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        post_save.disconnect(print, sender=sender)


def test_each_kind_of_signal_has_its_senders():
    """Those of requests are sent by aliases, those of jobs by the class of jobs."""
    hear = Listener()
    request_started.connect(hear, sender="default")

    with pytest.raises(InvalidValue, match="alias"):
        request_started.connect(hear, sender=Ticket)
    with pytest.raises(InvalidValue, match="Job"):
        job_finished.connect(hear, sender="Job")


def test_conditions_are_checked_when_connected():
    """`when=` needs a sender, an instance, and fields that the sender has."""
    hear = Listener()
    for connect in (post_save.connect, lambda f, **options: receiver(post_save, **options)(f)):
        with pytest.raises(InvalidValue, match="when= needs sender="):
            connect(hear, when=NEW)
        with pytest.raises(InvalidValue, match="when= must be a Q"):
            connect(hear, sender=Ticket, when={"status": "new"})
        with pytest.raises(FieldError, match="did you mean 'status'"):
            connect(hear, sender=Ticket, when=Q(stauts="new"))
    with pytest.raises(InvalidValue, match="pre_init does not send any"):
        pre_init.connect(hear, sender=Ticket, when=NEW)


@pytest.mark.parametrize("signal", [None, "post_save", Ticket, print, [post_save, None]])
def test_receiver_needs_a_signal(signal):
    """`@receiver` without arguments, or with a name, does not work silently."""
    with pytest.raises(InvalidValue, match=r"as in @receiver\(post_save, sender=Ticket\)"):
        receiver(signal)


def test_disconnect_needs_a_receiver():
    """Without one, it would do nothing."""
    with pytest.raises(InvalidValue, match="dispatch_uid="):
        post_save.disconnect(sender=Ticket)


def test_a_signal_describes_its_arguments():
    """The docstring lists what a receiver gets."""
    signal = Announcement("example", "Something happens.", "instance using")

    assert "Something happens. Arguments: sender, instance, using." == signal.__doc__

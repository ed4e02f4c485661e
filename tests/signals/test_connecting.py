"""`connect()` and `disconnect()`: Django's arguments, checked when a receiver is connected."""

from __future__ import annotations

import contextlib
import functools
import gc
import operator
import threading
import weakref

import pytest

from tests.threads import Worker
from zendesk_orm import FieldError, InvalidValue, Q, Ticket, User, ZendeskError, post_save, receiver
from zendesk_orm.announcement import Announcement
from zendesk_orm.signals import (
    announce,
    class_prepared,
    job_finished,
    post_bulk,
    pre_init,
    pre_save,
    request_started,
)


NEW = Q(status="new")


class Listener:
    """A receiver that notes the senders of its signals."""

    def __init__(self):
        self.senders = []

    def __call__(self, sender, **kwargs):
        self.senders.append(sender)

    def record(self, sender, **kwargs):
        """Note the sender."""
        self.senders.append(sender)


@pytest.fixture
def proxy():
    """Return a proxy model of Ticket."""

    class OurTicket(Ticket):
        """A ticket with another name."""

        class Meta:
            proxy = True

    return OurTicket


def _send(instance, signal=post_save):
    announce(signal, type(instance), instance=instance)


# Releasing receivers

CONNECTS = {
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
DISCONNECTS = {
    "by the function": lambda f, sender: post_save.disconnect(f),
    "by the sender": lambda f, sender: post_save.disconnect(f, sender=sender),
}


def test_a_disconnected_receiver_is_released():
    """A disconnected receiver is released, however it was connected and disconnected."""
    leaks = []
    for connect_name, connect in CONNECTS.items():
        for disconnect_name, disconnect in DISCONNECTS.items():
            for make in (
                lambda: lambda sender, **kwargs: None,
                Listener,
                lambda: Listener().record,
            ):
                listener = make()
                reference = weakref.ref(getattr(listener, "__self__", listener))
                connect(listener)
                disconnect(listener, None if connect_name in ("connect", "receiver") else Ticket)
                del listener
                # The youngest generation suffices for new objects; a full collection is slow.
                gc.collect(0)
                if reference() is not None or post_save.receivers:
                    leaks.append((connect_name, disconnect_name))
                post_save.receivers.clear()

    assert not leaks


def test_a_weak_receiver_is_released_with_its_last_reference():
    """As in Django, `connect()` keeps only a weak reference to functions and methods."""
    listener = Listener()
    post_save.connect(listener.record, sender=Ticket)
    post_save.connect(Listener(), sender=Ticket)
    _send(Ticket())
    senders = list(listener.senders)
    del listener
    gc.collect()

    assert (senders, post_save.receivers) == ([Ticket], {})


def test_disconnect_removes_one_sender():
    """A receiver that is disconnected from one sender still receives from others."""
    listener = Listener()
    receiver(post_save, sender=[Ticket, User])(listener)

    post_save.disconnect(listener, sender=Ticket)
    for instance in (Ticket(), User()):
        _send(instance)

    assert listener.senders == [User]


# Identity of receivers


@pytest.mark.parametrize("options", [{}, {"sender": Ticket}, {"sender": Ticket, "when": NEW}])
def test_connecting_twice_calls_once(options):
    """Connecting the same function, sender and condition twice is one connection."""
    listener = Listener()
    for _ in range(2):
        receiver(post_save, **options)(listener)

    _send(Ticket(status="new"))

    assert listener.senders == [Ticket]


def test_a_dispatch_uid_identifies_a_receiver():
    """A receiver with the same `dispatch_uid` connects once, and the uid disconnects it."""
    one, two = Listener(), Listener()
    for listener in (one, two):
        post_save.connect(listener, sender=Ticket, dispatch_uid="stamp")
    _send(Ticket())
    post_save.disconnect(sender=Ticket, dispatch_uid="stamp")
    _send(Ticket())

    assert (one.senders, two.senders) == ([Ticket], [])


def test_a_dispatch_uid_is_that_of_a_sender(proxy):
    """Receivers of several senders may share a `dispatch_uid`; the same receiver is called once."""
    all_senders, ticket, both = Listener(), Listener(), Listener()
    post_save.connect(all_senders, dispatch_uid="stamp")
    post_save.connect(ticket, sender=Ticket, dispatch_uid="stamp")
    for sender in (Ticket, proxy):
        post_save.connect(both, sender=sender, dispatch_uid="both")

    _send(proxy())

    assert all_senders.senders == ticket.senders == both.senders == [proxy]


def test_connect_takes_a_condition():
    """`connect(when=...)` filters instances like `receiver(when=...)`."""
    listener = Listener()
    post_save.connect(listener, sender=Ticket, when=NEW)

    for status in ("new", "open"):
        _send(Ticket(status=status))

    assert listener.senders == [Ticket]


def test_sender_none_receives_from_all():
    """As in Django, `sender=None` receives from all senders."""
    listener = Listener()
    post_save.connect(listener, sender=None)

    for instance in (Ticket(), User()):
        _send(instance)

    assert listener.senders == [Ticket, User]


# Proxies


def test_receivers_of_a_model_receive_from_its_proxies(proxy):
    """Receivers of a model receive from its proxies; receivers of a proxy only from the proxy."""
    of_model, of_proxy, of_both = Listener(), Listener(), Listener()
    post_save.connect(of_model, sender=Ticket, when=NEW)
    post_save.connect(of_proxy, sender=proxy)
    receiver(post_save, sender=[Ticket, proxy])(of_both)

    for instance in (proxy(status="new"), Ticket(status="new"), User()):
        _send(instance)

    assert of_model.senders == [proxy, Ticket]
    assert of_proxy.senders == [proxy]
    assert of_both.senders == [proxy, Ticket]


def test_saving_a_proxy_calls_receivers_of_the_model(emulator, proxy):
    """Saving a proxy calls receivers of the model, with the proxy as sender."""
    listener = Listener()
    post_save.connect(listener, sender=Ticket)

    proxy.objects.create(subject="x", comment={"body": "y"})

    assert listener.senders == [proxy]


# Invalid arguments


async def _async_function(sender, **kwargs): ...


async def _async_generator(sender, **kwargs):
    yield


class AsyncReceiver:
    """A receiver whose call returns a coroutine."""

    async def __call__(self, sender, **kwargs): ...


def _generator(sender, **kwargs):
    yield


class GeneratorReceiver:
    """A receiver whose call returns a generator."""

    def __call__(self, sender, **kwargs):
        """Run nothing."""
        yield


RECEIVERS = {
    "asynchronous": [
        _async_function,
        functools.partial(_async_function),
        AsyncReceiver(),
        _async_generator,
        functools.partial(AsyncReceiver()),
        functools.partial(functools.partial(AsyncReceiver())),
        staticmethod(_async_function),
    ],
    "generator function": [
        _generator,
        functools.partial(_generator),
        GeneratorReceiver(),
        functools.partial(GeneratorReceiver()),
    ],
    "kwargs": [
        lambda: None,
        lambda sender: None,
        lambda sender, instance: None,
        lambda instance, **kwargs: None,
        lambda **kwargs: None,
        lambda sender, other, **kwargs: None,
        functools.partial(lambda sender: None),
        print,
        len,
        int,
        dict,
        Exception,
        [].append,
        {}.update,
        functools.partial(print),
        operator.itemgetter(1),
    ],
    "must be a function": [None, "hear", 3, Ticket()],
}
SENDERS = [Ticket.objects, 5, int, {"a": 1}]


def _catch_error(call, *args):
    """Return the message of the error that a call raises, or "accepted"."""
    try:
        call(*args)
    except ZendeskError as error:
        return str(error)
    return "accepted"


def test_invalid_receivers_are_rejected():
    """Every way to connect rejects a receiver that cannot be called, and states the reason."""
    connects = (post_save.connect, receiver(post_save), receiver([pre_save, post_bulk]))
    failures = [
        (function, message)
        for word, receivers in RECEIVERS.items()
        for function in receivers
        for connect in connects
        if word not in (message := _catch_error(connect, function))
    ]

    assert not failures
    assert not post_save.receivers


class Lazy:
    """An object that does nothing until it is awaited, like coroutines of compiled modules."""

    def __await__(self):
        yield


def _lazy_function(sender, **kwargs):
    return Lazy()


WRAPPED = (
    _lazy_function,
    _async_function,
    _async_generator,
    _generator,
    AsyncReceiver(),
    GeneratorReceiver(),
)


@pytest.mark.filterwarnings("error")
def test_a_receiver_that_ran_nothing_raises():
    """A wrapper that returns a coroutine or a generator raises, with signals of every kind.

    Nothing shows what it returns until it is called.
    """
    for wrapped in WRAPPED:
        function = functools.partial(wrapped)

        def wrapper(sender, function=function, **kwargs):
            return function(sender, **kwargs)

        for signal in (pre_save, post_save, class_prepared, job_finished):
            arguments = dict.fromkeys(signal.arguments)
            with signal.connected_to(wrapper), pytest.raises(InvalidValue, match=r"wrapper is a"):
                announce(signal, Ticket, **arguments)


def test_empty_lists_are_rejected():
    """A receiver for a list of no signals or no senders would never be called."""
    for options in ({"signal": []}, {"signal": post_save, "sender": ()}):
        with pytest.raises(InvalidValue, match="empty list"):
            receiver(**options)


@pytest.mark.parametrize("sender", [*SENDERS, Ticket()], ids=repr)
def test_a_sender_that_never_sends_is_rejected(sender):
    """A sender that is not a model class raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        post_save.connect(print, sender=sender)
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        receiver(post_save, sender=[Ticket, sender])
    with pytest.raises(InvalidValue, match="must be a model class, such as Ticket"):
        post_save.disconnect(print, sender=sender)


def test_a_sender_can_be_named(ticket):
    """A model is named as in Django, also with its product; an unknown name is an error."""
    listener = Listener()
    for name in ("Ticket", "support.Ticket"):
        post_save.connect(listener, sender=name, when=Q(priority="high"))
    ticket.priority = "high"
    ticket.save()
    assert len(listener.senders) == 1

    post_save.disconnect(listener, sender="Ticket")
    ticket.priority = "low"
    ticket.save()
    assert len(listener.senders) == 1
    for name, near in (("Tickt", "'Ticket'"), ("suport.Ticket", "'support.Ticket'"), ("", "")):
        for call in (post_save.connect, post_save.disconnect):
            with pytest.raises(FieldError, match=f"no model is named.*{near}"):
                call(listener, sender=name)
        with pytest.raises(FieldError, match="no model is named"):
            receiver(post_save, sender=[Ticket, name])


def test_signals_of_requests_and_jobs_check_their_senders():
    """Senders of request signals are aliases, and the sender of job signals is `Job`."""
    listener = Listener()
    request_started.connect(listener, sender="default")

    with pytest.raises(InvalidValue, match="alias"):
        request_started.connect(listener, sender=Ticket)
    with pytest.raises(InvalidValue, match="Job"):
        job_finished.connect(listener, sender="Job")


def test_conditions_are_checked_when_connected():
    """`when=` requires a sender, a `Q` with fields of the sender, and a signal with an instance."""
    listener = Listener()
    for connect in (post_save.connect, lambda f, **options: receiver(post_save, **options)(f)):
        with pytest.raises(InvalidValue, match="when= needs sender="):
            connect(listener, when=NEW)
        with pytest.raises(InvalidValue, match="when= must be a Q"):
            connect(listener, sender=Ticket, when={"status": "new"})
        with pytest.raises(FieldError, match="did you mean 'status'"):
            connect(listener, sender=Ticket, when=Q(stauts="new"))
    with pytest.raises(InvalidValue, match="pre_init does not send"):
        pre_init.connect(listener, sender=Ticket, when=NEW)


@pytest.mark.parametrize("signal", [None, "post_save", Ticket, print, [post_save, None]])
def test_receiver_requires_a_signal(signal):
    """`@receiver` without a signal raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match=r"as in @receiver\(post_save, sender=Ticket\)"):
        receiver(signal)


def test_disconnect_requires_a_receiver():
    """`disconnect()` without a receiver or a uid raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="dispatch_uid="):
        post_save.disconnect(sender=Ticket)


def test_a_signal_describes_its_arguments():
    """The docstring of a signal lists the arguments of its receivers."""
    signal = Announcement("example", "Something happens.", "instance using")

    assert signal.__doc__ == "Something happens. Arguments: sender, instance, using."


def test_a_receiver_of_a_block_may_be_connected_already():
    """`connected_to()` ends its own connection only."""
    listener = Listener()
    post_save.connect(listener, sender=Ticket)
    for sender in (Ticket, User):
        with post_save.connected_to(listener, sender=sender):
            _send(sender())

    _send(User())
    _send(Ticket())
    post_save.disconnect(listener)

    assert listener.senders == [Ticket, User, Ticket]


def test_threads_connect_a_receiver_once(monkeypatch):
    """Threads that connect the same receiver at the same time make one connection."""
    barrier = threading.Barrier(2)

    class Receivers(dict):
        """A dictionary that two threads read at the same time, if they may."""

        def values(self):
            """Return the values, after another thread has read them, too."""
            values = [*super().values()]
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(0.2)
            return values

    monkeypatch.setattr(post_save, "receivers", Receivers())
    listener = Listener()
    workers = [Worker(lambda: post_save.connect(listener, sender=Ticket)) for _ in range(2)]
    for worker in workers:
        worker.get()

    assert len(post_save.receivers) == 1

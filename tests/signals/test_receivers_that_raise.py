"""Receivers that raise: what was done stays done, and nobody loses what was raised."""

from __future__ import annotations

import logging
import sys

import pytest

from zendesk_orm import (
    Comment,
    ConnectionLost,
    Group,
    RetryPolicy,
    Ticket,
    User,
    cache_hit,
    cache_miss,
    class_prepared,
    connect,
    post_delete,
    post_init,
    post_save,
    pre_delete,
    pre_init,
    pre_save,
    rate_limited,
    receiver,
    request_finished,
    request_started,
    retrying,
    value_ignored,
)


class Broken(Exception):
    """Raised by receivers."""


@pytest.fixture
def breaks():
    """Return a function that connects a receiver that raises, and gives the list of its calls."""

    def connect(signal, reason="broken", **options):
        calls = []

        @receiver(signal, **options)
        def break_down(sender, **arguments):
            calls.append(arguments)
            raise Broken(reason)

        return calls

    return connect


@pytest.fixture
def logged(caplog):
    """Return a function that gives what was logged: logger, level, message and exception."""
    caplog.set_level(logging.DEBUG, "zendesk_orm")

    def told():
        return [
            (each.name, each.levelname, each.getMessage(), each.exc_info[1])
            for each in caplog.records
            if each.name != "zendesk_orm.oauth"
        ]

    return told


# -- before ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "act"),
    [
        (pre_init, lambda ticket: Group(name="a")),
        (pre_save, lambda ticket: ticket.save()),
        (pre_delete, lambda ticket: ticket.delete()),
        (request_started, lambda ticket: ticket.save()),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_has_not_happened_is_stopped_at_once(ticket, emulator, breaks, logged, signal, act):
    """The first receiver that raises is the last that is called; nothing is sent or logged."""
    ticket.priority = "high"
    first, second = breaks(signal, "first"), breaks(signal, "second")

    with pytest.raises(Broken, match="first"):
        act(ticket)

    assert (1, 0) == (len(first), len(second))
    assert [] == emulator.requests == logged()
    assert {"priority": (None, "high")} == ticket.changes()


# -- afterwards --------------------------------------------------------------


def test_a_save_is_not_lost(emulator, breaks, count_requests):
    """The object knows that it is saved, and is known: a second save sends nothing."""
    account = emulator.connect()
    breaks(post_save)

    group = Group(name="a")
    with account.session():
        with pytest.raises(Broken):
            group.save()

        assert {} == group.changes()
        with count_requests(account, 0):
            group.save()
            assert group is Group.objects.get(group.pk)
    assert ["POST groups"] == emulator.requests
    assert group == Group.objects.fresh().get(group.pk)


def test_an_update_is_not_lost(ticket, emulator, breaks):
    """It was sent once, and is found by whoever reads."""
    breaks(post_save)

    ticket.priority = "high"
    with pytest.raises(Broken):
        ticket.save()
    ticket.save()

    assert ["PUT tickets/1"] == emulator.requests
    assert "high" == ticket.priority == Ticket.objects.get(ticket.pk).priority
    assert [ticket] == list(Ticket.objects.filter(priority="high"))


def test_a_delete_is_not_lost(emulator, breaks):
    """The object is gone, also for what is kept."""
    group = Group.objects.create(name="a")
    breaks(post_delete)

    with pytest.raises(Broken):
        group.delete()

    with pytest.raises(Group.DoesNotExist):
        Group.objects.get(group.pk)


def test_what_was_not_kept_may_be_an_error(ticket, breaks):
    """A receiver of `value_ignored` that raises does not undo the save."""
    owner = User.objects.get(ticket.requester_id)
    breaks(value_ignored)

    owner.email = "other@acme.com"
    with pytest.raises(Broken):
        owner.save()

    assert {} == owner.changes()


@pytest.mark.parametrize(
    ("signal", "act"),
    [
        (post_init, lambda ticket: Group(name="a")),
        (post_save, lambda ticket: ticket.save()),
        (post_delete, lambda ticket: ticket.delete()),
        (class_prepared, lambda ticket: type("Fleeting", (Ticket,), {"__module__": __name__})),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_all_are_told_of_what_has_happened(ticket, breaks, logged, signal, act):
    """The first exception is raised at the end, as it is; the others are logged with it all."""
    ticket.priority = "high"
    calls, told = [breaks(signal, reason) for reason in ("first", "second", "third")], []
    receiver(signal)(lambda sender, **arguments: told.append(sender))

    with pytest.raises(Broken, match="first") as caught:
        act(ticket)

    assert [1, 1, 1, 1] == [len(each) for each in (*calls, told)]
    assert caught.value.__cause__ is None is caught.value.__context__
    assert [
        ("zendesk_orm.signals", "ERROR", "second"),
        ("zendesk_orm.signals", "ERROR", "third"),
    ] == [(name, level, str(error)) for name, level, _, error in logged()]
    assert all(error.__traceback__ is not None for *_, error in logged())
    assert all(f"raised by the {signal.name} receiver" in message for _, _, message, _ in logged())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
@pytest.mark.parametrize(
    ("signal", "done", "act"),
    [
        (post_save, "Ticket 1 was saved; ", lambda ticket: ticket.save()),
        (post_delete, "Ticket 1 was deleted; ", lambda ticket: ticket.delete()),
        (post_init, "", lambda ticket: Ticket()),
    ],
)
def test_an_exception_says_what_was_done(ticket, signal, done, act):
    """A note tells the object, and which receiver raised."""

    @receiver(signal, sender=Ticket)
    def fail(sender, **arguments):
        raise Broken

    ticket.priority = "high"
    with pytest.raises(Broken) as caught:
        act(ticket)

    name = f"{__name__}.{fail.__qualname__}"
    assert [f"{done}raised by the {signal.name} receiver {name}"] == caught.value.__notes__


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
def test_a_receiver_that_is_no_function_is_named_by_its_class(emulator):
    """An object that can be called has no name of its own."""

    class Hook:
        def __call__(self, sender, **arguments):
            raise Broken

    receiver(post_save)(Hook())

    with pytest.raises(Broken) as caught:
        Group.objects.create(name="a")

    assert caught.value.__notes__[0].endswith(f"receiver {__name__}.{Hook.__qualname__}")


def test_an_interruption_is_none_of_a_receivers_exceptions(emulator, breaks):
    """Ctrl+C goes up at once; what was done stays done."""

    @receiver(post_save)
    def stop(sender, **arguments):
        raise KeyboardInterrupt

    calls, group = breaks(post_save), Group(name="a")
    with pytest.raises(KeyboardInterrupt):
        group.save()

    assert [] == calls
    assert group.pk is not None


# -- in the midst of a request -----------------------------------------------


@pytest.mark.parametrize(
    ("signal", "status", "calls"),
    [
        (request_finished, 201, 1),
        (request_finished, 429, 2),
        (rate_limited, 429, 1),
        (retrying, 429, 1),
        (retrying, 503, 1),
    ],
)
def test_an_answer_is_not_lost(emulator, breaks, logged, signal, status, calls):
    """What was created is known to be; what a receiver of its request raises is logged."""
    if status != 201:
        emulator.fail_next(status, headers={"Retry-After": "1"}, method="POST")
    called = breaks(signal)

    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    assert ticket.pk is not None
    assert {} == ticket.changes()
    assert calls == len(called)
    told = f"raised by the {signal.name} receiver {__name__}.breaks.<locals>.connect.<locals>"
    assert [("zendesk_orm.signals", "ERROR", f"{told}.break_down", Broken)] * calls == [
        (name, level, message, type(error)) for name, level, message, error in logged()
    ]


def test_a_failure_is_not_lost(emulator, breaks, logged):
    """It tells what became of a write; what a receiver raised would not."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    breaks(request_finished)
    emulator.fail_next(None)

    with pytest.raises(ConnectionLost):
        Group.objects.create(name="a")

    ((*_, error),) = logged()
    assert isinstance(error, Broken)
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("signal", "requests"), [(cache_miss, ["GET groups/{}"]), (cache_hit, [])], ids=["miss", "hit"]
)
def test_a_row_is_not_lost(emulator, breaks, logged, signal, requests):
    """Whether it was kept is by the way."""
    pk = Group.objects.create(name="a").pk
    if signal is cache_miss:
        emulator.connect()
    breaks(signal)
    del emulator.requests[:]

    assert "a" == Group.objects.get(pk).name
    assert [each.format(pk) for each in requests] == emulator.requests
    assert [Broken] == [type(error) for *_, error in logged()]


def test_what_is_logged_holds_no_secret(emulator, breaks, caplog):
    """Neither credentials nor what was asked for, even where the request has failed."""
    secret = "S3CR3T-do-not-show"
    connect(
        base_url="https://acme.zendesk.com",
        email="me@acme.com",
        token=secret,
        session=emulator.session(),
        clock=emulator.clock,
        retry=RetryPolicy(attempts=2),
    )

    breaks([request_finished, retrying])
    emulator.fail_next(None, times=2)
    with pytest.raises(ConnectionLost):
        Ticket.objects.filter(subject="whispered").count()

    assert 3 == caplog.text.count("Traceback (most recent call last)")
    for hidden in (secret, "whispered", "me@acme.com"):
        assert hidden not in caplog.text


def test_a_receiver_keeps_the_causes_of_its_own(emulator, caplog):
    """Only what was under way before it was called is left out."""

    @receiver(request_finished)
    def fail(sender, **arguments):
        try:
            arguments["nothing"]
        except KeyError:
            raise Broken  # noqa: B904 - the context is what is looked at

    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None)
    with pytest.raises(ConnectionLost):
        Group.objects.fresh().count()

    assert "KeyError: 'nothing'" in caplog.text
    assert "ConnectionLost" not in caplog.text


# -- the receivers of receivers ----------------------------------------------


def test_a_save_that_a_receiver_makes_is_not_lost(emulator, breaks):
    """Both objects are saved when the receiver of the second raises."""
    breaks(post_save, sender=User)

    @receiver(post_save, sender=Group)
    def follow(sender, instance, **arguments):
        User.objects.create(name=instance.name)

    group = Group(name="a")
    with pytest.raises(Broken):
        group.save()

    assert group.pk is not None
    assert "a" in {user.name for user in User.objects.fresh()}

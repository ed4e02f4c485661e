"""Receivers that raise: completed operations stay valid, and no exception is lost."""

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
def connect_broken():
    """Return a function that connects a receiver that raises, and returns the list of its calls."""

    def connect(signal, reason="broken", **options):
        calls = []

        @receiver(signal, **options)
        def raise_broken(sender, **arguments):
            calls.append(arguments)
            raise Broken(reason)

        return calls

    return connect


@pytest.fixture
def read_log(caplog):
    """Return a function that returns the log: logger, level, message and exception."""
    caplog.set_level(logging.DEBUG, "zendesk_orm")

    def read():
        return [
            (record.name, record.levelname, record.getMessage(), record.exc_info[1])
            for record in caplog.records
            if record.exc_info and record.name != "zendesk_orm.oauth"
        ]

    return read


# Before the operation


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
def test_an_exception_before_the_operation_stops_it(
    ticket, emulator, connect_broken, read_log, signal, act
):
    """An exception before the operation stops it; no other receiver is called."""
    ticket.priority = "high"
    first, second = connect_broken(signal, "first"), connect_broken(signal, "second")

    with pytest.raises(Broken, match="first"):
        act(ticket)

    assert (len(first), len(second)) == (1, 0)
    assert emulator.requests == read_log() == []
    assert ticket.changes() == {"priority": (None, "high")}


# After the operation


def test_a_creation_survives_an_exception(emulator, connect_broken, count_requests):
    """After an exception in `post_save`, the new object is saved and in the identity map."""
    account = emulator.connect()
    connect_broken(post_save)

    group = Group(name="a")
    with account.session():
        with pytest.raises(Broken):
            group.save()

        assert group.changes() == {}
        with count_requests(account, 0):
            group.save()
            assert Group.objects.get(group.pk) is group
    assert emulator.requests == ["POST groups"]
    assert Group.objects.fresh().get(group.pk) == group


def test_an_update_survives_an_exception(ticket, emulator, connect_broken):
    """After an exception in `post_save`, the update is not sent again and can be read."""
    connect_broken(post_save)

    ticket.priority = "high"
    with pytest.raises(Broken):
        ticket.save()
    ticket.save()

    assert emulator.requests == ["PUT tickets/1"]
    assert ticket.priority == Ticket.objects.get(ticket.pk).priority == "high"
    assert list(Ticket.objects.filter(priority="high")) == [ticket]


def test_a_deletion_survives_an_exception(emulator, connect_broken):
    """After an exception in `post_delete`, the object is deleted and not in the cache."""
    group = Group.objects.create(name="a")
    connect_broken(post_delete)

    with pytest.raises(Broken):
        group.delete()

    with pytest.raises(Group.DoesNotExist):
        Group.objects.get(group.pk)


def test_an_exception_in_value_ignored_keeps_the_save(ticket, connect_broken):
    """An exception in `value_ignored` does not undo the save."""
    owner = User.objects.get(ticket.requester_id)
    connect_broken(value_ignored)

    owner.email = "other@acme.com"
    with pytest.raises(Broken):
        owner.save()

    assert owner.changes() == {}


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
def test_all_receivers_are_called_after_the_operation(
    ticket, connect_broken, read_log, signal, act
):
    """All receivers are called; the first exception is raised, the others are logged."""
    ticket.priority = "high"
    calls, senders = [connect_broken(signal, reason) for reason in ("first", "second", "third")], []
    receiver(signal)(lambda sender, **arguments: senders.append(sender))

    with pytest.raises(Broken, match="first") as caught:
        act(ticket)

    assert [len(item) for item in (*calls, senders)] == [1, 1, 1, 1]
    assert caught.value.__cause__ is None is caught.value.__context__
    assert [(name, level, str(error)) for name, level, _, error in read_log()] == [
        ("zendesk_orm.signals", "ERROR", "second"),
        ("zendesk_orm.signals", "ERROR", "third"),
    ]
    assert all(error.__traceback__ is not None for *_, error in read_log())
    assert all(
        f"raised by the {signal.name} receiver" in message for _, _, message, _ in read_log()
    )


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
@pytest.mark.parametrize(
    ("signal", "prefix", "act"),
    [
        (post_save, "Ticket 1 was saved; ", lambda ticket: ticket.save()),
        (post_delete, "Ticket 1 was deleted; ", lambda ticket: ticket.delete()),
        (post_init, "", lambda ticket: Ticket()),
    ],
)
def test_an_exception_notes_the_operation(ticket, signal, prefix, act):
    """A note of the exception names the finished operation and the receiver."""

    @receiver(signal, sender=Ticket)
    def fail(sender, **arguments):
        raise Broken

    ticket.priority = "high"
    with pytest.raises(Broken) as caught:
        act(ticket)

    name = f"{__name__}.{fail.__qualname__}"
    assert caught.value.__notes__ == [f"{prefix}raised by the {signal.name} receiver {name}"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
def test_a_callable_object_is_named_by_its_class(emulator):
    """A note names a receiver that is a callable object by its class."""

    class Hook:
        def __call__(self, sender, **arguments):
            raise Broken

    receiver(post_save)(Hook())

    with pytest.raises(Broken) as caught:
        Group.objects.create(name="a")

    assert caught.value.__notes__[0].endswith(f"receiver {__name__}.{Hook.__qualname__}")


def test_a_keyboard_interrupt_is_raised_at_once(emulator, connect_broken):
    """`KeyboardInterrupt` in a receiver is raised at once, and the object stays saved."""

    @receiver(post_save)
    def stop(sender, **arguments):
        raise KeyboardInterrupt

    calls, group = connect_broken(post_save), Group(name="a")
    with pytest.raises(KeyboardInterrupt):
        group.save()

    assert calls == []
    assert group.pk is not None


# During a request


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
def test_a_response_survives_an_exception(
    emulator, connect_broken, read_log, signal, status, calls
):
    """Exceptions of receivers during a request are logged, and the response is used."""
    if status != 201:
        emulator.fail_next(status, headers={"Retry-After": "1"}, method="POST")
    calls_made = connect_broken(signal)

    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    assert ticket.pk is not None
    assert ticket.changes() == {}
    assert len(calls_made) == calls
    prefix = (
        f"raised by the {signal.name} receiver {__name__}.connect_broken.<locals>.connect.<locals>"
    )
    assert [(name, level, message, type(error)) for name, level, message, error in read_log()] == [
        ("zendesk_orm.signals", "ERROR", f"{prefix}.raise_broken", Broken)
    ] * calls


def test_an_error_of_a_request_survives_an_exception(emulator, connect_broken, read_log):
    """If a request fails, its error is raised and the exception of the receiver is logged."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    connect_broken(request_finished)
    emulator.fail_next(None)

    with pytest.raises(ConnectionLost):
        Group.objects.create(name="a")

    ((*_, error),) = read_log()
    assert isinstance(error, Broken)
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("signal", "requests"), [(cache_miss, ["GET groups/{}"]), (cache_hit, [])], ids=["miss", "hit"]
)
def test_a_row_survives_an_exception_in_cache_signals(
    emulator, connect_broken, read_log, signal, requests
):
    """Exceptions of receivers of `cache_hit` and `cache_miss` are logged, and the row is used."""
    pk = Group.objects.create(name="a").pk
    if signal is cache_miss:
        emulator.connect()
    connect_broken(signal)
    del emulator.requests[:]

    assert Group.objects.get(pk).name == "a"
    assert emulator.requests == [request.format(pk) for request in requests]
    assert [type(error) for *_, error in read_log()] == [Broken]


def test_logged_exceptions_contain_no_secrets(emulator, connect_broken, caplog):
    """Logged exceptions of receivers contain neither credentials nor query values."""
    secret = "S3CR3T-do-not-show"
    connect(
        base_url="https://acme.zendesk.com",
        email="me@acme.com",
        token=secret,
        session=emulator.session(),
        clock=emulator.clock,
        retry=RetryPolicy(attempts=2),
    )

    connect_broken([request_finished, retrying])
    emulator.fail_next(None, times=2)
    with pytest.raises(ConnectionLost):
        Ticket.objects.filter(subject="whispered").count()

    assert caplog.text.count("Traceback (most recent call last)") == 3
    for hidden in (secret, "whispered", "me@acme.com"):
        assert hidden not in caplog.text


def test_a_logged_exception_keeps_its_own_context(emulator, caplog):
    """A logged exception keeps its own context, without the error of the request."""

    @receiver(request_finished)
    def fail(sender, **arguments):
        try:
            arguments["nothing"]
        except KeyError:
            raise Broken  # noqa: B904 - the context is under test

    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None)
    with pytest.raises(ConnectionLost):
        Group.objects.fresh().count()

    assert "KeyError: 'nothing'" in caplog.text
    assert "ConnectionLost" not in caplog.text


# Nested saves


def test_a_save_by_a_receiver_survives_an_exception(emulator, connect_broken):
    """If a receiver saves another object whose receiver raises, both objects are saved."""
    connect_broken(post_save, sender=User)

    @receiver(post_save, sender=Group)
    def save_user(sender, instance, **arguments):
        User.objects.create(name=instance.name)

    group = Group(name="a")
    with pytest.raises(Broken):
        group.save()

    assert group.pk is not None
    assert "a" in {user.name for user in User.objects.fresh()}

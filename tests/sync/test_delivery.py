"""`deliver()`: each receiver is called separately, again after a failure, and never twice."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from attrs import evolve

from zendesk_orm import (
    Comment,
    InvalidValue,
    MemoryDeadLetters,
    Q,
    ReceiverPolicy,
    RemoteChange,
    SQLiteAnnounced,
    SQLiteDeadLetters,
    Ticket,
    UpdateLoop,
    configure_delivery,
    dead_letters,
    deliver,
    receiver,
    remote_changed,
)
from zendesk_orm.sync.deliveries import deliveries_of
from zendesk_orm.sync.encoding import dump_change, load_change


MOMENT = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


@pytest.fixture
def change(other):
    """Return a change of a ticket that another client made."""
    ticket = other.create(subject="Printer", comment=Comment(body="x"), priority="high")
    return RemoteChange(
        key="change:1",
        model=Ticket,
        pk=ticket.pk,
        kind="changed",
        source="webhook",
        moment=MOMENT,
        changes={"priority": ("low", "high")},
    )


@pytest.fixture(params=["memory", "sqlite"])
def stores(request, account, tmp_path):
    """Use each kind of store."""
    if request.param == "sqlite":
        path = tmp_path / "hooks.db"
        configure_delivery(announced=SQLiteAnnounced(path), dead_letters=SQLiteDeadLetters(path))
    return request.param


@pytest.fixture
def log():
    """Return the names of two receivers in the order of their calls; the first one can fail."""
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def first(sender, instance, changes, **kwargs):
        calls.append(("first", changes))
        if calls[0] == "fail":
            raise ConnectionError("the chat is down")

    @receiver(remote_changed, sender=Ticket, when=Q(priority="high"))
    def second(sender, instance, changes, **kwargs):
        calls.append(("second", changes))

    return calls


def _names(log):
    return [item[0] for item in log if item != "fail"]


def test_a_change_is_announced_once(stores, account, change, log):
    """A change with the same key, or with the same facts from another stream, is not repeated."""
    exported = evolve(change, key="support.Ticket:1:audit:7", source="export")

    assert deliver(account, change)
    assert not deliver(account, change)
    assert not deliver(account, exported)
    assert _names(log) == ["first", "second"]


def test_equal_changes_are_announced_as_often_as_they_were_made(stores, account, change, log):
    """A change that was made twice is announced twice, by two streams together."""
    exported = evolve(change, key="support.Ticket:1:audit:7", source="export")
    deliver(account, change)
    deliver(account, evolve(change, key="change:2"))
    deliver(account, exported)
    deliver(account, evolve(exported, key="support.Ticket:1:audit:8"))
    deliver(account, evolve(exported, key="support.Ticket:1:audit:9"))

    assert _names(log) == ["first", "second"] * 3


def test_the_rest_of_a_change_is_announced(stores, account, change, log):
    """Fields that a webhook has announced are left out of the exported update."""
    exported = evolve(
        change,
        key="support.Ticket:1:audit:7",
        source="export",
        changes={"priority": ("low", "high"), "subject": ("A", "B")},
    )
    deliver(account, change)
    deliver(account, exported)

    assert log[2] == ("first", {"subject": ("A", "B")})
    assert _names(log) == ["first", "second"] * 2


def test_a_failing_receiver_is_called_again(stores, account, emulator, change, log):
    """It is called again after the delay; the others are not."""
    log.append("fail")
    deliver(account, change, policy=ReceiverPolicy(attempts=3, delays=(10, 60)))
    deliveries = deliveries_of(account)
    deliveries.run_due(account)
    assert _names(log) == ["first", "second"]

    emulator.advance(seconds=10)
    deliveries.run_due(account)
    log[0] = "succeed"
    emulator.advance(seconds=60)
    deliveries.run_due(account)
    deliveries.run_due(account)

    assert [item[0] for item in log[1:]] == ["first", "second", "first", "first"]
    assert len(dead_letters()) == 0
    assert dead_letters().waiting == []


def test_the_last_attempt_makes_a_dead_letter(stores, account, emulator, change, log):
    """A dead letter has the receiver, the error and the change, and can be replayed."""
    log.append("fail")
    deliver(account, change, policy=ReceiverPolicy(attempts=2, delays=(10,)))
    emulator.advance(seconds=10)
    deliveries_of(account).run_due(account)

    [letter] = dead_letters()
    assert letter.receiver.endswith("first")
    assert letter.error == "ConnectionError: the chat is down"
    assert (letter.attempts, letter.row) == (2, f"support.Ticket:{change.pk}")
    assert letter.change.changes == {"priority": ("low", "high")}
    assert dead_letters().replay() == 0
    log[0] = "succeed"
    emulator.advance(seconds=10)
    assert dead_letters().replay() + deliveries_of(account).run_due(account) == 1
    assert len(dead_letters()) == 0
    assert _names(log[1:]).count("second") == 1


def test_dead_letters_can_be_cleared(stores, account, change, log):
    """`clear()` deletes the dead letters, and returns their number."""
    log.append("fail")
    deliver(account, change, policy=ReceiverPolicy(attempts=1))

    assert dead_letters().clear() == 1
    assert list(dead_letters()) == []


def test_later_changes_of_a_row_wait_for_earlier_ones(stores, account, emulator, change, log):
    """The order of the changes of a row stays for a receiver that fails; others do not wait."""
    later = evolve(change, key="change:2", changes={"subject": ("A", "B")})
    log.append("fail")
    deliver(account, change, policy=ReceiverPolicy(attempts=3, delays=(10,)))
    log[0] = "succeed"
    deliver(account, later)
    assert _names(log[1:]) == ["first", "second", "second"]

    emulator.advance(seconds=10)
    deliveries_of(account).run_due(account)

    assert [item[1] for item in log[4:]] == [change.changes, later.changes]


def test_an_exit_of_a_receiver_loses_nothing(stores, account, emulator, change, log):
    """After a `BaseException`, the receivers that were not called are called later."""

    @receiver(remote_changed, sender=Ticket)
    def leave(sender, **kwargs):
        log.append(("leave", {}))
        if _names(log).count("leave") == 1:
            raise SystemExit

    @receiver(remote_changed, sender=Ticket)
    def last(sender, **kwargs):
        log.append(("last", {}))

    with pytest.raises(SystemExit):
        deliver(account, change)
    assert not deliver(account, change)
    deliveries_of(account).run_due(account)

    assert _names(log) == ["first", "second", "leave", "leave", "last"]


def test_a_receiver_in_a_loop_is_stopped(account, emulator, change):
    """Its updates of one ticket are stopped, without further attempts; others continue."""
    log = []

    @receiver(remote_changed, sender=Ticket)
    def loop(sender, instance, **kwargs):
        for number in range(40):
            instance.subject = f"No. {number}"
            instance.save()

    @receiver(remote_changed, sender=Ticket)
    def other(sender, instance, **kwargs):
        instance.priority = "low"
        log.append(instance.save().priority)

    deliver(account, change, policy=ReceiverPolicy(max_updates=20))

    [letter] = dead_letters()
    assert letter.error.startswith("UpdateLoop: ")
    assert "20 times" in letter.error
    updates = [line for line in emulator.requests if line.startswith("PUT tickets/")]
    assert len(updates) == 21
    assert log == ["low"]


def test_the_loop_guard_counts_for_ten_minutes(account, emulator, change):
    """After ten minutes, a receiver may update the ticket again."""
    errors = []

    @receiver(remote_changed, sender=Ticket)
    def update(sender, instance, **kwargs):
        for number in range(3):
            instance.subject = f"No. {number} {emulator.clock.now()}"
            try:
                instance.save()
            except UpdateLoop as error:
                errors.append(error)

    policy = ReceiverPolicy(max_updates=2)
    deliver(account, change, policy=policy)
    emulator.advance(minutes=11)
    deliver(account, evolve(change, key="change:2"))

    assert len(errors) == 2


def test_a_missing_receiver_keeps_its_letter(account, emulator, change, log):
    """A letter whose receiver is not connected any more becomes a dead one."""
    log.append("fail")
    deliver(account, change, policy=ReceiverPolicy(attempts=5, delays=(1,)))
    remote_changed.receivers.clear()
    emulator.advance(seconds=5)
    deliveries_of(account).run_due(account)

    [letter] = dead_letters()
    assert "not connected" in letter.error


def test_letters_survive_the_process(account, emulator, change, log, tmp_path):
    """Another store with the same file has the letters, and attempts continue."""
    path = tmp_path / "hooks.db"
    log.append("fail")
    deliver(account, change, dead_letters=SQLiteDeadLetters(path))
    configure_delivery(dead_letters=MemoryDeadLetters())
    assert dead_letters().waiting == []
    log[0] = "succeed"
    configure_delivery(dead_letters=SQLiteDeadLetters(path))
    emulator.advance(minutes=1)
    deliveries_of(account).run_due(account)

    assert _names(log[1:]) == ["first", "second", "first"]
    assert dead_letters().waiting == []


def test_changes_survive_as_json(change):
    """A change with datetimes, comments and custom fields is the same after a round trip."""
    comment = Comment.from_row({"id": 7, "body": "x"})
    values = {
        "due_at": (None, MOMENT),
        "comment": (None, comment),
        "custom_fields": ([{"id": 5, "value": None}], [{"id": 5, "value": "x"}]),
    }
    loaded = load_change(dump_change(evolve(change, changes=values, payload={"id": 5})))

    assert loaded.changes["due_at"] == (None, MOMENT)
    assert loaded.changes["comment"][1].body == "x"
    assert loaded.changes["custom_fields"] == values["custom_fields"]
    assert (loaded.key, loaded.model, loaded.pk) == (change.key, Ticket, change.pk)
    with pytest.raises(InvalidValue, match="remote change"):
        load_change("{}")


def test_policies_are_checked():
    """Invalid numbers are rejected when a policy is created."""
    with pytest.raises(InvalidValue, match="attempts"):
        ReceiverPolicy(attempts=0)
    with pytest.raises(InvalidValue, match="delays"):
        ReceiverPolicy(delays=())
    assert ReceiverPolicy().delay_after(99) == 300.0


def test_an_error_without_a_message_is_a_failure_like_others(account, change, stores):
    """An exception whose text cannot be computed does not stop the other receivers."""
    called = []

    class OddError(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    @receiver(remote_changed, sender=Ticket)
    def fail(sender, **kwargs):
        raise OddError

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, **kwargs):
        called.append(instance.pk)

    deliver(account, change)

    assert called == [change.pk]
    assert [letter.error for letter in dead_letters().waiting] == [
        "OddError: its message cannot be displayed"
    ]

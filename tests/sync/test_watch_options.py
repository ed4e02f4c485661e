"""Options of `watch()` that are invalid, and clocks that are set."""

from __future__ import annotations

import math
import threading

import pytest

from tests.sync.conftest import DELAY
from zendesk_orm import (
    Comment,
    InvalidValue,
    ReceiverPolicy,
    Ticket,
    Watcher,
    ZendeskError,
    configure_delivery,
    connect,
    remote_changed,
    remote_created,
    watch,
)
from zendesk_orm.http.clock import Clock


def test_invalid_options_are_rejected_before_anything_is_sent(account, count_requests):
    """Each invalid option is an error of the library, and connects no receiver."""
    stop = threading.Event()
    stop.set()
    options = [
        *({"interval": value} for value in (0, -1, "x", True, math.nan, math.inf)),
        *({"receivers": value} for value in (5, len, "x", [5], [len, 5])),
        *({"since": value} for value in ("x", 5)),
        *({"name": value} for value in ("", 5)),
        *({key: 5} for key in ("account", "checkpoints", "state", "echo", "stop")),
        *({key: 5} for key in ("policy", "announced", "dead_letters")),
    ]
    accepted = []
    with count_requests(account, 0):
        for values in options:
            try:
                watch(Ticket, **{"stop": stop, **values})
            except ZendeskError:
                continue
            accepted.append(values)
        for delays in (5, (), (-1,), (math.nan,), (math.inf,)):
            with pytest.raises(InvalidValue):
                ReceiverPolicy(delays=delays)
        with pytest.raises(InvalidValue):
            configure_delivery(own_writes=5)

    assert accepted == []
    assert not remote_created.receivers
    assert not remote_changed.receivers


class _ShiftedClock(Clock):
    """The clock of a machine that differs from that of Zendesk."""

    def __init__(self, clock):
        self._clock, self.offset = clock, 0

    def now(self):
        return self._clock.now() + self.offset

    def monotonic(self):
        return self._clock.monotonic()

    def sleep(self, seconds):
        self._clock.sleep(seconds)

    def wait(self, event, seconds):
        self._clock.wait(event, seconds)


@pytest.mark.lenient
def test_a_clock_that_is_set_loses_nothing(emulator, received):
    """Changes before and after the clock of the machine was set are announced once."""
    clock = _ShiftedClock(emulator.clock)
    host = "https://emulator.zendesk.com"
    account = connect(base_url=host, anonymous=True, session=emulator.session(), clock=clock)
    other = emulator.connect(alias="other").raw
    watcher = Watcher(Ticket, account=account)
    for offset in (-7200, 0, 7200, -100, 0):
        clock.offset = offset
        new = {"subject": "A", "comment": {"body": "x"}}
        other.post("/api/v2/tickets", {"ticket": new})
        emulator.clock.sleep(DELAY)
        watcher.poll()
    watcher.poll()

    assert [(change.kind, change.pk) for change in received] == [
        ("created", pk) for pk in (1, 2, 3, 4, 5)
    ]


def test_receivers_of_a_watcher_are_called_by_a_single_poll(emulator, other):
    """`Watcher(receivers=...).poll()` calls them, and connected ones stay connected afterwards."""
    ticket = other.create(subject="Printer", comment=Comment(body="Help!"))
    emulator.advance(seconds=DELAY)
    subjects = []

    def record(sender, instance, **kwargs):
        subjects.append(instance.subject)

    def record_connected(sender, instance, **kwargs):
        subjects.append("connected")

    remote_changed.connect(record_connected, sender=Ticket)
    watcher = Watcher(Ticket, receivers=[record, record_connected])
    watcher.poll()
    for subject in ("Toner", "Paper"):
        ticket.subject = subject
        ticket.save()
        emulator.advance(seconds=DELAY)
        watcher.poll()

    assert sorted(subjects) == ["Paper", "Toner", "connected", "connected"]
    assert len(remote_changed.receivers) == 1
    assert not remote_created.receivers

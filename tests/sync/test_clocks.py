"""A clock of the machine that differs from Zendesk's."""

from __future__ import annotations

import time

import pytest

from zendesk_orm import Account, Organization, Ticket, Watcher, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


def connect_ahead(emulator: Emulator, seconds: float) -> Account:
    """Return an account of a machine whose clock is ahead of the emulator's."""
    return connect(
        base_url="https://emulator.zendesk.com",
        oauth_token="x",
        session=emulator.session(),
        clock=VirtualClock(emulator.clock.now() + seconds),
        alias="ahead",
    )


@pytest.mark.lenient
def test_exports_begin_a_minute_ago_by_the_clock_of_zendesk(emulator: Emulator):
    """A start that Zendesk finds too recent is requested again, a minute before its own time."""
    emulator.connect()
    emulator.advance(seconds=3600)
    ids = [Organization.objects.create(name="Acme").pk]
    emulator.advance(seconds=61)
    for seconds in (0, 5, 4000):
        account = connect_ahead(emulator, seconds)
        rows = Organization.objects.using("ahead").changed_since(account.transport.clock.now() - 61)
        assert [row.pk for row in rows] == ids
        assert account.requests_sent == (1 if seconds == 0 else 2)


@pytest.mark.lenient
def test_watching_works_on_a_machine_whose_clock_is_ahead(emulator: Emulator):
    """`watch()` announces each change once, although its clock is five seconds ahead."""
    account = connect_ahead(emulator, 5)
    other = emulator.connect(alias="other").raw
    watcher = Watcher(Ticket, account="ahead")
    counts = [watcher.poll()]
    other.post("/api/v2/tickets", {"ticket": {"subject": "a", "comment": {"body": "b"}}})
    for _ in range(4):
        emulator.advance(seconds=30)
        account.transport.clock.sleep(30)
        counts.append(watcher.poll())
    assert sum(counts) == 1


def test_the_clock_of_a_served_emulator_is_not_behind(emulator: Emulator):
    """The time that filling an emulator took does not set its clock back."""
    zendesk = Emulator()
    zendesk.clock.sleep(-20)
    with zendesk.serve(port=0):
        now = time.time()
        assert zendesk.clock.now() >= now

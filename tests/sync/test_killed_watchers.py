"""Processes that watch are killed at any moment, and continue."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from zendesk_orm import Comment, Ticket
from zendesk_orm.emulator import Emulator


SCRIPT = Path(__file__).with_name("watching_process.py")
#: Seconds until a watcher has to have announced everything.
PATIENCE = 60


def _start(url, folder, kind):
    return subprocess.Popen([sys.executable, str(SCRIPT), url, str(folder), kind])


def _lines(folder):
    path = folder / "lines.txt"
    return path.read_text().splitlines() if path.exists() else []


def _wait_for(condition):
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.lenient
@pytest.mark.parametrize("kind", ["sqlite", "file"])
def test_a_killed_watcher_loses_nothing(tmp_path, kind):
    """After kill -9, at most the change that was being announced is repeated for each kill."""
    choose, kills = random.Random(5), 0
    with Emulator() as emulator, emulator.serve(port=0) as server:
        emulator.connect()
        process = _start(server.url, tmp_path, kind)
        # The first round begins now, and stores its place.
        _wait_for(lambda: any("ticket_events" in line for line in emulator.requests))
        time.sleep(0.5)
        expected = set()
        tickets = [Ticket.objects.create(subject="A", comment=Comment(body="x")) for _ in range(3)]
        expected |= {f"{ticket.pk} " for ticket in tickets}
        for number in range(30):
            ticket = choose.choice(tickets)
            ticket.subject = f"No. {number}"
            ticket.save(safe=False)
            expected.add(f"{ticket.pk} No. {number}")
            emulator.advance(seconds=61)
            if number % 10 == 5:
                time.sleep(choose.random())
                process.kill()
                process.wait()
                kills += 1
                process = _start(server.url, tmp_path, kind)
        _wait_for(lambda: expected <= set(_lines(tmp_path)))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=PATIENCE)

    lines = _lines(tmp_path)
    repeated = sum(number - 1 for number in Counter(lines).values())
    assert code == 0
    assert set(lines) == expected
    assert repeated <= kills
    per_ticket = {ticket.pk: [] for ticket in tickets}
    for line in dict.fromkeys(lines):
        pk, _, subject = line.partition(" ")
        per_ticket[int(pk)].append(int(subject.partition(" ")[2] or -1))
    assert all(numbers == sorted(numbers) for numbers in per_ticket.values())


@pytest.mark.slow
@pytest.mark.lenient
def test_two_watchers_announce_each_change_once(tmp_path):
    """Two processes with the same files share the work."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        emulator.connect()
        processes = [_start(server.url, tmp_path, "sqlite") for _ in range(2)]
        _wait_for(lambda: sum("ticket_events" in line for line in emulator.requests) > 4)
        time.sleep(0.5)
        tickets = [Ticket.objects.create(subject="A", comment=Comment(body="x")) for _ in range(20)]
        emulator.advance(seconds=61)
        _wait_for(lambda: len(_lines(tmp_path)) >= len(tickets))
        time.sleep(0.5)
        for process in processes:
            process.terminate()
        codes = [process.wait(timeout=PATIENCE) for process in processes]

    assert codes == [0, 0]
    assert sorted(_lines(tmp_path)) == sorted(f"{ticket.pk} " for ticket in tickets)

"""A program ends although threads of the library wait for Zendesk."""

from __future__ import annotations

import subprocess
import sys

import pytest


PROGRAM = """
import asyncio, sys, threading

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import RetryPolicy, Ticket, connect, request_started
from zendesk_orm.http.clock import Clock


class Waiting(Clock):
    reached = threading.Event()

    def wait(self, event, seconds):
        self.reached.set()
        super().wait(event, seconds)


sent = []


def delay_the_third(sender, **arguments):
    sent.append(1)
    if len(sent) == NUMBER:
        emulator.fail_next(429, headers={"Retry-After": "3600"})


def begin_to_read():
    rows = iter(Ticket.objects.fresh().page_size(2))
    kept.append([rows, *(next(rows) for _ in range(3))])


def begin_a_task():
    loop = asyncio.new_event_loop()
    kept.append([loop, loop.create_task(Ticket.objects.aget(3))])
    loop.run_until_complete(asyncio.to_thread(Waiting.reached.wait))


def begin_and_close():
    begin_a_task()
    kept.pop()[0].close()


def begin_in_a_daemon():
    threading.Thread(target=begin_a_task, daemon=True).start()


kept = []
begin, NUMBER = {
    "page": (begin_to_read, 3),
    "task": (begin_a_task, 1),
    "closed": (begin_and_close, 1),
    "daemon": (begin_in_a_daemon, 1),
}[sys.argv[1]]
with emulator_with_tickets(9) as emulator:
    session, retry = emulator.session(), RetryPolicy(attempts=3, longest=7200)
    connect(subdomain="acme", session=session, clock=Waiting(), retry=retry, read_ahead=1)
    request_started.connect(delay_the_third)
    begin()
    Waiting.reached.wait()
    print("ends")
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["page", "task", "closed", "daemon"])
def test_a_program_ends_while_a_thread_waits(name):
    """A `Retry-After` of an hour keeps no process alive: of a page, or of a task left behind."""
    command = [sys.executable, "-c", PROGRAM, name]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)

    assert ended.stdout == "ends\n"
    assert "created in a different Context" not in ended.stderr

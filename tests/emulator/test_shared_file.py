"""Emulators that share a file."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from zendesk_orm import Comment, ConfigurationError, Ticket, connect
from zendesk_orm.emulator import Emulator


#: The number of emulators, and of the tickets that each creates and updates.
EMULATORS, TICKETS = 4, 10

PROGRAM = """
import sys
from zendesk_orm import Comment, Ticket, connect

connect(sys.argv[1])
print(flush=True)
input()
for number in range(int(sys.argv[2])):
    ticket = Ticket.objects.create(subject=str(number), comment=Comment(body="b"))
    ticket.status = "open"
    ticket.save()
"""


def _create(url: str, alias: str) -> None:
    connect(url, alias=alias)
    for number in range(TICKETS):
        ticket = Ticket.objects.using(alias).create(subject=str(number), comment=Comment(body="b"))
        ticket.status = "open"
        ticket.save()


def _count_open_tickets(url: str) -> int:
    connect(url)
    return len({ticket.id for ticket in Ticket.objects.fresh() if ticket.status == "open"})


def test_emulators_of_one_process_share_a_file(tmp_path):
    """Threads that open a file and write to it concurrently lose no request."""
    url = f"emulator:///{tmp_path}/z.db"
    with ThreadPoolExecutor(EMULATORS) as pool:
        aliases = [f"emulator-{number}" for number in range(EMULATORS)]
        results = [pool.submit(_create, url, alias) for alias in aliases]

    assert [result.exception() for result in results] == [None] * EMULATORS
    assert _count_open_tickets(url) == EMULATORS * TICKETS


@pytest.mark.slow
def test_emulators_of_several_processes_share_a_file(tmp_path):
    """Processes that open a file and write to it concurrently lose no request."""
    url = f"emulator:///{tmp_path}/z.db"
    command = [sys.executable, "-c", PROGRAM, url, str(TICKETS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(EMULATORS)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=100)[1] for process in processes]

    assert errors == [""] * EMULATORS
    assert _count_open_tickets(url) == EMULATORS * TICKETS


def test_a_damaged_file_is_reported(tmp_path):
    """A file whose pages are overwritten is opened, or raises an error that names the file."""
    path, page = tmp_path / "account.db", 4096
    Emulator(str(path)).close()
    content, chance, errors = path.read_bytes(), random.Random(1), {}
    for number in range(30):
        damaged = bytearray(content)
        # Without the first page, it is no database.
        place = 0 if number == 0 else chance.randrange(len(content) // page) * page
        damaged[place : place + page] = chance.randbytes(page)
        other = tmp_path / f"{number}.db"
        other.write_bytes(damaged)
        try:
            Emulator(str(other)).close()
        except ConfigurationError as error:
            errors[other.name] = str(error)
    assert len(errors) > 1
    assert all(name in message for name, message in errors.items())

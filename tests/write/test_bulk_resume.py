"""A process that is killed in the middle of a bulk creation, and another that goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timezone

import pytest

from zendesk_orm import Comment, Job, JobStatus, Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


ROWS, KILLED_AT = 5_000, 2_050

#: Kills itself, as `kill -9` does, when it is asked for the 2,051st ticket.
KILLED = f"""
import os, signal, sys
from zendesk_orm import ClientCredentials, Comment, Ticket, connect

oauth = ClientCredentials(sys.argv[2], sys.argv[3], scope="read write")
connect(base_url=sys.argv[1], oauth=oauth)

def rows():
    for n in range({ROWS}):
        if n == {KILLED_AT}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield Ticket(subject=f"T{{n}}", external_id=f"row-{{n}}", comment=Comment(body="x"))

Ticket.objects.bulk_create(rows(), ignore_conflicts=True, unique_fields=["external_id"])
"""


#: Does the same while it imports tickets of the past, when it is asked for the 251st.
KILLED_IMPORT = """
import os, signal, sys
from datetime import datetime, timezone
from zendesk_orm import ClientCredentials, Ticket, connect

oauth = ClientCredentials(sys.argv[2], sys.argv[3], scope="read write")
connect(base_url=sys.argv[1], oauth=oauth)

def rows():
    for n in range(450):
        if n == 250:
            os.kill(os.getpid(), signal.SIGKILL)
        then = datetime(2019, 5, 1, tzinfo=timezone.utc)
        yield {"subject": f"T{n}", "external_id": f"row-{n}", "created_at": then, "comments": ["x"]}

Ticket.objects.import_many(rows(), ignore_conflicts=True, unique_fields=["external_id"])
"""


@contextmanager
def _killed(program, path):
    """Yield an emulator in a file, whose client ran a program that killed itself."""
    with Emulator(str(path), clock=VirtualClock(), job_seconds=30) as emulator:
        own = emulator.oauth_client
        with emulator.serve(port=0) as server:
            done = subprocess.run(
                [sys.executable, "-c", program, server.url, own.identifier, own.secret],
                check=False,
                timeout=120,
                capture_output=True,
            )
        assert (-signal.SIGKILL, b"") == (done.returncode, done.stderr)
        emulator.connect()
        yield emulator


@pytest.fixture
def killed(tmp_path):
    """Return an emulator in a file, whose client was killed after 20 of its 50 requests."""
    with _killed(KILLED, tmp_path / "zendesk.db") as emulator:
        yield emulator


@pytest.fixture
def killed_import(tmp_path):
    """Return an emulator in a file, whose client was killed after 2 of the 5 jobs of an import."""
    with _killed(KILLED_IMPORT, tmp_path / "zendesk.db") as emulator:
        yield emulator


def _rows():
    for n in range(ROWS):
        yield Ticket(subject=f"T{n}", external_id=f"row-{n}", comment=Comment(body="x"))


@pytest.mark.slow
def test_a_killed_creation_is_resumed_without_a_duplicate(killed):
    """The same call again makes what is missing: 5,000 tickets, each once.

    The jobs of the killed process still run when the second one begins.
    """
    assert 20 == killed.requests.count("POST tickets/create_many")
    assert {"queued"} == {job.status for job in JobStatus.objects.all()}

    result = Ticket.objects.bulk_create(
        _rows(), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert (2_000, 3_000) == (len(result.ignored), len(result))
    assert 50 == killed.requests.count("POST tickets/create_many")
    made = Counter(ticket.external_id for ticket in Ticket.objects.fresh().iterator())
    assert {f"row-{n}": 1 for n in range(ROWS)} == made
    assert [each.id for each in result] == [
        pk
        for _, pk in sorted(
            (int(ticket.external_id[4:]), ticket.pk) for ticket in Ticket.objects.fresh().iterator()
        )
    ]


@pytest.mark.parametrize("lag", [0, 240])
def test_a_killed_import_is_resumed_without_a_duplicate(killed_import, lag):
    """The same call imports what is missing, also while the index lacks the newest tickets.

    The dates of imported tickets lie in the past, so that only `generated_timestamp` tells that
    they are new.
    """
    killed_import.switches.index_lag = lag
    assert 2 == killed_import.requests.count("POST imports/tickets/create_many")
    then, progress = datetime(2019, 5, 1, tzinfo=timezone.utc), []
    rows = [
        {"subject": f"T{n}", "external_id": f"row-{n}", "created_at": then, "comments": ["x"]}
        for n in range(450)
    ]

    result = Ticket.objects.import_many(
        rows, ignore_conflicts=True, unique_fields=["external_id"], progress=progress.append
    )

    assert (200, 250) == (len(result.ignored), len(result))
    assert (450, 450) == (progress[-1].done, progress[-1].total)
    assert 5 == killed_import.requests.count("POST imports/tickets/create_many")
    made = Counter(ticket.external_id for ticket in Ticket.objects.fresh().iterator())
    assert {f"row-{n}": 1 for n in range(450)} == made
    assert all(each.object.pk == each.id for each in result)


def test_jobs_of_a_killed_process_are_found_by_their_ids(killed):
    """What became of each row of a job is told for a day, to whoever has its id."""
    pk = next(iter(JobStatus.objects.all())).pk

    job = Job.load(pk).wait()

    assert set(range(100)) == {each["index"] for each in job.results}

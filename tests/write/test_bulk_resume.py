"""A bulk creation whose process is killed, and another process that resumes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timezone

import pytest

from zendesk_orm import Comment, Job, JobStatus, Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


ROWS, KILLED_AT = 5_000, 2_050

#: Kills its process, as `kill -9` does, before it yields the 2,051st ticket.
KILLED = f"""
import os, signal, sys
from zendesk_orm import ClientCredentials, Comment, Ticket, connect

oauth = ClientCredentials(sys.argv[2], sys.argv[3], scope="read write")
connect(base_url=sys.argv[1], oauth=oauth, read_ahead=0)

def rows():
    for n in range({ROWS}):
        if n == {KILLED_AT}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield Ticket(subject=f"T{{n}}", external_id=f"row-{{n}}", comment=Comment(body="x"))

Ticket.objects.bulk_create(rows(), ignore_conflicts=True, unique_fields=["external_id"])
"""


#: Kills its process before the 251st ticket of an import of old tickets.
KILLED_IMPORT = """
import os, signal, sys
from datetime import datetime, timezone
from zendesk_orm import ClientCredentials, Ticket, connect

oauth = ClientCredentials(sys.argv[2], sys.argv[3], scope="read write")
connect(base_url=sys.argv[1], oauth=oauth, read_ahead=0)

def rows():
    for n in range(450):
        if n == 250:
            os.kill(os.getpid(), signal.SIGKILL)
        then = datetime(2019, 5, 1, tzinfo=timezone.utc)
        yield {"subject": f"T{n}", "external_id": f"row-{n}", "created_at": then, "comments": ["x"]}

Ticket.objects.import_many(rows(), ignore_conflicts=True, unique_fields=["external_id"])
"""


@contextmanager
def _emulator_after_kill(program, path):
    """Yield an emulator in a file, whose client ran a program that killed itself."""
    with Emulator(str(path), clock=VirtualClock(), job_seconds=30) as emulator:
        client = emulator.oauth_client
        with emulator.serve(port=0) as server:
            done = subprocess.run(
                [sys.executable, "-c", program, server.url, client.identifier, client.secret],
                check=False,
                timeout=120,
                capture_output=True,
            )
        assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
        emulator.connect()
        yield emulator


@pytest.fixture
def killed(tmp_path):
    """Return an emulator in a file, whose client was killed after 20 of its 50 requests."""
    with _emulator_after_kill(KILLED, tmp_path / "zendesk.db") as emulator:
        yield emulator


@pytest.fixture
def killed_import(tmp_path):
    """Return an emulator in a file, whose client was killed after 2 of the 5 jobs of an import."""
    with _emulator_after_kill(KILLED_IMPORT, tmp_path / "zendesk.db") as emulator:
        yield emulator


def _count_rows():
    for n in range(ROWS):
        yield Ticket(subject=f"T{n}", external_id=f"row-{n}", comment=Comment(body="x"))


@pytest.mark.slow
def test_a_killed_creation_is_resumed_without_a_duplicate(killed):
    """The same call creates the missing tickets: 5,000 tickets, each once.

    The jobs of the killed process are still running when the second process begins.
    """
    assert killed.requests.count("POST tickets/create_many") == 20
    assert {job.status for job in JobStatus.objects.all()} == {"queued"}

    result = Ticket.objects.bulk_create(
        _count_rows(), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert (len(result.ignored), len(result)) == (2_000, 3_000)
    assert killed.requests.count("POST tickets/create_many") == 50
    created = Counter(ticket.external_id for ticket in Ticket.objects.fresh().iterator())
    assert {f"row-{n}": 1 for n in range(ROWS)} == created
    assert [outcome.id for outcome in result] == [
        pk
        for _, pk in sorted(
            (int(ticket.external_id[4:]), ticket.pk) for ticket in Ticket.objects.fresh().iterator()
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize("lag", [0, 240])
def test_a_killed_import_is_resumed_without_a_duplicate(killed_import, lag):
    """The same call imports the missing tickets, even if the index lacks the newest tickets.

    The dates of imported tickets lie in the past, so that only `generated_timestamp` shows that
    they are new.
    """
    killed_import.switches.index_lag = lag
    assert killed_import.requests.count("POST imports/tickets/create_many") == 2
    then, progress = datetime(2019, 5, 1, tzinfo=timezone.utc), []
    rows = [
        {"subject": f"T{n}", "external_id": f"row-{n}", "created_at": then, "comments": ["x"]}
        for n in range(450)
    ]

    result = Ticket.objects.import_many(
        rows, ignore_conflicts=True, unique_fields=["external_id"], progress=progress.append
    )

    assert (len(result.ignored), len(result)) == (200, 250)
    assert (progress[-1].done, progress[-1].total) == (450, 450)
    assert killed_import.requests.count("POST imports/tickets/create_many") == 5
    created = Counter(ticket.external_id for ticket in Ticket.objects.fresh().iterator())
    assert {f"row-{n}": 1 for n in range(450)} == created
    assert all(outcome.object.pk == outcome.id for outcome in result)


@pytest.mark.slow
def test_jobs_of_a_killed_process_are_found_by_their_ids(killed):
    """The results of a job can be read by its id for a day."""
    pk = next(iter(JobStatus.objects.all())).pk

    job = Job.load(pk).wait()

    assert {result["index"] for result in job.results} == set(range(100))


@pytest.mark.parametrize("model", [Ticket, User])
def test_an_interrupted_creation_is_resumed_with_the_same_objects(emulator, model):
    """Ctrl+C leaves objects whose creation is not confirmed; they are looked up, not refused."""
    emulator.connect()
    values = {"comment": Comment(body="x")} if model is Ticket else {}
    name = "subject" if model is Ticket else "name"
    objects = [model(**{name: f"T{n}"}, external_id=f"row-{n}", **values) for n in range(250)]
    options = {"ignore_conflicts": True, "unique_fields": ["external_id"]}

    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.objects.bulk_create(objects, **options, progress=interrupt)
    result = model.objects.bulk_create(objects, **options)

    assert len(result) + len(result.ignored) == 250
    assert all(item.pk is not None for item in objects)
    rows = Counter(row.external_id for row in model.objects.fresh() if row.external_id)
    assert rows == Counter(f"row-{n}" for n in range(250))

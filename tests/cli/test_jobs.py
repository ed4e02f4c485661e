"""The command `zendesk-orm jobs`."""

from __future__ import annotations

import json

import pytest

from tests.servers import Server
from zendesk_orm import Comment, Ticket


@pytest.fixture
def job(account):
    """Return a job that creates two tickets."""
    tickets = [Ticket(subject=f"New {n}", comment=Comment(body="x")) for n in range(2)]
    [job] = Ticket.objects.bulk_create(tickets, wait=False).jobs
    return job


def test_jobs_are_listed(job, run):
    """`jobs` lists the jobs of the account, also as JSON."""
    code, out, err = run("jobs")
    rows = json.loads(run("jobs", "--json")[1])

    assert (code, err) == (0, "")
    assert out.split()[:3] == ["id", "job_type", "status"]
    assert job.id in out
    assert [row["id"] for row in rows] == [job.id]


def test_a_job_is_shown_with_its_results(job, run):
    """`jobs ID --wait` waits until the job has ended, and prints its results."""
    code, out, err = run("jobs", job.id, "--wait")
    values = json.loads(run("jobs", job.id, "--json")[1])

    assert (code, err) == (0, "")
    assert f"Job            {job.id}\nStatus         completed\n" in out
    assert values["status"] == "completed"
    assert [result["id"] for result in values["results"]] == [
        int(line.split()[1]) for line in out.splitlines()[-2:]
    ]


def test_a_failed_job_exits_with_1(run):
    """The exit code is 1 if the job failed, and its message is shown."""
    row = {"id": "V3-1", "status": "failed", "message": "No.", "total": 2, "progress": 1}
    Server(lambda request: {"job_status": row}).connect()

    code, out, err = run("jobs", "V3-1", "--wait")

    assert (code, err) == (1, "")
    assert "Status         failed\nFinished       1 of 2\nMessage        No.\n" in out


def test_wrong_jobs_are_errors(account, run):
    """An unknown job is an error of one line; `--wait` without a job is a usage error."""
    code, out, err = run("jobs", "nothing")

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert run("jobs", "--wait")[0] == 2
    assert run("jobs", "x", "--timeout", "0")[0] == 2

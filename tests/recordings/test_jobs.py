"""Recorded background jobs, and the outcome of each object."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from tests.recordings.replay import Exchange, list_names, needs_recordings, play, read_exchanges
from zendesk_orm import BulkError, BulkResult, Job, Organization, Ticket, User
from zendesk_orm.write.bulk.jobs import fetch_jobs, wait_for_jobs
from zendesk_orm.write.bulk.results import outcomes_of_job


pytestmark = needs_recordings

ALMOST_ALL_FAIL = (
    "TestOrganizationCreateUpdateDelete.test_multiple_update_half_full_objects-update-many"
)


#: The models of the objects of jobs, by the key of the request.
MODELS = {"organizations": Organization, "tickets": Ticket, "users": User}


@frozen
class StartedJob:
    """A recorded job: the request that started it, and the responses to requests of its status."""

    name: str
    start: Exchange
    looks: list[Exchange]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the job, in their recorded order."""
        return [item.response["job_status"] for item in (self.start, *self.looks)]


def _read_jobs() -> list[StartedJob]:
    """Return the recorded jobs whose status was requested."""
    result = []
    for name in list_names():
        recorded = read_exchanges(name)
        for start in recorded:
            if start.method == "GET" or "job_status" not in (start.response or {}):
                continue
            path = f"/api/v2/job_statuses/{start.response['job_status']['id']}"
            looks = [item for item in recorded if item.path == path]
            if looks:
                result.append(StartedJob(name, start, looks))
    return result


def _format_title(job: StartedJob) -> str:
    return f"{job.start.method} {job.name}"


def _build_objects(job: StartedJob) -> list[Any]:
    """Return the objects of the job: new ones, or those with the sent ids."""
    ((key, sent),) = job.start.request.items()
    new = job.start.method == "POST"
    return [MODELS[key].from_row({} if new else {"id": row["id"]}) for row in sent]


def _contains_indexes(job: StartedJob) -> bool:
    """Return whether the results contain an index or an id."""
    ids = {obj.pk for obj in _build_objects(job)}
    return all("index" in item or item["id"] in ids for item in job.rows[-1]["results"])


every_job = pytest.mark.parametrize("job", _read_jobs(), ids=_format_title)


@every_job
def test_each_status_is_read(job: StartedJob) -> None:
    """The job has the values of each response, from queued to completed."""
    keys = ("id", "status", "progress", "total", "message", "results")

    for row in job.rows:
        seen = Job.from_row(row)

        assert [row.get(key) for key in keys] == [getattr(seen, key) for key in keys]
        assert (row["status"] == "completed") is seen.ended


@every_job
def test_waiting_needs_the_recorded_responses(job: StartedJob) -> None:
    """Waiting ends with the last recorded response, and the intervals grow."""
    with play(job.looks, job.name) as (account, tape):
        before = account.transport.clock.now()
        (ended,) = wait_for_jobs(account.transport, [Job.from_row(job.rows[0])])
        waited = account.transport.clock.now() - before

    assert Job.from_row(job.rows[-1]) == ended
    assert tape.unused == []
    assert sum(0.5 * 2**turn for turn in range(len(job.looks))) == pytest.approx(waited)


@every_job
def test_fetch_jobs_is_one_request(job: StartedJob) -> None:
    """`fetch_jobs()` returns the current status."""
    with play(job.looks, job.name) as (account, _):
        (seen,) = fetch_jobs(account.transport, [job.rows[0]["id"]])

        assert account.requests_sent == 1
    assert Job.from_row(job.rows[1]) == seen


@every_job
def test_each_object_has_an_outcome(job: StartedJob) -> None:
    """There is one outcome for each object, in order, with the id of the result."""
    objects = _build_objects(job)
    results = job.rows[-1]["results"]

    result = outcomes_of_job(objects, Job.from_row(job.rows[-1]))

    assert objects == [outcome.object for outcome in result]
    assert [item["id"] for item in results] == [outcome.id for outcome in result]
    assert ["error" not in item for item in results] == [outcome.ok for outcome in result]
    for outcome, item in zip(result, results, strict=True):
        assert (item.get("error", ""), item.get("details", "")) == (outcome.error, outcome.details)


@pytest.mark.parametrize(
    "job", [job for job in _read_jobs() if _contains_indexes(job)], ids=_format_title
)
def test_outcomes_do_not_depend_on_the_order_of_results(job: StartedJob) -> None:
    """Results that identify their objects can have any order."""
    objects = _build_objects(job)
    last = job.rows[-1]
    turned = {**last, "results": last["results"][::-1]}

    result = outcomes_of_job(objects, Job.from_row(turned))

    assert outcomes_of_job(objects, Job.from_row(last)) == result


def test_objects_of_a_completed_job_can_fail() -> None:
    """One of fifty organizations has the name, and the other outcomes contain the reason."""
    job = next(
        item for item in _read_jobs() if item.name == ALMOST_ALL_FAIL and item.start.method == "PUT"
    )

    result = BulkResult(outcomes_of_job(_build_objects(job), Job.from_row(job.rows[-1])))

    assert job.rows[-1]["status"] == "completed"
    assert (len(result), len(result.failed)) == (1, 49)
    assert not result
    with pytest.raises(BulkError, match=r"49 of 50 objects failed.*has already been taken"):
        result.raise_for_failures()


def test_a_running_job_has_not_ended() -> None:
    """Waiting for a job whose recording ends early raises."""
    rows = [row for job in _read_jobs() for row in job.rows if row["status"] == "working"]

    assert rows
    assert {Job.from_row(row).ended for row in rows} == {False}

"""Recorded background jobs: waiting for them, and what became of each object."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from tests.recordings.replay import Exchange, exchanges, names, needs_recordings, played
from zendesk_orm import BulkError, BulkResult, Job
from zendesk_orm.write.jobs import look, wait
from zendesk_orm.write.outcomes import outcomes


pytestmark = needs_recordings

ALMOST_ALL_FAIL = (
    "TestOrganizationCreateUpdateDelete.test_multiple_update_half_full_objects-update-many"
)


@frozen
class Thing:
    """An object that a job is about, as far as outcomes look at it."""

    pk: int | None


@frozen
class Started:
    """A job as it was recorded: what started it, and each look at it."""

    name: str
    start: Exchange
    looks: list[Exchange]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the job, in the order in which they came."""
        return [each.response["job_status"] for each in (self.start, *self.looks)]


def _jobs() -> list[Started]:
    """Return the recorded jobs that somebody looked at."""
    found = []
    for name in names():
        recorded = exchanges(name)
        for start in recorded:
            if start.method == "GET" or "job_status" not in (start.response or {}):
                continue
            path = f"/api/v2/job_statuses/{start.response['job_status']['id']}"
            looks = [each for each in recorded if each.path == path]
            if looks:
                found.append(Started(name, start, looks))
    return found


def _title(job: Started) -> str:
    return f"{job.start.method} {job.name}"


def _objects(job: Started) -> list[Thing]:
    """Return what the job was started for: new objects, or those of the sent ids."""
    ((_, sent),) = job.start.request.items()
    new = job.start.method == "POST"
    return [Thing(None if new else row["id"]) for row in sent]


def _tells(job: Started) -> bool:
    """Tell whether the results say which object they are about, by index or by id."""
    ids = {each.pk for each in _objects(job)}
    return all("index" in item or item["id"] in ids for item in job.rows[-1]["results"])


every_job = pytest.mark.parametrize("job", _jobs(), ids=_title)


@every_job
def test_each_look_is_read(job: Started) -> None:
    """A job is what Zendesk says of it, from queued to completed."""
    keys = ("id", "status", "progress", "total", "message", "results")

    for row in job.rows:
        seen = Job.from_row(row)

        assert [row.get(key) for key in keys] == [getattr(seen, key) for key in keys]
        assert (row["status"] == "completed") is seen.ended


@every_job
def test_a_job_is_waited_for(job: Started) -> None:
    """As many looks as were recorded are enough, and the waits get longer."""
    with played(job.looks, job.name) as (account, tape):
        before = account.transport.clock.now()
        (ended,) = wait(account.transport, [Job.from_row(job.rows[0])])
        waited = account.transport.clock.now() - before

    assert Job.from_row(job.rows[-1]) == ended
    assert [] == tape.left
    assert sum(0.5 * 2**turn for turn in range(len(job.looks))) == pytest.approx(waited)


@every_job
def test_one_look_is_one_request(job: Started) -> None:
    """`look()` gives the job as it is now."""
    with played(job.looks, job.name) as (account, _):
        (seen,) = look(account.transport, [job.rows[0]["id"]])

        assert account.requests_sent == 1
    assert Job.from_row(job.rows[1]) == seen


@every_job
def test_each_object_has_an_outcome(job: Started) -> None:
    """There is one outcome for each object, in their order, with the id that Zendesk tells."""
    objects = _objects(job)
    results = job.rows[-1]["results"]

    found = outcomes(objects, Job.from_row(job.rows[-1]))

    assert objects == [outcome.object for outcome in found]
    assert [item["id"] for item in results] == [outcome.id for outcome in found]
    assert ["error" not in item for item in results] == [outcome.ok for outcome in found]
    for outcome, item in zip(found, results, strict=True):
        assert (item.get("error", ""), item.get("details", "")) == (outcome.error, outcome.details)


@pytest.mark.parametrize("job", [job for job in _jobs() if _tells(job)], ids=_title)
def test_outcomes_do_not_hang_on_the_order_of_results(job: Started) -> None:
    """Results that say which object they are about may come in any order."""
    objects = _objects(job)
    last = job.rows[-1]
    turned = {**last, "results": last["results"][::-1]}

    found = outcomes(objects, Job.from_row(turned))

    assert outcomes(objects, Job.from_row(last)) == found


def test_a_completed_job_may_have_failed() -> None:
    """Of fifty organizations one got the name, and 49 failures tell why they did not."""
    job = next(
        each for each in _jobs() if each.name == ALMOST_ALL_FAIL and each.start.method == "PUT"
    )

    result = BulkResult(outcomes(_objects(job), Job.from_row(job.rows[-1])))

    assert job.rows[-1]["status"] == "completed"
    assert (1, 49) == (len(result), len(result.failed))
    assert not result
    with pytest.raises(BulkError, match=r"49 of 50 objects failed.*has already been taken"):
        result.raise_for_failures()


def test_an_unfinished_job_is_waited_for_in_vain() -> None:
    """A job that is still working has not ended, however far it is."""
    rows = [row for job in _jobs() for row in job.rows if row["status"] == "working"]

    assert rows
    assert {False} == {Job.from_row(row).ended for row in rows}

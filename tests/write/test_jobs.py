"""Background jobs: found by id, refreshed and awaited."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, Job, ObjectDoesNotExist, ServerError, Ticket
from zendesk_orm.emulator import Emulator


GONE = {"error": "RecordNotFound", "description": "Not found"}


@pytest.fixture
def emulator():
    """Return an emulator in which a job takes ten seconds, connected as the default account."""
    with Emulator(job_seconds=10) as emulator:
        emulator.connect()
        yield emulator


def _start_jobs(number=1):
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]
    return Ticket.objects.bulk_create(tickets, wait=False).jobs


def _remove_pages(emulator, *paths):
    for path in paths:
        emulator.fail_next(404, times=50, method="GET", path=path, body=GONE)


# -- one job -----------------------------------------------------------------


def test_a_job_is_found_by_its_id(emulator):
    """Another process can read the job and its results by its id."""
    (started,) = _start_jobs(3)

    job = Job.load(started.id)

    assert (job.status, job.results) == ("queued", None)
    assert {result["index"] for result in job.wait().results} == {0, 1, 2}
    assert job.status == "completed"


def test_refresh_updates_the_job(emulator):
    """`refresh()` reads the status with one request, and returns the job."""
    (job,) = _start_jobs(100)
    emulator.clock.sleep(5)
    del emulator.requests[:]

    again = job.refresh()

    assert job is again
    assert (job.status, job.progress, job.total) == ("working", 50, 100)
    assert emulator.requests == [f"GET job_statuses/{job.id}"]


def test_an_ended_job_is_not_requested(emulator):
    """Waiting for it sends no request."""
    job = _start_jobs()[0].wait()
    del emulator.requests[:]

    job.wait()

    assert emulator.requests == []


def test_intervals_double(emulator):
    """A job of ten seconds needs five requests, each after twice the interval."""
    (job,) = _start_jobs()
    del emulator.requests[:]
    before = emulator.clock.now()

    job.wait()

    assert len(emulator.requests) == 5
    assert pytest.approx(emulator.clock.now() - before) == 15.5


def test_waiting_has_a_timeout(emulator):
    """`TimeoutError` contains the status of the job, which goes on."""
    (job,) = _start_jobs()

    with pytest.raises(TimeoutError, match=job.id):
        job.wait(timeout=3)

    assert job.wait().status == "completed"


def test_a_job_can_be_pickled(emulator):
    """A job contains few values, and finds its account by alias."""
    (job,) = _start_jobs()

    copy = pickle.loads(pickle.dumps(job))

    assert (job, job.using) == (copy, copy.using)
    assert copy.wait().status == "completed"


def test_a_job_belongs_to_its_account(emulator):
    """The status of a job is requested from the account that started it."""
    with Emulator() as other:
        other.connect(alias="emea")
        tickets = [Ticket(subject="x", comment=Comment(body="y"))]
        (job,) = Ticket.objects.using("emea").bulk_create(tickets, wait=False).jobs
        del emulator.requests[:]

        assert job.wait().status == "completed"
        assert Job.load(job.id, using="emea").using == "emea"
    assert emulator.requests == []


# -- missing pages -----------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "looks"),
    [
        (["job_statuses/V3"], ["job_statuses/{}", "job_statuses/show_many"]),
        (
            ["job_statuses/V3", "job_statuses/show_many"],
            ["job_statuses/{}", "job_statuses/show_many", "job_statuses"],
        ),
    ],
    ids=["its own", "that of many, too"],
)
def test_a_job_is_looked_up_at_three_endpoints(emulator, missing, looks):
    """Its page, `show_many` and the list are requested in turn."""
    (job,) = _start_jobs()
    _remove_pages(emulator, *missing)
    del emulator.requests[:]

    result = Job.load(job.id)

    assert job == result
    assert [f"GET {look.format(job.id)}" for look in looks] == emulator.requests


def test_all_pages_of_the_list_are_read(emulator):
    """A job beyond the first page of the list is found."""
    emulator.switches.max_jobs = 200
    jobs = [_start_jobs()[0] for _ in range(101)]
    _remove_pages(emulator, "job_statuses/")

    assert {job.id for job in jobs} == {Job.load(job.id).id for job in jobs}


@pytest.mark.parametrize("missing", [["job_statuses/"], []])
def test_a_missing_job_raises_does_not_exist(emulator, missing):
    """A job that no endpoint returns raises, whether or not its page exists."""
    _remove_pages(emulator, *missing)

    with pytest.raises(ObjectDoesNotExist, match="V3-1"):
        Job.load("V3-1")


def test_a_vanished_job_is_abandoned(emulator):
    """Waiting ends after five requests that do not find it."""
    (job,) = _start_jobs()
    emulator.fail_next(404, times=5, path="job_statuses/V3", body=GONE)
    emulator.fail_next(404, times=5, path="job_statuses/show_many", body=GONE)
    emulator.fail_next(200, times=5, path="job_statuses", body={"job_statuses": []})

    with pytest.raises(ObjectDoesNotExist, match=job.id):
        job.wait()


def test_bulk_operations_find_their_jobs_at_other_endpoints(emulator):
    """The outcomes are the same, wherever the job was found."""
    _remove_pages(emulator, "job_statuses/V3")
    tickets = [Ticket(subject="x", comment=Comment(body="y"))]

    assert len(Ticket.objects.bulk_create(tickets)) == 1
    assert tickets[0].pk == Ticket.objects.fresh().get().pk


def test_a_failed_status_request_raises(emulator):
    """A single job raises after the last attempt."""
    emulator.fail_next(500, times=9, path="job_statuses")

    with pytest.raises(ServerError):
        Job.load("V3-1")

"""Background jobs by themselves: found again, looked at, waited for."""

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


def _started(number=1):
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]
    return Ticket.objects.bulk_create(tickets, wait=False).jobs


def _missing(emulator, *paths):
    for path in paths:
        emulator.fail_next(404, times=50, method="GET", path=path, body=GONE)


# -- one job -----------------------------------------------------------------


def test_a_job_is_found_by_its_id(emulator):
    """The id is all that has to be kept: another process finds the job by it, and its results."""
    (started,) = _started(3)

    job = Job.load(started.id)

    assert ("queued", None) == (job.status, job.results)
    assert {0, 1, 2} == {each["index"] for each in job.wait().results}
    assert "completed" == job.status


def test_a_job_is_looked_at_once_more(emulator):
    """`refresh()` takes over what Zendesk says now, with one request, and returns the job."""
    (job,) = _started(100)
    emulator.clock.sleep(5)
    del emulator.requests[:]

    again = job.refresh()

    assert job is again
    assert ("working", 50, 100) == (job.status, job.progress, job.total)
    assert [f"GET job_statuses/{job.id}"] == emulator.requests


def test_a_job_that_has_ended_is_not_looked_at(emulator):
    """Waiting for it costs nothing."""
    job = _started()[0].wait()
    del emulator.requests[:]

    job.wait()

    assert [] == emulator.requests


def test_waiting_grows_longer(emulator):
    """Ten seconds are five looks, each after twice the time of the one before."""
    (job,) = _started()
    del emulator.requests[:]
    before = emulator.clock.now()

    job.wait()

    assert 5 == len(emulator.requests)
    assert 15.5 == pytest.approx(emulator.clock.now() - before)


def test_waiting_can_be_limited(emulator):
    """After so many seconds `TimeoutError` says how it stands; the job goes on."""
    (job,) = _started()

    with pytest.raises(TimeoutError, match=f"job {job.id} is working after 3 s"):
        job.wait(timeout=3)

    assert "completed" == job.wait().status


def test_a_job_can_be_pickled(emulator):
    """It is a handful of values, and finds its account by name."""
    (job,) = _started()

    copy = pickle.loads(pickle.dumps(job))

    assert (job, job.using) == (copy, copy.using)
    assert "completed" == copy.wait().status


def test_a_job_belongs_to_its_account(emulator):
    """A job of another account is looked at there."""
    with Emulator() as other:
        other.connect(alias="emea")
        tickets = [Ticket(subject="x", comment=Comment(body="y"))]
        (job,) = Ticket.objects.using("emea").bulk_create(tickets, wait=False).jobs
        del emulator.requests[:]

        assert "completed" == job.wait().status
        assert "emea" == Job.load(job.id, using="emea").using
    assert [] == emulator.requests


# -- a page that is missing --------------------------------------------------


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
def test_a_job_without_its_page_is_found_elsewhere(emulator, missing, looks):
    """Where one page is missing the next is asked: its own, that of many, the list of all."""
    (job,) = _started()
    _missing(emulator, *missing)
    del emulator.requests[:]

    found = Job.load(job.id)

    assert job == found
    assert [f"GET {each.format(job.id)}" for each in looks] == emulator.requests


def test_the_list_is_read_as_far_as_it_takes(emulator):
    """A job beyond the first page of the list is found, too."""
    emulator.switches.most_jobs = 200
    jobs = [_started()[0] for _ in range(101)]
    _missing(emulator, "job_statuses/")

    assert {job.id for job in jobs} == {Job.load(job.id).id for job in jobs}


@pytest.mark.parametrize("missing", [["job_statuses/"], []])
def test_a_job_that_is_nowhere_is_said_to_be(emulator, missing):
    """With or without pages for it."""
    _missing(emulator, *missing)

    with pytest.raises(ObjectDoesNotExist, match="V3-1; Zendesk keeps"):
        Job.load("V3-1")


def test_a_job_that_vanishes_is_not_waited_for_any_longer(emulator):
    """Found nowhere in five looks, it is given up."""
    (job,) = _started()
    emulator.fail_next(404, times=5, path="job_statuses/V3", body=GONE)
    emulator.fail_next(404, times=5, path="job_statuses/show_many", body=GONE)
    emulator.fail_next(200, times=5, path="job_statuses", body={"job_statuses": []})

    with pytest.raises(ObjectDoesNotExist, match=job.id):
        job.wait()


def test_bulk_operations_find_their_jobs_elsewhere(emulator):
    """Outcomes are those of the job, wherever it was found."""
    _missing(emulator, "job_statuses/V3")
    tickets = [Ticket(subject="x", comment=Comment(body="y"))]

    assert 1 == len(Ticket.objects.bulk_create(tickets))
    assert tickets[0].pk == Ticket.objects.fresh().get().pk


def test_a_failure_of_looking_is_a_failure(emulator):
    """Of a single job it is raised, once repeating has not helped."""
    emulator.fail_next(500, times=9, path="job_statuses")

    with pytest.raises(ServerError):
        Job.load("V3-1")

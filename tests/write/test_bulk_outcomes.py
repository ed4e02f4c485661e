"""Outcomes of jobs that fail, end in an unknown state, or never end."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    InvalidValue,
    Organization,
    OrganizationMerge,
    Ticket,
    User,
    connections,
)
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.bulk.results import outcomes_of_job


KNOWN = [Ticket(id=1)]


def _state(**result):
    (outcome,) = outcomes_of_job(KNOWN, Job("J", "completed", results=[{"id": 1, **result}]))
    return outcome.state


@pytest.mark.parametrize(
    "result",
    [
        {"errors": "Name is too long"},
        {"errors": ["Name is too long"]},
        {"errors": {"name": ["is too long"]}},
        {"error": "RecordInvalid"},
        {"success": False},
        {"success": "false"},
        {"success": None},
        {"success": 0},
        {"status": "Failed"},
        {"status": "failed", "success": True},
        {"status": "Error"},
    ],
)
def test_a_result_with_an_error_has_failed(result):
    """A result with errors, without success, or with a failed status is a failure."""
    assert _state(**result) == "failed"


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"success": True},
        {"success": "true"},
        {"status": "Updated", "success": True, "action": "update"},
        {"status": "Created"},
        {"errors": []},
        {"errors": None, "error": None},
    ],
)
def test_other_results_are_done(result):
    """Recorded results without an error count as done."""
    assert _state(**result) == "done"


def test_details_contain_the_reason():
    """The reason is read from whichever key contains it."""
    job = Job("J", "completed", results=[{"id": 1, "errors": "Name is too long"}])
    (result,) = outcomes_of_job(KNOWN, job)

    assert result.details == "Name is too long"


def _tickets(number=3):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


@pytest.fixture
def slow(emulator):
    """Return an emulator whose jobs never end."""
    emulator.switches.job_seconds = 10**9
    return emulator


def test_a_job_that_never_ends_is_abandoned(slow):
    """After an hour, the outcomes are unknown, and their details contain the job's id."""
    began = slow.clock.now()
    result = Ticket.objects.bulk_create(_tickets(), raise_on_failure=False)

    assert [outcome.state for outcome in result] == ["unknown"] * 3
    assert {outcome.error for outcome in result} == {"JobTimeout"}
    assert f"Job.load({result.jobs[0].id!r})" in result.failed[0].details
    assert 3600 <= slow.clock.now() - began < 3700


@pytest.mark.parametrize("method", ["bulk_create", "bulk_update", "update", "delete"])
def test_timeout_limits_the_wait_of_one_call(emulator, method):
    """`timeout=` is the number of seconds for which a call waits for its jobs."""
    created = Ticket.objects.bulk_create(_tickets()).succeeded
    emulator.switches.job_seconds = 10**9
    for element in created:
        element.subject = "y"
    rows = Ticket.objects.filter(id__in=[item.pk for item in created])
    work = {
        "bulk_create": lambda **how: Ticket.objects.bulk_create(_tickets(), **how),
        "bulk_update": lambda **how: Ticket.objects.bulk_update(created, **how),
        "update": lambda **how: rows.update(priority="low", **how),
        "delete": rows.delete,
    }[method]
    began = emulator.clock.now()
    result = work(timeout=30, raise_on_failure=False)

    assert {outcome.state for outcome in result} == {"unknown"}
    assert 30 <= emulator.clock.now() - began < 60


def test_an_account_has_a_default_timeout(slow):
    """`account.job_timeout` applies to calls without `timeout=`."""
    connections["default"].job_timeout = 60.0
    began = slow.clock.now()
    with pytest.raises(BulkError, match="deadline"):
        Ticket.objects.bulk_create(_tickets())

    assert slow.clock.now() - began < 120


_NO_DURATIONS = [
    0,
    -1,
    True,
    math.nan,
    math.inf,
    10**400,
    "60",
    Decimal("NaN"),
    timedelta(seconds=60),
]


@pytest.mark.parametrize("timeout", _NO_DURATIONS)
@pytest.mark.parametrize("method", ["bulk_create", "bulk_update", "update", "delete"])
def test_a_timeout_must_be_positive(emulator, method, timeout):
    """A timeout that no job could meet is rejected before anything is sent."""
    rows = Ticket.objects.filter(id__in=[1, 2])
    work = {
        "bulk_create": lambda **how: Ticket.objects.bulk_create(_tickets(), **how),
        "bulk_update": lambda **how: Ticket.objects.bulk_update([Ticket(id=1)], **how),
        "update": lambda **how: rows.update(priority="low", **how),
        "delete": rows.delete,
    }[method]
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="timeout"):
        work(timeout=timeout)

    assert emulator.requests == []


@pytest.mark.parametrize("timeout", _NO_DURATIONS)
def test_all_timeouts_are_validated(emulator, timeout):
    """The timeout of an account, a job or a merge must be a number of seconds above 0."""
    account = connections["default"]
    job = Job("V3-1", status="queued")
    emulator.requests.clear()

    with pytest.raises(InvalidValue, match="job_timeout"):
        account.job_timeout = timeout
    with pytest.raises(InvalidValue, match="timeout"):
        job.wait(timeout)
    with pytest.raises(InvalidValue, match="timeout"):
        Organization(id=1).merge(into=2, timeout=timeout)
    with pytest.raises(InvalidValue, match="timeout"):
        OrganizationMerge(id="1").wait(timeout)
    assert account.job_timeout == 3600
    assert emulator.requests == []


def test_actions_have_the_timeout_of_the_account(emulator):
    """A merge whose job never ends has an unknown outcome."""
    one, other = Ticket.objects.bulk_create(_tickets(2)).succeeded
    emulator.switches.job_seconds = 10**9
    with pytest.raises(BulkError) as caught:
        one.merge(other)

    assert [outcome.state for outcome in caught.value.result] == ["unknown"]


# -- conflicts ---------------------------------------------------------------


def test_ignored_objects_have_the_id_of_the_existing_row(emulator):
    """An ignored object stands for the existing row."""
    old = User.objects.create(name="Old", email="old@e.org", notes="kept")
    connections["default"].cache.clear()
    users = [User(name="Other", email="old@e.org"), User(name="New", email="new@e.org")]
    result = User.objects.bulk_create(users, ignore_conflicts=True, unique_fields=["email"])

    assert [outcome.state for outcome in result] == ["ignored", "done"]
    assert users[0] == old
    assert users[0].changes() == {}
    assert (users[0].name, users[0].notes) == ("Old", "kept")
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"), requester=users[0])
    assert ticket.requester == old


@pytest.mark.parametrize("name", ["id", "pk"])
@pytest.mark.parametrize("method", ["get_or_create", "update_or_create", "create"])
def test_an_id_cannot_be_set(emulator, method, name):
    """Creating an object with an id is rejected before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="id"):
        getattr(Ticket.objects, method)(**{name: 99_999})

    assert emulator.requests == []


def test_defaults_cannot_contain_an_id(emulator):
    """Defaults are values of a new object, which cannot have an id."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="id"):
        User.objects.update_or_create(email="a@e.org", defaults={"id": 5})

    assert emulator.requests == []


NUMBERED, UNSAVED = [Ticket(id=1), Ticket(id=2)], [Ticket(), Ticket()]


@pytest.mark.parametrize(
    ("tickets", "results", "states", "ids"),
    [
        (NUMBERED, [{"id": 2}, {"id": 1}], ["done", "done"], [1, 2]),
        (NUMBERED, [{"id": "1"}, {"id": "2"}], ["done", "done"], [1, 2]),
        (NUMBERED, [{"id": 1, "index": 1}, {"id": 2, "index": 0}], ["done", "done"], [1, 2]),
        (NUMBERED, [{"id": 1, "index": 5}, {"id": 2, "index": 5}], ["done", "done"], [1, 2]),
        (NUMBERED, [{}, {}], ["done", "done"], [1, 2]),
        (NUMBERED, [{"id": 1}, {}], ["done", "done"], [1, 2]),
        (NUMBERED, [{"id": 777}, {"id": 778}], ["unknown", "unknown"], [1, 2]),
        (NUMBERED, [{"id": 1}, {"id": 1}], ["done", "unknown"], [1, 2]),
        (NUMBERED, [{"id": 777}, {"error": "E"}], ["unknown", "unknown"], [1, 2]),
        (NUMBERED, [{"id": 777, "index": 0}, {"id": 2, "index": 1}], ["unknown", "done"], [1, 2]),
        (UNSAVED, [{"id": 5}, {"id": 6}], ["done", "done"], [5, 6]),
        (UNSAVED, [{"id": "6", "index": 1}, {"id": 5, "index": 0}], ["done", "done"], [5, 6]),
        (UNSAVED, [{"id": 0}, {"id": "x"}], ["unknown", "unknown"], [None, None]),
        (UNSAVED, [{}, {"id": None}], ["unknown", "unknown"], [None, None]),
    ],
)
def test_results_belong_to_the_objects_of_their_ids(tickets, results, states, ids):
    """A result with an id belongs to the object of that id only; without one, the order counts."""
    outcomes = outcomes_of_job(tickets, Job("J", "completed", results=results))

    assert [outcome.state for outcome in outcomes] == states
    assert [outcome.id for outcome in outcomes] == ids

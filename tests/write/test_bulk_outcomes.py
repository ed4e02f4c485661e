"""Outcomes of jobs that say they failed, end in an unknown way, or never end."""

from __future__ import annotations

import pytest

from zendesk_orm import BulkError, Comment, InvalidValue, Ticket, User, connections
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.outcomes import outcomes


KNOWN = [Ticket(id=1)]


def _state(**result):
    (found,) = outcomes(KNOWN, Job("J", "completed", results=[{"id": 1, **result}]))
    return found.state


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
def test_a_result_that_says_so_has_failed(result):
    """A result with errors, without success, or with a status of failure has failed."""
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
def test_a_result_without_a_failure_is_done(result):
    """The results that Zendesk was recorded with count as done."""
    assert _state(**result) == "done"


def test_a_failed_result_tells_its_reason():
    """Details come from whichever key holds them."""
    job = Job("J", "completed", results=[{"id": 1, "errors": "Name is too long"}])
    (found,) = outcomes(KNOWN, job)

    assert found.details == "Name is too long"


def _tickets(number=3):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


@pytest.fixture
def slow(emulator):
    """Return the emulator, whose jobs take for ever."""
    emulator.switches.job_seconds = 10**9
    return emulator


def test_a_job_that_never_ends_is_given_up(slow):
    """After an hour the objects of a job are unknown, and the outcome names the job."""
    began = slow.clock.now()
    result = Ticket.objects.bulk_create(_tickets(), raise_on_failure=False)

    assert ["unknown"] * 3 == [each.state for each in result]
    assert {"JobTimeout"} == {each.error for each in result}
    assert f"Job.load({result.jobs[0].id!r})" in result.failed[0].details
    assert 3600 <= slow.clock.now() - began < 3700


@pytest.mark.parametrize("method", ["bulk_create", "bulk_update", "update", "delete"])
def test_a_call_has_a_deadline_of_its_own(emulator, method):
    """`timeout=` limits the seconds for which the jobs of one call are waited for."""
    made = Ticket.objects.bulk_create(_tickets()).succeeded
    emulator.switches.job_seconds = 10**9
    for each in made:
        each.subject = "y"
    rows = Ticket.objects.filter(id__in=[each.pk for each in made])
    work = {
        "bulk_create": lambda **how: Ticket.objects.bulk_create(_tickets(), **how),
        "bulk_update": lambda **how: Ticket.objects.bulk_update(made, **how),
        "update": lambda **how: rows.update(priority="low", **how),
        "delete": rows.delete,
    }[method]
    began = emulator.clock.now()
    result = work(timeout=30, raise_on_failure=False)

    assert {"unknown"} == {each.state for each in result}
    assert 30 <= emulator.clock.now() - began < 60


def test_an_account_has_a_deadline(slow):
    """`account.job_timeout` is the deadline of calls that name none."""
    connections["default"].job_timeout = 60.0
    began = slow.clock.now()
    with pytest.raises(BulkError, match=r"still \w+ at the deadline"):
        Ticket.objects.bulk_create(_tickets())

    assert slow.clock.now() - began < 120


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_deadline_lies_in_the_future(emulator, timeout):
    """A deadline that no job could keep is rejected before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="timeout must be"):
        Ticket.objects.bulk_create(_tickets(), timeout=timeout)

    assert emulator.requests == []


def test_a_merge_that_never_ends_is_unknown(emulator):
    """Actions that run in a job have the deadline of the account, too."""
    one, other = Ticket.objects.bulk_create(_tickets(2)).succeeded
    emulator.switches.job_seconds = 10**9
    with pytest.raises(BulkError) as caught:
        one.merge(other)

    assert [each.state for each in caught.value.result] == ["unknown"]


# -- conflicts ---------------------------------------------------------------


def test_ignored_objects_have_the_id_of_the_row_that_exists(emulator):
    """An object that is left alone because it exists stands for the existing row."""
    old = User.objects.create(name="Old", email="old@e.org", notes="kept")
    connections["default"].rows.clear()
    users = [User(name="Other", email="old@e.org"), User(name="New", email="new@e.org")]
    result = User.objects.bulk_create(users, ignore_conflicts=True, unique_fields=["email"])

    assert ["ignored", "done"] == [each.state for each in result]
    assert users[0] == old
    assert users[0].changes() == {}
    assert (users[0].name, users[0].notes) == ("Old", "kept")
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"), requester=users[0])
    assert ticket.requester == old


@pytest.mark.parametrize("name", ["id", "pk"])
@pytest.mark.parametrize("method", ["get_or_create", "update_or_create", "create"])
def test_an_id_cannot_be_chosen(emulator, method, name):
    """Creating by id is rejected before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="Zendesk chooses the id of a new ticket"):
        getattr(Ticket.objects, method)(**{name: 99_999})

    assert emulator.requests == []


def test_an_id_among_the_defaults_cannot_be_chosen(emulator):
    """Defaults are values of a new object, too."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="Zendesk chooses the id"):
        User.objects.update_or_create(email="a@e.org", defaults={"id": 5})

    assert emulator.requests == []

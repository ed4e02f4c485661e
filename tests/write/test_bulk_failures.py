"""Failures of some or all objects of a bulk operation."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConnectionLost,
    Organization,
    RetryPolicy,
    Ticket,
    User,
    post_bulk,
    receiver,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture
def partial_failure(emulator):
    """Return the error of a bulk creation in which 2 of 150 organizations fail, and those."""
    Organization.objects.create(name="Taken")
    organizations = [Organization(name=f"O{n}") for n in range(150)]
    organizations[7].name = organizations[120].name = "Taken"
    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create(organizations)
    return caught.value, organizations


def test_all_jobs_run_before_failures_are_raised(partial_failure):
    """148 organizations of both jobs are created."""
    error, _ = partial_failure

    assert len(error.result) == 148
    assert Organization.objects.count() == 149


def test_the_error_contains_the_count_and_the_first_reason(partial_failure):
    """The message counts the failures, and describes the first one."""
    error, _ = partial_failure

    assert str(error).startswith("2 of 150 objects failed, the first (<Organization None: Taken>)")
    assert "already been taken" in str(error)


def test_each_failure_belongs_to_its_object(partial_failure):
    """The outcome of an object that failed contains Zendesk's reason."""
    error, organizations = partial_failure

    assert [outcome.object for outcome in error.result.failed] == [
        organizations[7],
        organizations[120],
    ]
    assert {outcome.error for outcome in error.result.failed} == {"OrganizationCreateFailed"}
    assert all("already been taken" in outcome.details for outcome in error.result.failed)


def test_objects_that_succeeded_have_ids(partial_failure):
    """Objects that succeeded are saved, and objects that failed are still new."""
    _, organizations = partial_failure

    assert [n for n, item in enumerate(organizations) if item.pk is None] == [7, 120]
    assert organizations[7].changes() == {"name": (None, "Taken")}
    rows = {row.pk: row.name for row in Organization.objects.all()}
    assert all(
        rows[organization.pk] == organization.name
        for organization in organizations
        if organization.pk
    )


def test_failed_objects_can_be_retried(partial_failure):
    """After a correction, `retry_failed()` sends only the objects that failed."""
    error, organizations = partial_failure
    organizations[7].name, organizations[120].name = "Free", "Free, too"

    again = error.result.retry_failed()

    assert len(again) == 2
    assert Organization.objects.count() == 151
    assert all(organization.pk for organization in organizations)


def test_a_failed_retry_raises(partial_failure):
    """Objects that fail again raise an error with a new result."""
    error, organizations = partial_failure
    organizations[7].name = "Free"

    with pytest.raises(BulkError) as caught:
        error.result.retry_failed()

    assert [outcome.object for outcome in caught.value.result.failed] == [organizations[120]]


def test_a_result_is_true_if_all_objects_succeeded(partial_failure, emulator):
    """`bool(result)` is False if an object failed."""
    error, _ = partial_failure

    assert not error.result
    assert Organization.objects.bulk_create([Organization(name="New")])


def test_the_error_can_be_pickled(partial_failure):
    """The pickled error has its message and its outcomes."""
    error, _ = partial_failure

    copy = pickle.loads(pickle.dumps(error))

    assert str(error) == str(copy)
    assert [outcome.details for outcome in error.result.failed] == [
        outcome.details for outcome in copy.result.failed
    ]


def test_post_bulk_is_sent_before_the_error(emulator):
    """`post_bulk` contains the failures."""
    results = []

    @receiver(post_bulk, sender=Organization)
    def hear(sender, result, **kwargs):
        results.append((len(result), len(result.failed)))

    rows = [Organization(name="Same"), Organization(name="Same")]
    with pytest.raises(BulkError):
        Organization.objects.bulk_create(rows)

    assert results == [(1, 1)]


def test_a_failed_update_does_not_affect_the_others(emulator):
    """A closed ticket fails, and the others are updated."""
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]
    Ticket.objects.bulk_create(tickets)
    Ticket.objects.filter(id=tickets[1].pk).update(status="closed")
    for ticket in tickets:
        ticket.priority = "high"

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_update(tickets)

    assert [outcome.object for outcome in caught.value.result.failed] == [tickets[1]]
    assert tickets[1].changes() == {"priority": (None, "high")}
    priorities = [Ticket.objects.get(ticket.pk).priority for ticket in tickets]
    assert [
        priority if ticket is not tickets[1] else None
        for ticket, priority in zip(tickets, priorities, strict=True)
    ] == ["high", None, "high"]


def test_a_failed_deletion_does_not_affect_the_others(emulator):
    """A row that does not exist fails, and the others are deleted."""
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]
    Ticket.objects.bulk_create(tickets)
    rows = Ticket.objects.fresh()
    list(rows)
    tickets[1].delete()

    with pytest.raises(BulkError) as caught:
        rows.delete()

    assert [outcome.id for outcome in caught.value.result.failed] == [tickets[1].pk]
    assert Ticket.objects.fresh().count() == 0


@pytest.mark.parametrize(
    ("status", "name"), [(422, "Unprocessable"), (403, "PermissionDenied"), (400, "BadRequest")]
)
def test_a_rejected_request_fails_its_objects(emulator, status, name):
    """Each object of the request has a failed outcome, and the other request is sent."""
    emulator.fail_next(status, body={"error": "Nope", "description": "not today"})
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(150)]

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create(tickets)

    assert [outcome.object for outcome in caught.value.result.failed] == tickets[:100]
    assert len(list(caught.value.result)) == 150
    assert {outcome.error for outcome in caught.value.result.failed} == {name}
    assert all("not today" in outcome.details for outcome in caught.value.result.failed)
    assert Ticket.objects.fresh().count() == 50


def test_a_creation_with_an_unknown_outcome_is_not_sent_again(emulator):
    """A repeated request could create a hundred tickets twice; the outcomes are unknown."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create(tickets)

    assert {outcome.error for outcome in caught.value.result.failed} == {ConnectionLost.__name__}
    assert emulator.requests.count("POST tickets/create_many") == 1


def test_a_failed_status_request_is_repeated(emulator):
    """The job goes on if a request for its status fails."""
    emulator.fail_next(500, times=2, path="job_statuses")

    result = Ticket.objects.bulk_create([Ticket(subject="x", comment=Comment(body="y"))])

    assert len(result) == 1
    assert sum("job_statuses" in request for request in emulator.requests) == 3


def test_jobs_above_the_limit_are_sent_later():
    """If other clients fill the queue, the operation waits after a 429, and no object fails."""
    with Emulator(max_jobs=1, job_seconds=30) as emulator:
        emulator.connect()

        result = User.objects.bulk_create(User(name=f"U{n}") for n in range(250))

        assert len(result) == 250
        assert User.objects.count() == 251


def test_objects_fail_if_zendesk_cannot_be_reached(emulator):
    """After the last attempt, the outcome of each object contains the connection error."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(503, times=2)

    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create(Organization(name=f"O{n}") for n in range(150))

    assert len(caught.value.result.failed) == 150
    assert len(list(caught.value.result)) == 150

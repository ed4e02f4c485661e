"""Requests and jobs without a result: nothing is done twice, and nothing is lost."""

from __future__ import annotations

import pickle
from functools import partial

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConnectFailed,
    InvalidValue,
    Macro,
    Organization,
    RetryPolicy,
    Ticket,
    User,
)
from zendesk_orm.emulator import Emulator


def _tickets(number, start=0):
    return [
        Ticket(subject=f"T{n}", external_id=f"ext-{n}", comment=Comment(body="x"))
        for n in range(start, start + number)
    ]


def _count_creations(emulator):
    return emulator.requests.count("POST tickets/create_many")


def _result_of_lost_response(
    emulator, objects, *, applied=True, path="tickets/create_many", write=None
):
    """Return the result of a bulk operation whose first response is lost."""
    emulator.fail_next(None, after_applying=applied, path=path)
    with pytest.raises(BulkError) as caught:
        (write or Ticket.objects.bulk_create)(objects)
    return caught.value.result


# -- a lost response ---------------------------------------------------------


def test_a_lost_response_has_unknown_outcomes(emulator):
    """The objects of the request are unknown, the others done; the details contain the remedy."""
    result = _result_of_lost_response(emulator, _tickets(150))

    assert [outcome.state for outcome in result] == ["unknown"] * 100 + ["done"] * 50
    assert all(
        outcome.unknown and "retry_failed(unknown=True)" in outcome.details
        for outcome in result.failed
    )
    assert _count_creations(emulator) == 2


def test_the_error_counts_unknown_outcomes(emulator):
    """Unknown outcomes are counted separately from failures."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")

    with pytest.raises(BulkError, match="unknown") as caught:
        Ticket.objects.bulk_create(_tickets(3))

    assert str(caught.value).count("3") == 3


def test_a_retry_does_not_send_unknown_objects(emulator):
    """`retry_failed()` keeps unknown outcomes, and raises them again."""
    result = _result_of_lost_response(emulator, _tickets(3))
    del emulator.requests[:]

    with pytest.raises(BulkError, match="unknown") as caught:
        result.retry_failed()

    assert result.unknown == caught.value.result.unknown
    assert _count_creations(emulator) == 0


def test_a_retry_sends_failed_objects_and_keeps_unknown_outcomes(emulator):
    """A result can contain failed and unknown outcomes."""
    Organization.objects.create(name="Taken")
    rows = [Organization(name=f"O{n}") for n in range(150)]
    rows[120].name = "Taken"
    result = _result_of_lost_response(
        emulator, rows, path="organizations/create_many", write=Organization.objects.bulk_create
    )
    rows[120].name = "Free"

    with pytest.raises(BulkError) as caught:
        result.retry_failed()

    assert caught.value.result.succeeded == [rows[120]]
    assert [item.object for item in caught.value.result.unknown] == rows[:100]
    assert len(list(caught.value.result)) == 101


def test_a_retry_raises_like_the_first_call(emulator):
    """After `raise_on_failure=False`, `retry_failed()` does not raise either."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")
    result = Ticket.objects.bulk_create(_tickets(3), raise_on_failure=False)

    again = result.retry_failed()

    assert (len(again.unknown), bool(again)) == (3, False)
    assert len(again.retry_failed(unknown=True)) == 3


@pytest.mark.parametrize("applied", [True, False])
def test_unknown_tickets_are_found_by_their_external_id(emulator, applied):
    """Existing tickets get their ids, and the others are created: each exists once."""
    tickets = _tickets(150)
    result = _result_of_lost_response(emulator, tickets, applied=applied)

    again = result.retry_failed(unknown=True)

    assert (len(again), again.outcomes[0].state) == (100, "done")
    assert (2 if applied else 3) == _count_creations(emulator)
    rows = {row.pk: row.external_id for row in Ticket.objects.fresh()}
    assert {ticket.pk: ticket.external_id for ticket in tickets} == rows


def test_an_older_ticket_with_the_external_id_is_not_used(emulator):
    """External ids of tickets are not unique, so only tickets created since then count."""
    (old,) = Ticket.objects.bulk_create(_tickets(1)).succeeded
    emulator.clock.sleep(3_600)
    (new,) = tickets = _tickets(1)
    result = _result_of_lost_response(emulator, tickets, applied=False)

    result.retry_failed(unknown=True)

    assert old.pk != new.pk
    assert Ticket.objects.fresh().count() == 2


def test_an_unknown_object_without_an_external_id_is_sent_again_on_request(emulator):
    """It cannot be looked up, so that only `retry_failed(unknown=True)` sends it again."""
    tickets = [Ticket(subject="x", comment=Comment(body="y"))]
    result = _result_of_lost_response(emulator, tickets, applied=False)

    assert len(result.retry_failed(unknown=True)) == 1
    assert Ticket.objects.fresh().count() == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(priority="low"),
        lambda rows: rows.delete(),
        lambda rows: Ticket.objects.bulk_update([_with_priority(row) for row in rows]),
    ],
    ids=["update", "delete", "bulk_update"],
)
def test_bulk_requests_are_not_repeated_automatically(emulator, write):
    """A second job would find rows already changed or deleted, and report failures."""
    Ticket.objects.bulk_create(_tickets(3))
    rows = Ticket.objects.fresh()
    list(rows)
    del emulator.requests[:]

    result = _result_of_lost_response(emulator, rows, path="tickets/", write=write)

    assert len(emulator.requests) == 1
    assert [outcome.state for outcome in result] == ["unknown"] * 3


def _with_priority(ticket):
    ticket.priority = "high"
    return ticket


def test_unknown_updates_can_be_retried(emulator):
    """Edits with an unknown outcome stay edits, and are sent again."""
    tickets = Ticket.objects.bulk_create(_tickets(3)).succeeded
    for item in tickets:
        item.priority = "high"
    result = _result_of_lost_response(
        emulator, tickets, path="tickets/update_many", write=Ticket.objects.bulk_update
    )

    assert len(result.retry_failed(unknown=True)) == 3
    assert {row.priority for row in Ticket.objects.fresh()} == {"high"}
    assert [ticket.changes() for ticket in tickets] == [{}] * 3


@pytest.mark.parametrize(
    ("status", "headers", "state"),
    [
        (500, {}, "unknown"),
        (502, {}, "unknown"),
        (503, {}, "unknown"),
        (503, {"Retry-After": "1"}, "failed"),
        (429, {"Retry-After": "1"}, "failed"),
        (422, {}, "failed"),
        (200, {}, "unknown"),
    ],
)
def test_server_errors_and_invalid_responses_are_unknown(emulator, status, headers, state):
    """A 500 or an invalid response has an unknown outcome; a rejection is a failure."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(status, headers=headers, body={})

    result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

    assert [outcome.state for outcome in result] == [state]


@pytest.mark.parametrize(("status", "body"), [(204, None), (200, {})])
@pytest.mark.parametrize(
    ("path", "write"),
    [
        ("tickets/create_many", lambda: Ticket.objects.bulk_create(_tickets(2))),
        ("tickets/update_many", lambda: Ticket.objects.filter(id__in=[1, 2]).update(status="open")),
        ("users/create_many", lambda: User.objects.bulk_create([User(name="a"), User(name="b")])),
        (
            "macros/update_many",
            lambda: Macro.objects.bulk_update([Macro(id=1, active=True), Macro(id=2, active=True)]),
        ),
    ],
)
def test_a_response_without_a_job_or_rows_confirms_no_change(emulator, path, write, status, body):
    """Creations and updates are confirmed by a job or by rows; otherwise, they are unknown."""
    emulator.fail_next(status, body=body, path=path)

    with pytest.raises(BulkError) as caught:
        write()

    assert [outcome.state for outcome in caught.value.result] == ["unknown"] * 2


def test_a_response_without_a_body_confirms_deletions(emulator):
    """A DELETE with status 204 deleted the rows."""
    emulator.fail_next(204, path="macros/destroy_many")

    result = Macro.objects.filter(id__in=[1, 2]).delete()

    assert [outcome.state for outcome in result] == ["done"] * 2


def test_a_request_that_was_never_sent_has_failed(account, monkeypatch):
    """Without a connection, nothing can have been changed."""

    def refuse(request):
        raise ConnectFailed("nobody there")

    monkeypatch.setattr(account.transport, "send", refuse)

    result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

    assert [(outcome.state, outcome.error) for outcome in result] == [("failed", "ConnectFailed")]


# -- unreadable jobs ---------------------------------------------------------


def test_repeatedly_failing_status_requests_leave_outcomes_unknown(emulator):
    """The details contain the id of the job."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(500, times=99, path="job_statuses")

    result = Ticket.objects.bulk_create(_tickets(150), raise_on_failure=False)

    assert [outcome.state for outcome in result] == ["unknown"] * 150
    assert f"Job.load('{result.jobs[0].id}').wait()" in result.failed[0].details
    assert sum("job_statuses" in request for request in emulator.requests) == 5
    emulator.wsgi.faults.clear()
    assert len(result.jobs[0].wait().results) == 100


def test_some_failing_status_requests_are_tolerated(emulator):
    """Four failures in a row are followed by another attempt."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(500, times=4, path="job_statuses")

    assert len(Ticket.objects.bulk_create(_tickets(150))) == 150


def test_a_vanished_job_has_unknown_outcomes(emulator):
    """After five requests that do not find it, the outcomes of its objects are unknown."""
    emulator.fail_next(200, times=5, path="job_statuses/show_many", body={"job_statuses": []})
    emulator.fail_next(200, times=5, path="job_statuses", body={"job_statuses": []})

    result = Ticket.objects.bulk_create(_tickets(150), raise_on_failure=False)

    assert {(outcome.state, outcome.error) for outcome in result} == {("unknown", "JobLost")}


# -- too many jobs -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("status", [429, 400, 409, 422, 500, 503])
def test_a_full_job_queue_is_retried(status):
    """Nothing was applied, so the request is sent again, whatever the status."""
    with Emulator(max_jobs=2, job_seconds=30, too_many_jobs_status=status) as emulator:
        emulator.connect()

        result = User.objects.bulk_create(User(name=f"U{n}") for n in range(550))

        assert len(result) == 550
        assert User.objects.count() == 551


def test_jobs_of_other_clients_are_awaited():
    """If none of the running jobs belongs to this client, it waits."""
    with Emulator(max_jobs=1, job_seconds=100, too_many_jobs_status=400) as emulator:
        emulator.connect()
        Ticket.objects.bulk_create(_tickets(1), wait=False)

        assert len(Ticket.objects.bulk_create(_tickets(1, start=1))) == 1
        assert Ticket.objects.fresh().count() == 2


def test_a_queue_that_stays_full_fails():
    """After an hour, the objects fail, and can be sent again safely."""
    with Emulator(max_jobs=0, too_many_jobs_status=400) as emulator:
        emulator.connect()
        before = emulator.clock.now()

        result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

        assert [outcome.state for outcome in result] == ["failed"]
        assert 3_600 <= emulator.clock.now() - before < 4_000


def test_the_limit_of_jobs_is_read_from_a_header(emulator):
    """`zendesk-ratelimit-inflight-jobs` is respected."""
    emulator.switches.max_jobs = 3
    account = emulator.connect()
    account.quota.update({"zendesk-ratelimit-inflight-jobs": "total=3; remaining=3; resets=60"})

    assert len(Ticket.objects.bulk_create(_tickets(1_000))) == 1_000
    assert _count_creations(emulator) == 10


@pytest.mark.parametrize("method", ["bulk_create", "import_many"])
def test_a_lost_creation_names_its_method(emulator, method):
    """An object whose creation was lost names the method that sent it, and the way to continue."""
    ticket = Ticket(subject="Fire", comment=Comment(body="Help!"))
    emulator.fail_next(None, method="POST", after_applying=True)
    with pytest.raises(BulkError) as caught:
        getattr(Ticket.objects, method)([ticket])

    for again in (ticket.save, partial(Ticket.objects.import_many, [ticket])):
        with pytest.raises(InvalidValue, match=method):
            again()
    assert caught.value.result.unknown


def test_a_lost_deletion_can_be_sent_again(emulator):
    """The message of a lost bulk deletion does not warn of a second effect."""
    tickets = [Ticket.objects.create(subject=s, comment=Comment(body="b")) for s in ("a", "b")]
    emulator.fail_next(None, method="DELETE", after_applying=True)

    with pytest.raises(BulkError) as caught:
        Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets]).delete()

    assert [outcome.state for outcome in caught.value.result.failed] == ["unknown", "unknown"]
    assert all("has no second effect" in outcome.details for outcome in caught.value.result.failed)


def test_a_pickled_result_cannot_wait(emulator):
    """A pickled result with running jobs raises, instead of returning outcomes that are pending."""
    emulator.switches.job_seconds = 30
    tickets = [Ticket(subject="a", comment=Comment(body="b"))]
    result = Ticket.objects.bulk_create(tickets, wait=False)
    copy = pickle.loads(pickle.dumps(result))

    with pytest.raises(InvalidValue, match="wait"):
        copy.wait()

    assert len(copy.jobs[0].wait().results) == 1
    assert result.wait().succeeded == tickets
    assert pickle.loads(pickle.dumps(result.wait())).wait().pending == []

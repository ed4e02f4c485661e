"""Requests and jobs that end without a word: nothing is done twice, and nothing is lost."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConnectFailed,
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


def _created(emulator):
    return emulator.requests.count("POST tickets/create_many")


def _lost(emulator, objects, *, applied=True, path="tickets/create_many", write=None):
    """Return the result of a bulk operation whose first request gets no answer."""
    emulator.fail_next(None, after_applying=applied, path=path)
    with pytest.raises(BulkError) as caught:
        (write or Ticket.objects.bulk_create)(objects)
    return caught.value.result


# -- a lost answer -----------------------------------------------------------


def test_the_fate_of_a_lost_request_is_unknown(emulator):
    """Its hundred are unknown, the others done; the outcome says what to do."""
    result = _lost(emulator, _tickets(150))

    assert ["unknown"] * 100 + ["done"] * 50 == [each.state for each in result]
    assert all(
        each.unknown and "retry_failed(unknown=True)" in each.details for each in result.failed
    )
    assert 2 == _created(emulator)


def test_the_error_says_how_many_are_unknown(emulator):
    """They are failures of another kind."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")

    with pytest.raises(BulkError, match=r"3 of 3 objects failed.*; of 3 it is unknown"):
        Ticket.objects.bulk_create(_tickets(3))


def test_trying_again_does_not_send_what_may_be_done(emulator):
    """Unless that is said, the unknown stay unknown, and are still raised."""
    result = _lost(emulator, _tickets(3))
    del emulator.requests[:]

    with pytest.raises(BulkError, match="of 3 it is unknown") as caught:
        result.retry_failed()

    assert result.unknown == caught.value.result.unknown
    assert 0 == _created(emulator)


def test_trying_again_sends_what_failed_and_keeps_the_unknown(emulator):
    """Failures and unknown ones in one result are told apart."""
    Organization.objects.create(name="Taken")
    rows = [Organization(name=f"O{n}") for n in range(150)]
    rows[120].name = "Taken"
    result = _lost(
        emulator, rows, path="organizations/create_many", write=Organization.objects.bulk_create
    )
    rows[120].name = "Free"

    with pytest.raises(BulkError, match="100 of 101") as caught:
        result.retry_failed()

    assert [rows[120]] == caught.value.result.succeeded
    assert rows[:100] == [each.object for each in caught.value.result.unknown]


def test_trying_again_raises_as_the_first_time_did(emulator):
    """Where failures were not raised they are not raised again."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")
    result = Ticket.objects.bulk_create(_tickets(3), raise_on_failure=False)

    again = result.retry_failed()

    assert (3, False) == (len(again.unknown), bool(again))
    assert 3 == len(again.retry_failed(unknown=True))


@pytest.mark.parametrize("applied", [True, False])
def test_unknown_tickets_are_found_by_their_external_id(emulator, applied):
    """Those that were made get their ids, the others are made: each is there once."""
    tickets = _tickets(150)
    result = _lost(emulator, tickets, applied=applied)

    again = result.retry_failed(unknown=True)

    assert (100, "done") == (len(again), again.outcomes[0].state)
    assert (2 if applied else 3) == _created(emulator)
    rows = {row.pk: row.external_id for row in Ticket.objects.fresh()}
    assert {ticket.pk: ticket.external_id for ticket in tickets} == rows


def test_an_older_ticket_of_that_name_is_another(emulator):
    """External ids of tickets are not unique: only one made since is taken for the lost one."""
    (old,) = Ticket.objects.bulk_create(_tickets(1)).succeeded
    emulator.clock.sleep(3_600)
    (new,) = tickets = _tickets(1)
    result = _lost(emulator, tickets, applied=False)

    result.retry_failed(unknown=True)

    assert old.pk != new.pk
    assert 2 == Ticket.objects.fresh().count()


def test_without_an_external_id_it_is_sent_again_as_told(emulator):
    """Nothing tells whether they were made; whoever says so has them sent."""
    tickets = [Ticket(subject="x", comment=Comment(body="y"))]
    result = _lost(emulator, tickets, applied=False)

    assert 1 == len(result.retry_failed(unknown=True))
    assert 1 == Ticket.objects.fresh().count()


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(priority="low"),
        lambda rows: rows.delete(),
        lambda rows: Ticket.objects.bulk_update([_edited(each) for each in rows]),
    ],
    ids=["update", "delete", "bulk_update"],
)
def test_no_bulk_request_is_repeated_by_itself(emulator, write):
    """A second job beside the first would find rows changed or gone, and call that a failure."""
    Ticket.objects.bulk_create(_tickets(3))
    rows = Ticket.objects.fresh()
    list(rows)
    del emulator.requests[:]

    result = _lost(emulator, rows, path="tickets/", write=write)

    assert 1 == len(emulator.requests)
    assert ["unknown"] * 3 == [each.state for each in result]


def _edited(ticket):
    ticket.priority = "high"
    return ticket


def test_unknown_updates_are_done_by_trying_again(emulator):
    """What was edited is still an edit, and is sent."""
    tickets = Ticket.objects.bulk_create(_tickets(3)).succeeded
    for each in tickets:
        each.priority = "high"
    result = _lost(emulator, tickets, path="tickets/update_many", write=Ticket.objects.bulk_update)

    assert 3 == len(result.retry_failed(unknown=True))
    assert {"high"} == {row.priority for row in Ticket.objects.fresh()}
    assert [{}] * 3 == [each.changes() for each in tickets]


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
def test_what_may_be_done_is_unknown(emulator, status, headers, state):
    """A server that failed, or an answer that is none, says nothing; a refusal does."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(status, headers=headers, body={})

    result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

    assert [state] == [each.state for each in result]


def test_a_request_that_was_never_sent_has_failed(account, monkeypatch):
    """Nothing can have been done where no connection was made."""

    def refuse(request):
        raise ConnectFailed("nobody there")

    monkeypatch.setattr(account.transport, "send", refuse)

    result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

    assert [("failed", "ConnectFailed")] == [(each.state, each.error) for each in result]


# -- jobs that are not to be seen --------------------------------------------


def test_looks_that_fail_again_and_again_leave_the_fate_unknown(emulator):
    """The outcome names the job, which may tell later."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(500, times=99, path="job_statuses")

    result = Ticket.objects.bulk_create(_tickets(150), raise_on_failure=False)

    assert ["unknown"] * 150 == [each.state for each in result]
    assert f"Job.load('{result.jobs[0].id}').wait()" in result.failed[0].details
    assert 5 == sum("job_statuses" in each for each in emulator.requests)
    emulator.wsgi.faults.clear()
    assert 100 == len(result.jobs[0].wait().results)


def test_some_looks_that_fail_do_no_harm(emulator):
    """Four in a row are waited out."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(500, times=4, path="job_statuses")

    assert 150 == len(Ticket.objects.bulk_create(_tickets(150)))


def test_a_job_that_vanishes_leaves_the_fate_unknown(emulator):
    """Found nowhere in five looks, it is given up; the others have their outcomes."""
    emulator.fail_next(200, times=5, path="job_statuses/show_many", body={"job_statuses": []})
    emulator.fail_next(200, times=5, path="job_statuses", body={"job_statuses": []})

    result = Ticket.objects.bulk_create(_tickets(150), raise_on_failure=False)

    assert {("unknown", "JobLost")} == {(each.state, each.error) for each in result}


# -- too many jobs -----------------------------------------------------------


@pytest.mark.parametrize("status", [429, 400, 409, 422, 500, 503])
def test_too_many_jobs_is_waited_for_whatever_its_status(status):
    """Nothing was applied, so that it is sent again, and every object is made once."""
    with Emulator(most_jobs=2, job_seconds=30, too_many_jobs_status=status) as emulator:
        emulator.connect()

        result = User.objects.bulk_create(User(name=f"U{n}") for n in range(550))

        assert 550 == len(result)
        assert 551 == User.objects.count()


def test_jobs_of_others_are_waited_for():
    """Where none of the running jobs is ours, time is what helps."""
    with Emulator(most_jobs=1, job_seconds=100, too_many_jobs_status=400) as emulator:
        emulator.connect()
        Ticket.objects.bulk_create(_tickets(1), wait=False)

        assert 1 == len(Ticket.objects.bulk_create(_tickets(1, start=1)))
        assert 2 == Ticket.objects.fresh().count()


def test_a_queue_that_stays_full_fails_in_the_end():
    """After an hour the objects have failed, and may be sent again without harm."""
    with Emulator(most_jobs=0, too_many_jobs_status=400) as emulator:
        emulator.connect()
        before = emulator.clock.now()

        result = Ticket.objects.bulk_create(_tickets(1), raise_on_failure=False)

        assert ["failed"] == [each.state for each in result]
        assert 3_600 <= emulator.clock.now() - before < 4_000


def test_the_account_says_how_many_jobs_it_allows(emulator):
    """`zendesk-ratelimit-inflight-jobs` is heeded where Zendesk sends it."""
    emulator.switches.most_jobs = 3
    account = emulator.connect()
    account.quota.read({"zendesk-ratelimit-inflight-jobs": "total=3; remaining=3; resets=60"})

    assert 1_000 == len(Ticket.objects.bulk_create(_tickets(1_000)))
    assert 10 == _created(emulator)

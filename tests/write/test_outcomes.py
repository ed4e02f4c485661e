"""The recorded shapes of a job's results, each giving one outcome an object."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import BulkResult, Job, Outcome, Ticket
from zendesk_orm.write.outcomes import outcomes


def _job(results, status="completed", message=None):
    return Job("V3-1", status, 2, 2, message, results)


def _told(found):
    return [(each.id, each.ok, each.error, each.details) for each in found]


NEW = (Ticket(subject="a"), Ticket(subject="b"))
KNOWN = (Ticket(id=1), Ticket(id=2))

SHAPES = [
    (
        "by index, in any order",
        NEW,
        [{"index": 1, "id": 22, "account_id": 1}, {"index": 0, "id": 11, "account_id": 1}],
        [(11, True, "", ""), (22, True, "", "")],
    ),
    (
        "by index, one failed",
        NEW,
        [
            {"index": 1, "error": "TicketCreateFailed", "details": "no"},
            {"index": 0, "id": 11},
        ],
        [(11, True, "", ""), (None, False, "TicketCreateFailed", "no")],
    ),
    (
        "by id, in any order",
        KNOWN,
        [
            {"id": 2, "action": "update", "status": "Updated", "success": True},
            {"id": 1, "action": "update", "status": "Updated", "success": True},
        ],
        [(1, True, "", ""), (2, True, "", "")],
    ),
    (
        "by id, without success",
        KNOWN,
        [{"id": 1, "success": True}, {"id": 2, "success": False, "errors": "closed"}],
        [(1, True, "", ""), (2, False, "Failed", "closed")],
    ),
    (
        "by position",
        NEW,
        [{"id": 11, "status": "Created"}, {"id": 22, "status": "Created"}],
        [(11, True, "", ""), (22, True, "", "")],
    ),
    (
        "one for all",
        KNOWN,
        {"success": True},
        [(1, True, "", ""), (2, True, "", "")],
    ),
    (
        "none for all",
        KNOWN,
        None,
        [(1, True, "", ""), (2, True, "", "")],
    ),
    (
        "too few",
        NEW,
        [{"index": 0, "id": 11}],
        [
            (11, True, "", ""),
            (None, False, "NoResult", "the job does not tell what became of it"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("objects", "results", "expected"), [pytest.param(*rest, id=name) for name, *rest in SHAPES]
)
def test_results_become_outcomes(objects, results, expected):
    """Whatever the shape, each object has the outcome that belongs to it."""
    found = outcomes(objects, _job(results))

    assert list(objects) == [each.object for each in found]
    assert expected == _told(found)


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_a_job_that_failed_fails_its_objects(status):
    """Its message is the reason of each."""
    found = outcomes(KNOWN, _job(None, status, "out of luck"))

    assert [
        (1, False, "JobFailed", "out of luck"),
        (2, False, "JobFailed", "out of luck"),
    ] == _told(found)


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_a_killed_job_keeps_what_it_had_done(status):
    """Items with a result have it; the others are told to have none."""
    found = outcomes(KNOWN, _job([{"id": 1, "success": True}], status, "killed midway"))

    assert [(1, True, "", ""), (2, False, "NoResult", "killed midway")] == _told(found)


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ("queued", False),
        ("working", False),
        ("completed", True),
        ("failed", True),
        ("killed", True),
    ],
)
def test_a_job_has_ended_or_not(status, ended):
    """Three states are an end."""
    assert ended is _job(None, status).ended


def test_a_result_is_pickled_with_its_outcomes():
    """Objects included, so that another process can look at them."""
    result = BulkResult([Outcome(KNOWN[0], 1, ok=True)], [_job(None)])

    copy = pickle.loads(pickle.dumps(result))

    assert (1, ["V3-1"]) == (len(copy), [job.id for job in copy.jobs])
    assert [KNOWN[0]] == copy.succeeded


def test_nothing_to_try_again_is_nothing():
    """`retry_failed()` of a success does nothing."""
    assert 0 == len(BulkResult([Outcome(KNOWN[0], 1, ok=True)]).retry_failed())

"""Recorded results of jobs, each with one outcome for each object."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import BulkResult, Job, Outcome, Ticket
from zendesk_orm.write.bulk.results import outcomes_of_job


def _job(results, status="completed", message=None):
    return Job("V3-1", status, 2, 2, message, results)


def _fields(outcomes):
    return [(item.id, item.ok, item.error, item.details) for item in outcomes]


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
            (None, False, "NoResult", "the results of the job do not contain it"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("objects", "results", "expected"), [pytest.param(*values, id=name) for name, *values in SHAPES]
)
def test_results_become_outcomes(objects, results, expected):
    """Each object has its outcome, whatever the form of the results."""
    result = outcomes_of_job(objects, _job(results))

    assert list(objects) == [item.object for item in result]
    assert _fields(result) == expected


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_a_job_that_failed_fails_its_objects(status):
    """Its message is the reason of each failure."""
    result = outcomes_of_job(KNOWN, _job(None, status, "out of luck"))

    assert _fields(result) == [
        (1, False, "JobFailed", "out of luck"),
        (2, False, "JobFailed", "out of luck"),
    ]


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_results_of_a_killed_job_are_used(status):
    """Objects with a result have its outcome; the others have no result."""
    result = outcomes_of_job(KNOWN, _job([{"id": 1, "success": True}], status, "killed midway"))

    assert _fields(result) == [(1, True, "", ""), (2, False, "NoResult", "killed midway")]


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
def test_three_states_are_final(status, ended):
    """Jobs in other states are running."""
    assert ended is _job(None, status).ended


def test_a_result_is_pickled_with_its_outcomes():
    """The objects are pickled, too, so that another process can use them."""
    result = BulkResult([Outcome(KNOWN[0], 1, ok=True)], [_job(None)])

    copy = pickle.loads(pickle.dumps(result))

    assert (len(copy), [job.id for job in copy.jobs]) == (1, ["V3-1"])
    assert copy.succeeded == [KNOWN[0]]


def test_retrying_a_success_does_nothing():
    """`retry_failed()` of a result without failures sends no request."""
    assert len(BulkResult([Outcome(KNOWN[0], 1, ok=True)]).retry_failed()) == 0

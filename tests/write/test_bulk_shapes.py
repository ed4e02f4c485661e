"""Job results that do not clearly identify their objects."""

from __future__ import annotations

import pytest

from zendesk_orm import BulkResult, InvalidValue, Job, Organization, Outcome
from zendesk_orm.write.bulk.results import outcomes_of_job


def _job(results, status="completed", message=None):
    return Job("V3-1", status, 2, 2, message, results)


def _ids_and_states(outcomes):
    return [(item.id, item.state) for item in outcomes]


NEW = (Organization(name="a"), Organization(name="b"), Organization(name="c"))
KNOWN = (Organization(id=1), Organization(id=2), Organization(id=3))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_results_without_an_index_are_matched_by_order(order):
    """Results without an index belong to the remaining objects, in order."""
    failed = {"index": 1, "error": "OrganizationCreateFailed"}
    items = [{"id": 11, "status": "Created"}, failed, {"id": 33, "status": "Created"}]
    first, *_ = [n for n in order if n != 1]
    if first == 2:
        order = tuple(reversed(order)) if order[1] == 1 else order
    result = outcomes_of_job(NEW, _job([items[n] for n in order]))

    assert _ids_and_states(result) == [(11, "done"), (None, "failed"), (33, "done")]


def test_incomplete_results_without_ids_are_matched_to_no_object():
    """A result that could belong to several objects gives none of them an id."""
    result = outcomes_of_job(
        NEW, _job([{"id": 11, "status": "Created"}, {"id": 22, "status": "Created"}])
    )

    assert _ids_and_states(result) == [(None, "unknown")] * 3


def test_the_same_object_twice_has_two_outcomes():
    """Two results with the same id belong to the two occurrences, in order."""
    twice = (KNOWN[0], KNOWN[1], KNOWN[0])
    results = [{"id": 1, "success": True}, {"id": 2, "success": True}, {"id": 1, "error": "x"}]

    assert _ids_and_states(outcomes_of_job(twice, _job(results))) == [
        (1, "done"),
        (2, "done"),
        (1, "failed"),
    ]


def test_ids_can_be_strings():
    """Zendesk returns some ids as strings."""
    results = [{"id": "2", "error": "x"}, {"id": "1", "success": True}, {"id": "3", "success": 1}]

    states = [item.state for item in outcomes_of_job(KNOWN, _job(results))]

    assert states == ["done", "failed", "done"]


@pytest.mark.parametrize("results", [None, {"success": True}, [{"index": 0}]])
def test_a_creation_without_an_id_is_unknown(results):
    """The object may exist, so it must not be sent again by default."""
    (result,) = outcomes_of_job(NEW[:1], _job(results))

    assert (result.id, result.state, result.error) == (None, "unknown", "NoResult")


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_objects_of_a_failed_job_are_unknown(status):
    """Some objects may have been changed; the message of the job is kept."""
    result = outcomes_of_job(KNOWN[:1], _job(None, status, "out of luck"))

    assert [(item.state, item.details) for item in result] == [("unknown", "out of luck")]


def test_a_failure_of_all_objects_has_its_reason():
    """An object in place of the list of results contains the reason."""
    (result,) = outcomes_of_job(KNOWN[:1], _job({"success": False, "details": "locked"}))

    assert (result.ok, result.details) == (False, "locked")


def test_ok_determines_the_state():
    """An outcome without a state is done or failed, according to `ok`."""
    created = [Outcome(KNOWN[0], 1, ok=True), Outcome(KNOWN[0], 1, ok=False)]

    assert [item.state for item in created] == ["done", "failed"]
    assert [item.unknown for item in created] == [False, False]


def test_the_repr_of_a_result_has_the_counts():
    """The text contains the counts, and a result without failures is true."""
    result = BulkResult(
        [
            Outcome(KNOWN[0], 1, ok=True),
            Outcome(KNOWN[1], 2, ok=True, state="ignored"),
            Outcome(KNOWN[2], 3, ok=False, state="pending"),
        ]
    )

    assert repr(result) == "<BulkResult: 1 succeeded, 0 failed, 1 ignored, 1 pending>"
    assert bool(result)
    assert result.succeeded == [KNOWN[0]]


def test_an_unpickled_result_cannot_retry():
    """`retry_failed()` raises rather than doing nothing."""
    result = BulkResult([Outcome(KNOWN[0], 1, ok=False, error="Nope")])

    with pytest.raises(InvalidValue, match="failed"):
        result.retry_failed()

"""Results of jobs that do not say clearly which object they are about."""

from __future__ import annotations

import pytest

from zendesk_orm import BulkResult, InvalidValue, Job, Organization, Outcome
from zendesk_orm.write.outcomes import outcomes


def _job(results, status="completed", message=None):
    return Job("V3-1", status, 2, 2, message, results)


def _told(found):
    return [(each.id, each.state) for each in found]


NEW = (Organization(name="a"), Organization(name="b"), Organization(name="c"))
KNOWN = (Organization(id=1), Organization(id=2), Organization(id=3))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_failures_with_an_index_leave_the_rest_their_order(order):
    """Of results some have an index; the others are of the other objects, in order."""
    failed = {"index": 1, "error": "OrganizationCreateFailed"}
    items = [{"id": 11, "status": "Created"}, failed, {"id": 33, "status": "Created"}]
    first, *_ = [n for n in order if n != 1]
    if first == 2:
        order = tuple(reversed(order)) if order[1] == 1 else order
    found = outcomes(NEW, _job([items[n] for n in order]))

    assert [(11, "done"), (None, "failed"), (33, "done")] == _told(found)


def test_too_few_results_without_a_name_belong_to_nobody():
    """A result that could be any object's gives none of them a wrong id."""
    found = outcomes(NEW, _job([{"id": 11, "status": "Created"}, {"id": 22, "status": "Created"}]))

    assert [(None, "unknown")] * 3 == _told(found)


def test_the_same_object_twice_has_two_outcomes():
    """Two results of one id are those of the two, in order."""
    twice = (KNOWN[0], KNOWN[1], KNOWN[0])
    results = [{"id": 1, "success": True}, {"id": 2, "success": True}, {"id": 1, "error": "x"}]

    assert [(1, "done"), (2, "done"), (1, "failed")] == _told(outcomes(twice, _job(results)))


def test_ids_may_be_words():
    """Zendesk writes some ids as text."""
    results = [{"id": "2", "error": "x"}, {"id": "1", "success": True}, {"id": "3", "success": 1}]

    states = [each.state for each in outcomes(KNOWN, _job(results))]

    assert ["done", "failed", "done"] == states


@pytest.mark.parametrize("results", [None, {"success": True}, [{"index": 0}]])
def test_a_creation_that_tells_no_id_is_unknown(results):
    """The object may be there, so it is not to be sent again by mistake."""
    (found,) = outcomes(NEW[:1], _job(results))

    assert (None, "unknown", "NoResult") == (found.id, found.state, found.error)


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_what_a_job_was_doing_when_it_failed_is_unknown(status):
    """It may have come some way; its message is kept."""
    found = outcomes(KNOWN[:1], _job(None, status, "out of luck"))

    assert [("unknown", "out of luck")] == [(each.state, each.details) for each in found]


def test_one_failure_for_all_tells_its_reason():
    """The object in the place of results says what went wrong."""
    (found,) = outcomes(KNOWN[:1], _job({"success": False, "details": "locked"}))

    assert (False, "locked") == (found.ok, found.details)


def test_an_outcome_is_done_or_failed_unless_it_says_more():
    """`ok` is enough to make one."""
    made = [Outcome(KNOWN[0], 1, ok=True), Outcome(KNOWN[0], 1, ok=False)]

    assert ["done", "failed"] == [each.state for each in made]
    assert [False, False] == [each.unknown for each in made]


def test_a_result_shows_what_is_in_it():
    """Its text counts, and its truth means that none failed."""
    result = BulkResult(
        [
            Outcome(KNOWN[0], 1, ok=True),
            Outcome(KNOWN[1], 2, ok=True, state="ignored"),
            Outcome(KNOWN[2], 3, ok=False, state="pending"),
        ]
    )

    assert "<BulkResult: 1 succeeded, 0 failed, 1 ignored, 1 pending>" == repr(result)
    assert bool(result)
    assert [KNOWN[0]] == result.succeeded


def test_a_result_from_elsewhere_cannot_try_again():
    """Rather than doing nothing it says so."""
    result = BulkResult([Outcome(KNOWN[0], 1, ok=False, error="Nope")])

    with pytest.raises(InvalidValue, match=r"give the objects of \.failed"):
        result.retry_failed()

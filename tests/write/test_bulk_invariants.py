"""Rules for every bulk call of the library, whichever endpoint it uses."""

from __future__ import annotations

import pytest

from tests.write.bulk_cases import CASES
from zendesk_orm import (
    BulkError,
    FieldError,
    InvalidValue,
    Progress,
    Schedule,
    post_bulk,
)


pytestmark = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@pytest.fixture
def objects(case, account, emulator):
    """The objects of the call, created in the account."""
    created = case.make(account, emulator)
    emulator.requests.clear()
    return created


def _write_requests(emulator):
    """Return the requests other than GET."""
    return [request for request in emulator.requests if not request.startswith("GET")]


def test_each_object_has_one_outcome_and_one_signal_is_sent(case, objects):
    """The outcomes have the order of the objects, and `post_bulk` has the result."""
    received = []
    post_bulk.connect(lambda sender, **values: received.append(values), weak=False)

    result = case.call(objects)

    assert [outcome.state for outcome in result] == ["done"] * len(objects)
    assert [(item["action"], item["result"]) for item in received] == [(case.action, result)]


def test_an_object_of_another_model_is_rejected_before_anything_is_sent(case, objects, emulator):
    """It raises `InvalidValue`, whatever its position."""
    if case.by_query:
        return
    with pytest.raises(InvalidValue):
        case.call([*objects, Schedule(name="x")])

    assert _write_requests(emulator) == []


@pytest.mark.slow
def test_a_dry_run_sends_nothing(case, objects, account, emulator):
    """The change is shown, and the outcomes are pending."""
    with account.dry_run(quiet=True) as diff:
        result = case.call(objects)

    assert _write_requests(emulator) == []
    assert not str(diff).startswith("0 changes")
    assert {outcome.state for outcome in result} == {"pending"}


def test_a_batch_delays_or_rejects_the_call(case, objects, account, emulator):
    """Inside a batch, nothing is sent: the call is delayed or raises."""
    rejected = False
    batch = account.batch()
    try:
        with batch:
            try:
                case.call(objects)
            except (FieldError, InvalidValue):
                rejected = True
            inside = _write_requests(emulator)
    except BulkError as error:
        pytest.fail(str(error))

    assert inside == []
    assert rejected or [outcome.state for outcome in batch.result] == ["done"] * len(objects)


def test_a_call_that_does_not_wait_can_be_waited_for(case, objects):
    """With `wait=False`, the result of `wait()` has the outcomes."""
    result = case.call(objects, wait=False).wait()

    assert [outcome.state for outcome in result] == ["done"] * len(objects)


@pytest.mark.slow
def test_progress_is_reported(case, objects):
    """The callback receives the number of objects that are done."""
    reports = []

    case.call(objects, progress=reports.append)

    assert reports[-1] == Progress(len(objects), 0, len(objects), 0)


def test_an_error_response_is_an_outcome_of_each_object(case, objects, emulator):
    """The call raises `BulkError`, and with `raise_on_failure=False` returns failed outcomes."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        emulator.fail_next(403, times=2, method=method)

    with pytest.raises(BulkError) as caught:
        case.call(objects)
    result = case.call(objects, raise_on_failure=False)

    for item in (caught.value.result, result):
        assert [outcome.error for outcome in item] == ["PermissionDenied"] * len(objects)

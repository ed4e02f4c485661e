"""Which calls are bulk calls, and which objects they may change."""

from __future__ import annotations

import inspect

import pytest

from tests.contract.spec import declared_models
from tests.write.bulk_cases import CASES
from zendesk_orm import BulkError, Comment, InvalidValue, Ticket, Trigger, post_bulk
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.record import Record


def test_every_method_that_returns_a_bulk_result_is_a_case():
    """The invariants are tested for each method that returns a `BulkResult`."""
    managers = {type(model.objects).__name__: model for model in declared_models()}
    names = {case.name.partition(".")[2].partition("(")[0] for case in CASES}
    missing = []
    for model in managers.values():
        for name, method in inspect.getmembers(type(model.objects), inspect.isfunction):
            if name.startswith(("_", "a")) or hasattr(Manager, name):
                continue
            if str(inspect.signature(method).return_annotation) == "BulkResult":
                missing += [] if name in names else [f"{model.__name__}.{name}"]

    assert missing == []


def test_every_call_rejects_closed_tickets(account, emulator):
    """`save()`, `batch()`, `bulk_update()` and `update()` reject it without a request."""
    closed = Ticket.from_row({"id": 1, "status": "closed", "subject": "x"}, account.current())
    closed.priority = "high"
    emulator.requests.clear()

    with pytest.raises(InvalidValue):
        closed.save()
    with pytest.raises(InvalidValue), account.batch():
        closed.save()
    for call in (
        lambda: Ticket.objects.bulk_update([closed]),
        lambda: _update_in_batch(account, closed),
    ):
        with pytest.raises(BulkError) as caught:
            call()
        assert [outcome.error for outcome in caught.value.result] == ["InvalidValue"]
    assert emulator.requests == []


def _update_in_batch(account, ticket):
    with account.batch():
        Ticket.objects.bulk_update([ticket]).raise_for_failures()


def test_save_computes_one_change(account, emulator, monkeypatch):
    """`save()` compares the object with its row once."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    computed = []
    original = Record._changes

    def count(self):
        computed.append(self)
        return original(self)

    monkeypatch.setattr(Record, "_changes", count)
    ticket.priority = "high"
    ticket.save()

    assert [item is ticket for item in computed] == [True]


def test_rows_missing_from_a_response_are_unknown(account, emulator):
    """Zendesk omits rules that the caller may not change; their edits stay."""
    (case,) = [item for item in CASES if item.name == "ObjectTrigger.bulk_update"]
    triggers = case.make(account, emulator)
    received = []
    post_bulk.connect(lambda sender, **values: received.append(values["result"]), weak=False)
    emulator.fail_next(200, body={"triggers": []}, method="PUT")

    with pytest.raises(BulkError) as caught:
        case.call(triggers)

    assert [outcome.state for outcome in caught.value.result] == ["unknown"] * len(triggers)
    assert [{*trigger.changes()} for trigger in triggers] == [{"active"}] * len(triggers)
    assert received == [caught.value.result]


def test_an_error_keeps_the_outcomes_of_earlier_requests(account, emulator):
    """Only the objects of the failed request fail."""
    (case,) = [item for item in CASES if item.name == "Trigger.bulk_update"]
    triggers = case.make(account, emulator)

    def fail_next(progress):
        if (progress.done, progress.failed) == (1, 0):
            emulator.fail_next(403, method="PUT")

    with pytest.raises(BulkError) as caught:
        Trigger.objects.bulk_update(triggers, batch_size=1, progress=fail_next)

    assert [outcome.state for outcome in caught.value.result] == ["done", "failed", "done"]

"""Requests of `update()`: rows that are selected by id are not read first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import declared_models, label_of
from tests.servers import Server, ServerRequest
from zendesk_orm import (
    BulkError,
    Comment,
    CustomObject,
    CustomObjectRecord,
    F,
    Macro,
    Ticket,
    User,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.schema.fields import column
from zendesk_orm.support.business_rules.rules import RuleManager


def _is_updated_together(model: Any) -> bool:
    """Return whether Zendesk changes many rows of a model in one request."""
    many = any(endpoint.verb is Verb.UPDATE_MANY for endpoint in model._meta.api)
    rule = isinstance(getattr(model, "objects", None), RuleManager)
    return many or rule or label_of(model) == "CustomObjectRecord"


MODELS = [model for model in declared_models() if _is_updated_together(model)]


def _build_values(model: Any) -> dict[str, Any]:
    """Return values that can be set for many rows of a model."""
    if isinstance(model.objects, RuleManager):
        return {"active": False}
    return {"external_id": "x"}


def _build_parent_lookups(model: Any) -> dict[str, Any]:
    """Return lookups for the parents in the path of a model's rows."""
    meta = model._meta
    fields = {
        name: column(meta.get_field(name))
        for name in meta.by_field_name(dict.fromkeys(meta.parent_keys))
    }
    return {name: 9 if field.kind.name == "int" else "9" for name, field in fields.items()}


def _answer(request: ServerRequest) -> Any:
    """Return a finished job, and the rows that models without jobs return."""
    results = [{"id": pk, "success": True, "status": "Updated"} for pk in (1, 2, 3)]
    job = {"id": "V3-1", "status": "completed", "results": results}
    plural = request.path.partition("?")[0].split("/")[-2]
    return {"job_status": job, plural: [{"id": pk} for pk in (1, 2, 3)]}


def _create_tickets(number: int) -> list[Any]:
    return [
        Ticket.objects.create(subject=f"T{place}", comment=Comment(body="x"), tags=["old"])
        for place in range(number)
    ]


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_updating_many_ids_takes_one_request(model):
    """`filter(id__in=[...]).update(...)` takes one request for up to a hundred rows."""
    server = Server(_answer)
    server.connect()
    kind = model._meta.fields["id"].kind.name
    ids = [1, 2, 3] if kind == "int" else ["1", "2", "3"]

    result = model.objects.filter(id__in=ids, **_build_parent_lookups(model)).update(
        **_build_values(model)
    )

    assert len(result) == 3
    assert len(server.asked) == 1, server.asked
    assert not server.asked[0].startswith("GET")


def test_models_with_bulk_updates_include_the_documented_ones():
    """The tested models include those for which Zendesk documents bulk updates."""
    names = {label_of(model) for model in MODELS}

    assert names >= {"Ticket", "User", "Organization", "CustomObjectRecord", "Trigger", "Macro"}


def test_three_hundred_rows_take_three_jobs():
    """Each hundred rows take one job, and all jobs are polled together."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        ids = Ticket.objects.order_by("created_at").values_list("id", flat=True)[:300]
        ids = list(ids)
        del emulator.requests[:]

        result = Ticket.objects.filter(id__in=ids).update(external_id="x", raise_on_failure=False)

        assert len(result.outcomes) == 300
        assert emulator.requests[:3] == ["PUT tickets/update_many"] * 3
        assert all(request.startswith("GET job_statuses") for request in emulator.requests[3:])


def test_loaded_objects_have_the_new_values(emulator, count_requests):
    """Objects of the session have the sent values, and fetch other values."""
    account = emulator.connect()
    with account.session():
        ticket, other = _create_tickets(2)
        before = ticket.updated_at
        emulator.clock.sleep(60)
        Ticket.objects.filter(id__in=[ticket.pk, other.pk]).update(priority="high")

        with count_requests(account, 0):
            assert (ticket.priority, other.priority) == ("high", "high")
        with count_requests(account, 1):
            assert ticket.updated_at > before
            assert other.updated_at > before


def test_objects_of_the_result_are_loaded_together(emulator, count_requests):
    """Missing values of the updated objects are fetched in one request for all."""
    ids = [ticket.pk for ticket in _create_tickets(30)]
    account = emulator.connect(alias="another")

    result = Ticket.objects.using("another").filter(id__in=ids).update(priority="high")

    with count_requests(account, 1):
        assert {record.priority for record in result.succeeded} == {"high"}
        assert {record.subject for record in result.succeeded} >= {"T0", "T29"}


def test_update_preserves_edits_of_other_fields(emulator):
    """`update()` of one field preserves unsaved edits of others."""
    with emulator.connect().session():
        (ticket,) = _create_tickets(1)
        ticket.subject = "edited"
        Ticket.objects.filter(id=ticket.pk).update(priority="high")

        assert set(ticket.changes()) == {"subject"}
        assert (ticket.subject, ticket.priority) == ("edited", "high")


def test_tags_are_added_without_reading(emulator):
    """Tags are added by Zendesk without reading the rows."""
    tickets = _create_tickets(2)
    query = Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets])
    del emulator.requests[:]

    new_tags = ["seen"]
    query.update(tags=F("tags") + new_tags)

    assert emulator.requests[0] == "PUT tickets/update_many"
    assert [set(ticket.tags) for ticket in tickets] == [{"old", "seen"}] * 2


def test_own_updates_are_visible_although_search_lags(emulator):
    """A search returns the new values of rows that were updated by id, despite its lag."""
    with Emulator(index_lag=300) as lagging:
        lagging.connect()
        ids = [ticket.pk for ticket in _create_tickets(3)]
        lagging.clock.sleep(600)
        lagging.connect(alias="another")
        rows = Ticket.objects.using("another")
        rows.filter(id__in=ids[:2]).update(status="open", subject="changed")

        assert {row.pk for row in rows.filter(status="open")} == set(ids[:2])
        assert [row.pk for row in rows.filter(status="new")] == ids[2:]
        assert {row.subject for row in rows.filter(status="open")} == {"changed"}


def test_cached_rows_have_the_new_values(emulator):
    """A cached row that was updated is fetched again."""
    emulator.connect(alias="another", cache_seconds={User: 3_600})
    users = User.objects.using("another")
    pk = users.create(name="Ada", email="ada@example.com").pk
    assert users.get(pk).name == "Ada"

    users.filter(id=pk).update(notes="new")

    assert users.get(pk).notes == "new"


def test_a_query_with_other_filters_is_read(emulator):
    """If a query has other filters than ids, its rows are read, and only matches are updated."""
    tickets = _create_tickets(2)
    del emulator.requests[:]

    result = Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets], subject="T0").update(
        priority="high"
    )

    assert [outcome.id for outcome in result] == [tickets[0].pk]
    assert emulator.requests[0] == "GET tickets/show_many"


def test_a_missing_id_is_a_failed_outcome(emulator):
    """A missing id is reported as a failure, and the other rows are updated."""
    (ticket,) = _create_tickets(1)

    with pytest.raises(BulkError, match="1 of 2") as caught:
        Ticket.objects.filter(id__in=[ticket.pk, 4_711]).update(priority="high")

    assert [record.pk for record in caught.value.result.succeeded] == [ticket.pk]
    assert Ticket.objects.get(ticket.pk).priority == "high"


def test_update_without_values_sends_no_update(emulator):
    """`update()` without values only reads which rows exist."""
    (ticket,) = _create_tickets(1)
    del emulator.requests[:]

    assert len(Ticket.objects.filter(id__in=[ticket.pk, 4_711]).update()) == 1
    assert emulator.requests == ["GET tickets/show_many"]


def test_a_dry_run_shows_old_and_new_values(emulator):
    """A dry run reads the rows to show old and new values."""
    (ticket,) = _create_tickets(1)
    account = emulator.connect()
    with account.dry_run(quiet=True) as diff:
        Ticket.objects.filter(id=ticket.pk).update(subject="new")

    assert "'T0' -> 'new'" in str(diff)


def test_invalid_values_are_rejected_before_any_request(emulator):
    """An invalid value of `update()` raises before any request."""
    with pytest.raises(ValueError, match="priority"):
        Ticket.objects.filter(id__in=[1, 2]).update(priority="no such")
    assert emulator.requests == []


def test_updating_macros_needs_no_job(emulator):
    """Macros are updated by id in one request without a job."""
    actions = [{"field": "status", "value": "open"}]
    macros = [Macro.objects.create(title=letter, actions=actions) for letter in "ab"]
    del emulator.requests[:]

    Macro.objects.filter(id__in=[macro.pk for macro in macros]).update(active=False)

    assert emulator.requests == ["PUT macros/update_many"]
    assert [macro.active for macro in macros] == [False, False]


def test_records_are_updated_by_a_job_of_their_object(emulator):
    """Records are updated by a job of the custom object that the query names."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    cars = CustomObjectRecord.objects.filter(custom_object_key="car")
    pk = cars.create(name="Beetle").pk
    del emulator.requests[:]

    cars.filter(id__in=[pk]).update(external_id="x")

    assert emulator.requests[0] == "POST custom_objects/car/jobs"
    assert [
        request for request in emulator.requests if request.startswith("GET custom_objects")
    ] == []

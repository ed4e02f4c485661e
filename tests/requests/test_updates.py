"""Requests of `update()`: rows that are named by their ids are not read before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import called, declared_models
from tests.servers import Asked, Server
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
from zendesk_orm.support.rules import RuleManager


def _is_updated_together(model: Any) -> bool:
    """Return whether Zendesk changes many rows of a model in one request."""
    many = any(each.verb is Verb.UPDATE_MANY for each in model._meta.api)
    rule = isinstance(getattr(model, "objects", None), RuleManager)
    return many or rule or called(model) == "CustomObjectRecord"


MODELS = [model for model in declared_models() if _is_updated_together(model)]


def _change(model: Any) -> dict[str, Any]:
    """Return a value that many rows of a model can be given."""
    if isinstance(model.objects, RuleManager):
        return {"active": False}
    return {"external_id": "x"}


def _parent(model: Any) -> dict[str, Any]:
    """Return lookups for the fields that the path to a row names beside its id."""
    meta = model._meta
    fields = {name: column(meta.get_field(name)) for name in meta.named(dict.fromkeys(meta.place))}
    return {name: 9 if field.kind.name == "int" else "9" for name, field in fields.items()}


def _answer(request: Asked) -> Any:
    """Answer with a job that has changed everything."""
    results = [{"id": pk, "success": True, "status": "Updated"} for pk in (1, 2, 3)]
    return {"job_status": {"id": "V3-1", "status": "completed", "results": results}}


def _tickets(number: int) -> list[Any]:
    return [
        Ticket.objects.create(subject=f"T{place}", comment=Comment(body="x"), tags=["old"])
        for place in range(number)
    ]


@pytest.mark.parametrize("model", MODELS, ids=called)
def test_many_rows_are_updated_by_their_ids_in_one_request(model):
    """`filter(id__in=[...]).update(...)` makes one request for up to a hundred rows."""
    server = Server(_answer)
    server.connect()
    kind = model._meta.fields["id"].kind.name
    ids = [1, 2, 3] if kind == "int" else ["1", "2", "3"]

    result = model.objects.filter(id__in=ids, **_parent(model)).update(**_change(model))

    assert 3 == len(result)
    assert 1 == len(server.asked), server.asked
    assert not server.asked[0].startswith("GET")


def test_the_models_are_known():
    """The table above has those that the reference documents."""
    names = {called(model) for model in MODELS}

    assert {"Ticket", "User", "Organization", "CustomObjectRecord", "Trigger", "Macro"} <= names


def test_three_hundred_rows_take_three_jobs():
    """A hundred ids to a request, and one request that looks at all jobs."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        ids = Ticket.objects.order_by("created_at").values_list("id", flat=True)[:300]
        ids = list(ids)
        del emulator.requests[:]

        result = Ticket.objects.filter(id__in=ids).update(external_id="x", raise_on_failure=False)

        assert 300 == len(result.outcomes)
        assert ["PUT tickets/update_many"] * 3 == emulator.requests[:3]
        assert all(each.startswith("GET job_statuses") for each in emulator.requests[3:])


def test_objects_at_hand_have_the_new_values(emulator, count_requests):
    """An object that the session holds shows the value sent, and fetches what Zendesk set."""
    account = emulator.connect()
    with account.session():
        ticket, other = _tickets(2)
        before = ticket.updated_at
        emulator.clock.sleep(60)
        Ticket.objects.filter(id__in=[ticket.pk, other.pk]).update(priority="high")

        with count_requests(account, 0):
            assert ("high", "high") == (ticket.priority, other.priority)
        with count_requests(account, 1):
            assert ticket.updated_at > before
            assert other.updated_at > before


def test_objects_of_the_result_are_loaded_together(emulator, count_requests):
    """Only their ids and the new value are known; the rest is one request for all."""
    ids = [each.pk for each in _tickets(30)]
    account = emulator.connect(alias="another")

    result = Ticket.objects.using("another").filter(id__in=ids).update(priority="high")

    with count_requests(account, 1):
        assert {"high"} == {each.priority for each in result.succeeded}
        assert {"T0", "T29"} <= {each.subject for each in result.succeeded}


def test_unsaved_edits_of_other_fields_stay(emulator):
    """`update()` of one field is no reason to forget an edit of another."""
    with emulator.connect().session():
        (ticket,) = _tickets(1)
        ticket.subject = "edited"
        Ticket.objects.filter(id=ticket.pk).update(priority="high")

        assert {"subject"} == set(ticket.changes())
        assert ("edited", "high") == (ticket.subject, ticket.priority)


def test_tags_are_added_without_reading(emulator):
    """Zendesk adds and removes tags itself; tags that are read afterwards are its own."""
    tickets = _tickets(2)
    named = Ticket.objects.filter(id__in=[each.pk for each in tickets])
    del emulator.requests[:]

    seen = ["seen"]
    named.update(tags=F("tags") + seen)

    assert "PUT tickets/update_many" == emulator.requests[0]
    assert [{"old", "seen"}] * 2 == [set(each.tags) for each in tickets]


def test_own_updates_are_seen_although_search_lags(emulator):
    """The result of a search is right after rows were changed that were never read."""
    with Emulator(index_lag=300) as lagging:
        lagging.connect()
        ids = [each.pk for each in _tickets(3)]
        lagging.clock.sleep(600)
        lagging.connect(alias="another")
        rows = Ticket.objects.using("another")
        rows.filter(id__in=ids[:2]).update(status="open", subject="changed")

        assert set(ids[:2]) == {each.pk for each in rows.filter(status="open")}
        assert ids[2:] == [each.pk for each in rows.filter(status="new")]
        assert {"changed"} == {each.subject for each in rows.filter(status="open")}


def test_cached_rows_have_the_new_values(emulator):
    """A row that the account caches is not given after it was changed."""
    emulator.connect(alias="another", keep={User: 3_600})
    users = User.objects.using("another")
    pk = users.create(name="Ada", email="ada@example.com").pk
    assert "Ada" == users.get(pk).name

    users.filter(id=pk).update(notes="new")

    assert "new" == users.get(pk).notes


def test_a_query_that_says_more_than_ids_is_read(emulator):
    """Only the rows that match are changed."""
    tickets = _tickets(2)
    del emulator.requests[:]

    found = Ticket.objects.filter(id__in=[each.pk for each in tickets], subject="T0").update(
        priority="high"
    )

    assert [tickets[0].pk] == [each.id for each in found]
    assert "GET tickets/show_many" == emulator.requests[0]


def test_an_unknown_id_is_a_failure(emulator):
    """Zendesk reports the id; the others are changed."""
    (ticket,) = _tickets(1)

    with pytest.raises(BulkError, match="1 of 2") as caught:
        Ticket.objects.filter(id__in=[ticket.pk, 4_711]).update(priority="high")

    assert [ticket.pk] == [each.pk for each in caught.value.result.succeeded]
    assert "high" == Ticket.objects.get(ticket.pk).priority


def test_no_values_are_no_update(emulator):
    """Without a value nothing is sent, and only rows that exist are in the result."""
    (ticket,) = _tickets(1)
    del emulator.requests[:]

    assert 1 == len(Ticket.objects.filter(id__in=[ticket.pk, 4_711]).update())
    assert ["GET tickets/show_many"] == emulator.requests


def test_a_dry_run_shows_the_values_that_are_replaced(emulator):
    """Rows are read for that, and nothing else is sent."""
    (ticket,) = _tickets(1)
    account = emulator.connect()
    with account.dry_run(quiet=True) as diff:
        Ticket.objects.filter(id=ticket.pk).update(subject="new")

    assert "'T0' -> 'new'" in str(diff)


def test_values_are_checked_before_anything_is_sent(emulator):
    """A value that Zendesk would refuse is refused here."""
    with pytest.raises(ValueError, match="priority"):
        Ticket.objects.filter(id__in=[1, 2]).update(priority="no such")
    assert [] == emulator.requests


def test_macros_are_updated_at_once(emulator):
    """Zendesk changes rules while the request waits; their ids suffice."""
    actions = [{"field": "status", "value": "open"}]
    macros = [Macro.objects.create(title=each, actions=actions) for each in "ab"]
    del emulator.requests[:]

    Macro.objects.filter(id__in=[each.pk for each in macros]).update(active=False)

    assert ["PUT macros/update_many"] == emulator.requests
    assert [False, False] == [each.active for each in macros]


def test_records_are_updated_in_the_job_of_their_object(emulator):
    """The key of their object, which the query names, is the place of the job."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    cars = CustomObjectRecord.objects.filter(custom_object_key="car")
    pk = cars.create(name="Beetle").pk
    del emulator.requests[:]

    cars.filter(id__in=[pk]).update(external_id="x")

    assert "POST custom_objects/car/jobs" == emulator.requests[0]
    assert [] == [each for each in emulator.requests if each.startswith("GET custom_objects")]

"""What deleting costs: rows that are named by their ids are not read before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import called, declared_models
from tests.servers import Asked, Server
from zendesk_orm import BulkError, Comment, FieldError, Group, Macro, Ticket
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.schema.fields import column


#: Models whose bulk deletion is an action, or a job of their own.
BY_ACTION = {"CustomObjectRecord", "ObjectTrigger", "Workspace"}
#: Models whose rows are deleted by something else than their id, so that it has to be read.
NOT_BY_ID = {"chat.Trigger": "Chat deletes triggers by their names"}
#: Models whose rows are deleted by a change of what they belong to.
BY_UPDATE = {"Task": "a task is a part of its template"}


def _models(*verbs: Verb) -> list[Any]:
    return [
        model
        for model in declared_models()
        if any(each.verb in verbs for each in model._meta.api) and called(model) not in NOT_BY_ID
    ]


def _ids(model: Any) -> list[Any]:
    kind = model._meta.fields["id"].kind.name
    return [1, 2, 3] if kind == "int" else ["1", "2", "3"]


def _parent(model: Any) -> dict[str, Any]:
    """Return lookups for what the path of a model's deletion names beside the id."""
    meta = model._meta
    endpoint = meta.api.find(Verb.DELETE)
    names = {*meta.named(dict.fromkeys(meta.place)), *(endpoint.placeholders if endpoint else ())}
    fields = {name: column(meta.get_field(name)) for name in names - {"id"}}
    return {name: 9 if field.kind.name == "int" else "9" for name, field in fields.items()}


def _answer(request: Asked) -> Any:
    """Answer a deletion with a job that has deleted everything."""
    ids = request.params.get("ids", "1,2,3").split(",")
    results = [{"id": pk, "success": True, "status": "Deleted"} for pk in ids]
    return {"job_status": {"id": "V3-1", "status": "completed", "results": results}}


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in declared_models()
        if any(each.verb is Verb.DESTROY_MANY for each in model._meta.api)
        or called(model) in BY_ACTION
    ],
    ids=called,
)
def test_many_rows_are_deleted_by_their_ids_in_one_request(model):
    """`filter(id__in=[...]).delete()` makes one request for up to a hundred rows."""
    server = Server(_answer)
    server.connect()

    result = model.objects.filter(id__in=_ids(model), **_parent(model)).delete()

    assert 3 == len(result)
    assert 1 == len(server.asked), server.asked
    method, path = server.asked[0].split("?")[0].split(" ")
    assert (method, path.rsplit("/", 1)[-1]) in {("DELETE", "destroy_many"), ("POST", "jobs")}


@pytest.mark.parametrize(
    "model", [each for each in _models(Verb.DELETE) if called(each) not in BY_UPDATE], ids=called
)
def test_one_row_is_deleted_by_its_id_in_one_request(model):
    """`filter(id=5).delete()` makes one request, for models that are deleted one by one, too."""
    server = Server(_answer)
    server.connect()

    result = model.objects.filter(id=_ids(model)[0], **_parent(model)).delete()

    assert 1 == len(result)
    assert 1 == len(server.asked), server.asked
    assert called(model) == "CustomObjectRecord" or server.asked[0].startswith("DELETE")


@pytest.mark.parametrize("model", _models(Verb.DELETE), ids=called)
def test_an_object_known_by_its_id_is_deleted_in_one_request(model):
    """`Ticket(id=5).delete()` reads nothing."""
    server = Server(lambda request: {})
    account = server.connect()
    fields = model._meta.get_field
    row = {column(fields(name)).wire: value for name, value in _parent(model).items()}
    record = account.current().refer(model, _ids(model)[0], row)

    record.delete()

    assert 1 == len(server.asked), server.asked
    assert called(model) in BY_UPDATE or server.asked[0].startswith("DELETE")


def test_a_query_that_says_more_than_ids_is_read(emulator):
    """Only the rows that match are deleted."""
    tickets = [Ticket.objects.create(subject=each, comment=Comment(body="x")) for each in "ab"]
    del emulator.requests[:]

    found = Ticket.objects.filter(id__in=[each.pk for each in tickets], subject="a").delete()

    assert [tickets[0].pk] == [each.id for each in found]
    assert "GET tickets/show_many" == emulator.requests[0]


def test_an_unknown_id_is_a_failure(emulator):
    """Zendesk reports the id; the others are deleted."""
    ticket = Ticket.objects.create(subject="a", comment=Comment(body="x"))

    with pytest.raises(BulkError, match="1 of 2") as caught:
        Ticket.objects.filter(id__in=[ticket.pk, 4_711]).delete()

    assert [ticket.pk] == [each.pk for each in caught.value.result.succeeded]


def test_several_rows_that_zendesk_deletes_one_by_one_are_refused(emulator):
    """n rows would cost n requests; the error comes before anything is sent."""
    with pytest.raises(FieldError, match="for groups"):
        Group.objects.filter(id__in=[1, 2]).delete()
    assert [] == emulator.requests


def test_one_unknown_id_is_one_failed_outcome(emulator):
    """A deletion without a job has an outcome, too, which can be tried again."""
    result = Group.objects.filter(id=4_711).delete(raise_on_failure=False)

    assert (0, ["NotFound"]) == (int(result), [each.error for each in result.failed])
    assert ["DELETE groups/4711"] == emulator.requests
    assert not result.retry_failed()


def test_rows_of_a_proxy_are_read(emulator):
    """An id may belong to a row that is none of the proxy's."""

    class Incident(Ticket):
        """Tickets that report an incident."""

        class Meta:
            proxy = True
            filter = {"type": "incident"}  # noqa: RUF012 - as users write it

    question = Ticket.objects.create(subject="a", comment=Comment(body="x"), type="question")

    assert 0 == int(Incident.objects.filter(id__in=[question.pk]).delete())
    assert Ticket.objects.get(question.pk)


def test_macros_are_deleted_at_once(emulator):
    """Zendesk deletes rules while the request waits; their ids suffice."""
    actions = [{"field": "status", "value": "open"}]
    macros = [Macro.objects.create(title=each, actions=actions) for each in "ab"]
    del emulator.requests[:]

    Macro.objects.filter(id__in=[each.pk for each in macros]).delete()

    assert ["DELETE macros/destroy_many"] == emulator.requests
    assert [] == list(Macro.objects.all())

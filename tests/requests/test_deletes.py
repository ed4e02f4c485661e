"""Requests of deletions: rows that are selected by id are not read first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import declared_models, label_of
from tests.servers import Server, ServerRequest
from zendesk_orm import BulkError, Comment, FieldError, Group, Macro, Ticket
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.schema.fields import column


#: Models whose bulk deletion is an action or a special job.
BY_ACTION = {"CustomObjectRecord", "ObjectTrigger", "Workspace"}
#: Models whose rows are not deleted by id, so they have to be read first.
NOT_BY_ID = {"chat.Trigger": "Chat deletes triggers by their names"}
#: Models whose rows are deleted by an update of their parent.
BY_UPDATE = {"Task": "a task is a part of its template"}


def _list_models(*verbs: Verb) -> list[Any]:
    return [
        model
        for model in declared_models()
        if any(endpoint.verb in verbs for endpoint in model._meta.api)
        and label_of(model) not in NOT_BY_ID
    ]


def _build_ids(model: Any) -> list[Any]:
    kind = model._meta.fields["id"].kind.name
    return [1, 2, 3] if kind == "int" else ["1", "2", "3"]


def _build_parent_lookups(model: Any) -> dict[str, Any]:
    """Return lookups for the parents in the path of a model's deletion."""
    meta = model._meta
    endpoint = meta.api.find(Verb.DELETE)
    names = {
        *meta.by_field_name(dict.fromkeys(meta.parent_keys)),
        *(endpoint.placeholders if endpoint else ()),
    }
    fields = {name: column(meta.get_field(name)) for name in names - {"id"}}
    return {name: 9 if field.kind.name == "int" else "9" for name, field in fields.items()}


def _answer(request: ServerRequest) -> Any:
    """Answer a deletion with a job that has deleted all ids."""
    ids = request.params.get("ids", "1,2,3").split(",")
    results = [{"id": pk, "success": True, "status": "Deleted"} for pk in ids]
    return {"job_status": {"id": "V3-1", "status": "completed", "results": results}}


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in declared_models()
        if any(endpoint.verb is Verb.DESTROY_MANY for endpoint in model._meta.api)
        or label_of(model) in BY_ACTION
    ],
    ids=label_of,
)
def test_deleting_many_ids_takes_one_request(model):
    """`filter(id__in=[...]).delete()` takes one request for up to a hundred rows."""
    server = Server(_answer)
    server.connect()

    result = model.objects.filter(id__in=_build_ids(model), **_build_parent_lookups(model)).delete()

    assert len(result) == 3
    assert len(server.asked) == 1, server.asked
    method, path = server.asked[0].split("?")[0].split(" ")
    assert (method, path.rsplit("/", 1)[-1]) in {("DELETE", "destroy_many"), ("POST", "jobs")}


@pytest.mark.parametrize(
    "model",
    [row for row in _list_models(Verb.DELETE) if label_of(row) not in BY_UPDATE],
    ids=label_of,
)
def test_deleting_one_id_takes_one_request(model):
    """`filter(id=5).delete()` takes one request, for models without bulk deletion, too."""
    server = Server(_answer)
    server.connect()

    result = model.objects.filter(id=_build_ids(model)[0], **_build_parent_lookups(model)).delete()

    assert len(result) == 1
    assert len(server.asked) == 1, server.asked
    assert label_of(model) == "CustomObjectRecord" or server.asked[0].startswith("DELETE")


@pytest.mark.parametrize("model", _list_models(Verb.DELETE), ids=label_of)
def test_deleting_an_object_by_id_takes_one_request(model):
    """`Ticket(id=5).delete()` takes one request."""
    server = Server(lambda request: {})
    account = server.connect()
    fields = model._meta.get_field
    row = {column(fields(name)).wire: value for name, value in _build_parent_lookups(model).items()}
    record = account.current().refer(model, _build_ids(model)[0], row)

    record.delete()

    assert len(server.asked) == 1, server.asked
    assert label_of(model) in BY_UPDATE or server.asked[0].startswith("DELETE")


def test_a_query_with_other_filters_is_read(emulator):
    """If a query has other filters than ids, its rows are read, and only matches are deleted."""
    tickets = [Ticket.objects.create(subject=letter, comment=Comment(body="x")) for letter in "ab"]
    del emulator.requests[:]

    result = Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets], subject="a").delete()

    assert [outcome.id for outcome in result] == [tickets[0].pk]
    assert emulator.requests[0] == "GET tickets/show_many"


def test_a_missing_id_is_a_failed_outcome(emulator):
    """A missing id is reported as a failure, and the other rows are deleted."""
    ticket = Ticket.objects.create(subject="a", comment=Comment(body="x"))

    with pytest.raises(BulkError, match="1 of 2") as caught:
        Ticket.objects.filter(id__in=[ticket.pk, 4_711]).delete()

    assert [record.pk for record in caught.value.result.succeeded] == [ticket.pk]


def test_deleting_many_rows_requires_bulk_deletion(emulator):
    """Deleting several rows of a model without bulk deletion raises before any request."""
    with pytest.raises(FieldError, match="for groups"):
        Group.objects.filter(id__in=[1, 2]).delete()
    assert emulator.requests == []


def test_a_missing_id_without_a_job_is_a_failed_outcome(emulator):
    """A deletion without a job has an outcome that can be retried."""
    result = Group.objects.filter(id=4_711).delete(raise_on_failure=False)

    assert (int(result), [outcome.error for outcome in result.failed]) == (0, ["NotFound"])
    assert emulator.requests == ["DELETE groups/4711"]
    assert not result.retry_failed()


def test_rows_of_a_proxy_are_read(emulator):
    """Rows of a proxy are read, because an id may not belong to the proxy."""

    class Incident(Ticket):
        """Tickets that report an incident."""

        class Meta:
            proxy = True
            filter = {"type": "incident"}  # noqa: RUF012 - as users write it

    question = Ticket.objects.create(subject="a", comment=Comment(body="x"), type="question")

    assert int(Incident.objects.filter(id__in=[question.pk]).delete()) == 0
    assert Ticket.objects.get(question.pk)


def test_deleting_macros_needs_no_job(emulator):
    """Macros are deleted by id in one request without a job."""
    actions = [{"field": "status", "value": "open"}]
    macros = [Macro.objects.create(title=letter, actions=actions) for letter in "ab"]
    del emulator.requests[:]

    Macro.objects.filter(id__in=[macro.pk for macro in macros]).delete()

    assert emulator.requests == ["DELETE macros/destroy_many"]
    assert list(Macro.objects.all()) == []

"""Ids without a row, such as -1: relations return None and send no request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Server
from zendesk_orm import (
    Audit,
    Comment,
    Ticket,
    TicketEvent,
    TicketForm,
    prefetch_related_objects,
)
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.projection import build_projection
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.session.sources import attach


IDS_WITHOUT_ROWS = [-1, 0, "-1", "0"]
PEOPLE = [{"id": 7, "name": "Ada"}]


def _list_models() -> list[Any]:
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    return [model for model in registry.models() if model.__module__.startswith("zendesk_orm.")]


@pytest.mark.parametrize("pk", IDS_WITHOUT_ROWS)
def test_relations_of_every_model_return_none(pk):
    """A relation with an id without a row returns None without a request, and keeps the id."""
    server = Server(lambda request: None)
    account = server.connect()
    failures = []
    for model in _list_models():
        for name, relation in model._meta.relations.items():
            row = {"id": 1, relation.id.wire: pk}
            (record,) = account.current().identity.materialize(model, [row], account.current())
            if getattr(record, name) is not None or relation.ids([record]) != [None]:
                failures.append((model.__name__, name))
            account.current().identity.forget(model, 1)

    assert failures == []
    assert server.asked == []


def _answer_audits(request: Any) -> Any:
    """Answer with two audits, by Zendesk itself and by Ada, or with Ada's row."""
    if request.path.endswith("audits"):
        rows = [{"id": 1, "author_id": -1, "events": []}, {"id": 2, "author_id": 7, "events": []}]
        return {"audits": rows, "users": PEOPLE, "meta": {"has_more": False}}
    if request.path == "users/7":
        return {"user": PEOPLE[0]}
    return {"users": PEOPLE} if "7" in request.params.get("ids", "") else None


READS = {
    "lazily": lambda rows: [item.author and item.author.name for item in rows],
    "select_related": lambda rows: [
        item.author and item.author.name for item in rows.select_related("author")
    ],
    "prefetch_related": lambda rows: [
        item.author and item.author.name for item in rows.prefetch_related("author")
    ],
    "values": lambda rows: [item["author__name"] for item in rows.values("author__name")],
    "values_list": lambda rows: list(rows.values_list("author__name", flat=True)),
}


@pytest.mark.parametrize("name", READS)
def test_the_author_of_an_audit_by_zendesk_itself_is_none(name):
    """The author of an audit by Zendesk is None, however it is read, and is never requested."""
    server = Server(_answer_audits)
    server.connect()

    assert READS[name](Audit.objects.filter(ticket=5)) == [None, "Ada"]
    assert not any("-1" in request for request in server.asked)
    assert len(server.asked) <= 2


def test_values_of_a_relation_are_none():
    """`values()` returns None for a relation, and the id of the row for its id."""
    Server(_answer_audits).connect()
    rows = Audit.objects.filter(ticket=5)

    assert list(rows.values_list("author", flat=True)) == [None, 7]
    assert list(rows.values_list("author_id", flat=True)) == [-1, 7]


def test_the_updater_of_an_event_by_zendesk_is_none():
    """The updater of an event by Zendesk itself is None."""
    event = {"id": 9, "ticket_id": 5, "updater_id": -1, "child_events": []}
    server = Server(lambda request: {"ticket_events": [event], "end_of_stream": True})
    server.connect()
    (ticket_event,) = TicketEvent.objects.filter(changed_since="2020-01-01T00:00:00Z")

    assert (ticket_event.updater, ticket_event.updater_id) == (None, -1)
    assert len(server.asked) == 1


def test_lists_of_ids_leave_out_ids_without_rows():
    """Relations to many objects request only ids that have a row."""
    server = Server(lambda request: {"user": PEOPLE[0], "ticket_field": {"id": 8, "title": "OS"}})
    account = server.connect()
    session = account.current()
    row = {"id": 1, "follower_ids": [0, 7, -1], "subject": "x"}
    (ticket,) = session.identity.materialize(Ticket, [row], session)
    form = {"id": 2, "ticket_field_ids": [-1, 8]}
    (fields,) = session.identity.materialize(TicketForm, [form], session)

    assert [user.pk for user in ticket.followers] == [7]
    assert [field.pk for field in fields.ticket_fields.all()] == [8]
    assert not any("-1" in request for request in server.asked)


def test_the_author_of_a_comment_without_an_account_is_none(account):
    """The author of a comment that belongs to no account is None."""
    assert Comment.from_row({"id": 1, "author_id": -1}).author is None


RELATIONS = [
    (model, name)
    for model in _list_models()
    for name in model._meta.relations
    if model._meta.pk_key
]


@pytest.mark.parametrize("pk", IDS_WITHOUT_ROWS)
def test_prefetching_requests_no_ids_without_rows(pk):
    """`prefetch_related()`, `select_related()` and `values()` return None for all models."""
    server = Server(lambda request: None)
    session = server.connect().current()
    failures = []
    for model, name in RELATIONS:
        (record,) = session.identity.materialize(
            model, [{"id": 1, model._meta.relations[name].id.wire: pk}], session
        )
        prefetch_related_objects([record], name)
        for endpoint in model._meta.api.endpoints[:1]:
            plan = Plan(Query(model, related=(name,)), endpoint)
            attach([record], {}, plan, session.materialize, session.get_many)
        values = build_projection(model._meta, (name, f"{name}__id"), "tuple").function()(record)
        if getattr(record, name) is not None or values != (None, None):
            failures.append((model.__name__, name, values))
        session.identity.forget(model, 1)

    assert failures == []
    assert server.asked == []
    assert len(RELATIONS) > 200


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_audits_of_automations_have_no_author_in_the_emulator(demo, read):
    """In the emulator, the author of an audit by an automation is None."""
    ticket = Ticket.objects.fresh().filter(status="closed").scan()[:1][0]
    rows = Audit.objects.filter(ticket=ticket)
    ids = [audit.author_id for audit in rows]

    assert ids[-1] == -1
    assert [name is None for name in read(rows)] == [pk == -1 for pk in ids]


def test_events_of_automations_have_no_updater_in_the_emulator(demo):
    """In the emulator, the updater of an event by an automation is None."""
    events = TicketEvent.objects.filter(changed_since="2000-01-01T00:00:00Z")
    closed = [event for event in events if event.updater_id == -1]

    assert closed
    assert {event.updater for event in closed} == {None}

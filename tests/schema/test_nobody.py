"""Ids that stand for nobody: relations lead to None, and nothing is requested."""

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
from zendesk_orm.query.query import Query
from zendesk_orm.query.shape import shape
from zendesk_orm.schema import registry
from zendesk_orm.session.sideloads import attach


NOBODY = [-1, 0, "-1", "0"]
PEOPLE = [{"id": 7, "name": "Ada"}]


def _models() -> list[Any]:
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    return [each for each in registry.models() if each.__module__.startswith("zendesk_orm.")]


@pytest.mark.parametrize("pk", NOBODY)
def test_no_relation_of_any_model_leads_to_nobody(pk):
    """Reading the relation returns None and sends nothing; the id stays what Zendesk wrote."""
    server = Server(lambda asked: None)
    account = server.connect()
    wrong = []
    for model in _models():
        for name, relation in model._meta.relations.items():
            row = {"id": 1, relation.id.wire: pk}
            (record,) = account.current().identity.materialize(model, [row], account.current())
            if getattr(record, name) is not None or relation.ids([record]) != [None]:
                wrong.append((model.__name__, name))
            account.current().identity.forget(model, 1)

    assert wrong == []
    assert server.asked == []


def _audits(asked: Any) -> Any:
    """Answer with two audits, by Zendesk itself and by Ada; or with Ada."""
    if asked.path.endswith("audits"):
        rows = [{"id": 1, "author_id": -1, "events": []}, {"id": 2, "author_id": 7, "events": []}]
        return {"audits": rows, "users": PEOPLE, "meta": {"has_more": False}}
    if asked.path == "users/7":
        return {"user": PEOPLE[0]}
    return {"users": PEOPLE} if "7" in asked.params.get("ids", "") else None


READS = {
    "lazily": lambda rows: [each.author and each.author.name for each in rows],
    "select_related": lambda rows: [
        each.author and each.author.name for each in rows.select_related("author")
    ],
    "prefetch_related": lambda rows: [
        each.author and each.author.name for each in rows.prefetch_related("author")
    ],
    "values": lambda rows: [each["author__name"] for each in rows.values("author__name")],
    "values_list": lambda rows: list(rows.values_list("author__name", flat=True)),
}


@pytest.mark.parametrize("name", READS)
def test_the_author_of_an_audit_by_zendesk_itself_is_none(name):
    """One such row does not make the list fail, and its id is never requested."""
    server = Server(_audits)
    server.connect()

    assert READS[name](Audit.objects.filter(ticket=5)) == [None, "Ada"]
    assert not any("-1" in each for each in server.asked)
    assert len(server.asked) <= 2


def test_the_relation_among_values_is_none_and_the_id_is_the_one_of_the_row():
    """`author` is the id behind the relation, which points to nobody."""
    Server(_audits).connect()
    rows = Audit.objects.filter(ticket=5)

    assert list(rows.values_list("author", flat=True)) == [None, 7]
    assert list(rows.values_list("author_id", flat=True)) == [-1, 7]


def test_the_updater_of_an_exported_event_can_be_nobody():
    """Events of automations are by Zendesk itself."""
    event = {"id": 9, "ticket_id": 5, "updater_id": -1, "child_events": []}
    server = Server(lambda asked: {"ticket_events": [event], "end_of_stream": True})
    server.connect()
    (found,) = TicketEvent.objects.filter(changed_since="2020-01-01T00:00:00Z")

    assert (found.updater, found.updater_id) == (None, -1)
    assert len(server.asked) == 1


def test_lists_of_ids_leave_nobody_out():
    """Followers and forms are requested without the ids that belong to no row."""
    server = Server(lambda asked: {"user": PEOPLE[0], "ticket_field": {"id": 8, "title": "OS"}})
    account = server.connect()
    session = account.current()
    row = {"id": 1, "follower_ids": [0, 7, -1], "subject": "x"}
    (ticket,) = session.identity.materialize(Ticket, [row], session)
    form = {"id": 2, "ticket_field_ids": [-1, 8]}
    (fields,) = session.identity.materialize(TicketForm, [form], session)

    assert [user.pk for user in ticket.followers] == [7]
    assert [field.pk for field in fields.ticket_fields.all()] == [8]
    assert not any("-1" in each for each in server.asked)


def test_a_comment_by_nobody_is_read(account):
    """The author is None, with and without an account."""
    assert Comment.from_row({"id": 1, "author_id": -1}).author is None


RELATIONS = [
    (model, name) for model in _models() for name in model._meta.relations if model._meta.known_by
]


@pytest.mark.parametrize("pk", NOBODY)
def test_no_way_of_reading_requests_nobody(pk):
    """`prefetch_related`, `select_related` and `values` give None for relations of all models."""
    server = Server(lambda asked: None)
    session = server.connect().current()
    wrong = []
    for model, name in RELATIONS:
        (record,) = session.identity.materialize(
            model, [{"id": 1, model._meta.relations[name].id.wire: pk}], session
        )
        prefetch_related_objects([record], name)
        for endpoint in model._meta.api.endpoints[:1]:
            chosen = Plan(Query(model, related=(name,)), endpoint)
            attach([record], {}, chosen, session.take_in, session.many)
        values = shape(model._meta, (name, f"{name}__id"), "tuple").function()(record)
        if getattr(record, name) is not None or values != (None, None):
            wrong.append((model.__name__, name, values))
        session.identity.forget(model, 1)

    assert wrong == []
    assert server.asked == []
    assert len(RELATIONS) > 200


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_the_emulator_writes_the_id_of_zendesk_itself(demo, read):
    """An automation closed the tickets of the demonstration; the author of its audit is None."""
    ticket = Ticket.objects.fresh().filter(status="closed").scan()[:1][0]
    rows = Audit.objects.filter(ticket=ticket)
    ids = [audit.author_id for audit in rows]

    assert ids[-1] == -1
    assert [name is None for name in read(rows)] == [pk == -1 for pk in ids]


def test_an_export_of_events_contains_those_of_zendesk_itself(demo):
    """The updater of such an event is None."""
    events = TicketEvent.objects.filter(changed_since="2000-01-01T00:00:00Z")
    closed = [event for event in events if event.updater_id == -1]

    assert closed
    assert {event.updater for event in closed} == {None}

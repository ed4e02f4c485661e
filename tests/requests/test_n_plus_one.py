"""Reading a relation of thirty objects costs a few requests, not thirty."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.contract.spec import called, declared_models
from tests.servers import Asked, Server
from zendesk_orm import (
    AgentSkill,
    Comment,
    NoEndpoint,
    NPlusOneWarning,
    Organization,
    RoutingAttributeValue,
    Ticket,
    User,
    prefetch_related_objects,
)
from zendesk_orm.help_center import Article, ArticleAttachment
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Ref


# They run over all models.
pytestmark = pytest.mark.slow


ROWS = 30
#: Requests for what thirty objects point to: one for a hundred ids, and a list's pages.
MOST = 3

#: Models whose rows are loaded one by one, because Zendesk shows only one of them by its id.
ONE_BY_ONE: Mapping[str, str] = {
    "help_center.Article": "articles have no `show_many`, and a help center may have thousands",
    "Request": "requests have no `show_many`, and a list of the caller's alone",
    "chat.Visitor": "Chat has no list of visitors",
}
#: Models of which Zendesk shows no row by its id: reading more than the id is an error.
UNREADABLE: Mapping[str, str] = {
    "talk.Call": "calls are in an export only",
    "NpsRecipient": "recipients are in an export only",
}


def _value(model: Any, number: int) -> Any:
    """Return an id as rows of a model have it."""
    return number if model._meta.fields["id"].kind.name == "int" else str(number)


def _rows(model: Any, ids: list[int]) -> list[dict[str, Any]]:
    meta = model._meta
    rows = []
    for pk in ids:
        row = {"id": _value(model, pk), "name": f"n{pk}", "title": f"n{pk}"}
        row |= {each.id.wire: _value(each.model, 7) for each in meta.relations.values()}
        row |= {**dict.fromkeys(meta.place, "9"), "custom_object_key": "car"}
        row.setdefault(meta.known_by, row["id"])
        rows.append(row)
    return rows


def _server(model: Any) -> Server:
    """Return a server that has rows of one model, by their ids or as a list."""

    def answer(request: Asked) -> Any:
        meta, last = model._meta, request.path.rpartition("/")[2]
        named = request.params.get("ids") or request.params.get("filter[ids]")
        ids = (
            [int(each) for each in named.split(",")] if named else list(range(1_000, 1_000 + ROWS))
        )
        if last.isdigit():
            ids = [int(last)]
        rows = _rows(model, ids)
        keys = {each.key for each in meta.api} | {meta.plural}
        about = {"meta": {"has_more": False}, "next_page": None, "count": len(rows)}
        found = {**dict.fromkeys(keys, rows), meta.singular: rows[0], **about}
        if not (meta.bare and last.isdigit()):
            return found
        del found[""]
        return {**rows[0], **found}

    return Server(answer)


def _loaded(record: Any) -> None:
    """Read a field that is not known from the id alone."""
    meta = record._meta
    name = next(
        each.name
        for each in meta.fields.values()
        if each.readable and each.relation is None and each.wire not in ("id", *meta.place)
    )
    getattr(record, name)


def _relations() -> Iterator[tuple[Any, Ref[Any]]]:
    for model in declared_models():
        for relation in model._meta.relations.values():
            if relation.id.readable and relation.id.wire not in model._meta.place:
                yield model, relation


@pytest.mark.parametrize(
    ("model", "relation"),
    [pytest.param(*each, id=f"{called(each[0])}.{each[1].name}") for each in _relations()],
)
def test_what_thirty_objects_point_to_is_loaded_together(model: Any, relation: Ref[Any]) -> None:
    """The first related object that is read brings those of its page along."""
    server = _server(relation.model)
    account = server.connect()
    rows = _rows(model, list(range(ROWS)))
    for number, row in enumerate(rows):
        row[relation.id.wire] = _value(relation.model, 1_000 + number)
    records = account.current().take_in(model, rows)
    del server.asked[:]

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", NPlusOneWarning)
        for record in records:
            if called(relation.model) in UNREADABLE:
                with pytest.raises(NoEndpoint):
                    _loaded(getattr(record, relation.name))
            else:
                _loaded(getattr(record, relation.name))

    alone = called(relation.model) in ONE_BY_ONE
    assert (len(server.asked) > MOST) is alone, server.asked[:3]
    assert ["Zendesk has no request"] * (alone or called(relation.model) in UNREADABLE) == [
        "Zendesk has no request" for each in seen if "Zendesk has no request" in str(each.message)
    ]
    assert not [each for each in seen if "select_related" in str(each.message)]


def test_the_exceptions_exist() -> None:
    """A model that is listed is one that something points to."""
    models = {called(relation.model) for _, relation in _relations()}

    assert {*ONE_BY_ONE, *UNREADABLE} <= models


def test_what_is_shown_one_by_one_is_readable() -> None:
    """Where Zendesk has no request for many rows, each is read when it is needed, and no more."""
    server = _server(Article)
    account = server.connect()
    rows = _rows(ArticleAttachment, [*range(5)])
    rows = [{**row, "article_id": 1_000 + number} for number, row in enumerate(rows)]
    records = account.current().take_in(ArticleAttachment, rows)

    _loaded(records[3].article)

    assert ["GET help_center/articles/1003"] == server.asked


def test_the_parent_of_what_is_pointed_to_is_known() -> None:
    """A row whose path names a parent is read through a relation, if the pointing row has it."""
    server = _server(RoutingAttributeValue)
    account = server.connect()
    row = {"id": "1", "attribute_id": "9", "attribute_value_id": "1000"}
    (skill,) = account.current().take_in(AgentSkill, [row])

    assert "n1000" == skill.attribute_value.name
    assert ["GET routing/attributes/9/values/1000"] == server.asked


# -- to many ---------------------------------------------------------------------

#: Models whose rows cannot be read by several ids, and cannot be prefetched by them.
NOT_BY_IDS: Mapping[str, str] = {
    "help_center.ContentTag": "content tags have no `show_many`, and an account may have thousands",
}
#: Relations to many that a prefetch reads with one request: Zendesk searches for rows of several
#: parents, or lists the rows of all. The others take one for each, since Zendesk lists by parent.
TOGETHER = {
    "AssetType.children",
    "Brand.badge_categories",
    "Brand.lines",
    "Brand.monitored_twitter_handles",
    "Brand.phone_numbers",
    "Brand.remote_authentications",
    "Brand.suspended_tickets",
    "Brand.tickets",
    "Brand.triggers",
    "CustomStatus.form_statuses",
    "CustomStatus.tickets",
    "Group.phone_numbers",
    "Group.sms_phone_numbers",
    "Group.tickets",
    "Organization.tickets",
    "Organization.users",
    "Schedule.phone_numbers",
    "Ticket.suspended_tickets",
    "TicketForm.statuses",
    "TicketForm.workspaces",
    "TriggerCategory.triggers",
    "User.assigned_tickets",
    "User.badge_assignments",
    "User.requested_tickets",
    "User.submitted_tickets",
    "User.talk_activity",
    "chat.Role.agents",
    "help_center.Badge.assignments",
    "help_center.BadgeCategory.badges",
    "help_center.Category.sections",
    "help_center.Section.subsections",
    "help_center.UserSegment.topics",
    "talk.GreetingCategory.greetings",
    "talk.Ivr.phone_numbers",
}


def _to_many() -> Iterator[tuple[Any, Any]]:
    for model in declared_models():
        for relation in vars(model).values():
            if isinstance(relation, (Many, RefList)):
                yield model, relation


def _parents(account: Any, model: Any, relation: Any) -> list[Any]:
    """Return thirty objects, each of which lists another id."""
    rows = _rows(model, list(range(1_000, 1_000 + ROWS)))
    if isinstance(relation, RefList):
        wire = model._meta.fields[relation.ids].wire
        for number, row in enumerate(rows):
            row[wire] = [_value(relation.model, 1_000 + number)]
    parents: list[Any] = account.current().take_in(model, rows)
    return parents


def _without_rows(model: Any) -> Server:
    """Return a server whose lists are empty; those of Chat have no envelope."""
    keys = {each.key for each in model._meta.api} | {model._meta.plural}
    empty: dict[str, Any] = {key: [] for key in keys if key}
    empty |= {"meta": {"has_more": False}, "next_page": None, "count": 0, "end_of_stream": True}
    return Server(lambda request: [] if called(model).startswith("chat.") else empty)


@pytest.mark.parametrize(
    ("model", "relation"),
    [pytest.param(*each, id=f"{called(each[0])}.{each[1].name}") for each in _to_many()],
)
def test_a_prefetch_is_advised_if_it_makes_fewer_requests(model: Any, relation: Any) -> None:
    """Thirty objects take a few requests or one each, and the warning knows which."""
    listed = isinstance(relation, RefList)
    server = _server(relation.model) if listed else _without_rows(relation.model)
    account = server.connect(keep={relation.model: 0})
    parents = _parents(account, model, relation)
    del server.asked[:]
    if called(relation.model) in NOT_BY_IDS:
        with pytest.raises(NoEndpoint):
            prefetch_related_objects(parents, relation.name)
        few = False
    else:
        prefetch_related_objects(parents, relation.name)
        few = len(server.asked) <= MOST
        assert few or len(server.asked) == ROWS
    name = f"{called(model)}.{relation.name}"
    assert few is (name in TOGETHER or (listed and called(relation.model) not in NOT_BY_IDS))

    other = server.connect("another", keep={relation.model: 0})
    parents = _parents(other, model, relation)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", NPlusOneWarning)
        for parent in parents:
            list(getattr(parent, relation.name).all())

    advice = f"prefetch_related({relation.name!r})" if few else "Zendesk has no request"
    assert all(advice in str(each.message) for each in seen), [str(each.message) for each in seen]
    assert seen or listed


# -- after a bulk operation ------------------------------------------------------


def _users() -> list[Any]:
    people = [User(name=f"U{each}", email=f"u{each}@example.com") for each in range(ROWS)]
    return User.objects.bulk_create(people).succeeded


def _created() -> list[Any]:
    users = _users()
    return Ticket.objects.bulk_create(
        Ticket(subject=user.name, comment=Comment(body="x"), requester=user) for user in users
    ).succeeded


def _imported() -> list[Any]:
    users = [user.pk for user in _users()]
    rows = [{"subject": "x", "requester_id": pk, "comments": [{"body": "x"}]} for pk in users]
    return Ticket.objects.import_many(rows).succeeded


def _bulk_updated() -> list[Any]:
    tickets = _created()
    for ticket in tickets:
        ticket.subject = "changed"
    return Ticket.objects.bulk_update(tickets).succeeded


def _updated() -> list[Any]:
    ids = [ticket.pk for ticket in _created()]
    return Ticket.objects.filter(id__in=ids).update(priority="high").succeeded


def _upserted() -> list[Any]:
    companies = Organization.objects.bulk_create(
        [Organization(name=f"O{each}") for each in range(ROWS)]
    ).succeeded
    people = [
        User(name=f"U{each}", email=f"u{each}@example.com", organization=company)
        for each, company in enumerate(companies)
    ]
    return User.objects.bulk_create(
        people, update_conflicts=True, unique_fields=["email"]
    ).succeeded


@pytest.mark.parametrize(
    ("write", "relation"),
    [
        (_created, "requester"),
        (_imported, "requester"),
        (_bulk_updated, "requester"),
        (_updated, "requester"),
        (_upserted, "organization"),
    ],
)
def test_objects_of_a_bulk_operation_are_loaded_together(
    emulator: Any, count_requests: Any, write: Callable[[], list[Any]], relation: str
) -> None:
    """A field that Zendesk sets takes one request for all objects, and a relation another one."""
    account = emulator.connect(keep={User: 0, Organization: 0})
    objects = write()
    account.rows.clear()

    assert ROWS == len(objects)
    with count_requests(account, 1):
        assert all(each.updated_at for each in objects)
    before = account.requests_sent
    assert all(getattr(each, relation).updated_at for each in objects)
    assert account.requests_sent - before <= 1

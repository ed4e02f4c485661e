"""Reading a relation of thirty objects takes a few requests instead of thirty."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.contract.spec import declared_models, label_of
from tests.servers import Server, ServerRequest
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


# Some tests run over all models.
pytestmark = pytest.mark.slow


ROWS = 30
#: Requests for the related objects of thirty rows: a request per hundred ids, or list pages.
MAX_REQUESTS = 3

#: Models whose rows are loaded one by one, because Zendesk returns one row per request.
ONE_BY_ONE: Mapping[str, str] = {
    "help_center.Article": "articles have no `show_many`, and a help center may have thousands",
    "AppInstallationJob": "jobs of installations have no list",
    "Request": "requests have no `show_many`, and a list of the caller's alone",
    "UserProfile": "profiles have a list of each user only",
    "chat.Visitor": "Chat has no list of visitors",
}
#: Models whose rows cannot be fetched by id: reading another field than the id raises.
UNREADABLE: Mapping[str, str] = {
    "talk.Call": "calls are in an export only",
    "NpsRecipient": "recipients are in an export only",
}


def _build_id(model: Any, number: int) -> Any:
    """Return an id of the type that a model has."""
    return number if model._meta.fields["id"].kind.name == "int" else str(number)


def _build_rows(model: Any, ids: list[int]) -> list[dict[str, Any]]:
    meta = model._meta
    rows = []
    for pk in ids:
        row = {"id": _build_id(model, pk), "name": f"n{pk}", "title": f"n{pk}"}
        row |= {
            relation.id.wire: _build_id(relation.model, 7) for relation in meta.relations.values()
        }
        row |= {**dict.fromkeys(meta.parent_keys, "9"), "custom_object_key": "car"}
        row.setdefault(meta.pk_key, row["id"])
        rows.append(row)
    return rows


def _serve_rows(model: Any) -> Server:
    """Return a server that has rows of one model, by id or as a list."""

    def answer(request: ServerRequest) -> Any:
        meta, last = model._meta, request.path.rpartition("/")[2]
        id_list = request.params.get("ids") or request.params.get("filter[ids]")
        ids = (
            [int(id_text) for id_text in id_list.split(",")]
            if id_list
            else list(range(1_000, 1_000 + ROWS))
        )
        if last.isdigit():
            ids = [int(last)]
        rows = _build_rows(model, ids)
        keys = {endpoint.key for endpoint in meta.api} | {meta.plural}
        paging = {"meta": {"has_more": False}, "next_page": None, "count": len(rows)}
        body = {**dict.fromkeys(keys, rows), meta.singular: rows[0], **paging}
        if not (not meta.enveloped and last.isdigit()):
            return body
        body.pop("", None)
        return {**rows[0], **body}

    return Server(answer)


def _read_field(record: Any) -> None:
    """Read a field that requires the row."""
    meta = record._meta
    name = next(
        field.name
        for field in meta.fields.values()
        if field.readable and field.relation is None and field.wire not in ("id", *meta.parent_keys)
    )
    getattr(record, name)


def _list_relations() -> Iterator[tuple[Any, Ref[Any]]]:
    for model in declared_models():
        for relation in model._meta.relations.values():
            if relation.id.readable and relation.id.wire not in model._meta.parent_keys:
                yield model, relation


@pytest.mark.parametrize(
    ("model", "relation"),
    [pytest.param(*item, id=f"{label_of(item[0])}.{item[1].name}") for item in _list_relations()],
)
def test_related_objects_are_loaded_together(model: Any, relation: Ref[Any]) -> None:
    """Reading the first related object loads those of the whole page."""
    server = _serve_rows(relation.model)
    account = server.connect()
    rows = _build_rows(model, list(range(ROWS)))
    for number, row in enumerate(rows):
        row[relation.id.wire] = _build_id(relation.model, 1_000 + number)
    records = account.current().materialize(model, rows)
    del server.asked[:]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NPlusOneWarning)
        for record in records:
            if label_of(relation.model) in UNREADABLE:
                with pytest.raises(NoEndpoint):
                    _read_field(getattr(record, relation.name))
            else:
                _read_field(getattr(record, relation.name))

    one_by_one = label_of(relation.model) in ONE_BY_ONE
    assert (len(server.asked) > MAX_REQUESTS) is one_by_one, server.asked[:3]
    assert [
        "Zendesk has no request"
        for error in caught
        if "Zendesk has no request" in str(error.message)
    ] == ["Zendesk has no request"] * (one_by_one or label_of(relation.model) in UNREADABLE)
    assert not [error for error in caught if "select_related" in str(error.message)]


def test_the_exceptions_are_related_models() -> None:
    """Each model that is listed as an exception is the target of a relation."""
    models = {label_of(relation.model) for _, relation in _list_relations()}

    assert {*ONE_BY_ONE, *UNREADABLE} <= models


def test_rows_without_a_bulk_request_are_loaded_one_by_one() -> None:
    """If Zendesk has no request for many rows, each row is loaded when it is read."""
    server = _serve_rows(Article)
    account = server.connect()
    rows = _build_rows(ArticleAttachment, [*range(5)])
    rows = [{**row, "article_id": 1_000 + number} for number, row in enumerate(rows)]
    records = account.current().materialize(ArticleAttachment, rows)

    _read_field(records[3].article)

    assert server.asked == ["GET help_center/articles/1003"]


def test_a_related_row_below_a_parent_is_loaded() -> None:
    """A related row whose path contains a parent is loaded if the row has the parent's id."""
    server = _serve_rows(RoutingAttributeValue)
    account = server.connect()
    row = {"id": "1", "attribute_id": "9", "attribute_value_id": "1000"}
    (skill,) = account.current().materialize(AgentSkill, [row])

    assert skill.attribute_value.name == "n1000"
    assert server.asked == ["GET routing/attributes/9/values/1000"]


# Relations to many

#: Models whose rows can neither be read nor prefetched by several ids at once.
NOT_BY_IDS: Mapping[str, str] = {
    "help_center.ContentTag": "content tags have no `show_many`, and an account may have thousands",
}
#: Relations to many that are prefetched in one request, because Zendesk searches for rows of
#: several parents or lists all rows. The others take one request per parent.
TOGETHER = {
    "App.installations",
    "AssetType.children",
    "Brand.badge_categories",
    "Brand.custom_claims",
    "Brand.themes",
    "Brand.lines",
    "Brand.monitored_twitter_handles",
    "Brand.phone_numbers",
    "Brand.remote_authentications",
    "Brand.suspended_tickets",
    "Brand.tickets",
    "Brand.triggers",
    "CapacityRule.agents",
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
    "User.capacity_assignments",
    "TriggerCategory.triggers",
    "User.assigned_tickets",
    "User.audit_logs",
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


def _list_relations_to_many() -> Iterator[tuple[Any, Any]]:
    for model in declared_models():
        for relation in vars(model).values():
            if isinstance(relation, (Many, RefList)):
                yield model, relation


def _build_parents(account: Any, model: Any, relation: Any) -> list[Any]:
    """Return thirty objects, each of which refers to another id."""
    rows = _build_rows(model, list(range(1_000, 1_000 + ROWS)))
    if isinstance(relation, RefList):
        wire = model._meta.fields[relation.ids].wire
        for number, row in enumerate(rows):
            row[wire] = [_build_id(relation.model, 1_000 + number)]
    parents: list[Any] = account.current().materialize(model, rows)
    return parents


def _serve_no_rows(model: Any) -> Server:
    """Return a server whose lists are empty; those of Chat have no envelope."""
    keys = {endpoint.key for endpoint in model._meta.api} | {model._meta.plural}
    empty: dict[str, Any] = {key: [] for key in keys if key}
    empty |= {"meta": {"has_more": False}, "next_page": None, "count": 0, "end_of_stream": True}
    return Server(lambda request: [] if label_of(model).startswith("chat.") else empty)


@pytest.mark.parametrize(
    ("model", "relation"),
    [
        pytest.param(*row, id=f"{label_of(row[0])}.{row[1].name}")
        for row in _list_relations_to_many()
    ],
)
def test_a_prefetch_is_advised_if_it_saves_requests(model: Any, relation: Any) -> None:
    """The warning advises a prefetch if and only if it takes fewer requests."""
    listed = isinstance(relation, RefList)
    server = _serve_rows(relation.model) if listed else _serve_no_rows(relation.model)
    account = server.connect(cache_seconds={relation.model: 0})
    parents = _build_parents(account, model, relation)
    del server.asked[:]
    if label_of(relation.model) in NOT_BY_IDS:
        with pytest.raises(NoEndpoint):
            prefetch_related_objects(parents, relation.name)
        few = False
    else:
        prefetch_related_objects(parents, relation.name)
        few = len(server.asked) <= MAX_REQUESTS
        assert few or len(server.asked) == ROWS
    name = f"{label_of(model)}.{relation.name}"
    assert few is (name in TOGETHER or (listed and label_of(relation.model) not in NOT_BY_IDS))

    other = server.connect("another", cache_seconds={relation.model: 0})
    parents = _build_parents(other, model, relation)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NPlusOneWarning)
        for parent in parents:
            list(getattr(parent, relation.name).all())

    advice = f"prefetch_related({relation.name!r})" if few else "Zendesk has no request"
    assert all(advice in str(error.message) for error in caught), [
        str(error.message) for error in caught
    ]
    assert caught or listed


# Bulk operations


def _create_users() -> list[Any]:
    users = [User(name=f"U{number}", email=f"u{number}@example.com") for number in range(ROWS)]
    return User.objects.bulk_create(users).succeeded


def _create_tickets() -> list[Any]:
    users = _create_users()
    return Ticket.objects.bulk_create(
        Ticket(subject=user.name, comment=Comment(body="x"), requester=user) for user in users
    ).succeeded


def _import_tickets() -> list[Any]:
    users = [user.pk for user in _create_users()]
    rows = [{"subject": "x", "requester_id": pk, "comments": [{"body": "x"}]} for pk in users]
    return Ticket.objects.import_many(rows).succeeded


def _bulk_update_tickets() -> list[Any]:
    tickets = _create_tickets()
    for ticket in tickets:
        ticket.subject = "changed"
    return Ticket.objects.bulk_update(tickets).succeeded


def _update_tickets() -> list[Any]:
    ids = [ticket.pk for ticket in _create_tickets()]
    return Ticket.objects.filter(id__in=ids).update(priority="high").succeeded


def _upsert_users() -> list[Any]:
    companies = Organization.objects.bulk_create(
        [Organization(name=f"O{number}") for number in range(ROWS)]
    ).succeeded
    users = [
        User(name=f"U{number}", email=f"u{number}@example.com", organization=company)
        for number, company in enumerate(companies)
    ]
    return User.objects.bulk_create(users, update_conflicts=True, unique_fields=["email"]).succeeded


@pytest.mark.parametrize(
    ("write", "relation"),
    [
        (_create_tickets, "requester"),
        (_import_tickets, "requester"),
        (_bulk_update_tickets, "requester"),
        (_update_tickets, "requester"),
        (_upsert_users, "organization"),
    ],
)
def test_objects_of_a_bulk_operation_are_loaded_together(
    emulator: Any, count_requests: Any, write: Callable[[], list[Any]], relation: str
) -> None:
    """Missing fields of all objects take one request after a bulk operation, and relations one."""
    account = emulator.connect(cache_seconds={User: 0, Organization: 0})
    objects = write()
    account.cache.clear()

    assert len(objects) == ROWS
    with count_requests(account, 1):
        assert all(row.updated_at for row in objects)
    before = account.requests_sent
    assert all(getattr(row, relation).updated_at for row in objects)
    assert account.requests_sent - before <= 1

"""Responses to requests by id must contain the requested rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Server
from zendesk_orm import MalformedResponse, MessagingKey, Ticket
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import ApiError
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.predicate import Condition, Predicate, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.session.lists.pages import pages


_KEY = MessagingKey("5c93f8b1a2e4d60010c1f0aa", "app_5c93", "secret")


def _endpoints(verb: Verb) -> list[tuple[Any, Endpoint]]:
    for product in registry.PRODUCTS:
        registry.load(product)
    return [
        (model, endpoint)
        for model in registry.models()
        if model.__module__.startswith("zendesk_orm.")
        for endpoint in model._meta.api
        if endpoint.verb is verb
    ]


def _row(model: Any, pk: Any) -> dict[str, Any]:
    return {"id": pk, model._meta.pk_key: pk, "name": f"n{pk}"}


def _read(model: Any, endpoint: Endpoint, key: str, ids: tuple[Any, ...], body: Any) -> list[Any]:
    account = Server(lambda request: body).connect(messaging=_KEY)
    where: Predicate = Condition(key, "in", ids)
    for name in {*endpoint.placeholders} - {"id"}:
        where = conjoin(where, Condition(name, "exact", "9"))
    plan = Plan(Query(model, where), endpoint, pushed=where)
    try:
        return [row for page in pages(account.transport, plan) for row in page.rows]
    finally:
        account.close()


def _is_rejected(*args: Any) -> bool:
    try:
        _read(*args)
    except MalformedResponse:
        return True
    return False


def test_another_row_than_the_requested_one_is_rejected():
    """A response with another id raises `MalformedResponse`; the requested row is returned."""
    violations = []
    for model, endpoint in _endpoints(Verb.SHOW):
        key = model._meta.envelope

        def body(pk, model=model, key=key):
            return {key: _row(model, pk)} if key else _row(model, pk)

        if not _read(model, endpoint, "id", (1,), body(1)):
            violations.append((endpoint.path, "no row"))
        violations += [
            (endpoint.path, other)
            for other in (2, "x", None)
            if not _is_rejected(model, endpoint, "id", (1,), body(other))
        ]

    assert violations == []


def test_rows_that_were_not_requested_by_id_are_rejected():
    """A list by ids may lack rows, but a row that was not requested raises `MalformedResponse`."""
    violations = []
    for model, endpoint in _endpoints(Verb.SHOW_MANY):
        key = next(iter(endpoint.filters), "id")
        field = model._meta.fields.get(key)
        wire = key if field is None else field.wire
        rows = [{**_row(model, pk), wire: str(pk)} for pk in (1, 2, 3)]
        if len(_read(model, endpoint, key, ("1", "2", "4"), {endpoint.key: rows[:2]})) != 2:
            violations.append((endpoint.path, "too few"))
        if not _is_rejected(model, endpoint, key, ("1", "2"), {endpoint.key: rows}):
            violations.append((endpoint.path, "too many"))

    assert violations == []


def test_get_raises_if_the_response_contains_another_ticket():
    """`get()` raises, so that a later save cannot change another ticket."""
    server = Server(lambda request: {"ticket": {"id": 2, "subject": "x"}})
    server.connect()

    with pytest.raises(ApiError, match="requested"):
        Ticket.objects.get(1)
    assert server.asked == ["GET tickets/1"]

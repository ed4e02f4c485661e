"""Properties that can be sent and never come back: described, and declared as `WriteOnly`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from tests.contract.spec import PREFIX, called, declared_models, description, needs_spec, shape
from zendesk_orm.api.endpoint import Verb


pytestmark = needs_spec

#: Described properties of requests that no field sends, with the reason.
LEFT_OUT: Mapping[str, str] = {
    "User.active_brand_id": "the account at the brand's host creates users of the brand",
    "User.auto_ownership": "a part of the early access program for shared addresses",
    "User.group_id": "`default_group` sets it",
    "User.group_ids": "`GroupMembership.objects.bulk_create()` adds users to groups",
    "User.identities": "`user.identities.create()` adds further addresses",
    "User.language": "another name of `locale`",
    "User.organization": "`organization` is a saved organization, whose id is sent",
    "User.organization_ids": "`OrganizationMembership.objects.bulk_create()` adds users",
    "User.organization_name": "deprecated by Zendesk",
    "User.password": "`user.set_password()` sends it, so that no object holds a password",
}
#: Described keys of a body beside the object that nothing sends, with the reason.
BESIDE_LEFT_OUT: Mapping[str, str] = {
    "Ticket.system_metadata": "for integrations that Zendesk itself has made",
}
#: Those that a method sends.
BESIDE_SENT = {"help_center.Article.notify_subscribers"}


def _properties(found: Mapping[str, Any], schema: Any, seen: frozenset[str] = frozenset()) -> Any:
    """Return the properties of a schema, of those that it refers to and of its alternatives."""
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return {}
        return _properties(found, found["components"]["schemas"].get(name), seen | {name})
    properties: dict[str, Any] = {}
    for word in ("allOf", "oneOf", "anyOf"):
        for each in schema.get(word, ()):
            properties |= _properties(found, each, seen)
    return properties | (schema.get("properties") or {})


def _body(found: Mapping[str, Any], part: Any) -> dict[str, Any]:
    content = (part or {}).get("content") or {}
    properties: dict[str, Any] = _properties(
        found, (content.get("application/json") or {}).get("schema")
    )
    return properties


@cache
def _bodies() -> dict[tuple[str, str], tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Return what each call sends and receives, by method and path, with its description."""
    bodies = {}
    for name in ("support-oas.yaml", "help-center-oas.yaml"):
        found = description(name)
        for path, calls in found["paths"].items():
            for method in calls.keys() & {"post", "put", "patch"}:
                call, received = calls[method], {}
                for status, each in (call.get("responses") or {}).items():
                    if str(status).startswith("2"):
                        received |= _body(found, each)
                sent = _body(found, call.get("requestBody"))
                key = (method.upper(), shape(path).removeprefix(PREFIX))
                bodies[key] = (found, sent, received)
    return bodies


def _writes() -> Iterator[tuple[Any, set[str], set[str]]]:
    """Yield models with the properties that are only sent, and the keys beside the object."""
    for model in declared_models():
        for endpoint in model._meta.api:
            call = (endpoint.method, shape(endpoint.path))
            if endpoint.verb not in (Verb.CREATE, Verb.UPDATE) or call not in _bodies():
                continue
            found, sent, received = _bodies()[call]
            key = model._meta.envelope
            inner = _properties(found, sent.get(key))
            outer = _properties(found, received.get(key))
            if inner and outer:
                kept = {name for name, each in inner.items() if not (each or {}).get("readOnly")}
                yield model, kept - outer.keys(), {*sent} - {key}


def test_what_is_only_sent_is_declared() -> None:
    """A property that is in the requests and not in the responses is a field, or left out."""
    missing = {
        f"{called(model)}.{name}"
        for model, names, _ in _writes()
        for name in names - {each.wire for each in model._meta.fields.values()}
    }

    assert missing == {*LEFT_OUT}
    assert all(LEFT_OUT.values())


def test_what_is_only_sent_is_write_only() -> None:
    """Such a field is not read from rows, unless a recording or another source shows it there."""
    readable = {
        f"{called(model)}.{each.wire}"
        for model, names, _ in _writes()
        for each in model._meta.fields.values()
        if each.wire in names and each.readable
    }

    assert readable == {"help_center.Section.sorting"}


def test_what_stands_beside_the_object_is_sent() -> None:
    """A key of the body beside the object is an argument of a method, or left out."""
    beside = {f"{called(model)}.{name}" for model, _, names in _writes() for name in names}

    assert beside == {*BESIDE_LEFT_OUT} | BESIDE_SENT


@pytest.mark.parametrize("name", ["Ticket", "User"])
def test_there_is_something_to_compare(name: str) -> None:
    """The descriptions of tickets and users were found."""
    assert name in {called(model) for model, _, _ in _writes()}

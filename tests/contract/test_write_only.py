"""Properties that are sent and never returned are declared as `WriteOnly`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from tests.contract.spec import (
    PREFIX,
    declared_models,
    hide_placeholders,
    label_of,
    needs_spec,
    read_description,
)
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
#: Described keys next to the object of a body that nothing sends, with the reason.
BESIDE_LEFT_OUT: Mapping[str, str] = {
    "Ticket.system_metadata": "for integrations that Zendesk itself has made",
}
#: Keys next to the object that a method sends, with the method.
BESIDE_SENT = {"help_center.Article.notify_subscribers"}


def _collect_properties(
    schemas_: Mapping[str, Any], schema: Any, seen: frozenset[str] = frozenset()
) -> Any:
    """Return the properties of a schema, of its references and alternatives."""
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return {}
        return _collect_properties(
            schemas_, schemas_["components"]["schemas"].get(name), seen | {name}
        )
    properties: dict[str, Any] = {}
    for word in ("allOf", "oneOf", "anyOf"):
        for item in schema.get(word, ()):
            properties |= _collect_properties(schemas_, item, seen)
    return properties | (schema.get("properties") or {})


def _read_body(schemas_: Mapping[str, Any], part: Any) -> dict[str, Any]:
    content = (part or {}).get("content") or {}
    properties: dict[str, Any] = _collect_properties(
        schemas_, (content.get("application/json") or {}).get("schema")
    )
    return properties


@cache
def _read_bodies() -> dict[tuple[str, str], tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Return the request and response bodies of each call, by method and path."""
    bodies = {}
    for name in ("support-oas.yaml", "help-center-oas.yaml"):
        result = read_description(name)
        for path, calls in result["paths"].items():
            for method in calls.keys() & {"post", "put", "patch"}:
                call, received = calls[method], {}
                for status, item in (call.get("responses") or {}).items():
                    if str(status).startswith("2"):
                        received |= _read_body(result, item)
                sent = _read_body(result, call.get("requestBody"))
                key = (method.upper(), hide_placeholders(path).removeprefix(PREFIX))
                bodies[key] = (result, sent, received)
    return bodies


def _find_writes() -> Iterator[tuple[Any, set[str], set[str]]]:
    """Yield models with their write-only properties, and the keys next to the object."""
    for model in declared_models():
        for endpoint in model._meta.api:
            call = (endpoint.method, hide_placeholders(endpoint.path))
            if endpoint.verb not in (Verb.CREATE, Verb.UPDATE) or call not in _read_bodies():
                continue
            result, sent, received = _read_bodies()[call]
            key = model._meta.envelope
            inner = _collect_properties(result, sent.get(key))
            outer = _collect_properties(result, received.get(key))
            if inner and outer:
                writable = {
                    name for name, item in inner.items() if not (item or {}).get("readOnly")
                }
                yield model, writable - outer.keys(), {*sent} - {key}


def test_write_only_properties_are_declared() -> None:
    """A property that occurs only in requests is a field, or left out for a reason."""
    missing = {
        f"{label_of(model)}.{name}"
        for model, names, _ in _find_writes()
        for name in names - {value.wire for value in model._meta.fields.values()}
    }

    assert missing == {*LEFT_OUT}
    assert all(LEFT_OUT.values())


def test_write_only_properties_are_write_only_fields() -> None:
    """Write-only properties are `WriteOnly` fields, unless recorded rows contain them."""
    readable = {
        f"{label_of(model)}.{value.wire}"
        for model, names, _ in _find_writes()
        for value in model._meta.fields.values()
        if value.wire in names and value.readable
    }

    assert readable == {"help_center.Section.sorting"}


def test_keys_next_to_the_object_are_sent() -> None:
    """A key next to the object is an argument of a method, or left out for a reason."""
    beside = {f"{label_of(model)}.{name}" for model, _, names in _find_writes() for name in names}

    assert beside == {*BESIDE_LEFT_OUT} | BESIDE_SENT


@pytest.mark.parametrize("name", ["Ticket", "User"])
def test_descriptions_of_tickets_and_users_exist(name: str) -> None:
    """The comparison includes tickets and users."""
    assert name in {label_of(model) for model, _, _ in _find_writes()}

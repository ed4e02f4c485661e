"""The fields that models declare, those that Zendesk describes, and those that it sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.contract.known import gathered
from tests.contract.spec import Property, called, declared_models, needs_spec, schemas
from tests.loops import for_each
from tests.recordings.replay import needs_recordings
from tests.recordings.rows import all_rows
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.values import TEXT_ID


pytestmark = needs_spec

#: What a described type is in Python, by kind.
KINDS: Mapping[str, frozenset[str]] = {
    "array": frozenset({"list"}),
    "boolean": frozenset({"bool"}),
    "integer": frozenset({"int"}),
    "number": frozenset({"float"}),
    "object": frozenset({"dict"}),
    "string": frozenset({"str"}),
}

RECEIVED, SENT = gathered("RECEIVED"), gathered("SENT")
UNDESCRIBED, LEFT_OUT = gathered("UNDESCRIBED"), gathered("LEFT_OUT")
NOT_DECLARED = gathered("NOT_DECLARED")
OTHER_TYPES, OTHER_ACCESS = gathered("OTHER_TYPES"), gathered("OTHER_ACCESS")
OTHER_CHOICES = gathered("OTHER_CHOICES")

#: The products that Zendesk describes the rows of.
PRODUCTS = ("support", "help_center")


def _models() -> list[Any]:
    return [
        model
        for model in declared_models()
        # Rows that are of several models are compared as these.
        if model._meta.app_label in PRODUCTS and not model._meta.mixed
    ]


every_model = for_each(_models, called)


def _described(model: Any, names: Mapping[str, tuple[str, ...]]) -> dict[str, Property]:
    """Return the properties of a model's schemas; the first that has one wins."""
    found: dict[str, Property] = {}
    for name in names.get(called(model), ()):
        found = {**schemas()[name], **found}
    return found


@cache
def _recorded() -> Mapping[Any, frozenset[str]]:
    """Return the keys of all recorded rows, by model."""
    found: dict[Any, set[str]] = {model: set() for model in declared_models()}
    for model, row in all_rows():
        found[model].update(row)
    return {model: frozenset(keys) for model, keys in found.items()}


def _fields(model: Any) -> dict[str, Attribute[Any]]:
    return {field.wire: field for field in model._meta.fields.values()}


def _of(model: Any, table: Mapping[str, str]) -> set[str]:
    """Return the keys that a table of exceptions names for a model."""
    own = (name.rpartition(".") for name in table)
    return {key for owner, _, key in own if owner == called(model)}


@every_model
def test_every_field_exists(model: Any) -> None:
    """A declared field is described or was recorded, or the test names its source."""
    known = {*_described(model, RECEIVED), *_described(model, SENT), *_recorded()[model]}

    assert {*_fields(model)} - known == _of(model, UNDESCRIBED)


@every_model
def test_every_property_is_declared(model: Any) -> None:
    """A described property is a field, or is left out for a reason."""
    described = {*_described(model, RECEIVED), *_described(model, SENT)}

    assert described - {*_fields(model)} == _of(model, LEFT_OUT)


@needs_recordings
@every_model
def test_every_recorded_key_is_declared(model: Any) -> None:
    """What Zendesk sent is a field, or is left to `extra` for a reason."""
    assert _recorded()[model] - {*_fields(model)} == _of(model, NOT_DECLARED)


@every_model
def test_types_agree(model: Any) -> None:
    """A field has the described type, as far as JSON tells one."""
    properties = {**_described(model, SENT), **_described(model, RECEIVED)}
    other = {
        wire: (field.kind.name, properties[wire].type)
        for wire, field in _fields(model).items()
        if wire in properties and not _agrees(field, properties[wire])
    }

    assert {*other} == _of(model, OTHER_TYPES), other


def _agrees(field: Attribute[Any], described: Property) -> bool:
    if field.relation is not None:
        return described.type == ("string" if field.kind is TEXT_ID else "integer")
    if described.format == "date-time":
        return field.kind.name == "datetime"
    if field.kind.choices:
        return described.type == "string"
    if described.type.startswith("ref:"):
        # A reference is a nested record, or an object that is left as it is.
        return field.kind.name in {
            "dict",
            described.type.removeprefix("ref:").removesuffix("Object"),
        }
    kind, _, item = described.type.removesuffix(">").partition("<")
    if kind == "array" and field.kind.name.startswith("list["):
        return field.kind.name == f"list[{item.removesuffix('Object')}]"
    return field.kind.name in KINDS.get(kind, frozenset())


@every_model
def test_access_agrees(model: Any) -> None:
    """What can be assigned can be sent, and what cannot is set by Zendesk, as it describes."""
    received, sent = _described(model, RECEIVED), _described(model, SENT)
    other = set()
    for wire, field in _fields(model).items():
        if wire not in received and wire not in sent:
            continue
        editable = wire in sent or not received[wire].read_only
        readable = wire in received and not received[wire].write_only
        if (field.editable, field.readable) != (editable, readable):
            other.add(f"{wire}: {'editable' if editable else 'read-only'}, {readable=}")

    assert {each.partition(":")[0] for each in other} == _of(model, OTHER_ACCESS), other


@every_model
def test_choices_agree(model: Any) -> None:
    """A field with fixed choices has those that are described, in whatever order."""
    properties = {**_described(model, SENT), **_described(model, RECEIVED)}

    other = {
        wire
        for wire, field in _fields(model).items()
        if field.kind.choices and wire in properties and properties[wire].choices
        if {*properties[wire].choices} != {*field.kind.choices}
    }

    assert other == _of(model, OTHER_CHOICES)


def test_exceptions_name_models() -> None:
    """Each exception is one of a model that is compared."""
    tables = (UNDESCRIBED, LEFT_OUT, NOT_DECLARED, OTHER_TYPES, OTHER_ACCESS, OTHER_CHOICES)
    names = {name.rpartition(".")[0] for table in tables for name in table}

    assert names <= {*RECEIVED}


def test_every_model_is_compared() -> None:
    """No model of Support or the Help Center is left out."""
    assert {called(model) for model in _models()} == {*RECEIVED}

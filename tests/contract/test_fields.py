"""Declared fields agree with Zendesk's description and with recorded rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.contract.known import merge_tables
from tests.contract.spec import Property, declared_models, label_of, needs_spec, read_schemas
from tests.loops import for_each
from tests.recordings.replay import needs_recordings
from tests.recordings.rows import iter_all_rows
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.values import TEXT_ID


pytestmark = needs_spec

#: The Python types of described types, by kind.
KINDS: Mapping[str, frozenset[str]] = {
    "array": frozenset({"list"}),
    "boolean": frozenset({"bool"}),
    "integer": frozenset({"int"}),
    "number": frozenset({"float"}),
    "object": frozenset({"dict"}),
    "string": frozenset({"str"}),
}

RECEIVED, SENT = merge_tables("RECEIVED"), merge_tables("SENT")
UNDESCRIBED, LEFT_OUT = merge_tables("UNDESCRIBED"), merge_tables("LEFT_OUT")
NOT_DECLARED = merge_tables("NOT_DECLARED")
OTHER_TYPES, OTHER_ACCESS = merge_tables("OTHER_TYPES"), merge_tables("OTHER_ACCESS")
OTHER_CHOICES = merge_tables("OTHER_CHOICES")

#: The products whose rows Zendesk describes.
PRODUCTS = ("support", "help_center")


def _list_models() -> list[Any]:
    return [
        model
        for model in declared_models()
        # Rows of several models are compared with these.
        if model._meta.app_label in PRODUCTS and not model._meta.discriminator
    ]


every_model = for_each(_list_models, label_of)


def _find_described_properties(
    model: Any, names: Mapping[str, tuple[str, ...]]
) -> dict[str, Property]:
    """Return the properties of a model's schemas; the first schema with a property wins."""
    result: dict[str, Property] = {}
    for name in names.get(label_of(model), ()):
        result = {**read_schemas()[name], **result}
    return result


@cache
def _read_recorded_keys() -> Mapping[Any, frozenset[str]]:
    """Return the keys of all recorded rows, by model."""
    result: dict[Any, set[str]] = {model: set() for model in declared_models()}
    for model, row in iter_all_rows():
        result[model].update(row)
    return {model: frozenset(keys) for model, keys in result.items()}


def _list_fields(model: Any) -> dict[str, Attribute[Any]]:
    return {field.wire: field for field in model._meta.fields.values()}


def _find_exceptions(model: Any, table: Mapping[str, str]) -> set[str]:
    """Return the keys in a table of exceptions for a model."""
    entries = (name.rpartition(".") for name in table)
    return {key for owner, _, key in entries if owner == label_of(model)}


@every_model
def test_every_field_exists(model: Any) -> None:
    """A declared field is described or was recorded, or the test names its source."""
    known_keys = {
        *_find_described_properties(model, RECEIVED),
        *_find_described_properties(model, SENT),
        *_read_recorded_keys()[model],
    }

    assert {*_list_fields(model)} - known_keys == _find_exceptions(model, UNDESCRIBED)


@every_model
def test_every_property_is_declared(model: Any) -> None:
    """A described property is a field, or is left out for a reason."""
    described = {
        *_find_described_properties(model, RECEIVED),
        *_find_described_properties(model, SENT),
    }

    assert described - {*_list_fields(model)} == _find_exceptions(model, LEFT_OUT)


@needs_recordings
@every_model
def test_every_recorded_key_is_declared(model: Any) -> None:
    """A recorded key is a field, or is left to `extra` for a reason."""
    assert _read_recorded_keys()[model] - {*_list_fields(model)} == _find_exceptions(
        model, NOT_DECLARED
    )


@every_model
def test_types_agree(model: Any) -> None:
    """A field has the described type, if JSON distinguishes the types."""
    properties = {
        **_find_described_properties(model, SENT),
        **_find_described_properties(model, RECEIVED),
    }
    other = {
        wire: (field.kind.name, properties[wire].type)
        for wire, field in _list_fields(model).items()
        if wire in properties and not _is_described_type(field, properties[wire])
    }

    assert _find_exceptions(model, OTHER_TYPES) == {*other}, other


def _is_described_type(field: Attribute[Any], described: Property) -> bool:
    if field.relation is not None:
        return described.type == ("string" if field.kind is TEXT_ID else "integer")
    if described.format == "date-time":
        return field.kind.name == "datetime"
    if field.kind.choices:
        return described.type == "string"
    if described.type.startswith("ref:"):
        # A reference is declared as a nested record, or as a dictionary.
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
    """Writable fields can be sent, and read-only ones are set by Zendesk, as described."""
    received, sent = (
        _find_described_properties(model, RECEIVED),
        _find_described_properties(model, SENT),
    )
    other = set()
    for wire, field in _list_fields(model).items():
        if wire not in received and wire not in sent:
            continue
        editable = wire in sent or not received[wire].read_only
        readable = wire in received and not received[wire].write_only
        if (field.editable, field.readable) != (editable, readable):
            other.add(f"{wire}: {'editable' if editable else 'read-only'}, {readable=}")

    assert {item.partition(":")[0] for item in other} == _find_exceptions(model, OTHER_ACCESS), (
        other
    )


@every_model
def test_choices_agree(model: Any) -> None:
    """A field with fixed choices has the described ones, in any order."""
    properties = {
        **_find_described_properties(model, SENT),
        **_find_described_properties(model, RECEIVED),
    }

    other = {
        wire
        for wire, field in _list_fields(model).items()
        if field.kind.choices and wire in properties and properties[wire].choices
        if {*properties[wire].choices} != {*field.kind.choices}
    }

    assert other == _find_exceptions(model, OTHER_CHOICES)


def test_exceptions_name_models() -> None:
    """Each exception belongs to a model that is compared."""
    tables = (UNDESCRIBED, LEFT_OUT, NOT_DECLARED, OTHER_TYPES, OTHER_ACCESS, OTHER_CHOICES)
    names = {name.rpartition(".")[0] for table in tables for name in table}

    assert names <= {*RECEIVED}


def test_every_model_is_compared() -> None:
    """No model of Support or the Help Center is omitted."""
    assert {label_of(model) for model in _list_models()} == {*RECEIVED}

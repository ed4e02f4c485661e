"""Types of custom fields, in Zendesk and in declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import FieldError
from zendesk_orm.schema import registry
from zendesk_orm.schema.annotation import type_names
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.definitions import Definition


#: The Python types that a declaration may have for a type of Zendesk; `inspect` writes the first.
_PYTHON_TYPES: Mapping[str, tuple[str, ...]] = {
    "checkbox": ("bool",),
    "date": ("date",),
    "decimal": ("float",),
    "integer": ("int",),
    # Ids are possible, too; their type depends on the target model.
    "lookup": ("int | str", "int", "str"),
    "multiselect": ("list",),
}
_TEXT = ("str",)


def infer_type(declared: CustomField[Any], *, by_id: bool) -> str:
    """Return Zendesk's name of the type of a declaration; "" if it is unclear.

    Args:
        declared: the declaration.
        by_id: whether values lie under the id of the field, as those of tickets do.
    """
    names = get_declared_types(declared)
    if declared.type or len(names) != 1:
        return declared.type
    if names == ["list"]:
        return "multiselect"
    if declared.options is not None or declared.choices is not None:
        return "tagger" if by_id else "dropdown"
    if names == ["str"]:
        return "regexp" if declared.pattern else "text"
    return next((type_ for type_, types in _PYTHON_TYPES.items() if types == (*names,)), "lookup")


def get_python_type(definition: Definition) -> str:
    """Return the Python type of a field's values as code, without its options and None."""
    if definition.leads_to is not None:
        return definition.leads_to[0]
    return _PYTHON_TYPES.get(definition.type, _TEXT)[0]


def fits(declared: CustomField[Any], definition: Definition, label: str) -> bool:
    """Return whether a declaration has the type of the field in Zendesk.

    A declaration without any type always fits.

    Args:
        declared: the declaration.
        definition: the field of the account.
        label: the `app_label` of the declaring model, by which names of models are resolved.
    """
    if declared.type not in ("", definition.type):
        return False
    if declared.choices is not None and not definition.chosen:
        return False
    allowed = _PYTHON_TYPES.get(definition.type, _TEXT)
    return all(
        name in allowed or _is_target(name, definition, label)
        for name in get_declared_types(declared)
    )


def get_declared_types(declared: CustomField[Any]) -> list[str]:
    """Return the names of the Python types in a declaration; `Literal` counts as `str`."""
    names = type_names(declared.declared_type)
    return [name for name in names if name not in ("Any", "NoneType", "None")]


def _is_target(name: str, definition: Definition, label: str) -> bool:
    """Return whether a lookup field refers to a model, or to the base of a proxy model."""
    if definition.leads_to is None:
        return False
    target, condition = definition.leads_to
    try:
        model, expected = registry.find(name, label), registry.find(target)
    except FieldError:
        return False
    has_filter = all(
        model._meta.filter.get(key, value) == value for key, value in condition.items()
    )
    return has_filter and issubclass(model, expected)

"""The types of custom fields: what each is in Python, and what a declaration says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from zendesk_orm.errors import FieldError
from zendesk_orm.schema import registry
from zendesk_orm.schema.annotation import type_names
from zendesk_orm.schema.custom import CustomField
from zendesk_orm.schema.definitions import Definition


#: The Python types that a declaration may have for each of Zendesk's types; `inspect` writes the
#: first.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "checkbox": ("bool",),
    "date": ("date",),
    "decimal": ("float",),
    "integer": ("int",),
    # An id is possible, too; the model at the other end decides which of the two it is.
    "lookup": ("int | str", "int", "str"),
    "multiselect": ("list",),
}
_TEXT = ("str",)


def python_type(definition: Definition) -> str:
    """Return the Python type of a field's values as code, without its options and None."""
    if definition.leads_to is not None:
        return definition.leads_to[0]
    return _KINDS.get(definition.type, _TEXT)[0]


def fits(declared: CustomField[Any], definition: Definition, label: str) -> bool:
    """Return whether a declaration has the type of the field in Zendesk.

    A declaration without any type always fits.

    Args:
        declared: the declaration.
        definition: the field of the account.
        label: the `app_label` of the declaring model, for the models that a lookup names.
    """
    if declared.type not in ("", definition.type):
        return False
    if options(declared) is not None and not definition.chosen:
        return False
    known = _KINDS.get(definition.type, _TEXT)
    return all(
        name in known or _is_target(name, definition, label) for name in declared_types(declared)
    )


def declared_types(declared: CustomField[Any]) -> list[str]:
    """Return the names of the Python types in a declaration; `Literal` counts as `str`."""
    names = type_names(declared.declared_type)
    return [name for name in names if name not in ("Any", "NoneType", "None")]


def _is_target(name: str, definition: Definition, label: str) -> bool:
    """Return whether a lookup leads to rows of a model, or of the model that it is a proxy of."""
    if definition.leads_to is None:
        return False
    target, known = definition.leads_to
    try:
        found, expected = registry.find(name, label), registry.find(target)
    except FieldError:
        return False
    same = all(found._meta.filter.get(key, value) == value for key, value in known.items())
    return same and issubclass(found, expected)


def options(declared: CustomField[Any]) -> set[str] | None:
    """Return the tags of the `Literal` in a declaration; None if it has none."""
    for each in _members(declared.declared_type):
        inner = next(iter(get_args(each)), None) if get_origin(each) is list else each
        for one in _members(inner):
            if get_origin(one) is Literal:
                return {str(tag) for tag in get_args(one)}
    return None


def _members(declared: Any) -> tuple[Any, ...]:
    """Return the members of a union; of anything else, itself."""
    if declared is None:
        return ()
    union = get_origin(declared) not in (None, list, Literal)
    return get_args(declared) if union else (declared,)

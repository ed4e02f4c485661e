"""The types of custom fields: what each is in Python, and what a declaration says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from zendesk_orm.errors import FieldError
from zendesk_orm.schema import registry
from zendesk_orm.schema.custom import CustomField, type_names
from zendesk_orm.schema.definitions import Definition


#: What Zendesk's types are in Python; the first is the one to write.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "checkbox": ("bool",),
    "date": ("date",),
    "decimal": ("float", "int"),
    "integer": ("int",),
    # The id will do, too; which of the two it is, the model at the other end tells.
    "lookup": ("int | str", "int", "str"),
    "multiselect": ("list",),
}
_TEXT = ("str",)


def written(definition: Definition) -> str:
    """Return the type of a field's values as code, options and None left aside."""
    if definition.leads_to is not None:
        return definition.leads_to[0]
    return _KINDS.get(definition.type, _TEXT)[0]


def fits(declared: CustomField[Any], definition: Definition) -> bool:
    """Tell whether a declaration has the type of the field; one without a type always has."""
    known = _KINDS.get(definition.type, _TEXT)
    return all(name in known or _leads(name, definition) for name in said(declared))


def said(declared: CustomField[Any]) -> list[str]:
    """Return the names of the types that a declaration says, options being text."""
    names = type_names(declared.declared_type)
    return [name for name in names if name not in ("Any", "NoneType", "None")]


def _leads(name: str, definition: Definition) -> bool:
    """Tell whether a model is one that a lookup leads to, or a kind of it."""
    if definition.leads_to is None:
        return False
    try:
        found, wanted = (registry.find(each) for each in (name, definition.leads_to[0]))
    except FieldError:
        return False
    return issubclass(found, wanted)


def options(declared: CustomField[Any]) -> set[str] | None:
    """Return the tags that a declaration lists; None where it lists none."""
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

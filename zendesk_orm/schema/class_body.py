"""Checks the annotations and values of class bodies that would otherwise be ignored."""

from __future__ import annotations

import sys
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, get_origin

from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display
from zendesk_orm.schema.annotation import own_annotations
from zendesk_orm.schema.custom_field import CustomField


def check_body(cls: type, *, fields: Collection[str], relations: Collection[str]) -> None:
    """Check annotations and values that are meant as fields, but have another form.

    Args:
        cls: the class.
        fields: the names of the classes of fields: `Field`.
        relations: the names of the classes of relations: `Ref`.

    Raises:
        FieldError: the message has the right form.
    """
    for name, annotation in own_annotations(cls).items():
        value = vars(cls).get(name)
        is_class = isinstance(annotation, type)
        text = annotation.__name__ if is_class else str(annotation).strip("'\"")
        outer, bracket, _ = text.partition("[")
        kind = outer.rpartition(".")[2]
        hint = ""
        if kind == "CustomField" and not isinstance(value, CustomField):
            hint = f'write {name} = CustomField[str]("..."), with its title'
        elif kind in fields:
            hint = _explain_field(f"{name}: {text}", value, is_complete=bool(bracket))
        elif kind in relations:
            hint = _explain_relation(f"{name}: {text}", value, is_complete=bool(bracket))
        elif bracket and not hasattr(sys.modules.get(cls.__module__), kind):
            near = get_close_matches(kind, {*fields, *relations}, n=1, cutoff=0.75)
            hint = f"{kind} is not defined; did you mean {near[0]}?" if near else ""
        _require_no_hint(cls, name, hint)
    for name, value in vars(cls).items():
        is_uncalled = value is CustomField or get_origin(value) is CustomField
        if is_uncalled or (isinstance(value, tuple) and any(map(_is_custom, value))):
            hint = f'write {name} = CustomField[str]("..."), with its title, and no comma behind it'
            _require_no_hint(cls, name, hint)


def _explain_field(written: str, value: Any, *, is_complete: bool) -> str:
    """Return the right form of an annotation and the value behind it; "" if they have it."""
    if not is_complete:
        return f"write the type in brackets, as in {written}[str]"
    # The keys of a secret that are shown are a tuple.
    if value is None or isinstance(value, tuple):
        return ""
    return f"a field has no value in a class: write {written}, without = {display(value)}"


def _explain_relation(written: str, value: Any, *, is_complete: bool) -> str:
    """Return the right form of an annotation and the name behind it; "" if they have it."""
    if not is_complete:
        return f"write the model in brackets, as in {written}[User]"
    if value is None or isinstance(value, str):
        return ""
    return f"write the name of a field or a lookup behind =, not {display(value)}"


def _is_custom(value: Any) -> bool:
    return isinstance(value, CustomField)


def _require_no_hint(cls: type, name: str, hint: str) -> None:
    if hint:
        raise FieldError(f"{cls.__name__}.{name}: {hint}")

"""Checks the annotations and values of class bodies that would otherwise be ignored."""

from __future__ import annotations

import sys
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, get_origin

from attrs import frozen

from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display
from zendesk_orm.schema.annotation import own_annotations
from zendesk_orm.schema.custom_field import CustomField


@frozen
class _Form:
    """The right form of an annotation of a class body, and of the value behind it.

    Attributes:
        brackets: the content of the brackets.
        example: an example of it.
        value_type: the type of the value, which may be missing.
        problem: the message for other values.
    """

    brackets: str
    example: str
    value_type: type
    problem: str

    def find_mistake(self, written: str, value: Any, *, is_complete: bool) -> str:
        """Return the remedy for an annotation and the value behind it; "" if they are right."""
        if not is_complete:
            return f"write {self.brackets} in brackets, as in {written}[{self.example}]"
        if value is None or isinstance(value, self.value_type):
            return ""
        return self.problem.format(written=written, value=display(value))


# The value of a secret is the tuple of the keys that are shown.
_FIELD = _Form(
    "the type", "str", tuple, "a field has no value in a class: write {written}, without = {value}"
)
_RELATION = _Form(
    "the model", "User", str, "write the name of a field or a lookup behind =, not {value}"
)


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
        form = _FIELD if kind in fields else _RELATION if kind in relations else None
        hint = ""
        if kind == "CustomField" and not isinstance(value, CustomField):
            hint = f'write {name} = CustomField[str]("..."), with its title'
        elif form is not None:
            hint = form.find_mistake(f"{name}: {text}", value, is_complete=bool(bracket))
        elif bracket and not hasattr(sys.modules.get(cls.__module__), kind):
            near = get_close_matches(kind, {*fields, *relations}, n=1, cutoff=0.75)
            hint = f"{kind} is not defined; did you mean {near[0]}?" if near else ""
        _require_no_hint(cls, name, hint)
    for name, value in vars(cls).items():
        is_uncalled = value is CustomField or get_origin(value) is CustomField
        if is_uncalled or (isinstance(value, tuple) and any(map(_is_custom, value))):
            hint = f'write {name} = CustomField[str]("..."), with its title, and no comma behind it'
            _require_no_hint(cls, name, hint)


def _is_custom(value: Any) -> bool:
    return isinstance(value, CustomField)


def _require_no_hint(cls: type, name: str, hint: str) -> None:
    if hint:
        raise FieldError(f"{cls.__name__}.{name}: {hint}")

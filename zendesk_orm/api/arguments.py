"""Checks of arguments by the annotations of their parameters, made before anything is sent.

Python does not check annotations: a text passes as a list of letters, and "no" passes as true.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, cast

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import is_lazy, is_list, plain
from zendesk_orm.messages import display


F = TypeVar("F", bound=Callable[..., Any])

#: Generic types whose values are lists of members, in annotations.
_LISTS = frozenset({"Collection", "Iterable", "Sequence", "list"})
_MAPPINGS = frozenset({"Mapping", "dict"})


@frozen
class Check:
    """A check of a value.

    Attributes:
        noun: the accepted values, for messages.
        accepts: returns whether a value is accepted.
        members: the check of the members of a list, or None.
        is_text: whether texts are accepted, which may be secrets: messages omit other values.
    """

    noun: str
    accepts: Callable[[Any], bool]
    members: Check | None = None
    is_text: bool = False

    def convert(self, what: str, value: Any) -> Any:
        """Return a value as the method receives it: iterators of checked members as lists.

        Raises:
            InvalidValue: the value is not accepted, or contains half a character.
        """
        if not self.accepts(value):
            shown = type(value).__name__ if self.is_text and value is not None else display(value)
            raise InvalidValue(f"{what} must be {self.noun}, not {shown}")
        if isinstance(value, str):
            try:
                plain(value)
            except InvalidValue as error:
                raise InvalidValue(f"{what}: {error}") from None
        if self.members is None or not is_list(value):
            return value
        return [self.members.convert(f"each value of {what}", item) for item in value]


def check_arguments(function: F) -> F:
    """Decorate a method so that it checks its arguments by their annotations.

    Checked are texts, numbers, booleans, moments, mappings and lists, and unions of these. The
    method itself checks other arguments, such as objects of models.

    >>> class Message(Ticket):
    ...     @check_arguments
    ...     def report(self, *, notify: bool) -> None: ...
    >>> Message().report(notify="no")
    Traceback (most recent call last):
    zendesk_orm.errors.InvalidValue: report(): notify must be True or False, not 'no'
    """
    if not set(function.__annotations__) - {"return"}:
        return function

    @wraps(function)
    def check_and_call(*args: Any, **keywords: Any) -> Any:
        bindable, checks = _read_checks(function)
        try:
            bound = bindable.bind(*args, **keywords)
        except TypeError:
            # The message of Python names the method.
            return function(*args, **keywords)
        for name, check in checks.items():
            if name in bound.arguments:
                what = f"{function.__name__}(): {name}"
                bound.arguments[name] = check.convert(what, bound.arguments[name])
        return function(*bound.args, **bound.kwargs)

    return cast("F", check_and_call)


@cache
def _read_checks(
    function: Callable[..., Any],
) -> tuple[Signature, dict[str, Check]]:
    """Return the signature of a method, and the checks of its parameters by name."""
    bindable = signature(function)
    checks = {}
    for name, parameter in bindable.parameters.items():
        check = _read_check(_text_of(parameter.annotation))
        if check is None or parameter.kind is Parameter.VAR_KEYWORD:
            continue
        if parameter.kind is Parameter.VAR_POSITIONAL:
            check = Check("", is_list, check)
        checks[name] = check
    return bindable, checks


def _text_of(annotation: Any) -> str:
    """Return an annotation as text; modules without deferred annotations have types."""
    if isinstance(annotation, str):
        return annotation
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _read_check(annotation: str) -> Check | None:
    """Return the check of an annotation, or None if it has types that are not checked."""
    checks = []
    for text in _split_union(annotation):
        check = _read_alternative(text)
        if check is None:
            return None
        checks.append(check)
    members = [check.members for check in checks if check.members is not None]
    return Check(
        " or ".join(check.noun for check in checks),
        lambda value: any(check.accepts(value) for check in checks),
        members[0] if members else None,
        is_text=any(check.is_text for check in checks),
    )


def _read_alternative(text: str) -> Check | None:
    """Return the check of one type of a union, or None if it is not checked."""
    name, _, inner = text.partition("[")
    if name in _MAPPINGS:
        return Check("a dictionary", lambda value: isinstance(value, Mapping))
    if name in _LISTS:
        members = _read_check(inner.removesuffix("]"))
        return Check("a list", is_list, members)
    if name == "Literal":
        values = ast.literal_eval(f"[{inner}")
        return Check(
            " or ".join(map(repr, values)), lambda value: any(value == item for item in values)
        )
    return _CHECKS.get(text)


def _split_union(annotation: str) -> list[str]:
    """Return the types of a union: `["str", "list[str | int]"]`."""
    parts = [""]
    depth = 0
    for letter in annotation:
        depth += (letter == "[") - (letter == "]")
        if letter == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _is_int(value: Any) -> bool:
    """Return whether a value is a whole number, also of other libraries, such as NumPy."""
    try:
        operator.index(value)
    except TypeError:
        return False
    return not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    return _is_int(value) or (isinstance(value, float) and math.isfinite(value))


_CHECKS = {
    "None": Check("None", lambda value: value is None),
    "bool": Check("True or False", lambda value: isinstance(value, bool)),
    "datetime": Check("a datetime", lambda value: isinstance(value, datetime)),
    "float": Check("a number", _is_number),
    "int": Check("a whole number", _is_int),
    "str": Check("text", lambda value: isinstance(value, str) or is_lazy(value), is_text=True),
}

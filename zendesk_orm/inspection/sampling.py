"""Queries of a program, built from its literals, with samples for unknown values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

from zendesk_orm.errors import FieldError, ZendeskError
from zendesk_orm.inspection.values import Condition, Items, Literal, Row, Rows, Value
from zendesk_orm.query.q import Q


T = TypeVar("T")

#: An unknown value, and a list of unknown values.
ANY, ANY_LIST = object(), object()

_MOMENT = datetime(2025, 1, 1, tzinfo=timezone.utc)
_PLAIN = (1, "x", _MOMENT, date(2025, 1, 1), True, 1.5, timedelta(days=1), "1")
_ONE = (*_PLAIN, *([value, value] for value in _PLAIN))
_LIST = ([1, 2], ["x", "y"], [_MOMENT, _MOMENT], [True], [date(2025, 1, 1)] * 2, *_PLAIN)


def to_python(value: Value) -> Any:
    """Return a value as an argument for the library; `ANY` if it is unknown."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Rows):
        return value.queryset
    if isinstance(value, Row):
        with suppress(ZendeskError):
            return value.model(id=1)
    if isinstance(value, Items):
        members = [to_python(member) for member in value.members]
        return ANY_LIST if ANY in members or ANY_LIST in members or not members else members
    return ANY


def narrow(queryset: Any, name: str, parts: Sequence[Value], lookups: Mapping[str, Value]) -> Any:
    """Return a QuerySet narrowed by conditions: `filter` or `exclude`.

    Raises:
        ZendeskError: no plausible value is accepted.
    """
    combine = getattr(queryset, name)
    conditions = [build_q(queryset, part) for part in parts]
    return combine(*conditions, **fill_lookups(queryset, lookups))


def build_q(queryset: Any, value: Value) -> Q:
    """Return a condition as a `Q`, with plausible values for unknown ones.

    Raises:
        ZendeskError: no plausible value is accepted.
    """
    if not isinstance(value, Condition):
        raise FieldError("the condition is unknown")
    parts = [build_q(queryset, part) for part in value.parts]
    if value.operator == "or":
        return parts[0] | parts[1]
    if value.operator == "xor":
        return parts[0] ^ parts[1]
    if value.operator == "not":
        return ~parts[0]
    return Q(*parts, **fill_lookups(queryset, value.lookups))


def fill_lookups(queryset: Any, lookups: Mapping[str, Value]) -> dict[str, Any]:
    """Return lookups with plausible values for unknown ones.

    Raises:
        ZendeskError: no plausible value is accepted.
    """
    return {name: _find_sample(queryset, name, to_python(value)) for name, value in lookups.items()}


def _find_sample(queryset: Any, name: str, value: Any) -> Any:
    """Return a value, or a plausible one that the lookup accepts if it is unknown."""
    if value is not ANY and value is not ANY_LIST:
        return value
    failure: ZendeskError | None = None
    for candidate in _generate_samples(queryset, name, many=value is ANY_LIST):
        try:
            queryset.filter(**{name: candidate})
        except ZendeskError as error:  # noqa: PERF203 - most values are rejected
            failure = failure or error
        else:
            return candidate
    raise failure or FieldError(f"no plausible value of {name} is accepted")


def _generate_samples(queryset: Any, name: str, *, many: bool) -> Iterator[Any]:
    """Yield plausible values of a lookup, beginning with the choices of its field."""
    field = queryset.query.meta.fields.get(name.partition("__")[0])
    choices = list(field.kind.choices) if field is not None else []
    if choices:
        yield choices[:2] if many else choices[0]
        yield choices[:2]
    yield from _LIST if many else _ONE


def call_with_samples(function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a function of the library, with plausible values for unknown ones.

    Raises:
        ZendeskError: no plausible values are accepted.
    """
    failure: Exception | None = None
    for candidate in (*_PLAIN, [1, 2]):
        positional = [
            candidate if argument in (ANY, ANY_LIST) else argument for argument in arguments
        ]
        named_values = {
            k: candidate if argument in (ANY, ANY_LIST) else argument
            for k, argument in keywords.items()
        }
        try:
            return function(*positional, **named_values)
        except (ZendeskError, TypeError, ValueError, AttributeError) as error:
            failure = error
    raise FieldError(f"the arguments are unknown: {failure}")


def make_sample(model: Any) -> Any:
    """Return an object that represents any object of a model."""
    values: dict[str, Any] = {"id": 1}
    if model._meta.parent:
        values[f"{model._meta.parent}_id"] = 1
    return model(**values)

"""Queries of a program, made of what stands in it, and of plausible values for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

from zendesk_orm.errors import FieldError, ZendeskError
from zendesk_orm.inspection.values import Condition, Items, Literal, Row, Rows, Value
from zendesk_orm.query.q import Q


T = TypeVar("T")

#: A value of which nothing is known, and a list of them.
ANY, ANY_LIST = object(), object()

_MOMENT = datetime(2025, 1, 1, tzinfo=timezone.utc)
_PLAIN = (1, "x", _MOMENT, date(2025, 1, 1), True, 1.5, timedelta(days=1), "1")
_ONE = (*_PLAIN, *([each, each] for each in _PLAIN))
_LIST = ([1, 2], ["x", "y"], [_MOMENT, _MOMENT], [True], [date(2025, 1, 1)] * 2, *_PLAIN)


def python(value: Value) -> Any:
    """Return a value as the library takes it; `ANY` where it is not known."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Rows):
        return value.queryset
    if isinstance(value, Row):
        with suppress(ZendeskError):
            return value.model(id=1)
    if isinstance(value, Items):
        members = [python(each) for each in value.members]
        return ANY_LIST if ANY in members or ANY_LIST in members or not members else members
    return ANY


def narrowed(queryset: Any, name: str, parts: Sequence[Value], lookups: Mapping[str, Value]) -> Any:
    """Return a QuerySet narrowed by conditions: `filter` or `exclude`.

    Raises:
        ZendeskError: no value that may be meant fits.
    """
    combine = getattr(queryset, name)
    given = [condition(queryset, each) for each in parts]
    return combine(*given, **filled(queryset, lookups))


def condition(queryset: Any, value: Value) -> Q:
    """Return a `Q` for some rows, with plausible values where a value is not known.

    Raises:
        ZendeskError: no value that may be meant fits.
    """
    if not isinstance(value, Condition):
        raise FieldError("it is not known what is asked")
    parts = [condition(queryset, each) for each in value.parts]
    if value.operator == "or":
        return parts[0] | parts[1]
    if value.operator == "xor":
        return parts[0] ^ parts[1]
    if value.operator == "not":
        return ~parts[0]
    return Q(*parts, **filled(queryset, value.lookups))


def filled(queryset: Any, lookups: Mapping[str, Value]) -> dict[str, Any]:
    """Return lookups with a plausible value where a value is not known.

    Raises:
        ZendeskError: none fits.
    """
    return {name: _fitting(queryset, name, python(each)) for name, each in lookups.items()}


def _fitting(queryset: Any, name: str, value: Any) -> Any:
    if value is not ANY and value is not ANY_LIST:
        return value
    refused: ZendeskError | None = None
    for candidate in _candidates(queryset, name, many=value is ANY_LIST):
        try:
            queryset.filter(**{name: candidate})
        except ZendeskError as error:  # noqa: PERF203 - most values do not fit
            refused = refused or error
        else:
            return candidate
    raise refused or FieldError(f"no value of {name} is known")


def _candidates(queryset: Any, name: str, *, many: bool) -> Iterator[Any]:
    field = queryset.query.meta.fields.get(name.partition("__")[0])
    choices = list(field.kind.choices) if field is not None else []
    if choices:
        yield choices[:2] if many else choices[0]
        yield choices[:2]
    yield from _LIST if many else _ONE


def called(function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what a function of the library gives, with plausible arguments for unknown ones.

    Raises:
        ZendeskError: none fit.
    """
    refused: Exception | None = None
    for candidate in (*_PLAIN, [1, 2]):
        tried = [candidate if each in (ANY, ANY_LIST) else each for each in arguments]
        named = {k: candidate if each in (ANY, ANY_LIST) else each for k, each in keywords.items()}
        try:
            return function(*tried, **named)
        except (ZendeskError, TypeError, ValueError, AttributeError) as error:
            refused = error
    raise FieldError(f"it is not known what is asked: {refused}")

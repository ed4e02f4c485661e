"""Ways to read the rows of every model in an emulator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import attrs

from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_resource import (
    CREATED,
    INSERTED,
    MODELS,
    SINGLE,
    _get_lookups,
    _label,
)
from zendesk_orm import ZendeskError, connections
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.schema.record import Record


def rows_of_models(maker: RowFactory) -> Iterator[tuple[Any, Any]]:
    """Yield a row of each model that can have one, and its model."""
    for model in MODELS:
        label = _label(model)
        try:
            if label in INSERTED:
                yield model, maker.insert(model)
            elif model in CREATED:
                yield model, maker.any(label)
            elif model in SINGLE:
                yield model, model.objects.get()
        except ZendeskError:
            # The row can be created once only, or a test of its model creates it in another way.
            continue


def readings(model: Any, row: Any) -> Iterator[tuple[str, Callable[[str], Iterable[Any]]]]:
    """Yield the ways to read the rows of a model: its lists, `get()`, and values."""
    meta = model._meta
    lists = [_get_lookups(row, item) for item in meta.api if item.verb is Verb.LIST]
    lookups = next((item for item in lists if item is not None), None)
    if lookups is not None:
        yield (
            f"{meta.label} listed",
            lambda alias: list(model.objects.using(alias).filter(**lookups)[:5]),
        )
        yield (
            f"{meta.label} values",
            lambda alias: list(model.objects.using(alias).filter(**lookups)[:5].values()),
        )
    show = meta.api.find(Verb.SHOW)
    place = None if show is None else _get_lookups(row, show)
    if place is not None:
        yield (
            f"{meta.label} shown",
            lambda alias: [model.objects.using(alias).get(id=row.pk, **place)],
        )


#: Arguments of actions that no related row can be passed for, by the name of the parameter.
SAMPLES = {
    "content_type": "image/png",
    "file_size": 5,
    "intervals": [(1980, 2460)],
    "q": "x",
    "segment": "x",
    "subdomain": "acme",
    "text": "x",
    "title": "x",
}


def calls(
    model: Any, row: Any, rows: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[str, Callable[[str], Iterable[Any]]]]:
    """Yield the calls of the actions of a model whose required arguments have samples.

    Args:
        model: the model.
        row: a row of it.
        rows: a row of other models, by the name of the model in lower case.
    """
    manager = getattr(model, "objects", None)
    for endpoint in model._meta.api:
        name = endpoint.name
        methods = [getattr(owner, name, None) for owner in (row, manager)]
        method = next(filter(callable, methods), None)
        arguments = _find_arguments(method, rows) if method else None
        if endpoint.verb is Verb.ACTION and arguments is not None:
            yield f"{model._meta.label}.{name}", partial(_call, model, row, name, arguments)


def _find_arguments(method: Callable[..., Any], rows: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the required arguments of a method; None if one has no sample."""
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    arguments = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind in optional or parameter.default is not parameter.empty:
            continue
        related = rows.get(name.replace("_", "").removesuffix("s"))
        if related is not None:
            is_list = "Iterable" in str(parameter.annotation)
            arguments[name] = [related.pk] if is_list else related.pk
        elif name in SAMPLES:
            arguments[name] = SAMPLES[name]
        else:
            return None
    return arguments


def _call(model: Any, row: Any, name: str, arguments: Mapping[str, Any], alias: str) -> list[Any]:
    """Call an action for an object of an account, or for its manager, and return the result.

    Raises:
        TypeError: the result has another type than the method declares.
    """
    if callable(getattr(row, name, None)):
        target = model.from_row(dict(row._row), connections[alias].current())
    else:
        target = model.objects.using(alias)
    method = getattr(target, name)
    result = method(**arguments)
    declared = str(inspect.signature(method).return_annotation)
    if not _has_type(result, declared):
        raise TypeError(f"{name}() returned {result!r}, and not {declared}")
    return result if isinstance(result, list) else [result]


#: The types that actions declare besides models, and their tests.
_TYPES: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "bool": lambda value: isinstance(value, bool),
    "dict[str, Any]": lambda value: isinstance(value, dict),
}


def _has_type(value: Any, declared: str) -> bool:
    """Return whether a value has a declared type; True for types that are not in `_TYPES`."""
    if declared.startswith("list["):
        members = value if isinstance(value, list) else [object()]
        return all(_has_type(member, declared[5:-1]) for member in members)
    if declared.startswith("dict[str, ") and declared not in _TYPES:
        inner = declared.removeprefix("dict[str, ")[:-1]
        return isinstance(value, dict) and all(_has_type(v, inner) for v in value.values())
    if attrs.has(type(value)) and not isinstance(value, Record):
        fields = attrs.fields(type(value))
        return all(_has_type(getattr(value, item.name), str(item.type)) for item in fields)
    return _TYPES.get(declared, lambda _: True)(value)

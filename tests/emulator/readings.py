"""Ways to read the rows of every model in an emulator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

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


def calls(model: Any, row: Any) -> Iterator[tuple[str, Callable[[str], Iterable[Any]]]]:
    """Yield the calls of the actions of a model that need no arguments."""
    manager = getattr(model, "objects", None)
    for endpoint in model._meta.api:
        name = endpoint.name
        methods = [getattr(owner, name, None) for owner in (row, manager)]
        method = next(filter(callable, methods), None)
        if endpoint.verb is Verb.ACTION and method and _needs_no_arguments(method):
            yield f"{model._meta.label}.{name}", partial(_call, model, row, name)


def _needs_no_arguments(method: Callable[..., Any]) -> bool:
    """Return whether a method can be called without arguments."""
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(
        parameter.kind in optional or parameter.default is not parameter.empty
        for parameter in inspect.signature(method).parameters.values()
    )


def _call(model: Any, row: Any, name: str, alias: str) -> list[Any]:
    """Call an action for an object of an account, or for its manager, and return the result."""
    if callable(getattr(row, name, None)):
        target = model.from_row(dict(row._row), connections[alias].current())
    else:
        target = model.objects.using(alias)
    result = getattr(target, name)()
    return result if isinstance(result, list) else [result]

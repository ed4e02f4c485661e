"""Rows of every model in an emulator, and the ways to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.emulator.made import Maker
from tests.emulator.test_every_resource import LAID, MADE, MODELS, SINGLE, _below, _label
from zendesk_orm import ZendeskError
from zendesk_orm.api.endpoint import Verb


def rows_of_models(maker: Maker) -> Iterator[tuple[Any, Any]]:
    """Yield a row of each model that can have one, and its model."""
    for model in MODELS:
        label = _label(model)
        try:
            if label in LAID:
                yield model, maker.laid(model)
            elif model in MADE:
                yield model, maker.any(label)
            elif model in SINGLE:
                yield model, model.objects.get()
        except ZendeskError:
            # It can be made once, or its own test makes it in another way.
            continue


def readings(model: Any, row: Any) -> Iterator[tuple[str, Callable[[str], Iterable[Any]]]]:
    """Yield the ways to read the rows of a model: its lists, one by its id, and values."""
    meta = model._meta
    lists = [_below(row, each) for each in meta.api if each.verb is Verb.LIST]
    lookups = next((each for each in lists if each is not None), None)
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
    place = None if show is None else _below(row, show)
    if place is not None:
        yield (
            f"{meta.label} shown",
            lambda alias: [model.objects.using(alias).get(id=row.pk, **place)],
        )

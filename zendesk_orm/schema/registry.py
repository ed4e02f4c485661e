"""Models by name, so that relations can refer to models declared later."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from zendesk_orm import lazy
from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display, suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: The products; each is imported when one of its models is first used.
PRODUCTS = ("support", "help_center", "talk", "chat", "messaging")

#: The names of models that connect two others, such as memberships.
joining_models: set[str] = set()
_models: dict[tuple[str, str], type[Record]] = {}
#: Changes whenever a model is registered, so that lookups can be cached.
version = 0


def add(label: str, model: type[Record]) -> None:
    """Register a model under its product; of several with one name, the last is used."""
    global version  # noqa: PLW0603 - reading it has to be cheap
    version += 1
    _models[label, model.__name__] = model


def find(name: str, near: str = "") -> type[Record]:
    """Return the model of that name, the product `near` first.

    Raises:
        FieldError: no model has this name.
    """
    model_class: type[Record] | None = _models.get((near, name)) or _import(near, name)
    if model_class is not None:
        return model_class
    # Several products have users: those of Support are meant if no product is named.
    for (product, model_name), model in _models.items():
        if model_name == name and product not in PRODUCTS[1:]:
            return model
    for product in PRODUCTS:
        model_class = _import(product, name)
        if model_class is not None:
            return model_class
    raise FieldError(
        f"no model is named {display(name)}" + suggestion(name, (n for _, n in _models))
    )


def find_by_label(label: str) -> type[Record]:
    """Return the model of a name, or of a product and a name: `Ticket`, `help_center.Article`.

    Raises:
        FieldError: no model that was declared has this name.
    """
    product, _, name = label.rpartition(".")
    if not product:
        return find(name)
    model_class: type[Record] | None = _models.get((product, name)) or _import(product, name)
    if model_class is None:
        labels = [".".join(registered) for registered in _models]
        raise FieldError(f"no model is named {display(label)}" + suggestion(label, labels))
    return model_class


def models() -> list[type[Record]]:
    """Return every model that was loaded, in the order of declaration."""
    return list(_models.values())


def find_by_envelope(singular: str, label: str) -> type[Record] | None:
    """Return the model of a product by the key of its rows in an envelope: `ticket`; or None."""
    load(label)
    for (product, _), model in _models.items():
        is_concrete = model._meta.concrete is model
        if product == label and is_concrete and model._meta.singular == singular:
            return model
    return None


#: The modules of the models of each product, by the model's name.
_exports: dict[str, Mapping[str, str]] = {}


@cache
def load(product: str) -> None:
    """Import all models of a product: `support`."""
    for name in _read_exports(product):
        _import(product, name)


def _import(product: str, name: str) -> Any:
    """Import a model of a product and return it; None if the product has no such model."""
    module = _read_exports(product).get(name)
    # Seam: most programs need few models, and pay for no others.
    return getattr(importlib.import_module(module), name) if module else None


def _read_exports(product: str) -> Mapping[str, str]:
    """Return the modules of a product's models by name; empty for an unknown product."""
    if product in PRODUCTS and product not in _exports:
        _exports[product] = lazy.read_exports(f"zendesk_orm.{product}")
    return _exports.get(product, {})

"""Models by name, so that relations can name what does not exist yet."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm import lazy
from zendesk_orm.errors import FieldError
from zendesk_orm.suggestions import suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: The products that there are; each is imported when something of it is first named.
PRODUCTS = ("support", "help_center", "talk", "chat")

_models: dict[tuple[str, str], type[Record]] = {}


def add(label: str, model: type[Record]) -> None:
    """Make the model known under its product's label; the newest of a name wins."""
    _models[label, model.__name__] = model


def find(name: str, near: str = "") -> type[Record]:
    """Return the model of that name, the product `near` first.

    Raises:
        FieldError: there is none.
    """
    found: type[Record] | None = _models.get((near, name)) or _unloaded(near, name)
    if found is not None:
        return found
    for (_, known), model in _models.items():
        if known == name:
            return model
    for product in PRODUCTS:
        found = _unloaded(product, name)
        if found is not None:
            return found
    raise FieldError(f"no model is named {name!r}" + suggestion(name, (n for _, n in _models)))


def models() -> list[type[Record]]:
    """Return every model that was loaded, in the order of declaration."""
    return list(_models.values())


def called(singular: str, label: str) -> type[Record] | None:
    """Return the model of a product whose rows are called so in an envelope: `ticket`; or None."""
    load(label)
    for (product, _), model in _models.items():
        own = model._meta.concrete is model
        if product == label and own and model._meta.singular == singular:
            return model
    return None


#: The modules of the models of each product that loads them on first use, by the model's name.
_modules: dict[str, Mapping[str, str]] = {}


def on_first_use(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a product, which imports its models lazily.

    Args:
        package: the product's package.
        modules: the names of the models in each of its modules, with blanks between.
    """
    _modules[package.rpartition(".")[2]] = lazy.names(modules)
    return lazy.attributes(package, modules)


def load(product: str) -> None:
    """Import all models of a product: `support`."""
    _import(product)
    for name in _modules.get(product, ()):
        _unloaded(product, name)


def _unloaded(product: str, name: str) -> Any:
    """Return a model that perhaps was never asked for, or None where the product has none such."""
    _import(product)
    if name not in _modules.get(product, ()):
        return None
    return getattr(sys.modules[f"zendesk_orm.{product}"], name)


def _import(product: str) -> None:
    """Import the package of a product, if there is such a product; not yet its models."""
    if product in PRODUCTS and product not in _modules:
        # Seam: most programs need one product, and pay for no others.
        importlib.import_module(f"zendesk_orm.{product}")

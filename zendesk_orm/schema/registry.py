"""Models by name, so that relations can name what does not exist yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.errors import FieldError, suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

_models: dict[tuple[str, str], type[Record]] = {}


def add(label: str, model: type[Record]) -> None:
    """Make the model known under its product's label; the newest of a name wins."""
    _models[label, model.__name__] = model


def find(name: str, near: str = "") -> type[Record]:
    """Return the model of that name, the product `near` first.

    Raises:
        FieldError: there is none.
    """
    found = _models.get((near, name))
    if found is not None:
        return found
    for (_, known), model in _models.items():
        if known == name:
            return model
    raise FieldError(f"no model is named {name!r}" + suggestion(name, (n for _, n in _models)))


def models() -> list[type[Record]]:
    """Return every model, in the order of declaration."""
    return list(_models.values())


def called(singular: str, label: str) -> type[Record]:
    """Return the model of a product whose rows are called so in an envelope: `ticket`.

    Raises:
        FieldError: there is none.
    """
    for (product, _), model in _models.items():
        own = model._meta.concrete is model
        if product == label and own and model._meta.singular == singular:
            return model
    raise FieldError(f"there is no model of a {singular!r} in {label}")

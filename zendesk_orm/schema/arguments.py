"""Checks of the arguments of public methods, made before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import FieldError, InvalidValue


def require_name(name: Any) -> str:
    """Return the name of a field as it is given.

    Raises:
        FieldError: it is not a text.
    """
    if not isinstance(name, str):
        raise FieldError(f"a field is named by a text, as in order_by('id'), not by {name!r:.60}")
    return name


def require_custom_name(name: Any) -> str | int:
    """Return the name or the id of a custom field as it is given.

    Raises:
        FieldError: it is neither.
    """
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise FieldError(f"a custom field is named by its title or its id, not by {name!r:.60}")
    return name


def require_count(what: str, value: Any, *, least: int | None = 1) -> None:
    """Raise if a value is not a whole number, or below the least.

    Raises:
        InvalidValue: it is one of these.
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or (least is not None and value < least):
        most = "" if least is None else f" of at least {least}"
        raise InvalidValue(f"{what} must be a whole number{most}, not {value!r:.60}")


def require_text(what: str, value: Any) -> str:
    """Return a text as it is given.

    Raises:
        InvalidValue: it is something else, or empty.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(f"{what} must be a text that is not empty, not {value!r:.60}")
    return value


def require_model(what: str, value: Any) -> Any:
    """Return a model class as it is given.

    Raises:
        InvalidValue: it is something else.
    """
    if not (isinstance(value, type) and hasattr(value, "_meta")):
        raise InvalidValue(f"{what} takes a model class, such as Ticket, not {value!r:.60}")
    return value


def require_values(what: str, values: Any, model: Any = None) -> dict[str, Any]:
    """Return values by the names of their fields.

    Args:
        what: the argument, as messages call it.
        values: what was given.
        model: the model whose fields are named, if they are checked here.

    Raises:
        InvalidValue: it is not a mapping from names to values.
        FieldError: the model has no such field.
    """
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise InvalidValue(
            f"{what} must be a dictionary of values by field, as in {{'subject': 'x'}}, "
            f"not {values!r:.60}"
        )
    if model is not None:
        for name in values:
            if not hasattr(model, name):
                model._meta.get_field(name)
    return dict(values)

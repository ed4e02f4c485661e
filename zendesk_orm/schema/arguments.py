"""Checks of the arguments of public methods, made before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import is_list, plain
from zendesk_orm.messages import display


def require_name(name: Any) -> str:
    """Return the name of a field as it is given.

    Raises:
        FieldError: it is not a text.
    """
    if not isinstance(name, str):
        raise FieldError(
            f"a field is named by a text, as in order_by('id'), not by {display(name)}"
        )
    return name


def require_names(what: str, names: Any) -> list[str]:
    """Return the names of fields as they are given.

    Raises:
        InvalidValue: it is not a list.
        FieldError: a member is not a text.
    """
    if not is_list(names):
        raise InvalidValue(f"{what} must be a list of names of fields, not {display(names)}")
    return [require_name(name) for name in names]


def require_custom_name(name: Any) -> str | int:
    """Return the name or the id of a custom field as it is given.

    Raises:
        FieldError: it is neither.
        InvalidValue: the id is too large.
    """
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise FieldError(f"a custom field is named by its title or its id, not by {display(name)}")
    return name if isinstance(name, str) else int(plain(name))


def require_count(what: str, value: Any, *, least: int | None = 1) -> None:
    """Raise if a value is not a whole number, or below the least.

    Raises:
        InvalidValue: it is one of these.
    """
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or (least is not None and value < least):
        most = "" if least is None else f" of at least {least}"
        raise InvalidValue(f"{what} must be a whole number{most}, not {display(value)}")


def require_text(what: str, value: Any) -> str:
    """Return a text as it is given.

    Raises:
        InvalidValue: it is something else, or empty.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(f"{what} must be text that is not empty, not {display(value)}")
    return value


def require_model(what: str, value: Any) -> Any:
    """Return a model class as it is given.

    Raises:
        InvalidValue: it is something else.
    """
    if not (isinstance(value, type) and hasattr(value, "_meta")):
        raise InvalidValue(f"{what} must be a model class, such as Ticket, not {display(value)}")
    return value


def require_values(what: str, values: Any, model: Any = None) -> dict[str, Any]:
    """Return values by the names of their fields.

    Args:
        what: the name of the argument in messages.
        values: the value of the argument.
        model: the model whose fields are named, if they are checked here.

    Raises:
        InvalidValue: it is not a mapping from names to values.
        FieldError: the model has no such field.
    """
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise InvalidValue(
            f"{what} must be a dictionary of values by field, as in {{'subject': 'x'}}, "
            f"not {display(values)}"
        )
    if model is not None:
        for name in values:
            if not hasattr(model, name):
                model._meta.get_field(name)
    return dict(values)

"""Checks of the arguments of public methods, made before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import is_list, plain
from zendesk_orm.messages import display


def require_name(name: Any) -> str:
    """Return the name of a field unchanged.

    Raises:
        FieldError: the name is not a string.
    """
    if not isinstance(name, str):
        raise FieldError(
            f"a field is named by a text, as in order_by('id'), not by {display(name)}"
        )
    return name


def require_names(what: str, names: Any) -> list[str]:
    """Return the names of fields unchanged.

    Raises:
        InvalidValue: the names are not a list.
        FieldError: a name is not a string.
    """
    if not is_list(names):
        raise InvalidValue(f"{what} must be a list of names of fields, not {display(names)}")
    return [require_name(name) for name in names]


def require_custom_name(name: Any) -> str | int:
    """Return the name or the id of a custom field unchanged.

    Raises:
        FieldError: the value is neither a string nor a number.
        InvalidValue: the id is too large.
    """
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise FieldError(f"a custom field is named by its title or its id, not by {display(name)}")
    return name if isinstance(name, str) else int(plain(name))


def require_count(what: str, value: Any, *, least: int | None = 1) -> None:
    """Check that a value is a whole number that is not below a minimum.

    Raises:
        InvalidValue: the value is not a whole number, or is below the minimum.
    """
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or (least is not None and value < least):
        most = "" if least is None else f" of at least {least}"
        raise InvalidValue(f"{what} must be a whole number{most}, not {display(value)}")


def require_text(what: str, value: Any) -> str:
    """Return a string unchanged.

    Raises:
        InvalidValue: the value is empty or not a string.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(f"{what} must be text that is not empty, not {display(value)}")
    return value


def require_model(what: str, value: Any) -> Any:
    """Return a model class unchanged.

    Raises:
        InvalidValue: the value is not a model class.
    """
    if not (isinstance(value, type) and hasattr(value, "_meta")):
        raise InvalidValue(f"{what} must be a model class, such as Ticket, not {display(value)}")
    return value


def require_mappings(what: str, values: Any) -> list[dict[str, Any]]:
    """Return dictionaries as they are sent, after checking that they are dictionaries.

    Raises:
        InvalidValue: `values` is not a list of dictionaries, or a value in them cannot be sent.
    """
    items = list(values) if is_list(values) else [values]
    if not is_list(values) or not all(isinstance(item, Mapping) for item in items):
        raise InvalidValue(f"{what} must be a list of dictionaries, not {display(values)}")
    try:
        return [plain(item) for item in items]
    except InvalidValue as error:
        raise InvalidValue(f"{what}: {error}") from None


def require_values(what: str, values: Any, model: Any = None) -> dict[str, Any]:
    """Return a mapping from names of fields to values, after checking it.

    Args:
        what: the name of the argument in messages.
        values: the value of the argument.
        model: the model that must have the fields; None to check no names.

    Raises:
        InvalidValue: `values` is not a mapping.
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

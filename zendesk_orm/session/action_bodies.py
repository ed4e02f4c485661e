"""Bodies of responses to actions, which know their request for errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.messages import display
from zendesk_orm.schema.loading import load_list
from zendesk_orm.session.responses import UNKNOWN, check_rows, malformed, object_in, objects


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record
    from zendesk_orm.schema.source import Source

R = TypeVar("R", bound="Record")
T = TypeVar("T")

#: Stands for a value that a body must have.
_REQUIRED = object()


class ActionBody(dict[str, Any]):
    """An object of the response to an action: a missing key raises `MalformedResponse`.

    Attributes:
        request: the request.
    """

    def __init__(self, request: Request, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.request = request

    def __missing__(self, key: str) -> Any:
        raise malformed(self.request, f"the body has no {display(key)}")


def body_of(request: Request, data: Any, key: str = "") -> Any:
    """Return the body of the response to an action as `ActionBody`, if it is an object.

    Args:
        request: the request.
        data: the decoded body.
        key: the key that the body should have. If it is no object, reading any key raises.
    """
    if not isinstance(data, dict):
        return ActionBody(request, {}) if key else data
    values = {
        key: ActionBody(request, value) if type(value) is dict else value
        for key, value in data.items()
    }
    return ActionBody(request, values)


def request_of(data: Any) -> Request:
    """Return the request whose response has a body."""
    return data.request if isinstance(data, ActionBody) else UNKNOWN


def object_of(data: Any, *keys: str) -> dict[str, Any]:
    """Return an object in the body of the response to an action; see `object_in()`.

    Raises:
        MalformedResponse: the body does not contain the object.
    """
    request = request_of(data)
    return ActionBody(request, object_in(request, Response(200, {}, data), *keys))


def objects_of(data: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list in the body of the response to an action.

    Raises:
        MalformedResponse: the body does not contain a list of objects.
    """
    return objects(request_of(data), object_of(data).get(key), key)


def record_of(model: type[R], data: Any, *keys: str, source: Source | None = None) -> R:
    """Return the record of an object in the body of the response to an action.

    The record belongs to no cache, and may have no id.

    Args:
        model: the model of the record.
        data: the body.
        keys: the keys that lead to the object; none if it is the body itself.
        source: loads further values of the record.

    Raises:
        MalformedResponse: the body does not contain the object, or its id is invalid.
    """
    row = object_of(data, *keys)
    if row.get("id") is not None:
        check_rows(request_of(data), [row], model._meta)
    return model.from_row(dict(row), source)


def value_of(data: Any, key: str, load: Callable[[Any], T], default: Any = _REQUIRED) -> T:
    """Return a value in the body of the response to an action.

    Args:
        data: the body.
        key: its key.
        load: converts the value of the response, as `load_int()`; raises `UnexpectedValue`.
        default: stands for a value that is missing or null; by default, that is an error.

    Raises:
        MalformedResponse: the body does not contain the value, or one of another type.
    """
    body = object_of(data)
    if default is not _REQUIRED and body.get(key) is None:
        return cast("T", default)
    return _load(data, key, body[key], load)


def values_of(data: Any, key: str, load: Callable[[Any], T]) -> list[T]:
    """Return the values of a list in the body of the response to an action; null is an empty list.

    The arguments are those of `value_of()`.

    Raises:
        MalformedResponse: the body does not contain the list, or a value has another type.
    """
    values = value_of(data, key, load_list, [])
    return [_load(data, key, value, load) for value in values if value is not None]


def mapping_of(data: Any, key: str, load: Callable[[Any], T]) -> dict[str, T]:
    """Return an object in the body of the response to an action, and its values.

    The arguments are those of `value_of()`.

    Raises:
        MalformedResponse: the body does not contain the object, or a value has another type.
    """
    values = object_of(data, key)
    return {name: _load(data, name, value, load) for name, value in values.items()}


def _load(data: Any, key: str, value: Any, load: Callable[[Any], T]) -> T:
    try:
        return load(value)
    except UnexpectedValue as error:
        problem = f"{display(key)}: {error}"
    raise malformed(request_of(data), problem)


def part_of(data: Any, key: str) -> dict[str, Any]:
    """Return the object under a key of a part of a body; an empty one if it is missing.

    Raises:
        MalformedResponse: the value is not an object.
    """
    value = data.get(key) if isinstance(data, dict) else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(request_of(data), f"{display(key)} is not an object: {display(value)}")
    return value

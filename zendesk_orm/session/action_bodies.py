"""Bodies of responses to actions, which know their request for errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.http.request import Request, Response
from zendesk_orm.messages import display
from zendesk_orm.session.responses import UNKNOWN, malformed, object_in


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


def body_of(request: Request, data: Any) -> Any:
    """Return the body of the response to an action as `ActionBody`, if it is an object."""
    if not isinstance(data, dict):
        return data
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
    return object_in(request_of(data), Response(200, {}, data), *keys)


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

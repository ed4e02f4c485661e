"""Bodies of responses to actions, which know their request for errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.http.request import Request, Response
from zendesk_orm.messages import display
from zendesk_orm.session.responses import UNKNOWN, malformed, object_in, objects


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


def texts_of(data: Any, key: str) -> list[str]:
    """Return the texts of a list in the body of the response to an action.

    Raises:
        MalformedResponse: the body does not contain a list of texts.
    """
    texts = object_of(data).get(key)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise malformed(request_of(data), f"{display(key)} is not a list of texts")
    return texts


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

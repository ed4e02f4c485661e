"""Requests to the emulator and its responses, which are compared with Zendesk's description."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.application import Application


@frozen
class Exchange:
    """A request and its response.

    Attributes:
        method: the HTTP method.
        path: the path of the address: `/api/v2/tickets/1`.
        params: the names of the parameters.
        sent: the decoded body of the request, or None.
        status: the status of the response.
        received: the decoded body of the response, or None.
        test: the test that sent the request.
    """

    method: str
    path: str
    params: frozenset[str]
    sent: Any = field(repr=False)
    status: int
    received: Any = field(repr=False)
    test: str = ""

    @property
    def shape(self) -> str:
        """The keys and types of both bodies; exchanges with the same shape are compared once."""
        return repr(
            (self.params, _describe_shape(self.sent), self.status, _describe_shape(self.received))
        )


class Recorder:
    """Records the requests to emulators and their responses.

    Attributes:
        exchanges: the recorded exchanges, one for each shape.
        test: the current test.
    """

    def __init__(self) -> None:
        self.exchanges: dict[tuple[str, str, str], Exchange] = {}
        self.test = ""

    def wrap(self, handle: Callable[..., Response]) -> Callable[..., Response]:
        """Return a method of the application that records what it handles."""

        def handle_and_record(application: Application, request: Request) -> Response:
            response = handle(application, request)
            exchange = Exchange(
                request.method,
                request.url_path,
                frozenset(request.params),
                _decode(request.text),
                response.status,
                _decode(response.text),
                self.test,
            )
            self.exchanges.setdefault((request.method, request.path, exchange.shape), exchange)
            return response

        return handle_and_record


def _decode(text: str) -> Any:
    """Return the value of a JSON text, or None if the text is empty or not JSON."""
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return None


def _describe_shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted((key, repr(_describe_shape(item))) for key, item in value.items()))
    if isinstance(value, list):
        return tuple(sorted({repr(_describe_shape(item)) for item in value}))
    return type(value).__name__

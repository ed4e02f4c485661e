"""Assertions about the number of requests."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_plus, urlencode

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.signals import request_started


#: The path of requests that only sign in.
_SIGN_IN = "/oauth/tokens"


@contextmanager
def expect_requests(expected: int) -> Generator[list[Request]]:
    """Return a context manager that asserts the number of requests, and returns their list.

    Raises:
        AssertionError: another number of requests was sent.
        InvalidValue: the number is invalid.
    """
    __tracebackhide__ = True
    if type(expected) is not int or expected < 0:
        raise InvalidValue(f"the expected requests must be a number, not {display(expected)}")
    requests: list[Request] = []

    def add(sender: Any, request: Request, **kwargs: Any) -> None:
        if request.path != _SIGN_IN:
            requests.append(request)

    request_started.connect(add)
    try:
        yield requests
    finally:
        request_started.disconnect(add)
    if len(requests) != expected:
        lines = "".join(f"\n  {_format(request)}" for request in requests)
        raise AssertionError(f"{len(requests)} requests were sent, not {expected}:{lines}")


def _format(request: Request) -> str:
    """Return method, path and parameters."""
    query = unquote_plus(urlencode(request.params))
    return f"{request.method} {request.visible_path}{query and '?'}{query}"

"""Exceptions of `requests` and urllib3 -> exceptions of this package."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.exceptions import InvalidHeader, InvalidProxyURL
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from zendesk_orm.errors import (
    ConnectFailed,
    ConnectionLost,
    MalformedResponse,
    RequestTimeout,
    TransportError,
    ZendeskError,
)
from zendesk_orm.http.failures import INVALID_REDIRECT
from zendesk_orm.http.request import Request, redact_path


#: Errors of `requests` that are a `ValueError`, and not about a redirect: contradictory lengths.
_OTHER_FAILURES = (InvalidHeader, InvalidProxyURL)
#: The status of most redirects.
_FOUND = 302


def find_error(request: Request, error: Exception) -> ZendeskError:
    """Return the exception of this package for one of `requests` or urllib3."""
    if isinstance(error, ValueError) and not isinstance(error, _OTHER_FAILURES):
        # `requests` parses the target of a redirect, and keeps the response to itself.
        return MalformedResponse(
            request.method, redact_path(request.path), _FOUND, description=INVALID_REDIRECT
        )
    return _transport_error(request, error)


def _transport_error(request: Request, error: Exception) -> TransportError:
    """Return the exception for a failure without a response."""
    if isinstance(error, requests.ConnectTimeout):
        return ConnectFailed(
            _message(f"{_host(error)} did not accept a connection", request, error)
        )
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return RequestTimeout(_message(f"{_host(error)} did not answer in time", request, error))
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        if _is_sent(error):
            return ConnectionLost(_message("the connection broke", request, error))
        problem = f"cannot connect to {_host(error)}, check the address and the network"
        return ConnectFailed(_message(problem, request, error))
    return ConnectionLost(_message("the exchange failed", request, error))


def _is_sent(error: Any) -> bool:
    """Return whether the request was sent before the connection failed."""
    if isinstance(error, HTTPError):
        return True
    return any(isinstance(argument, ProtocolError) for argument in error.args)


def _message(problem: str, request: Request, error: Exception) -> str:
    return f"{request.method} {redact_path(request.path)}: {problem} ({_reason(error)})"


def _host(error: Any) -> str:
    """Return the host, and the port, of the request that failed."""
    sent = getattr(error, "request", None)
    return urlsplit(getattr(sent, "url", None) or "").netloc.rpartition("@")[2] or "the host"


def _reason(error: BaseException) -> str:
    """Return the operating system's reason for a failure, or the class of the exception.

    Messages of the libraries can contain the query.
    """
    cause: Any = error
    while isinstance(cause, BaseException):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        nested = (getattr(cause, "reason", None), *cause.args, cause.__cause__)
        cause = next((argument for argument in nested if isinstance(argument, BaseException)), None)
    return type(error).__name__

"""Error responses of Sunshine Conversations, which have another form than those of Support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.messaging.paths import MESSAGING_PREFIX
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError


#: The reference, which describes the form of errors and the statuses of each operation.
REFERENCE = "https://developer.zendesk.com/api-reference/conversations/"
#: The codes of errors by status; unconfirmed.
_CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    402: "payment_required",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "payload_too_large",
    423: "locked",
    429: "too_many_requests",
}
_INVALID = 422


def bad_request(title: str) -> HTTPError:
    """Return the error for an invalid parameter or body."""
    return HTTPError(400, title, REFERENCE)


def authentication_error() -> HTTPError:
    """Return the error for missing or wrong credentials."""
    return HTTPError(401, "Missing or invalid credentials", UNCONFIRMED)


def permission_error(title: str) -> HTTPError:
    """Return the error for an operation that is not allowed in a state."""
    return HTTPError(403, title, REFERENCE)


def not_found(name: str) -> HTTPError:
    """Return the error for a row that does not exist."""
    return HTTPError(404, f"{name} not found", REFERENCE)


def uniqueness_error(title: str) -> HTTPError:
    """Return the error for a value that another row has."""
    return HTTPError(409, title, REFERENCE)


def limit_error() -> HTTPError:
    """Return the error for a conversation with too many messages."""
    return HTTPError(423, "The conversation has too many messages", REFERENCE)


def describe_error(request: Request, error: HTTPError) -> HTTPError:
    """Return an error in the form of the product that the path of a request belongs to.

    Sunshine Conversations has no status 422.
    """
    if not request.path.startswith(MESSAGING_PREFIX):
        return error
    status = 400 if error.status == _INVALID else error.status
    body = {"code": _CODES.get(status, "error"), "title": _find_title(error.body)}
    return HTTPError(status, {"errors": [body]}, error.source, error.headers)


def _find_title(body: Any) -> str:
    """Return the first text of a body that describes an error."""
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        details = body.get("details")
        first = next(iter(details.values()))[0] if isinstance(details, Mapping) else body
        texts = (first.get(name) for name in ("description", "message", "title", "error"))
        return next((_find_title(text) for text in texts if text), "Error")
    return "Error"

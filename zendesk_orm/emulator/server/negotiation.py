"""The media types of requests and responses, and the methods of a path.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Iterable

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError


#: Media types of bodies that can contain JSON, forms or files.
_ACCEPTED = ("application/json", "text/json", "application/x-www-form-urlencoded", "multipart/")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
#: Parts of paths whose bodies are files.
_FILES = ("uploads", "attachments", "file")


#: Media types that a response in JSON fits.
_JSON_RANGES = ("*/*", "application/*", "application/json", "text/json", "*/json")


def check_media_types(context: Context, request: Request) -> None:
    """Check that a client accepts JSON, and sends it.

    Raises:
        HTTPError: 406 or 415, unless the switches are 0.
    """
    if not request.is_api:
        return
    switches, headers = context.switches, request.headers
    if not _accepts_json(headers.get("accept", "")):
        _reject(switches.not_acceptable_status, "NotAcceptable", "The response is JSON only")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and request.content and not _is_accepted(kind, request):
        _reject(switches.unsupported_media_status, "UnsupportedMediaType", f"{kind} is not JSON")


def describe_methods(methods: Iterable[str]) -> Response:
    """Return the response to `OPTIONS`: the methods of a path, also for other origins.

    Requests with credentials of OAuth may come from scripts of other origins.

    Source: https://developer.zendesk.com/api-reference/introduction/security-and-auth/
    """
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))
    return Response(
        200,
        headers={
            "Allow": allowed,
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "7200",
        },
    )


def _accepts_json(accept: str) -> bool:
    """Return True if an `Accept` header is empty, or includes JSON."""
    ranges = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return not accept.strip() or any(
        item in _JSON_RANGES or item.endswith("+json") for item in ranges
    )


def _is_accepted(kind: str, request: Request) -> bool:
    """Return True if a body of a media type can be read."""
    if kind.startswith(_ACCEPTED) or kind.endswith("+json") or request.method not in _WITH_BODY:
        return True
    return any(part in request.path for part in _FILES)


def _reject(status: int, error: str, description: str) -> None:
    """Raise an error, unless its status is 0.

    Raises:
        HTTPError: the error.
    """
    if status:
        raise HTTPError(status, {"error": error, "description": description}, UNCONFIRMED)

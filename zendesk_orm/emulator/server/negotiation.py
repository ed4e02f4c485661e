"""Media types of requests and responses, and the methods of a path.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Iterable

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError


#: Media types that a response in JSON fits.
_JSON_RANGES = ("*/*", "application/*", "application/json", "text/json", "*/json")
#: Media types of bodies that can contain JSON, forms or files.
_ACCEPTED = ("application/json", "text/json", "application/x-www-form-urlencoded", "multipart/")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
#: Paths whose bodies are files.
_FILES = ("uploads", "attachments", "file")


def check_media_types(context: Context, request: Request) -> None:
    """Check that a client accepts JSON, and sends it.

    Raises:
        HTTPError: 406 or 415, unless the switches are 0.
    """
    if not request.is_api:
        return
    switches = context.switches
    if switches.not_acceptable_status and not _accepts_json(request.headers.get("accept", "")):
        raise _build_error(switches.not_acceptable_status, "The response is available as JSON only")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (
        switches.unsupported_media_status
        and kind
        and request.content
        and request.method in _WITH_BODY
        and not _is_accepted(kind, request.path)
    ):
        raise _build_error(switches.unsupported_media_status, f"{kind} is not supported")


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


def _is_accepted(kind: str, path: str) -> bool:
    if kind.startswith(_ACCEPTED) or kind.endswith("+json"):
        return True
    return any(part in path for part in _FILES)


def _build_error(status: int, description: str) -> HTTPError:
    names = {406: "NotAcceptable", 415: "UnsupportedMediaType"}
    body = {"error": names.get(status, "InvalidMediaType"), "description": description}
    return HTTPError(status, body, UNCONFIRMED)

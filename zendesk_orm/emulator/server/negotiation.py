"""The media type of responses, and the methods of a path.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Iterable

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError


#: Media types that a response in JSON fits.
_JSON_RANGES = ("*/*", "application/*", "application/json", "text/json", "*/json")


def check_accepts_json(context: Context, request: Request) -> None:
    """Check that a client accepts JSON.

    Raises:
        HTTPError: 406, unless the switch is 0.
    """
    status = context.switches.not_acceptable_status
    if status and request.is_api and not _accepts_json(request.headers.get("accept", "")):
        description = "The response is available as JSON only"
        raise HTTPError(status, {"error": "NotAcceptable", "description": description}, UNCONFIRMED)


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

"""Status and body -> exception.

Zendesk has no single error shape; those that were seen are read here.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    Conflict,
    FeatureUnavailable,
    MalformedResponse,
    MissingScope,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    Unprocessable,
    ZendeskError,
)
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.scopes import scopes_for


BY_STATUS: Mapping[int, type[ApiError]] = {
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    413: Unprocessable,
    422: Unprocessable,
    429: RateLimited,
}
#: How Zendesk says that a feature is not there: as a path that it does not know, or in words.
_NO_PATH = (404, "InvalidEndpoint")
_FORBIDDEN, _NO_ACCESS = 403, "You do not have access to this page"
#: How Zendesk says that the token lacks a scope: in words, which name those that suffice; or by a
#: code, under the status that otherwise is that of credentials.
_SCOPES = re.compile(r"missing the following required scopes?:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_NO_SCOPE = (401, "InvalidOAuthScopes")
_SAFE_TO_REPEAT = "it may have been applied; sending it again has no second effect"
_UNSAFE_TO_REPEAT = (
    "it may have been applied, and sending it again may apply it twice: "
    "look at Zendesk before you try again"
)


def decoded(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the JSON of a successful answer, or None when the body is empty.

    Raises:
        MalformedResponse: the body is not JSON.
    """
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # Raised below, because the error of `json` keeps the whole text.
        text = "" if request.confidential else body[:200].decode("utf-8", "replace")
    raise MalformedResponse(
        request.method,
        shown(request.path),
        status,
        description=f"the body is not JSON: {text!r}",
        request_id=headers.get("x-zendesk-request-id") or headers.get("x-request-id"),
        body=text,
    )


def failure(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Return the exception that an unsuccessful answer stands for."""
    try:
        data = json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        data = None if request.confidential else body[:500].decode("utf-8", "replace")
    code, description = _sentences(data)
    cls = BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequest)
    if (status, code) == _NO_PATH or (status == _FORBIDDEN and description.startswith(_NO_ACCESS)):
        cls = FeatureUnavailable
    more: dict[str, Any] = {}
    named = _SCOPES.search(description)
    if (status == _FORBIDDEN and named) or (status, code) == _NO_SCOPE:
        cls, more = MissingScope, _missing(request, named[1] if named else "")
    return cls(
        request.method,
        shown(request.path),
        status,
        code=code,
        description=description,
        details=_details(data),
        request_id=headers.get("x-zendesk-request-id") or headers.get("x-request-id"),
        retry_after=_seconds(headers.get("retry-after")),
        body=None if request.confidential else data,
        **more,
    )


def _missing(request: Request, names: str) -> dict[str, Any]:
    """Return the scopes that a request needs, as Zendesk names them or else as they are known."""
    known = scopes_for(request.method, request.path)
    told = tuple(re.findall(r"[a-z_]+(?::[a-z_]+)*", names)) or known
    return {"scopes": told, "narrowest": next((each for each in known if each in told), "")}


def explain(error: ZendeskError, sentence: str) -> None:
    """Add a sentence to the message of an error."""
    if isinstance(error, ApiError):
        error.explain(sentence)
    else:
        error.args = (f"{error}; {sentence}",)


def explain_uncertainty(error: ZendeskError, request: Request) -> None:
    """Add to the message that the request may have been applied, and how to go on."""
    explain(error, _SAFE_TO_REPEAT if request.repeatable else _UNSAFE_TO_REPEAT)


def _sentences(data: Any) -> tuple[str, str]:
    """Return Zendesk's code and description, from any of the shapes it uses."""
    if not isinstance(data, dict):
        return "", data if isinstance(data, str) else ""
    error = data.get("error")
    if isinstance(error, dict):
        return str(error.get("title") or ""), str(error.get("message") or "")
    if error is None and isinstance(data.get("errors"), list) and data["errors"]:
        first = data["errors"][0]
        if isinstance(first, dict):
            return str(first.get("code") or ""), str(
                first.get("detail") or first.get("title") or ""
            )
        return "", str(first)
    texts = (data.get(name) for name in ("description", "error_description", "message"))
    return str(error or ""), str(next(filter(None, texts), ""))


def _details(data: Any) -> dict[str, list[str]]:
    """Return Zendesk's complaints by field."""
    # The help center calls them `errors`.
    told = data if isinstance(data, dict) else {}
    details = told.get("details") or told.get("errors")
    if not isinstance(details, dict):
        return {}
    return {
        field: [_complaint(item) for item in _listed(items)] for field, items in details.items()
    }


def _listed(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]


def _complaint(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("description") or item.get("error") or item)
    return str(item)


def _seconds(value: str | None) -> float | None:
    try:
        return max(float(value), 0.0) if value else None
    except ValueError:
        return None

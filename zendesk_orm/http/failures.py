"""Status and body -> exception.

Zendesk has no single error shape; those that were seen are read here.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import gc
import json
import re
import sys
from collections.abc import Iterator, Mapping
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
from zendesk_orm.http.hosts import place
from zendesk_orm.http.request import Request, redact_path
from zendesk_orm.http.retry import seconds_to_wait, server_time
from zendesk_orm.http.scopes import scopes_for
from zendesk_orm.messages import display


BY_STATUS: Mapping[int, type[ApiError]] = {
    401: AuthenticationFailed,
    # Sunshine Conversations: the plan allows no further app.
    402: FeatureUnavailable,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    413: Unprocessable,
    422: Unprocessable,
    # Sunshine Conversations: a conversation has 30,000 messages.
    423: Conflict,
    429: RateLimited,
}
#: The responses for a missing feature: an unknown path, or a text.
_NO_PATH = (404, "InvalidEndpoint")
_FORBIDDEN, _NO_ACCESS = 403, "You do not have access to this page"
#: The responses for a token without a required scope: a text that names the sufficient scopes, or
#: a code with the status of invalid credentials.
_SCOPES = re.compile(r"missing the following required scopes?:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_NO_SCOPE = (401, "InvalidOAuthScopes")
#: Pages that Zendesk redirects to if the client is not signed in.
_SIGN_IN = re.compile(r"(?:https?://[^/]*)?/(?!api/)(?:[^?#]*/)?(?:auth|access|sign_?in|login)\b")
#: The keys of an error that contain texts, and all keys that an error can have.
_TEXTS = ("error", "errors", "title", "detail", "message", "description", "details")
_OF_ERRORS = frozenset({*_TEXTS, "error_description", "code", "status"})
#: Texts, and characters of them, that a message contains at most.
_MOST_TEXTS, _MOST_CHARACTERS = 200, 10_000
INVALID_REDIRECT = "it redirects to an address that is invalid"
#: Whether objects that are created inside of a call into C start collections; not since 3.12.
_COLLECTS_IN_C = sys.version_info < (3, 12)
_SAFE_TO_REPEAT = "it may have been applied; sending it again has no second effect"
_UNSAFE_TO_REPEAT = (
    "it may have been applied, and sending it again may apply it twice: "
    "look at Zendesk before you try again"
)


def decode(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the JSON of a successful response; `decode_body()` handles all but the common case."""
    if request.on_body is not None:
        request.on_body(body)
    # Decoding a page creates thousands of objects, of which none is garbage. Python would start a
    # collection for every 700 of them, and some would visit all objects of the program: that
    # takes a quarter of the time. Since Python 3.12, no collection interrupts such a call. The same
    # as `pause_collections()`, without its calls, because every response passes here.
    is_paused = _COLLECTS_IN_C and gc.isenabled()
    try:
        if is_paused:
            gc.disable()
        data = json.loads(body)
    except (ValueError, RecursionError):
        # Empty or invalid. Handled below, because the error of `json` contains the body.
        data = None
    finally:
        if is_paused:
            gc.enable()
    # The keys of an error are looked for here, because nearly all responses have none.
    if not data or (type(data) is dict and ("error" in data or "errors" in data)):
        return decode_body(request, status, headers, body)
    return data


def decode_body(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the JSON of a successful response, or None if the body is empty.

    Raises:
        MalformedResponse: the body is not JSON, or is an error in spite of its status.
    """
    if not body.strip():
        return None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        # Raised below, because the error of `json` keeps the whole text.
        data = text = "" if request.confidential else body[:200].decode("utf-8", "replace")
        parts: dict[str, Any] = {"description": f"the body is not JSON: {display(text)}"}
    else:
        if not is_error(data):
            return data
        parts = _parse_error(request, data)
    raise MalformedResponse(
        request.method,
        redact_path(request.path),
        status,
        request_id=_request_id(headers),
        body=None if request.confidential else data,
        **parts,
    )


def is_error(data: Any) -> bool:
    """Return whether a body describes an error and contains nothing else.

    Zendesk's search responds in this way with status 200 if it fails.
    """
    if not isinstance(data, dict) or not (data.get("error") or data.get("errors")):
        return False
    return data.keys() <= _OF_ERRORS


def failure(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> ApiError:
    """Return the exception that an unsuccessful response stands for.

    Args:
        request: the request.
        status, headers, body: the response; headers by lower-case name.
        now: seconds since the epoch, by the local clock.
    """
    try:
        data = json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        data = None if request.confidential else body[:500].decode("utf-8", "replace")
    parts = _parse_error(request, data)
    code, description = parts["code"], parts["description"]
    cls = BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequest)
    if (status, code) == _NO_PATH or (status == _FORBIDDEN and description.startswith(_NO_ACCESS)):
        cls = FeatureUnavailable
    extra: dict[str, Any] = {}
    match = _SCOPES.search(description)
    if (status == _FORBIDDEN and match) or (status, code) == _NO_SCOPE:
        cls, extra = MissingScope, _missing_scopes(request, match[1] if match else "")
    error = cls(
        request.method,
        redact_path(request.path),
        status,
        request_id=_request_id(headers),
        retry_after=seconds_to_wait(headers, now),
        body=None if request.confidential else data,
        **parts,
        **extra,
    )
    error.served_at = server_time(headers, now)
    return error


def check_redirect(request: Request, status: int, headers: Mapping[str, str]) -> str:
    """Return the target of a redirect.

    Raises:
        AuthenticationFailed: the target is a sign-in page.
        MalformedResponse: the target is not an address.
    """
    target = headers["location"]
    if place(target) is None:
        raise MalformedResponse(
            request.method,
            redact_path(request.path),
            status,
            description=INVALID_REDIRECT,
            request_id=_request_id(headers),
        )
    if _SIGN_IN.match(target):
        problem = "Zendesk redirects to its sign-in page, so the credentials are not valid here"
        raise AuthenticationFailed(
            request.method,
            redact_path(request.path),
            status,
            description=problem,
            request_id=_request_id(headers),
        )
    return target


def _parse_error(request: Request, data: Any) -> dict[str, Any]:
    """Return the arguments of `ApiError` that the body of an error contains."""
    code, description = _code_and_description(data)
    texts = () if request.confidential else tuple(_texts(data))
    return {
        "code": code,
        "description": description,
        "details": _details(data),
        "texts": texts,
    }


def _request_id(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-zendesk-request-id") or headers.get("x-request-id")


def _missing_scopes(request: Request, names: str) -> dict[str, Any]:
    """Return the scopes that a request needs, as Zendesk names them or else as they are known."""
    sufficient = scopes_for(request.method, request.path)
    scopes = tuple(re.findall(r"[a-z_]+(?::[a-z_]+)*", names)) or sufficient
    return {
        "scopes": scopes,
        "narrowest": next((scope for scope in sufficient if scope in scopes), ""),
    }


def explain(error: ZendeskError, sentence: str) -> None:
    """Add a sentence to the message of an error."""
    if isinstance(error, ApiError):
        error.explain(sentence)
    else:
        error.args = (f"{error}; {sentence}",)


def explain_uncertainty(error: ZendeskError, request: Request) -> None:
    """Add to the message that the request may have been applied, and how to go on."""
    # A bulk deletion is not repeated, because a second job reports missing rows as failures.
    is_safe = request.repeatable or request.method == "DELETE"
    explain(error, _SAFE_TO_REPEAT if is_safe else _UNSAFE_TO_REPEAT)


def _code_and_description(data: Any) -> tuple[str, str]:
    """Return Zendesk's code and description, from any of the shapes it uses."""
    if not isinstance(data, dict):
        return "", data if isinstance(data, str) else ""
    error, errors = data.get("error"), data.get("errors")
    if isinstance(error, dict):
        return _text(error.get("title") or error.get("code")), _text(error.get("message"))
    if error is None and isinstance(errors, list) and errors:
        first = errors[0]
        if isinstance(first, dict):
            return _text(first.get("code")), _text(first.get("detail") or first.get("title"))
        return "", _text(first)
    names = ("description", "error_description", "message", "detail", "title")
    texts = (_text(data.get(name)) for name in names)
    return _text(error), next(filter(None, texts), "") or _text(errors)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) else ""


def _texts(data: Any) -> Iterator[str]:
    """Yield the texts under the keys of an error, in their order, each of them once."""
    top = (data.get(key) for key in _TEXTS) if isinstance(data, dict) else (data,)
    waiting, seen, characters = [*top][::-1], set[str](), 0
    while waiting and len(seen) < _MOST_TEXTS and characters < _MOST_CHARACTERS:
        value = waiting.pop()
        if isinstance(value, (dict, list)):
            members = list(value.values() if isinstance(value, dict) else value)
            waiting.extend(reversed(members))
        elif isinstance(value, str) and value.strip() and value not in seen:
            seen.add(value)
            characters += len(value)
            yield value


def _details(data: Any) -> dict[str, list[str]]:
    """Return Zendesk's complaints by field."""
    # The help center calls them `errors`.
    scopes = data if isinstance(data, dict) else {}
    details = scopes.get("details") or scopes.get("errors")
    if not isinstance(details, dict):
        return {}
    return {
        field: [_complaint(item) for item in _as_list(items)] for field, items in details.items()
    }


def _as_list(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]


def _complaint(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("description") or item.get("error") or item)
    return str(item)

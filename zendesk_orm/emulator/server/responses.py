"""Responses as they are sent: addresses, ETags, compression, and conditional requests.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from attrs import frozen
from werkzeug.http import http_date

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import BASE_URL, Request, Response


_JSON = "application/json; charset=utf-8"
#: The size of a body in bytes from which on it is compressed.
MIN_COMPRESSED = 2_000
#: Statuses without a body.
_WITHOUT_BODY = frozenset({204, 304})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@frozen
class RenderedResponse:
    """A response in the form of WSGI.

    Attributes:
        status: status and phrase: `200 OK`.
        headers: names and values.
        body: the body; empty for `HEAD`.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def render(context: Context, request: Request, response: Response) -> RenderedResponse:
    """Return a response as it is sent.

    Args:
        context: the account.
        request: the request, whose headers select compression and a response without a body.
        response: the response.
    """
    body = response.content or _replace_host(response.text, request.host).encode()
    status = response.status
    headers = {name: _replace_host(value, request.host) for name, value in response.headers.items()}
    headers.setdefault("Date", http_date(context.now()))
    if body:
        # Recorded: responses of webhooks tell no charset.
        plain = request.path.startswith("webhooks")
        headers.setdefault("Content-Type", "application/json" if plain else _JSON)
    if body and status < 400:
        etag = headers.setdefault("ETag", compute_etag(body))
        if status == 200 and _is_current(context, request, etag):
            status, body = 304, b""
            headers.pop("Content-Type")
    body = _compress(request, headers, body)
    if status not in _WITHOUT_BODY:
        headers["Content-Length"] = str(len(body))
    line = f"{status} {_PHRASES.get(status, 'Unknown')}"
    pairs = [(name, _to_line(value)) for name, value in headers.items()]
    return RenderedResponse(line, pairs, b"" if request.method == "HEAD" else body)


def compute_etag(body: bytes) -> str:
    """Return the weak ETag of a body, which nearly all recorded responses have."""
    return f'W/"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def send_half(body: bytes, socket: Any) -> Iterator[bytes]:
    """Yield the first half of a body, after which the connection breaks.

    Args:
        body: the whole body.
        socket: the socket of the connection, or None without one.
    """
    yield body[: len(body) // 2]
    if socket is not None:
        socket.shutdown(2)


def _is_current(context: Context, request: Request, etag: str) -> bool:
    """Return True if the client has the current body, which is not sent again.

    Observed: the Help Center always sends the body.
    """
    received = request.headers.get("if-none-match", "")
    if not received or request.method not in ("GET", "HEAD") or not context.switches.not_modified:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in received.split(",")}
    current = "*" in tags or etag.removeprefix("W/") in tags
    return current and not request.path.startswith(("help_center", "guide"))


def _compress(request: Request, headers: dict[str, str], body: bytes) -> bytes:
    """Return a body, compressed if the client accepts that and the body is long text."""
    if len(body) < MIN_COMPRESSED or not headers.get("Content-Type", "").startswith(
        ("application/json", "text/")
    ):
        return body
    headers["Vary"] = "Accept-Encoding"
    if not _accepts_gzip(request.headers.get("accept-encoding", "")):
        return body
    headers["Content-Encoding"] = "gzip"
    return gzip.compress(body, 1, mtime=0)


def _accepts_gzip(text: str) -> bool:
    """Return True if an `Accept-Encoding` header accepts gzip."""
    for part in text.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _replace_host(text: str, host: str) -> str:
    """Return a text with the requested host in its addresses."""
    return text if host == BASE_URL else text.replace(BASE_URL, host)


def _to_line(value: str) -> str:
    """Return a value of a header in one line, in the characters that headers may have."""
    text = value.replace("\r", " ").replace("\n", " ")
    return text if text.isascii() else text.encode().decode("latin-1")

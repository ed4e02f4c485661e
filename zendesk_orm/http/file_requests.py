"""Requests for files, whose redirects lead to the hosts that store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from attrs import evolve

from zendesk_orm.errors import ForeignHost, MalformedResponse
from zendesk_orm.http.failures import check_redirect, failure
from zendesk_orm.http.hosts import join, resolve, without_user
from zendesk_orm.http.request import RedirectTarget, Request, redact_path


if TYPE_CHECKING:
    from zendesk_orm.http.transport import Transport
    from zendesk_orm.http.wire import Authorization, StreamingResponse

#: Redirects that are followed for one request.
MAX_REDIRECTS = 5
#: The header that names the user whom a request acts as.
ON_BEHALF_OF = "X-On-Behalf-Of"
#: The statuses of a complete file, also from a proxy.
_COMPLETE = (200, 203)
#: The encodings that all versions of urllib3 decode in pieces.
DECODED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
#: Other compressions. Hosts of files send more names that change no byte, such as `utf-8`.
_NOT_DECODED = frozenset({"br", "compress", "x-compress", "zstd"})
#: Bytes that are read of an error response.
_MAX_ERROR_BYTES = 64 * 1024


def open_file(
    transport: Transport, request: Request, authorization: Authorization
) -> StreamingResponse:
    """Request a file once, follow redirects, and return the open response."""
    link, own_host = join(transport.base_url, request.path), True
    for hop in range(MAX_REDIRECTS):
        # After a redirect to another host, credentials are never sent again.
        own_host = own_host and transport.is_own_host(link)
        if own_host:
            target = evolve(request, path=transport.to_path(link))
            if hop:
                target = evolve(target, path=RedirectTarget(target.path, request.path))
                target = transport.acquire(target)
        else:
            headers = {k: v for k, v in request.headers.items() if k != ON_BEHALF_OF}
            target = evolve(request, path=without_user(link), headers=headers)
        status, response_headers, response = transport.exchange(
            target, authorization, opened=True, own_host=own_host
        )
        encodings = response_headers.get("content-encoding", "").lower().split(",")
        if status in _COMPLETE and _NOT_DECODED.isdisjoint(map(str.strip, encodings)):
            return cast("StreamingResponse", response)
        if 200 <= status < 300:
            response.close()
            problem = (
                "the response is a part of the file, or has an encoding that was not requested"
            )
            path = redact_path(target.path)
            raise MalformedResponse(target.method, path, status, description=problem)
        if not (300 <= status < 400 and "location" in response_headers):
            with response:
                # Another host may repeat the address, which is signed.
                text = response.read(_MAX_ERROR_BYTES) if own_host else b""
            target = evolve(target, path=redact_path(target.path))
            raise failure(target, status, response_headers, text, transport.clock.now())
        response.close()
        link = resolve(link, check_redirect(target, status, response_headers))
    raise ForeignHost(f"{redact_path(request.path)} redirects in a circle")

"""`webhook_app()`: receives the requests of webhooks, as a WSGI and as an ASGI application.

Source: https://peps.python.org/pep-3333/ and https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, overload

from zendesk_orm import log
from zendesk_orm.account import Account
from zendesk_orm.http.clock import Clock
from zendesk_orm.sync.webhooks.invocations import InvocationStore
from zendesk_orm.sync.webhooks.receiving import (
    MAX_BODY_BYTES,
    METHODS,
    Reply,
    Submit,
    WebhookReceiver,
    build_reply,
)
from zendesk_orm.sync.webhooks.verification import TOLERANCE, Secret
from zendesk_orm.sync.webhooks.webhook_events import TicketKey


Environ = Mapping[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

#: Seconds in which a body has to arrive. Zendesk itself waits ten or twelve for the response.
BODY_SECONDS = 10.0
#: Bytes that are read from a WSGI server at once.
_BLOCK = 65_536
#: Methods without a response body.
_WITHOUT_BODY = "HEAD"

_logger = log.child("sync")


class WebhookApp(WebhookReceiver):
    """A WSGI and ASGI application that receives the requests of webhooks; see `webhook_app()`.

    `app.wsgi` and `app.asgi` are the two applications, for servers that inspect their type.
    """

    @overload
    def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> Awaitable[None]: ...
    @overload
    def __call__(
        self, environ: Environ, start_response: Callable[..., Any], /
    ) -> Iterable[bytes]: ...
    @overload
    def __call__(self, scope: Scope, /) -> Callable[[Receive, Send], Awaitable[None]]: ...
    def __call__(self, *args: Any) -> Any:
        """Answer a request of a WSGI server (2 arguments) or an ASGI server (3, or 1).

        Raises:
            TypeError: there are no arguments; uvicorn tries whether it calls a factory.
        """
        if len(args) == 2:
            return self.wsgi(*args)
        if len(args) == 3:
            return self.asgi(*args)
        if len(args) != 1:
            raise TypeError("the application takes the arguments of WSGI or ASGI")
        scope = args[0]
        return lambda receive, send: self.asgi(scope, receive, send)

    # -- WSGI ------------------------------------------------------------------

    def wsgi(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request of a WSGI server."""
        method = str(environ.get("REQUEST_METHOD", "")).upper()
        reply = self._refuse_method(method)
        if reply is None:
            body = self._read_input(environ)
            reply = body if isinstance(body, Reply) else self.handle(body, environ, method)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", reply.headers)
        return [b"" if method == _WITHOUT_BODY else reply.body]

    def _read_input(self, environ: Environ) -> bytes | Reply:
        """Return the body of a WSGI request, or the response to one whose body is unreadable."""
        text = str(environ.get("CONTENT_LENGTH") or "").strip()
        is_terminated = bool(environ.get("wsgi.input_terminated"))
        if text:
            if not (text.isascii() and text.isdigit()) or len(text) > 20:
                return build_reply(400, "the Content-Length is invalid")
            if int(text) > self.max_body_bytes:
                return self.refuse_size()
        elif not is_terminated:
            # Without a length, a server that does not end the input would wait for more.
            chunked = environ.get("HTTP_TRANSFER_ENCODING")
            return build_reply(411, "a Content-Length is required") if chunked else b""
        size = int(text) if text else self.max_body_bytes + 1
        body = _read(environ["wsgi.input"], size)
        if body is None:
            return build_reply(408, "the body took too long")
        if len(body) > self.max_body_bytes:
            return self.refuse_size()
        if text and len(body) < size:
            return build_reply(400, "the body is shorter than its length")
        return body

    # -- ASGI ------------------------------------------------------------------

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of an ASGI server; receivers run in a thread."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        reply = await self._answer(scope, receive)
        if reply is None:
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        body = b"" if scope["method"] == _WITHOUT_BODY else reply.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | None:
        """Return the response to an ASGI request; None if the client has gone."""
        reply = self._refuse_method(scope["method"])
        if reply is not None:
            return reply
        headers = list(scope["headers"])
        lengths = [value for name, value in headers if name.lower() == b"content-length"]
        if any(self.is_too_large(text.decode("latin-1")) for text in lengths):
            return self.refuse_size()
        try:
            body = await asyncio.wait_for(self._receive_body(receive), BODY_SECONDS)
        except asyncio.TimeoutError:
            return build_reply(408, "the body took too long")
        if body is None or isinstance(body, Reply):
            return body
        return await asyncio.to_thread(self.handle, body, headers, scope["method"])

    async def _receive_body(self, receive: Receive) -> bytes | Reply | None:
        """Return the body of an ASGI request; None if the client has gone."""
        parts: list[bytes] = []
        size, has_more = 0, True
        while has_more:
            message = await receive()
            if message["type"] != "http.request":
                return None
            part = message.get("body") or b""
            size, has_more = size + len(part), bool(message.get("more_body"))
            if size > self.max_body_bytes:
                return self.refuse_size()
            parts.append(part)
        return b"".join(parts)

    @staticmethod
    def _refuse_method(method: str) -> Reply | None:
        """Return the response to a method that webhooks do not use, before a body is read."""
        if method.upper() in METHODS:
            return None
        return build_reply(405, "webhooks do not use this method", Allow=", ".join(METHODS))


def webhook_app(
    secret: Secret | Iterable[Secret],
    account: Account | str | None = None,
    *,
    tolerance: float = TOLERANCE,
    ticket_key: TicketKey = "ticket_id",
    invocations: InvocationStore | None = None,
    submit: Submit | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
    allow_test_secret: bool = False,
) -> WebhookApp:
    """Return an application that receives webhooks, for WSGI and ASGI servers alike.

    ::

        app = webhook_app(os.environ["ZENDESK_WEBHOOK_SECRET"])      # gunicorn hooks:app

    It verifies each request, makes cached rows outdated, and sends `webhook_received`, and
    `remote_created`, `remote_changed` or `remote_deleted` for events and for payloads of triggers
    that name a ticket. The row is requested only if a receiver is connected for its model, and
    once for all events of one save.

    Args:
        secret: the signing secret of the webhook; a list while it is replaced, or for several
            webhooks.
        account: the account, or its alias; the default account otherwise.
        tolerance: seconds by which the time of a signature may differ from the clock.
        ticket_key: the key of a trigger's payload with the id of the ticket (`data.ticket` for a
            key in a key), or a function that takes the payload and returns the id or None.
        invocations: remembers deliveries, so that each is handled once; in the memory of this
            process by default. Several processes need a store that they share.
        submit: starts the handling in the background: `executor.submit`. The response is then sent
            at once, and a failure is only logged.
        max_body_bytes: the largest body.
        allow_test_secret: accept the public secret of tests that were sent before the webhook
            was created: anyone can sign with it.

    Raises:
        ConfigurationError: the secret is missing, or another argument is invalid.

    Source: https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    return WebhookApp(
        secret,
        account,
        tolerance=tolerance,
        ticket_key=ticket_key,
        invocations=invocations,
        submit=submit,
        max_body_bytes=max_body_bytes,
        allow_test_secret=allow_test_secret,
    )


def _read(stream: Any, size: int) -> bytes | None:
    """Return up to a number of bytes of a stream; None if they take too long."""
    clock = Clock()
    deadline = clock.monotonic() + BODY_SECONDS
    parts: list[bytes] = []
    while size > 0:
        part = stream.read(min(size, _BLOCK))
        if not part:
            break
        parts.append(part)
        size -= len(part)
        if size > 0 and clock.monotonic() > deadline:
            return None
    return b"".join(parts)


async def _live(receive: Receive, send: Send) -> None:
    """Answer the events of an ASGI server that starts and stops."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

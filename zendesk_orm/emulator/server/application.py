"""The WSGI application: it parses, authenticates and routes each request."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import evolve
from werkzeug import wrappers
from werkzeug.exceptions import HTTPException

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import TOKEN_PATH, Parameters, Request, Response
from zendesk_orm.emulator.messaging.access import select_app
from zendesk_orm.emulator.messaging.errors import describe_error
from zendesk_orm.emulator.oauth import access, grants
from zendesk_orm.emulator.server.bodies import parse_body
from zendesk_orm.emulator.server.errors import (
    HTTPError,
    internal_error,
    invalid_request,
)
from zendesk_orm.emulator.server.faults import ConnectionDropped, Fault, Faults
from zendesk_orm.emulator.server.hosts import find_foreign_host
from zendesk_orm.emulator.server.idempotency import run_once
from zendesk_orm.emulator.server.ignored import find_ignored_includes
from zendesk_orm.emulator.server.ignored_keys import (
    build_warning,
    find_ignored_keys,
    find_target,
)
from zendesk_orm.emulator.server.negotiation import check_media_types, describe_methods
from zendesk_orm.emulator.server.parameters import convert_request
from zendesk_orm.emulator.server.rate_limits import RateLimiter
from zendesk_orm.emulator.server.request_log import MAX_NAMES, RequestLog
from zendesk_orm.emulator.server.responses import render, send_half
from zendesk_orm.emulator.server.router import Route, Router
from zendesk_orm.emulator.server.work import run_due_work
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.storage.undeclared_sideloads import list_names
from zendesk_orm.emulator.webhooks.courier import Courier, describe_headers
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.emulator.webhooks.publishing import publish_changes
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The first part of the paths of the requests that control the emulator.
CONTROL_PREFIX = "/_emulator"
_ROOT = "/api/v2/"
#: The prefix of paths that are not below `/api/v2/`.
_OUTSIDE = "~"

#: The source of the responses of faults.
_FAULT = "unconfirmed: a fault that was added to the emulator"

_logger = logging.getLogger("zendesk_orm.emulator")


class Application:
    """The emulator as a WSGI application.

    Attributes:
        requests: method and path of each request, `GET tickets/1`, without those of the sign-in.
        token_requests: the grant type of each request for a token, followed by its error if it
            failed: `refresh_token invalid_grant`.
        faults: the failures of future requests.
        log: the latest requests, with their responses.
        control: the application of the requests that control the emulator, or None.
        courier: sends the requests of webhooks.
    """

    def __init__(self, context: Context, log_size: int) -> None:
        self.requests: list[str] = []
        self.token_requests: list[str] = []
        self.faults = Faults()
        self.log = RequestLog(log_size)
        self.control: WSGIApplication | None = None
        self._context = context
        self._authenticate: Callable[[Context, Request], int] = access.authenticate
        self._router = Router()
        self._rate_limiter = RateLimiter(context)
        self.courier = Courier(context)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a WSGI request.

        Raises:
            ConnectionDropped: the connection has to break, but has no socket to close.
        """
        foreign = find_foreign_host(environ, self._context.switches.allowed_hosts)
        if foreign:
            return _build_foreign_host(foreign)(environ, start_response)
        path = environ["PATH_INFO"]
        if self.control is not None and (path == "/" or path.startswith(CONTROL_PREFIX)):
            return self.control(environ, start_response)
        try:
            request = _parse_request(wrappers.Request(environ))
        except (OSError, ValueError, HTTPException):
            # A body that cannot be read, such as one with an invalid chunk size.
            request, response = Request("GET", ""), _build_error(invalid_request())
        else:
            response = self._handle_or_break(request, environ.get("werkzeug.socket"))
        rendered = render(self._context, request, response)
        start_response(rendered.status, rendered.headers)
        if response.truncated:
            return send_half(rendered.body, environ.get("werkzeug.socket"))
        return [rendered.body]

    def _handle_or_break(self, request: Request, socket: Any) -> Response:
        """Handle a request, and break the connection if it has to.

        Args:
            request: the request.
            socket: the socket of the connection, or None without one.

        Raises:
            ConnectionDropped: the request has no socket.
        """
        try:
            return self.handle(request)
        except ConnectionDropped:
            if socket is None:
                raise
            socket.shutdown(2)
            return Response(500, source=_FAULT)

    def handle(self, request: Request) -> Response:
        """Handle a request and add it to the list of requests.

        Raises:
            ConnectionDropped: the connection has to break.
        """
        started = time.perf_counter()
        with self._context.store.lock:
            limit = self._count_request(request)
            fault = None if limit else self.faults.take(request)
        # Other requests are answered while this one waits.
        latency = self._context.switches.latency + (fault.latency if fault else 0)
        if latency:
            self._context.clock.sleep(latency)
        with self._context.store.lock:
            self._context.user_id = 0
            try:
                response = self._respond(request, fault, limit)
            except Exception:
                self._record(request, None, fault, started)
                raise
            self._record(request, response, fault, started)
        # The requests of webhooks are sent without the lock, and in another thread.
        self.courier.start()
        return response if response.test is None else self._send_test(response, response.test)

    def _send_test(self, response: Response, test: Delivery) -> Response:
        """Send the test of a webhook, and return the response with its result."""
        answer = self.courier.send(test)
        result = {
            "status_code": answer.status,
            "headers": describe_headers(answer.headers),
            "payload": answer.body,
        }
        return evolve(response, text=dump_json({"response": result}), test=None)

    def _count_request(self, request: Request) -> HTTPError | None:
        """Count a request, and return the error if it exceeds the rate limit."""
        if not request.is_sign_in:
            try:
                self._rate_limiter.count_request(request)
            except HTTPError as error:
                return error
        return None

    def _record(
        self, request: Request, response: Response | None, fault: Fault | None, started: float
    ) -> None:
        context = self._context
        self.log.add(
            request,
            response,
            time=context.now(),
            user_id=context.user_id,
            fault=fault,
            milliseconds=1000 * (time.perf_counter() - started),
        )
        if request.path == TOKEN_PATH:
            self.token_requests.append(grants.describe(request, response))
        elif not request.is_sign_in:
            self.requests.append(f"{request.method} {request.path}")
            if len(self.requests) > MAX_NAMES:
                del self.requests[: MAX_NAMES // 2]

    def _respond(
        self, request: Request, fault: Fault | None = None, limit: HTTPError | None = None
    ) -> Response:
        """Return the response to a request, which may be an error.

        Args:
            request: the request.
            fault: the fault by which it fails, or None.
            limit: the error of the rate limit that it exceeds, or None.
        """
        headers: dict[str, str] = {}
        try:
            response = (
                self._apply_fault(request, fault, headers) if limit is None else _build_error(limit)
            )
        except HTTPError as error:
            response = _build_error(describe_error(request, error))
        except ConnectionDropped:
            raise
        except Exception:
            # A fault of the emulator. It must still be able to handle the next request.
            _logger.exception("%s %s cannot be answered", request.method, request.path)
            response = _build_error(internal_error())
        headers |= self._rate_limiter.headers(request)
        headers["x-request-id"] = headers["x-zendesk-request-id"] = str(uuid.uuid4())
        return evolve(response, headers={**headers, **response.headers})

    def _apply_fault(
        self, request: Request, fault: Fault | None, headers: dict[str, str]
    ) -> Response:
        """Return the response to a request, changed by the fault.

        Raises:
            HTTPError: the error response.
            ConnectionDropped: the connection has to break.
        """
        if fault is None:
            return self._dispatch(request, headers)
        response = self._dispatch(request, headers) if fault.is_handled else Response()
        if fault.disconnect:
            raise ConnectionDropped
        if fault.status is not None:
            response = Response(fault.status, source=_FAULT)
        if fault.body is not None:
            response = evolve(response, text=_to_text(fault.body), content=b"")
        merged = {**response.headers, **fault.headers}
        return evolve(response, headers=merged, truncated=fault.truncate)

    def _dispatch(self, request: Request, headers: dict[str, str]) -> Response:
        """Call the handler of a request in a transaction; add the warning to `headers`."""
        context = self._context
        request = select_app(context, request)
        if request.method == "OPTIONS":
            return describe_methods(self._router.find_methods(request.path))
        user_id = self._authenticate(context, request)
        check_media_types(context, request)
        run_due_work(context)
        route, values = self._router.find(request.method, request.path)
        targets = route.bind(values)
        target = targets[0]
        request = convert_request(request, target)
        # Models share some paths.
        owner = find_target(request, targets)
        ignored = find_ignored_keys(request, owner)
        headers |= build_warning(request, owner, ignored)
        context.ignored.note("key", ignored, request)
        names = find_ignored_includes(request, targets, list_names(target.meta))
        context.ignored.note("include", names, request)
        with publish_changes(context):
            context.user_id = user_id
            if target.endpoint.idempotent:
                return run_once(context, request, lambda: _handle(context, request, route, values))
            return _handle(context, request, route, values)


def _handle(context: Context, request: Request, route: Route, values: list[str]) -> Response:
    """Call the handler of a request, and count the parameters that it has not looked for."""
    response = route.handle(context, request, values)
    context.ignored.note("parameter", request.params.list_unread(), request)
    return response


def _parse_request(source: wrappers.Request) -> Request:
    path = source.path.removesuffix(".json")
    content = source.get_data()
    is_api = path.startswith(_ROOT)
    return Request(
        method=source.method,
        path=path.removeprefix(_ROOT) if is_api else _OUTSIDE + path.rstrip("/"),
        params=Parameters(source.args),
        body=parse_body(content),
        text=content.decode(errors="replace"),
        headers={name.lower(): value for name, value in source.headers},
        host=source.host_url.rstrip("/"),
        through_socket="werkzeug.socket" in source.environ,
        content=content,
    )


def _build_error(error: HTTPError) -> Response:
    return Response(error.status, _to_text(error.body), error.headers, source=error.source)


def _build_foreign_host(host: str) -> wrappers.Response:
    """Return the response to a request for a name of another machine."""
    description = (
        f"{display(host)} is no name of this machine: use localhost, or allow the name by the "
        "switch allowed_hosts"
    )
    text = dump_json({"error": "ForeignHost", "description": description})
    return wrappers.Response(text, 403, content_type="application/json")


def _to_text(body: Any) -> str:
    """Return a body as text: JSON, unless it is text; "" if it is None."""
    if body is None:
        return ""
    return body if isinstance(body, str) else dump_json(body)

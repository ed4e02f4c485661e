"""The WSGI application: a request is read, limited, routed and answered."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import evolve
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from zendesk_orm.emulator import jobs
from zendesk_orm.emulator.faults import Dropped, Fault, Faults
from zendesk_orm.emulator.idempotency import once
from zendesk_orm.emulator.limits import Limits
from zendesk_orm.emulator.oauth import access, grants
from zendesk_orm.emulator.parameters import convert_call, parse_body
from zendesk_orm.emulator.permitted import warning
from zendesk_orm.emulator.refusals import Refusal, internal_error
from zendesk_orm.emulator.router import Router
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import HOME, TOKENS, Answer, Call, World


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_ROOT = "/api/v2/"
#: What stands before a path that is not the API's.
_OUTSIDE = "~"
_JSON = "application/json; charset=utf-8"

_logger = logging.getLogger("zendesk_orm.emulator")


class Application:
    """The emulator as WSGI sees it.

    Attributes:
        requests: method and path of each request received, `GET tickets/1`, in order; without
            those of signing in.
        token_requests: the grant type of each request for a token, in order, followed by the
            error if there was one: `refresh_token invalid_grant`.
        faults: the failures that are to come.
    """

    def __init__(self, world: World) -> None:
        self.requests: list[str] = []
        self.token_requests: list[str] = []
        self.faults = Faults()
        self._world = world
        self._router = Router()
        self._limits = Limits(world)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            Dropped: the connection is to break, and there is no socket to break it at.
        """
        call = _read(Request(environ))
        try:
            answer = self.answer(call)
        except Dropped:
            socket = environ.get("werkzeug.socket")
            if socket is None:
                raise
            socket.shutdown(2)
            answer = Answer(500)
        body: str | bytes = answer.content or _at_home(answer.text, call.host)
        headers = {name: _at_home(value, call.host) for name, value in answer.headers.items()}
        headers.setdefault("Date", http_date(self._world.now()))
        if body and answer.status < 400:
            headers.setdefault("ETag", _etag(body))
        kind = headers.pop("Content-Type", _JSON if body else None)
        return Response(body, answer.status, headers, content_type=kind)(environ, start_response)

    def answer(self, call: Call) -> Answer:
        """Answer a call that has been read.

        Raises:
            Dropped: the connection is to break.
        """
        with self._world.store.lock:
            try:
                answer = self._respond(call)
            except Exception:
                self._record(call, None)
                raise
            self._record(call, answer)
            return answer

    def _record(self, call: Call, answer: Answer | None) -> None:
        """Add a request to its list."""
        if call.path == TOKENS:
            self.token_requests.append(grants.describe(call, answer))
        elif not call.is_sign_in:
            self.requests.append(f"{call.method} {call.path}")

    def _respond(self, call: Call) -> Answer:
        """Return the response to a call: that of its endpoint, or a refusal."""
        if self._world.switches.latency:
            self._world.clock.sleep(self._world.switches.latency)
        headers: dict[str, str] = {}
        try:
            if not call.is_sign_in:
                self._limits.take()
            answer = self._met(call, headers)
        except Refusal as refusal:
            answer = _refused(refusal)
        except Dropped:
            raise
        except Exception:
            # A fault of the emulator: the next request must be answered nevertheless.
            _logger.exception("%s %s cannot be answered", call.method, call.path)
            answer = _refused(internal_error())
        headers |= {**self._limits.headers(), "x-zendesk-request-id": str(uuid.uuid4())}
        return evolve(answer, headers={**headers, **answer.headers})

    def _met(self, call: Call, headers: dict[str, str]) -> Answer:
        """Let the call meet the fault that waits for it, if one does."""
        fault = self.faults.next(call)
        if fault is None:
            return self._done(call, headers)
        if fault.after_applying:
            self._done(call, headers)
            raise Dropped
        return _failure(fault)

    def _done(self, call: Call, headers: dict[str, str]) -> Answer:
        """Do what is asked, whole or not at all; `headers` takes the warning."""
        world = self._world
        author = access.authenticate(world, call)
        with world.store.transaction():
            jobs.settle(world)
        route, given = self._router.find(call.method, call.path)
        target = route.at(given)[0]
        call = convert_call(call, target)
        headers |= warning(call, target)
        with world.store.transaction():
            world.author = author
            if target.endpoint.idempotent:
                return once(world, call, lambda: route.answer(world, call, given))
            return route.answer(world, call, given)


def _read(request: Request) -> Call:
    path = request.path.removesuffix(".json")
    headers = {name.lower(): value for name, value in request.headers}
    host = request.host_url.rstrip("/")
    inside = path.startswith(_ROOT)
    content = request.get_data()
    return Call(
        request.method,
        path.removeprefix(_ROOT) if inside else _OUTSIDE + path.rstrip("/"),
        request.args,
        parse_body(content),
        content.decode(errors="replace"),
        headers,
        host,
        content,
    )


def _refused(refusal: Refusal) -> Answer:
    text = "" if refusal.body is None else _text(refusal.body)
    return Answer(refusal.status, text, refusal.headers)


def _failure(fault: Fault) -> Answer:
    if fault.status is None:
        raise Dropped
    text = "" if fault.body is None else _text(fault.body)
    return Answer(fault.status, text, fault.headers)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else dumped(body)


def _etag(body: str | bytes) -> str:
    """Return a weak tag of a body, as nearly all recorded responses have one."""
    content = body.encode() if isinstance(body, str) else body
    return f'W/"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _at_home(text: str, host: str) -> str:
    """Return the text with addresses at the host that was asked."""
    return text if host == HOME else text.replace(HOME, host)

"""`webhook_app()` behind WSGI and ASGI servers, over sockets and without."""

from __future__ import annotations

import asyncio
import http.client
import io
import socket
import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest
import requests
import uvicorn
from attrs import evolve

from tests.webhooks.signing import SECRET, sign
from zendesk_orm import (
    Comment,
    ConfigurationError,
    Ticket,
    Webhook,
    receiver,
    remote_created,
    webhook_app,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import Clock
from zendesk_orm.sync.webhooks import webhook_app as module


@pytest.fixture
def app(zendesk):
    """Return an application for the default account, with a small limit for bodies."""
    return webhook_app(SECRET, max_body_bytes=2_000)


def call_wsgi(app, request, stream=None, **environ):
    """Return the status and the body of a response to a WSGI request."""
    responses = []
    values = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.errors": io.StringIO(),
        "wsgi.input": io.BytesIO(request.body) if stream is None else stream,
        **{f"HTTP_{n.upper().replace('-', '_')}": text for n, text in request.headers.items()},
        "CONTENT_TYPE": request.headers["Content-Type"],
        **environ,
    }
    values = {key: value for key, value in values.items() if value is not None}
    values.pop("HTTP_CONTENT_TYPE", None)
    result = app(values, lambda status, headers, exc_info=None: responses.append(status))
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    return int(responses[0].split()[0]), body


def call_asgi(app, request, parts=None, version=3, **scope):
    """Return the status and the body of a response to an ASGI request."""
    sent, pending = [], [request.body] if parts is None else list(parts)

    async def receive():
        if not pending:
            return {"type": "http.disconnect"}
        part = pending.pop(0)
        if part is None:
            await asyncio.sleep(3_600)
        return {"type": "http.request", "body": part, "more_body": bool(pending)}

    async def send(message):
        sent.append(message)

    values = {
        "type": "http",
        "method": request.method,
        "headers": [
            (name.lower().encode(), text.encode()) for name, text in request.headers.items()
        ],
        **scope,
    }
    running = app(values, receive, send) if version == 3 else app(values)(receive, send)
    asyncio.run(running)
    if not sent:
        return None, b""
    return sent[0]["status"], sent[1]["body"]


def test_both_interfaces_answer_alike(app, payloads):
    """A genuine request is handled once by either interface, and a forged one is rejected."""
    for number, call in enumerate((call_wsgi, call_asgi)):
        request = sign({"number": number})
        assert call(validator(app) if call is call_wsgi else app, request)[0] == 200
        assert call(app, request)[0] == 200
        assert call(app, request.with_headers(signature=None))[0] == 401

    assert payloads == [{"number": 0}, {"number": 1}]
    assert call_asgi(app, sign({"number": 2}), version=2)[0] == 200


def test_webhooks_may_use_any_method(app, payloads):
    """GET and DELETE have no body; HEAD, OPTIONS and others are refused without a body."""
    for call in (call_wsgi, call_asgi):
        for method in ("GET", "DELETE", "PUT", "PATCH"):
            request = sign(None if method in {"GET", "DELETE"} else {"a": 1}, method=method)
            forged = sign(None, secret="other", method=method)
            # Requests of the same second without a body have the same signature.
            assert call(app, request)[0] == 200
            assert call(app, forged)[0] == 401
        for method in ("OPTIONS", "TRACE", "LOCK"):
            assert call(app, sign({}, method=method))[0] == 405
        assert call(app, sign({}, method="HEAD")) == (405, b"")


def test_bodies_are_bounded(app, payloads):
    """A body above the limit is refused, also without a length or with a wrong or huge one."""
    large, exact = sign(b"x" * 2_001), sign(b"x" * 2_000)
    stream = io.BytesIO(b"x" * 100_000)
    for call in (call_wsgi, call_asgi):
        assert call(app, large)[0] == 413
    assert call_wsgi(app, exact)[0] == 200
    assert call_asgi(app, large, parts=[b"x" * 1_000] * 3)[0] == 413
    chunked = {"CONTENT_LENGTH": None, "wsgi.input_terminated": True}
    assert call_wsgi(app, large, stream, **chunked)[0] == 413
    assert stream.tell() == 2_001
    headers = {**exact.headers, "Content-Length": "9" * 5_000}
    assert call_asgi(app, evolve(exact, headers=headers))[0] == 413
    assert payloads == [None]


def test_lengths_of_wsgi_requests(app, payloads):
    """An absent, invalid or wrong length is refused, or means no body; no read goes beyond it."""
    request = sign({"a": 1})
    shorter = str(len(request.body) - 1)
    longer = str(len(request.body) + 1)
    for environ, expected in (
        ({"CONTENT_LENGTH": "x"}, 400),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "٣"}, 400),
        ({"CONTENT_LENGTH": "9" * 30}, 400),
        ({"CONTENT_LENGTH": longer}, 400),
        ({"CONTENT_LENGTH": shorter}, 401),
        ({"CONTENT_LENGTH": None}, 401),
        ({"CONTENT_LENGTH": ""}, 401),
        ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": None, "wsgi.input_terminated": True}, 200),
    ):
        assert (environ, call_wsgi(app, request, **environ)[0]) == (environ, expected)


def test_slow_bodies_are_refused(app, monkeypatch):
    """A body that does not arrive in time is refused, and a client that has gone gets nothing."""
    monkeypatch.setattr(module, "BODY_SECONDS", 0.05)
    request = sign({"a": 1})

    class SlowStream:
        def read(self, size):
            time.sleep(0.06)
            return b"x"

    assert call_asgi(app, request, parts=[b"{", None])[0] == 408
    assert call_wsgi(app, request, SlowStream())[0] == 408
    assert call_asgi(app, request, parts=[])[0] is None


def test_servers_start_and_stop(app):
    """The lifespan events of an ASGI server are answered, and websockets are closed."""

    async def run(scope, messages):
        sent, pending = [], list(messages)

        async def receive():
            return {"type": pending.pop(0)}

        async def send(message):
            sent.append(message["type"])

        await app({"type": scope}, receive, send)
        return sent

    events = asyncio.run(run("lifespan", ["lifespan.startup", "lifespan.shutdown"]))
    assert events == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert asyncio.run(run("websocket", [])) == ["websocket.close"]


@pytest.mark.parametrize(
    ("secret", "options"),
    [
        (None, {}),
        ("", {}),
        ([], {}),
        ("x", {"account": 5}),
        ("x", {"max_body_bytes": 0}),
        ("x", {"max_body_bytes": "1"}),
        ("x", {"tolerance": 0}),
        ("x", {"ticket_key": 5}),
        ("x", {"submit": 5}),
    ],
)
def test_invalid_arguments_raise_at_once(secret, options):
    """A missing secret, and any other invalid argument, raises before the first request."""
    with pytest.raises(ConfigurationError):
        webhook_app(secret, **options)


class _SilentHandler(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *args):
        """Log nothing."""


@pytest.fixture
def serve():
    """Return a function that serves an application by wsgiref or uvicorn, and returns its URL."""
    stops = []

    def start(app, kind):
        if kind == "wsgiref":
            server = make_server("127.0.0.1", 0, app, handler_class=_SilentHandler)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            stops.append(lambda: (server.shutdown(), thread.join(), server.server_close()))
            thread.start()
            return f"http://127.0.0.1:{server.server_port}/hook"
        listener = socket.create_server(("127.0.0.1", 0))
        # `auto` inspects the object.
        config = uvicorn.Config(
            app, log_level="warning", interface=kind, lifespan="off", ws="none", http="h11"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)

        def stop():
            server.should_exit = True
            thread.join()
            listener.close()

        stops.append(stop)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/hook"

    yield start
    for stop in stops:
        stop()


@pytest.mark.lenient
@pytest.mark.parametrize("kind", ["wsgiref", "asgi3", "asgi2"])
def test_the_emulator_delivers_over_a_socket(serve, kind):
    """A webhook of the emulator reaches a server with the application, and a receiver runs once."""
    calls = []

    @receiver(remote_created, sender=Ticket)
    def record(sender, instance, origin, **kwargs):
        calls.append((instance.pk, instance.subject, origin))

    with Emulator(clock=Clock()) as emulator:
        emulator.connect()
        account = emulator.connect("receiver")
        # The URL is needed to create the webhook, whose secret the application needs.
        apps = []
        url = serve(lambda first, *others: apps[0](first, *others), kind)
        webhook = Webhook.objects.subscribe(url, ["ticket.created"])
        apps.append(webhook_app(webhook.signing_secret(), account))
        ticket = Ticket.objects.create(subject="Fire", comment=Comment(body="!"))
        emulator.wait_for_webhooks()
        statuses = [invocation.status_code for invocation in webhook.invocations.all()]

    assert (statuses, calls) == ([200], [(ticket.pk, "Fire", "remote")])


@pytest.mark.parametrize("kind", ["wsgiref", "auto"])
def test_servers_pass_on_bodies(zendesk, serve, kind, payloads):
    """Over a socket, forged, large, chunked, huge and interrupted requests have no effect."""
    url = serve(webhook_app(SECRET, max_body_bytes=2_000), kind)
    host = url.removeprefix("http://").partition("/")[0]
    request = sign({"a": 1})
    with requests.Session() as session:
        session.trust_env = False

        def post(body, headers, method="POST"):
            return session.request(method, url, data=body, headers=headers).status_code

        assert post(b"{}", {}) == 401
        assert post(request.body + b" ", request.headers) == 401
        assert post(b"x" * 3_000, request.headers) == 413
        assert post(None, request.headers, "OPTIONS") == 405
        assert post(None, request.headers, "HEAD") == 405
        huge = {**request.headers, "X-Zendesk-Webhook-Signature": "x" * 20_000}
        assert post(request.body, huge) in {400, 401, 431}
        chunked = post(iter([request.body]), request.headers)
        assert chunked == (411 if kind == "wsgiref" else 200)
        assert post(request.body, request.headers) == 200
    with socket.create_connection(host.split(":")) as client:
        client.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert payloads == [{"a": 1}]


def test_many_threads_deliver_at_once(zendesk, serve, payloads):
    """Concurrent requests are all handled, each once, although each is sent three times."""
    url = serve(webhook_app(SECRET), "auto")
    host, statuses = url.removeprefix("http://").partition("/")[0], []
    signed = [sign({"number": number}) for number in range(10)]

    def deliver(request):
        connection = http.client.HTTPConnection(host)
        connection.request("POST", "/hook", request.body, request.headers)
        statuses.append(connection.getresponse().status)
        connection.close()

    threads = [threading.Thread(target=deliver, args=(delivery,)) for delivery in signed * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 409}
    assert sorted(payload["number"] for payload in payloads) == list(range(10))

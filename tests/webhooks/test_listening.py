"""`listen()`: deliveries of the account's webhooks, forwarded to another URL."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from itertools import islice
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.servers import Server
from zendesk_orm import (
    Comment,
    ConfigurationError,
    InvalidValue,
    MalformedResponse,
    PermissionDenied,
    Ticket,
    Webhook,
    listen,
    receiver,
    webhook_app,
    webhook_received,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import Clock


HOOK = "https://hooks.example.com/zendesk"


class _SilentHandler(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *args):
        """Log nothing."""


@pytest.fixture
def zendesk():
    """Return an emulator with the time of this machine, with which requests are signed."""
    with Emulator(clock=Clock()) as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def serve():
    """Return a function that serves a WSGI application, and returns its URL."""
    servers = []

    def start(app):
        server = make_server("127.0.0.1", 0, app, handler_class=_SilentHandler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def create_tickets(emulator, *subjects):
    """Create tickets, and wait until the webhooks were invoked."""
    for subject in subjects:
        Ticket.objects.create(subject=subject, comment=Comment(body="x"))
    emulator.wait_for_webhooks()


def test_deliveries_are_yielded_once(zendesk):
    """Each delivery of each active webhook is yielded once, in order, from now on."""
    Webhook.objects.subscribe(HOOK, ["ticket.created"])
    create_tickets(zendesk, "before")
    events = listen(interval=0.01)
    create_tickets(zendesk, "one", "two")
    received = list(islice(events, 2))
    create_tickets(zendesk, "three")
    received += islice(events, 1)
    events.close()

    subjects = [event.payload["detail"]["subject"] for event in received]
    assert subjects[-1] == "three"
    assert {event.name for event in received} == {"ticket.created"}
    assert {(event.status, event.status_code) for event in received} == {("success", 200)}
    assert len({event.invocation_id for event in received}) == 3


def test_deliveries_are_forwarded(zendesk, serve):
    """Forwarded deliveries are signed with the webhook's secret, and accepted by the receiver."""
    payloads = []

    @receiver(webhook_received)
    def record(sender, payload, **kwargs):
        payloads.append(payload["detail"]["subject"])

    webhook = Webhook.objects.subscribe(HOOK, ["ticket.created"])
    url = serve(webhook_app(webhook.signing_secret()))
    events = listen(forward=url, interval=0.01)
    create_tickets(zendesk, "Fire ü")
    (event,) = islice(events, 1)
    events.close()

    assert (event.forwarded, event.was_refused, event.error) == (200, False, "")
    assert payloads == ["Fire ü"]


def test_refusals_and_failures_are_reported(zendesk, serve, monkeypatch):
    """A URL that refuses a delivery, or cannot be reached, is reported, and listening continues."""
    monkeypatch.setattr("zendesk_orm.sync.webhooks.listening._RETRIES", (0.01, 0.01))
    Webhook.objects.subscribe(HOOK, ["ticket.created"])
    refusing = serve(webhook_app("another-secret"))
    for url, expected in (
        (refusing, (401, True, "")),
        ("http://127.0.0.1:9/", (None, False, "ConnectionError")),
    ):
        events = listen(forward=url, interval=0.01)
        create_tickets(zendesk, "x")
        (event,) = islice(events, 1)
        events.close()
        assert (event.forwarded, event.was_refused, event.error) == expected


def test_invocations_that_cannot_be_sent_are_reported(monkeypatch):
    """An invocation that HTTP cannot forward has an error, and a malformed one raises ours."""
    monkeypatch.setattr("zendesk_orm.sync.webhooks.listening._RETRIES", ())
    webhook = {"id": "01W", "status": "active", "http_method": "POST", "request_format": "json"}
    invocation = {"id": "01I", "webhook_id": "01W", "latest_completed_at": "2026-12-01T10:00:00Z"}
    request: Any = {}

    def answer(received):
        lists = {"webhooks": [webhook], "invocations": [invocation]}
        name = received.path.rpartition("/")[2]
        if name == "attempts":
            return {"attempts": request and [{"request": request}]}
        if name == "signing_secret":
            return {"signing_secret": {"secret": "abc"}}
        return {name: lists[name], "meta": {"has_more": False}}

    since = datetime(2026, 12, 1, tzinfo=timezone.utc)
    for method, body in (("POST", "\ud800"), ("P OST", "x"), ("POST", "x")):
        request = {"method": method, "payload": body}
        account = Server(answer).connect()
        event = next(listen(account, forward="http://127.0.0.1:9/", since=since))
        assert (event.body, event.forwarded) == (body, None)
        assert event.error
    request = None
    with pytest.raises(MalformedResponse, match="attempts"):
        next(listen(account, forward="http://127.0.0.1:9/", since=since))


def test_replaced_secrets_are_read_again(zendesk, serve):
    """If a delivery is refused with 401, the secret is read again, once."""
    webhook = Webhook.objects.subscribe(HOOK, ["ticket.created"])
    apps = [webhook_app(webhook.signing_secret())]
    events = listen(forward=serve(lambda *args: apps[-1](*args)), interval=0.01)
    create_tickets(zendesk, "one")
    first = next(events)
    apps.append(webhook_app(webhook.reset_signing_secret()))
    create_tickets(zendesk, "two")
    received = [first, *islice(events, 1)]
    events.close()

    assert [event.forwarded for event in received] == [200, 200]


def test_a_temporary_webhook_is_deleted(zendesk):
    """With a public URL a webhook is created, and deleted when listening ends."""
    events = listen(endpoint=HOOK, events=["ticket.created"], interval=0.01)
    threading.Timer(0.2, create_tickets, (zendesk, "x")).start()
    event = next(events)
    assert (event.name, Webhook.objects.count()) == ("ticket.created", 1)
    events.close()
    assert list(Webhook.objects.all()) == []


def test_invalid_arguments_raise(zendesk):
    """Invalid URLs and events, and an account without webhooks, raise errors."""
    for options in (
        {"forward": "localhost:8000"},
        {"forward": "ftp://x/"},
        {"endpoint": 5},
        {"events": ["ticket.created"]},
        {"account": "unknown"},
    ):
        with pytest.raises(ConfigurationError):
            listen(**options)
    with pytest.raises(InvalidValue):
        next(listen(endpoint=HOOK, events=["ticket.creatd"]))
    with pytest.raises(InvalidValue, match="account"):
        listen(5)
    with pytest.raises(ConfigurationError, match="webhook"):
        listen()


def test_an_account_without_permission_for_webhooks_has_an_alternative(zendesk):
    """If webhooks cannot be listed or created, the error names `watch()`, which needs none."""
    for options in ({}, {"endpoint": HOOK}):
        zendesk.fail_next(403)
        with pytest.raises(PermissionDenied, match=r"watch\(\)"):
            next(listen(**options))

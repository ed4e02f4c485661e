"""The blueprint that receives webhooks in a Flask application."""

from __future__ import annotations

import pytest
from flask import Flask, request

from tests.webhooks.signing import NOW, SECRET, sign
from zendesk_orm import ConfigurationError, receiver, webhook_received
from zendesk_orm.contrib.flask import webhook_blueprint
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture
def zendesk():
    """Return an emulator at the time of the signatures, connected as the default account."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        emulator.connect()
        yield emulator


def test_a_blueprint_receives_webhooks(zendesk):
    """Genuine requests are handled once, others are refused, also if the body was read before."""
    app, payloads = Flask("hooks"), []
    app.register_blueprint(webhook_blueprint(SECRET, max_body_bytes=1_000))

    @app.before_request
    def read_body():
        if "read" in request.args:
            request.get_data()

    @receiver(webhook_received)
    def record(sender, payload, **kwargs):
        payloads.append(payload)

    client = app.test_client()

    def post(signed, path="/zendesk/webhook", **options):
        headers = dict(signed.headers)
        method = options.pop("method", "POST")
        return client.open(
            path, method=method, data=signed.body, headers=headers, **options
        ).status_code

    one, two, large = sign({"a": 1}), sign({"a": 2}), sign(b"x" * 1_001)
    assert [post(one), post(one), post(two, "/zendesk/webhook?read=1")] == [200, 200, 200]
    assert post(one.with_headers(signature="x")) == 401
    assert post(large) == 413
    assert [post(one, method=method) for method in ("OPTIONS", "HEAD")] == [405, 405]
    assert post(sign(None, method="GET"), method="GET") == 200
    assert client.get("/zendesk/webhook").status_code == 401
    assert payloads == [{"a": 1}, {"a": 2}, None]


def test_a_blueprint_without_a_secret_raises():
    """A missing secret raises when the blueprint is created."""
    with pytest.raises(ConfigurationError, match="secret"):
        webhook_blueprint(None)

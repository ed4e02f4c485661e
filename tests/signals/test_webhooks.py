"""`webhook_received`: sent for verified requests of webhooks only."""

from __future__ import annotations

import pytest

from zendesk_orm import Webhook, receiver, webhook_app, webhook_received


URL = "https://example.com/hook"


@pytest.fixture
def webhook(account):
    """Return a webhook whose requests an application receives."""
    return Webhook.objects.subscribe(URL, ["conditional_ticket_events"])


@pytest.fixture
def receive_with(emulator, account):
    """Return a function that lets an application with a secret receive the requests of webhooks."""

    def receive(secret):
        app = webhook_app(secret, account)
        emulator.receive(
            URL, lambda request: app.handle(request.body, request.headers, request.method).status
        )

    return receive


def test_webhook_received_is_sent_with_the_payload(account, webhook, receive_with):
    """A verified request sends `webhook_received` with its payload and the delivery."""
    calls = []

    @receiver(webhook_received)
    def record(sender, payload, delivery, using, **kwargs):
        calls.append((sender, payload, delivery.content_type, using))

    receive_with(webhook.signing_secret())
    webhook.test({"a": 1})

    assert calls == [(account.alias, {"a": 1}, "application/json", account.alias)]


def test_a_forged_request_sends_no_webhook_received(webhook, receive_with):
    """A request with another secret does not send `webhook_received`."""
    calls = []

    @receiver(webhook_received)
    def record(sender, **kwargs):
        calls.append(sender)

    receive_with("c2VjcmV0")
    webhook.test({"a": 1})

    assert calls == []

"""What a type checker knows of received webhooks. Checked, never run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import assert_type

from zendesk_orm import (
    CacheInvocations,
    MemoryInvocations,
    SigningSecret,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookReceiver,
    connect,
    listen,
    verify,
    webhook_app,
)
from zendesk_orm.sync.webhooks.receiving import Reply


account = connect()
webhook = Webhook.objects.subscribe("https://example.com/", ["ticket.created"])
assert_type(webhook, Webhook)
assert_type(webhook.rotate_secret(), tuple[SigningSecret, SigningSecret])

headers: dict[str, str] = {}
assert_type(verify(b"", headers, "secret"), WebhookDelivery)
assert_type(verify("", [(b"name", b"value")], [b"new", "old"], 60), WebhookDelivery)
verify(b"", headers, webhook.signing_secret(), invocations=MemoryInvocations())

app = webhook_app(webhook.rotate_secret(), account, invocations=MemoryInvocations())
assert_type(app.handle(b"", headers), Reply)
assert_type(app.handle(b"", headers).status, int)
WebhookReceiver("secret", "emea", ticket_key=lambda payload: payload["id"])
webhook_app("secret", invocations=CacheInvocations(object()))

assert_type(listen(account, forward="http://localhost/"), Iterator[WebhookEvent])
assert_type(next(listen()).payload, Any)

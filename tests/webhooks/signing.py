"""Requests that are signed as Zendesk signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from datetime import datetime, timezone

from attrs import evolve, frozen


SECRET = "dGVzdC1zZWNyZXQ="
#: The time at which requests are signed, in seconds since the epoch, and as text.
NOW = 1_790_000_000.0
TIMESTAMP = datetime.fromtimestamp(NOW, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

_NUMBERS = itertools.count(1)


@frozen
class SignedRequest:
    """A request of a webhook.

    Attributes:
        body: its body.
        headers: its headers.
        method: its method.
    """

    body: bytes
    headers: dict[str, str]
    method: str = "POST"

    def with_headers(self, **headers):
        """Return a copy with other headers; None removes one."""
        values = {
            **self.headers,
            **{
                f"X-Zendesk-Webhook-{name.replace('_', '-').title()}": value
                for name, value in headers.items()
            },
        }
        return evolve(self, headers={name: v for name, v in values.items() if v is not None})


def compute_signature(body, timestamp=TIMESTAMP, secret=SECRET):
    """Return the signature of a body."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sign(
    payload=None, timestamp=TIMESTAMP, secret=SECRET, invocation=None, method="POST", media="json"
):
    """Return a signed request.

    Args:
        payload: bytes, or a value that is sent as JSON; None for an empty body.
        timestamp: the time of the signature.
        secret: the secret.
        invocation: the id of the invocation, unique by default.
        method: the method.
        media: the last part of the media type.
    """
    if payload is None:
        body = b""
    else:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {
        "User-Agent": "Zendesk Webhook",
        "Content-Type": f"application/{media}",
        "X-Zendesk-Account-Id": "1",
        "X-Zendesk-Webhook-Id": "01HANAKCC58D827GRTNDCKS5XG",
        "X-Zendesk-Webhook-Invocation-Id": invocation or f"01INVOCATION{next(_NUMBERS):014}",
        "X-Zendesk-Webhook-Signature": compute_signature(body, timestamp, secret),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }
    return SignedRequest(body, headers, method)


def build_event(name="ticket.status_changed", pk=1, event=None, detail=None, **values):
    """Return the payload of an event."""
    area = name.partition(".")[0]
    changes = {"current": "OPEN", "previous": "NEW"} if event is None else event
    return {
        "type": f"zen:event-type:{name}",
        "account_id": 1,
        "id": f"event-{next(_NUMBERS)}",
        "time": TIMESTAMP,
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:{area}:{pk}",
        "detail": {"id": str(pk), "updated_at": TIMESTAMP, **(detail or {})},
        "event": changes,
        **values,
    }

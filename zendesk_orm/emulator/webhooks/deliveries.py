"""The requests of webhooks: their addresses, headers, bodies and signatures.

Source: https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request/
and https://developer.zendesk.com/documentation/webhooks/verifying/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.bulk import ACCOUNT_ID
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.emulator.webhooks.events import PREFIX
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.support import Webhook


#: The secret that signs the tests of webhooks that do not exist yet.
TEST_SIGNING_KEY = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
#: Methods of requests without a body.
_WITHOUT_BODY = frozenset({"GET", "DELETE"})
_CONTENT_TYPES = {
    "json": "application/json",
    "xml": "application/xml",
    "form_encoded": "application/x-www-form-urlencoded",
}


def queue_for_rule(context: Context, pk: str, content: Any) -> bool | None:
    """Queue a request of a webhook for a business rule.

    Returns:
        whether it is sent; False for an inactive webhook, None for one that rules cannot invoke.

    Args:
        context: the account.
        pk: the id of the webhook.
        content: the body as text, or pairs of names and values.
    """
    stored = context.store.get_row(Webhook._meta.label, pk)
    if stored is None or is_subscribed(stored.doc):
        return None
    if not _is_active(stored):
        return False
    _stage(context, stored, stored.doc, content)
    return True


def queue_event(context: Context, stored: StoredRow, content: str) -> None:
    """Queue a request of a webhook with an event, which is always sent by POST as JSON."""
    settings = {**stored.doc, "http_method": "POST", "request_format": "json"}
    _stage(context, stored, settings, content)


def is_subscribed(row: Mapping[str, Any]) -> bool:
    """Return True if a webhook is subscribed to events, so that no rule can invoke it."""
    return any(str(name).startswith(PREFIX) for name in row.get("subscriptions") or ())


def is_active(context: Context, pk: str) -> bool:
    """Return True if a webhook exists and is active."""
    return _is_active(context.store.get_row(Webhook._meta.label, pk))


def is_json(context: Context, pk: str) -> bool:
    """Return True if a webhook sends JSON; forms and XML have another syntax."""
    stored = context.store.get_row(Webhook._meta.label, pk)
    return stored is None or stored.doc.get("request_format") == "json"


def _is_active(stored: StoredRow | None) -> bool:
    return stored is not None and stored.doc.get("status") == "active"


def _stage(context: Context, stored: StoredRow, settings: Mapping[str, Any], content: Any) -> None:
    """Queue a request, which is sent once the current transaction has succeeded."""
    private = load_private(stored)
    settings = {**settings, "authentication": private.get("authentication")}
    secret = str(private.get("secret") or "")
    context.outbox.staged.append(build(context, settings, str(stored.id), secret, content))


def build(
    context: Context, settings: Mapping[str, Any], webhook: str, secret: str, content: Any
) -> Delivery:
    """Return a request.

    Args:
        context: the account.
        settings: the settings of the webhook, with its credentials.
        webhook: the id of the webhook.
        secret: the secret that signs the request.
        content: the body as text, or pairs of names and values.
    """
    method = str(settings.get("http_method") or "POST").upper()
    url, kind = str(settings["endpoint"]), str(settings.get("request_format") or "json")
    body = b""
    if method in _WITHOUT_BODY:
        url = _add_pairs(url, content)
    else:
        body = _encode(content, kind)
    invocation = resources.generate_ulid(context)
    headers = {
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Account-Id": str(ACCOUNT_ID),
        "X-Zendesk-Webhook-Id": webhook,
        "X-Zendesk-Webhook-Invocation-Id": invocation,
        **({"Content-Type": _CONTENT_TYPES.get(kind, "application/json")} if body else {}),
        **{str(name): str(value) for name, value in _get_dict(settings, "custom_headers").items()},
        **_authenticate(_get_dict(settings, "authentication")),
    }
    return Delivery(invocation, webhook, method, url, headers, body, secret, context.now())


def sign(delivery: Delivery, timestamp: str) -> dict[str, str]:
    """Return the headers of the signature of a request that is sent at a time."""
    message = timestamp.encode() + delivery.body
    digest = hmac.new(delivery.secret.encode(), message, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }


def load_private(stored: StoredRow) -> dict[str, Any]:
    """Return the secret values of a webhook, which no response contains."""
    text = str(stored.parent or "{}")
    if not text.startswith("{"):
        # Files of earlier versions have the secret alone.
        return {"secret": text}
    values: dict[str, Any] = json.loads(text)
    return values


def dump_private(secret: str | None, authentication: Any) -> str:
    """Return the secret values of a webhook for the store."""
    return dump_json({"secret": secret, "authentication": authentication})


def _get_dict(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object among some values, or an empty one."""
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def _encode(content: Any, kind: str) -> bytes:
    if isinstance(content, str):
        return content.encode()
    pairs: Sequence[tuple[str, str]] = content
    return (urlencode(pairs) if kind == "form_encoded" else dump_json(dict(pairs))).encode()


def _add_pairs(url: str, content: Any) -> str:
    """Return an address with pairs in its query string."""
    if isinstance(content, str) or not content:
        return url
    parts = urlsplit(url)
    query = "&".join(text for text in (parts.query, urlencode(content)) if text)
    return parts._replace(query=query).geturl()


def _authenticate(authentication: Mapping[str, Any]) -> dict[str, str]:
    """Return the header with the credentials of a webhook."""
    data = _get_dict(authentication, "data")
    kind = authentication.get("type")
    if kind == "basic_auth":
        text = f"{data.get('username', '')}:{data.get('password', '')}"
        return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}
    if kind == "bearer_token":
        return {"Authorization": f"Bearer {data.get('token', '')}"}
    if kind == "api_key" and data.get("name"):
        return {str(data["name"]): str(data.get("value", ""))}
    return {}

"""The bodies of webhooks: JSON of events, and JSON, forms or XML as triggers send them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from zendesk_orm import log
from zendesk_orm.http.values import is_nested_deeply
from zendesk_orm.support.webhooks.event_names import short_name
from zendesk_orm.sync.webhooks.verification import WebhookDelivery


#: The most pairs of a form.
_MAX_PAIRS = 1000
_FORM = "application/x-www-form-urlencoded"

_logger = log.child("sync")


def decode_payload(delivery: WebhookDelivery) -> Any:
    """Return the decoded body of a delivery.

    Returns:
        The value of JSON; for a form, a dictionary, with a list for a name that is repeated; for
        XML and other media types, text; None for an empty body, or one that cannot be decoded.
    """
    if not delivery.body.strip():
        return None
    try:
        text = delivery.body.decode()
        return _decode(delivery.content_type, text)
    except (ValueError, RecursionError) as error:
        _logger.warning(
            "the body of invocation %s cannot be decoded (%s): if a trigger sends it, write only "
            'simple values into its template, such as {"ticket_id": "{{ticket.id}}"}',
            delivery.invocation_id,
            type(error).__name__,
        )
        return None


def is_event(payload: Any) -> bool:
    """Return whether a payload is that of an event, and not of a trigger."""
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("type"), str)
        and short_name(payload["type"]) != payload["type"]
    )


def _decode(content_type: str, text: str) -> Any:
    """Return the decoded text of a media type.

    Raises:
        ValueError: it cannot be decoded, or has more levels than Zendesk writes.
    """
    payload = _choose_decoder(content_type, text)(text)
    if is_nested_deeply(payload):
        raise ValueError("too many levels")
    return payload


def _choose_decoder(content_type: str, text: str) -> Callable[[str], Any]:
    """Return the function that decodes a text of a media type, which may be unknown."""
    if content_type == _FORM:
        return _decode_form
    if content_type.endswith("json") or (not content_type and text.lstrip()[0] in "{["):
        return json.loads
    return str


def _decode_form(text: str) -> dict[str, Any]:
    pairs = parse_qs(text, keep_blank_values=True, max_num_fields=_MAX_PAIRS, errors="strict")
    return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}

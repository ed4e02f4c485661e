"""Events of Sunshine Conversations, which webhooks of custom integrations receive.

The keys of payloads are those of the rows that an event is about; others are unconfirmed.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messaging.rows import format_now, generate_id, select
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.messaging import Integration, Webhook


def publish(context: Context, trigger: str, **payload: Any) -> None:
    """Queue a request of each webhook of the app that reports an event.

    Args:
        context: the account.
        trigger: the event: `conversation:message`.
        payload: the rows that it is about, by their keys.
    """
    for integration in select(context, Integration._meta, context.app_id):
        for webhook in select(context, Webhook._meta, integration["id"]):
            if trigger in (webhook["triggers"] or ()):
                _queue(context, webhook, trigger, payload)


def _queue(
    context: Context, webhook: dict[str, Any], trigger: str, payload: dict[str, Any]
) -> None:
    """Queue a request, which is sent once the current transaction has succeeded."""
    pk = generate_id(context)
    event = {
        "id": pk,
        "type": trigger,
        "createdAt": format_now(context),
        "payload": payload,
    }
    body = {
        "app": {"id": context.app_id},
        "webhook": {"id": webhook["id"], "version": webhook["version"]},
        "events": [event],
    }
    headers = {
        "Content-Type": "application/json",
        context.switches.messaging_header: str(webhook["secret"]),
    }
    delivery = Delivery(
        pk,
        webhook["id"],
        "POST",
        webhook["target"],
        headers,
        dump_json(body).encode(),
        "",
        context.now(),
    )
    context.outbox.staged.append(delivery)

"""The record of the invocations of webhooks, and of the attempts of each.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#list-webhook-invocations
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import StoredRow
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.support import InvocationAttempt, WebhookInvocation


#: Seconds for which invocations are listed.
MAX_AGE = 7 * 86_400
SUCCESS, FAILED, RETRYING = "success", "failed", "retrying"


@frozen
class Answer:
    """The response to a request of a webhook.

    Attributes:
        status: its status; 504 after a timeout, 502 without a connection.
        headers: its headers.
        body: its body, shortened to the limit.
        timed_out: whether the receiver took too long.
    """

    status: int
    headers: Mapping[str, str]
    body: str
    timed_out: bool = False


def record(
    context: Context, delivery: Delivery, answer: Answer, sent_at: float, *, is_final: bool
) -> None:
    """Record an attempt, and the state of its invocation.

    Args:
        context: the account.
        delivery: the request.
        answer: the response.
        sent_at: the time of the attempt, in seconds since the epoch.
        is_final: whether the request is not repeated.
    """
    at = context.timestamp(sent_at)
    succeeded = 200 <= answer.status < 300
    status = SUCCESS if succeeded else FAILED if is_final else RETRYING
    row = {
        "id": delivery.invocation,
        "webhook_id": delivery.webhook,
        "status": status,
        "status_code": answer.status,
        "latest_completed_at": at,
    }
    context.write(WebhookInvocation._meta, row, parent=delivery.webhook, words="")
    number = sum(delivery.failures.values())
    attempt = {
        "id": delivery.webhook,
        "invocation_id": delivery.invocation,
        "status": SUCCESS if succeeded else FAILED,
        "status_code": answer.status,
        "request": {
            "method": delivery.method,
            "endpoint": delivery.url,
            "headers": dict(delivery.headers),
            "payload": delivery.body.decode(errors="replace"),
        },
        "response": {"headers": dict(answer.headers), "payload": answer.body},
        "completed_at": at,
    }
    pk = f"{delivery.invocation}.{number:02}"
    kind = InvocationAttempt._meta.label
    context.store.put([StoredRow(kind, pk, attempt, parent=delivery.invocation)], context.now())
    _drop_old(context)


def give_up(context: Context, delivery: Delivery) -> None:
    """Record that an invocation is not repeated, because its webhook is inactive or deleted."""
    with context.store.transaction():
        row = context.store.get(WebhookInvocation._meta.label, delivery.invocation)
        if row is not None:
            values = {**row, "status": FAILED}
            context.write(WebhookInvocation._meta, values, parent=delivery.webhook, words="")


def _drop_old(context: Context) -> None:
    """Delete the invocations that are no longer listed."""
    oldest = context.timestamp(context.now() - MAX_AGE)
    where = Where(f"{json_value('latest_completed_at')} < ?", (oldest,))
    for _, pk, _ in context.store.select_texts(WebhookInvocation._meta.label, where, limit=100):
        context.store.drop_children(InvocationAttempt._meta.label, pk)
        context.store.drop(WebhookInvocation._meta.label, pk)

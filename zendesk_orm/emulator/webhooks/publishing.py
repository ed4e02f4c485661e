"""Transactions whose changes become requests of webhooks."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, dump_json
from zendesk_orm.emulator.webhooks import article_events, deliveries, events, ticket_events
from zendesk_orm.emulator.webhooks.events import PREFIX, BuildEvents, Event
from zendesk_orm.support import Webhook


_BUILDERS: Mapping[str, BuildEvents] = {
    **events.BUILDERS,
    **ticket_events.BUILDERS,
    **article_events.BUILDERS,
}


@contextmanager
def publish_changes(context: Context) -> Generator[None]:
    """Return a context manager for a transaction after which webhooks send its events.

    If it fails, no webhook is invoked. The courier has to be started afterwards.
    """
    with context.store.lock:
        context.written.clear()
        context.changes.clear()
        context.outbox.staged.clear()
        with context.store.transaction():
            yield
            _stage_events(context)
        context.outbox.commit()


def _stage_events(context: Context) -> None:
    """Queue a request of each webhook that is subscribed to an event of the changes."""
    changes = context.changes.take()
    if not changes:
        return
    webhooks = _select_webhooks(context)
    sequence, positions = resources.generate_ulid(context), 0
    for change in changes:
        for event in _BUILDERS[change.kind](context, change):
            body: dict[str, Any] | None = None
            for stored in webhooks:
                if PREFIX + event.name in (stored.doc.get("subscriptions") or ()):
                    body = body or _build_body(context, event, sequence, positions)
                    deliveries.queue_event(context, stored, dump_json(body))
            positions += 1


def _build_body(context: Context, event: Event, sequence: str, position: int) -> dict[str, Any]:
    body = event.build_body(context)
    if event.name.startswith("ticket."):
        meta = {"sequence": {"id": sequence, "position": position + 1}}
        body["event"] = {**event.changes, "meta": meta}
    return body


def _select_webhooks(context: Context) -> list[StoredRow]:
    """Return the active webhooks."""
    where = Where(f"state < ? AND {json_value('status')} = 'active'", (DELETED,))
    label = Webhook._meta.label
    rows = context.store.select_texts(label, where)
    webhooks = (context.store.get_row(label, pk) for _, pk, _ in rows)
    return [webhook for webhook in webhooks if webhook]

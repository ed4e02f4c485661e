"""Delivers the requests of the emulator's webhooks as remote changes."""

from __future__ import annotations

import json
from collections.abc import Callable

from requests import PreparedRequest

from zendesk_orm import Account, RemoteChange, Ticket, Webhook, deliver
from zendesk_orm.emulator import Emulator
from zendesk_orm.schema.loading import load_datetime


URL = "https://example.com/hook"
PREFIX = "zen:event-type:"
#: The events that the emulator sends for tickets.
EVENTS = (
    *("created", "status_changed", "priority_changed", "subject_changed", "tags_changed"),
    *("comment_added", "custom_field_changed", "soft_deleted", "undeleted"),
    *("agent_assignment_changed", "custom_status_changed", "type_changed"),
)


def build_change(payload: dict) -> RemoteChange:
    """Return the change of the event of a ticket, whose facts are in the payload."""
    name = payload["type"].removeprefix(f"{PREFIX}ticket.")
    kinds = {"created": "created", "soft_deleted": "deleted"}
    changes = {"status": ("deleted", None)} if name == "undeleted" else {}
    return RemoteChange(
        key=f"event:{payload['id']}",
        model=Ticket,
        pk=int(payload["subject"].rpartition(":")[2]),
        kind=kinds.get(name, "changed"),
        source="webhook",
        moment=load_datetime(payload["time"]),
        changes=changes,
        actor_id=int(payload["detail"]["actor_id"]),
        payload=payload,
    )


def subscribe(
    emulator: Emulator, account: Account, events: tuple[str, ...] = EVENTS
) -> Callable[[], int]:
    """Send webhooks for events of tickets to receivers; return a function that counts them."""
    Webhook.objects.using(account.alias).create(
        name="hook",
        endpoint=URL,
        http_method="POST",
        request_format="json",
        status="active",
        subscriptions=[f"{PREFIX}ticket.{name}" for name in events],
    )
    requests: list[PreparedRequest] = []

    def receive(request: PreparedRequest) -> int:
        requests.append(request)
        deliver(account, build_change(json.loads(request.body)))
        return 200

    emulator.receive(URL, receive)
    return lambda: len(requests)

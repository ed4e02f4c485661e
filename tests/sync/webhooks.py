"""Receives the requests of the emulator's webhooks, as an application would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests import PreparedRequest

from zendesk_orm import Account, Webhook, webhook_app
from zendesk_orm.emulator import Emulator


URL = "https://example.com/hook"
#: The events that the emulator sends for tickets.
EVENTS = (
    *("created", "status_changed", "priority_changed", "subject_changed", "tags_changed"),
    *("comment_added", "custom_field_changed", "soft_deleted", "undeleted"),
    *(
        "agent_assignment_changed",
        "group_assignment_changed",
        "custom_status_changed",
        "type_changed",
    ),
)

#: Answers a request, and returns the status.
Answer = Callable[[PreparedRequest], int]


def subscribe(
    emulator: Emulator, account: Account, events: tuple[str, ...] = EVENTS
) -> tuple[Answer, list[Any]]:
    """Send webhooks for events of tickets to `webhook_app()`.

    Returns:
        The function that answers requests, and the list of the requests that were received.
    """
    names = [f"ticket.{name}" for name in events]
    webhook = Webhook.objects.using(account.alias).subscribe(URL, names)
    app = webhook_app(webhook.signing_secret(), account)
    requests: list[Any] = []

    def answer(request: PreparedRequest) -> int:
        requests.append(request)
        return app.handle(request.body or b"", request.headers, request.method).status

    emulator.receive(URL, answer)
    return answer, requests

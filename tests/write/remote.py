"""Changes of a ticket by another client."""

from __future__ import annotations

from typing import Any

from zendesk_orm import Account, Ticket
from zendesk_orm.http.request import Request


def change_remotely(account: Account, ticket: Ticket, **values: Any) -> None:
    """Change a ticket as another client, a minute later."""
    account.transport.clock.sleep(60)
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": values})
    account.transport.send(request)
    account.transport.clock.sleep(60)


def current_row(account: Account, ticket: Ticket) -> dict[str, Any]:
    """Return the row that Zendesk has now."""
    request = Request("GET", f"/api/v2/tickets/{ticket.pk}")
    row: dict[str, Any] = account.transport.send(request).data["ticket"]
    return row

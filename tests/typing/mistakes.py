"""Errors that type checkers report: each line is wrong, and its comment names the error. Never run.

A comment that ignores nothing is an error, too, so that a line that becomes valid is reported.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import datetime, timezone

from zendesk_orm import Comment, Ticket, User, connect
from zendesk_orm import Tickt as Misspelt  # type: ignore[attr-defined] # noqa: F401 - named to be refused
from zendesk_orm.talk import Cal as Cut  # type: ignore[attr-defined] # noqa: F401 - named to be refused


# An unknown keyword.
connect(subdomian="acme")  # type: ignore[arg-type]

ticket = Ticket.objects.get(1)

# A field that Zendesk sets.
ticket.created_at = datetime(2026, 1, 1, tzinfo=timezone.utc)  # type: ignore[assignment]
ticket.id = 7  # type: ignore[assignment]

# An unknown field.
ticket.subjekt = "Help"  # type: ignore[attr-defined]
ticket.subjekt  # type: ignore[attr-defined]
Ticket.objects.filtr(status="new")  # type: ignore[attr-defined]

# A value of the wrong type.
ticket.subject = 7  # type: ignore[assignment]
ticket.status = "sleeping"  # type: ignore[assignment]
ticket.tags = "vip"  # type: ignore[assignment]
ticket.due_at = "tomorrow"  # type: ignore[assignment]

# None for a field that is not nullable.
ticket.status = None  # type: ignore[assignment]
ticket.requester = None  # type: ignore[assignment]
ticket.requester_id = None  # type: ignore[assignment]
ticket.assignee.name  # type: ignore[union-attr]

# A record of another model.
ticket.requester = Comment(body="Hello")  # type: ignore[assignment]
Ticket.objects.bulk_create([User.objects.get(1)])  # type: ignore[list-item]

# A relation to many cannot be assigned.
ticket.requester.requested_tickets = [ticket]  # type: ignore[assignment]

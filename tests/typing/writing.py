"""Types of assignments and saves. Type checkers check this module; it is never run."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from typing_extensions import assert_type

from zendesk_orm import BulkResult, Comment, Ticket, User


ann = User.objects.get(1)
ticket = Ticket(subject="Help", requester=ann)

ticket.subject = None
ticket.status = "solved"
ticket.tags = ["vip"]
ticket.due_at = datetime(2026, 1, 1, tzinfo=timezone.utc)
ticket.requester = ann
ticket.requester_id = 7
ticket.assignee = None
ticket.comment = Comment(body="Done.")

assert_type(ticket.save(), Ticket)
assert_type(ticket.save(update_fields=["status"]), Ticket)
assert_type(ticket.delete(), tuple[int, dict[str, int]])
assert_type(ticket.refresh_from_db(), None)
assert_type(ticket.changes(), dict[str, tuple[Any, Any]])
assert_type(Ticket.objects.bulk_create([ticket]), BulkResult)
assert_type(Ticket.objects.filter(status="new").update(status="open"), BulkResult)

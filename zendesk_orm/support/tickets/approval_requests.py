"""Approval requests: questions to users or groups whether a ticket's request is approved.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/approval_requests/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import Continuation, Paging, rows_of
from zendesk_orm.api.vocabulary import CREATE, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

Status = Literal["active", "approved", "rejected", "withdrawn"]
Origination = Literal[
    "API_ORIGINATION",
    "UI_ORIGINATION",
    "TRIGGER_ORIGINATION",
    "DATA_IMPORTER_ORIGINATION",
    "TEMPLATE_ORIGINATION",
    "ACTION_FLOW_ORIGINATION",
    "UNKNOWN_ORIGINATION",
]

#: Keys of nested objects in lists, and the keys of the ids that fields read.
_NESTED_OBJECTS = {
    "assignee_user": "assignee_user_id",
    "assignee_group": "assignee_group_id",
    "created_by_user": "created_by_id",
}


class _ApprovalPaging(Paging):
    """Cursor pagination of approval requests, which adds the ids of nested objects to rows."""

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Add the ids of nested objects to the rows, and return the position of the next page."""
        for row in rows_of(data, "approval_requests"):
            for name, wire in _NESTED_OBJECTS.items():
                if isinstance(row.get(name), dict):
                    row[wire] = row[name].get("id")
        return super().continuation(data, read)


class ApprovalRequest(StringIdModel):
    """A question to a user or a group whether the request of a ticket is approved.

    ::

        ApprovalRequest.objects.create(
            ticket=ticket, assignee_user=amy, subject="A laptop", message="For the new engineer"
        )
        ApprovalRequest.objects.filter(status="active", assignee_user=amy)

    `decisions` contains the answers, with `status`, `decided_by_user` and `decision_notes`. A
    ticket has one active approval request at a time, which is decided or withdrawn in Zendesk's
    interface.
    """

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    subject: CreateOnly[str]
    message: CreateOnly[str]
    assignee_user: Ref[User | None]
    assignee_user_id: Id[int | None]
    assignee_group: Ref[Group | None]
    assignee_group_id: Id[int | None]
    created_by: ReadOnlyRef[User | None]
    created_by_id: Id[int | None]
    status: ReadOnly[Status]
    origination_type: ReadOnly[Origination | None]
    decisions: ReadOnly[list[dict[str, Any]]]
    clarification_flow_messages: ReadOnly[list[dict[str, Any]]]
    withdrawn_reason: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    decided_at: ReadOnly[datetime | None]

    get_status_display = Display()

    class Meta:
        required = ("ticket", "subject", "message")
        api = listing(
            "approval_requests",
            filters={
                "status": "filter[status]",
                "assignee_user": "filter[assignee_user_id]",
                "assignee_group": "filter[assignee_group_id]",
            },
            default_order=None,
            paging=(_ApprovalPaging("cursor", cursor="after_cursor"),),
        ) + resource("approval_requests", can=CREATE)

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload without an envelope."""
        return payload

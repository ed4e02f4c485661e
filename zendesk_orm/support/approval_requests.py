"""Approval requests: somebody is asked whether what a ticket wants may be done.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/approval_requests/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import Continuation, Paging, rows_of
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

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

#: What the list tells of with names, and the fields with the ids.
_NAMED = {
    "assignee_user": "assignee_user_id",
    "assignee_group": "assignee_group_id",
    "created_by_user": "created_by_id",
}


class _Named(Paging):
    """The cursor, of pages that tell of people by name: the ids are put beside, as in answers."""

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return where the list continues, after putting the ids beside the names."""
        for row in rows_of(data, "approval_requests"):
            for name, wire in _NAMED.items():
                if isinstance(row.get(name), dict):
                    row[wire] = row[name].get("id")
        return super().continuation(data, read)


class ApprovalRequest(Model):
    """A question to a user or a group: whether what a ticket asks for may be done.

    ::

        ApprovalRequest.objects.create(
            ticket=ticket, assignee_user=amy, subject="A laptop", message="For the new engineer"
        )
        ApprovalRequest.objects.filter(status="active", assignee_user=amy)

    `decisions` are what was answered, each with `status`, `decided_by_user` and
    `decision_notes`. A ticket has one request at a time; it is decided and withdrawn in
    Zendesk itself.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        api = listed(
            "approval_requests",
            takes={
                "status": "filter[status]",
                "assignee_user": "filter[assignee_user_id]",
                "assignee_group": "filter[assignee_group_id]",
            },
            natural=None,
            paging=(_Named("cursor", cursor="after_cursor"),),
        ) + resource("approval_requests", can="create")

    def _enveloped(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what is sent, which has no envelope."""
        return payload

"""Approval requests: somebody is asked whether what a ticket wants may be done.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/approval_requests/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.schema.row import Row
from zendesk_orm.support.posting import Posted, PostedManager, told


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

#: What the list tells of with names, and a new request by id.
_NAMED = ("assignee_user", "assignee_group")


class ApprovalRequest(Posted):
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

    objects = PostedManager["ApprovalRequest"].as_manager()

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
            # Pages have the size that Zendesk gives them.
            paging=(evolve(CURSOR, size="", sort=""),),
        ) + action("save", "POST", "approval_requests", "approval_request")

    def _answered(self, data: Any) -> Row:
        found: Row = told(data, "approval_request")
        return found

    def _formed(self, row: Row) -> Row:
        """Return a row with ids where the list has an object with a name."""
        given = dict(row)
        for name in _NAMED:
            if isinstance(row.get(name), dict):
                given[f"{name}_id"] = row[name]["id"]
        if isinstance(row.get("created_by_user"), dict):
            given["created_by_id"] = row["created_by_user"]["id"]
        return given

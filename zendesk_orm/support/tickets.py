"""Tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zendesk_orm.api.vocabulary import MANY, exported, listed, resource, searched
from zendesk_orm.manager import Elsewhere
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.audits import Audit
from zendesk_orm.support.comments import Comment
from zendesk_orm.support.deleted_tickets import DeletedTicket


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.users import User
    from zendesk_orm.support.views import View

Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Type = Literal["problem", "incident", "question", "task"]

_SIDE = "users groups organizations"


class Ticket(Model):
    """A request for support, from its first message to its solution."""

    url: ReadOnly[str]
    external_id: Field[str | None]
    via: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    generated_timestamp: ReadOnly[int | None]
    type: Field[Type | None]
    subject: Field[str | None]
    raw_subject: Field[str | None]
    description: ReadOnly[str | None]
    priority: Field[Priority | None]
    status: Field[Status]
    custom_status_id: Field[int | None]
    recipient: Field[str | None]
    requester: Ref[User]
    requester_id: Id[int]
    submitter: Ref[User | None]
    submitter_id: Id[int | None]
    assignee: Ref[User | None]
    assignee_id: Id[int | None]
    organization: Ref[Organization | None]
    organization_id: Id[int | None]
    group: Ref[Group | None]
    group_id: Id[int | None]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    problem: Ref[Ticket | None]
    problem_id: Id[int | None]
    ticket_form_id: Field[int | None]
    forum_topic_id: Field[int | None]
    collaborator_ids: Field[list[int]]
    follower_ids: ReadOnly[list[int]]
    email_cc_ids: ReadOnly[list[int]]
    sharing_agreement_ids: Field[list[int]]
    followup_ids: ReadOnly[list[int]]
    has_incidents: ReadOnly[bool]
    is_public: ReadOnly[bool]
    due_at: Field[datetime | None]
    tags: Field[list[str]]
    custom_fields: Field[list[dict[str, Any]]]
    fields: ReadOnly[list[dict[str, Any]]]
    satisfaction_rating: ReadOnly[dict[str, Any] | None]
    satisfaction_probability: ReadOnly[float | None]
    support_type: Field[str | None]
    encoded_id: ReadOnly[str | None]
    allow_channelback: ReadOnly[bool]
    allow_attachments: ReadOnly[bool]
    from_messaging_channel: ReadOnly[bool]
    comment: WriteOnly[Comment | None]
    comments: Many[Comment]
    audits: Many[Audit]
    incidents: Many[Ticket] = by("problem")

    additional_collaborators: WriteOnly[list[Any]]
    assignee_email: WriteOnly[str | None]
    attribute_value_ids: WriteOnly[list[str]]
    collaborators: WriteOnly[list[Any]]
    email_ccs: WriteOnly[list[dict[str, Any]]]
    followers: WriteOnly[list[dict[str, Any]]]
    macro_id: WriteOnly[int | None]
    macro_ids: WriteOnly[list[int]]
    metadata: WriteOnly[dict[str, Any]]
    via_followup_source_id: WriteOnly[int | None]

    cc: Lookup[User]
    changed_since: Lookup[datetime]
    view: Lookup[View]

    #: The tickets that were deleted within the last thirty days.
    deleted: ClassVar = Elsewhere(DeletedTicket)

    get_type_display = Display()
    get_priority_display = Display()
    get_status_display = Display()

    class Meta:
        safe = True
        aliases = (("fields", "custom_fields"),)
        api = (
            resource(
                "tickets",
                many=MANY,
                takes="external_id",
                orders="id updated_at status",
                offset_orders="id subject created_at updated_at status",
                includes=_SIDE,
                count=True,
                whole=False,
                idempotent=True,
            )
            + listed("organizations/{organization}/tickets", count=True, whole=False)
            + listed("users/{requester}/tickets/requested", key="tickets", whole=False)
            + listed("users/{assignee}/tickets/assigned", key="tickets", count=True, whole=False)
            + listed("users/{cc}/tickets/ccd", key="tickets", count=True, whole=False)
            + listed("tickets/{problem}/incidents", key="tickets")
            + listed("views/{view}/tickets", key="tickets", natural=None, whole=False)
            + searched(
                "ticket",
                "requester assignee submitter organization group brand status priority "
                "custom_status_id tags cc",
                words="subject external_id recipient",
                absent="assignee organization group tags",
                includes=_SIDE,
                type="ticket_type",
                created_at="created",
                updated_at="updated",
                due_at="due_date",
                inside={"custom_fields": "custom_field_*"},
            )
            + exported("incremental/tickets/cursor", "incremental/tickets")
        )

    @property
    def last_audit(self) -> Audit | None:
        """The audit of the last save through this object, or None before one."""
        audit: Audit | None = self.__dict__.get("_last_audit")
        return audit

    def _saved(self, data: dict[str, Any]) -> None:
        if isinstance(data.get("audit"), dict):
            self._last_audit = Audit.from_row(data["audit"], self._source)

"""Tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import MANY, action, exported, listed, resource, searched
from zendesk_orm.errors import InvalidValue
from zendesk_orm.relations import Many, RefList, by
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.inline import InlineRef
from zendesk_orm.schema.members import Collaborators, Members, Tags
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.audits import Audit
from zendesk_orm.support.comments import Comment
from zendesk_orm.support.connected import Connected, connecting
from zendesk_orm.support.deleted_tickets import Deleted
from zendesk_orm.support.measured import Measured
from zendesk_orm.support.tags import Tagged, tagging
from zendesk_orm.support.ticket_manager import TicketManager, TicketObjects, managing
from zendesk_orm.write import actions
from zendesk_orm.write.comment_events import find_audit
from zendesk_orm.write.lost_responses import KEY
from zendesk_orm.write.writer import REPLAYED


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.conversation_log import ConversationEvent
    from zendesk_orm.support.custom_statuses import CustomStatus
    from zendesk_orm.support.email_notifications import EmailNotification
    from zendesk_orm.support.engagements import Engagement
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.jira_links import JiraLink
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.sharing_agreements import SharingAgreement
    from zendesk_orm.support.suspended_tickets import SuspendedTicket
    from zendesk_orm.support.task_lists import TaskList
    from zendesk_orm.support.ticket_content_pins import TicketContentPin
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.ticket_skips import TicketSkip
    from zendesk_orm.support.users import User
    from zendesk_orm.support.views import View

Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Type = Literal["problem", "incident", "question", "task"]

_SIDE = "users groups organizations"
#: Characters that an idempotency key may have.
LONGEST_KEY = 255


class Ticket(Tagged, Measured, Connected):
    """A request for support, from its first message to its solution."""

    objects = TicketObjects(TicketManager)

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
    custom_status: Ref[CustomStatus | None]
    custom_status_id: Id[int | None]
    recipient: Field[CaseInsensitiveStr | None]
    requester: InlineRef[User]
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
    ticket_form: Ref[TicketForm | None]
    ticket_form_id: Id[int | None]
    forum_topic_id: Field[int | None]
    collaborator_ids: Field[list[int]]
    follower_ids: ReadOnly[list[int]]
    email_cc_ids: ReadOnly[list[int]]
    sharing_agreement_ids: Field[list[int]]
    sharing_agreements: RefList[SharingAgreement]
    followup_ids: ReadOnly[list[int]]
    followups: RefList[Ticket]
    has_incidents: ReadOnly[bool]
    is_public: ReadOnly[bool]
    due_at: Field[datetime | None]
    tags: Tags[str]
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
    conversation_log: Many[ConversationEvent]
    task_lists: Many[TaskList]
    content_pins: Many[TicketContentPin]
    incidents: Many[Ticket] = by("problem")
    skips: Many[TicketSkip]
    email_notifications: Many[EmailNotification]
    engagements: Many[Engagement]
    jira_links: Many[JiraLink]
    suspended_tickets: Many[SuspendedTicket]

    additional_collaborators: WriteOnly[list[Any]]
    assignee_email: WriteOnly[str | None]
    attribute_value_ids: WriteOnly[list[str]]
    collaborators: Collaborators[User]
    email_ccs: Members[User]
    followers: Members[User]
    macro_id: WriteOnly[int | None]
    macro_ids: WriteOnly[list[int]]
    metadata: WriteOnly[dict[str, Any]]
    requester_: WriteOnly[Any]
    via_followup_source_id: WriteOnly[int | None]

    cc: Lookup[User]
    changed_since: Lookup[datetime]
    conversation: Lookup[str]
    follower: Lookup[User]
    problems: Lookup[Literal[True]]
    recent: Lookup[Literal[True]]
    view: Lookup[View]

    #: The tickets that were deleted within the last thirty days.
    deleted: ClassVar = Deleted()

    get_type_display = Display()
    get_priority_display = Display()
    get_status_display = Display()

    class Meta:
        safe = True
        required = "comment"
        instead: ClassVar = {"description": "comment={'body': ...}"}
        aliases = (("fields", "custom_fields"),)
        custom = ("custom_fields", "TicketField")
        api = (
            resource(
                "tickets",
                many=MANY,
                takes="external_id",
                # Whether the list ignores case is not documented; search does.
                loose="external_id",
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
            + listed(
                "users/{follower}/tickets/followed",
                key="tickets",
                natural=None,
                offset_orders="id subject created_at updated_at status",
            )
            + listed("tickets/{problem}/incidents", key="tickets")
            + listed("problems", key="tickets", needs="problems", natural="-updated_at")
            + listed(
                "tickets/recent",
                key="tickets",
                needs="recent",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + listed("views/{view}/tickets", key="tickets", natural=None, whole=False)
            + searched(
                "ticket",
                "requester assignee submitter organization group brand status priority tags cc",
                words="subject external_id recipient",
                absent="assignee organization group tags",
                includes=_SIDE,
                custom_status="custom_status_id",
                type="ticket_type",
                created_at="created",
                updated_at="updated",
                due_at="due_date",
                inside={"custom_fields": "custom_field_*"},
            )
            # By default, tickets that only an AI agent has handled are left out.
            + exported(
                "incremental/tickets/cursor",
                "incremental/tickets",
                includes=_SIDE,
                support_type_scope="all",
            )
            + managing()
            + connecting()
            + action("merge", "POST", "tickets/{id}/merge", "job_status")
            + tagging("tickets")
            + action("mark_as_spam", "PUT", "tickets/{id}/mark_as_spam", "", removes=True)
            + action(
                "destroy",
                "DELETE",
                "deleted_tickets/{id}",
                "job_status",
                call="delete(permanent=True)",
            )
            + action("restore", "PUT", "deleted_tickets/{id}/restore", "", removes=True)
        )

    @property
    def last_audit(self) -> Audit | None:
        """The audit of the last save through this object, or None before one."""
        audit: Audit | None = self.__dict__.get("_last_audit")
        return audit

    @property
    def idempotency_key(self) -> str | None:
        """What tells Zendesk that a new ticket is one that it was asked to create before.

        Within two hours, Zendesk answers the same key with the same ticket, and makes no second
        one. One is made by default, and kept until an answer came: calling `save()` again is
        safe. Give your own, of at most 255 characters, where a process may begin anew:
        `Ticket.objects.create(idempotency_key="order-17", ...)`.

        Source: https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
        """
        key: str | None = self.__dict__.get(KEY)
        return key

    @idempotency_key.setter
    def idempotency_key(self, key: str | None) -> None:
        if key is not None and not 0 < len(key) <= LONGEST_KEY:
            raise InvalidValue(
                f"idempotency_key wants 1 to {LONGEST_KEY} characters, not {len(key)}"
            )
        self.__dict__.pop(KEY, None)
        if key is not None:
            self.__dict__[KEY] = key

    @property
    def replayed(self) -> bool:
        """Whether `save()` found that an earlier request had created the ticket already."""
        return bool(self.__dict__.get(REPLAYED))

    def _refuse_changes(self) -> None:
        if self._row.get("status") == "closed" and self.changes():
            raise InvalidValue(
                f"{self!r} is closed and cannot be changed; create_follow_up() goes on from it"
            )

    def solve(self, comment: str | None = None, *, public: bool = True) -> Self:
        """Set the status to solved, and save; with a comment, if one is given.

        Args:
            comment: what to say.
            public: whether the requester shall see it.

        Raises:
            InvalidValue: the ticket is closed.
            ValidationError: its form requires more than is filled in.
        """
        self.status = "solved"
        if comment is not None:
            self.comment = Comment(body=comment, public=public)
        return self.save()

    def create_follow_up(self, comment: str | Comment, **values: Any) -> Ticket:
        """Create a ticket that goes on from this closed one, and return it.

        Tags and most fields are taken over by Zendesk, unless values say otherwise.

        Args:
            comment: its first message.
            values: fields of the new ticket.

        Raises:
            InvalidValue: this ticket is not closed; go on in it.
            ValidationError and the other `ApiError`s.

        Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
        """
        if self.status != "closed":
            raise InvalidValue(f"{self!r} is {self.status}, not closed; go on in it")
        first = Comment(body=comment) if isinstance(comment, str) else comment
        made = Ticket(via_followup_source_id=self.pk, comment=first, **values)
        return made.save(using=self._session().alias)

    def merge(
        self,
        *others: Ticket | int,
        comment: str | None = None,
        others_comment: str | None = None,
        public: bool = False,
    ) -> Self:
        """Merge other tickets into this one, and wait; they are closed, and cannot be split again.

        Args:
            others: tickets, or their ids.
            comment: what to write on this ticket.
            others_comment: what to write on the others.
            public: whether requesters see these comments.

        Raises:
            InvalidValue: there are no others, or this ticket is among them.
            BulkError: the job failed.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
        """
        session = self._session()
        ids = session.ids_of(Ticket, others, "merge")
        if not ids or self.pk in ids:
            raise InvalidValue("merge() wants other tickets that were saved, or their ids")
        body = {
            "ids": ids,
            "target_comment": comment,
            "source_comment": others_comment,
            "target_comment_is_public": public,
            "source_comment_is_public": public,
        }
        told = {name: value for name, value in body.items() if value is not None}
        actions.ended(session, self, "merge", told)
        actions.outdated(session, self)
        for pk in ids:
            actions.outdated(session, session.refer(Ticket, pk))
        return self

    def mark_as_spam(self) -> None:
        """Delete the ticket, and suspend its requester.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#mark-ticket-as-spam-and-suspend-requester
        """
        session = self._session()
        actions.act(session, self, "mark_as_spam")
        session.forget(Ticket, self.pk)
        session.account.recent.note(Ticket, self.pk, None, None)

    def delete(
        self, *, using: str | None = None, permanent: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the ticket; it can be restored for thirty days.

        Args:
            using: the account's alias; where the object came from by default.
            permanent: destroy it for good, in a job that is waited for. There is no way back.

        Raises:
            InvalidValue: it was never saved.
            BulkError: it was deleted, and the job that destroys it failed.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        done = super().delete(using=using)
        if permanent:
            actions.ended(self._session(using), self, "destroy")
        return done

    def restore(self) -> Self:
        """Take back the deletion of the ticket, within thirty days.

        Raises:
            NotFound: it is not among the deleted ones.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-a-previously-deleted-ticket
        """
        session = self._session()
        actions.act(session, self, "restore")
        actions.outdated(session, self)
        return self

    _finds_updates = True

    def _find_update(self, payload: Mapping[str, Any], since: str) -> dict[str, Any] | None:
        comment = payload.get("comment")
        if comment is None:
            return {}
        last = 0 if self.last_audit is None else self.last_audit.pk
        audits = self.audits.order_by("-created_at").iterator()
        audit = find_audit(audits, comment, since, last)
        return None if audit is None else {"audit": audit}

    def _saved(self, data: dict[str, Any]) -> None:
        if isinstance(data.get("audit"), dict):
            self._last_audit = Audit.from_row(data["audit"], self._source)

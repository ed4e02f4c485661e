"""Tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, overload

from attrs import evolve, frozen

from zendesk_orm import signals
from zendesk_orm.api.actions import action, alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CRUD, incremental_export, listing, resource, search_index
from zendesk_orm.errors import FieldError, InvalidValue, NotFound
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.messages import display
from zendesk_orm.queryset.queryset import Manager, ManagerDescriptor
from zendesk_orm.relations import Many, RefList, by
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.inline import InlineRef
from zendesk_orm.schema.loading import load_bool, load_int, load_str
from zendesk_orm.schema.members import Collaborators, Members
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import CaseInsensitiveStr, aware
from zendesk_orm.session.action_bodies import part_of, value_of, values_of
from zendesk_orm.session.own_changes import OwnChanges
from zendesk_orm.signals import announce, remote_changed, remote_created
from zendesk_orm.support.csat.survey_responses import SurveyResponse, name_ticket
from zendesk_orm.support.ticket_management.samples import SampledManager, sample_of
from zendesk_orm.support.ticket_management.satisfaction_ratings import SatisfactionRating
from zendesk_orm.support.ticket_management.tags import Tagged, tag_actions
from zendesk_orm.support.tickets import history, ticket_imports
from zendesk_orm.support.tickets.audits import Audit
from zendesk_orm.support.tickets.comments import Comment
from zendesk_orm.support.tickets.deleted_tickets import DeletedTickets
from zendesk_orm.support.tickets.history import HistoryEntry
from zendesk_orm.support.tickets.ticket_imports import TicketImport
from zendesk_orm.support.tickets.ticket_metric_events import TicketMetricEvent
from zendesk_orm.support.tickets.ticket_metrics import TicketMetricDescriptor
from zendesk_orm.write import calls
from zendesk_orm.write.bulk.actions import run_action, saved_objects
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.bulk.requests import BulkOptions, resolve_options
from zendesk_orm.write.bulk.results import BulkResult
from zendesk_orm.write.bulk.strategies import remove
from zendesk_orm.write.bulk.upserts import Conflicts
from zendesk_orm.write.comment_events import find_audit
from zendesk_orm.write.lost_responses import confirm_creation


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.business_rules.views import View
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.integrations.jira_links import JiraLink
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.side_conversations.side_conversations import SideConversation
    from zendesk_orm.support.ticket_management.engagements import Engagement
    from zendesk_orm.support.tickets.conversation_log import ConversationEvent
    from zendesk_orm.support.tickets.custom_statuses import CustomStatus
    from zendesk_orm.support.tickets.email_notifications import EmailNotification
    from zendesk_orm.support.tickets.sharing_agreements import SharingAgreement
    from zendesk_orm.support.tickets.suspended_tickets import SuspendedTicket
    from zendesk_orm.support.tickets.task_lists import TaskList
    from zendesk_orm.support.tickets.ticket_content_pins import TicketContentPin
    from zendesk_orm.support.tickets.ticket_forms import TicketForm
    from zendesk_orm.support.tickets.ticket_skips import TicketSkip
    from zendesk_orm.support.users.users import User

Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Type = Literal["problem", "incident", "question", "task"]

T = TypeVar("T", bound="Ticket")
#: The class of the query itself; jedi does not support `Self` in a generic class.
S = TypeVar("S", bound="TicketManager[Any]")

#: Scores of a satisfaction rating.
SCORES = ("good", "bad")
_SIDE_LOADS = ("users", "groups", "organizations")
#: Maximum length of an idempotency key.
MAX_KEY_LENGTH = 255


@frozen
class RelatedInformation:
    """Objects related to a ticket.

    Attributes:
        incidents: number of incidents of this problem.
        followup_source_ids: ids of the tickets that this ticket follows up.
        jira_issue_ids: ids of the linked Jira issues.
        from_archive: whether the ticket is archived.
        topic_id: id of the community topic that the ticket was created from; obsolete.
    """

    incidents: int
    followup_source_ids: tuple[str, ...] = ()
    jira_issue_ids: tuple[str, ...] = ()
    from_archive: bool = False
    topic_id: str | None = None


class TicketManager(SampledManager[T]):
    """The manager `Ticket.objects`, with problems, bulk actions and imports."""

    def problems(self: S) -> S:
        """Return a query for the problems, most recently updated first.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-ticket-problems
        """
        return self.filter(problems=True)

    def as_of(self: S, moment: datetime) -> S:
        """Return the same query over the tickets as they were at a moment; they cannot be saved.

        ::

            Ticket.objects.using("mirror").as_of(new_year).filter(status="open").count()

        Only a `Mirror` with a history can answer it. Related objects are the present ones, as are
        values that ticket events do not contain, such as satisfaction ratings.

        Args:
            moment: an aware datetime.

        Raises:
            InvalidValue: the moment is naive. When rows are read: the history begins later.
            NoEndpoint: when rows are read: they are not those of a mirror with a history.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
        """
        return self._chain(evolve(self._query, as_of=aware(moment)))

    @action("POST", "problems/autocomplete", key="tickets")
    def autocomplete_problems(self, text: str) -> list[T]:
        """Return the problems whose subject contains a text.

        Args:
            text: the text.

        Raises:
            InvalidValue: `text` is empty.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#autocomplete-problems
        """
        body = {"text": require_text("autocomplete_problems()", text)}
        return self._call(
            "autocomplete_problems",
            body,
            then=lambda data: self._from_rows(data["tickets"]),
            in_dry_run=[],
        )

    def recent(self: S) -> S:
        """Return a query for the tickets last viewed or created by the caller, at most five.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-recent-tickets
        """
        return self.filter(recent=True)

    @action("GET", "tickets/messaging/conversations/{conversation}/ticket", key="ticket")
    def of_conversation(self, conversation: str) -> T:
        """Return the active ticket of a messaging conversation.

        A ticket is not returned after it was closed or its messaging session has ended.

        Args:
            conversation: the id of the conversation.

        Raises:
            DoesNotExist: the conversation has no active ticket.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-ticket-by-messaging-conversation-id
        """
        try:
            data = self._call("of_conversation", path={"conversation": conversation})
        except NotFound as error:
            raise self.model.DoesNotExist(
                f"the conversation {conversation} has no active ticket"
            ) from error
        return self._from_rows([data["ticket"]])[0]

    @action("PUT", "tickets/mark_many_as_spam", key="job_status")
    def mark_many_as_spam(
        self, tickets: Iterable[Ticket | int], **options: Unpack[BulkOptions]
    ) -> BulkResult:
        """Delete tickets and suspend their requesters in jobs of a hundred; wait for the jobs.

        Args:
            tickets: saved tickets, or their ids; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            One outcome per ticket.

        Raises:
            BulkError: some tickets failed, after all jobs have ended.
            InvalidValue: a ticket was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#bulk-mark-tickets-as-spam
        """
        name, session = "mark_many_as_spam", self._session
        records = saved_objects(session, self.model, tickets, f"{name}()")
        return run_action(
            session,
            self.model,
            name,
            records,
            resolve_options(**options),
            action="delete",
            apply=remove,
        )

    @action("POST", "imports/tickets", key="ticket")
    def import_ticket(self, ticket: TicketImport, *, archive_immediately: bool = False) -> T:
        """Create a ticket with its history: original dates, and comments with their dates.

        ::

            Ticket.objects.import_ticket({
                "subject": "Printer",
                "requester": user,
                "created_at": then,
                "comments": [
                    {"body": "It smokes.", "author": user, "created_at": then},
                    {"body": "Paper only!", "author": agent, "public": False, "created_at": later},
                ],
            })

        Zendesk sends no e-mails. Unlike `create()`, an import has no idempotency key: set
        `external_id` to recognize a ticket that was imported before.

        Args:
            ticket: a new ticket, or its values, including those that only imports accept:
                `comments`, `created_at`, `updated_at`, `solved_at`, `description`, `via`.
            archive_immediately: archive the ticket at once if its status is `closed`.

        Returns:
            The ticket; the same object if `ticket` was a `Ticket`.

        Raises:
            FieldError, InvalidValue: the ticket is invalid; nothing was sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/#ticket-import
        """
        session = self._session
        record, payload = ticket_imports.prepare(session, self.model, ticket)
        edits = record.changes()
        details = {"instance": record, "created": True, "origin": "local", "using": session.alias}
        announce(signals.pre_save, self.model, changes=edits, **details)
        # A receiver may have changed the ticket.
        edits, payload = record.changes(), {**payload, **record.to_payload()}
        archive = archive_immediately or None

        def store(data: Any) -> None:
            session.store(record, data["ticket"], list(edits), before={})
            announce(signals.post_save, self.model, changes=edits, **details)

        self._call(
            "import_ticket",
            {"ticket": payload},
            archive_immediately=archive,
            then=store,
            in_dry_run=None,
        )
        return cast("T", record)

    @action("POST", "imports/tickets/create_many", key="job_status")
    def import_many(
        self,
        tickets: Iterable[TicketImport],
        *,
        archive_immediately: bool = False,
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        unique_fields: Iterable[str] | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Create tickets with their history in jobs of a hundred, and wait for the jobs.

        A generator is consumed as requests are sent. The same call resumes an interrupted import
        if all tickets have an external id::

            Ticket.objects.import_many(
                rows(), ignore_conflicts=True, unique_fields=["external_id"], progress=True
            )

        Args:
            tickets: new tickets or their values, as accepted by `import_ticket()`.
            archive_immediately: archive tickets at once if their status is `closed`.
            ignore_conflicts: skip tickets that exist, which are looked up by `unique_fields`;
                Zendesk itself never rejects a ticket as a duplicate.
            batch_size, unique_fields, options: see `bulk_create()`.

        Returns:
            One outcome per ticket, in the same order; its `object` is the ticket, with its id.

        Raises:
            BulkError: some tickets failed, after all jobs have ended.
            FieldError, InvalidValue: a name or value is invalid, or `unique_fields` is missing
                with `ignore_conflicts`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/#ticket-bulk-import
        """
        if ignore_conflicts and not unique_fields:
            raise FieldError(
                "import_many(ignore_conflicts=True) needs unique_fields=['external_id']: Zendesk "
                "does not reject existing tickets"
            )
        conflicts = Conflicts.of(self._query.meta, ignore=ignore_conflicts, unique=unique_fields)
        resolved = resolve_options(batch_size, **options)
        return ticket_imports.import_tickets(
            self._session, self.model, tickets, conflicts, resolved, archive=archive_immediately
        )


class TicketObjects(ManagerDescriptor["TicketManager[Any]"]):
    """The descriptor `Ticket.objects`, whose type also holds for subclasses of `Ticket`."""

    if TYPE_CHECKING:

        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> TicketManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(self, record: object | None, owner: type[Any]) -> Any: ...


class Ticket(Tagged):
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
    side_conversations: Many[SideConversation]
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
    exclude_deleted: Lookup[bool]
    follower: Lookup[User]
    problems: Lookup[Literal[True]]
    recent: Lookup[Literal[True]]
    #: The tickets of an export or of `fresh()` that AI agents or others worked on; by default, all.
    support_type_scope: Lookup[Literal["all", "agent", "ai_agent"]]
    view: Lookup[View]

    #: The moment whose values the object shows; see `as_of()`.
    _moment: ClassVar[datetime | None] = None

    metric = TicketMetricDescriptor()

    #: The tickets that were deleted within the last thirty days.
    deleted: ClassVar = DeletedTickets()

    get_type_display = Display()
    get_priority_display = Display()
    get_status_display = Display()

    class Meta:
        safe = True
        required = "comment"
        write_instead: ClassVar = {"description": "comment={'body': ...}"}
        aliases = (("fields", "custom_fields"),)
        custom = ("custom_fields", "TicketField")
        api = (
            resource(
                "tickets",
                bulk=CRUD,
                filters=("external_id", "support_type_scope"),
                # Whether the list ignores case is not documented; search does.
                tokenized=("external_id",),
                orders=("id", "updated_at", "status"),
                offset_orders=("id", "subject", "created_at", "updated_at", "status"),
                includes=_SIDE_LOADS,
                count=True,
                includes_archived=False,
                idempotent=True,
                # Zendesk's default, `agent`, omits tickets that only AI agents worked on.
                params={"support_type_scope": "all"},
            )
            + listing("organizations/{organization}/tickets", count=True, includes_archived=False)
            + listing("users/{requester}/tickets/requested", key="tickets", includes_archived=False)
            + listing(
                "users/{assignee}/tickets/assigned",
                key="tickets",
                count=True,
                includes_archived=False,
            )
            + listing("users/{cc}/tickets/ccd", key="tickets", count=True, includes_archived=False)
            + listing(
                "users/{follower}/tickets/followed",
                key="tickets",
                default_order=None,
                offset_orders=("id", "subject", "created_at", "updated_at", "status"),
            )
            + listing("tickets/{problem}/incidents", key="tickets")
            + listing(
                "problems", key="tickets", required=("problems",), default_order="-updated_at"
            )
            + listing(
                "tickets/recent",
                key="tickets",
                required=("recent",),
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + listing(
                "views/{view}/tickets", key="tickets", default_order=None, includes_archived=False
            )
            + search_index(
                "ticket",
                (
                    "requester",
                    "assignee",
                    "submitter",
                    "organization",
                    "group",
                    "brand",
                    "status",
                    "priority",
                    "tags",
                    "cc",
                ),
                tokenized=("subject", "external_id", "recipient"),
                supports_none=("assignee", "organization", "group", "tags"),
                includes=_SIDE_LOADS,
                custom_status="custom_status_id",
                type="ticket_type",
                created_at="created",
                updated_at="updated",
                due_at="due_date",
                nested={"custom_fields": "custom_field_*"},
            )
            + sample_of("tickets", support_type_scope="all")
            + incremental_export(
                "incremental/tickets/cursor",
                "incremental/tickets",
                filters={
                    "support_type_scope": "support_type_scope",
                    "exclude_deleted": "exclude_deleted",
                },
                includes=_SIDE_LOADS,
                support_type_scope="all",
            )
            + tag_actions("tickets")
        )

    @property
    def is_deleted(self) -> bool:
        """Whether the ticket was deleted; exports by `changed_since()` return such tickets."""
        status: str = self.status
        return status == "deleted"

    @property
    def survey_responses(self) -> Manager[SurveyResponse]:
        """The responses to surveys of customer satisfaction about the ticket.

        Raises:
            InvalidValue: the ticket was not saved yet.
        """
        if self.pk is None:
            raise InvalidValue(f"{display(self)} has no id yet; save it first")
        responses = SurveyResponse.objects.using(self._session().alias)
        return responses.filter(subject_zrn=name_ticket(self.pk))

    @property
    def last_audit(self) -> Audit | None:
        """The audit of the last save through this object, or None before one."""
        audit: Audit | None = self.__dict__.get("_last_audit")
        return audit

    @property
    def idempotency_key(self) -> str | None:
        """The idempotency key, by which Zendesk recognizes repeated requests for a new ticket.

        For two hours, Zendesk returns the existing ticket for the same key instead of creating
        another. By default, a key is generated and remains until a response is received, so that
        calling `save()` again is safe. Pass a key of at most 255 characters if the process may be
        restarted: `Ticket.objects.create(idempotency_key="order-17", ...)`.

        Source: https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
        """
        return self._state.idempotency_key

    @idempotency_key.setter
    def idempotency_key(self, key: str | None) -> None:
        if key is not None and not _is_key(key):
            raise InvalidValue(
                f"idempotency_key must be a text of 1 to {MAX_KEY_LENGTH} characters of ASCII, "
                f"not {display(key)}"
            )
        confirm_creation(self)
        self._state.idempotency_key = key

    @property
    def replayed(self) -> bool:
        """Whether `save()` returned a ticket that an earlier request had created."""
        return self._state.replayed

    def _check_changeable(self) -> None:
        """Raise `InvalidValue` if the ticket is closed, or shows an earlier moment."""
        if self._moment is not None:
            raise InvalidValue(
                f"{display(self)} shows its values of {self._moment:%Y-%m-%d %H:%M} and cannot be "
                f"changed; change Ticket.objects.get({self.pk}) instead"
            )
        if self._row.get("status") == "closed":
            raise InvalidValue(
                f"{display(self)} is closed and cannot be changed; use create_follow_up() instead"
            )

    def history(self) -> list[HistoryEntry]:
        """Return the updates of the ticket, the oldest first, from its audits.

        ::

            for entry in ticket.history():
                print(entry.moment, entry.actor_id, entry.changes, entry.comments)

        Archived tickets have all of theirs, too. One request is sent for a hundred updates.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/#list-audits-for-a-ticket
        """
        return history.history(self)

    def as_of(self, moment: datetime) -> Self:
        """Return the ticket with the values that it had at a moment; it cannot be saved.

        The ticket and its audits are fetched, and later changes are undone. Values that audits do
        not contain, such as satisfaction ratings, are the present ones.

        Args:
            moment: an aware datetime.

        Raises:
            InvalidValue: the ticket was created later, or was never saved; or the moment is naive.
            DoesNotExist: the ticket was deleted.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/#list-audits-for-a-ticket
        """
        past: Any = history.as_of(self, moment)
        return cast("Self", past)

    @alters_data
    @check_arguments
    def solve(self, comment: str | None = None, *, public: bool = True) -> Self:
        """Set the status to solved, and save the ticket, optionally with a comment.

        Args:
            comment: the text of the comment.
            public: whether the requester can see the comment.

        Raises:
            InvalidValue: the ticket is closed.
            ValidationError: a field that the form requires is empty.
        """
        self.status = "solved"
        if comment is not None:
            self.comment = Comment(body=comment, public=public)
        return self.save()

    def create_follow_up(self, comment: str | Comment, **values: Any) -> Ticket:
        """Create a follow-up of this closed ticket, and return it.

        Zendesk copies tags and most fields that `values` does not contain.

        Args:
            comment: the first comment of the new ticket.
            values: fields of the new ticket.

        Raises:
            InvalidValue: this ticket is not closed; update it instead.
            ValidationError and the other `ApiError`s.

        Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
        """
        if self.status != "closed":
            raise InvalidValue(f"{display(self)} is {self.status}, not closed; update it instead")
        if isinstance(comment, str):
            comment = Comment(body=comment)
        follow_up = Ticket(via_followup_source_id=self.pk, comment=comment, **values)
        return follow_up.save(using=self._session().alias)

    @action("POST", "tickets/{id}/merge", key="job_status")
    def merge(
        self,
        *others: Ticket | int,
        comment: str | None = None,
        others_comment: str | None = None,
        public: bool = False,
    ) -> Self:
        """Merge other tickets into this one, which closes them; wait for the job.

        A merge cannot be undone.

        Args:
            others: tickets, or their ids.
            comment: a comment on this ticket.
            others_comment: a comment on the other tickets.
            public: whether requesters can see these comments.

        Raises:
            InvalidValue: `others` is empty, or contains this ticket.
            BulkError: the job failed.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
        """
        session = self._session()
        ids = session.ids_of(Ticket, others, "merge")
        if not ids or self.pk in ids:
            raise InvalidValue("merge() requires other saved tickets, or their ids")
        body = {
            "ids": ids,
            "target_comment": comment,
            "source_comment": others_comment,
            "target_comment_is_public": public,
            "source_comment_is_public": public,
        }

        def expire(_: Job) -> None:
            session.expire(self)
            for pk in ids:
                session.expire(session.refer(Ticket, pk))

        values = {name: value for name, value in body.items() if value is not None}
        self._call_and_wait("merge", values, then=expire, in_dry_run=None)
        return self

    @action("PUT", "tickets/{id}/mark_as_spam", removes=True)
    def mark_as_spam(self) -> None:
        """Delete the ticket as spam, and suspend its requester.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#mark-ticket-as-spam-and-suspend-requester
        """

        def remove(_: Any) -> None:
            session = self._session()
            session.remove(self)
            user, pk = self._meta.relations["requester"].model, self._row.get("requester_id")
            if pk is None:
                session.account.changes.note(user, {})
            else:
                session.expire(session.refer(user, pk))

        self._call("mark_as_spam", then=remove, in_dry_run=None)

    @action(
        "DELETE",
        "deleted_tickets/{id}",
        key="job_status",
        name="destroy",
        call="delete(permanent=True)",
    )
    def delete(
        self, *, using: str | None = None, permanent: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the ticket; it can be restored for thirty days.

        Args:
            using: the alias of the account; by default that of the object.
            permanent: delete the ticket permanently, in a job that is waited for.

        Raises:
            InvalidValue: the ticket was never saved.
            BulkError: the ticket was deleted, but the job that deletes it permanently failed.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        if self._moment is not None:
            self._check_changeable()
        deleted = super().delete(using=using)
        if permanent:
            calls.call_and_wait(self._session(using), self, "destroy")
        return deleted

    @action("PUT", "deleted_tickets/{id}/restore", removes=True)
    def restore(self) -> Self:
        """Restore the ticket within thirty days after its deletion.

        Raises:
            NotFound: the ticket is not among the deleted tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-a-previously-deleted-ticket
        """

        def expire(_: Any) -> None:
            self._session().expire(self)

        self._call("restore", then=expire, in_dry_run=None)
        return self

    @action("GET", "tickets/{id}/related")
    def related(self) -> RelatedInformation:
        """Return related information: incidents, sources of follow-ups, Jira issues.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#ticket-related-information
        """
        data = self._call("related")
        return RelatedInformation(
            value_of(data, "incidents", load_int, 0),
            tuple(values_of(data, "followup_source_ids", load_str)),
            tuple(values_of(data, "jira_issue_ids", load_str)),
            value_of(data, "from_archive", load_bool, False),
            value_of(data, "topic_id", load_str, None),
        )

    @action("PUT", "chat_redactions/{id}", key="chat_event")
    def redact_chat(
        self,
        chat_id: str,
        text: str,
        *,
        chat_index: int | None = None,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """Redact a part of a message of an ended chat, which cannot be undone.

        The audit event `"ChatStartedEvent"` contains the messages.

        Args:
            chat_id: the id of the chat.
            text: the message, with `<redact>...</redact>` around the text to redact.
            chat_index: the position of the message in the chat.
            message_id: the id of the message, instead of `chat_index`.

        Returns:
            The updated event of the chat; {} in a dry run.

        Raises:
            InvalidValue: `text` contains no `<redact>`, or the message is not identified by
                exactly one of `chat_index` and `message_id`.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-chat-comment
        """
        if "<redact>" not in str(text):
            raise InvalidValue("text must contain <redact>...</redact> around the text to redact")
        if (chat_index is None) is (message_id is None):
            raise InvalidValue("redact_chat() requires exactly one of chat_index and message_id")
        key = {"chat_index": chat_index} if message_id is None else {"message_id": message_id}
        return self._redact_chat("redact_chat", {"chat_id": chat_id, **key, "text": text})

    @action("PUT", "chat_file_redactions/{id}", key="chat_event")
    def redact_chat_files(
        self,
        chat_id: str,
        *,
        chat_indexes: Sequence[int] = (),
        message_ids: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Redact files of an ended chat, which cannot be undone.

        Args:
            chat_id: the id of the chat.
            chat_indexes: the positions of the files in the chat.
            message_ids: the ids of their messages, instead of `chat_indexes`.

        Returns:
            The updated event of the chat; {} in a dry run.

        Raises:
            InvalidValue: the files are not identified by exactly one of `chat_indexes` and
                `message_ids`.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-chat-comment-attachment
        """
        indexes = list(require_many(chat_indexes, "redact_chat_files"))
        messages = list(require_many(message_ids, "redact_chat_files"))
        if bool(indexes) is bool(messages):
            raise InvalidValue(
                "redact_chat_files() requires exactly one of chat_indexes and message_ids"
            )
        files = {"chat_indexes": indexes} if indexes else {"message_ids": messages}
        body = {"chat_id": chat_id, **files}
        return self._redact_chat("redact_chat_files", body)

    def _redact_chat(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a redaction of a chat, and return the updated event."""
        return self._call(name, body, then=lambda data: part_of(data, "chat_event"), in_dry_run={})

    @property
    def metric_events(self) -> Manager[TicketMetricEvent]:
        """A query for the metric events of the ticket.

        Zendesk cannot list the events of one ticket: the query reads the export since the creation
        of the ticket and filters it client-side. The export omits the last minute and cannot start
        within it, so the ticket must be at least a minute old. For many tickets, read
        `TicketMetricEvent.objects.filter(changed_since=...)` once instead.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
        """
        events = TicketMetricEvent.objects.using(self._session().alias)
        return events.filter(ticket=self.pk, changed_since=self.created_at).scan()

    @check_arguments
    def rate(
        self, score: str, comment: str | None = None, *, reason_code: int | None = None
    ) -> SatisfactionRating:
        """Rate the solution of the ticket as its requester.

        Args:
            score: `good` or `bad`.
            comment: a comment on the score.
            reason_code: the reason of a bad score: the `reason_code` of a `SatisfactionReason`.

        Returns:
            The rating.

        Raises:
            InvalidValue: `score` is invalid, or the ticket was never saved.
            PermissionDenied: the authenticated user is not the requester.
            ValidationError: the ticket was never solved.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/#create-a-satisfaction-rating
        """
        if score not in SCORES:
            raise InvalidValue(f"rate(): score must be 'good' or 'bad', not {display(score)}")
        if self.pk is None:
            raise InvalidValue(f"{display(self)} was never saved and cannot be rated")
        session = self._session()
        values = {"comment": comment, "reason_code": reason_code}
        rating = SatisfactionRating.objects.using(session.alias).create(
            ticket=self.pk,
            score=score,
            **{name: value for name, value in values.items() if value is not None},
        )
        session.expire(self)
        return rating

    _finds_updates = True

    def _find_update(self, payload: Mapping[str, Any], since: str) -> dict[str, Any] | None:
        comment = payload.get("comment")
        if comment is None:
            return {}
        last = 0 if self.last_audit is None else self.last_audit.pk
        audits = self.audits.order_by("-created_at").iterator()
        audit = find_audit(audits, comment, since, last)
        return None if audit is None else {"audit": audit}

    def _after_save(self, data: dict[str, Any]) -> None:
        row = data.get("audit")
        # The ticket is saved, so that an invalid audit is no reason for an error.
        if isinstance(row, dict) and Audit._meta.is_id(row.get("id")):
            self._last_audit = Audit.from_row(row, self._source)
            if OwnChanges.is_stored or remote_changed.receivers or remote_created.receivers:
                self._session().account.own_changes.note_audit(row)


def _is_key(key: Any) -> bool:
    """Return True if a value can be sent as the header `Idempotency-Key`."""
    is_text = isinstance(key, str) and key.isascii() and key.isprintable()
    return is_text and 0 < len(key) <= MAX_KEY_LENGTH and key == key.strip()

"""Side conversations: messages about a ticket to people, channels and other agents.

The parameter that side-loads events is unconfirmed, so that events are fetched separately.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import signals, support
from zendesk_orm.api.actions import action, alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, LIST, SHOW, UPDATE, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_id
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.signals import announce
from zendesk_orm.support.side_conversations.attachments import SideConversationAttachment
from zendesk_orm.support.side_conversations.events import SideConversationEvent
from zendesk_orm.support.side_conversations.messages import (
    MESSAGE_FIELDS,
    build_events,
    build_message,
    normalize_values,
)
from zendesk_orm.support.side_conversations.recipients import select_recipients
from zendesk_orm.support.users.users import User


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

State = Literal["open", "closed"]

_PATH = "tickets/{ticket}/side_conversations"


class SideConversationManager(Manager["SideConversation"]):
    """`SideConversation.objects` and `ticket.side_conversations`, which import conversations."""

    @action("POST", f"{_PATH}/import", key="side_conversation")
    def import_conversation(
        self,
        events: Iterable[Mapping[str, Any]],
        *,
        subject: str,
        state: State = "closed",
        external_ids: Mapping[str, str] | None = None,
    ) -> SideConversation:
        """Create a conversation with its past messages.

        ::

            ticket.side_conversations.import_conversation(
                [{"created_at": then, "message": {"body": "Hello", "to": ["amy@example.com"]}}],
                subject="Parts",
            )

        That Zendesk sends no e-mails is unconfirmed.

        Args:
            events: dictionaries with `created_at` and `message`; see `create()` for the keys of a
                message. Its `from` is a dictionary: `{"email": "amy@example.com"}`.
            subject: the subject.
            state: the state of the conversation.
            external_ids: ids of other systems, by name.

        Raises:
            InvalidValue: an event is invalid, or the query has no ticket; nothing was sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/#import-side-conversation
        """
        ticket = self._query.exact_values.get("ticket")
        if ticket is None:
            raise InvalidValue(
                "the query must have a ticket: use ticket.side_conversations.import_conversation()"
            )
        values = {"subject": subject, "state": state, "external_ids": dict(external_ids or {})}
        body = {"side_conversation": values, "events": build_events(events)}

        def announce_row(data: Any) -> SideConversation:
            (record,) = self._from_rows([data["side_conversation"]])
            details = {"instance": record, "created": True, "origin": "local"}
            announce(
                signals.post_save, self.model, changes={}, using=self._session.alias, **details
            )
            return record

        return self._call(
            "import_conversation",
            body,
            path={"ticket": ticket},
            then=announce_row,
            in_dry_run=self.model(ticket_id=ticket, subject=subject, state=state),
        )


class SideConversation(StringIdModel):
    """A conversation about a ticket with people outside of the ticket.

    ::

        ticket.side_conversations.create(
            subject="Toner", body="Do you have any?", to=["supplier@example.com"]
        )
        slack = SideConversation.slack_channel("C0123", workspace="T0123")
        ticket.side_conversations.create(subject="Outage", body="Anybody?", to=[slack])
        child = SideConversation.child_ticket(group=finance)
        ticket.side_conversations.create(subject="Refund", body="Please pay", to=[child])

    `to` contains e-mail addresses, users (for e-mails), groups (which get a child ticket),
    and the recipients that `slack_channel()`, `teams_channel()` and `child_ticket()` return.
    `events` contains the messages.
    """

    objects = SideConversationManager.as_manager()

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    subject: Field[str | None]
    state: Field[State]
    external_ids: Field[dict[str, Any]]
    participants: ReadOnly[list[dict[str, Any]]]
    preview_text: ReadOnly[str | None]
    url: ReadOnly[str]
    message_added_at: ReadOnly[datetime]
    state_updated_at: ReadOnly[datetime]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    body: WriteOnly[str]
    html_body: WriteOnly[str]
    to: WriteOnly[list[Any]]
    #: The sender of the first message, as a dictionary; by default the caller.
    sender: WriteOnly[dict[str, Any]]
    attachment_ids: WriteOnly[list[Any]]

    get_state_display = Display()

    class Meta:
        parent = "ticket"
        required = ("ticket", "to")
        # Whether the list takes parameters of paging is unknown; its links are followed.
        api = resource(
            _PATH,
            can=LIST | SHOW | CREATE | UPDATE,
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def __init__(self, **values: Any) -> None:
        """Initialize a conversation with its first message.

        Raises:
            FieldError: a field does not exist or is read-only.
            InvalidValue: a recipient, a file or another value is invalid.
        """
        super().__init__(**normalize_values(values))

    @staticmethod
    @check_arguments
    def slack_channel(channel: str, *, workspace: str) -> dict[str, str]:
        """Return a channel of Slack as a recipient, by the ids of Slack."""
        return {"slack_channel_id": channel, "slack_workspace_id": workspace}

    @staticmethod
    @check_arguments
    def teams_channel(channel: str) -> dict[str, str]:
        """Return a channel of Microsoft Teams as a recipient, by its id."""
        return {"msteams_channel_id": channel}

    @staticmethod
    def child_ticket(
        *, group: support.Group | int | None = None, agent: User | int | None = None
    ) -> dict[str, int]:
        """Return a group or an agent as the recipient of a child ticket.

        Raises:
            InvalidValue: neither or both are given, or it is no saved group or agent.
        """
        if (group is None) is (agent is None):
            raise InvalidValue("child_ticket() requires either a group or an agent")
        if group is not None:
            pk = require_id(registry.find("Group"), group, None, "child_ticket(): group")
            return {"support_group_id": pk}
        return {"support_agent_id": require_id(User, agent, None, "child_ticket(): agent")}

    @property
    def events(self) -> Manager[SideConversationEvent]:
        """The messages of the conversation and the changes of its state, as objects.

        Raises:
            InvalidValue: the conversation was not saved yet.
        """
        if self.pk is None:
            raise InvalidValue(f"{display(self)} has no id yet; save it before reading events")
        events = SideConversationEvent.objects.using(self._session().alias)
        return events.filter(ticket=self.ticket_id, side_conversation=self.pk)

    @property
    def target_ticket_id(self) -> int | None:
        """The id of the child ticket, or None."""
        value = (self.external_ids or {}).get("targetTicketId")
        return int(value) if value and str(value).isdigit() else None

    @property
    def target_ticket(self) -> support.Ticket | None:
        """The child ticket, whose fields are fetched when they are read; None without one."""
        pk, session = self.target_ticket_id, self._session()
        model: Any = self._meta.relations["ticket"].model
        ticket: Ticket | None = None if pk is None else session.refer(model, pk)
        return ticket

    @alters_data
    @check_arguments
    def reply(
        self,
        body: str | None = None,
        *,
        html_body: str | None = None,
        to: Iterable[Any] | None = None,
        attachments: Iterable[SideConversationAttachment | str] = (),
    ) -> SideConversationEvent:
        """Send a message to the participants, and return its event.

        Receivers of `post_save` get the event, a `SideConversationEvent`.

        Args:
            body: the text.
            html_body: the text as HTML, instead of `body`.
            to: the recipients; by default all participants except the caller, looked up in
                a further request.
            attachments: uploaded files, or their ids.

        Raises:
            InvalidValue: the message has no text, or a recipient is invalid; nothing was sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/#reply-to-side-conversation
        """
        session = self._session()
        texts = {"body": body, "html_body": html_body}
        values: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
        if files := session.ids_of("SideConversationAttachment", attachments, "reply"):
            values["attachment_ids"] = files
        build_message(values)
        values["to"] = self._get_other_participants() if to is None else to
        event = SideConversationEvent(side_conversation=self, **values)
        event.attach_to(session)
        event.save()
        if event.conversation_row is None:
            session.expire(self)
        else:
            session.store(self, event.conversation_row)
        return event

    def close(self) -> Self:
        """Close the conversation."""
        self.state = "closed"
        return self.save()

    def reopen(self) -> Self:
        """Open the conversation again."""
        self.state = "open"
        return self.save()

    @action("POST", f"{_PATH}/{{id}}/events/import", key="side_conversation")
    def import_events(self, events: Iterable[Mapping[str, Any]]) -> Self:
        """Add past messages to an imported conversation, and return the conversation.

        Args:
            events: see `SideConversationManager.import_conversation()`.

        Raises:
            InvalidValue: an event is invalid; nothing was sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/#import-side-conversation-events
        """
        return self._call_and_update("import_events", {"events": build_events(events)})

    def _get_other_participants(self) -> list[dict[str, Any]]:
        caller = User.objects.using(self._session().alias).me().pk
        return select_recipients(self.participants, caller)

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of a new conversation, or of a change without a message.

        Raises:
            InvalidValue: the conversation exists, and the payload contains a message.
        """
        if self.pk is not None and not payload.keys().isdisjoint(MESSAGE_FIELDS):
            raise InvalidValue("a conversation has its first message already; use reply()")
        return payload

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request: that of a new conversation has its first message."""
        if self.pk is not None:
            return {"side_conversation": payload}
        ids = payload.get("external_ids")
        return {"message": build_message(payload), **({"external_ids": ids} if ids else {})}

"""Events of side conversations: their messages, and changes of their state.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation_event/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.schema.accounts import remember_owners
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef, Ref, WriteOnly
from zendesk_orm.support.side_conversations.messages import build_message, normalize_values


if TYPE_CHECKING:
    from zendesk_orm.support.side_conversations.side_conversations import SideConversation
    from zendesk_orm.support.tickets.tickets import Ticket

Type = Literal["create", "reply", "update"]

_PATH = "tickets/{ticket}/side_conversations/{side_conversation}"


class SideConversationEvent(StringIdModel):
    """A message of a side conversation, or a change of its state.

    ::

        for event in conversation.events.all():
            print(event.actor["name"], event.message and event.message["body"])

    `conversation.reply()` creates a message, and `post_save` receives its event.
    """

    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    side_conversation: Ref[SideConversation]
    side_conversation_id: Id[str]
    actor: ReadOnly[dict[str, Any] | None]
    type: ReadOnly[Type]
    via: ReadOnly[str | None]
    message: ReadOnly[dict[str, Any] | None]
    updates: ReadOnly[dict[str, Any]]
    url: ReadOnly[str]
    created_at: ReadOnly[datetime]

    body: WriteOnly[str]
    html_body: WriteOnly[str]
    to: WriteOnly[list[Any]]
    attachment_ids: WriteOnly[list[Any]]

    get_type_display = Display()

    class Meta:
        parent = "side_conversation"
        required = ("side_conversation", "to")
        singular = "event"
        verbose_name = "event of a side conversation"
        verbose_name_plural = "events of side conversations"
        api = listing(
            f"{_PATH}/events", default_order=None, fits_in_memory=True, paging=(ONCE,)
        ) + Api((Endpoint(Verb.CREATE, f"{_PATH}/reply", "event", method="POST"),))

    def __init__(
        self,
        *,
        ticket: support.Ticket | int | None = None,
        ticket_id: int | None = None,
        side_conversation: support.SideConversation | str | None = None,
        **values: Any,
    ) -> None:
        """Initialize a reply; see `SideConversation.reply()`.

        Args:
            ticket, ticket_id: the ticket or its id; that of the conversation by default. It is
                part of the path of a request, not of its body.
            side_conversation: the conversation or its id.
            values: the fields.

        Raises:
            FieldError: a field does not exist or is read-only.
            InvalidValue: a recipient, a file or another value is invalid.
        """
        if side_conversation is not None:
            values["side_conversation"] = side_conversation
        super().__init__(**normalize_values(values))
        place: Any = ticket_id if ticket is None else ticket
        if place is None and isinstance(side_conversation, Model):
            place = side_conversation._row.get("ticket_id")
        if place is not None:
            relation = self._meta.relations["ticket"]
            remember_owners(self, "ticket", place)
            self.update_from_row({**self._row, "ticket_id": relation.pk_of(place)})

    @property
    def conversation_row(self) -> dict[str, Any] | None:
        """The row of the conversation in the response to the reply, or None."""
        row: dict[str, Any] | None = self.__dict__.get("_conversation_row")
        return row

    def _after_save(self, data: dict[str, Any]) -> None:
        row = data.get("side_conversation")
        self._conversation_row = row if isinstance(row, dict) else None

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of a reply.

        Raises:
            InvalidValue: the event was saved before.
        """
        if payload and self.pk is not None:
            raise InvalidValue("an event cannot be changed; use conversation.reply()")
        return payload

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a reply."""
        return {"message": build_message(payload)}

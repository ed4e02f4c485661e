"""Messages of conversations.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Messages
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import MESSAGES
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, resource
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.content import Author, Content, check_content
from zendesk_orm.messaging.rows import ConversationsModel
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.messaging.conversations import Conversation


class Message(ConversationsModel):
    """A message of a conversation: `conversation.messages.create(author=..., content=...)`.

    The list begins with the newest message. Messages cannot be changed.
    """

    conversation: Ref[Conversation]
    conversation_id: Id[str]
    received: ReadOnly[datetime]
    author: CreateOnly[Author]
    content: CreateOnly[Content]
    source: ReadOnly[dict[str, Any]]
    quoted_message: ReadOnly[dict[str, Any]]
    metadata: CreateOnly[dict[str, Any]]
    deleted: ReadOnly[bool]

    destination: WriteOnly[dict[str, Any]]
    override: WriteOnly[dict[str, Any]]
    schema: WriteOnly[str]

    class Meta:
        parent = "conversation"
        string_ids = ("conversation",)
        required = ("conversation", "author", "content")
        ordering = ("-received",)
        get_latest_by = "received"
        api = resource(
            f"{APP}/conversations/{{conversation}}/messages",
            can=LIST | CREATE | DELETE,
            default_order="-received",
            paging=(MESSAGES,),
        )

    @property
    def text(self) -> str | None:
        """The text of the content, or None."""
        content: Content | None = self.content
        return None if content is None else content.text

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of a new message.

        Raises:
            InvalidValue: the content lacks a key of its type, or has one of another type.
        """
        if isinstance(payload.get("content"), dict):
            check_content(payload["content"])
        return payload

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the message of a response, which contains a list of one."""
        rows = data.get("messages")
        return rows[0] if isinstance(rows, list) and rows else None

"""Participants: the users of a conversation.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Participants
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import LIST
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, ReadOnly, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.messaging.conversations import Conversation
    from zendesk_orm.messaging.users import User

_PATH = f"{APP}/conversations/{{conversation}}"


class Participant(ConversationsModel):
    """A user of a conversation: `conversation.participants.create(user=user)`.

    Deleting a participant lets the user leave the conversation.
    """

    conversation: Ref[Conversation]
    conversation_id: Id[str]
    user: CreateOnlyRef[User | None]
    user_id: Id[str | None]
    user_external_id: CreateOnly[str | None]
    unread_count: ReadOnly[int]
    last_read: ReadOnly[datetime | None]
    client_associations: ReadOnly[list[dict[str, Any]]]

    subscribe_sdk_client: WriteOnly[bool]

    class Meta:
        parent = "conversation"
        string_ids = ("conversation", "user")
        required = ("conversation",)
        get_latest_by = "last_read"
        api = conversations_resource(f"{_PATH}/participants", can=LIST, paged=True) + Api(
            (
                Endpoint(Verb.CREATE, f"{_PATH}/join", "participants", method="POST"),
                Endpoint(Verb.DELETE, f"{_PATH}/leave", "participants", method="POST"),
            )
        )

    def _build_delete_body(self) -> dict[str, Any]:
        """Return the body of the request by which the user leaves."""
        return {"participantId": self.pk}

"""Conversations, and their control.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Conversations
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import CONVERSATIONS
from zendesk_orm.api.vocabulary import CRUD, listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.messaging import APP
from zendesk_orm.messages import display
from zendesk_orm.messaging.attachments import Access, Attachment
from zendesk_orm.messaging.content import Author, Content
from zendesk_orm.messaging.messages import Message
from zendesk_orm.messaging.participants import Participant
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.messaging.switchboards import SwitchboardIntegration
from zendesk_orm.messaging.users import User
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_id, require_object
from zendesk_orm.schema.fields import CreateOnly, Field, Lookup, ReadOnly, WriteOnly
from zendesk_orm.write.files import File


Type = Literal["personal", "sdkGroup"]

_PATH = f"{APP}/conversations"
_ROW = f"{_PATH}/{{id}}"


class Conversation(ConversationsModel):
    """A conversation with users: `Conversation.objects.create(type="personal", users=[user])`.

    ::

        conversation.send("Hello")
        conversation.send_file("offer.pdf")
        for message in conversation.messages.all()[:20]:
            print(message.received, message.author.display_name, message.text)

    Conversations are listed by user: `user.conversations`, or
    `Conversation.objects.filter(user_external_id="42")`.
    """

    type: CreateOnly[Type]
    metadata: Field[dict[str, Any]]
    active_switchboard_integration: ReadOnly[SwitchboardIntegration | None]
    pending_switchboard_integration: ReadOnly[SwitchboardIntegration | None]
    is_default: ReadOnly[bool]
    display_name: Field[str | None]
    description: Field[str | None]
    icon_url: Field[str | None]
    business_last_read: ReadOnly[datetime | None]
    last_updated_at: ReadOnly[datetime | None]
    created_at: ReadOnly[datetime | None]

    users: WriteOnly[list[User]]

    user: Lookup[User]
    user_external_id: Lookup[str]

    messages: Many[Message]
    participants: Many[Participant]

    class Meta:
        required = ("type",)
        api = (
            conversations_resource(_PATH, can=CRUD, paged=True)
            + listing(
                _PATH,
                filters={"user": "filter[userId]"},
                required=("user",),
                default_order=None,
                paging=(CONVERSATIONS,),
            )
            + listing(
                _PATH,
                filters={"user_external_id": "filter[userExternalId]"},
                required=("user_external_id",),
                default_order=None,
                paging=(CONVERSATIONS,),
            )
        )

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request, in which users are participants."""
        users = payload.pop("users", None)
        if users:
            payload["participants"] = [{"userId": pk} for pk in users]
        return super()._wrap_payload(payload)

    # -- messages --------------------------------------------------------------

    def send(
        self,
        content: str | Content | Mapping[str, Any],
        *,
        author: Author | User | None = None,
        **values: Any,
    ) -> Message:
        """Send a message, and return it.

        Args:
            content: a text, a `Content`, or a dictionary of its fields.
            author: the author, or a user; by default the business.
            values: other fields of the message: `metadata={"order": "7"}`.

        Raises:
            InvalidValue: the content lacks a key of its type, or has one of another type.
            Conflict: the conversation has 30,000 messages.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/conversations/#operation/PostMessage
        """
        if isinstance(content, str):
            content = Content(type="text", text=content)
        return self.messages.create(author=_to_author(author), content=content, **values)

    @check_arguments
    def send_file(
        self,
        file: File,
        filename: str | None = None,
        *,
        author: Author | User | None = None,
        access: Access = "public",
        **values: Any,
    ) -> Message:
        """Upload a file, and send it as a message: an image, if it is one.

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: the name of the file; by default the last part of its path.
            author, values: see `send()`.
            access: see `Attachment.objects.upload()`.

        Raises:
            InvalidValue: the file has no name, is in text mode, or is too large.
            OSError: the file cannot be read.
            ApiError, TransportError.
        """
        files = Attachment.objects.using(self._session().alias)
        attachment = files.upload(file, filename, conversation=self, access=access)
        kind: Any = "image" if (attachment.media_type or "").startswith("image/") else "file"
        content = Content(type=kind, media_url=attachment.media_url)
        return self.send(content, author=author, **values)

    @action("DELETE", f"{_ROW}/messages", name="delete_messages")
    def delete_messages(self) -> None:
        """Delete all messages.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.
        """
        self._call("delete_messages")
        self._session().account.changes.note(Message, {})

    @action("POST", f"{_ROW}/download")
    def download_message_ref(self, body: Mapping[str, Any]) -> Any:
        """Return the content of a message that a channel stores, and its app cannot read.

        Args:
            body: the reference, under Zendesk's names.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/conversations/#operation/DownloadMessageRef
        """
        return self._call("download_message_ref", dict(body))

    # -- participants ----------------------------------------------------------

    @check_arguments
    def join(
        self,
        user: User | str | None = None,
        *,
        external_id: str | None = None,
        subscribe_sdk_client: bool | None = None,
    ) -> Participant:
        """Add a user, and return the participant.

        Args:
            user: the user, or the id.
            external_id: the id of the user in another system, instead of the user.
            subscribe_sdk_client: whether the clients of the SDK show the conversation.

        Raises:
            InvalidValue: neither or both are given.
            ApiError, TransportError.
        """
        values = _identify(user, external_id)
        if subscribe_sdk_client is not None:
            values["subscribe_sdk_client"] = subscribe_sdk_client
        return self.participants.create(**values)

    @action("POST", f"{_ROW}/leave")
    def leave(self, user: User | str | None = None, *, external_id: str | None = None) -> None:
        """Remove a user.

        Args:
            user: the user, or the id.
            external_id: the id of the user in another system, instead of the user.

        Raises:
            InvalidValue: neither or both are given.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        values = _identify(user, external_id)
        names = {"user_id": "userId", "user_external_id": "userExternalId"}
        self._call("leave", {names[name]: value for name, value in values.items()})
        self._session().account.changes.note(Participant, {})

    # -- activities ------------------------------------------------------------

    def start_typing(self) -> None:
        """Show the users that the business is typing.

        Raises:
            ApiError, TransportError.
        """
        self.post_activity("typing:start")

    def stop_typing(self) -> None:
        """Show the users that the business is no longer typing.

        Raises:
            ApiError, TransportError.
        """
        self.post_activity("typing:stop")

    def mark_as_read(self, author: Author | User | None = None) -> None:
        """Mark the messages as read by the business, or by a user.

        Raises:
            ApiError, TransportError.
        """
        self.post_activity("conversation:read", author)

    @action("POST", f"{_ROW}/activity", name="post_activity", repeatable=True)
    def post_activity(
        self,
        activity: Literal["conversation:read", "typing:start", "typing:stop"],
        author: Author | User | None = None,
    ) -> None:
        """Report an activity of the author.

        Args:
            activity: the activity.
            author: the author, or a user; by default the business.

        Raises:
            InvalidValue: the author is a user, whose only activity is `conversation:read`.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/conversations/#tag/Activity
        """
        sender = _to_author(author)
        if sender.type == "user" and activity != "conversation:read":
            raise InvalidValue("the only activity of users is 'conversation:read'")
        field = Message._meta.fields["author"]
        self._call("post_activity", {"author": field.serialize(sender), "type": activity})

    # -- control ---------------------------------------------------------------

    @action("POST", f"{_ROW}/passControl")
    def pass_control(
        self,
        switchboard_integration: SwitchboardIntegration | str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Let another integration control the conversation.

        Args:
            switchboard_integration: the integration, its id or name, or `"next"`.
            reason: the reason.
            metadata: values for the integration.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/conversations/#tag/Switchboard-Actions
        """
        target = _to_target(switchboard_integration)
        self._change_control(
            "pass_control", switchboardIntegration=target, reason=reason, metadata=metadata
        )

    @action("POST", f"{_ROW}/offerControl")
    def offer_control(
        self,
        switchboard_integration: SwitchboardIntegration | str,
        *,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Offer the control of the conversation to another integration; see `pass_control()`."""
        target = _to_target(switchboard_integration)
        self._change_control("offer_control", switchboardIntegration=target, metadata=metadata)

    @action("POST", f"{_ROW}/acceptControl")
    def accept_control(self, *, metadata: Mapping[str, Any] | None = None) -> None:
        """Accept the control that was offered to the integration whose key is used.

        Raises:
            PermissionDenied: nothing was offered to it.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        self._change_control("accept_control", metadata=metadata)

    @action("POST", f"{_ROW}/releaseControl")
    def release_control(
        self, *, reason: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Give the control of the conversation back, so that the next message decides.

        Raises:
            PermissionDenied: the integration whose key is used does not control it.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        self._change_control("release_control", reason=reason, metadata=metadata)

    def _change_control(self, name: str, **values: Any) -> None:
        self._call(name, {key: value for key, value in values.items() if value is not None})
        self._session().expire(self)


def _to_author(author: Author | User | None) -> Author:
    """Return the author of a message.

    Raises:
        InvalidValue: it is neither an author nor a user.
    """
    if author is None:
        return Author(type="business")
    if isinstance(author, User):
        return Author(type="user", user=author)
    return cast("Author", require_object(Author, author, None, "author"))


def _identify(user: User | str | None, external_id: str | None) -> dict[str, Any]:
    """Return the field that identifies a participant.

    Raises:
        InvalidValue: neither or both are given, or the user was never saved.
    """
    if (user is None) is (external_id is None):
        raise InvalidValue("pass either a user or an external_id")
    if external_id is not None:
        return {"user_external_id": external_id}
    return {"user_id": require_id(User, user, None, "user")}


def _to_target(value: SwitchboardIntegration | str) -> str:
    """Return the id or the name of an integration.

    Raises:
        InvalidValue: it is neither, or the integration was never saved.
    """
    pk: Any = value.pk if isinstance(value, SwitchboardIntegration) else value
    if not isinstance(pk, str) or not pk:
        raise InvalidValue(f"{display(value)} is not a saved integration, its id or its name")
    return pk

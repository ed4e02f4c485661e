"""Files of messages.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Attachments
"""

from __future__ import annotations

from typing import Any, Literal

from zendesk_orm import messaging
from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import Progress
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import ConversationsModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write.files import NOT_SENT, File, outgoing
from zendesk_orm.write.forms import send_form


#: The readers of a file: everybody with its address, or participants. The second is unconfirmed.
Access = Literal["public", "private"]

_PATH = f"{APP}/attachments"


class AttachmentManager(Manager["Attachment"]):
    """The manager `Attachment.objects`, which uploads files."""

    @action("POST", _PATH, key="attachment")
    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        conversation: messaging.Conversation | str | None = None,
        access: Access = "public",
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> Attachment:
        """Upload a file of up to 50 MB, whose address a message can contain.

        ::

            photo = Attachment.objects.upload("photo.png", conversation=conversation)
            conversation.send(Content(type="image", media_url=photo.media_url))

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: the name of the file; by default the last part of its path.
            conversation: the conversation of the message, or its id.
            access: `"public"`, or `"private"`, which is unconfirmed.
            content_type: its MIME type; by default guessed from its name.
            progress: a function called with the bytes sent so far and the total.

        Raises:
            InvalidValue: the file has no name, is in text mode, or is too large.
            OSError: the file cannot be read.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/conversations/#operation/UploadAttachment
        """
        source = outgoing(file, filename, content_type)
        params: dict[str, str] = {"access": access}
        if conversation is not None:
            pk = conversation if isinstance(conversation, str) else conversation.pk
            if not pk:
                raise InvalidValue("conversation has no id yet; save it before uploading files")
            params |= {"for": "message", "conversationId": pk}
        return send_form(
            self._session,
            self.model,
            "upload",
            source,
            part="source",
            params=params,
            progress=progress,
            then=lambda row: self._from_rows([self.model._meta.with_id(row)])[0],
            in_dry_run=self.model.from_row({"mediaUrl": NOT_SENT, "mediaType": source.type}),
        )


class Attachment(ConversationsModel):
    """An uploaded file. Its id is its address."""

    objects = AttachmentManager.as_manager()

    media_url: ReadOnly[str]
    media_type: ReadOnly[str]

    class Meta:
        pk_key = "mediaUrl"
        api = Api((Endpoint(Verb.DELETE, f"{_PATH}/remove", "attachments", method="POST"),))

    def _build_delete_body(self) -> dict[str, Any]:
        """Return the body of the request that removes the file."""
        return {"mediaUrl": self.media_url}

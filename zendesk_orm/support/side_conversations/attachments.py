"""Files of the messages of side conversations.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation_attachment/
"""

from __future__ import annotations

from zendesk_orm.api.actions import action
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write.files import NOT_SENT, File, outgoing
from zendesk_orm.write.forms import send_form


class SideConversationAttachmentManager(Manager["SideConversationAttachment"]):
    """The manager `SideConversationAttachment.objects`, which uploads files."""

    @action("POST", "tickets/side_conversations/attachments")
    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> SideConversationAttachment:
        """Upload a file, which a message of a side conversation can contain.

        ::

            file = SideConversationAttachment.objects.upload("offer.pdf")
            conversation.reply("Here it is", attachments=[file])

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: the name of the file; by default the last part of its path.
            content_type: its MIME type; by default guessed from its name.
            progress: a function called with the bytes sent so far and the total.

        Raises:
            InvalidValue: the file has no name, is in text mode, or is too large.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation_attachment/#create-attachment
        """
        source = outgoing(file, filename, content_type)
        return send_form(
            self._session,
            self.model,
            "upload",
            source,
            progress=progress,
            then=lambda row: self._from_rows([row])[0],
            in_dry_run=self.model.from_row({"id": NOT_SENT, "name": source.name}),
        )


class SideConversationAttachment(StringIdModel):
    """An uploaded file, which a message of a side conversation can contain."""

    objects = SideConversationAttachmentManager.as_manager()

    name: ReadOnly[str]
    content_type: ReadOnly[str]
    size: ReadOnly[int]
    width: ReadOnly[int | None]
    height: ReadOnly[int | None]

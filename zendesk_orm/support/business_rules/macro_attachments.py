"""Files that macros add to comments.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#json-format-for-macro-attachments
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.write.files import File, outgoing
from zendesk_orm.write.forms import send_form


if TYPE_CHECKING:
    from zendesk_orm.support.business_rules.macros import Macro


class MacroAttachmentManager(Manager["MacroAttachment"]):
    """The manager `MacroAttachment.objects`, with uploads of files."""

    @action("POST", "macros/attachments", key="macro_attachment")
    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        macro: support.Macro | int | None = None,
        progress: Progress | None = None,
    ) -> MacroAttachment:
        """Upload a file that a macro adds to its comment; see also `macro.attach()`.

        A file without `macro` is passed to a new macro as `attachments_`; Zendesk discards
        unused files after some time.

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: the name of the file; by default the last part of its path.
            content_type: its MIME type; by default guessed from its name.
            macro: the macro, or its id, to attach the file to.
            progress: a function called with the number of bytes sent and the total.

        Raises:
            InvalidValue: the file has no name, or exceeds Zendesk's size limit.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#create-unassociated-macro-attachment
        """
        source = outgoing(file, filename, content_type)
        pk = macro if macro is None else self._session.id_of("Macro", macro, "upload")
        values = {} if pk is None else {"macro_id": pk}
        return send_form(
            self._session,
            self.model if pk is None else registry.find("Macro", "support"),
            "upload" if pk is None else "attach",
            source,
            part="attachment",
            fields={"filename": source.name},
            path={"id": pk},
            progress=progress,
            then=lambda row: self._from_rows([{**row, **values}])[0],
            in_dry_run=self.model.from_row(values),
        )


class MacroAttachment(Model):
    """A file that a macro adds to its comment."""

    objects = MacroAttachmentManager.as_manager()

    macro: ReadOnlyRef[Macro | None]
    macro_id: Id[int | None]
    filename: ReadOnly[str]
    content_type: ReadOnly[str]
    content_url: ReadOnly[str]
    size: ReadOnly[int]
    created_at: ReadOnly[datetime]

    class Meta:
        parent = "macro"
        api = resource("macros/attachments", can=SHOW, key="macro_attachments") + listing(
            "macros/{macro}/attachments",
            key="macro_attachments",
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def read(self) -> bytes:
        """Return the bytes of the file.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.
        """
        buffer = io.BytesIO()
        link = Remote((self.content_url,), self.filename, f"attachment-{self.pk}", self.size)
        downloads.write_to(self._session().transport, link, buffer, None)
        return buffer.getvalue()

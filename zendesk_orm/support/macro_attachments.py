"""Files that macros add to comments.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#json-format-for-macro-attachments
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.write import forms, uploads
from zendesk_orm.write.uploads import File


if TYPE_CHECKING:
    from zendesk_orm.support.macros import Macro


class MacroAttachmentManager(Manager["MacroAttachment"]):
    """`MacroAttachment.objects`, which sends files."""

    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        macro: Macro | int | None = None,
        progress: Progress | None = None,
    ) -> MacroAttachment:
        """Send a file that a macro adds to its comment: `macro.attach("terms.pdf")`.

        One that no macro has yet is named in `attachments_` of a new macro, and is
        thrown away after a while otherwise.

        Args:
            file: a path, bytes, or a file that is open for reading bytes.
            filename: what it will be called; by default the last part of its path.
            content_type: its MIME type; by default what its name suggests.
            macro: the macro, or its id, that gets it.
            progress: is called with the bytes that are done, and those there are.

        Raises:
            InvalidValue: it has no name, or is larger than Zendesk takes.
            OSError: it cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#create-unassociated-macro-attachment
        """
        found = uploads.outgoing(file, filename, content_type)
        pk = macro if macro is None else self._session.id_of("Macro", macro, "upload")
        row = forms.send(
            self._session,
            self.model if pk is None else registry.find("Macro", "support"),
            "upload" if pk is None else "attach",
            found,
            part="attachment",
            fields={"filename": found.name},
            places={"id": pk},
            progress=progress,
        )
        told = {} if pk is None else {"macro_id": pk}
        return self._made([{**row, **told}])[0] if row else self.model.from_row(told)


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
        api = (
            resource("macros/attachments", can="show", key="macro_attachments")
            + listed(
                "macros/{macro}/attachments", key="macro_attachments", small=True, paging=(ONCE,)
            )
            + action("upload", "POST", "macros/attachments", "macro_attachment")
        )

    def read(self) -> bytes:
        """Return the bytes of the file.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.
        """
        whole = io.BytesIO()
        link = Remote((self.content_url,), self.filename, f"attachment-{self.pk}", self.size)
        downloads.poured(self._session().transport, link, whole, None)
        return whole.getvalue()

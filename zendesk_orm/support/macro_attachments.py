"""Files that macros add to comments.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#json-format-for-macro-attachments
"""

from __future__ import annotations

import io
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.http.bodies import Body, Progress
from zendesk_orm.http.request import Request
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.session.pages import held
from zendesk_orm.write import uploads
from zendesk_orm.write.uploads import File, Outgoing


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
        endpoint = self._query.meta.endpoint(Verb.ACTION, "upload")
        pk = getattr(macro, "pk", macro)
        path = endpoint.url if pk is None else f"/api/v2/macros/{pk}/attachments"
        with found.body(None) as body:
            content, kind = _form(found, bytes(body))
            request = Request(
                endpoint.method,
                path,
                headers={"Content-Type": kind},
                body=Body(io.BytesIO(content), progress=progress),
                once=True,
            )
            row = held(request, self._session.transport.send(request), endpoint.key)
        return self._made([row if pk is None else {**row, "macro_id": pk}])[0]


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


def _form(file: Outgoing, content: bytes) -> tuple[bytes, str]:
    """Return a form with a file and its name, and the form's type."""
    mark = secrets.token_hex(16)
    name = file.name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
    parts = (
        f'--{mark}\r\nContent-Disposition: form-data; name="filename"\r\n\r\n{file.name}\r\n'
        f'--{mark}\r\nContent-Disposition: form-data; name="attachment"; filename="{name}"\r\n'
        f"Content-Type: {file.type}\r\n\r\n"
    )
    whole = parts.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return whole, f"multipart/form-data; boundary={mark}"

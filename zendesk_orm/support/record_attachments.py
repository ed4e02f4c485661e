"""Files at the records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.plan.parameters import located
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Row
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.support.placed import PlacedManager
from zendesk_orm.write import forms
from zendesk_orm.write.uploads import File, outgoing


if TYPE_CHECKING:
    from zendesk_orm.support.custom_objects import CustomObjectRecord

_PATH = "custom_objects/{custom_object_key}/records/{custom_object_record}/attachments"
_KEY = "custom_object_record_attachment"


class CustomObjectRecordAttachmentManager(PlacedManager["CustomObjectRecordAttachment"]):
    """`CustomObjectRecordAttachment.objects`, and `record.attachments`, which send files."""

    _places = ("custom_object_key", "custom_object_record")

    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> CustomObjectRecordAttachment:
        """Attach a file to a record: `record.attachments.upload("contract.pdf")`.

        Args:
            file: a path, bytes, or a file that is open for reading bytes.
            filename: what it will be called; by default the last part of its path.
            content_type: its MIME type; by default what its name suggests.
            progress: is called with the bytes that are done, and those there are.

        Raises:
            InvalidValue: it has no name, or is larger than Zendesk takes; or the query names
                no record.
            OSError: it cannot be read.
            BadRequest: the object's records take no attachments.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/#create-custom-object-record-attachment
        """
        fixed, session = self._query.fixed, self._session
        places = {name: fixed[name] for name in self._places if name in fixed}
        if len(places) < len(self._places):
            raise InvalidValue("a file is attached to a record: record.attachments.upload()")
        found = outgoing(file, filename, content_type)
        told = {
            "custom_object_key": places["custom_object_key"],
            "custom_object_record_id": places["custom_object_record"],
        }
        row = forms.send(
            session,
            self.model,
            "upload",
            found,
            part="uploaded_data",
            places=places,
            progress=progress,
        )
        return self._made([{**told, **row}])[0] if row else self.model.from_row(told)


class CustomObjectRecordAttachment(Model):
    """A file at a record of a custom object."""

    objects = CustomObjectRecordAttachmentManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    custom_object_key: ReadOnly[str]
    custom_object_record: ReadOnlyRef[CustomObjectRecord]
    custom_object_record_id: Id[str]
    filename: ReadOnly[str]
    content_type: ReadOnly[str]
    content_url: ReadOnly[str]
    size: ReadOnly[int]
    created_by: ReadOnly[str]
    created_at: ReadOnly[datetime]
    malware_access_override: Field[bool]
    malware_scan_status: ReadOnly[str | None]
    malware_scan_completed_at: ReadOnly[datetime | None]

    class Meta:
        verbose_name = "attachment of a record"
        verbose_name_plural = "attachments of records"
        api = (
            resource(
                _PATH,
                can="list update delete",
                key=f"{_KEY}s",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + action("upload", "POST", _PATH, _KEY)
            + action("download", "GET", f"{_PATH}/{{id}}/download")
        )

    def absorb(self, row: Row, sent: Iterable[str] = ()) -> None:
        """Take over a new row; what only the path tells stays."""
        told: Row = {
            key: self._row[key]
            for key in ("custom_object_key", "custom_object_record_id")
            if key in self._row
        }
        super().absorb(type(row)({**told, **row}), sent)

    def download(
        self, to: str | os.PathLike[str] | None = None, *, overwrite: bool = False
    ) -> Path:
        """Write the file to a path, or into a directory, and return the path.

        Args:
            to: a path, or a directory, where it gets the file's name; the present directory
                by default.
            overwrite: whether a file that is at the path may be replaced.

        Raises:
            FileExistsError: there is a file at the path, and nothing was asked for.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/#download-custom-object-record-attachment
        """
        transport = self._session().transport
        return downloads.saved(transport, self._remote(), to, overwrite=overwrite)

    def read(self) -> bytes:
        """Return the bytes of the file; see `download()` for what is raised."""
        whole = io.BytesIO()
        downloads.poured(self._session().transport, self._remote(), whole)
        return whole.getvalue()

    def _remote(self) -> Remote:
        endpoint = self._meta.endpoint(Verb.ACTION, "download")
        places: dict[str, Any] = {
            "custom_object_key": self.custom_object_key,
            "custom_object_record": self.custom_object_record_id,
            "id": self.pk,
        }
        link = f"{self._session().transport.base_url}{located(endpoint, places)}"
        return Remote((link,), self.filename, f"attachment-{self.pk}", self.size)

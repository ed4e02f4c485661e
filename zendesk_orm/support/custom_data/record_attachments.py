"""Files of custom object records.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import DELETE, LIST, UPDATE, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Row
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.support.placed import PlacedManager
from zendesk_orm.write.files import File, outgoing
from zendesk_orm.write.forms import send_form


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_objects import CustomObjectRecord

_PATH = "custom_objects/{custom_object_key}/records/{custom_object_record}/attachments"
_KEY = "custom_object_record_attachment"


class CustomObjectRecordAttachmentManager(PlacedManager["CustomObjectRecordAttachment"]):
    """`CustomObjectRecordAttachment.objects` and `record.attachments`, which upload files."""

    _places = ("custom_object_key", "custom_object_record")

    @action("POST", _PATH, key=_KEY)
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
            file: a path, bytes, or a file opened for reading bytes.
            filename: its name in Zendesk; by default the last part of its path.
            content_type: its MIME type; by default guessed from its name.
            progress: is called with the bytes sent so far and the total.

        Raises:
            InvalidValue: the file has no name or is too large, or the query has no record.
            OSError: the file cannot be read.
            BadRequest: the object does not allow attachments.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/#create-custom-object-record-attachment
        """
        fixed, session = self._query.exact_values, self._session
        places = {name: fixed[name] for name in self._places if name in fixed}
        if len(places) < len(self._places):
            raise InvalidValue("the query must have a record: use record.attachments.upload()")
        upload = outgoing(file, filename, content_type)
        parents = {
            "custom_object_key": places["custom_object_key"],
            "custom_object_record_id": places["custom_object_record"],
        }
        return send_form(
            session,
            self.model,
            "upload",
            upload,
            part="uploaded_data",
            path=places,
            progress=progress,
            then=lambda row: self._from_rows([{**parents, **row}])[0],
            in_dry_run=self.model.from_row(parents),
        )


class CustomObjectRecordAttachment(StringIdModel):
    """A file of a custom object record."""

    objects = CustomObjectRecordAttachmentManager.as_manager()

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
        api = resource(
            _PATH,
            can=LIST | UPDATE | DELETE,
            key=f"{_KEY}s",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def update_from_row(
        self, row: Row, sent: Iterable[str] = (), written: Iterable[str] = ()
    ) -> None:
        """Update the object from a row; the ids of its parents, which rows lack, are preserved."""
        parents: Row = {
            key: self._row[key]
            for key in ("custom_object_key", "custom_object_record_id")
            if key in self._row
        }
        super().update_from_row(type(row)({**parents, **row}), sent, written)

    @action("GET", f"{_PATH}/{{id}}/download")
    def download(
        self, to: str | os.PathLike[str] | None = None, *, overwrite: bool = False
    ) -> Path:
        """Download the file to a path or into a directory, and return the path.

        Args:
            to: a path, or a directory, in which the file gets its name; by default the current
                directory.
            overwrite: whether an existing file may be replaced.

        Raises:
            FileExistsError: the path exists; nothing was requested.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/#download-custom-object-record-attachment
        """
        transport = self._session().transport
        return downloads.save_to(transport, self._remote(), to, overwrite=overwrite)

    def read(self) -> bytes:
        """Return the bytes of the file; see `download()` for the errors."""
        buffer = io.BytesIO()
        downloads.write_to(self._session().transport, self._remote(), buffer)
        return buffer.getvalue()

    def _remote(self) -> Remote:
        endpoint = self._meta.endpoint(Verb.ACTION, "download")
        places: dict[str, Any] = {
            "custom_object_key": self.custom_object_key,
            "custom_object_record": self.custom_object_record_id,
            "id": self.pk,
        }
        link = f"{self._session().transport.base_url}{endpoint.fill_path(places)}"
        return Remote((link,), self.filename, f"attachment-{self.pk}", self.size)

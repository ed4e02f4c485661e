"""Uploads: files that can be attached to a comment.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#upload-files
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import DELETE, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.loading import load_int, load_str
from zendesk_orm.schema.row import Row
from zendesk_orm.session.action_bodies import part_of, value_of
from zendesk_orm.session.responses import objects_in
from zendesk_orm.session.session import Session
from zendesk_orm.session.threads import run_in_thread
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.write.files import File, Outgoing, outgoing, upload


class UploadManager(Manager["Upload"]):
    """The manager `Upload.objects`, with uploads of files."""

    @action("POST", "uploads", key="upload")
    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        token: str | Upload | None = None,
        progress: Progress | None = None,
    ) -> Upload:
        """Upload a file, which can be attached to a comment.

        ::

            upload = Upload.objects.upload("report.pdf")
            ticket.comments.create(body="Here it is", uploads=[upload.token])

        The file is streamed, not loaded into memory as a whole. An open file is sent from its
        current position, and rewound to that position for a retry; a file that cannot be rewound
        is not retried.

        Args:
            file: a path, bytes, or a file opened for reading bytes, which stays open.
            filename: the name of the file; by default the last part of its path.
            content_type: its MIME type; by default guessed from its name.
            token: an upload, or its token, to add the file to.
            progress: a function called after each chunk with the number of bytes sent and the
                total, or None if the total is unknown; it starts over for a retry.

        Raises:
            InvalidValue: the file has no name, is in text mode, or exceeds Zendesk's size limit.
            OSError: the file cannot be read.
            NotFound: the token has expired.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        source = outgoing(file, filename, content_type)
        return self._from_rows([self._send(source, _token(self._session, token), progress)])[0]

    @check_arguments
    def upload_all(
        self,
        files: Iterable[File | tuple[str, File] | tuple[str, File, str]],
        *,
        token: str | Upload | None = None,
        progress: Progress | None = None,
    ) -> Upload:
        """Upload files one after the other under one token, after validating all of them.

        Args:
            files: files as accepted by `upload()`, or tuples `(filename, file)` or
                `(filename, file, content_type)`.
            token: an upload, or its token, to add the files to.
            progress: a function called with the number of bytes sent and the total of all files.

        Returns:
            The upload, with all files.

        Raises:
            InvalidValue: `files` is empty, or a file is invalid; nothing was sent.
            ConnectionLost: it is unknown whether a file was added; it is not sent again, because
                that could add it twice.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        sources = [outgoing(*_parts(item)) for item in files]
        if not sources:
            raise InvalidValue("upload_all() requires at least one file")
        shared_token, offset = _token(self._session, token), 0
        sizes = [source.size for source in sources if source.size is not None]
        total = sum(sizes) if len(sizes) == len(sources) else None
        rows: list[Row] = []
        for source in sources:
            rows.append(self._send(source, shared_token, _shift(progress, offset, total)))
            shared_token = value_of(rows[-1], "token", load_str)
            offset += source.size or value_of(part_of(rows[-1], "attachment"), "size", load_int, 0)
        return self._from_rows([_merge(rows)])[0]

    async def aupload(self, file: File, filename: str | None = None, **options: Any) -> Upload:
        """Upload a file; see `upload()`."""
        return await run_in_thread(self._session, self.upload, file, filename, **options)

    async def aupload_all(self, files: Iterable[Any], **options: Any) -> Upload:
        """Upload files under one token; see `upload_all()`."""
        return await run_in_thread(self._session, self.upload_all, files, **options)

    def _send(self, file: Outgoing, token: str | None, progress: Progress | None) -> Row:
        """Send a file, and return the row of the upload."""
        endpoint = self.model._meta.endpoint(Verb.ACTION, "upload")
        return upload(self._session, endpoint, file, token, progress)


class Upload(StringIdModel):
    """Uploaded files under one token, which comments attach with `uploads`; its id is the token.

    The token is valid for an hour and for one comment.
    """

    objects = UploadManager.as_manager()

    token: ReadOnly[str]
    expires_at: ReadOnly[datetime]
    attachment: ReadOnly[Attachment | None]
    attachments: ReadOnly[list[Attachment]]

    class Meta:
        pk_key = "token"
        api = resource("uploads", can=DELETE)


def _token(session: Session, upload: str | Upload | None) -> str | None:
    """Return the token of an upload."""
    token: str | None = None if upload is None else session.id_of(Upload, upload, "token")
    return token


def _parts(item: Any) -> tuple[Any, str | None, str | None]:
    """Return the file, name and MIME type of an item passed to `upload_all()`."""
    if not isinstance(item, tuple):
        return item, None, None
    if len(item) not in {2, 3}:
        raise InvalidValue(
            "a tuple must be (filename, file) or (filename, file, content_type), "
            f"not {len(item)} values"
        )
    return item[1], item[0], item[2] if len(item) == 3 else None


def _shift(progress: Progress | None, offset: int, total: int | None) -> Progress | None:
    """Return a callback for one file that reports the progress of all files."""
    if progress is None:
        return None
    return lambda done, _: progress(offset + done, total)


def _merge(rows: list[Row]) -> Row:
    """Return the last row with the files of all rows; Zendesk may omit the earlier ones."""
    files = {
        str(file.get("id")): file
        for row in rows
        for file in (*objects_in(row, "attachments"), part_of(row, "attachment"))
        if file
    }
    return {**rows[-1], "attachments": list(files.values())}

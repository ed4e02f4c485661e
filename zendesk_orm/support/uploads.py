"""Uploads: files that wait to be attached to a comment.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#upload-files
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import Progress
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.row import Row
from zendesk_orm.session.session import Session
from zendesk_orm.session.threads import threaded
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.write import uploads
from zendesk_orm.write.uploads import File, Outgoing


class UploadManager(Manager["Upload"]):
    """`Upload.objects`, which sends files."""

    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        token: str | Upload | None = None,
        progress: Progress | None = None,
    ) -> Upload:
        """Send a file; a comment that names the upload attaches it.

        ::

            upload = Upload.objects.upload("report.pdf")
            ticket.comments.create(body="Here it is", uploads=[upload.token])

        It is sent as it is read, and never held whole in memory. A file that is open is sent
        from its present position on, and put back there before it is sent again; one that
        cannot be put back is sent once.

        Args:
            file: a path, bytes, or a file that is open for reading bytes and stays open.
            filename: what it will be called; by default the last part of its path.
            content_type: its MIME type; by default what its name suggests.
            token: an upload, or its token, that the file is to join.
            progress: is called with the bytes that are done, and those there are or None,
                after each chunk; from the beginning again where the file is sent again.

        Raises:
            InvalidValue: it has no name, gives text, or is larger than Zendesk takes.
            OSError: it cannot be read.
            NotFound: the token is none any more.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        found = uploads.outgoing(file, filename, content_type)
        return self._made([self._row(found, _token(self._session, token), progress)])[0]

    def upload_all(
        self,
        files: Iterable[File | tuple[str, File] | tuple[str, File, str]],
        *,
        token: str | Upload | None = None,
        progress: Progress | None = None,
    ) -> Upload:
        """Send files, one after the other, under one token; all are looked at before.

        Args:
            files: what `upload()` takes, each by itself, or with its name before it, or with
                its name before it and its type behind it.
            token: an upload, or its token, that they are to join.
            progress: is told of all files together.

        Returns:
            The upload that holds them all.

        Raises:
            InvalidValue: there is no file, or one is unfit; nothing was sent.
            ConnectionLost: whether a file joined the others is not known: it is not sent
                again, because it could be there twice.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        found = [uploads.outgoing(*_parts(each)) for each in files]
        if not found:
            raise InvalidValue("there are no files to upload")
        known, before = _token(self._session, token), 0
        sizes = [each.size for each in found if each.size is not None]
        total = sum(sizes) if len(sizes) == len(found) else None
        rows: list[Row] = []
        for each in found:
            rows.append(self._row(each, known, _moved(progress, before, total)))
            known = rows[-1].get("token")
            before += each.size or rows[-1].get("attachment", {}).get("size", 0)
        return self._made([_joined(rows)])[0]

    async def aupload(self, file: File, filename: str | None = None, **options: Any) -> Upload:
        """Send a file; see `upload()`."""
        return await threaded(self._session, self.upload, file, filename, **options)

    async def aupload_all(self, files: Iterable[Any], **options: Any) -> Upload:
        """Send files under one token; see `upload_all()`."""
        return await threaded(self._session, self.upload_all, files, **options)

    def _row(self, file: Outgoing, token: str | None, progress: Progress | None) -> Row:
        endpoint = self.model._meta.endpoint(Verb.ACTION, "upload")
        return uploads.upload(self._session, endpoint, file, token, progress)


class Upload(Model):
    """Files under one token, which a comment names in `uploads`; its id is the token.

    The token lasts an hour, and is spent by the first comment that names it.
    """

    objects = UploadManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the token, in the place of an id
    token: ReadOnly[str]
    expires_at: ReadOnly[datetime]
    attachment: ReadOnly[Attachment | None]
    attachments: ReadOnly[list[Attachment]]

    class Meta:
        known_by = "token"
        api = resource("uploads", can="delete") + action("upload", "POST", "uploads", "upload")


def _token(session: Session, given: str | Upload | None) -> str | None:
    found: str | None = None if given is None else session.id_of(Upload, given, "token")
    return found


def _parts(given: Any) -> tuple[Any, str | None, str | None]:
    """Return file, name and type of what stands for a file."""
    if not isinstance(given, tuple):
        return given, None, None
    if len(given) not in {2, 3}:
        raise InvalidValue(f"wants (name, file) or (name, file, type), not {len(given)} values")
    return given[1], given[0], given[2] if len(given) == 3 else None


def _moved(progress: Progress | None, before: int, total: int | None) -> Progress | None:
    """Return what makes the progress of one file that of all."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def _joined(rows: list[Row]) -> Row:
    """Return the last row with the files of all; that it names the earlier, nobody promises."""
    files = {
        file["id"]: file
        for row in rows
        for file in (*row.get("attachments", ()), row.get("attachment"))
        if file
    }
    return {**rows[-1], "attachments": list(files.values())}

"""Attachments of comments, and photos of users and logos of brands.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, Any, TypeVar, overload

from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.vocabulary import DELETE, SHOW, UPDATE, resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.session.threads import run_in_thread


F = TypeVar("F", bound=IO[bytes])


class Attachment(Model):
    """A file stored by Zendesk."""

    url: ReadOnly[str]
    file_name: ReadOnly[str]
    content_url: ReadOnly[str]
    mapped_content_url: ReadOnly[str | None]
    content_type: ReadOnly[str | None]
    size: ReadOnly[int]
    width: ReadOnly[int | None]
    height: ReadOnly[int | None]
    inline: ReadOnly[bool]
    deleted: ReadOnly[bool]
    malware_access_override: Field[bool]
    malware_scan_result: ReadOnly[str | None]
    thumbnails: ReadOnly[list[dict[str, Any]]]

    class Meta:
        api = resource("attachments", can=SHOW | UPDATE | DELETE)

    @overload
    def download(
        self,
        to: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Path: ...
    @overload
    def download(self, to: F, *, progress: Progress | None = None) -> F: ...
    @check_arguments
    def download(
        self, to: Any = None, *, overwrite: bool = False, progress: Progress | None = None
    ) -> Any:
        """Download the file to a path, a directory or an open file.

        The content is streamed and not loaded into memory as a whole. A path contains either the
        complete file or nothing. Zendesk stores files at other hosts: redirects are followed over
        https only, and the account's credentials are not sent.

        Args:
            to: a path; a directory, in which the file gets the attachment's sanitized name; None
                for the current directory; or a file opened for writing bytes.
            overwrite: whether to replace an existing file at the path.
            progress: a function called after each chunk with the number of bytes received and
                the total; it starts over if the connection was lost.

        Returns:
            The path, or the open file.

        Raises:
            FileExistsError: a file exists at the path, and `overwrite` is False.
            InvalidValue: the open file is in text mode, or the attachment has no URL.
            MalformedResponse: the size of the content is not that of the attachment.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        transport = self._session().transport
        if hasattr(to, "write"):
            downloads.write_to(transport, self._remote(), to, progress)
            return to
        return downloads.save_to(
            transport, self._remote(), to, overwrite=overwrite, progress=progress
        )

    def open(self) -> io.BufferedReader:
        """Open the file for reading bytes as they arrive; `with` closes it.

        Reading raises `MalformedResponse` if the content ends too early, and `ConnectionLost` if
        the connection is lost.

        Raises:
            InvalidValue: the attachment has no URL.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        return downloads.open_file(self._session().transport, self._remote())

    def read(self) -> bytes:
        """Return the content of the file; raises the errors of `download()`."""
        buffer = io.BytesIO()
        self.download(buffer)
        return buffer.getvalue()

    async def adownload(
        self, to: Any = None, *, overwrite: bool = False, progress: Progress | None = None
    ) -> Any:
        """Download the file to a path or an open file; see `download()`."""
        return await run_in_thread(
            self._session(), self.download, to, overwrite=overwrite, progress=progress
        )

    async def aread(self) -> bytes:
        """Return the content of the file; see `read()`."""
        return await run_in_thread(self._session(), self.read)

    def _remote(self) -> Remote:
        links = (self.content_url, self.mapped_content_url)
        return Remote(
            tuple(link for link in links if link),
            self.file_name,
            f"attachment-{self.pk}",
            self.size,
        )

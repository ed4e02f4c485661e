"""Attachments of comments, and the pictures of users and brands.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, Any, TypeVar, overload

from zendesk_orm.api.vocabulary import resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote
from zendesk_orm.session.threads import threaded


F = TypeVar("F", bound=IO[bytes])


class Attachment(Model):
    """A file at Zendesk."""

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
        api = resource("attachments", can="show update delete")

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
    def download(
        self, to: Any = None, *, overwrite: bool = False, progress: Progress | None = None
    ) -> Any:
        """Write the file to a path, into a directory, or into a file that is open.

        It is written as it arrives, and never held whole in memory. At a path there is all
        of it or nothing. Zendesk keeps files at other hosts: the way there is followed by
        https only, and nothing of the account goes along.

        Args:
            to: a path; a directory, where it gets the attachment's name, made safe; None
                for the present directory; or a file that is open for writing bytes.
            overwrite: whether a file that is at the path may be replaced.
            progress: is called with the bytes that are done, and those there are, after each
                chunk; from the beginning again where the connection broke.

        Returns:
            The path, or the open file.

        Raises:
            FileExistsError: there is a file at the path, and nothing was asked for.
            InvalidValue: the open file takes text, or the attachment has no address.
            MalformedResponse: what came has not the attachment's size.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        transport = self._session().transport
        if hasattr(to, "write"):
            downloads.poured(transport, self._remote(), to, progress)
            return to
        return downloads.saved(
            transport, self._remote(), to, overwrite=overwrite, progress=progress
        )

    def open(self) -> io.BufferedReader:
        """Return the file, open for reading bytes as they arrive; `with` closes it.

        Reading raises `MalformedResponse` at an end that comes too early, and
        `ConnectionLost` where the connection breaks.

        Raises:
            InvalidValue: the attachment has no address.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        return downloads.opened(self._session().transport, self._remote())

    def read(self) -> bytes:
        """Return the bytes of the file; see `download()` for what is raised."""
        whole = io.BytesIO()
        self.download(whole)
        return whole.getvalue()

    async def adownload(
        self, to: Any = None, *, overwrite: bool = False, progress: Progress | None = None
    ) -> Any:
        """Write the file to a path, or into an open file; see `download()`."""
        return await threaded(
            self._session(), self.download, to, overwrite=overwrite, progress=progress
        )

    async def aread(self) -> bytes:
        """Return the bytes of the file; see `read()`."""
        return await threaded(self._session(), self.read)

    def _remote(self) -> Remote:
        links = (self.content_url, self.mapped_content_url)
        return Remote(
            tuple(link for link in links if link),
            self.file_name,
            f"attachment-{self.pk}",
            self.size,
        )

"""Files in forms (`multipart/form-data`), which actions of a model send.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar, cast

from attrs import frozen
from urllib3.fields import RequestField

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.bodies import FileBody, Progress, position
from zendesk_orm.http.request import Request
from zendesk_orm.schema.row import Row
from zendesk_orm.session.responses import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.files import MAX_BYTES, Outgoing


T = TypeVar("T")


@frozen(eq=False)
class _Form:
    """A form with a file, ready to be sent by an action of a model."""

    session: Session
    model: Any
    name: str
    file: Outgoing | None
    part: str
    fields: Mapping[str, str]
    path: str
    params: tuple[tuple[str, str], ...]
    progress: Progress | None
    then: Callable[[Row], Any]
    in_dry_run: Any

    def send(self) -> Any:
        """Send the form and return the result of `then`."""
        endpoint = self.model._meta.endpoint(Verb.ACTION, self.name)
        with form_body(self.fields, self.file, part=self.part, progress=self.progress) as (
            body,
            content_type,
        ):
            headers = {"Content-Type": content_type}
            # Sent once, because the file would be stored twice.
            request = Request(
                endpoint.method, self.path, self.params, headers=headers, body=body, once=True
            )
            row = object_in(request, self.session.transport.send(request), endpoint.key)
        return self.then(row)

    def defer(self, unit: Any) -> Any:
        """Add the file to a dry run.

        Raises:
            InvalidValue: a batch is open.
        """
        body = None if self.file is None else {"filename": self.file.name}
        unit.add_call(self.model, self.name, body)
        return self.in_dry_run


def send_form(  # noqa: PLR0913 - a form, its address and two results
    session: Session,
    model: Any,
    name: str,
    file: Outgoing | None,
    *,
    then: Callable[[Row], T],
    in_dry_run: T,
    part: str = "file",
    fields: Mapping[str, str] | None = None,
    path: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> T:
    """Send a file by an action of a model.

    Args:
        session: the session to send with.
        model: the model that declares the action.
        name: the action's name.
        file: the file; None to send only the fields.
        then: returns the result from the row in the response.
        in_dry_run: the result in a dry run, which sends nothing.
        part: the name of the file's field.
        fields: other fields of the form.
        path: values of placeholders in the path.
        params: parameters of the query.
        progress: a function that is called with the bytes that were sent, and with all bytes.

    Raises:
        InvalidValue: a batch is open, which cannot delay the request.
        ApiError, TransportError.
    """
    url = model._meta.endpoint(Verb.ACTION, name).fill_path(path or {})
    query = tuple((params or {}).items())
    form = _Form(
        session, model, name, file, part, fields or {}, url, query, progress, then, in_dry_run
    )
    result: T = session.sender.submit(form)
    return result


@contextmanager
def form_body(
    fields: Mapping[str, str],
    file: Outgoing | None = None,
    *,
    part: str = "file",
    progress: Progress | None = None,
) -> Generator[tuple[FileBody, str]]:
    """Yield the body of a form and its content type.

    The file is opened here and read while it is sent, never held in memory as a whole.

    Args:
        fields: the fields by name.
        file: the file; None to send only the fields.
        part: the name of the file's field.
        progress: a function that is called with the bytes that were sent, and with all bytes.
    """
    boundary = uuid.uuid4().hex
    head = b"".join(_encode_part(boundary, name, value) for name, value in fields.items())
    if file is None:
        head, tail = head + f"--{boundary}--\r\n".encode(), b""
    else:
        head += _encode_part(boundary, part, "", file)
        tail = f"\r\n--{boundary}--\r\n".encode()
    with _open_file(file) as content:
        joined: Any = _JoinedFile(io.BytesIO(head), content, io.BytesIO(tail))
        most = MAX_BYTES + len(head) + len(tail)
        yield (
            FileBody(joined, max_bytes=most, progress=progress),
            f"multipart/form-data; boundary={boundary}",
        )


def _encode_part(boundary: str, name: str, value: str, file: Outgoing | None = None) -> bytes:
    """Return the headers and the value of a part; of a file, only the headers."""
    field = RequestField(name, value, filename=None if file is None else file.name)
    field.make_multipart(content_type=None if file is None else file.type)
    end = "\r\n" if file is None else ""
    return f"--{boundary}\r\n{field.render_headers()}{value}{end}".encode()


@contextmanager
def _open_file(file: Outgoing | None) -> Generator[IO[bytes]]:
    """Open a file; an empty one without it."""
    if file is None:
        yield io.BytesIO()
    else:
        with file.open() as content:
            yield content


class _JoinedFile:
    """Files that are read one after the other, each from its present position."""

    def __init__(self, *files: IO[bytes]) -> None:
        self._files = files
        self._starts = [position(file) for file in files]
        self._sizes = [FileBody(file).size for file in files]
        self._next = 0

    def seekable(self) -> bool:
        """Return True if all files can be read again."""
        return None not in self._starts

    def tell(self) -> int:
        """Return the position before anything was read."""
        return 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go back to the start of all files, or return the number of all bytes.

        Raises:
            OSError: the size of a file is unknown.
        """
        if whence == os.SEEK_END:
            if None in self._sizes:
                raise OSError("the size is not known")
            return sum(cast("list[int]", self._sizes))
        for file, start in zip(self._files, self._starts, strict=True):
            file.seek(cast("int", start))
        self._next = 0
        return 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, perhaps fewer than `size`; b"" at the end."""
        while self._next < len(self._files):
            piece = self._files[self._next].read(size)
            if piece:
                return piece
            self._next += 1
        return b""

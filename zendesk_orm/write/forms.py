"""Files in forms, as a browser sends them: `multipart/form-data`.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.bodies import Body, Progress, position
from zendesk_orm.http.request import Request
from zendesk_orm.plan.parameters import located
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.uploads import LARGEST, Outgoing


def send(
    session: Session,
    model: Any,
    name: str,
    file: Outgoing | None,
    *,
    part: str = "file",
    fields: Mapping[str, str] | None = None,
    places: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Row | None:
    """Send a file by an action of a model, and return the row that the answer holds.

    Args:
        session: where to.
        model: what declares the action.
        name: the action's name.
        file: what to send; None for the fields alone.
        part: what the file is called in the form.
        fields: what is said besides, by name.
        places: what stands in the path.
        progress: is called with the bytes that are done, and those there are.

    Returns:
        The row; None in a dry run, which takes note of it and sends nothing.

    Raises:
        InvalidValue: it cannot wait for the end of a batch.
        ApiError, TransportError.
    """
    endpoint = model._meta.endpoint(Verb.ACTION, name)
    path = located(endpoint, places or {})
    if session.outbox is not None:
        session.outbox.call(model, name, {"filename": file.name} if file else None)
        return None
    with form(fields or {}, file, part=part, progress=progress) as (body, kind):
        # Sent twice, a file would be there twice.
        request = Request(
            endpoint.method, path, headers={"Content-Type": kind}, body=body, once=True
        )
        return object_in(request, session.transport.send(request), endpoint.key)


@contextmanager
def form(
    fields: Mapping[str, str],
    file: Outgoing | None = None,
    *,
    part: str = "file",
    progress: Progress | None = None,
) -> Generator[tuple[Body, str]]:
    """Give the body that holds a file and some fields, and the type of the body.

    The file is opened here, and read as it is sent, never held whole in memory.

    Args:
        fields: what is said besides, by name.
        file: what to send; None for the fields alone.
        part: what the file is called in the form.
        progress: is called with the bytes of the body that are done, and those there are.
    """
    mark = uuid.uuid4().hex
    text = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    if file is not None:
        name = (
            file.name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "").replace("\n", "")
        )
        text += (
            f'--{mark}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
            f"Content-Type: {file.type}\r\n\r\n"
        )
    head = text.encode()
    tail = f"\r\n--{mark}--\r\n".encode() if file is not None else f"--{mark}--\r\n".encode()
    with _opened(file) as content:
        whole: Any = _Joined(io.BytesIO(head), content, io.BytesIO(tail))
        most = LARGEST + len(head) + len(tail)
        yield Body(whole, most=most, progress=progress), f"multipart/form-data; boundary={mark}"


@contextmanager
def _opened(file: Outgoing | None) -> Generator[IO[bytes]]:
    if file is None:
        yield io.BytesIO()
    elif isinstance(file.file, Path):
        with file.file.open("rb") as opened:
            yield opened
    else:
        yield io.BytesIO(file.file) if isinstance(file.file, bytes) else file.file


class _Joined:
    """Files that are read one after the other, each from its present position on."""

    def __init__(self, *files: IO[bytes]) -> None:
        self._files = files
        self._starts = [position(each) for each in files]
        self._sizes = [Body(each).size for each in files]
        self._next = 0

    def seekable(self) -> bool:
        """Tell whether all of them can be put back."""
        return None not in self._starts

    def tell(self) -> int:
        """Return the position: what is asked for before anything is read."""
        return 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Put all of them back, or tell how many bytes there are.

        Raises:
            OSError: only reading would tell.
        """
        if whence == os.SEEK_END:
            if None in self._sizes:
                raise OSError("the size is not known")
            return sum(cast("list[int]", self._sizes))
        for each, start in zip(self._files, self._starts, strict=True):
            each.seek(cast("int", start))
        self._next = 0
        return 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, perhaps fewer than asked for; none at the end."""
        while self._next < len(self._files):
            piece = self._files[self._next].read(size)
            if piece:
                return piece
            self._next += 1
        return b""

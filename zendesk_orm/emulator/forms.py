"""Files that come as a part of a form, `multipart/form-data`."""

from __future__ import annotations

import io
from collections.abc import Mapping

from attrs import frozen
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from zendesk_orm.emulator.world import Call


_UNKNOWN = "application/octet-stream"


@frozen
class File:
    """A file of a form: its name, or "" without one, its type and its bytes."""

    name: str
    type: str
    content: bytes


def parse_form(call: Call, key: str) -> tuple[Mapping[str, str], File | None]:
    """Return the fields of the form in a body, and the file under a key.

    A body that is not a form has neither.
    """
    kind, options = parse_options_header(call.headers.get("content-type", ""))
    size = len(call.content)
    _, form, files = FormDataParser().parse(io.BytesIO(call.content), kind, size, options)
    found = files.get(key)
    if found is None:
        return form, None
    with found.stream as body:
        content = body.read()
    return form, File(found.filename or "", found.content_type or _UNKNOWN, content)

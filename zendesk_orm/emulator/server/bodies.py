"""Bodies of requests: JSON and forms."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from zendesk_orm.emulator.messages import JSONObject, Request
from zendesk_orm.emulator.server.errors import HTTPError, invalid_attribute, invalid_json


#: The maximum number of levels of a body, which is the default of Ruby's JSON parser.
_MAX_DEPTH = 100
#: The range of the integers that SQLite can store.
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
_DEFAULT_TYPE = "application/octet-stream"


class InvalidBody(Mapping[str, Any]):
    """The body of a request that is not valid JSON. Reading a key raises an error.

    The content of a file may be anything. Only handlers that read JSON raise the error.
    """

    def __init__(self, error: HTTPError) -> None:
        self._error = error

    def __getitem__(self, key: str) -> Any:
        raise self._error

    def __iter__(self) -> Iterator[str]:
        raise self._error

    def __len__(self) -> int:
        raise self._error


@frozen
class FormFile:
    """A file of a form.

    Attributes:
        name: the file name, or "".
        type: the content type.
        content: the bytes.
    """

    name: str
    type: str
    content: bytes


def parse_json(text: str | bytes, build_object: Callable[[Any], Any] = JSONObject) -> Any:
    """Return the value of a JSON text, whose objects become `JSONObject` by default.

    Raises:
        ValueError: the text is not JSON.
    """
    try:
        return json.loads(text, object_hook=build_object, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("the JSON text is nested too deeply") from None


def parse_body(content: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body; {} if the body is empty."""
    try:
        text = content.decode()
        body = parse_json(text) if text.strip() else JSONObject()
    except ValueError:
        return InvalidBody(invalid_json())
    error = _find_error(body)
    if error:
        return InvalidBody(error)
    return body if isinstance(body, dict) else JSONObject({"": body})


def parse_form(request: Request, key: str) -> tuple[Mapping[str, str], FormFile | None]:
    """Return the fields of a form, and the file under a key.

    A body that is not a form has neither.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    size = len(request.content)
    # Files of the disk would stay open if the form is cut off.
    parser = FormDataParser(stream_factory=lambda *_args, **_kwargs: io.BytesIO())
    _, form, files = parser.parse(io.BytesIO(request.content), kind, size, options)
    file = files.get(key)
    if file is None:
        return form, None
    content = file.stream.read()
    return form, FormFile(file.filename or "", file.content_type or _DEFAULT_TYPE, content)


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _find_error(body: Any) -> HTTPError | None:
    """Return the error for a value that cannot be stored, or None."""
    level = [("body", body)]
    for _ in range(_MAX_DEPTH):
        next_level: list[tuple[str, Any]] = []
        for name, value in level:
            reason = _find_problem(name) or _find_problem(value)
            if reason:
                return invalid_attribute(_printable(name), f"{_printable(name)} {reason}")
            if isinstance(value, dict):
                next_level += value.items()
            elif isinstance(value, list):
                next_level += ((name, item) for item in value)
        if not next_level:
            return None
        level = next_level
    return invalid_json()


def _find_problem(value: Any) -> str:
    if isinstance(value, str) and not is_unicode(value):
        return "must have valid encoding"
    if isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER:
        return f"must be less than {MAX_INTEGER}"
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a float"
    return ""


def is_unicode(text: str) -> bool:
    """Return False for text with half a surrogate pair, which JSON can hold and SQLite cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()

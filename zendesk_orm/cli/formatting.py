"""Values as text: cells of tables, JSON, CSV, and text that is safe to print."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from zendesk_orm.http.secret import Secret
from zendesk_orm.http.values import to_text
from zendesk_orm.schema.members import MemberList
from zendesk_orm.schema.record import Record


#: Characters that would control the terminal, or change the direction of the text that follows.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: The same without tabs and line breaks.
_CONTROLS_IN_LINES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def escape_controls(text: str) -> str:
    r"""Return a text with control characters as their numbers: `\x1b`.

    Anybody who writes to an account chooses the subject of a ticket.
    """
    return _CONTROLS.sub(_escape, text)


def escape_lines(text: str) -> str:
    """Return lines of text with control characters, except tabs, as their numbers."""
    return _CONTROLS_IN_LINES.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def simplify(value: Any) -> Any:
    """Return a value as JSON has it: objects as their rows, secrets as dots."""
    if isinstance(value, Secret):
        return "..."
    if isinstance(value, Record):
        return row_of(value)
    if isinstance(value, MemberList):
        return value.ids
    if isinstance(value, Mapping):
        return {str(key): simplify(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [simplify(item) for item in value]
    if isinstance(value, date):
        return to_text(value)
    is_plain = value is None or isinstance(value, (str, bool, int, float))
    return value if is_plain else str(value)


def row_of(record: Record) -> dict[str, Any]:
    """Return the row of an object as Zendesk sends it, with secrets as dots."""
    row, secrets = record._row, record._meta.secret_fields
    return {**row, **{field.wire: "..." for field in secrets if field.wire in row}}


def format_cell(value: Any) -> str:
    """Return a value as text in one line of a table."""
    if isinstance(value, Record):
        return escape_controls(str(value))
    value = simplify(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(format_cell, value))
    if isinstance(value, dict):
        return escape_controls(dump_json(value))
    return escape_controls(" ".join(to_text(value).split()))


def format_csv(value: Any) -> str:
    """Return a value as a field of CSV: text as it is, lists with commas, objects as JSON."""
    value = simplify(value)
    if value is None:
        return ""
    members = value if isinstance(value, list) else [value]
    if any(member is None or isinstance(member, (dict, list)) for member in members):
        return dump_json(value)
    return ",".join(map(to_text, members))


def dump_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON; characters that the output lacks are escaped."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    return json.dumps(simplify(value), indent=indent, ensure_ascii=encoding != "utf8")


def iterate_json(rows: Iterable[Any]) -> Iterator[str]:
    """Yield the parts of a JSON array with a line for each row."""
    separator = "[\n"
    for row in rows:
        yield f"{separator}{dump_json(row)}"
        separator = ",\n"
    yield "\n]" if separator != "[\n" else "[]"

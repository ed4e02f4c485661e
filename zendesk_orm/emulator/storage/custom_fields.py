"""The custom fields of rows that were written before the fields were created.

Such a row has each field, without a value. They are added when the row is read, so that creating a
field of an account with many rows takes no time.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/ and recordings
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import frozen


#: The model of the fields, and the keys that contain their values, by the label of a row's model.
_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "support.Organization": ("support.OrganizationField", ("organization_fields",)),
    "support.Ticket": ("support.TicketField", ("custom_fields", "fields")),
    "support.User": ("support.UserField", ("user_fields",)),
}
#: Active fields: those of the system have no values of their own. 2 is the state of deleted rows.
_SELECT = """
    SELECT id, json_extract(doc, '$.key'), json_extract(doc, '$.type') FROM rows
    WHERE kind = ? AND state < 2 AND json_extract(doc, '$.active')
    AND ifnull(json_extract(doc, '$.removable'), 1) ORDER BY id
"""
#: Executes a statement with values, and returns its rows.
Execute = Callable[[str, tuple[Any, ...]], Sequence[tuple[Any, ...]]]

_EMPTY = ("{}", "[]")
_decode = json.JSONDecoder().raw_decode
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@frozen(eq=False)
class _Completion:
    """The custom fields that each row of a model has.

    Attributes:
        keys: the keys of a row that contain the values of the fields.
        empty: the fields without values: a list of ids and values, or an object.
        marks: the parts of a list that has all fields in their order.
        empty_text: the text of `empty`.
    """

    keys: Sequence[str]
    empty: Any
    marks: Sequence[str]
    empty_text: str

    def complete_row(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with all fields."""
        for key in self.keys:
            value = row.get(key)
            if isinstance(value, (dict, list)):
                row[key] = self._complete_value(value)
        return row

    def complete_text(self, text: str) -> str:
        """Return the JSON text of a row with all fields. Only their values are decoded, if any."""
        for key in self.keys:
            # Quotation marks in values are escaped, so that this is a key.
            mark = f'"{key}":'
            start = text.find(mark) + len(mark)
            if start < len(mark) or text[start] not in "{[" or self._is_complete(text, start):
                continue
            if text.startswith(_EMPTY, start):
                text = text[:start] + self.empty_text + text[start + 2 :]
                continue
            value, end = _decode(text, start)
            completed = self._complete_value(value)
            if completed is not value:
                text = text[:start] + _encode(completed) + text[end:]
        return text

    def _is_complete(self, text: str, start: int) -> bool:
        """Return True if a list is known to have all fields, as most lists have."""
        for mark in self.marks:
            start = text.find(mark, start)
            if start < 0:
                return False
        return bool(self.marks)

    def _complete_value(self, value: Any) -> Any:
        """Return the values with those of missing fields; the same object if none is missing."""
        if isinstance(value, dict):
            return value if value.keys() >= self.empty.keys() else {**self.empty, **value}
        ids = {item["id"] for item in value}
        missing = [item for item in self.empty if item["id"] not in ids]
        return [*value, *missing] if missing else value


def complete_row(kind: str, row: dict[str, Any], execute: Execute) -> dict[str, Any]:
    """Return a row of a model with the custom fields that were created after it."""
    completion = _find_completion(kind, execute)
    return completion.complete_row(row) if completion else row


def complete_texts(
    kind: str, rows: list[tuple[Any, ...]], execute: Execute
) -> list[tuple[Any, ...]]:
    """Return tuples, whose first item is the text of a row, with later custom fields in it."""
    completion = _find_completion(kind, execute) if rows else None
    if completion is None:
        return rows
    complete = completion.complete_text
    return [(complete(row[0]), *row[1:]) for row in rows]


def _find_completion(kind: str, execute: Execute) -> _Completion | None:
    """Return the completion of the rows of a model, or None if it has no custom fields.

    Args:
        kind: the label of the model.
        execute: executes a statement with values, and returns its rows.
    """
    if kind not in _FIELDS:
        return None
    fields = execute(_SELECT, (_FIELDS[kind][0],))
    return _build_completion(kind, tuple(fields)) if fields else None


def contains_row(doc: str) -> bool:
    """Return True if an SQL expression of a text is that of a row, and not of one of its values."""
    return doc == "doc" or doc.endswith(" ELSE doc END")


@lru_cache(maxsize=64)
def _build_completion(kind: str, fields: Sequence[tuple[Any, ...]]) -> _Completion:
    """Return the completion for some fields: id, key and type of each."""
    keys = _FIELDS[kind][1]
    if kind != "support.Ticket":
        # Recorded: checkboxes are False.
        empty = {key: False if type_ == "checkbox" else None for _, key, type_ in fields}
        return _Completion(keys, empty, (), _encode(empty))
    items = [{"id": pk, "value": None} for pk, _, _ in fields]
    marks = tuple(f'{{"id":{pk},"value":' for pk, _, _ in fields)
    return _Completion(keys, items, marks, _encode(items))

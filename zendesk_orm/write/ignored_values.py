"""Values that Zendesk ignored: reported by a header, or visible in the response.

Source: recorded responses contain `x-zendesk-api-warn`, which is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.paging import rows_of
from zendesk_orm.http.request import Request, Response
from zendesk_orm.schema.custom_values import values_in
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.record import Record
from zendesk_orm.session.action_bodies import part_of
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.comment_events import comments_of, is_kept


_HEADER = "x-zendesk-api-warn"
_KEYS = re.compile(r":(?:unpermitted_keys|invalid_values)=>\[(.*?)\]")
_NAME = re.compile(r'"([^"]*)"')


def announce_ignored_values(
    session: Session, record: Record, request: Request, response: Response
) -> None:
    """Send `value_ignored` if a response lacks values that were sent.

    Args:
        session: the session.
        record: the object that was saved.
        request: the request.
        response: the response.
    """
    if not signals.value_ignored.is_observed:
        return
    meta = type(record)._meta
    payload = (request.json or {}).get(meta.singular, {})
    audit = response.data.get("audit") if isinstance(response.data, dict) else None
    names = [
        *_names_in_header(response, meta.singular),
        *_changed_values(record, payload),
        *_missing_additions(record, payload, audit if isinstance(audit, dict) else None),
    ]
    if names:
        unique = list(dict.fromkeys(names))
        model, using = type(record), session.alias
        announce(signals.value_ignored, model, instance=record, names=unique, using=using)


def _names_in_header(response: Response, singular: str) -> Iterator[str]:
    """Yield the keys that the header of a response reports."""
    for keys in _KEYS.findall(response.headers.get(_HEADER, "")):
        for name in _NAME.findall(keys):
            yield name.removeprefix(f"{singular}.")


def _changed_values(record: Record, payload: dict[str, Any]) -> Iterator[str]:
    """Yield the fields whose value in the response differs from the value that was sent."""
    fields = {field.wire: field for field in type(record)._meta.fields.values()}
    for wire, value in payload.items():
        field = fields.get(wire)
        if field is None or not field.readable or wire not in record._row:
            continue
        stored = record._row[wire]
        if field.kind.part is not None:
            values = values_in(stored)
            yield from (
                f"{wire}.{key}"
                for key, part in values_in(value).items()
                if key not in values or not _is_same_custom_value(part, values[key])
            )
        elif not _is_same(value, stored):
            yield wire


def _missing_additions(
    record: Record, payload: Mapping[str, Any], audit: Mapping[str, Any] | None
) -> Iterator[str]:
    """Yield the write-only keys that the audit, or another field, shows not to have been added."""
    if audit is not None:
        comment, metadata = payload.get("comment"), payload.get("metadata")
        events = comments_of(rows_of(audit, "events"))
        if comment and not any(is_kept(comment, event) for event in events):
            yield "comment"
        custom = part_of(part_of(audit, "metadata"), "custom")
        if metadata and not metadata.items() <= custom.items():
            yield "metadata"
    for field in type(record)._meta.fields.values():
        sent = isinstance(field, Members) and payload.get(field.wire)
        if sent and not _has_members(record, field, payload):
            yield field.wire


def _has_members(record: Record, field: Any, payload: Mapping[str, Any]) -> bool:
    """Return True if people sent by id were added or removed."""
    ids = record._row.get(field.ids)
    if ids is None:
        return True
    for entry in payload[field.wire]:
        pk = entry.get("user_id") if isinstance(entry, dict) else entry
        removed = isinstance(entry, dict) and entry.get("action") == "delete"
        if isinstance(pk, int) and (pk in ids) is removed:
            return False
    return True


def _is_same_custom_value(value: Any, stored: Any) -> bool:
    """Return True if the value of a custom field was stored, perhaps a number as text."""
    empty: tuple[Any, ...] = (None, "", [])
    if _is_same(value, stored) or (value in empty and stored in (*empty, False)):
        return True
    # A date of a user is returned as the time at which the day begins.
    return bool(str(value)) and str(stored).casefold().startswith(str(value).casefold())


def _is_same(value: Any, stored: Any) -> bool:
    """Return True if a value was stored, in any order and case, with or without outer blanks."""
    if isinstance(value, list) and isinstance(stored, list):
        return sorted(map(_fold_case, value)) == sorted(map(_fold_case, stored))
    if isinstance(value, str) and isinstance(stored, str):
        return _fold_case(value.strip()) == _fold_case(stored.strip())
    return bool(value == stored or (value in (None, "") and stored in (None, "")))


def _fold_case(value: Any) -> str:
    """Return a value as text without case."""
    return str(value).casefold()

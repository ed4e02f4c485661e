"""What Zendesk was sent and did not keep: it says so in a header, or by another value.

Source: recorded answers carry `x-zendesk-api-warn`; no page describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm import signals
from zendesk_orm.http.request import Request, Response
from zendesk_orm.schema.custom import values_in
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.comment_events import comments_of, is_kept


_WARNING = "x-zendesk-api-warn"
_LISTED = re.compile(r":(?:unpermitted_keys|invalid_values)=>\[(.*?)\]")
_NAME = re.compile(r'"([^"]*)"')


def tell_ignored(session: Session, record: Record, request: Request, answer: Response) -> None:
    """Announce `value_ignored` when the answer lacks something of what was sent.

    Args:
        session: where it was sent.
        record: what was saved.
        request, answer: what was sent, and what came back.
    """
    if not signals.value_ignored.receivers:
        return
    meta = type(record)._meta
    sent = (request.json or {}).get(meta.singular, {})
    warned = _warned(answer, meta.singular)
    audit = answer.data.get("audit") if isinstance(answer.data, dict) else None
    added = _not_added(record, sent, audit if isinstance(audit, dict) else None)
    names = list(dict.fromkeys((*warned, *_other(record, sent), *added)))
    if names:
        model = type(record)
        announce(signals.value_ignored, model, instance=record, names=names, using=session.alias)


def _warned(answer: Response, singular: str) -> Iterator[str]:
    for listed in _LISTED.findall(answer.headers.get(_WARNING, "")):
        for name in _NAME.findall(listed):
            yield name.removeprefix(f"{singular}.")


def _other(record: Record, sent: dict[str, Any]) -> Iterator[str]:
    """Yield the fields whose value in the answer is not the one that was sent."""
    fields = {field.wire: field for field in type(record)._meta.fields.values()}
    for wire, value in sent.items():
        field = fields.get(wire)
        if field is None or not field.readable or wire not in record._row:
            continue
        kept = record._row[wire]
        if field.kind.part is not None:
            known = values_in(kept)
            yield from (
                f"{wire}.{key}"
                for key, each in values_in(value).items()
                if key not in known or not _alike(each, known[key])
            )
        elif not _same(value, kept):
            yield wire


def _not_added(
    record: Record, sent: Mapping[str, Any], audit: Mapping[str, Any] | None
) -> Iterator[str]:
    """Yield the keys that no row shows, if the audit or another field shows something else."""
    if audit is not None:
        comment, metadata = sent.get("comment"), sent.get("metadata")
        events = comments_of(audit.get("events") or ())
        if comment and not any(is_kept(comment, event) for event in events):
            yield "comment"
        custom = (audit.get("metadata") or {}).get("custom") or {}
        if metadata and not metadata.items() <= custom.items():
            yield "metadata"
    for field in type(record)._meta.fields.values():
        if isinstance(field, Members) and sent.get(field.wire) and not _joined(record, field, sent):
            yield field.wire


def _joined(record: Record, field: Members[Any], sent: Mapping[str, Any]) -> bool:
    """Return whether the people who were sent by id were added or removed."""
    ids = record._row.get(field.ids)
    if ids is None:
        return True
    for entry in sent[field.wire]:
        pk = entry.get("user_id") if isinstance(entry, dict) else entry
        removed = isinstance(entry, dict) and entry.get("action") == "delete"
        if isinstance(pk, int) and (pk in ids) is removed:
            return False
    return True


def _alike(sent: Any, kept: Any) -> bool:
    """Tell whether the value of a custom field was kept: a number perhaps as text."""
    if _same(sent, kept) or (sent in (None, "", []) and kept in (None, "", [], False)):
        return True
    # A date of a user comes back as the moment at which it begins.
    return str(kept).casefold().startswith(str(sent).casefold()) and bool(str(sent))


def _same(sent: Any, kept: Any) -> bool:
    """Tell whether a value was kept, apart from its order, case and blanks around it."""
    if isinstance(sent, list) and isinstance(kept, list):
        return sorted(_folded(sent)) == sorted(_folded(kept))
    if isinstance(sent, str) and isinstance(kept, str):
        return sent.strip().casefold() == kept.strip().casefold()
    return bool(sent == kept or (sent in (None, "") and kept in (None, "")))


def _folded(values: list[Any]) -> list[str]:
    return [str(value).casefold() for value in values]

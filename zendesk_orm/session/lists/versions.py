"""Versions of rows: in an export, a row that changes meanwhile is returned again."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.query.checkpoint import ROW_NUMBERS
from zendesk_orm.query.packing import digest
from zendesk_orm.query.projection import hashable
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row


#: The keys that hold the time of a change; the first one that a row has counts. `updated_at` of a
#: ticket changes with its events only, `generated_timestamp` with any change.
_STAMPS = (
    "generated_timestamp",
    "updated_at",
    "update_timestamp",
    "time",
    "timestamp",
    "start_time",
    "created_at",
)


def row_stamp(row: Row) -> Any:
    """Return the time of the last change of a row, as Zendesk wrote it; None if it has none."""
    return next((row[key] for key in _STAMPS if row.get(key) is not None), None)


def row_seconds(row: Row) -> float | None:
    """Return the time of the last change in seconds since the epoch; None if it is unknown."""
    stamp = row_stamp(row)
    if isinstance(stamp, (int, float)) and not isinstance(stamp, bool):
        return float(stamp)
    try:
        return None if stamp is None else load_datetime(stamp).timestamp()
    except (UnexpectedValue, OverflowError):
        return None


def is_later(rows: Sequence[Row], begun: float | None) -> bool:
    """Return whether the last row changed after an export had begun.

    The export ends there, and the next one continues. If it followed rows that change while they
    are read, it might never end: its own caller may save each of them.
    """
    if begun is None or not rows:
        return False
    seconds = row_seconds(rows[-1])
    return seconds is not None and seconds > begun


def row_version(meta: Options, row: Row) -> Hashable:
    """Return the value that distinguishes a version of a row from all others: id and timestamp.

    It is the whole row if that has no id or no timestamp.
    """
    stamp = row_stamp(row)
    if stamp is None or not meta.unique_ids:
        copy: Hashable = hashable(row)
        return copy
    return meta.key(row), hashable(stamp)


def version_numbers(meta: Options, rows: Iterable[Row]) -> list[int]:
    """Return numbers that identify versions of rows in any process."""
    return [_number(row_version(meta, row)) for row in rows]


def _number(version: Hashable) -> int:
    text = json.dumps(version, sort_keys=True, default=str)
    return int(digest(text)[:12], 16) % ROW_NUMBERS

"""What Zendesk would refuse, found before anything is sent.

Types and choices are checked when a value is assigned; here is what can only be told of the
whole object.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from zendesk_orm.errors import ValidationError
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record, Source
from zendesk_orm.write.custom import of_custom_fields


def problems(
    record: Record,
    *,
    created: bool,
    exclude: Collection[str] = (),
    source: Source | None = None,
) -> dict[str, list[str]]:
    """Return what is wrong with an object, by field; {} when nothing is.

    Args:
        record: what is to be saved; what did not change is not looked at again.
        created: whether it is made by that.
        exclude: names of fields that are left out.
        source: where it is saved; where it came from by default.
    """
    meta = record._meta
    found: dict[str, list[str]] = {}
    if created:
        for name in meta.required:
            if _blank(column(meta.get_field(name)).known(record)) and name not in record.unsaved:
                found[name] = [f"is required to make a {meta.verbose_name}"]
    changes = record.changes()
    for name, (_, value) in changes.items():
        too_large = _too_large(meta, name, value)
        if too_large:
            found[name] = too_large
    if not set(meta.custom) & set(exclude):
        found |= of_custom_fields(record, changes, created=created, source=source)
    return {name: told for name, told in found.items() if name not in exclude}


def validate(record: Record, found: Mapping[str, list[str]]) -> None:
    """Refuse an object with which something is wrong.

    Raises:
        ValidationError: something is.
    """
    if found:
        told = "; ".join(f"{name} {problem}" for name, each in found.items() for problem in each)
        raise ValidationError(f"{record!r}: {told}", found)


def _too_large(meta: Options, name: str, value: Any) -> list[str]:
    """Return what is wrong with the length of a value, or of the texts of an object in it."""
    if isinstance(value, Record):
        inner = value._meta
        return [
            f"has a {each} that {problem}"
            for each, (_, text) in value.changes().items()
            for problem in _too_large(inner, each, text)
        ]
    if not isinstance(value, str):
        return []
    characters, size = meta.longest.get(name), meta.largest.get(name)
    if characters is not None and len(value) > characters:
        return [f"has {len(value)} characters; Zendesk takes {characters} at most"]
    if size is not None and len(value.encode()) > size:
        return [f"has {len(value.encode())} bytes in UTF-8; Zendesk cuts off all after {size}"]
    return []


def _blank(value: Any) -> bool:
    return value is None or value in ("", [])

"""What the emulator writes into read-only fields is of the declared types."""

from __future__ import annotations

from typing import Any

from tests.emulator.made import Maker
from tests.emulator.readings import readings, rows_of_models
from tests.emulator.test_every_resource import LAID, _label
from tests.recordings.test_rows import IS, _right
from tests.recordings.test_rows import MODELS as RECORDED
from zendesk_orm import connections


def _wrong(record: Any) -> set[str]:
    """Return the read-only fields of a record whose values their annotations do not allow."""
    meta = record._meta
    return {
        f"{meta.label}.{field.name}: {getattr(record, field.name)!r}"
        for field in meta.fields.values()
        if field.wire in record._row
        and not field.editable
        # A row that there is only one of has a text for an id.
        and not (field.name == "id" and not meta.known_by)
        and (field.kind.name in IS or field.kind.choices)
        and not _right(type(record), field, getattr(record, field.name))
    }


def test_read_only_values_are_what_is_declared(emulator):
    """A checker that lets a value pass without a test for None is right.

    Of models that were recorded, the recordings decide; rows that a test lays into the store
    say nothing.
    """
    alias = next(iter(connections))
    wrong: set[str] = set()
    for model, row in rows_of_models(Maker(emulator)):
        if _label(model) in LAID or model in RECORDED:
            continue
        for name, run in readings(model, row):
            if not name.endswith("values"):
                wrong.update(*map(_wrong, run(alias)))

    assert set() == wrong

"""Values that the emulator writes into read-only fields have the declared types."""

from __future__ import annotations

from typing import Any

from tests.emulator.readings import readings, rows_of_models
from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_resource import INSERTED, _label
from tests.recordings.rows import RECORDED
from tests.recordings.test_rows import IS, _is_valid
from zendesk_orm import connections


def _find_mismatches(record: Any) -> set[str]:
    """Return the read-only fields of a record whose values do not match their annotations."""
    meta = record._meta
    return {
        f"{meta.label}.{field.name}: {getattr(record, field.name)!r}"
        for field in meta.fields.values()
        if field.wire in record._row
        and not field.editable
        # The only row of its model has a string as id.
        and not (field.name == "id" and not meta.pk_key)
        and (field.kind.name in IS or field.kind.choices)
        and not _is_valid(type(record), field, getattr(record, field.name))
    }


def test_read_only_values_match_their_annotations(emulator):
    """Values of read-only fields have the types of their annotations, also regarding None.

    Recorded models are compared with the recordings; rows that a test inserts are ignored.
    """
    alias = next(iter(connections))
    wrong: set[str] = set()
    for model, row in rows_of_models(RowFactory(emulator)):
        if _label(model) in INSERTED or model in RECORDED:
            continue
        for name, run in readings(model, row):
            if not name.endswith("values"):
                wrong.update(*map(_find_mismatches, run(alias)))

    assert wrong == set()

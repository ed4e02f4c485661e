"""`updated_at` after several changes of a row."""

from __future__ import annotations

import pytest

from tests.emulator.row_factory import RowFactory, build_value, first_text_field
from tests.emulator.test_every_resource import CHANGED, CREATED, UNCHANGED, _has_endpoint, _label
from zendesk_orm.api.endpoint import Verb


STAMPED = [
    model
    for model in CREATED
    if _has_endpoint(model, Verb.UPDATE)
    and "updated_at" in model._meta.fields
    and _label(model) not in UNCHANGED
]


def _collect_stamps(emulator, model, times):
    """Return the timestamps of a row after its creation and several updates."""
    row = RowFactory(emulator).new(model)
    stamps = []
    for _ in range(times):
        name = CHANGED.get(_label(model)) or first_text_field(model)
        value = build_value(model._meta.get_field(name), changed=not getattr(row, name))
        setattr(row, name, value)
        row.save()
        results = emulator._store.get(_label(model), row.pk)
        stamps.append(results["updated_at"])
    return stamps


@pytest.mark.parametrize("model", STAMPED, ids=_label)
def test_changes_have_different_timestamps(emulator, model):
    """With a virtual clock, each change of a row has another `updated_at`."""
    first, second = _collect_stamps(emulator, model, 2)

    assert first < second


def test_updates_can_share_seconds(emulator):
    """With the switch `updates_share_seconds`, consecutive changes have the same `updated_at`."""
    emulator.switches.updates_share_seconds = True
    ticket = next(model for model in STAMPED if _label(model) == "support.Ticket")
    user = next(model for model in STAMPED if _label(model) == "support.User")

    assert len(set(_collect_stamps(emulator, ticket, 3))) == 1
    assert len(set(_collect_stamps(emulator, user, 3))) == 1

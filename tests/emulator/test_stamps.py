"""Each change of a row can be told from the one before by its `updated_at`."""

from __future__ import annotations

import pytest

from tests.emulator.made import Maker, told, value_of
from tests.emulator.test_every_resource import CHANGED, MADE, UNCHANGED, _can, _label
from zendesk_orm.api.endpoint import Verb


STAMPED = [
    model
    for model in MADE
    if _can(model, Verb.UPDATE)
    and "updated_at" in model._meta.fields
    and _label(model) not in UNCHANGED
]


def _stamps(emulator, model, times):
    """Return the stamps of a row that is made, and changed some times at once."""
    row = Maker(emulator).new(model)
    stamps = []
    for _ in range(times):
        name = CHANGED.get(_label(model)) or told(model)
        value = value_of(model._meta.get_field(name), changed=not getattr(row, name))
        setattr(row, name, value)
        row.save()
        found = emulator._store.get(_label(model), row.pk)
        stamps.append(found["updated_at"])
    return stamps


@pytest.mark.parametrize("model", STAMPED, ids=_label)
def test_two_changes_have_different_stamps(emulator, model):
    """A virtual clock passes a second between two changes of a row."""
    first, second = _stamps(emulator, model, 2)

    assert first < second


def test_changes_share_a_second_if_the_account_does(emulator):
    """With `updates_share_seconds`, changes in quick succession look alike, as at Zendesk."""
    emulator.switches.updates_share_seconds = True
    ticket = next(model for model in STAMPED if _label(model) == "support.Ticket")
    user = next(model for model in STAMPED if _label(model) == "support.User")

    assert 1 == len(set(_stamps(emulator, ticket, 3)))
    assert 1 == len(set(_stamps(emulator, user, 3)))

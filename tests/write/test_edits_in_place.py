"""Edits in place of values that only Zendesk changes are errors, as assignments to them are."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, FieldError, Ticket
from zendesk_orm.schema import registry


@pytest.mark.parametrize("save", [Ticket.save, lambda ticket: Ticket.objects.bulk_update([ticket])])
def test_an_edit_of_a_list_that_zendesk_sets_is_an_error(demo, count_requests, save):
    """Nothing is sent, and refreshing the object drops the edit."""
    ticket = Ticket.objects.fresh()[0]
    before = list(ticket.follower_ids)
    ticket.follower_ids.append(5)

    with count_requests(demo, 0), pytest.raises(FieldError, match="follower_ids is set by Zendesk"):
        save(ticket)
    ticket.refresh_from_db()
    assert ticket.follower_ids == before
    ticket.save()


def test_a_new_object_has_no_lists_that_zendesk_sets(emulator):
    """Reading one of them is no edit, and adding a member is an error."""
    ticket = Ticket(subject="Printer", comment=Comment(body="It burns"))
    assert ticket.follower_ids == []
    ticket.save()
    other = Ticket(subject="Printer", comment=Comment(body="It burns"))
    other.follower_ids.append(5)

    with pytest.raises(FieldError, match="follower_ids"):
        other.save()


@pytest.mark.slow
def test_reading_is_no_edit(demo):
    """After all fields of the rows of each model were read, there is nothing to save."""
    read = 0
    for model in registry.models():
        try:
            rows = list(model.objects.all().scan(200)[:20])
        except Exception:  # noqa: BLE001 - it has no list, or belongs to a parent
            continue
        for record in rows:
            for name in model._meta.fields:
                getattr(record, name)
            assert not record.changes(), (model, record.pk)
            read += 1
    assert read > 300

"""Values of custom fields in bulk updates, of which only changed ones are sent."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, User, UserField


@pytest.fixture
def ticket(demo):
    """Return a ticket with several custom fields, and their values."""
    rows = Ticket.objects.filter(status="open")
    ticket = next(row for row in rows if len(row.custom_fields) > 1)
    return ticket, {field["id"]: field["value"] for field in ticket.custom_fields}


def _values(ticket):
    return {field["id"]: field["value"] for field in ticket.custom_fields}


def test_only_changed_values_are_sent(ticket, sent):
    """One value is sent, and the object has all values, as Zendesk does."""
    ticket, before = ticket
    first = ticket.custom_fields[1]  # A text.
    first["value"] = "changed"
    sent.clear()

    Ticket.objects.bulk_update([ticket])

    (body,) = sent[0].json["tickets"]
    assert body == {"id": ticket.pk, "custom_fields": [{"id": first["id"], "value": "changed"}]}
    assert _values(ticket) == {**before, first["id"]: "changed"}
    assert ticket.changes() == {}
    assert _values(ticket) == _values(Ticket.objects.fresh().get(ticket.pk))


def test_update_sets_one_value(ticket):
    """`update()` of one custom field leaves the others."""
    ticket, before = ticket
    pk = list(before)[1]

    Ticket.objects.filter(id=ticket.pk).update(custom_fields=[{"id": pk, "value": "alike"}])

    assert _values(ticket) == {**before, pk: "alike"}
    assert ticket.changes() == {}


def test_unknown_values_are_fetched(ticket):
    """The values of an object of which only the id is known are fetched on access."""
    ticket, before = ticket
    pk = list(before)[1]
    bare = Ticket(id=ticket.pk)
    bare.attach_to(Ticket.objects.all()._session)
    bare.custom_fields = [{"id": pk, "value": "set"}]

    Ticket.objects.bulk_update([bare])

    assert _values(bare) == {**before, pk: "set"}


@pytest.fixture
def user_fields(emulator):
    """Create two custom fields of users."""
    UserField.objects.create(key="plan", title="Plan", type="text")
    UserField.objects.create(key="seats", title="Seats", type="integer")


@pytest.mark.usefixtures("user_fields")
def test_fields_of_users_and_organizations_are_merged():
    """Only the changed keys are sent."""
    ann = User.objects.create(name="Ann", user_fields={"plan": "gold", "seats": 5})
    ann.user_fields["plan"] = "silver"

    User.objects.bulk_update([ann])

    assert ann.user_fields == {"plan": "silver", "seats": 5}
    assert (ann.changes(), User.objects.fresh().get(ann.pk).user_fields) == ({}, ann.user_fields)


@pytest.mark.usefixtures("user_fields")
def test_values_are_fetched_after_an_upsert():
    """The values that existed before an upsert are fetched on access."""
    User.objects.create(name="Ann", external_id="ann", user_fields={"plan": "gold", "seats": 5})
    ann = User(name="Ann", external_id="ann", user_fields={"plan": "silver"})

    User.objects.bulk_create([ann], update_conflicts=True)

    assert ann.user_fields == {"plan": "silver", "seats": 5}
    assert ann.changes() == {}


def test_edits_during_a_bulk_update_stay_edits(emulator):
    """An object that is edited while its job runs keeps the edits."""
    rows = [User(name=f"U{n}") for n in range(2)]
    left = User.objects.bulk_create(rows, wait=False)
    rows[0].name, rows[1].notes = "Other", "VIP"

    left.wait()

    assert [r.changes() for r in rows] == [{"name": ("U0", "Other")}, {"notes": (None, "VIP")}]

"""Values of custom fields, of which only those that changed are sent."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, User


@pytest.fixture
def ticket(demo):
    """Return a ticket with several custom fields, and what they hold."""
    rows = Ticket.objects.filter(status="open")
    ticket = next(each for each in rows if len(each.custom_fields) > 1)
    return ticket, {each["id"]: each["value"] for each in ticket.custom_fields}


def _values(ticket):
    return {each["id"]: each["value"] for each in ticket.custom_fields}


def test_the_other_values_stay(ticket, sent):
    """One value is sent, and the object holds all of them, as Zendesk does."""
    ticket, before = ticket
    first = ticket.custom_fields[0]
    first["value"] = "changed"
    sent.clear()

    Ticket.objects.bulk_update([ticket])

    (body,) = sent[0].json["tickets"]
    assert {"id": ticket.pk, "custom_fields": [{"id": first["id"], "value": "changed"}]} == body
    assert {**before, first["id"]: "changed"} == _values(ticket)
    assert {} == ticket.changes()
    assert _values(ticket) == _values(Ticket.objects.fresh().get(ticket.pk))


def test_a_value_for_all_leaves_the_others(ticket):
    """The same for `update()`."""
    ticket, before = ticket
    pk = next(iter(before))

    Ticket.objects.filter(id=ticket.pk).update(custom_fields=[{"id": pk, "value": "alike"}])

    assert {**before, pk: "alike"} == _values(ticket)
    assert {} == ticket.changes()


def test_what_is_not_known_is_fetched(ticket):
    """Of an object of which only the id is known, the other values are read when asked for."""
    ticket, before = ticket
    pk = next(iter(before))
    bare = Ticket(id=ticket.pk)
    bare.attach_to(Ticket.objects.all()._session)
    bare.custom_fields = [{"id": pk, "value": "set"}]

    Ticket.objects.bulk_update([bare])

    assert {**before, pk: "set"} == _values(bare)


def test_values_by_key_stay_too(emulator):
    """Those of users and organizations."""
    ann = User.objects.create(name="Ann", user_fields={"plan": "gold", "seats": 5})
    ann.user_fields["plan"] = "silver"

    User.objects.bulk_update([ann])

    assert {"plan": "silver", "seats": 5} == ann.user_fields
    assert ({}, ann.user_fields) == (ann.changes(), User.objects.fresh().get(ann.pk).user_fields)


def test_an_upsert_tells_nothing_of_the_values_that_were_there(emulator):
    """They are read when asked for."""
    User.objects.create(name="Ann", external_id="ann", user_fields={"plan": "gold", "seats": 5})
    ann = User(name="Ann", external_id="ann", user_fields={"plan": "silver"})

    User.objects.bulk_create([ann], update_conflicts=True)

    assert {"plan": "silver", "seats": 5} == ann.user_fields
    assert {} == ann.changes()


def test_what_is_edited_meanwhile_is_still_an_edit(emulator):
    """An object that changes while its job runs keeps what was not sent."""
    rows = [User(name=f"U{n}") for n in range(2)]
    left = User.objects.bulk_create(rows, wait=False)
    rows[0].name, rows[1].notes = "Other", "VIP"

    left.wait()

    assert [{"name": ("U0", "Other")}, {"notes": (None, "VIP")}] == [r.changes() for r in rows]

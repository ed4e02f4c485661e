"""Reading objects after a bulk call costs a request for a hundred, not one for each."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, Ticket, User, connections


def _users():
    return [User(name=f"U{n}", email=f"u{n}@acme.com") for n in range(6)]


def _created(emulator):
    users = _users()
    User.objects.bulk_create(users)
    return users


def _upserted(emulator):
    users = _users()
    User.objects.bulk_create(users, update_conflicts=True, unique_fields=["email"])
    return users


def _organizations(emulator):
    acmes = [Organization(name=f"Acme {n}") for n in range(6)]
    Organization.objects.bulk_create(acmes)
    return acmes


def _tickets(emulator):
    made = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(6)]
    Ticket.objects.bulk_create(made)
    return made


def _updated(emulator):
    _tickets(emulator)
    found = list(Ticket.objects.fresh())
    for ticket in found:
        ticket.priority = "high"
    Ticket.objects.bulk_update(found)
    return found


def _updated_alike(emulator):
    _tickets(emulator)
    found = list(Ticket.objects.fresh())
    Ticket.objects.filter(id__in=[each.pk for each in found]).update(priority="high")
    return found


def _batch(emulator):
    made = _users()
    with connections["default"].batch():
        for user in made:
            user.save()
    return made


BULK_CALLS = [_created, _upserted, _organizations, _tickets, _updated, _updated_alike, _batch]


@pytest.mark.parametrize("write", BULK_CALLS)
def test_objects_of_a_bulk_call_load_together(emulator, write):
    """The first field that has to be fetched brings the others along."""
    objects = write(emulator)
    emulator.requests.clear()

    stamps = [(each.updated_at, each.created_at, each.url) for each in objects]

    assert all(all(each) for each in stamps)
    assert len(emulator.requests) <= 1


def test_more_than_a_hundred_load_a_hundred_at_a_time(emulator):
    """One request for each job."""
    users = [User(name=f"U{n}", email=f"u{n}@acme.com") for n in range(150)]
    User.objects.bulk_create(users)
    emulator.requests.clear()

    assert {False} == {each.suspended for each in users}
    assert 2 == len(emulator.requests)


def test_an_edit_survives_the_loading_of_the_others(emulator):
    """What was assigned to one of the objects is still an edit."""
    first, second, *_ = _created(emulator)
    second.name = "edited"
    assert first.suspended is False

    assert "edited" == second.name
    assert {"name"} == {*second.changes()}


def test_an_object_that_is_gone_does_not_keep_the_others_from_loading(emulator):
    """Only reading that object raises."""
    first, second, *_ = _organizations(emulator)
    other = emulator.connect(alias="other")
    Organization.objects.using("other").get(second.pk).delete()
    assert first.url

    with pytest.raises(Organization.DoesNotExist):
        _ = second.url
    other.close()

"""After a bulk call, deferred fields of its objects are fetched a hundred to a request."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, Ticket, User, connections


def _users():
    return [User(name=f"U{n}", email=f"u{n}@acme.com") for n in range(6)]


def _bulk_create(emulator):
    users = _users()
    User.objects.bulk_create(users)
    return users


def _upsert(emulator):
    users = _users()
    User.objects.bulk_create(users, update_conflicts=True, unique_fields=["email"])
    return users


def _organizations(emulator):
    acmes = [Organization(name=f"Acme {n}") for n in range(6)]
    Organization.objects.bulk_create(acmes)
    return acmes


def _tickets(emulator):
    created = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(6)]
    Ticket.objects.bulk_create(created)
    return created


def _bulk_update(emulator):
    _tickets(emulator)
    result = list(Ticket.objects.fresh())
    for ticket in result:
        ticket.priority = "high"
    Ticket.objects.bulk_update(result)
    return result


def _update(emulator):
    _tickets(emulator)
    result = list(Ticket.objects.fresh())
    Ticket.objects.filter(id__in=[item.pk for item in result]).update(priority="high")
    return result


def _batch(emulator):
    created = _users()
    with connections["default"].batch():
        for user in created:
            user.save()
    return created


BULK_CALLS = [_bulk_create, _upsert, _organizations, _tickets, _bulk_update, _update, _batch]


@pytest.mark.parametrize("write", BULK_CALLS)
def test_objects_of_a_bulk_call_load_together(emulator, write):
    """The first access to a deferred field loads all objects of the call."""
    objects = write(emulator)
    emulator.requests.clear()

    stamps = [(obj.updated_at, obj.created_at, obj.url) for obj in objects]

    assert all(all(stamp) for stamp in stamps)
    assert len(emulator.requests) <= 1


def test_objects_load_in_requests_of_a_hundred(emulator):
    """250 objects need three requests."""
    users = [User(name=f"U{n}", email=f"u{n}@acme.com") for n in range(150)]
    User.objects.bulk_create(users)
    emulator.requests.clear()

    assert {user.suspended for user in users} == {False}
    assert len(emulator.requests) == 2


def test_loading_keeps_edits(emulator):
    """A value that was assigned before the loading is still an edit."""
    first, second, *_ = _bulk_create(emulator)
    second.name = "edited"
    assert first.suspended is False

    assert second.name == "edited"
    assert {*second.changes()} == {"name"}


def test_a_deleted_object_does_not_prevent_loading(emulator):
    """Only access to the deleted object raises."""
    first, second, *_ = _organizations(emulator)
    other = emulator.connect(alias="other")
    Organization.objects.using("other").get(second.pk).delete()
    assert first.url

    with pytest.raises(Organization.DoesNotExist):
        _ = second.url
    other.close()

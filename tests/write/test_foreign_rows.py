"""Responses to writes that contain the row of another object, or no valid id."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Group, MalformedResponse, Organization, Ticket, User


@pytest.fixture
def ticket(emulator):
    """A ticket."""
    return Ticket.objects.create(subject="Fire", comment=Comment(body="Help!"), tags=["a"])


WRITES = {
    "save": lambda ticket: ticket.save(),
    "comments": lambda ticket: ticket.comments.create(body="More"),
    "followers": lambda ticket: ticket.followers.add(User.objects.me()),
    "unsafe": lambda ticket: ticket.save(safe=False),
}


@pytest.mark.parametrize("write", ["save", "comments", "followers", "unsafe"])
@pytest.mark.parametrize("pk", [2, "2", 1.5, True, [1], {"id": 1}])
def test_an_object_never_becomes_another_one(emulator, ticket, write, pk):
    """An update that is answered with another row raises; the object and its edits stay."""
    ticket.priority = "low"
    User.objects.me()
    emulator.fail_next(200, method="PUT", body={"ticket": {"id": pk, "subject": "Other"}})

    with pytest.raises(MalformedResponse, match="instead"):
        WRITES[write](ticket)

    assert (ticket.pk, ticket.subject) == (1, "Fire")
    assert ticket.changes() == {"priority": (None, "low")} or write == "comments"
    ticket.save()
    assert Ticket.objects.get(id=1).priority == "low"


@pytest.mark.parametrize("pk", [1, "1", None])
def test_an_object_keeps_its_id(emulator, ticket, pk):
    """A response with the id as text, or with null, belongs to the object that was written."""
    row = {**ticket.to_dict(), "id": pk, "priority": "low"}
    emulator.fail_next(200, method="PUT", body={"ticket": row})
    ticket.priority = "low"

    ticket.save()

    assert (ticket.pk, ticket.changes()) == (1, {})


@pytest.mark.parametrize("pk", [0, -5, "x", "", None, 1.5, True, [1]])
def test_a_new_object_has_a_valid_id(emulator, pk):
    """A creation that is answered without a valid id raises, and the object has no id."""
    group = Group(name="Agents")
    emulator.fail_next(201, method="POST", body={"group": {"id": pk, "name": "Agents"}})

    with pytest.raises(MalformedResponse):
        group.save()

    assert group.pk is None


def test_rows_of_others_are_not_overwritten(emulator):
    """The cached row of the other id stays as it is."""
    first, second = (Organization.objects.create(name=name) for name in ("First", "Second"))
    row = {**first.to_dict(), "id": second.pk, "notes": "n"}
    emulator.fail_next(200, method="PUT", body={"organization": row})
    first.notes = "n"

    with pytest.raises(MalformedResponse):
        first.save()

    assert second.name == "Second"
    assert Organization.objects.get(id=second.pk).name == "Second"


def test_a_merge_updates_the_remaining_user_only(emulator):
    """A merge that is answered with another user raises, and the remaining user keeps its id."""
    ann, kim = (
        User.objects.create(name=name, email=f"{name}@acme.com".lower()) for name in ("Ann", "Kim")
    )
    pk = kim.pk
    emulator.fail_next(200, method="PUT", body={"user": {"id": 999, "name": "Eve"}})

    with pytest.raises(MalformedResponse):
        ann.merge(kim)

    assert (kim.pk, kim.name) == (pk, "Kim")

"""The identity map: one object for each row in a session, which later requests update."""

from __future__ import annotations

import gc

import pytest

from zendesk_orm import Comment, Group, Result, Ticket, User, connections


@pytest.fixture
def ticket(emulator):
    """Return a ticket that was just created."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), tags=["a"])


FETCHES = {
    "get": lambda pk: Ticket.objects.get(pk),
    "show_many": lambda pk: Ticket.objects.in_bulk([pk, 999])[pk],
    "list": lambda pk: next(t for t in Ticket.objects.fresh() if t.pk == pk),
    "search": lambda pk: Ticket.objects.filter(status="new")[0],
    "relation": lambda pk: User.objects.first().requested_tickets.fresh()[0],
    "parent": lambda pk: Ticket.objects.get(pk).comments.all()[0].ticket,
}


@pytest.mark.parametrize("fetch", FETCHES.values(), ids=FETCHES)
def test_a_row_is_one_object(ticket, fetch):
    """While the object exists, every way of fetching its row returns it."""
    assert fetch(ticket.pk) is ticket


@pytest.mark.parametrize("fetch", list(FETCHES.values())[:5], ids=list(FETCHES)[:5])
def test_a_fetch_updates_the_existing_object(ticket, fetch):
    """A value that another client changed is visible on the existing object after a fetch."""
    with connections["default"].session():
        Ticket.objects.filter(id=ticket.pk).update(priority="high")
    assert ticket.priority is None

    fetch(ticket.pk)

    assert ticket.priority == "high"


@pytest.mark.parametrize("fetch", list(FETCHES.values())[:5], ids=list(FETCHES)[:5])
def test_a_fetch_keeps_unsaved_edits(ticket, fetch):
    """Edits of the existing object stay edits when its row is fetched again."""
    ticket.subject = "mine"
    ticket.tags.append("mine")

    fetch(ticket.pk)

    assert (ticket.subject, ticket.tags) == ("mine", ["a", "mine"])
    assert ticket.changes() == {"subject": ("Printer", "mine"), "tags": (["a"], ["a", "mine"])}


def test_an_edit_that_equals_the_new_row_is_dropped(ticket):
    """If another client saved the same value, the edit ends with the next fetch."""
    ticket.priority = "high"
    Ticket.objects.filter(id=ticket.pk).update(priority="high")

    Ticket.objects.get(ticket.pk)

    assert ticket.changes() == {}


def test_a_row_that_comes_again_keeps_edits_only(ticket):
    """A fetch of an equal row drops values and links that were read, and keeps those assigned."""
    other = User.objects.create(name="Ann")
    read, edited = ticket, Ticket.objects.create(subject="Plotter", comment=Comment(body="Help"))
    assert (read.subject, read.requester.pk) == ("Printer", read.requester_id)
    edited.requester = other
    edited.subject = ""

    list(Ticket.objects.fresh())

    assert read.__dict__.keys() & {"subject", "requester", "requester_id"} == set()
    assert edited.requester is other
    assert edited.changes().keys() == {"requester_id", "subject"}


def test_included_rows_that_come_again_keep_edits(demo):
    """Users whom each page of a list includes keep their edits, and nothing else changes."""
    tickets = Ticket.objects.fresh().select_related("requester")
    user = next(ticket.requester for ticket in tickets.iterator() if ticket.requester)
    user.phone, name = "+1 555 0100", user.name

    requested = [t for t in tickets.iterator() if t.requester_id == user.pk]

    assert {id(ticket.requester) for ticket in requested} == {id(user)}
    assert (user.name, user.changes().keys()) == (name, {"phone"})


def test_unreferenced_objects_are_removed(demo):
    """The map refers to objects weakly, and removes dead references after each page."""
    for _ in Ticket.objects.fresh().iterator():
        pass

    records = connections["default"].current().identity._records[Ticket]

    assert len(records) < 1500


def test_an_unreferenced_object_loses_its_edits(emulator):
    """If no reference to an object exists, its row becomes a new object without edits."""
    pk = Ticket.objects.create(subject="Printer", comment=Comment(body="Help")).pk
    Ticket.objects.get(pk).subject = "mine"
    gc.collect()

    assert Ticket.objects.get(pk).subject == "Printer"


def test_editing_a_list_does_not_edit_the_cached_row(emulator):
    """A list that is edited in place is not the list of the cached row."""
    user = User.objects.create(name="Ann", tags=["a"])
    pk = user.pk
    user.tags.append("b")
    del user
    gc.collect()

    assert User.objects.get(pk).tags == ["a"]


def test_a_deleted_object_is_removed(emulator):
    """After `delete()`, the map does not contain the object."""
    group = Group.objects.create(name="a")
    group.delete()

    assert connections["default"].current().identity.get(Group, group.pk) is None


def test_models_can_have_the_same_id(emulator):
    """A user and a group with the same id are different objects."""
    session = connections["default"].current()
    user, group = session.refer(User, 5), session.refer(Group, 5)

    assert user is not group
    assert session.refer(User, 5) is user
    assert user != group


def test_an_unknown_result_type_becomes_a_generic_record(emulator):
    """A row of an unknown type becomes a `Result`; other rows have their models."""
    session = emulator.connect().current()
    rows = [
        {"result_type": "ticket", "id": 3, "subject": "Printer"},
        {"result_type": "hologram", "id": 3, "colour": "blue"},
    ]
    ticket, other = session.materialize(Result, rows)

    assert (type(ticket), ticket.subject, ticket.extra) == (Ticket, "Printer", {})
    assert (type(other), other.result_type, other.extra) == (Result, "hologram", {"colour": "blue"})

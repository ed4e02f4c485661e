"""One object for each row, and what a fetch does to it."""

from __future__ import annotations

import gc

import pytest

from zendesk_orm import Comment, Group, Result, Ticket, User, connections


@pytest.fixture
def ticket(emulator):
    """Return a ticket that was just created."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), tags=["a"])


WAYS = {
    "get": lambda pk: Ticket.objects.get(pk),
    "show_many": lambda pk: Ticket.objects.in_bulk([pk, 999])[pk],
    "list": lambda pk: next(t for t in Ticket.objects.fresh() if t.pk == pk),
    "search": lambda pk: Ticket.objects.filter(status="new")[0],
    "relation": lambda pk: User.objects.first().requested_tickets.fresh()[0],
    "parent": lambda pk: Ticket.objects.get(pk).comments.all()[0].ticket,
}


@pytest.mark.parametrize("find", WAYS.values(), ids=WAYS)
def test_a_row_is_one_object_while_it_is_held(ticket, find):
    """However it is found."""
    assert ticket is find(ticket.pk)


@pytest.mark.parametrize("find", list(WAYS.values())[:5], ids=list(WAYS)[:5])
def test_a_fetch_brings_the_object_up_to_date(ticket, find):
    """What others changed is seen on the object that is held."""
    with connections["default"].session():
        Ticket.objects.filter(id=ticket.pk).update(priority="high")
    assert ticket.priority is None

    find(ticket.pk)

    assert "high" == ticket.priority


@pytest.mark.parametrize("find", list(WAYS.values())[:5], ids=list(WAYS)[:5])
def test_a_fetch_keeps_unsaved_edits(ticket, find):
    """An edit is not lost because somebody read the row."""
    ticket.subject = "mine"
    ticket.tags.append("mine")

    find(ticket.pk)

    assert ("mine", ["a", "mine"]) == (ticket.subject, ticket.tags)
    assert {"subject": ("Printer", "mine"), "tags": (["a"], ["a", "mine"])} == ticket.changes()


def test_an_edit_that_others_made_too_is_none_any_more(ticket):
    """After the fetch the row says the same."""
    ticket.priority = "high"
    Ticket.objects.filter(id=ticket.pk).update(priority="high")

    Ticket.objects.get(ticket.pk)

    assert {} == ticket.changes()


def test_an_object_that_nobody_holds_is_let_go(demo):
    """The map holds weakly, and sweeps what is dead at the boundaries of pages."""
    for _ in Ticket.objects.fresh().iterator():
        pass

    known = connections["default"].current().identity._records[Ticket]

    assert 1500 > len(known)


def test_a_dropped_object_is_made_anew(emulator):
    """And has no edits of the one that was."""
    pk = Ticket.objects.create(subject="Printer", comment=Comment(body="Help")).pk
    Ticket.objects.get(pk).subject = "mine"
    gc.collect()

    assert "Printer" == Ticket.objects.get(pk).subject


def test_the_values_of_a_row_are_not_shared_with_its_record(emulator):
    """Editing a list in place does not edit what is kept."""
    user = User.objects.create(name="Ann", tags=["a"])
    pk = user.pk
    user.tags.append("b")
    del user
    gc.collect()

    assert ["a"] == User.objects.get(pk).tags


def test_a_deleted_object_is_forgotten(emulator):
    """A new row under its id would be a new object."""
    group = Group.objects.create(name="a")
    group.delete()

    assert connections["default"].current().identity.get(Group, group.pk) is None


def test_models_do_not_share_ids(emulator):
    """A user and a group of the same id are two."""
    session = connections["default"].current()
    user, group = session.refer(User, 5), session.refer(Group, 5)

    assert user is not group
    assert user is session.refer(User, 5)
    assert user != group


def test_a_kind_that_nobody_knows_yet_breaks_nothing(emulator):
    """Zendesk adds kinds of results: they are generic records, and the others are as ever."""
    session = emulator.connect().current()
    rows = [
        {"result_type": "ticket", "id": 3, "subject": "Printer"},
        {"result_type": "hologram", "id": 3, "colour": "blue"},
    ]
    ticket, other = session.materialize(Result, rows)

    assert (Ticket, "Printer", {}) == (type(ticket), ticket.subject, ticket.extra)
    assert (Result, "hologram", {"colour": "blue"}) == (type(other), other.result_type, other.extra)

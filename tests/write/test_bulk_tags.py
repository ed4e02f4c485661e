"""Tags of many tickets, added and removed so that the others stay."""

from __future__ import annotations

import pytest
from attrs import frozen

from zendesk_orm import Comment, FieldError, Ticket, User


@frozen
class Joined:
    """What `F("tags") + added - removed` gives."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@pytest.fixture
def tickets(emulator):
    """Return two tickets with tags of their own and one in common."""
    made = [Ticket(subject=n, tags=[n, "new"], comment=Comment(body="x")) for n in "ab"]
    return Ticket.objects.bulk_create(made).succeeded


def test_tags_are_added_and_removed(emulator, tickets, sent):
    """One body for all, which names no tag that is to stay."""
    rows = Ticket.objects.fresh()
    list(rows)
    del sent[:]

    rows.update(tags=Joined("tags", ("seen",), ("new",)), priority="low")

    body = {"priority": "low", "additional_tags": ["seen"], "remove_tags": ["new"]}
    assert {"ticket": body} == sent[0].json
    assert [["a", "seen"], ["b", "seen"]] == [sorted(row.tags) for row in Ticket.objects.fresh()]


def test_objects_at_hand_show_the_tags_that_are_there(emulator, tickets):
    """Which they fetch, since only Zendesk knows what else there was."""
    Ticket.objects.fresh().update(tags=Joined("tags", ("seen",)))

    assert [["a", "new", "seen"], ["b", "new", "seen"]] == [sorted(each.tags) for each in tickets]
    assert [{}, {}] == [each.changes() for each in tickets]


def test_a_list_replaces_all(emulator, tickets):
    """As an assignment does."""
    Ticket.objects.fresh().update(tags=["only"])

    assert [["only"], ["only"]] == [row.tags for row in Ticket.objects.fresh()]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (User, {"tags": Joined("tags", ("x",))}),
        (Ticket, {"collaborator_ids": Joined("collaborator_ids", (1,))}),
        (Ticket, {"tags": Joined("collaborator_ids", (1,))}),
        (Ticket, {"tgas": Joined("tags", ("x",))}),
    ],
)
def test_only_tags_of_tickets_are_added_to(emulator, model, values):
    """The rest is refused before anything is read."""
    with pytest.raises(FieldError):
        model.objects.all().update(**values)
    assert [] == emulator.requests


def test_a_note_to_many_is_not_kept_in_the_row(emulator, tickets, sent):
    """A comment is sent once with each ticket and is no value of it."""
    Ticket.objects.fresh().update(comment=Comment(body="closing soon", public=False))

    assert [2, 2] == [len(list(each.comments.all())) for each in tickets]
    assert all("comment" not in each._row for each in tickets)

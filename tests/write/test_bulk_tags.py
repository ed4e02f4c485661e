"""Tags added to or removed from many tickets, keeping the other tags."""

from __future__ import annotations

import pytest
from attrs import frozen

from zendesk_orm import ApiError, Comment, FieldError, Ticket, User


@frozen
class Joined:
    """The result of `F("tags") + added - removed`."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@pytest.fixture
def tickets(emulator):
    """Return two tickets with different tags and a common one."""
    created = [Ticket(subject=n, tags=[n, "new"], comment=Comment(body="x")) for n in "ab"]
    return Ticket.objects.bulk_create(created).succeeded


def test_tags_are_added_and_removed(emulator, tickets, sent):
    """One body for all tickets, which contains only added and removed tags."""
    rows = Ticket.objects.fresh()
    list(rows)
    del sent[:]

    rows.update(tags=Joined("tags", ("seen",), ("new",)), priority="low")

    body = {"priority": "low", "additional_tags": ["seen"], "remove_tags": ["new"]}
    assert sent[0].json == {"ticket": body}
    assert [sorted(row.tags) for row in Ticket.objects.fresh()] == [["a", "seen"], ["b", "seen"]]


def test_loaded_objects_fetch_their_tags(emulator, tickets):
    """Loaded objects fetch their tags, because only Zendesk knows the other tags."""
    Ticket.objects.fresh().update(tags=Joined("tags", ("seen",)))

    assert [sorted(ticket.tags) for ticket in tickets] == [
        ["a", "new", "seen"],
        ["b", "new", "seen"],
    ]
    assert [ticket.changes() for ticket in tickets] == [{}, {}]


def test_a_list_replaces_all_tags(emulator, tickets):
    """`update(tags=[...])` replaces all tags, as an assignment does."""
    Ticket.objects.fresh().update(tags=["only"])

    assert [row.tags for row in Ticket.objects.fresh()] == [["only"], ["only"]]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (User, {"tags": Joined("tags", ("x",))}),
        (Ticket, {"collaborator_ids": Joined("collaborator_ids", (1,))}),
        (Ticket, {"tags": Joined("collaborator_ids", (1,))}),
        (Ticket, {"tgas": Joined("tags", ("x",))}),
    ],
)
def test_only_ticket_tags_support_additions(emulator, model, values):
    """Other fields and models are rejected before any row is read."""
    with pytest.raises(FieldError):
        model.objects.all().update(**values)
    assert emulator.requests == []


def test_a_comment_to_many_is_not_stored_in_the_rows(emulator, tickets, sent):
    """A comment is sent once with each ticket, and is not a value of it."""
    Ticket.objects.fresh().update(comment=Comment(body="closing soon", public=False))

    assert [len(list(ticket.comments.all())) for ticket in tickets] == [2, 2]
    assert all("comment" not in ticket._row for ticket in tickets)


@pytest.mark.parametrize("edit", ["append", "assign"])
@pytest.mark.parametrize("model", [Ticket, User], ids=lambda model: model.__name__)
@pytest.mark.parametrize("fails", [False, True])
def test_calls_are_sent_after_a_save_of_the_same_tags(emulator, edit, model, fails):
    """The tags of an object stay those of its row if others have added the same, or it fails."""
    values = {"subject": "x", "comment": Comment(body="x")} if model is Ticket else {"name": "x"}
    record = model.objects.create(**values, tags=["old"])
    emulator.clock.sleep(5)
    emulator.connect(alias="other")
    model.objects.using("other").get(record.pk).tags.add("new")
    emulator.clock.sleep(5)
    if edit == "append":
        record.tags.append("new")
    else:
        record.tags = ["old", "new"]
    if fails and edit == "append":
        record.tags.append("more")
        emulator.fail_next(422, method="PUT")
        with pytest.raises(ApiError):
            record.save()
    else:
        record.save()

    record.tags.add("call")

    assert "call" in model.objects.using("other").fresh().get(record.pk).tags

"""Lists in bulk updates: what others add or remove meanwhile stays, or the change fails."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, StaleObjectError, Ticket, User, connections


MODELS = [Ticket, User, Organization]


def _made(model, number=0, **values):
    named = {"name": f"x{number}"}
    more = {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else named
    return model.objects.create(**more, **values)


def _by_colleague(emulator, model, pk, edit):
    with connections["default"].session():
        theirs = model.objects.fresh().get(pk)
        edit(theirs)
        theirs.save()


def _edit_as_colleague(row):
    row.tags.append("theirs")
    row.tags.pop(row.tags.index("his"))


PATHS = {
    "bulk_update": lambda rows: type(rows[0]).objects.bulk_update(rows),
    "fields": lambda rows: type(rows[0]).objects.bulk_update(rows, ["tags"]),
    "batch": lambda rows: _batch(rows),
}


def _batch(rows):
    with connections["default"].batch():
        for each in rows:
            each.save()


@pytest.mark.parametrize("seconds", [0, 1, 2])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_tags_of_two_writers_are_kept(emulator, model, path, seconds):
    """Tags that a colleague added, and removed, in the meantime are what they made them."""
    mine = [_made(model, n, tags=["old", "gone", "his"]) for n in range(2)]
    emulator.clock.sleep(5)
    for each in mine:
        _by_colleague(emulator, model, each.pk, _edit_as_colleague)
    emulator.clock.sleep(seconds)
    for each in mine:
        each.tags.append("mine")
        each.tags.pop(each.tags.index("gone"))
    path(mine)

    with connections["default"].session():
        now = [sorted(model.objects.fresh().get(each.pk).tags) for each in mine]
    assert now == [["mine", "old", "theirs"]] * 2
    assert [each.changes() for each in mine] == [{}, {}]


def test_tags_of_tickets_cost_no_further_request(emulator):
    """Additions and removals are sent without reading the tickets."""
    tickets = [_made(Ticket, tags=["old"]) for _ in range(3)]
    for each in tickets:
        each.tags.append("mine")
    emulator.requests.clear()
    Ticket.objects.bulk_update(tickets)

    assert [each for each in emulator.requests if "job_statuses" not in each] == [
        "PUT tickets/update_many"
    ]


def test_rows_of_others_are_read_a_hundred_to_a_request(emulator):
    """Users whose lists were edited are read together before they are sent; others are not."""
    users = [User(name=f"u{n}", email=f"u{n}@e.org", tags=["old"]) for n in range(120)]
    User.objects.bulk_create(users)
    users = list(User.objects.fresh().filter(role="end-user"))
    for each in users[:110]:
        each.tags.append("mine")
    for each in users[110:]:
        each.notes = "x"
    emulator.requests.clear()
    User.objects.bulk_update(users)

    reads = [each for each in emulator.requests if each.startswith("GET users")]
    assert len(reads) == 2


def test_another_list_of_a_ticket_is_updated_safely(emulator):
    """A list that others changed is not overwritten: the outcome says that it is outdated."""
    people = [User.objects.create(name=n, email=f"{n}@e.org") for n in "abc"]
    mine = _made(Ticket, collaborator_ids=[people[0].pk])
    emulator.clock.sleep(5)
    _by_colleague(
        emulator, Ticket, mine.pk, lambda t: t.collaborator_ids.append(people[1].pk)
    )  # fmt: skip
    emulator.clock.sleep(5)
    mine.collaborator_ids.append(people[2].pk)
    result = Ticket.objects.bulk_update([mine], raise_on_failure=False)

    assert [each.state for each in result] == ["failed"]
    with connections["default"].session():
        now = Ticket.objects.fresh().get(mine.pk).collaborator_ids
    assert now == [people[0].pk, people[1].pk]


def test_a_whole_assignment_of_unknown_tags_is_sent_as_a_whole(emulator):
    """Tags that are assigned to an object of a known id replace all."""
    pk = _made(Ticket, tags=["old"]).pk
    known = Ticket(id=pk)
    known.tags = ["only"]
    Ticket.objects.bulk_update([known])

    assert Ticket.objects.fresh().get(pk).tags == ["only"]


def test_save_still_tells_of_collisions(emulator):
    """Lists are merged by `save()` of a ticket as before; other values collide."""
    mine = _made(Ticket, tags=["old"])
    emulator.clock.sleep(5)
    _by_colleague(emulator, Ticket, mine.pk, lambda t: setattr(t, "priority", "low"))
    emulator.clock.sleep(5)
    mine.priority = "high"
    with pytest.raises(StaleObjectError):
        mine.save()

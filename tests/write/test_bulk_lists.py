"""Lists in bulk updates: changes by others are merged, or the update fails."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    Organization,
    StaleObjectError,
    Ticket,
    User,
    connections,
)


MODELS = [Ticket, User, Organization]


def _create(model, number=0, **values):
    values_of_others = {"name": f"x{number}"}
    required = (
        {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else values_of_others
    )
    return model.objects.create(**required, **values)


def _change_as_colleague(emulator, model, pk, edit):
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
        for row in rows:
            row.save()


@pytest.mark.parametrize("seconds", [0, 1, 2])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_tag_changes_of_two_clients_are_merged(emulator, model, path, seconds):
    """Tags that a colleague added or removed meanwhile are not reverted."""
    mine = [_create(model, n, tags=["old", "gone", "his"]) for n in range(2)]
    emulator.clock.sleep(5)
    for element in mine:
        _change_as_colleague(emulator, model, element.pk, _edit_as_colleague)
    emulator.clock.sleep(seconds)
    for element in mine:
        element.tags.append("mine")
        element.tags.pop(element.tags.index("gone"))
    path(mine)

    with connections["default"].session():
        now = [sorted(model.objects.fresh().get(item.pk).tags) for item in mine]
    assert now == [["mine", "old", "theirs"]] * 2
    assert [item.changes() for item in mine] == [{}, {}]


def test_changes_of_ticket_tags_need_no_extra_request(emulator):
    """Additions and removals are sent without reading the tickets."""
    tickets = [_create(Ticket, tags=["old"]) for _ in range(3)]
    for ticket in tickets:
        ticket.tags.append("mine")
    emulator.requests.clear()
    Ticket.objects.bulk_update(tickets)

    assert [request for request in emulator.requests if "job_statuses" not in request] == [
        "PUT tickets/update_many"
    ]


def test_users_are_read_in_requests_of_a_hundred(emulator):
    """Users with changed lists are read together before the update; others are not read."""
    users = [User(name=f"u{n}", email=f"u{n}@e.org", tags=["old"]) for n in range(120)]
    User.objects.bulk_create(users)
    users = list(User.objects.fresh().filter(role="end-user"))
    for user in users[:110]:
        user.tags.append("mine")
    for user in users[110:]:
        user.notes = "x"
    emulator.requests.clear()
    User.objects.bulk_update(users)

    reads = [request for request in emulator.requests if request.startswith("GET users")]
    assert len(reads) == 2


def test_another_list_of_a_ticket_is_updated_safely(emulator):
    """A list that others changed is not overwritten: the outcome is outdated."""
    people = [User.objects.create(name=n, email=f"{n}@e.org") for n in "abc"]
    mine = _create(Ticket, collaborator_ids=[people[0].pk])
    emulator.clock.sleep(5)
    _change_as_colleague(
        emulator, Ticket, mine.pk, lambda t: t.collaborator_ids.append(people[1].pk)
    )  # fmt: skip
    emulator.clock.sleep(5)
    mine.collaborator_ids.append(people[2].pk)
    result = Ticket.objects.bulk_update([mine], raise_on_failure=False)

    assert [outcome.state for outcome in result] == ["failed"]
    with connections["default"].session():
        now = Ticket.objects.fresh().get(mine.pk).collaborator_ids
    assert now == [people[0].pk, people[1].pk]


def test_tags_assigned_to_an_unloaded_object_replace_all(emulator):
    """Tags that are assigned to an object of which only the id is known replace all tags."""
    pk = _create(Ticket, tags=["old"]).pk
    unloaded = Ticket(id=pk)
    unloaded.tags = ["only"]
    Ticket.objects.bulk_update([unloaded])

    assert Ticket.objects.fresh().get(pk).tags == ["only"]


def test_save_raises_on_conflicting_values(emulator):
    """`save()` merges lists of a ticket, and raises if other values conflict."""
    mine = _create(Ticket, tags=["old"])
    emulator.clock.sleep(5)
    _change_as_colleague(emulator, Ticket, mine.pk, lambda t: setattr(t, "priority", "low"))
    emulator.clock.sleep(5)
    mine.priority = "high"
    with pytest.raises(StaleObjectError):
        mine.save()


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_retry_merges_with_the_tags_of_its_time(emulator, model, path):
    """A tag that the first attempt has merged, and that was removed since, is not restored."""
    mine = [_create(model, n, tags=["old", "his"]) for n in range(2)]
    emulator.clock.sleep(5)
    for element in mine:
        _change_as_colleague(emulator, model, element.pk, lambda row: row.tags.append("brief"))
        element.tags.append("mine")
    emulator.fail_next(422, method="PUT")
    with pytest.raises(BulkError) as caught:
        path(mine)
    for element in mine:
        _change_as_colleague(emulator, model, element.pk, _remove_brief_tag)

    caught.value.result.retry_failed()

    with connections["default"].session():
        now = [sorted(model.objects.fresh().get(item.pk).tags) for item in mine]
    assert now == [["mine", "old", "theirs"]] * 2
    assert [item.changes() for item in mine] == [{}, {}]


def _remove_brief_tag(row):
    row.tags = [*(tag for tag in row.tags if tag not in ("brief", "his")), "theirs"]

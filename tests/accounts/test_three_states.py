"""Methods of objects that are new, known by id only, or loaded."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Ticket, User, connections
from zendesk_orm.schema.values import UnknownDict, UnknownList


TAGGED = [Ticket, User, Organization]


def _create(model):
    required = {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else {"name": "x"}
    return model.objects.create(tags=["billing", "vip"], **required)


def _fetch_tags(pk, model):
    with connections["default"].session():
        return sorted(model.objects.fresh().get(pk).tags)


STATES = {
    "known": lambda model, pk: model(id=pk),
    "referred": lambda model, pk: connections["default"].current().refer(model, pk),
    "loaded": lambda model, pk: model.objects.get(pk),
}


@pytest.fixture(params=TAGGED, ids=lambda model: model.__name__)
def model(request, emulator):
    """Return a model whose objects have tags."""
    return request.param


@pytest.fixture
def pk(model):
    """Return the id of an object with two tags, which no session contains."""
    return _create(model).pk


@pytest.fixture(params=STATES.values(), ids=STATES)
def existing(request, model, pk):
    """Return an object with that id, in each state except new."""
    return request.param(model, pk)


def test_tags_are_added_and_removed(existing, model, pk):
    """Additions and removals of an object with an id are sent, and keep other tags."""
    existing.tags.add("seen")
    existing.tags.remove("vip")

    assert _fetch_tags(pk, model) == ["billing", "seen"]
    assert sorted(existing.tags) == ["billing", "seen"]
    assert existing.changes() == {}


def test_a_save_after_an_addition_keeps_the_tags(existing, model, pk):
    """Added tags are not edits, so that a later save overwrites nothing."""
    existing.tags.add("seen")
    setattr(existing, "subject" if model is Ticket else "name", "y")
    existing.save()

    assert _fetch_tags(pk, model) == ["billing", "seen", "vip"]


def test_tags_are_set_and_cleared(existing, model, pk):
    """`set()` replaces the tags of an object with an id at once."""
    existing.tags.set(["only"])
    assert _fetch_tags(pk, model) == ["only"]

    existing.tags.clear()
    assert _fetch_tags(pk, model) == []


def test_tags_that_outlive_their_object_are_sent(model, pk):
    """The tags of an object that was garbage-collected can be changed."""
    model.objects.get(pk).tags.add("seen")
    model(id=pk).tags.remove("vip")

    assert _fetch_tags(pk, model) == ["billing", "seen"]


def test_tags_are_added_and_removed_in_a_batch(existing, model, pk):
    """A batch adds and removes tags of an object with an id, and keeps other tags."""
    with connections["default"].batch():
        existing.tags.add("seen")
        existing.tags.remove("vip")

    assert _fetch_tags(pk, model) == ["billing", "seen"]


EDITS = {
    "append": lambda tags: tags.append("x"),
    "extend": lambda tags: tags.extend(["x"]),
    "insert": lambda tags: tags.insert(0, "x"),
    "pop": lambda tags: tags.pop(),
    "sort": lambda tags: tags.sort(),
    "item": lambda tags: tags.__setitem__(slice(None), ["x"]),
    "del": lambda tags: tags.__delitem__(slice(None)),
    "iadd": lambda tags: tags.__iadd__(["x"]),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_unknown_tags_are_not_edited_in_place(model, pk, edit, emulator):
    """An in-place edit of unknown tags raises, and the message contains the remedy."""
    existing = model(id=pk)
    emulator.requests.clear()

    with pytest.raises(InvalidValue, match=r"present value is not known.*use add\(\)"):
        edit(existing.tags)

    assert emulator.requests == []
    assert existing.changes() == {}


def test_loaded_tags_are_edited_in_place(model, pk):
    """The next save sends an in-place edit of loaded tags."""
    loaded = model.objects.get(pk)
    loaded.tags.append("seen")
    loaded.save()

    assert _fetch_tags(pk, model) == ["billing", "seen", "vip"]


def test_assigned_tags_are_edited_in_place(model, pk):
    """Assigned tags can be edited, and are sent completely."""
    existing = model(id=pk)
    existing.tags = ["a"]
    existing.tags.append("b")
    existing.save()

    assert _fetch_tags(pk, model) == ["a", "b"]


def test_tags_of_a_new_object_are_edits(model, emulator):
    """All tags of a new object are sent when it is created."""
    emulator.requests.clear()
    required = {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else {"name": "x"}
    new = model(**required)
    new.tags.append("a")
    new.tags.add("b")
    new.tags.remove("a")
    assert emulator.requests == []
    new.save()

    assert new.tags == ["b"]


def test_every_list_is_guarded(emulator):
    """Unknown lists and dictionaries that are sent completely cannot be edited in place."""
    for item in (Ticket, User, Organization):
        bare = item(id=1)
        for field in item._meta.fields.values():
            is_complete = field.editable and field.readable and field.kind.part is None
            value = getattr(bare, field.name) if is_complete and not field.nullable else None
            if isinstance(value, (list, dict)):
                assert isinstance(value, (UnknownList, UnknownDict)), f"{item}.{field.name}"


def test_parts_of_unknown_values_can_be_edited(emulator):
    """Custom fields can be edited while unknown, because only changed values are sent."""
    user = User.objects.create(name="x", email="x@e.org")
    existing = User(id=user.pk)
    existing.user_fields["plan"] = "gold"

    assert existing.changes()["user_fields"][1] == {"plan": "gold"}


@pytest.fixture
def ticket_pk(emulator):
    """Return the id of a ticket with a follower."""
    ann = User.objects.create(name="Ann", email="ann@e.org", role="agent")
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"), followers=[ann])
    return ticket.pk


WORK = {
    "save": lambda ticket: setattr(ticket, "subject", "y") or ticket.save(),
    "save fields": lambda ticket: (
        setattr(ticket, "subject", "y") or ticket.save(update_fields=["subject"])
    ),
    "refresh": lambda ticket: ticket.refresh_from_db(),
    "followers.add": lambda ticket: ticket.followers.add("ben@e.org"),
    "followers.remove": lambda ticket: ticket.followers.remove("ann@e.org"),
    "followers.set": lambda ticket: ticket.followers.set(["ben@e.org"]),
    "followers.clear": lambda ticket: ticket.followers.clear(),
    "comments.create": lambda ticket: ticket.comments.create(body="y"),
    "add_tags": lambda ticket: ticket.add_tags("a"),
    "bulk_update": lambda ticket: (
        setattr(ticket, "subject", "y") or Ticket.objects.bulk_update([ticket])
    ),
    "mark_as_spam": lambda ticket: ticket.mark_as_spam(),
    "delete": lambda ticket: ticket.delete(),
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_methods_work_for_every_known_id(ticket_pk, emulator, state, work):
    """A method of an object with an id is sent, whether the object is loaded or not."""
    User.objects.create(name="Ben", email="ben@e.org", role="agent")
    ticket = state(Ticket, ticket_pk)
    emulator.requests.clear()

    work(ticket)

    assert emulator.requests


#: Methods that need no id, because they create the object or edit it.
WITHOUT_ID = {name for name in WORK if name.startswith(("save", "followers"))}


@pytest.mark.parametrize("name", sorted(WORK.keys() - WITHOUT_ID))
def test_methods_of_a_new_object_are_rejected(emulator, name):
    """Methods that need an id raise for a new object; nothing is sent."""
    ticket = Ticket(subject="x", comment=Comment(body="x"))
    emulator.requests.clear()

    with pytest.raises(InvalidValue):
        WORK[name](ticket)

    assert emulator.requests == []


def test_setting_followers_by_id_removes_the_others(ticket_pk, emulator):
    """`set()` reads unknown followers first, and removes those that are not listed."""
    User.objects.create(name="Ben", email="ben@e.org", role="agent")
    Ticket(id=ticket_pk).followers.set(["ben@e.org"])

    assert [follower.name for follower in Ticket.objects.fresh().get(ticket_pk).followers] == [
        "Ben"
    ]

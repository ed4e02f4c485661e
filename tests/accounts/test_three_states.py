"""Every method of an object that is new, known by its id only, or loaded."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Ticket, User, connections
from zendesk_orm.schema.values import UnknownDict, UnknownList


TAGGED = [Ticket, User, Organization]


def _made(model):
    more = {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else {"name": "x"}
    return model.objects.create(tags=["billing", "vip"], **more)


def _present(pk, model):
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
    """Return the id of an object with two tags, which no session holds."""
    return _made(model).pk


@pytest.fixture(params=STATES.values(), ids=STATES)
def known(request, model, pk):
    """Return an object of that id, in each state but new."""
    return request.param(model, pk)


def test_tags_are_added_and_removed(known, model, pk):
    """Additions and removals of an object with an id are sent, and leave the others alone."""
    known.tags.add("seen")
    known.tags.remove("vip")

    assert _present(pk, model) == ["billing", "seen"]
    assert sorted(known.tags) == ["billing", "seen"]
    assert known.changes() == {}


def test_a_save_after_an_addition_keeps_the_tags(known, model, pk):
    """What was added is no edit, so that a later save overwrites nothing."""
    known.tags.add("seen")
    setattr(known, "subject" if model is Ticket else "name", "y")
    known.save()

    assert _present(pk, model) == ["billing", "seen", "vip"]


def test_tags_are_set_and_cleared(known, model, pk):
    """`set()` replaces the tags of an object with an id at once."""
    known.tags.set(["only"])
    assert _present(pk, model) == ["only"]

    known.tags.clear()
    assert _present(pk, model) == []


def test_tags_that_outlive_their_object_are_sent(model, pk):
    """The tags of an object that nobody holds any more are changed all the same."""
    model.objects.get(pk).tags.add("seen")
    model(id=pk).tags.remove("vip")

    assert _present(pk, model) == ["billing", "seen"]


def test_tags_are_added_and_removed_in_a_batch(known, model, pk):
    """A batch adds and removes tags of an object with an id, and leaves the others alone."""
    with connections["default"].batch():
        known.tags.add("seen")
        known.tags.remove("vip")

    assert _present(pk, model) == ["billing", "seen"]


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
    """An edit in place of tags that are not known raises, and says what to do."""
    known = model(id=pk)
    emulator.requests.clear()

    with pytest.raises(InvalidValue, match=r"present value is not known.*use add\(\)"):
        edit(known.tags)

    assert emulator.requests == []
    assert known.changes() == {}


def test_loaded_tags_are_edited_in_place(model, pk):
    """An edit in place of loaded tags is sent by the next save."""
    loaded = model.objects.get(pk)
    loaded.tags.append("seen")
    loaded.save()

    assert _present(pk, model) == ["billing", "seen", "vip"]


def test_assigned_tags_are_edited_in_place(model, pk):
    """Tags that were assigned as a whole are known, and sent as a whole."""
    known = model(id=pk)
    known.tags = ["a"]
    known.tags.append("b")
    known.save()

    assert _present(pk, model) == ["a", "b"]


def test_tags_of_a_new_object_are_edits(model, emulator):
    """A new object has no tags to overwrite: all edits are sent when it is created."""
    emulator.requests.clear()
    more = {"comment": Comment(body="x"), "subject": "x"} if model is Ticket else {"name": "x"}
    new = model(**more)
    new.tags.append("a")
    new.tags.add("b")
    new.tags.remove("a")
    assert emulator.requests == []
    new.save()

    assert new.tags == ["b"]


def test_every_list_is_guarded(emulator):
    """No list or dictionary that is sent as a whole can be edited while it is unknown."""
    for each in (Ticket, User, Organization):
        bare = each(id=1)
        for field in each._meta.fields.values():
            whole = field.editable and field.readable and field.kind.part is None
            value = getattr(bare, field.name) if whole and not field.nullable else None
            if isinstance(value, (list, dict)):
                assert isinstance(value, (UnknownList, UnknownDict)), f"{each}.{field.name}"


def test_parts_of_unknown_values_can_be_edited(emulator):
    """Custom fields of which only what changed is sent can be edited while they are unknown."""
    user = User.objects.create(name="x", email="x@e.org")
    known = User(id=user.pk)
    known.user_fields["plan"] = "gold"

    assert known.changes()["user_fields"][1] == {"plan": "gold"}


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


#: Methods that need no id: a new object is created, and what follows it is an edit.
WITHOUT_ID = {name for name in WORK if name.startswith(("save", "followers"))}


@pytest.mark.parametrize("name", sorted(WORK.keys() - WITHOUT_ID))
def test_methods_of_a_new_object_are_rejected(emulator, name):
    """A method that needs an id raises for an object that was never saved; nothing is sent."""
    ticket = Ticket(subject="x", comment=Comment(body="x"))
    emulator.requests.clear()

    with pytest.raises(InvalidValue):
        WORK[name](ticket)

    assert emulator.requests == []


def test_setting_followers_by_id_removes_the_others(ticket_pk, emulator):
    """`set()` reads who follows first if that is not known, and removes who is left out."""
    User.objects.create(name="Ben", email="ben@e.org", role="agent")
    Ticket(id=ticket_pk).followers.set(["ben@e.org"])

    assert [each.name for each in Ticket.objects.fresh().get(ticket_pk).followers] == ["Ben"]

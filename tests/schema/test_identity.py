"""Which records are the same, and how they travel."""

from __future__ import annotations

import copy
import pickle

import pytest

from zendesk_orm import Group, Ticket, User
from zendesk_orm.schema.row import Hollow


class Source:
    """Where a record came from: an account by name, and nothing that can be pickled."""

    def __init__(self, alias="default"):
        self.alias = self.account_identity = alias
        self.lock = (each for each in ())

    def refer(self, model, pk, known=None):
        return model.from_row(Hollow(id=pk), self)


def _fetched(model, row, alias="default"):
    return model.from_row(row, Source(alias))


def _pickled(record):
    return pickle.loads(pickle.dumps(record))


ways = pytest.mark.parametrize("way", [_pickled, copy.copy, copy.deepcopy])


def test_the_same_row_is_equal():
    """Account, model and id say which row it is, whatever was edited."""
    one, other = (_fetched(Ticket, {"id": 5, "subject": subject}) for subject in "ab")

    assert one == other
    assert hash(one) == hash(other)
    assert 1 == len({one, other})


def test_an_object_of_an_id_equals_the_fetched_one_of_the_default_account():
    """`Ticket(id=5)` stands for ticket 5."""
    fetched = _fetched(Ticket, {"id": 5})

    assert Ticket(id=5) == fetched
    assert hash(Ticket(id=5)) == hash(fetched)
    assert Ticket(id=5) == Ticket(pk=5)


@pytest.mark.parametrize(
    "other",
    [Ticket(id=2), Group(id=1), _fetched(Ticket, {"id": 1}, "emea"), Ticket(), 1, None, "Ticket 1"],
    ids=["id", "model", "account", "unsaved", "number", "none", "text"],
)
def test_another_row_is_not_equal(other):
    """Another id, another model or another account is another row."""
    assert Ticket(id=1) != other


def test_the_same_id_in_two_models_is_two_members():
    """They live beside each other in a set."""
    assert 2 == len({Ticket(id=1), Group(id=1)})


def test_unsaved_objects_equal_only_themselves():
    """Nobody knows yet which row they will be."""
    ticket = Ticket(subject="x")

    assert ticket == ticket  # noqa: PLR0124 - equal to itself
    assert Ticket(subject="x") != ticket


def test_an_unsaved_object_has_no_hash():
    """It would be another one after the save."""
    with pytest.raises(TypeError, match="unsaved Ticket has no id to hash"):
        hash(Ticket())


@ways
def test_row_edits_and_account_travel(way):
    """What arrives is the same object in all that can be seen."""
    ticket = _fetched(Ticket, {"id": 5, "subject": "a", "mood": "blue"}, "emea")
    ticket.status = "open"
    ticket.tags.append("vip")

    again = way(ticket)

    assert (5, "a", "emea", {"mood": "blue"}) == (again.pk, again.subject, again.using, again.extra)
    assert (
        ticket.changes() == again.changes() == {"status": (None, "open"), "tags": (None, ["vip"])}
    )


@ways
def test_the_session_does_not_travel(way):
    """What arrives finds the account by its name when it needs it."""
    ticket = _fetched(Ticket, {"id": 5})

    assert way(ticket)._source is not ticket._source


@ways
def test_an_unsaved_object_travels(way):
    """Its edits are all it has."""
    again = way(Ticket(subject="x"))

    assert (None, None, {"subject": "x"}) == (again.pk, again.using, again.to_payload())


@ways
def test_a_hollow_record_stays_hollow(way):
    """Its other fields are still to be fetched."""
    again = way(_fetched(User, Hollow(id=5)))

    assert type(again._row) is Hollow
    assert 5 == again.pk


@ways
def test_a_relation_that_was_assigned_travels_as_its_id(way):
    """The record at the other end is referred to anew."""
    ticket = _fetched(Ticket, {"id": 5, "requester_id": 1})
    ticket.requester = User(id=2)

    again = way(ticket)

    assert {"requester_id": 2} == again.to_payload()


@pytest.mark.parametrize("way", [_pickled, copy.deepcopy])
def test_edits_of_a_deep_copy_are_its_own(way):
    """Neither sees what the other does next."""
    ticket = _fetched(Ticket, {"id": 5, "tags": ["a"]})
    ticket.tags.append("b")

    again = way(ticket)
    again.tags.append("c")

    assert (["a", "b"], ["a", "b", "c"]) == (ticket.tags, again.tags)


def test_edits_after_copying_do_not_reach_the_original():
    """What was not edited before the copy is read from the row by each."""
    ticket = _fetched(Ticket, {"id": 5, "tags": ["a"]})
    again = copy.copy(ticket)
    again.tags.append("b")

    assert {} == ticket.changes()

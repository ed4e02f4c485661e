"""Equality, hashing, copying and pickling of records."""

from __future__ import annotations

import copy
import pickle

import pytest

from zendesk_orm import Group, Ticket, User
from zendesk_orm.schema.row import PartialRow


class Source:
    """A source of records with an alias; it cannot be pickled."""

    def __init__(self, alias="default"):
        self.alias = self.account_identity = alias
        self.lock = (item for item in ())

    def refer(self, model, pk, values=None):
        return model.from_row(PartialRow(id=pk), self)


def _fetch(model, row, alias="default"):
    return model.from_row(row, Source(alias))


def _pickle(record):
    return pickle.loads(pickle.dumps(record))


each_copy = pytest.mark.parametrize("make_copy", [_pickle, copy.copy, copy.deepcopy])


def test_records_of_the_same_row_are_equal():
    """Records with the same account, model and id are equal, whatever their values."""
    one, other = (_fetch(Ticket, {"id": 5, "subject": subject}) for subject in "ab")

    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other}) == 1


def test_an_object_with_an_id_equals_the_fetched_one():
    """`Ticket(id=5)` equals ticket 5 that was fetched from the default account."""
    fetched = _fetch(Ticket, {"id": 5})

    assert Ticket(id=5) == fetched
    assert hash(Ticket(id=5)) == hash(fetched)
    assert Ticket(id=5) == Ticket(pk=5)


@pytest.mark.parametrize(
    "other",
    [Ticket(id=2), Group(id=1), _fetch(Ticket, {"id": 1}, "emea"), Ticket(), 1, None, "Ticket 1"],
    ids=["id", "model", "account", "unsaved", "number", "none", "text"],
)
def test_records_of_other_rows_are_not_equal(other):
    """Records with another id, model or account are not equal."""
    assert Ticket(id=1) != other


def test_records_of_two_models_are_distinct_in_a_set():
    """Records of two models with the same id are distinct members of a set."""
    assert len({Ticket(id=1), Group(id=1)}) == 2


def test_unsaved_objects_equal_only_themselves():
    """An unsaved object equals only itself."""
    ticket = Ticket(subject="x")

    assert ticket == ticket  # noqa: PLR0124 - equal to itself
    assert Ticket(subject="x") != ticket


def test_an_unsaved_object_has_no_hash():
    """An unsaved object has no hash, because saving it would change the hash."""
    with pytest.raises(TypeError, match="unsaved Ticket has no id to hash"):
        hash(Ticket())


@each_copy
def test_a_copy_keeps_row_edits_and_account(make_copy):
    """A copy has the row, the edits and the account of the original."""
    ticket = _fetch(Ticket, {"id": 5, "subject": "a", "mood": "blue"}, "emea")
    ticket.status = "open"
    ticket.tags.append("vip")

    again = make_copy(ticket)

    assert (again.pk, again.subject, again.using, again.extra) == (5, "a", "emea", {"mood": "blue"})
    assert (
        ticket.changes() == again.changes() == {"status": (None, "open"), "tags": (None, ["vip"])}
    )


@each_copy
def test_a_copy_has_another_session(make_copy):
    """A copy does not share the session of the original."""
    ticket = _fetch(Ticket, {"id": 5})

    assert make_copy(ticket)._source is not ticket._source


@each_copy
def test_a_copy_of_an_unsaved_object_keeps_its_edits(make_copy):
    """A copy of an unsaved object has its edits."""
    again = make_copy(Ticket(subject="x"))

    assert (again.pk, again.using, again.to_payload()) == (None, None, {"subject": "x"})


@each_copy
def test_a_copy_of_a_partial_record_is_partial(make_copy):
    """A copy of a record with a partial row has a partial row."""
    again = make_copy(_fetch(User, PartialRow(id=5)))

    assert type(again._row) is PartialRow
    assert again.pk == 5


@each_copy
def test_a_copy_keeps_an_assigned_relation(make_copy):
    """A copy of a record with an assigned relation sends the id of the relation."""
    ticket = _fetch(Ticket, {"id": 5, "requester_id": 1})
    ticket.requester = User(id=2)

    again = make_copy(ticket)

    assert again.to_payload() == {"requester_id": 2}


@pytest.mark.parametrize("make_copy", [_pickle, copy.deepcopy])
def test_a_deep_copy_does_not_share_edits(make_copy):
    """Edits of a deep copy do not change the original."""
    ticket = _fetch(Ticket, {"id": 5, "tags": ["a"]})
    ticket.tags.append("b")

    again = make_copy(ticket)
    again.tags.append("c")

    assert (ticket.tags, again.tags) == (["a", "b"], ["a", "b", "c"])


def test_a_copy_does_not_share_unedited_lists():
    """Editing a list of a shallow copy does not change the original."""
    ticket = _fetch(Ticket, {"id": 5, "tags": ["a"]})
    again = copy.copy(ticket)
    again.tags.append("b")

    assert ticket.changes() == {}

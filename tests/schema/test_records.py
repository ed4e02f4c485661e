"""Records: names, values, and what they show, without a request."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from zendesk_orm import FieldError, Group, InvalidValue, Ticket, TicketField, User
from zendesk_orm.schema.row import Hollow


class Raising:
    """A source that must not be asked."""

    alias = "default"

    def load(self, record):
        pytest.fail("a request would be made")

    def refer(self, model, pk, known=None):
        return model.from_row(Hollow(id=pk), self)


class Fetching(Raising):
    """A source that has one row for all, and counts how often it is asked."""

    def __init__(self, row):
        self.row = row
        self.asked = 0

    def load(self, record):
        self.asked += 1
        record.absorb(self.row)


# -- names -------------------------------------------------------------------


def test_an_unknown_keyword_is_refused_with_the_nearest_name():
    """A misspelt keyword is not ignored."""
    with pytest.raises(FieldError, match="Ticket has no field 'stauts'; did you mean 'status'"):
        Ticket(stauts="new")


def test_an_unknown_name_is_not_assigned():
    """An assignment that no save would send is refused."""
    ticket = Ticket()

    with pytest.raises(FieldError, match="did you mean 'subject'"):
        ticket.subjetc = "Printer"


def test_an_unknown_name_is_not_read():
    """It is an AttributeError, as everywhere in Python, and names the nearest."""
    with pytest.raises(AttributeError, match="did you mean 'requester_id'"):
        _ = Ticket().requestor_id


def test_an_unknown_name_can_be_asked_for_with_a_default():
    """getattr() with a default and hasattr() work as with any object."""
    assert getattr(Ticket(), "colour", None) is None
    assert not hasattr(Ticket(), "colour")


@pytest.mark.parametrize("name", ["created_at", "description", "via", "id"])
def test_what_zendesk_sets_cannot_be_assigned(name):
    """The message says whose the field is."""
    with pytest.raises(FieldError, match=f"Ticket.{name} is set by Zendesk"):
        setattr(Ticket(), name, None)


def test_what_zendesk_sets_cannot_be_given():
    """Neither when the object is made."""
    with pytest.raises(FieldError, match="set by Zendesk"):
        Ticket(created_at=datetime(2023, 11, 3, tzinfo=timezone.utc))


@pytest.mark.parametrize("name", ["objects", "comments", "save", "pk"])
def test_what_is_no_field_cannot_be_assigned(name):
    """Managers, relations to many, methods and the pk keep their meaning."""
    with pytest.raises((FieldError, AttributeError)):
        setattr(Ticket(), name, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", 5),
        ("status", "opne"),
        ("status", None),
        ("tags", "vip"),
        ("due_at", datetime(2023, 11, 3)),
        ("custom_status_id", True),
    ],
)
def test_a_value_that_the_field_cannot_have_is_refused(name, value):
    """The message begins with the name, and the old value stays."""
    ticket = Ticket.from_row({"id": 1})

    with pytest.raises(InvalidValue, match=f"^{name}"):
        setattr(ticket, name, value)
    assert {} == ticket.changes()


# -- values ------------------------------------------------------------------


def test_a_value_is_converted_when_it_is_read():
    """The row keeps the text, the record gives a moment."""
    row = {"id": 1, "created_at": "2023-11-03T10:00:00Z"}
    ticket = Ticket.from_row(row)

    assert datetime(2023, 11, 3, 10, tzinfo=timezone.utc) == ticket.created_at
    assert "2023-11-03T10:00:00Z" == row["created_at"]


def test_a_value_is_converted_once():
    """Every reading gives the same object."""
    ticket = Ticket.from_row({"id": 1, "tags": ["vip"]})

    assert ticket.tags is ticket.tags


def test_a_choice_that_zendesk_made_up_can_be_read():
    """A new status must not break anybody's program."""
    assert "waiting" == Ticket.from_row({"id": 1, "status": "waiting"}).status


@pytest.mark.parametrize(
    ("name", "expected"),
    [("subject", None), ("due_at", None), ("tags", []), ("via", {}), ("requester", None)],
)
def test_what_a_new_object_does_not_have_reads_as_nothing(name, expected):
    """Lists and dictionaries are empty, so that they can be appended to; the rest is None."""
    assert expected == getattr(Ticket(), name)


def test_a_key_that_is_missing_from_a_whole_row_makes_no_request():
    """Zendesk leaves keys out; that is no reason to fetch."""
    ticket = Ticket.from_row({"id": 1}, Raising())

    assert (None, []) == (ticket.subject, ticket.tags)


def test_a_hollow_record_is_fetched_once():
    """The first field that is not known fetches all of them."""
    source = Fetching({"id": 5, "name": "Ann", "email": "ann@example.com"})
    user = User.from_row(Hollow(id=5), source)

    assert ("Ann", "ann@example.com") == (user.name, user.email)
    assert 1 == source.asked


def test_what_is_only_sent_is_never_fetched():
    """A write-only field is in no row, so reading it of a hollow record asks nobody."""
    user = User.from_row(Hollow(id=5), Raising())

    assert user.skip_verify_email is None
    assert [] == user.agent_brand_ids


def test_an_edit_of_a_hollow_record_outlives_the_fetching():
    """Assigning needs no row, and the row that comes later does not overwrite it."""
    user = User.from_row(Hollow(id=5), Fetching({"id": 5, "name": "Ann", "email": "old@x.com"}))
    user.email = "new@x.com"

    assert ("Ann", "new@x.com") == (user.name, user.email)


# -- what it shows -----------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Ticket(), "<Ticket None>"),
        (Ticket(subject="Printer"), "<Ticket None: Printer>"),
        (Ticket.from_row({"id": 1, "subject": "Printer"}, Raising()), "<Ticket 1: Printer>"),
        (Ticket.from_row({"id": 1}, Raising()), "<Ticket 1>"),
        (Group.from_row({"id": 2, "name": "Support"}, Raising()), "<Group 2: Support>"),
        (User.from_row(Hollow(id=5), Raising()), "<User 5>"),
    ],
    ids=["new", "new with a name", "subject", "no subject", "name", "hollow"],
)
def test_repr_tells_what_is_at_hand(record, expected):
    """The model, the id and a name if it is known: never a request."""
    assert expected == repr(record) == str(record)


def test_repr_tells_an_unsaved_name():
    """What was assigned is nearer than what the row says."""
    ticket = Ticket.from_row({"id": 1, "subject": "Printer"}, Raising())
    ticket.subject = "Plotter"

    assert "<Ticket 1: Plotter>" == repr(ticket)


def test_extra_is_what_the_model_does_not_declare():
    """It is readable by Zendesk's name."""
    ticket = Ticket.from_row({"id": 1, "subject": "x", "mood": {"deep": [1]}})

    assert {"mood": {"deep": [1]}} == ticket.extra


def test_to_dict_is_the_row_with_the_edits():
    """Edits are ready for JSON, unknown keys are there, and the row stays as it was."""
    row = {"id": 1, "subject": "old", "mood": "blue", "due_at": None, "tags": ["a"]}
    ticket = Ticket.from_row(row)
    ticket.subject = "new"
    ticket.due_at = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
    ticket.tags.append("b")

    shown = ticket.to_dict()

    assert {
        "id": 1,
        "subject": "new",
        "mood": "blue",
        "due_at": "2023-11-03T10:00:00Z",
        "tags": ["a", "b"],
    } == shown
    assert shown == json.loads(json.dumps(shown))
    assert ("old", ["a"]) == (row["subject"], row["tags"])


def test_what_is_settled_at_creation_is_refused_afterwards():
    """Zendesk ignores a new type of a ticket field, so that the edit would be lost."""
    field = TicketField.from_row({"id": 1, "type": "text"})

    with pytest.raises(FieldError, match="can be set when the object is made"):
        field.type = "checkbox"
    assert "text" == TicketField(type="text").type

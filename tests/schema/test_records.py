"""Records: names, values and representations, without requests."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from zendesk_orm import FieldError, Group, InvalidValue, Ticket, TicketField, User
from zendesk_orm.schema.row import PartialRow


class OfflineSource:
    """A source that fails the test when a record loads its row."""

    alias = "default"

    def load(self, record, wire):
        pytest.fail("a request would be sent")

    def refer(self, model, pk, values=None):
        return model.from_row(PartialRow(id=pk), self)


class RowSource(OfflineSource):
    """A source with one row, which counts how often it is loaded."""

    def __init__(self, row):
        self.row = row
        self.loads = 0

    def load(self, record, wire):
        self.loads += 1
        record.update_from_row(self.row)


# Names


def test_an_unknown_keyword_is_rejected_with_a_suggestion():
    """A misspelt keyword raises `FieldError` with a suggestion."""
    with pytest.raises(FieldError, match="Ticket has no field 'stauts'; did you mean 'status'"):
        Ticket(stauts="new")


def test_an_unknown_name_cannot_be_assigned():
    """Assigning an unknown name raises `FieldError`, as no save would send it."""
    ticket = Ticket()

    with pytest.raises(FieldError, match="did you mean 'subject'"):
        ticket.subjetc = "Printer"


def test_an_unknown_name_cannot_be_read():
    """Reading an unknown name raises `AttributeError` with a suggestion."""
    with pytest.raises(AttributeError, match="did you mean 'requester_id'"):
        _ = Ticket().requestor_id


def test_getattr_and_hasattr_accept_unknown_names():
    """`getattr()` with a default and `hasattr()` accept unknown names."""
    assert getattr(Ticket(), "colour", None) is None
    assert not hasattr(Ticket(), "colour")


@pytest.mark.parametrize("name", ["created_at", "description", "via", "id"])
def test_read_only_fields_cannot_be_assigned(name):
    """Assigning a field that Zendesk sets raises `FieldError`."""
    with pytest.raises(FieldError, match=f"Ticket.{name} is set by Zendesk"):
        setattr(Ticket(), name, None)


def test_read_only_fields_cannot_be_keywords():
    """Passing a field that Zendesk sets to the constructor raises `FieldError`."""
    with pytest.raises(FieldError, match="set by Zendesk"):
        Ticket(created_at=datetime(2023, 11, 3, tzinfo=timezone.utc))


@pytest.mark.parametrize("name", ["objects", "comments", "save", "pk"])
def test_other_attributes_cannot_be_assigned(name):
    """Managers, relations to many, methods and the pk cannot be assigned."""
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
def test_an_invalid_value_is_rejected(name, value):
    """An invalid value raises `InvalidValue`, which names the field, and changes nothing."""
    ticket = Ticket.from_row({"id": 1})

    with pytest.raises(InvalidValue, match=f"^{name}"):
        setattr(ticket, name, value)
    assert ticket.changes() == {}


# Values


def test_a_value_is_converted_when_it_is_read():
    """Reading a field converts the text of the row, which stays unchanged."""
    row = {"id": 1, "created_at": "2023-11-03T10:00:00Z"}
    ticket = Ticket.from_row(row)

    assert ticket.created_at == datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
    assert row["created_at"] == "2023-11-03T10:00:00Z"


def test_a_value_is_converted_once():
    """Reading a field twice returns the same object."""
    ticket = Ticket.from_row({"id": 1, "tags": ["vip"]})

    assert ticket.tags is ticket.tags


def test_an_unknown_choice_can_be_read():
    """A choice that the model does not declare can be read."""
    assert Ticket.from_row({"id": 1, "status": "waiting"}).status == "waiting"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("subject", None), ("due_at", None), ("tags", []), ("via", {}), ("requester", None)],
)
def test_fields_of_a_new_object_are_empty(name, expected):
    """Fields of a new object are None, or empty lists and dictionaries that can be edited."""
    assert getattr(Ticket(), name) == expected


def test_a_missing_key_of_a_complete_row_is_not_fetched():
    """A key that a complete row lacks is read without a request."""
    ticket = Ticket.from_row({"id": 1}, OfflineSource())

    assert (ticket.subject, ticket.tags) == (None, [])


def test_a_partial_record_is_fetched_once():
    """Reading fields of a partial row fetches the row once."""
    source = RowSource({"id": 5, "name": "Ann", "email": "ann@example.com"})
    user = User.from_row(PartialRow(id=5), source)

    assert (user.name, user.email) == ("Ann", "ann@example.com")
    assert source.loads == 1


def test_write_only_fields_are_never_fetched():
    """Reading a write-only field of a partial row sends no request."""
    user = User.from_row(PartialRow(id=5), OfflineSource())

    assert user.skip_verify_email is None
    assert user.agent_brand_ids == []


def test_fetching_a_partial_record_preserves_edits():
    """Fetching a partial row preserves the edits that were made before."""
    user = User.from_row(
        PartialRow(id=5), RowSource({"id": 5, "name": "Ann", "email": "old@x.com"})
    )
    user.email = "new@x.com"

    assert (user.name, user.email) == ("Ann", "new@x.com")


# Representations


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Ticket(), "<Ticket None>"),
        (Ticket(subject="Printer"), "<Ticket None: Printer>"),
        (Ticket.from_row({"id": 1, "subject": "Printer"}, OfflineSource()), "<Ticket 1: Printer>"),
        (Ticket.from_row({"id": 1}, OfflineSource()), "<Ticket 1>"),
        (Group.from_row({"id": 2, "name": "Support"}, OfflineSource()), "<Group 2: Support>"),
        (User.from_row(PartialRow(id=5), OfflineSource()), "<User 5>"),
    ],
    ids=["new", "new with a name", "subject", "no subject", "name", "partial"],
)
def test_repr_sends_no_request(record, expected):
    """`repr()` shows model, id and, if loaded, the name, without a request."""
    assert repr(record) == str(record) == expected


def test_repr_shows_an_unsaved_name():
    """`repr()` shows an edited name instead of the name in the row."""
    ticket = Ticket.from_row({"id": 1, "subject": "Printer"}, OfflineSource())
    ticket.subject = "Plotter"

    assert repr(ticket) == "<Ticket 1: Plotter>"


def test_extra_contains_undeclared_keys():
    """`extra` contains the keys of the row that the model does not declare."""
    ticket = Ticket.from_row({"id": 1, "subject": "x", "mood": {"deep": [1]}})

    assert ticket.extra == {"mood": {"deep": [1]}}


def test_to_dict_returns_the_row_with_edits():
    """`to_dict()` returns the row with edits in JSON types, and does not change the row."""
    row = {"id": 1, "subject": "old", "mood": "blue", "due_at": None, "tags": ["a"]}
    ticket = Ticket.from_row(row)
    ticket.subject = "new"
    ticket.due_at = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
    ticket.tags.append("b")

    values = ticket.to_dict()

    assert values == {
        "id": 1,
        "subject": "new",
        "mood": "blue",
        "due_at": "2023-11-03T10:00:00Z",
        "tags": ["a", "b"],
    }
    assert json.loads(json.dumps(values)) == values
    assert (row["subject"], row["tags"]) == ("old", ["a"])


def test_create_only_fields_cannot_be_changed():
    """A field that can only be set at creation raises `FieldError` afterwards."""
    field = TicketField.from_row({"id": 1, "type": "text"})

    with pytest.raises(FieldError, match="can be set only when the object is created"):
        field.type = "checkbox"
    assert TicketField(type="text").type == "text"


def test_the_repr_of_hostile_values_is_a_line_that_can_be_printed():
    """A repr has no control characters and half characters, and a limited length."""
    for value in ("a\ud800", "a\x1b[2J", "a\nb", "x" * 10_000):
        shown = repr(Ticket.from_row({"id": value, "subject": value}))

        assert shown.isprintable()
        assert len(shown) < 300

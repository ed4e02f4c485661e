"""Changes: the differences between a record and its row."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Comment, Ticket, User


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)


@pytest.fixture
def ticket():
    """Return a ticket with a row from Zendesk."""
    return Ticket.from_row(
        {
            "id": 1,
            "subject": "Printer",
            "priority": None,
            "status": "new",
            "requester_id": 5,
            "due_at": "2023-11-03T10:00:00Z",
            "tags": ["a", "b"],
            "custom_fields": [{"id": 7, "value": None}],
            "mood": "blue",
        }
    )


def test_reading_changes_nothing(ticket):
    """Reading the fields of a record makes no changes."""
    for name in ticket._meta.names:
        getattr(ticket, name)

    assert (ticket.changes(), ticket.to_payload()) == ({}, {})


@pytest.mark.parametrize("model", [Ticket, User, Comment])
def test_reading_a_new_object_changes_nothing(model):
    """Reading the fields of a new object makes no changes."""
    record = model()
    for name in record._meta.names:
        getattr(record, name)

    assert record.changes() == {}


def test_an_assignment_is_a_change(ticket):
    """`changes()` returns old and new values, and the payload new values as they are sent."""
    ticket.subject = "Plotter"
    ticket.due_at = datetime(2023, 11, 4, 11, tzinfo=timezone(timedelta(hours=1)))

    assert ticket.changes() == {
        "subject": ("Printer", "Plotter"),
        "due_at": (TEN, TEN + timedelta(days=1)),
    }
    assert ticket.to_payload() == {"subject": "Plotter", "due_at": "2023-11-04T10:00:00Z"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "Printer"),
        ("priority", None),
        ("tags", ("a", "b")),
        ("due_at", datetime(2023, 11, 3, 12, tzinfo=timezone(timedelta(hours=2)))),
        ("requester_id", 5),
    ],
)
def test_assigning_an_equal_value_makes_no_change(ticket, name, value):
    """Assigning an equal value, even in another time zone, makes no change."""
    setattr(ticket, name, value)

    assert ticket.changes() == {}


def test_assigning_the_old_value_undoes_a_change(ticket):
    """Assigning the value of the row undoes a change."""
    ticket.subject = "Plotter"
    ticket.subject = "Printer"
    ticket.tags.append("c")
    ticket.tags.pop()

    assert ticket.changes() == {}


def test_editing_a_list_in_place_is_a_change(ticket):
    """An edit of a list in place is a change, with the old list as it was."""
    ticket.tags.append("c")

    assert ticket.changes() == {"tags": (["a", "b"], ["a", "b", "c"])}


def test_editing_deep_inside_a_list_is_a_change(ticket):
    """An edit of a dictionary inside a list is a change."""
    ticket.custom_fields[0]["value"] = "red"

    assert ticket.to_payload() == {"custom_fields": [{"id": 7, "value": "red"}]}


def test_editing_a_dictionary_in_place_is_a_change():
    """An edit deep inside a dictionary is a change."""
    user = User.from_row({"id": 5, "user_fields": {"floor": {"number": 1}}})
    user.user_fields["floor"]["number"] = 2

    assert user.to_payload() == {"user_fields": {"floor": {"number": 2}}}


def test_editing_a_default_in_place_is_a_change():
    """An edit of the empty list of a new object is a change."""
    ticket = Ticket()
    ticket.tags.append("a")

    assert ticket.to_payload() == {"tags": ["a"]}


def test_an_assigned_none_is_sent(ticket):
    """None is sent for a field to which it was assigned."""
    ticket.subject = None

    assert ticket.to_payload() == {"subject": None}


def test_none_of_a_new_object_is_sent():
    """None is sent for a field of a new object only if it was assigned."""
    assert Ticket(priority=None).to_payload() == {"priority": None}


def test_an_assigned_empty_list_is_sent():
    """An empty list of a new object is sent if it was assigned."""
    assert Ticket(tags=[]).to_payload() == {"tags": []}


def test_an_assigned_list_is_a_copy(ticket):
    """Editing a list after it was assigned does not change the record."""
    tags = ["c"]
    ticket.tags = tags
    tags.append("d")

    assert ticket.tags == ["c"]


def test_records_of_one_row_do_not_share_edits(ticket):
    """Edits of one record do not change another record of the same row."""
    other = Ticket.from_row(ticket._row)
    ticket.tags.append("c")
    ticket.custom_fields[0]["value"] = "red"

    assert other.changes() == {}
    assert (other.tags, other.custom_fields[0]["value"]) == (["a", "b"], None)


def test_a_payload_is_limited_to_named_fields(ticket):
    """A payload of named fields contains only those that changed."""
    ticket.subject = "Plotter"
    ticket.tags.append("c")

    assert ticket.to_payload(["subject", "status"]) == {"subject": "Plotter"}


def test_a_payload_is_a_copy(ticket):
    """Editing a record does not change a payload that was built before."""
    ticket.tags.append("c")
    payload = ticket.to_payload()
    ticket.tags.append("d")

    assert payload == {"tags": ["a", "b", "c"]}


def test_a_nested_record_is_sent_as_a_dictionary():
    """A nested record is sent as a dictionary, and may be assigned as one."""
    expected = {"comment": {"body": "Hello", "public": False}}

    assert Ticket(comment=Comment(body="Hello", public=False)).to_payload() == expected
    assert Ticket(comment={"body": "Hello", "public": False}).to_payload() == expected


# Replacing the row


def test_a_new_row_replaces_sent_values_only(ticket):
    """A new row replaces the sent values, and keeps other edits."""
    ticket.subject = "Plotter"
    ticket.priority = "high"
    ticket.update_from_row({**ticket._row, "subject": "PLOTTER"}, sent=["subject"])

    assert ticket.subject == "PLOTTER"
    assert ticket.changes() == {"priority": (None, "high")}


def test_a_new_row_replaces_unedited_values(ticket):
    """A new row replaces values that were read but not edited, including the contents of lists."""
    tags = ticket.tags
    before = (ticket.subject, list(tags), ticket.requester.pk)
    ticket.update_from_row({"id": 1, "subject": "Plotter", "tags": [], "requester_id": 6})

    assert before == ("Printer", ["a", "b"], 5)
    assert (ticket.subject, ticket.tags, ticket.requester.pk) == ("Plotter", [], 6)
    assert tags == []


def test_a_new_row_keeps_edited_lists(ticket):
    """A new row keeps a list that was edited in place."""
    ticket.tags.append("c")
    ticket.update_from_row({**ticket._row, "subject": "Plotter"})

    assert ticket.changes() == {"tags": (["a", "b"], ["a", "b", "c"])}


def test_a_new_row_with_the_same_value_ends_a_change(ticket):
    """A new row with the edited value ends the change."""
    ticket.subject = "Plotter"
    ticket.update_from_row({**ticket._row, "subject": "Plotter"})

    assert ticket.changes() == {}


def test_a_sent_write_only_value_is_dropped(ticket):
    """A write-only value is dropped after it was sent."""
    ticket.comment = Comment(body="Hello")
    ticket.update_from_row(ticket._row, sent=["comment"])

    assert ticket.changes() == {}
    assert ticket.comment is None


def test_unknown_keys_are_kept_and_not_sent(ticket):
    """Keys that the model does not declare are kept in `extra` and never sent."""
    ticket.subject = "Plotter"

    assert ticket.extra == {"mood": "blue"}
    assert ticket.to_payload() == {"subject": "Plotter"}
    assert ticket.to_dict()["mood"] == "blue"


@given(
    before=st.lists(st.text("abc", min_size=1, max_size=3), max_size=4),
    after=st.lists(st.text("abc", min_size=1, max_size=3), max_size=4),
)
def test_a_list_is_sent_exactly_when_it_differs(before, after):
    """An assigned list is sent if and only if it differs from the row."""
    ticket = Ticket.from_row({"id": 1, "tags": before})
    ticket.tags = after

    assert ticket.to_payload() == ({} if before == after else {"tags": after})

"""Changes: the difference between a record and its row, found when asked for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Comment, Ticket, User


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)


@pytest.fixture
def ticket():
    """Return a ticket as Zendesk sent it."""
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
    """Whatever is read, there is nothing to send."""
    for name in ticket._meta.names:
        getattr(ticket, name)

    assert ({}, {}) == (ticket.changes(), ticket.to_payload())


@pytest.mark.parametrize("model", [Ticket, User, Comment])
def test_reading_a_new_object_changes_nothing(model):
    """Untouched defaults are no changes."""
    record = model()
    for name in record._meta.names:
        getattr(record, name)

    assert {} == record.changes()


def test_an_assignment_is_a_change(ticket):
    """The change tells the old value and the new; the payload the new one as it is sent."""
    ticket.subject = "Plotter"
    ticket.due_at = datetime(2023, 11, 4, 11, tzinfo=timezone(timedelta(hours=1)))

    assert {"subject": ("Printer", "Plotter"), "due_at": (TEN, TEN + timedelta(days=1))} == (
        ticket.changes()
    )
    assert {"subject": "Plotter", "due_at": "2023-11-04T10:00:00Z"} == ticket.to_payload()


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
def test_the_value_that_is_there_is_no_change(ticket, name, value):
    """Equal is equal, in another time zone, too."""
    setattr(ticket, name, value)

    assert {} == ticket.changes()


def test_setting_the_old_value_back_undoes_the_change(ticket):
    """What is equal to the row again is not sent."""
    ticket.subject = "Plotter"
    ticket.subject = "Printer"
    ticket.tags.append("c")
    ticket.tags.pop()

    assert {} == ticket.changes()


def test_editing_a_list_in_place_is_a_change(ticket):
    """The old list is told as it was."""
    ticket.tags.append("c")

    assert {"tags": (["a", "b"], ["a", "b", "c"])} == ticket.changes()


def test_editing_deep_inside_a_list_is_a_change(ticket):
    """A custom field is a dictionary in a list."""
    ticket.custom_fields[0]["value"] = "red"

    assert {"custom_fields": [{"id": 7, "value": "red"}]} == ticket.to_payload()


def test_editing_a_dictionary_in_place_is_a_change():
    """The fields of a user that the account made up are one."""
    user = User.from_row({"id": 5, "user_fields": {"floor": {"number": 1}}})
    user.user_fields["floor"]["number"] = 2

    assert {"user_fields": {"floor": {"number": 2}}} == user.to_payload()


def test_editing_a_default_in_place_is_a_change():
    """The empty list of a new object can be appended to."""
    ticket = Ticket()
    ticket.tags.append("a")

    assert {"tags": ["a"]} == ticket.to_payload()


def test_none_is_sent_where_it_was_assigned(ticket):
    """An assigned None empties the field."""
    ticket.subject = None

    assert {"subject": None} == ticket.to_payload()


def test_none_is_sent_for_a_new_object_where_it_was_assigned():
    """What was never assigned is never sent."""
    assert {"priority": None} == Ticket(priority=None).to_payload()


def test_an_empty_list_is_sent_where_it_was_assigned():
    """An empty list that was assigned empties the field; a default is silent."""
    assert {"tags": []} == Ticket(tags=[]).to_payload()


def test_an_assigned_list_is_a_copy(ticket):
    """Editing the caller's list afterwards changes nothing."""
    tags = ["c"]
    ticket.tags = tags
    tags.append("d")

    assert ["c"] == ticket.tags


def test_two_records_of_one_row_do_not_see_each_others_edits(ticket):
    """A row is shared and never edited."""
    other = Ticket.from_row(ticket._row)
    ticket.tags.append("c")
    ticket.custom_fields[0]["value"] = "red"

    assert {} == other.changes()
    assert (["a", "b"], None) == (other.tags, other.custom_fields[0]["value"])


def test_some_of_the_changes_can_be_sent(ticket):
    """Of the named fields those that changed are sent."""
    ticket.subject = "Plotter"
    ticket.tags.append("c")

    assert {"subject": "Plotter"} == ticket.to_payload(["subject", "status"])


def test_what_is_sent_does_not_change_afterwards(ticket):
    """A payload is made of copies."""
    ticket.tags.append("c")
    payload = ticket.to_payload()
    ticket.tags.append("d")

    assert {"tags": ["a", "b", "c"]} == payload


def test_a_nested_record_is_sent_as_its_fields():
    """A comment on a ticket goes out as a dictionary; one may be given as a dictionary, too."""
    expected = {"comment": {"body": "Hello", "public": False}}

    assert expected == Ticket(comment=Comment(body="Hello", public=False)).to_payload()
    assert expected == Ticket(comment={"body": "Hello", "public": False}).to_payload()


# -- a new row ---------------------------------------------------------------


def test_a_new_row_drops_what_was_sent_and_keeps_what_was_not(ticket):
    """What was edited while the save was under way is still to be sent."""
    ticket.subject = "Plotter"
    ticket.priority = "high"
    ticket.absorb({**ticket._row, "subject": "PLOTTER"}, sent=["subject"])

    assert "PLOTTER" == ticket.subject
    assert {"priority": (None, "high")} == ticket.changes()


def test_a_new_row_replaces_what_was_only_read(ticket):
    """Values that were converted of the old row are converted anew."""
    before = (ticket.subject, ticket.tags, ticket.requester.pk)
    ticket.absorb({"id": 1, "subject": "Plotter", "tags": [], "requester_id": 6})

    assert ("Printer", ["a", "b"], 5) == before
    assert ("Plotter", [], 6) == (ticket.subject, ticket.tags, ticket.requester.pk)


def test_a_new_row_keeps_a_list_that_was_edited(ticket):
    """An edit in place is an edit."""
    ticket.tags.append("c")
    ticket.absorb({**ticket._row, "subject": "Plotter"})

    assert {"tags": (["a", "b"], ["a", "b", "c"])} == ticket.changes()


def test_a_new_row_that_says_the_same_ends_the_change(ticket):
    """Somebody else made the same change."""
    ticket.subject = "Plotter"
    ticket.absorb({**ticket._row, "subject": "Plotter"})

    assert {} == ticket.changes()


def test_a_new_row_ends_what_is_only_sent(ticket):
    """A comment goes once."""
    ticket.comment = Comment(body="Hello")
    ticket.absorb(ticket._row, sent=["comment"])

    assert {} == ticket.changes()
    assert ticket.comment is None


def test_unknown_keys_outlive_an_edit_and_are_not_sent(ticket):
    """`extra` is read, kept, and nobody's change."""
    ticket.subject = "Plotter"

    assert {"mood": "blue"} == ticket.extra
    assert {"subject": "Plotter"} == ticket.to_payload()
    assert "blue" == ticket.to_dict()["mood"]


@given(
    before=st.lists(st.text("abc", min_size=1, max_size=3), max_size=4),
    after=st.lists(st.text("abc", min_size=1, max_size=3), max_size=4),
)
def test_a_list_is_sent_exactly_when_it_differs(before, after):
    """The difference decides, not the assignment."""
    ticket = Ticket.from_row({"id": 1, "tags": before})
    ticket.tags = after

    assert ({} if before == after else {"tags": after}) == ticket.to_payload()

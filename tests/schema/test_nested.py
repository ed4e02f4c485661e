"""Nested records: read as records, compared and sent by value."""

from __future__ import annotations

import pytest

from zendesk_orm import Attachment, Comment, Field, InvalidValue, Model


@pytest.fixture
def box_model():
    """Return a model that contains one record and a list of records."""

    class Part(Model):
        """A part."""

        name: Field[str]
        size: Field[int]

    class Box(Model):
        """A box of parts."""

        lid: Field[Part | None]
        parts: Field[list[Part]]

    return Box


@pytest.fixture
def box(box_model):
    """Return a box with a lid and two parts."""
    return box_model.from_row(
        {"id": 1, "lid": {"id": 7, "name": "lid"}, "parts": [{"name": "a"}, {"name": "b"}]}
    )


def test_a_nested_row_reads_as_a_record(box):
    """Nested rows are read as records with fields."""
    assert box.lid.name == "lid"
    assert [part.name for part in box.parts] == ["a", "b"]


def test_nested_rows_of_zendesk_read_as_records():
    """The attachments of a comment are records."""
    comment = Comment.from_row({"id": 1, "attachments": [{"id": 2, "file_name": "a.txt"}]})

    assert comment.attachments == [Attachment(id=2)]
    assert comment.attachments[0].file_name == "a.txt"


def test_a_missing_nested_row_is_none(box_model):
    """A nested null is None, and a missing list is empty."""
    empty = box_model.from_row({"id": 1, "lid": None})

    assert (empty.lid, empty.parts) == (None, [])


def test_reading_nested_records_changes_nothing(box):
    """Reading nested records makes no changes."""
    assert box.lid
    assert box.parts

    assert box.changes() == {}


def test_editing_a_nested_record_in_place_is_a_change(box):
    """Editing a nested record in place is a change of the outer record."""
    box.lid.name = "cover"

    assert list(box.changes()) == ["lid"]


def test_a_nested_list_is_sent_completely(box):
    """A changed list of nested records is sent with all of its members."""
    box.parts = [*box.parts, {"name": "c"}]

    assert box.to_payload() == {"parts": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}


@pytest.mark.parametrize("value", ["a", 5, [{"name": "a"}]])
def test_an_invalid_nested_value_is_rejected(box_model, value):
    """A nested value that is neither a record nor a dictionary raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="lid: must be a Part or a dictionary"):
        box_model(lid=value)


def test_a_nested_record_of_another_model_is_rejected(box_model):
    """A nested record of another model raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match="must be a Part"):
        box_model(parts=[Comment(body="x")])


def test_a_nested_record_belongs_to_the_account_of_its_row():
    """A nested record belongs to the account of the outer record."""

    class Source:
        alias = "emea"

    comment = Comment.from_row({"id": 1, "attachments": [{"id": 2}]}, Source())

    assert comment.attachments[0].using == "emea"

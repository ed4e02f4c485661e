"""Records inside rows: read as records, compared and sent as what they hold."""

from __future__ import annotations

import pytest

from zendesk_orm import Attachment, Comment, Field, InvalidValue, Model


@pytest.fixture
def box():
    """Return a model that holds records, one of its own and a list."""

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
def full(box):
    """Return a box with a lid and two parts."""
    return box.from_row(
        {"id": 1, "lid": {"id": 7, "name": "lid"}, "parts": [{"name": "a"}, {"name": "b"}]}
    )


def test_a_nested_row_reads_as_a_record(full):
    """Its fields are read as those of any record."""
    assert "lid" == full.lid.name
    assert ["a", "b"] == [part.name for part in full.parts]


def test_nested_rows_of_zendesk_read_as_records():
    """The attachments of a comment are attachments."""
    comment = Comment.from_row({"id": 1, "attachments": [{"id": 2, "file_name": "a.txt"}]})

    assert [Attachment(id=2)] == comment.attachments
    assert "a.txt" == comment.attachments[0].file_name


def test_no_nested_row_reads_as_none(box):
    """Null is null, and a missing list is empty."""
    empty = box.from_row({"id": 1, "lid": None})

    assert (None, []) == (empty.lid, empty.parts)


def test_reading_nested_records_changes_nothing(full):
    """Records without an id are compared by what they hold."""
    assert full.lid
    assert full.parts

    assert {} == full.changes()


def test_editing_a_nested_record_in_place_is_a_change(full):
    """It counts as the edit of a list does."""
    full.lid.name = "cover"

    assert ["lid"] == list(full.changes())


def test_a_nested_list_is_sent_whole(full):
    """Parts that were there go out beside the new one, with all they hold."""
    full.parts = [*full.parts, {"name": "c"}]

    assert {"parts": [{"name": "a"}, {"name": "b"}, {"name": "c"}]} == full.to_payload()


@pytest.mark.parametrize("value", ["a", 5, [{"name": "a"}]])
def test_what_is_no_record_is_refused(box, value):
    """A record or a dictionary of its fields is wanted."""
    with pytest.raises(InvalidValue, match="lid: wants a Part or a dictionary"):
        box(lid=value)


def test_a_record_of_another_model_is_refused(box):
    """A comment is no part."""
    with pytest.raises(InvalidValue, match="wants a Part"):
        box(parts=[Comment(body="x")])


def test_a_nested_record_belongs_to_the_account_of_its_row():
    """Changing an attachment of another account's comment must not ask the default account."""

    class Source:
        alias = "emea"

    comment = Comment.from_row({"id": 1, "attachments": [{"id": 2}]}, Source())

    assert "emea" == comment.attachments[0].using

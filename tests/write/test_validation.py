"""Values that Zendesk would reject raise before anything is sent."""

from __future__ import annotations

from typing import ClassVar

import pytest

from zendesk_orm import (
    Comment,
    Group,
    Model,
    Organization,
    Ticket,
    Unprocessable,
    User,
    ValidationError,
    resource,
)
from zendesk_orm.schema.fields import Field


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        (Ticket(subject="x"), "comment"),
        (User(email="ada@example.com"), "name"),
        (Organization(notes="x"), "name"),
        (Group(description="x"), "name"),
        (User(name=""), "name"),
    ],
    ids=["ticket", "user", "organization", "group", "blank"],
)
def test_missing_required_fields_are_reported(account, emulator, obj, name):
    """`full_clean()` and `save()` report them by field, before anything is sent."""
    with pytest.raises(ValidationError) as saved:
        obj.save()
    with pytest.raises(ValidationError) as cleaned:
        obj.full_clean()

    assert [*saved.value.error_dict] == [name]
    assert [*cleaned.value.error_dict] == [name]
    assert "is required to create a" in saved.value.messages[0]
    assert emulator.requests == []


def test_excluded_fields_are_not_checked():
    """As in Django, `full_clean(exclude=...)` skips fields."""
    User(email="ada@example.com").full_clean(exclude=["name"])
    User(email="ada@example.com").clean_fields(exclude={"name"})


def test_only_changes_of_an_existing_object_are_checked(account):
    """Fields that are not sent are not validated."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    ticket.priority = "high"
    ticket.full_clean()

    assert ticket.save().priority == "high"


def test_the_length_of_texts_is_checked():
    """The maximum length is checked if it is known."""

    class Short(Model):
        """A row whose name is short."""

        name: Field[str]

        class Meta:
            api = resource("shorts")
            max_lengths: ClassVar = {"name": 3}

    Short(name="abc").full_clean()
    with pytest.raises(ValidationError, match="characters"):
        Short(name="abcd").full_clean()


def test_clean_adds_validation(account):
    """As in Django, `full_clean()` calls `clean()`, and `save()` does not."""

    class Careful(Ticket):
        """A ticket that must have a subject."""

        def clean(self):
            if not self.subject:
                raise ValidationError("no", {"subject": "say what it is about"})

    with pytest.raises(ValidationError) as raised:
        Careful().full_clean()

    assert {*raised.value.error_dict} == {"comment", "subject"}
    assert Careful(comment=Comment(body="x")).save().pk is not None


def test_errors_of_zendesk_have_the_same_class(account):
    """Rejections by Zendesk raise the same class, with the response."""
    user = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket(comment=Comment(body="x"), assignee=user)
    with pytest.raises(ValidationError) as raised:
        ticket.save()

    assert isinstance(raised.value, Unprocessable)
    assert (raised.value.status, [*raised.value.error_dict]) == (422, ["assignee"])


def test_invalid_objects_of_a_bulk_operation_fail(account, emulator):
    """The other objects are created."""
    result = Ticket.objects.bulk_create(
        [Ticket(subject="x"), Ticket(comment=Comment(body="x"))], raise_on_failure=False
    )

    (failed,) = result.failed
    assert (
        failed.error,
        failed.details,
    ) == ("ValidationError", "comment is required to create a ticket")
    assert len(result) == 1


def test_force_insert_sends_all_writable_fields(account):
    """A copy is created from all known fields, not only from changed ones."""
    first = Ticket.objects.create(
        subject="Printer", comment=Comment(body="x"), tags=["a"], priority="high"
    )
    pk = first.pk
    first.comment = Comment(body="again")
    first.save(force_insert=True)

    assert first.pk != pk
    again = Ticket.objects.fresh().get(first.pk)
    assert (again.subject, again.tags, again.priority) == ("Printer", ["a"], "high")
    assert Ticket.objects.fresh().get(pk).subject == "Printer"

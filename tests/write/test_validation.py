"""What Zendesk would refuse is found before anything is sent."""

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


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (Ticket(subject="x"), "comment"),
        (User(email="ada@example.com"), "name"),
        (Organization(notes="x"), "name"),
        (Group(description="x"), "name"),
        (User(name=""), "name"),
    ],
    ids=["ticket", "user", "organization", "group", "blank"],
)
def test_what_a_row_needs_is_missed(account, emulator, made, name):
    """By field, before anything is sent; by `full_clean()` as by `save()`."""
    with pytest.raises(ValidationError) as saved:
        made.save()
    with pytest.raises(ValidationError) as cleaned:
        made.full_clean()

    assert [name] == [*saved.value.error_dict] == [*cleaned.value.error_dict]
    assert "is required to make a" in saved.value.messages[0]
    assert [] == emulator.requests


def test_what_is_excluded_is_not_looked_at():
    """As in Django."""
    User(email="ada@example.com").full_clean(exclude=["name"])
    User(email="ada@example.com").clean_fields(exclude={"name"})


def test_what_exists_needs_nothing(account):
    """Only what changed is sent, and only that is looked at."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    ticket.priority = "high"
    ticket.full_clean()

    assert "high" == ticket.save().priority


def test_texts_have_an_end():
    """Where it is known."""

    class Short(Model):
        """A row whose name is short."""

        name: Field[str]

        class Meta:
            api = resource("shorts")
            longest: ClassVar = {"name": 3}

    Short(name="abc").full_clean()
    with pytest.raises(ValidationError, match="name has 4 characters; Zendesk takes 3 at most"):
        Short(name="abcd").full_clean()


def test_a_model_of_ones_own_can_say_more(account):
    """`clean()` is called by `full_clean()`, with what the fields say, and not by `save()`."""

    class Careful(Ticket):
        """A ticket that wants a subject."""

        def clean(self):
            if not self.subject:
                raise ValidationError("no", {"subject": "say what it is about"})

    with pytest.raises(ValidationError) as raised:
        Careful().full_clean()

    assert {"comment", "subject"} == {*raised.value.error_dict}
    assert Careful(comment=Comment(body="x")).save().pk is not None


def test_zendesk_says_the_rest_in_the_same_way(account):
    """What only Zendesk can tell comes back as the same error, with the answer."""
    user = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket(comment=Comment(body="x"), assignee=user)
    with pytest.raises(ValidationError) as raised:
        ticket.save()

    assert isinstance(raised.value, Unprocessable)
    assert (422, ["assignee"]) == (raised.value.status, [*raised.value.error_dict])


def test_in_a_bulk_operation_it_is_an_outcome(account, emulator):
    """The others are made."""
    result = Ticket.objects.bulk_create(
        [Ticket(subject="x"), Ticket(comment=Comment(body="x"))], raise_on_failure=False
    )

    (failed,) = result.failed
    assert ("ValidationError", "comment is required to make a ticket") == (
        failed.error,
        failed.details,
    )
    assert 1 == len(result)


def test_a_copy_is_made_of_all_that_is_known(account):
    """`force_insert` sends every field that can be written, not only what changed."""
    first = Ticket.objects.create(
        subject="Printer", comment=Comment(body="x"), tags=["a"], priority="high"
    )
    pk = first.pk
    first.comment = Comment(body="again")
    first.save(force_insert=True)

    assert first.pk != pk
    again = Ticket.objects.fresh().get(first.pk)
    assert ("Printer", ["a"], "high") == (again.subject, again.tags, again.priority)
    assert "Printer" == Ticket.objects.fresh().get(pk).subject

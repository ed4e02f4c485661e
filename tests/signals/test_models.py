"""What models announce: that they were declared, and that objects of them are made."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, Group, Model, Ticket, class_prepared, post_init, pre_init


def _declared(name, **values):
    return type(name, (Model,), {"__module__": __name__, "__doc__": "A model.", **values})


def test_declaring_a_model_is_announced(heard):
    """`class_prepared` tells of a class that is complete, once: its fields are there."""
    told = heard(class_prepared)

    model = _declared("Fleeting")

    assert [{"sender": model}] == told
    assert "id" in told[0]["sender"]._meta.fields


def test_a_model_that_cannot_be_declared_is_not_announced(heard):
    """It never is complete."""
    told = heard(class_prepared)

    with pytest.raises(Exception, match="nonsense"):
        _declared("Fleeting", Meta=type("Meta", (), {"nonsense": 1}))

    assert [] == told


def test_the_making_of_an_object_is_announced_before(heard):
    """`pre_init` tells the keywords, once."""
    told = heard(pre_init)

    Group(name="a", description="b")

    assert [{"sender": Group, "kwargs": {"name": "a", "description": "b"}}] == told


def test_the_making_of_an_object_is_announced_after(heard):
    """`post_init` tells the object, with its values, once."""
    told = heard(post_init)

    group = Group(name="a")

    assert [(Group, "a")] == [(each["sender"], each["instance"].name) for each in told]
    assert [{"sender", "instance"}] == [set(each) for each in told]
    assert group is told[0]["instance"]


def test_an_object_that_cannot_be_made_is_not_announced_as_made(heard):
    """`post_init` is not sent."""
    before, after = heard(pre_init), heard(post_init)

    with pytest.raises(FieldError):
        Ticket(stauts="new")

    assert (1, []) == (len(before), after)


def test_rows_that_are_read_are_not_announced_as_made(emulator, heard):
    """Materialising is no making, and has to be quick."""
    told = heard([pre_init, post_init])

    groups = list(Group.objects.all())

    assert groups
    assert [] == told


def test_a_created_object_is_made_once(emulator, heard):
    """Taking over the answer makes no other."""
    told = heard([pre_init, post_init], sender=Group)

    Group.objects.create(name="a")

    assert 2 == len(told)

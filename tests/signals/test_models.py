"""Signals of models: `class_prepared`, `pre_init` and `post_init`."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, Group, Model, Ticket, class_prepared, post_init, pre_init


def _declare(name, **values):
    return type(name, (Model,), {"__module__": __name__, "__doc__": "A model.", **values})


def test_class_prepared_is_sent_once(listen):
    """`class_prepared` is sent once, when the class has its fields."""
    events = listen(class_prepared)

    model = _declare("Fleeting")

    assert events == [{"sender": model}]
    assert "id" in events[0]["sender"]._meta.fields


def test_an_invalid_model_sends_no_class_prepared(listen):
    """An invalid model class raises without sending `class_prepared`."""
    events = listen(class_prepared)

    with pytest.raises(Exception, match="nonsense"):
        _declare("Fleeting", Meta=type("Meta", (), {"nonsense": 1}))

    assert events == []


def test_pre_init_is_sent_with_keywords(listen):
    """`pre_init` is sent once, with the keywords of the constructor."""
    events = listen(pre_init)

    Group(name="a", description="b")

    assert events == [{"sender": Group, "kwargs": {"name": "a", "description": "b"}}]


def test_post_init_is_sent_with_the_object(listen):
    """`post_init` is sent once, with the object and its values."""
    events = listen(post_init)

    group = Group(name="a")

    assert [(event["sender"], event["instance"].name) for event in events] == [(Group, "a")]
    assert [set(event) for event in events] == [{"sender", "instance"}]
    assert events[0]["instance"] is group


def test_an_invalid_object_sends_no_post_init(listen):
    """If the constructor raises, `pre_init` was sent and `post_init` is not."""
    before, after = listen(pre_init), listen(post_init)

    with pytest.raises(FieldError):
        Ticket(stauts="new")

    assert (len(before), after) == (1, [])


def test_rows_that_are_read_send_no_signals(emulator, listen):
    """Objects made from rows send neither `pre_init` nor `post_init`."""
    events = listen([pre_init, post_init])

    groups = list(Group.objects.all())

    assert groups
    assert events == []


def test_create_initializes_one_object(emulator, listen):
    """`create()` sends `pre_init` and `post_init` once."""
    events = listen([pre_init, post_init], sender=Group)

    Group.objects.create(name="a")

    assert len(events) == 2

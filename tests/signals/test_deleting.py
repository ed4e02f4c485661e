"""Signals of deletions of single objects: `pre_delete` and `post_delete`."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Group,
    InvalidValue,
    NotFound,
    Ticket,
    post_delete,
    post_save,
    pre_delete,
    pre_save,
    receiver,
)


class Vetoed(Exception):
    """Raised by receivers."""


def test_pre_delete_is_sent_before_the_request(ticket, emulator):
    """`pre_delete` is sent once before the request, with object, origin and account."""
    events = []

    @receiver(pre_delete)
    def record(sender, **arguments):
        events.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.delete()

    expected = {"sender": Ticket, "instance": ticket, "origin": "local", "using": "default"}
    assert events == [{**expected, "sent": 0}]


def test_post_delete_is_sent_after_the_response(ticket, emulator):
    """`post_delete` is sent once after the response, with object, origin and account."""
    events = []

    @receiver(post_delete)
    def record(sender, **arguments):
        events.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.delete()

    expected = {"sender": Ticket, "instance": ticket, "origin": "local", "using": "default"}
    assert events == [{**expected, "sent": 1}]


def test_a_delete_sends_no_save_signals(ticket, listen):
    """A deletion sends neither `pre_save` nor `post_save`."""
    events = listen([pre_save, post_save])

    ticket.delete()

    assert events == []


def test_a_receiver_can_veto_a_delete(emulator):
    """An exception in `pre_delete` prevents the deletion."""
    group = Group.objects.create(name="a")

    @receiver(pre_delete, sender=Group)
    def veto(sender, **kwargs):
        raise Vetoed

    with pytest.raises(Vetoed):
        group.delete()

    assert Group.objects.fresh().get(group.pk) == group


def test_a_rejected_delete_sends_no_post_delete(ticket, listen):
    """If Zendesk rejects a deletion, `pre_delete` was sent and `post_delete` is not."""
    ticket.delete()
    before, after = listen(pre_delete), listen(post_delete)

    with pytest.raises(NotFound):
        ticket.delete()

    assert (len(before), after) == (1, [])


def test_deleting_an_unsaved_object_sends_no_signal(emulator, listen):
    """Deleting an unsaved object raises without sending `pre_delete` or `post_delete`."""
    events = listen([pre_delete, post_delete])

    with pytest.raises(InvalidValue, match="never saved"):
        Ticket(subject="x").delete()

    assert events == []

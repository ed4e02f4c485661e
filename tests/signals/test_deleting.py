"""What a delete announces, of one object."""

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


def test_a_delete_is_announced_before_it_is_sent(ticket, emulator):
    """`pre_delete` tells the object, by whom and where; once."""
    told = []

    @receiver(pre_delete)
    def hear(sender, **arguments):
        told.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.delete()

    expected = {"sender": Ticket, "instance": ticket, "origin": "local", "using": "default"}
    assert [{**expected, "sent": 0}] == told


def test_a_delete_is_announced_when_it_was_answered(ticket, emulator):
    """`post_delete` tells the same, when the object is gone; once."""
    told = []

    @receiver(post_delete)
    def hear(sender, **arguments):
        told.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.delete()

    expected = {"sender": Ticket, "instance": ticket, "origin": "local", "using": "default"}
    assert [{**expected, "sent": 1}] == told


def test_a_delete_is_not_announced_as_a_save(ticket, heard):
    """Nothing is saved."""
    told = heard([pre_save, post_save])

    ticket.delete()

    assert [] == told


def test_a_receiver_can_veto_a_delete(emulator):
    """What `pre_delete` raises keeps the object."""
    group = Group.objects.create(name="a")

    @receiver(pre_delete, sender=Group)
    def veto(sender, **kwargs):
        raise Vetoed

    with pytest.raises(Vetoed):
        group.delete()

    assert group == Group.objects.fresh().get(group.pk)


def test_a_refused_delete_is_not_announced_as_done(ticket, heard):
    """`post_delete` is about deletes that were answered well; `pre_delete` comes before that."""
    ticket.delete()
    before, after = heard(pre_delete), heard(post_delete)

    with pytest.raises(NotFound):
        ticket.delete()

    assert (1, []) == (len(before), after)


def test_what_was_never_saved_cannot_be_deleted(emulator, heard):
    """Nothing happens, and nothing is told."""
    told = heard([pre_delete, post_delete])

    with pytest.raises(InvalidValue, match="never saved"):
        Ticket(subject="x").delete()

    assert [] == told

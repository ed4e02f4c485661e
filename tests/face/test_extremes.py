"""The first and the last by a field, and whether a row is among others."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Ticket, connect


@pytest.fixture
def three():
    """Return three tickets, made one after the other."""
    account = connect("emulator://")
    made = []
    for subject in ("a", "b", "c"):
        made.append(Ticket.objects.create(subject=subject, comment=Comment(body="x")))
        account.transport.clock.sleep(60)
    return made


def test_the_latest_and_the_earliest_go_by_creation(three):
    """Another field can be named."""
    first, _, last = three

    assert (first, last) == (Ticket.objects.earliest(), Ticket.objects.latest())
    assert first == Ticket.objects.latest("-created_at")


def test_no_row_is_neither_latest_nor_earliest():
    """As in Django, it is an error."""
    connect("emulator://")

    with pytest.raises(Ticket.DoesNotExist, match="there is no row"):
        Ticket.objects.filter(status="hold").latest()


def test_a_query_contains_what_it_would_give(three):
    """One request asks for that row alone."""
    first = three[0]

    assert Ticket.objects.filter(subject="a").contains(first)
    assert not Ticket.objects.filter(subject="b").contains(first)


def test_what_was_never_saved_is_contained_nowhere():
    """It has no id to ask for."""
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket.objects.filter(status="new").contains(Ticket())

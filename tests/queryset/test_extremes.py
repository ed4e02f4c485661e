"""`latest()`, `earliest()` and `contains()`."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Ticket, connect


@pytest.fixture
def three():
    """Return three tickets, created at intervals of a minute."""
    account = connect("emulator://")
    created = []
    for subject in ("a", "b", "c"):
        created.append(Ticket.objects.create(subject=subject, comment=Comment(body="x")))
        account.transport.clock.sleep(60)
    return created


def test_latest_and_earliest_use_the_creation_time(three):
    """`latest()` and `earliest()` compare creation times, or the field that is passed."""
    first, _, last = three

    assert (Ticket.objects.earliest(), Ticket.objects.latest()) == (first, last)
    assert Ticket.objects.latest("-created_at") == first


def test_latest_of_an_empty_query_raises():
    """As in Django, `latest()` raises DoesNotExist without rows."""
    connect("emulator://")

    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.filter(status="hold").latest()


def test_contains_compares_with_the_conditions(three):
    """`contains()` is True if the object matches the conditions of the query."""
    first = three[0]

    assert Ticket.objects.filter(subject="a").contains(first)
    assert not Ticket.objects.filter(subject="b").contains(first)


def test_contains_rejects_unsaved_objects():
    """`contains()` raises for an unsaved object, which has no id."""
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket.objects.filter(status="new").contains(Ticket())

"""`m2m_changed`: tags and followers that are added and removed."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, m2m_changed, post_save, receiver


@pytest.fixture
def ticket(ticket):
    """Return a saved ticket with two tags."""
    ticket.tags = ["a", "b"]
    return ticket.save()


def test_m2m_changed_is_sent_before_and_after(ticket, people):
    """`m2m_changed` is sent with Django's actions; `set()` sends removed and added values."""
    events = []

    @receiver(m2m_changed, sender=Ticket)
    def record(sender, instance, action, field, model, pk_set, reverse, using, **kwargs):
        events.append((instance is ticket, action, field, model, pk_set, reverse, using))

    ticket.tags.add("c")
    ticket.tags.set(["a", "x"])
    ticket.followers.add(people[0])

    def expect(action, field, model, pks):
        return [(True, f"{when}_{action}", field, model, pks, False, "default") for when in
                ("pre", "post")]  # fmt: skip

    removed, added = expect("remove", "tags", None, ["b", "c"]), expect("add", "tags", None, ["x"])
    assert events == [
        *expect("add", "tags", None, ["c"]),
        *(line for both in zip(removed, added, strict=True) for line in both),
        *expect("add", "followers", "User", [people[0].pk]),
    ]


def test_a_receiver_of_m2m_changed_can_veto(ticket, emulator):
    """An exception in `m2m_changed` before the request prevents it; `post_save` is not sent."""
    saved = []
    emulator.requests.clear()
    receiver(post_save, sender=Ticket)(lambda sender, **kwargs: saved.append(kwargs))

    @receiver(m2m_changed, sender=Ticket)
    def stop(sender, action, pk_set, **kwargs):
        if action == "pre_add" and "bad" in pk_set:
            raise PermissionError

    with pytest.raises(PermissionError):
        ticket.tags.add("bad")
    ticket.tags.add("good")

    assert (emulator.requests, saved) == ([f"PUT tickets/{ticket.pk}/tags"], [])


def test_an_exception_after_the_request_is_raised_at_the_end(ticket):
    """An exception in `m2m_changed` after the request is raised when all signals were sent."""
    events = []

    @receiver(m2m_changed, sender=Ticket)
    def fail(sender, action, **kwargs):
        events.append(action)
        if action.startswith("post_"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ticket.tags.set(["x"])

    assert events == ["pre_remove", "pre_add", "post_remove", "post_add"]
    assert ticket.tags == ["x"]

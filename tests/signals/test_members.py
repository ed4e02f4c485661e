"""What is announced of tags and people that are added and removed by themselves."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Ticket, User, m2m_changed, post_save, receiver


@pytest.fixture
def account(emulator):
    """An account of the emulator, whose clock goes on by itself."""
    return emulator.connect()


@pytest.fixture
def ticket(account):
    """A ticket as it was loaded."""
    return Ticket.objects.create(
        subject="Printer", comment=Comment(body="Help!"), tags=["a", "b"], priority="low"
    )


@pytest.fixture
def people(account):
    """Two agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben")
    ]


def test_m2m_changed_is_sent_before_and_after(ticket, people):
    """With Django's actions; `set()` tells what it removes and what it adds."""
    heard = []

    @receiver(m2m_changed, sender=Ticket)
    def hear(sender, instance, action, field, model, pk_set, reverse, using, **kwargs):
        heard.append((instance is ticket, action, field, model, pk_set, reverse, using))

    ticket.tags.add("c")
    ticket.tags.set(["a", "x"])
    ticket.followers.add(people[0])

    def told(action, field, model, pks):
        return [(True, f"{when}_{action}", field, model, pks, False, "default") for when in
                ("pre", "post")]  # fmt: skip

    gone, new = told("remove", "tags", None, ["b", "c"]), told("add", "tags", None, ["x"])
    assert [
        *told("add", "tags", None, ["c"]),
        *(each for both in zip(gone, new, strict=True) for each in both),
        *told("add", "followers", "User", [people[0].pk]),
    ] == heard


def test_a_receiver_can_stop_it(ticket, emulator):
    """What raises before is sent stops it; `post_save` is not sent, as in Django."""
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

    assert ([f"PUT tickets/{ticket.pk}/tags"], []) == (emulator.requests, saved)


def test_every_receiver_hears_of_what_was_done(ticket):
    """One that raises takes nothing away from the others, and comes out at the end."""
    heard = []

    @receiver(m2m_changed, sender=Ticket)
    def fail(sender, action, **kwargs):
        heard.append(action)
        if action.startswith("post_"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ticket.tags.set(["x"])

    assert ["pre_remove", "pre_add", "post_remove", "post_add"] == heard
    assert ["x"] == ticket.tags

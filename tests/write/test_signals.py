"""What a save and a delete announce."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Group,
    Organization,
    Q,
    Ticket,
    User,
    post_delete,
    post_init,
    post_save,
    pre_delete,
    pre_init,
    pre_save,
    receiver,
)


class Vetoed(Exception):
    """Raised by receivers."""


@pytest.fixture
def heard():
    """Return a function that listens to a signal and gives the list of what was told."""

    def listen(signal, **options):
        told = []

        @receiver(signal, **options)
        def hear(sender, **arguments):
            told.append({"sender": sender, **arguments})

        return told

    return listen


def _ticket(**values):
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), **values)


def test_a_creation_is_announced(emulator, heard):
    """`post_save` tells the object, that it is new, what changed, by whom and where."""
    told = heard(post_save, sender=Group)

    group = Group.objects.create(name="a")

    assert [
        {
            "sender": Group,
            "instance": group,
            "created": True,
            "changes": {"name": (None, "a")},
            "origin": "local",
            "using": "default",
        }
    ] == told


def test_an_update_is_announced(emulator, heard):
    """The changes are pairs of old and new, although the object has forgotten the old."""
    ticket = _ticket(tags=["a"])
    told = heard(post_save, sender=Ticket)
    ticket.tags = ["a", "b"]
    ticket.priority = "high"
    ticket.save()

    assert [(False, {"tags": (["a"], ["a", "b"]), "priority": (None, "high")})] == [
        (each["created"], each["changes"]) for each in told
    ]


def test_the_account_is_named(emulator, heard):
    """`using` is the alias of the account that was saved to."""
    emulator.connect(alias="emea")
    told = heard(post_save, sender=Group)

    Group.objects.using("emea").create(name="a")

    assert ["emea"] == [each["using"] for each in told]


@pytest.mark.parametrize("signal", [pre_save, post_save], ids=["pre_save", "post_save"])
def test_a_save_without_a_change_is_not_announced(emulator, heard, signal):
    """Nothing happens, and nothing is told."""
    ticket = _ticket()
    told = heard(signal)

    ticket.save()

    assert [] == told


def test_a_receiver_can_veto_a_save(emulator):
    """What `pre_save` raises stops the save: nothing is sent, and the edits stay."""
    ticket = _ticket()

    @receiver(pre_save, sender=Ticket)
    def veto(sender, instance, **kwargs):
        raise Vetoed

    del emulator.requests[:]
    ticket.priority = "urgent"
    with pytest.raises(Vetoed):
        ticket.save()

    assert [] == emulator.requests
    assert {"priority": (None, "urgent")} == ticket.changes()


def test_a_receiver_may_edit_what_is_saved(emulator, sent, heard):
    """What `pre_save` assigns is sent, and `post_save` tells of it."""
    told = heard(post_save, sender=Ticket)

    @receiver(pre_save, sender=Ticket)
    def mark(sender, instance, **kwargs):
        instance.tags.append("checked")

    _ticket(priority="high")

    assert ["checked"] == sent[0].json["ticket"]["tags"]
    assert (None, ["checked"]) == told[0]["changes"]["tags"]


def test_a_receiver_that_raises_does_not_lose_the_write(emulator):
    """After `post_save` raised, the object is saved and knows it."""

    @receiver(post_save, sender=Group)
    def fail(sender, **kwargs):
        raise Vetoed

    group = Group(name="a")
    with pytest.raises(Vetoed):
        group.save()

    assert group.pk is not None
    assert {} == group.changes()
    assert group == Group.objects.fresh().get(group.pk)


def test_a_condition_chooses_who_is_told_of(emulator, heard):
    """With `when=Q(...)` only objects that match are announced."""
    told = heard(post_save, sender=Ticket, when=Q(priority="urgent"))

    urgent = _ticket(priority="urgent")
    _ticket(priority="low")
    _ticket()

    assert [urgent] == [each["instance"] for each in told]


def test_a_condition_makes_no_request(emulator, heard):
    """`when=` is checked with what is at hand."""
    heard(post_save, sender=Ticket, when=Q(priority="urgent") & ~Q(tags="vip"))

    _ticket(priority="urgent")

    assert ["POST tickets"] == emulator.requests


@pytest.mark.parametrize(
    ("senders", "expected"),
    [(Group, [Group]), ([Group, User], [Group, User]), (None, [Group, Organization, User])],
)
def test_a_receiver_hears_of_its_models(emulator, heard, senders, expected):
    """One model, several, or all."""
    told = heard(post_save, **({} if senders is None else {"sender": senders}))

    for model in (Group, Organization, User):
        model.objects.create(name="a")

    assert expected == [each["sender"] for each in told]


def test_a_delete_is_announced_before_and_after(emulator, heard):
    """`pre_delete` and `post_delete` tell the object, by whom and where."""
    group = Group.objects.create(name="a")
    before, after = heard(pre_delete), heard(post_delete)

    group.delete()

    expected = {"sender": Group, "instance": group, "origin": "local", "using": "default"}
    assert [expected] == before == after


def test_a_receiver_can_veto_a_delete(emulator):
    """What `pre_delete` raises keeps the object."""
    group = Group.objects.create(name="a")

    @receiver(pre_delete, sender=Group)
    def veto(sender, **kwargs):
        raise Vetoed

    with pytest.raises(Vetoed):
        group.delete()

    assert group == Group.objects.fresh().get(group.pk)


def test_a_refused_save_is_not_announced_as_done(emulator, heard):
    """`post_save` is about saves that were answered well."""
    Organization.objects.create(name="Acme")
    told = heard(post_save, sender=Organization)

    with pytest.raises(Exception, match="already been taken"):
        Organization.objects.create(name="Acme")

    assert [] == told


def test_making_an_object_is_announced(heard):
    """`pre_init` and `post_init` frame the making of an object."""
    before, after = heard(pre_init, sender=Group), heard(post_init, sender=Group)

    group = Group(name="a")

    assert [{"sender": Group, "kwargs": {"name": "a"}}] == before
    assert group is after[0]["instance"]


def test_rows_that_are_read_are_not_announced_as_made(emulator, heard):
    """Materialising is no making, and has to be quick."""
    before, after = heard(pre_init), heard(post_init)

    list(Group.objects.all())

    assert [] == before == after


def test_a_comment_of_a_ticket_is_announced_as_a_save_of_the_ticket(emulator, heard):
    """Comments ride on the ticket, whose `changes` hold them."""
    ticket = _ticket()
    told = heard(post_save, sender=Ticket)

    ticket.comments.create(body="A note")

    assert [["comment"]] == [list(each["changes"]) for each in told]

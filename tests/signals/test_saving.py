"""What a save announces, of one object."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Group,
    NotFound,
    Organization,
    Q,
    Ticket,
    User,
    ValidationError,
    post_save,
    pre_save,
    receiver,
    value_ignored,
)


class Vetoed(Exception):
    """Raised by receivers."""


def _ticket(**values):
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), **values)


# -- what is told ------------------------------------------------------------


def test_a_save_is_announced_before_it_is_sent(ticket, emulator):
    """`pre_save` tells the object, what is about to change, by whom and where; once."""
    told = []

    @receiver(pre_save)
    def hear(sender, **arguments):
        told.append({"sender": sender, **arguments, "sent": len(emulator.requests)})

    ticket.priority = "high"
    ticket.save()

    assert [
        {
            "sender": Ticket,
            "instance": ticket,
            "created": False,
            "changes": {"priority": (None, "high")},
            "origin": "local",
            "using": "default",
            "sent": 0,
        }
    ] == told


def test_a_save_is_announced_when_it_was_answered(ticket, emulator):
    """`post_save` tells the same, when the object has taken over the answer; once."""
    told = []

    @receiver(post_save)
    def hear(sender, instance, **arguments):
        told.append({"sender": sender, "instance": instance, **arguments})
        told.append((instance.changes(), instance.priority, len(emulator.requests)))

    ticket.priority = "high"
    ticket.save()

    assert [
        {
            "sender": Ticket,
            "instance": ticket,
            "created": False,
            "changes": {"priority": (None, "high")},
            "origin": "local",
            "using": "default",
        },
        ({}, "high", 1),
    ] == told


def test_a_creation_is_announced_before_and_after(emulator):
    """`created` tells it; only afterwards the object has an id."""
    told = []

    @receiver([pre_save, post_save])
    def hear(sender, instance, created, changes, origin, using, **kwargs):
        told.append((sender, instance.pk, created, changes, origin, using))

    group = Group.objects.create(name="a")

    same = (True, {"name": (None, "a")}, "local", "default")
    assert [(Group, None, *same), (Group, group.pk, *same)] == told


def test_an_update_tells_old_and_new(emulator, heard):
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
    before, after = heard(pre_save), heard(post_save)

    Group.objects.using("emea").create(name="a")

    assert ["emea"] == [each["using"] for each in before] == [each["using"] for each in after]


@pytest.mark.parametrize("times", [1, 2])
def test_an_upsert_is_announced_as_a_save(emulator, heard, times):
    """Before it nobody knows whether the object is new; the answer tells."""
    before, after = heard(pre_save), heard(post_save)

    for _ in range(times):
        user, _ = User.objects.update_or_create(email="a@b.com", defaults={"name": "Ann"})

    assert [None] * times == [each["created"] for each in before]
    assert [True, False][:times] == [each["created"] for each in after]
    assert (User, user, "local", "default") == tuple(
        after[-1][name] for name in ("sender", "instance", "origin", "using")
    )


def test_a_comment_of_a_ticket_is_announced_as_a_save_of_the_ticket(ticket, heard):
    """Comments ride on the ticket, whose `changes` hold them."""
    told = heard(post_save, sender=Ticket)

    ticket.comments.create(body="A note")

    assert [["comment"]] == [list(each["changes"]) for each in told]


# -- when nothing is told ----------------------------------------------------


@pytest.mark.parametrize("signal", [pre_save, post_save, value_ignored], ids=lambda each: each.name)
def test_a_save_without_a_change_is_not_announced(ticket, heard, signal):
    """Nothing happens, and nothing is told."""
    told = heard(signal)

    ticket.save()

    assert [] == told


def test_a_refused_save_is_not_announced_as_done(emulator, heard):
    """`post_save` is about saves that were answered well; `pre_save` comes before that."""
    Organization.objects.create(name="Acme")
    before, after, ignored = heard(pre_save), heard(post_save), heard(value_ignored)

    with pytest.raises(ValidationError, match="already been taken"):
        Organization.objects.create(name="Acme")

    assert (1, [], []) == (len(before), after, ignored)


def test_a_save_of_what_is_gone_is_not_announced_as_done(ticket, emulator, heard):
    """The edits stay, as nobody has them."""
    Ticket.objects.using("default").get(ticket.pk).delete()
    told = heard(post_save)

    ticket.priority = "high"
    with pytest.raises(NotFound):
        ticket.save()

    assert [] == told
    assert {"priority": (None, "high")} == ticket.changes()


# -- what receivers may do ---------------------------------------------------


def test_a_receiver_can_veto_a_save(ticket, emulator):
    """What `pre_save` raises stops the save: nothing is sent, and the edits stay."""

    @receiver(pre_save, sender=Ticket)
    def veto(sender, instance, **kwargs):
        raise Vetoed

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


# -- who is told -------------------------------------------------------------


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


# -- what Zendesk did not keep -----------------------------------------------


def test_a_value_that_was_not_kept_is_told(ticket, heard):
    """`value_ignored` tells the object and the names, once for a save."""
    owner = User.objects.get(ticket.requester_id)
    told = heard(value_ignored)

    owner.email = "other@acme.com"
    owner.save()

    assert [
        {"sender": User, "instance": owner, "names": ["email"], "using": "default"},
    ] == told


def test_values_that_were_kept_are_not_told(ticket, heard):
    """Most saves are kept as they are."""
    told = heard(value_ignored)

    ticket.priority = "high"
    ticket.tags = ["b", "a"]
    ticket.save()
    Group.objects.create(name="a")

    assert [] == told

"""Two clients that change one ticket: changes are merged, and conflicts raise."""

from __future__ import annotations

import pickle

import pytest

from tests.write.remote import change_remotely, current_row
from zendesk_orm import (
    Comment,
    Organization,
    StaleObjectError,
    Ticket,
    User,
    connections,
    post_save,
)


def test_a_safe_save_is_one_request(account, ticket, count_requests):
    """The version of the loaded row is part of the update."""
    before = ticket.updated_at
    ticket.priority = "high"
    with count_requests(account, 1):
        ticket.save()

    assert current_row(account, ticket)["priority"] == "high"
    assert ticket.updated_at >= before


def test_changes_of_different_fields_are_both_kept(account, ticket, count_requests):
    """After the rejected update, the row is fetched, and the update is sent again."""
    ticket.priority = "high"
    change_remotely(account, ticket, type="incident", subject="Printer on fire")
    with count_requests(account, 3):
        ticket.save()

    now = current_row(account, ticket)
    assert (now["priority"], now["type"], now["subject"]) == ("high", "incident", "Printer on fire")
    assert (ticket.subject, ticket.priority) == ("Printer on fire", "high")
    assert ticket.changes() == {}


def test_changes_of_a_list_are_merged(account, ticket):
    """Members that one client removed are absent, and members that either added are present."""
    ticket.tags[:] = ["b", "mine"]
    change_remotely(account, ticket, tags=["a", "b", "theirs"])
    ticket.save()

    assert {*current_row(account, ticket)["tags"]} == {"b", "mine", "theirs"}
    assert {*ticket.tags} == {"b", "mine", "theirs"}


def test_a_conflict_is_raised_with_both_values(account, ticket, count_requests):
    """Nothing is sent; the object has the newest row and its edits."""
    ticket.priority = "high"
    ticket.subject = "Mine"
    change_remotely(account, ticket, priority="urgent", type="incident")
    with count_requests(account, 2), pytest.raises(StaleObjectError) as raised:
        ticket.save()

    error = raised.value
    assert error.fields == ("priority",)
    assert error.collisions == {"priority": ("low", "high", "urgent")}
    assert error.instance is ticket
    assert "priority was 'low', is 'urgent', and 'high' was to be saved" in str(error)
    assert error.collisions == pickle.loads(pickle.dumps(error)).collisions
    assert tuple(current_row(account, ticket)[k] for k in ("priority", "subject")) == (
        "urgent",
        "Printer",
    )
    assert ticket.changes() == {"priority": ("urgent", "high"), "subject": ("Printer", "Mine")}
    assert ticket.type == "incident"


def test_a_second_save_overwrites_after_a_conflict(account, ticket, count_requests):
    """It contains the newest version; setting the value of the others discards the edit."""
    ticket.priority = "high"
    change_remotely(account, ticket, priority="urgent")
    with pytest.raises(StaleObjectError):
        ticket.save()
    with count_requests(account, 1):
        ticket.save()
    assert current_row(account, ticket)["priority"] == "high"

    ticket.priority = "normal"
    change_remotely(account, ticket, priority="low")
    with pytest.raises(StaleObjectError):
        ticket.save()
    ticket.priority = "low"
    with count_requests(account, 0):
        ticket.save()


def test_the_same_change_by_both_is_not_a_conflict(account, ticket, count_requests):
    """The row already has the value."""
    ticket.priority = "urgent"
    change_remotely(account, ticket, priority="urgent")
    with count_requests(account, 2):
        ticket.save()

    assert ticket.changes() == {}


def test_safe_false_overwrites(account, ticket, count_requests):
    """`safe=False` sends no version."""
    ticket.priority = "high"
    change_remotely(account, ticket, priority="urgent")
    with count_requests(account, 1):
        ticket.save(safe=False)

    assert current_row(account, ticket)["priority"] == "high"


def test_a_comment_never_conflicts(account, ticket, count_requests):
    """A comment is added, whatever others changed."""
    change_remotely(account, ticket, priority="urgent")
    with count_requests(account, 1):
        ticket.comments.create(body="Done.", public=False)

    assert current_row(account, ticket)["priority"] == "urgent"


def test_an_unloaded_object_is_saved_without_a_version(account, ticket, count_requests):
    """An object of which only the id is known is changed without a check."""
    unloaded = account.current().refer(Ticket, ticket.pk)
    bare = Ticket(id=ticket.pk)
    bare.priority = "high"
    with count_requests(account, 1):
        bare.save()

    assert unloaded.pk == bare.pk
    assert current_row(account, ticket)["priority"] == "high"


def test_only_tickets_are_saved_safely(account, sent):
    """Zendesk supports safe updates only for tickets."""
    user = User.objects.create(name="Ann", email="ann@acme.com")
    sent.clear()
    user.name = "Anna"
    user.save()

    assert [request.json for request in sent] == [{"user": {"name": "Anna"}}]


def test_signals_contain_the_changes_that_were_sent(account, ticket):
    """One `post_save` contains the changes relative to the newest row."""
    events = []

    def note(sender, **arguments):
        events.append(arguments["changes"])

    ticket.tags.append("mine")
    change_remotely(account, ticket, tags=["a", "b", "theirs"])
    with post_save.connected_to(note, sender=Ticket):
        ticket.save()

    assert events == [{"tags": (["a", "b", "theirs"], ["a", "b", "theirs", "mine"])}]


NEW = {
    Ticket: {"subject": "Printer", "comment": Comment(body="Help!")},
    User: {"name": "Ann", "email": "ann@acme.com"},
    Organization: {"name": "Acme"},
}
LISTS = [
    (Ticket, "tags"),
    (User, "tags"),
    (Organization, "tags"),
    (Organization, "domain_names"),
]
#: Ways in which a client saves an edited object.
WAYS = {
    "save": lambda obj: obj.save(),
    "save with names": lambda obj: obj.save(update_fields=["tags", "domain_names"][:1]),
    "batch": lambda obj: _save_in_batch(obj),
}


def _save_in_batch(obj):
    with connections[obj.using].batch():
        obj.save()


@pytest.mark.parametrize("seconds", [0, 1, 2])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("model", "name"), LISTS, ids=lambda value: getattr(value, "__name__", value)
)
def test_members_of_two_clients_are_merged(emulator, model, name, way, seconds):
    """Neither client loses a member, even if both write within one second."""
    if way == "save with names" and name != "tags":
        way = "save"
    members = ["a.com", "b.com"] if name == "domain_names" else ["a", "b"]
    created = model.objects.create(**NEW[model], **{name: members})
    emulator.connect(alias="other")
    mine, theirs = model.objects.get(created.pk), model.objects.using("other").get(created.pk)

    getattr(theirs, name).append("theirs.com")
    WAYS[way](theirs)
    emulator.clock.sleep(seconds)
    getattr(mine, name)[:] = [members[1], "mine.com"]
    WAYS[way](mine)

    now = getattr(model.objects.using("other").fresh().get(id=created.pk), name)
    assert {*now} == {members[1], "mine.com", "theirs.com"}
    assert {*getattr(mine, name)} == {*now}


def test_replacing_a_list_is_one_request(account, count_requests):
    """A list without any old member is not an addition, so changes of others are not fetched."""
    acme = Organization.objects.create(name="Acme", domain_names=["acme.com"])
    acme.domain_names = ["example.com"]
    with count_requests(account, 1):
        acme.save()


def test_lists_can_be_overwritten(account, count_requests):
    """`safe=False` sends the list as it is."""
    ann = User.objects.create(name="Ann", email="ann@acme.com", tags=["a"])
    ann.tags.append("b")
    with count_requests(account, 1):
        ann.save(safe=False)


def _two_edits(emulator):
    """Return the ticket of a colleague, who has saved it, and the same ticket with an edit."""
    created = Ticket.objects.create(**NEW[Ticket], priority="low")
    emulator.connect(alias="other")
    theirs = Ticket.objects.using("other").get(created.pk)
    theirs.priority = "high"
    theirs.save()
    created.priority = "urgent"
    return theirs, created


def test_updates_within_one_second_are_detected(emulator):
    """The virtual clock advances a second between two updates of a ticket."""
    _, mine = _two_edits(emulator)

    with pytest.raises(StaleObjectError):
        mine.save()


def test_updates_can_share_a_second(emulator):
    """As at Zendesk, a safe update does not notice another one within the same second."""
    emulator.switches.updates_share_seconds = True
    theirs, mine = _two_edits(emulator)

    mine.save()

    assert mine.updated_at == theirs.updated_at
    assert Ticket.objects.fresh().get(id=mine.pk).priority == "urgent"

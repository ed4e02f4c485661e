"""Two writers on one ticket: nothing of either is lost, and what collides is raised."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import (
    Comment,
    Organization,
    StaleObjectError,
    Ticket,
    User,
    connections,
    post_save,
)
from zendesk_orm.http.request import Request


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


def _others(account, ticket, **values):
    """Let somebody else change it, a minute later."""
    account.transport.clock.sleep(60)
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": values})
    account.transport.send(request)
    account.transport.clock.sleep(60)


def _now(account, ticket):
    request = Request("GET", f"/api/v2/tickets/{ticket.pk}")
    return account.transport.send(request).data["ticket"]


def test_a_save_names_the_row_that_it_changes(account, ticket, count_requests):
    """One request, as without."""
    before = ticket.updated_at
    ticket.priority = "high"
    with count_requests(account, 1):
        ticket.save()

    assert "high" == _now(account, ticket)["priority"]
    assert ticket.updated_at >= before


def test_changes_of_different_fields_are_both_kept(account, ticket, count_requests):
    """The refused one, the row, and the one that is sent again: three requests."""
    ticket.priority = "high"
    _others(account, ticket, type="incident", subject="Printer on fire")
    with count_requests(account, 3):
        ticket.save()

    now = _now(account, ticket)
    assert ("high", "incident", "Printer on fire") == (now["priority"], now["type"], now["subject"])
    assert ("Printer on fire", "high") == (ticket.subject, ticket.priority)
    assert {} == ticket.changes()


def test_members_of_a_list_are_put_together(account, ticket):
    """What one took out is out, what either put in is in."""
    ticket.tags[:] = ["b", "mine"]
    _others(account, ticket, tags=["a", "b", "theirs"])
    ticket.save()

    assert {"b", "mine", "theirs"} == {*_now(account, ticket)["tags"]} == {*ticket.tags}


def test_what_collides_is_raised_with_both_versions(account, ticket, count_requests):
    """Nothing is sent; the object has the newest row, and its edits still."""
    ticket.priority = "high"
    ticket.subject = "Mine"
    _others(account, ticket, priority="urgent", type="incident")
    with count_requests(account, 2), pytest.raises(StaleObjectError) as raised:
        ticket.save()

    error = raised.value
    assert ("priority",) == error.fields
    assert {"priority": ("low", "high", "urgent")} == error.collisions
    assert error.instance is ticket
    assert "priority was 'low', is 'urgent', and 'high' was to be saved" in str(error)
    assert error.collisions == pickle.loads(pickle.dumps(error)).collisions
    assert ("urgent", "Printer") == tuple(_now(account, ticket)[k] for k in ("priority", "subject"))
    assert {"priority": ("urgent", "high"), "subject": ("Printer", "Mine")} == ticket.changes()
    assert "incident" == ticket.type


def test_after_a_collision_a_second_save_is_a_decision(account, ticket, count_requests):
    """It names the newest row, so it goes through; setting the value back takes theirs."""
    ticket.priority = "high"
    _others(account, ticket, priority="urgent")
    with pytest.raises(StaleObjectError):
        ticket.save()
    with count_requests(account, 1):
        ticket.save()
    assert "high" == _now(account, ticket)["priority"]

    ticket.priority = "normal"
    _others(account, ticket, priority="low")
    with pytest.raises(StaleObjectError):
        ticket.save()
    ticket.priority = "low"
    with count_requests(account, 0):
        ticket.save()


def test_the_same_change_by_both_is_no_collision(account, ticket, count_requests):
    """What is to be saved is there already."""
    ticket.priority = "urgent"
    _others(account, ticket, priority="urgent")
    with count_requests(account, 2):
        ticket.save()

    assert {} == ticket.changes()


def test_it_can_be_turned_off(account, ticket, count_requests):
    """`safe=False` overwrites."""
    ticket.priority = "high"
    _others(account, ticket, priority="urgent")
    with count_requests(account, 1):
        ticket.save(safe=False)

    assert "high" == _now(account, ticket)["priority"]


def test_a_comment_overwrites_nothing(account, ticket, count_requests):
    """So it does not matter who came first."""
    _others(account, ticket, priority="urgent")
    with count_requests(account, 1):
        ticket.comments.create(body="Done.", public=False)

    assert "urgent" == _now(account, ticket)["priority"]


def test_a_row_that_is_not_known_cannot_be_named(account, ticket, count_requests):
    """An object of which only the id is known is changed as it is."""
    known = account.current().refer(Ticket, ticket.pk)
    bare = Ticket(id=ticket.pk)
    bare.priority = "high"
    with count_requests(account, 1):
        bare.save()

    assert known.pk == bare.pk
    assert "high" == _now(account, ticket)["priority"]


def test_others_than_tickets_are_saved_as_before(account, sent):
    """Zendesk has it for tickets alone."""
    user = User.objects.create(name="Ann", email="ann@acme.com")
    sent.clear()
    user.name = "Anna"
    user.save()

    assert [{"user": {"name": "Anna"}}] == [request.json for request in sent]


def test_signals_tell_what_was_sent_in_the_end(account, ticket):
    """One `post_save`, with the changes against the newest row."""
    told = []

    def note(sender, **arguments):
        told.append(arguments["changes"])

    ticket.tags.append("mine")
    _others(account, ticket, tags=["a", "b", "theirs"])
    with post_save.connected_to(note, sender=Ticket):
        ticket.save()

    assert [{"tags": (["a", "b", "theirs"], ["a", "b", "theirs", "mine"])}] == told


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
#: How a client saves an edited object.
WAYS = {
    "save": lambda each: each.save(),
    "save with names": lambda each: each.save(update_fields=["tags", "domain_names"][:1]),
    "batch": lambda each: _in_batch(each),
}


def _in_batch(each):
    with connections[each.using].batch():
        each.save()


@pytest.mark.parametrize("seconds", [0, 1, 2])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("model", "name"), LISTS, ids=lambda each: getattr(each, "__name__", each))
def test_members_that_two_clients_add_and_remove_are_all_kept(emulator, model, name, way, seconds):
    """Neither client loses a member, even if both write within one second."""
    if way == "save with names" and name != "tags":
        way = "save"
    members = ["a.com", "b.com"] if name == "domain_names" else ["a", "b"]
    made = model.objects.create(**NEW[model], **{name: members})
    emulator.connect(alias="other")
    mine, theirs = model.objects.get(made.pk), model.objects.using("other").get(made.pk)

    getattr(theirs, name).append("theirs.com")
    WAYS[way](theirs)
    emulator.clock.sleep(seconds)
    getattr(mine, name)[:] = [members[1], "mine.com"]
    WAYS[way](mine)

    now = getattr(model.objects.using("other").fresh().get(id=made.pk), name)
    assert {members[1], "mine.com", "theirs.com"} == {*now}
    assert {*now} == {*getattr(mine, name)}


def test_a_list_that_is_replaced_costs_one_request(account, count_requests):
    """A list without a member of the old one is no addition, so nobody else's is looked for."""
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


def test_updates_within_one_second_collide(emulator):
    """A virtual clock passes a second between two updates of a ticket."""
    made = Ticket.objects.create(**NEW[Ticket], priority="low")
    emulator.connect(alias="other")
    theirs = Ticket.objects.using("other").get(made.pk)
    theirs.priority = "high"
    theirs.save()
    made.priority = "urgent"

    with pytest.raises(StaleObjectError):
        made.save()


def test_updates_can_share_a_second(emulator):
    """As at Zendesk, a safe update does not notice another one within the same second."""
    emulator.switches.updates_share_seconds = True
    made = Ticket.objects.create(**NEW[Ticket], priority="low")
    emulator.connect(alias="other")
    theirs = Ticket.objects.using("other").get(made.pk)
    theirs.priority = "high"
    theirs.save()
    made.priority = "urgent"
    made.save()

    assert made.updated_at == theirs.updated_at
    assert "urgent" == Ticket.objects.fresh().get(id=made.pk).priority

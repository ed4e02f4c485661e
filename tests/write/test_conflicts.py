"""Two writers on one ticket: nothing of either is lost, and what collides is raised."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, StaleObjectError, Ticket, User, post_save
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

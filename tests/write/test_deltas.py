"""What is added and removed by itself: tags, followers, people in copy, collaborators."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Ticket, User


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


def _other(account):
    """Return the ticket of somebody else's session."""
    with account.session():
        return Ticket.objects.fresh().first()


def test_tags_are_added_and_removed_at_once(ticket, account, emulator, count_requests):
    """One request each, and nothing is left to be saved."""
    emulator.requests.clear()
    with count_requests(account, 3):
        ticket.tags.add("c", "d")
        ticket.tags.remove("a", "unknown")
        ticket.save()
        ticket.tags.set(["x", "b", "x"])

    expected = [f"{method} tickets/{ticket.pk}/tags" for method in ("PUT", "DELETE", "POST")]
    assert expected == emulator.requests
    assert ["x", "b"] == ticket.tags == _other(account).tags
    assert {} == ticket.changes()


def test_what_others_added_stays(ticket, account):
    """Neither a delta nor a save after it takes away what the object does not know of."""
    theirs = _other(account)
    theirs.tags.add("theirs")
    account.transport.clock.sleep(60)
    ticket.tags.add("mine")
    ticket.tags.remove("a")

    assert ["b", "mine", "theirs"] == sorted(ticket.tags)
    theirs.tags.append("more")
    theirs.save()
    assert ["b", "mine", "more", "theirs"] == sorted(_other(account).tags)


def test_edits_that_are_not_saved_stay_edits(ticket, account):
    """`append()` waits for `save()`, whatever `add()` brings in between."""
    tags = ticket.tags
    tags.append("later")
    tags.add("now")

    assert ["a", "b", "now"] == sorted(_other(account).tags)
    assert ["a", "b", "later", "now"] == sorted(tags)
    ticket.save()
    assert ["a", "b", "later", "now"] == sorted(_other(account).tags)


def test_tags_of_what_was_not_saved_are_edits(emulator, account):
    """They go out with the rest."""
    ticket = Ticket(subject="x", comment=Comment(body="x"))
    ticket.tags.add("a", "b")
    ticket.tags.remove("a")
    ticket.tags.add("b")
    assert (["b"], []) == (ticket.tags, emulator.requests)
    ticket.save()

    assert ["b"] == _other(account).tags


def test_assigned_tags_are_edits(ticket, emulator):
    """What is assigned replaces all, and is sent by `save()` with what was added to it."""
    emulator.requests.clear()
    ticket.tags = ["x"]
    ticket.tags.add("y")
    assert [] == emulator.requests
    ticket.save()

    assert [f"PUT tickets/{ticket.pk}"] == emulator.requests
    assert ["x", "y"] == ticket.tags


@pytest.mark.parametrize("model", [User, Organization], ids=["user", "organization"])
def test_users_and_organizations_have_tags_too(account, model, count_requests):
    """By the calls of their own."""
    made = model.objects.create(name="Acme", tags=["a"])
    with count_requests(account, 3):
        made.tags.add("b")
        made.tags.remove("a")
        made.tags.clear()

    assert [] == made.tags == model.objects.fresh().get(made.pk).tags


def test_what_is_no_tag_is_refused(ticket, emulator):
    """Before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="wants words, one by one, not 5"):
        ticket.tags.add("a", 5)
    ticket.tags.add()

    assert [] == emulator.requests


def test_followers_are_added_and_removed(ticket, people, account, emulator, count_requests):
    """By user, id or e-mail, each call one request; the others stay."""
    ada, ben = people
    emulator.requests.clear()
    with count_requests(account, 2):
        ticket.followers.add(ada, "ben@example.com")
        ticket.followers.remove(ada.pk)

    assert ([ben.pk], [ben.pk], 1) == (
        ticket.follower_ids,
        ticket.followers.ids,
        len(emulator.requests) - 1,
    )
    assert (False, True) == (ada in ticket.followers, ben in ticket.followers)
    assert [ben] == list(ticket.followers)


def test_people_in_copy_are_set(ticket, people, account, count_requests):
    """Who is missing is added, who is not among them removed."""
    ada, ben = people
    ticket.email_ccs.set([ada])
    assert [ada.pk] == ticket.email_cc_ids
    with count_requests(account, 2):
        ticket.email_ccs.set([ben])

    assert [ben.pk] == ticket.email_cc_ids
    ticket.email_ccs.clear()
    assert (0, []) == (len(ticket.email_ccs), ticket.email_cc_ids)


def test_collaborators_are_added_and_removed(ticket, people):
    """Zendesk has another form for these."""
    ada, ben = people
    ticket.collaborators.add(ada, ben)
    ticket.collaborators.remove(ada)

    assert [ben.pk] == ticket.collaborator_ids == ticket.collaborators.ids


def test_a_new_ticket_takes_people_along(account, people, count_requests):
    """What is assigned, or added, before it is made goes out with it."""
    ada, ben = people
    ticket = Ticket(subject="x", comment=Comment(body="x"), followers=[ada])
    ticket.email_ccs.append("ben@example.com")
    with count_requests(account, 1):
        ticket.save()

    assert ([ada.pk], [ben.pk]) == (ticket.follower_ids, ticket.email_cc_ids)


def test_what_is_no_person_is_refused(ticket):
    """The message says what would be one."""
    with pytest.raises(InvalidValue, match="followers: wants a saved User, an id or an e-mail"):
        ticket.followers.add("ada")
    with pytest.raises(InvalidValue, match="wants a saved User"):
        ticket.followers.add(User(name="New"))


def test_deltas_wait_in_a_batch(account, emulator):
    """Tickets are added to through a job, whatever others do meanwhile; others are set."""
    tickets = Ticket.objects.bulk_create(
        [Ticket(subject=f"T{n}", comment=Comment(body="x"), tags=["a"]) for n in range(3)]
    ).succeeded
    user = User.objects.create(name="Ada", tags=["a"])
    emulator.requests.clear()
    with account.batch() as batch:
        for ticket in tickets:
            ticket.tags.add("b")
            ticket.tags.remove("a")
        user.tags.add("b")
        assert [] == emulator.requests
        _tag_by_others(account, tickets[0], "theirs")

    assert 4 == len(batch.result)
    assert "PUT tickets/update_many" in emulator.requests
    now = [sorted(each.tags) for each in Ticket.objects.fresh()]
    assert [["b", "theirs"], ["b"], ["b"]] == now
    assert ["a", "b"] == User.objects.fresh().get(user.pk).tags


def _tag_by_others(account, ticket, tag):
    with account.collected(None):
        Ticket(id=ticket.pk).add_tags(tag)


def test_one_delta_in_a_batch_goes_through_a_job_too(account, ticket, emulator):
    """Only bulk updates add to tags."""
    emulator.requests.clear()
    with account.batch():
        ticket.tags.add("c")

    assert "PUT tickets/update_many" == emulator.requests[0]
    assert ["a", "b", "c"] == ticket.tags


def test_tags_can_be_pickled(ticket):
    """As the list that they are."""
    again = pickle.loads(pickle.dumps(ticket))
    tags = pickle.loads(pickle.dumps(ticket.tags))

    assert (["a", "b"], ["a", "b"]) == (again.tags, tags)

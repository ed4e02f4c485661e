"""Additions to and removals from tags, followers, people in copy and collaborators."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Ticket, User
from zendesk_orm.session.sender import DIRECT


def _reload(account):
    """Return the ticket in another session."""
    with account.session():
        return Ticket.objects.fresh().first()


def test_add_and_remove_send_a_request_each(ticket, account, emulator, count_requests):
    """`tags.add()` and `tags.remove()` leave nothing for `save()`."""
    emulator.requests.clear()
    with count_requests(account, 3):
        ticket.tags.add("c", "d")
        ticket.tags.remove("a", "unknown")
        ticket.save()
        ticket.tags.set(["x", "b", "x"])

    expected = [f"{method} tickets/{ticket.pk}/tags" for method in ("PUT", "DELETE", "POST")]
    assert emulator.requests == expected
    assert ticket.tags == ["x", "b"]
    assert _reload(account).tags == ["x", "b"]
    assert ticket.changes() == {}


def test_tags_added_by_others_stay(ticket, account):
    """Neither `add()` nor a later save removes tags that the object does not know of."""
    theirs = _reload(account)
    theirs.tags.add("theirs")
    account.transport.clock.sleep(60)
    ticket.tags.add("mine")
    ticket.tags.remove("a")

    assert sorted(ticket.tags) == ["b", "mine", "theirs"]
    theirs.tags.append("more")
    theirs.save()
    assert sorted(_reload(account).tags) == ["b", "mine", "more", "theirs"]


def test_unsaved_edits_stay_edits(ticket, account):
    """`append()` is sent by `save()`, even if `add()` is called in between."""
    tags = ticket.tags
    tags.append("later")
    tags.add("now")

    assert sorted(_reload(account).tags) == ["a", "b", "now"]
    assert sorted(tags) == ["a", "b", "later", "now"]
    ticket.save()
    assert sorted(_reload(account).tags) == ["a", "b", "later", "now"]


def test_tags_of_an_unsaved_object_are_edits(emulator, account):
    """They are sent when the object is created."""
    ticket = Ticket(subject="x", comment=Comment(body="x"))
    ticket.tags.add("a", "b")
    ticket.tags.remove("a")
    ticket.tags.add("b")
    assert (ticket.tags, emulator.requests) == (["b"], [])
    ticket.save()

    assert _reload(account).tags == ["b"]


def test_assigned_tags_are_edits(ticket, emulator):
    """An assigned list replaces all tags, and is sent by `save()` with later additions."""
    emulator.requests.clear()
    ticket.tags = ["x"]
    ticket.tags.add("y")
    assert emulator.requests == []
    ticket.save()

    assert emulator.requests == [f"PUT tickets/{ticket.pk}"]
    assert ticket.tags == ["x", "y"]


@pytest.mark.parametrize("model", [User, Organization], ids=["user", "organization"])
def test_users_and_organizations_have_tag_requests(account, model, count_requests):
    """Their tags have endpoints, too."""
    created = model.objects.create(name="Acme", tags=["a"])
    with count_requests(account, 3):
        created.tags.add("b")
        created.tags.remove("a")
        created.tags.clear()

    assert created.tags == []
    assert model.objects.fresh().get(created.pk).tags == []


def test_an_invalid_tag_is_rejected(ticket, emulator):
    """An invalid tag raises before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="words"):
        ticket.tags.add("a", 5)
    ticket.tags.add()

    assert emulator.requests == []


def test_followers_are_added_and_removed(ticket, people, account, emulator, count_requests):
    """Users, ids and e-mail addresses are accepted; each call is one request."""
    ada, ben = people
    emulator.requests.clear()
    with count_requests(account, 2):
        ticket.followers.add(ada, "ben@example.com")
        ticket.followers.remove(ada.pk)

    assert (
        ticket.follower_ids,
        ticket.followers.ids,
        len(emulator.requests) - 1,
    ) == ([ben.pk], [ben.pk], 1)
    assert (ada in ticket.followers, ben in ticket.followers) == (False, True)
    assert list(ticket.followers) == [ben]


def test_people_in_copy_are_set(ticket, people, account, count_requests):
    """`set()` adds the users that are missing, and removes the others."""
    ada, ben = people
    ticket.email_ccs.set([ada])
    assert ticket.email_cc_ids == [ada.pk]
    with count_requests(account, 2):
        ticket.email_ccs.set([ben])

    assert ticket.email_cc_ids == [ben.pk]
    ticket.email_ccs.clear()
    assert (len(ticket.email_ccs), ticket.email_cc_ids) == (0, [])


def test_collaborators_are_added_and_removed(ticket, people):
    """Collaborators are sent in another format than followers."""
    ada, ben = people
    ticket.collaborators.add(ada, ben)
    ticket.collaborators.remove(ada)

    assert ticket.collaborator_ids == [ben.pk]
    assert ticket.collaborators.ids == [ben.pk]


def test_followers_of_a_new_ticket_are_sent_with_it(account, people, count_requests):
    """Followers that are assigned or added before the creation are part of it."""
    ada, ben = people
    ticket = Ticket(subject="x", comment=Comment(body="x"), followers=[ada])
    ticket.email_ccs.append("ben@example.com")
    with count_requests(account, 1):
        ticket.save()

    assert (ticket.follower_ids, ticket.email_cc_ids) == ([ada.pk], [ben.pk])


def test_an_invalid_person_is_rejected(ticket):
    """The message lists the valid types."""
    with pytest.raises(InvalidValue, match="followers"):
        ticket.followers.add("ada")
    with pytest.raises(InvalidValue, match="User"):
        ticket.followers.add(User(name="New"))


def test_additions_are_part_of_a_batch(account, emulator):
    """Additions to tickets run in a job that keeps tags of others; other models set the list."""
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
        assert emulator.requests == []
        _add_tag_as_others(account, tickets[0], "theirs")

    assert len(batch.result) == 4
    assert "PUT tickets/update_many" in emulator.requests
    now = [sorted(row.tags) for row in Ticket.objects.fresh()]
    assert now == [["b", "theirs"], ["b"], ["b"]]
    assert User.objects.fresh().get(user.pk).tags == ["a", "b"]


def _add_tag_as_others(account, ticket, tag):
    with account.replace_sender(DIRECT):
        Ticket(id=ticket.pk).add_tags(tag)


def test_a_single_addition_in_a_batch_runs_in_a_job(account, ticket, emulator):
    """Only bulk updates can add to tags."""
    emulator.requests.clear()
    with account.batch():
        ticket.tags.add("c")

    assert emulator.requests[0] == "PUT tickets/update_many"
    assert ticket.tags == ["a", "b", "c"]


def test_tags_can_be_pickled(ticket):
    """Tags are pickled as a list."""
    again = pickle.loads(pickle.dumps(ticket))
    tags = pickle.loads(pickle.dumps(ticket.tags))

    assert (again.tags, tags) == (["a", "b"], ["a", "b"])


def test_a_tag_with_blanks_becomes_several_tags(emulator, ticket):
    """The object has the tags that Zendesk has made of it."""
    ticket.tags.append("two words")
    ticket.save()

    assert {"two", "words"} <= {*ticket.tags}
    assert "two words" not in ticket.tags

"""Users: who is asking, who is found, and what is done with them."""

from __future__ import annotations

import pytest

from tests.support.people import person
from zendesk_orm import (
    Comment,
    CustomRole,
    InvalidValue,
    Organization,
    Ticket,
    User,
    UserIdentity,
    connect,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def test_who_is_asking(account, count_requests):
    """In one request, as an object that can be worked with."""
    with count_requests(account, 1):
        me = User.objects.me()
        assert ("Olivia Owner", "admin") == (me.name, me.role)

    assert me is User.objects.get(me.pk)


def test_without_credentials_nobody_is_asking():
    """Zendesk describes a user without an id."""
    with Emulator(oauth="strict") as strict:
        connect(subdomain="emulator", anonymous=True, session=strict.session())

        assert User.objects.me().pk is None


def test_names_are_completed(account, count_requests):
    """By the beginning of a word, in a request that is made when the rows are read."""
    ada, _ = person("Ada"), person("Ben")
    with count_requests(account, 0):
        found = User.objects.autocomplete("ad")
    with count_requests(account, 1):
        assert [ada] == list(found)

    assert "users/autocomplete?name=ad" in found.explain()
    assert [] == list(User.objects.autocomplete("ad").filter(role="agent"))


def test_users_are_asked_for_in_the_language_of_search(account, count_requests):
    """By a list of its own, which other lookups leave alone."""
    ada, _ = person("Ada", tags=["vip"]), person("Ben")
    with count_requests(account, 1):
        assert [ada] == list(User.objects.filter(query="tags:vip"))

    assert "users/search?query=tags:vip" in User.objects.filter(query="tags:vip").explain()
    assert "users/search" not in User.objects.filter(tags="vip").plan.path


def test_users_are_suspended_and_taken_back(account, count_requests):
    """By an update of that field alone; other edits wait."""
    ada = person("Ada")
    ada.notes = "Writes spam."
    with count_requests(account, 1):
        assert ada is ada.suspend()
    assert User.objects.get(ada.pk).suspended
    assert ["notes"] == list(ada.changes())

    with count_requests(account, 1):
        ada.unsuspend()
    assert not ada.suspended


def test_a_user_is_merged(account, count_requests):
    """The one is gone, the other is brought up to date, and the edits on it stay."""
    loser, winner = person("Loser"), User.objects.create(name="Winner")
    ticket = Ticket.objects.create(subject="x", requester=loser, comment=Comment(body="y"))
    winner.notes = "The better one."
    with count_requests(account, 1):
        assert winner is loser.merge(into=winner)

    assert "loser@example.com" == winner.email
    assert ["notes"] == list(winner.changes())
    ticket.refresh_from_db()
    assert winner is ticket.requester
    with pytest.raises(User.DoesNotExist):
        User.objects.get(loser.pk)
    assert loser not in list(User.objects.all())


def test_a_user_is_merged_into_an_id(account, count_requests):
    """Of which nothing has to be known before."""
    loser, winner = person("Loser"), person("Winner").pk
    account.rows.clear()
    with count_requests(account, 1):
        kept = loser.merge(winner)
        assert ("Winner", winner) == (kept.name, kept.pk)


def test_only_end_users_are_merged(account, count_requests):
    """Which is said before anything is sent."""
    ada, agent = person("Ada"), person("Agent", role="agent")
    with count_requests(account, 0):
        for one, other in ((ada, agent), (agent, ada)):
            with pytest.raises(InvalidValue, match="only end users"):
                one.merge(into=other)
        for one, other in ((ada, ada), (ada, User(name="x")), (User(name="x"), ada)):
            with pytest.raises(InvalidValue, match=r"two different users|save it first"):
                one.merge(into=other)


def test_what_is_related_is_counted(account, count_requests):
    """By Zendesk, in one request."""
    ada = person("Ada")
    for _ in range(2):
        Ticket.objects.create(subject="x", requester=ada, comment=Comment(body="y"))
    with count_requests(account, 1):
        related = ada.related()

    assert (2, 0, 0) == tuple(
        related[f"{name}_tickets"] for name in ("requested", "assigned", "ccd")
    )


def test_an_agent_may_use_products(account, count_requests):
    """And an end user none."""
    with count_requests(account, 2):
        assert "admin" == User.objects.me().entitlements()["chat"]["name"]
    with pytest.raises(Exception, match="404"):
        person("Ada").entitlements()


def test_copied_tickets_are_those_of_others(account, count_requests):
    """Asked for by the user who is copied in."""
    ada = person("Ada")
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), email_ccs=[{"user_id": ada.pk}]
    )
    Ticket.objects.create(subject="z", comment=Comment(body="y"))
    found = ada.copied_tickets.fresh()
    with count_requests(account, 1):
        assert [ticket] == list(found)


def test_followed_tickets_are_those_that_an_agent_follows(account, count_requests):
    """Archived ones among them, so that nothing has to be said about these."""
    agent = person("Agent", role="agent")
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), followers=[{"user_id": agent.pk}]
    )
    Ticket.objects.create(subject="z", comment=Comment(body="y"))
    with count_requests(account, 1):
        assert [ticket] == list(agent.followed_tickets)


def test_users_have_a_custom_role(account, count_requests):
    """Both ways, in a request each."""
    role = CustomRole.objects.create(name="Trainee", configuration={"ticket_access": "all"})
    agent, _ = person("Agent", role="agent", custom_role=role), person("Other", role="agent")
    with count_requests(account, 1):
        assert [agent] == list(role.users.all())
    with count_requests(account, 0):
        assert role is agent.custom_role
    with count_requests(account, 1):
        assert "Trainee" == CustomRole.objects.get(name="Trainee").name


def test_users_of_an_organization_are_asked_for_by_role(account, count_requests):
    """Zendesk filters, and not the library."""
    acme = Organization.objects.create(name="Acme")
    ada = person("Ada", organization=acme)
    person("Agent", role="agent", organization=acme)
    with count_requests(account, 1):
        assert [ada] == list(acme.users.filter(role="end-user"))


def test_the_owner_is_reminded(account, count_requests, sent):
    """Of the agent that the account has no room for; nobody is made by it."""
    with count_requests(account, 1):
        User.objects.request_create(name="Roger", email="roger@example.com", role="agent")

    asked = {"name": "Roger", "email": "roger@example.com", "role": "agent"}
    assert [{"user": asked}] == [request.json for request in sent]
    assert not User.objects.filter(email="roger@example.com").fresh().scan().exists()


def test_a_user_is_made_or_changed_in_one_call(account, count_requests):
    """Which is how `update_or_create()` and `bulk_create()` reach Zendesk's own call."""
    with count_requests(account, 2):
        ada, made = User.objects.update_or_create({"name": "Ada"}, email="ada@example.com")
        same, again = User.objects.update_or_create({"notes": "n"}, email="ada@example.com")
    assert (ada, True, False) == (same, made, again)

    others = [User(name="Ada L.", email="ada@example.com"), User(name="B", email="b@example.com")]
    result = User.objects.bulk_create(
        others, update_conflicts=True, unique_fields=["email"], update_fields=["name"]
    )
    assert 2 == len(result.succeeded)
    ada.refresh_from_db()
    assert "Ada L." == ada.name


# -- identities --------------------------------------------------------------


def test_identities_of_a_user(account, count_requests):
    """Made, read, verified and deleted through the user."""
    ada = person("Ada")
    with count_requests(account, 1):
        home = ada.identities.create(type="email", value="ada@home.example")
    with count_requests(account, 1):
        values = [each.value for each in ada.identities.all()]
    assert ["ada@example.com", "ada@home.example"] == values

    with count_requests(account, 1):
        assert home is home.verify()
        assert home.verified
    with count_requests(account, 1):
        assert home.request_verification() is None
    home.delete()
    assert 1 == len(ada.identities.all())


def test_another_address_is_made_the_primary_one(account, count_requests):
    """The other identities are brought up to date, and the user is read anew."""
    ada = person("Ada")
    home = ada.identities.create(type="email", value="ada@home.example")
    first = ada.identities.filter(value="ada@example.com").get()
    with count_requests(account, 1):
        assert home is home.make_primary()
        assert (True, False) == (home.primary, first.primary)
    with count_requests(account, 1):
        assert "ada@home.example" == ada.email


def test_a_primary_address_that_changes_is_the_users(account):
    """Who is read anew for it."""
    ada = person("Ada")
    (only,) = ada.identities.all()
    only.value = "lovelace@example.com"
    only.save()

    assert "lovelace@example.com" == ada.email


def test_identities_are_asked_for_by_type(account, count_requests):
    """Below their user, and nowhere else."""
    ada = person("Ada")
    ada.identities.create(type="phone_number", value="+4930123")
    with count_requests(account, 1):
        assert ["+4930123"] == [each.value for each in ada.identities.filter(type="phone_number")]
    with pytest.raises(Exception, match="user"):
        list(UserIdentity.objects.all())


def test_a_deleted_user_is_not_active(emulator):
    """The response to the deletion has the last row, which the object takes over."""
    user = User.objects.create(name="Ann", email="ann@example.com")
    del emulator.requests[:]

    user.delete()

    assert not user.active
    assert [f"DELETE users/{user.pk}"] == emulator.requests

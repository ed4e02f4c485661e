"""Users and their identities."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
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


def test_me_returns_the_authenticated_user(account, count_requests):
    """`me()` fetches the authenticated user in one request."""
    with count_requests(account, 1):
        me = User.objects.me()
        assert (me.name, me.role) == ("Olivia Owner", "admin")

    assert User.objects.get(me.pk) is me


def test_me_of_an_anonymous_caller_has_no_id():
    """`me()` returns a user without an id if the caller is anonymous."""
    with Emulator(oauth="strict") as strict:
        connect(subdomain="emulator", anonymous=True, session=strict.session())

        assert User.objects.me().pk is None


def test_autocomplete_finds_users_by_name(account, count_requests):
    """`autocomplete()` finds users by the beginning of a word, and is lazy."""
    ada, _ = create_user("Ada"), create_user("Ben")
    with count_requests(account, 0):
        users = User.objects.autocomplete("ad")
    with count_requests(account, 1):
        assert list(users) == [ada]

    assert "users/autocomplete?name=ad" in users.explain()
    assert list(User.objects.autocomplete("ad").filter(role="agent")) == []


def test_query_searches_users(account, count_requests):
    """`filter(query=...)` searches with Zendesk's query syntax; other filters do not."""
    ada, _ = create_user("Ada", tags=["vip"]), create_user("Ben")
    with count_requests(account, 1):
        assert list(User.objects.filter(query="tags:vip")) == [ada]

    assert "users/search?query=tags:vip" in User.objects.filter(query="tags:vip").explain()
    assert "users/search" not in User.objects.filter(tags="vip").plan.path


def test_suspend_saves_one_field(account, count_requests):
    """`suspend()` and `unsuspend()` save this field alone and keep other edits."""
    ada = create_user("Ada")
    ada.notes = "Writes spam."
    with count_requests(account, 1):
        assert ada.suspend() is ada
    assert User.objects.get(ada.pk).suspended
    assert list(ada.changes()) == ["notes"]

    with count_requests(account, 1):
        ada.unsuspend()
    assert not ada.suspended


def test_a_merge_moves_email_and_tickets(account, count_requests):
    """A merge moves email and tickets to the other user and keeps the edits of that user."""
    loser, winner = create_user("Loser"), User.objects.create(name="Winner")
    ticket = Ticket.objects.create(subject="x", requester=loser, comment=Comment(body="y"))
    winner.notes = "The better one."
    with count_requests(account, 1):
        assert loser.merge(into=winner) is winner

    assert winner.email == "loser@example.com"
    assert list(winner.changes()) == ["notes"]
    ticket.refresh_from_db()
    assert ticket.requester is winner
    assert User.objects.get(loser.pk).active is False
    assert loser not in list(User.objects.all())


def test_a_user_is_merged_into_an_id(account, count_requests):
    """A user can be merged into a user id, and the other user is returned."""
    loser, winner = create_user("Loser"), create_user("Winner").pk
    account.cache.clear()
    with count_requests(account, 1):
        merged = loser.merge(winner)
        assert (merged.name, merged.pk) == ("Winner", winner)


def test_only_end_users_are_merged(account, count_requests):
    """Merging agents, unsaved users or a user with itself raises before any request."""
    ada, agent = create_user("Ada"), create_user("Agent", role="agent")
    with count_requests(account, 0):
        for one, other in ((ada, agent), (agent, ada)):
            with pytest.raises(InvalidValue, match="only end users"):
                one.merge(into=other)
        for one, other in ((ada, ada), (ada, User(name="x")), (User(name="x"), ada)):
            with pytest.raises(InvalidValue, match=r"different|save it first"):
                one.merge(into=other)


def test_related_objects_are_counted(account, count_requests):
    """`count_related_objects()` returns Zendesk's numbers in one request."""
    ada = create_user("Ada")
    for _ in range(2):
        Ticket.objects.create(subject="x", requester=ada, comment=Comment(body="y"))
    with count_requests(account, 1):
        related = ada.count_related_objects()

    assert tuple(related[f"{name}_tickets"] for name in ("requested", "assigned", "ccd")) == (
        2,
        0,
        0,
    )


def test_entitlements_of_agents_are_returned(account, count_requests):
    """`entitlements()` returns the products of an agent, and raises for an end user."""
    with count_requests(account, 2):
        assert User.objects.me().entitlements()["chat"]["name"] == "admin"
    with pytest.raises(Exception, match="404"):
        create_user("Ada").entitlements()


def test_copied_tickets_are_listed(account, count_requests):
    """`copied_tickets` lists the tickets that have the user in copy, in one request."""
    ada = create_user("Ada")
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), email_ccs=[{"user_id": ada.pk}]
    )
    Ticket.objects.create(subject="z", comment=Comment(body="y"))
    tickets = ada.copied_tickets.fresh()
    with count_requests(account, 1):
        assert list(tickets) == [ticket]


def test_followed_tickets_are_listed(account, count_requests):
    """`followed_tickets` lists the tickets that an agent follows, in one request."""
    agent = create_user("Agent", role="agent")
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), followers=[{"user_id": agent.pk}]
    )
    Ticket.objects.create(subject="z", comment=Comment(body="y"))
    with count_requests(account, 1):
        assert list(agent.followed_tickets) == [ticket]


def test_users_have_a_custom_role(account, count_requests):
    """A custom role is a relation of users, and lists its users."""
    role = CustomRole.objects.create(name="Trainee", configuration={"ticket_access": "all"})
    agent, _ = (
        create_user("Agent", role="agent", custom_role=role),
        create_user("Other", role="agent"),
    )
    with count_requests(account, 1):
        assert list(role.users.all()) == [agent]
    with count_requests(account, 0):
        assert agent.custom_role is role
    with count_requests(account, 1):
        assert CustomRole.objects.get(name="Trainee").name == "Trainee"


def test_users_of_an_organization_are_filtered_by_role(account, count_requests):
    """Zendesk filters the users of an organization by role."""
    acme = Organization.objects.create(name="Acme")
    ada = create_user("Ada", organization=acme)
    create_user("Agent", role="agent", organization=acme)
    with count_requests(account, 1):
        assert list(acme.users.filter(role="end-user")) == [ada]


def test_request_create_creates_no_user(account, count_requests, sent):
    """`request_create()` asks the owner for another agent, and creates no user."""
    with count_requests(account, 1):
        User.objects.request_create(name="Roger", email="roger@example.com", role="agent")

    values = {"name": "Roger", "email": "roger@example.com", "role": "agent"}
    assert [request.json for request in sent] == [{"user": values}]
    assert not User.objects.filter(email="roger@example.com").fresh().scan().exists()


def test_update_or_create_sends_one_request(account, count_requests):
    """`update_or_create()` and `bulk_create()` use Zendesk's `create_or_update` endpoints."""
    with count_requests(account, 2):
        ada, created = User.objects.update_or_create({"name": "Ada"}, email="ada@example.com")
        updated, created_again = User.objects.update_or_create(
            {"notes": "n"}, email="ada@example.com"
        )
    assert (ada, True, False) == (updated, created, created_again)

    others = [User(name="Ada L.", email="ada@example.com"), User(name="B", email="b@example.com")]
    result = User.objects.bulk_create(
        others, update_conflicts=True, unique_fields=["email"], update_fields=["name"]
    )
    assert len(result.succeeded) == 2
    ada.refresh_from_db()
    assert ada.name == "Ada L."


# Identities


def test_identities_are_managed_through_their_user(account, count_requests):
    """Identities are created, listed, verified and deleted through their user."""
    ada = create_user("Ada")
    with count_requests(account, 1):
        home = ada.identities.create(type="email", value="ada@home.example")
    with count_requests(account, 1):
        values = [identity.value for identity in ada.identities.all()]
    assert values == ["ada@example.com", "ada@home.example"]

    with count_requests(account, 1):
        assert home.verify() is home
        assert home.verified
    with count_requests(account, 1):
        assert home.request_verification() is None
    home.delete()
    assert len(ada.identities.all()) == 1


def test_make_primary_updates_the_user(account, count_requests):
    """`make_primary()` updates the other identities and the email of the user."""
    ada = create_user("Ada")
    home = ada.identities.create(type="email", value="ada@home.example")
    first = ada.identities.filter(value="ada@example.com").get()
    with count_requests(account, 1):
        assert home.make_primary() is home
        assert (home.primary, first.primary) == (True, False)
    with count_requests(account, 1):
        assert ada.email == "ada@home.example"


def test_changing_the_primary_identity_updates_the_user(account):
    """Changing the primary identity changes the email of the user."""
    ada = create_user("Ada")
    (only,) = ada.identities.all()
    only.value = "lovelace@example.com"
    only.save()

    assert ada.email == "lovelace@example.com"


def test_identities_are_filtered_by_type(account, count_requests):
    """Identities of a user are filtered by type; without a user, they cannot be listed."""
    ada = create_user("Ada")
    ada.identities.create(type="phone_number", value="+4930123")
    with count_requests(account, 1):
        assert [identity.value for identity in ada.identities.filter(type="phone_number")] == [
            "+4930123"
        ]
    with pytest.raises(Exception, match="user"):
        list(UserIdentity.objects.all())


def test_a_deleted_user_is_not_active(emulator):
    """A deleted user takes its values from the response to the deletion."""
    user = User.objects.create(name="Ann", email="ann@example.com")
    del emulator.requests[:]

    user.delete()

    assert not user.active
    assert emulator.requests == [f"DELETE users/{user.pk}"]

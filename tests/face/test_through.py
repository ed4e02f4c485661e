"""Rows that a third model joins: the users of a group, the organizations of a user."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Group,
    GroupMembership,
    InvalidValue,
    Organization,
    User,
    m2m_changed,
    receiver,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def group(account):
    """A group without members."""
    return Group.objects.create(name="Crew")


@pytest.fixture
def agents(account):
    """Three agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben", "cid")
    ]


def test_one_is_added_by_a_membership(account, group, agents, count_requests):
    """A look at those that are there, and one that is made; it is found from both sides."""
    with count_requests(account, 2):
        group.users.add(agents[0])
    with count_requests(account, 1):
        group.users.add(agents[0].pk)

    assert [agents[0]] == list(group.users)
    assert group in list(agents[0].groups)
    assert 1 == group.users.count()


def test_many_are_added_and_removed_together(account, group, agents, emulator):
    """Through a job."""
    emulator.requests.clear()
    group.users.add(*agents)
    assert "POST group_memberships/create_many" in emulator.requests
    assert {*agents} == {*group.users}
    group.users.remove(*agents[:2])

    assert "DELETE group_memberships/destroy_many" in emulator.requests
    assert [agents[2]] == list(group.users)


def test_they_are_set_and_cleared(group, agents):
    """Who is missing is added, who is not among them removed."""
    ada, ben, cid = agents
    group.users.set([ada, ben])
    group.users.set([ben, cid])
    assert {ben, cid} == {*group.users}
    group.users.clear()

    assert [] == list(group.users)


def test_a_user_has_several_organizations(account):
    """Each by a membership of its own."""
    user = User.objects.create(name="Ada")
    one, two = (Organization.objects.create(name=name) for name in ("One", "Two"))
    user.organizations.add(one, two)
    user.organizations.remove(one)

    assert [two] == list(user.organizations)


def test_the_rows_keep_the_methods_of_their_manager(group, agents):
    """They are a query of users as any other."""
    group.users.add(*agents)

    assert {*agents} == {*group.users.filter(role="agent")}
    assert hasattr(group.users, "me")


def test_what_cannot_be_joined_is_refused(group, emulator):
    """Before anything is sent but the look."""
    with pytest.raises(InvalidValue, match=r"users: .* save it first"):
        group.users.add(User(name="New"))
    with pytest.raises(InvalidValue, match="users: every object must be a User"):
        group.users.remove(group)


def test_members_that_come_and_go_are_announced(group, agents):
    """As in Django."""
    heard = []

    @receiver(m2m_changed, sender=Group)
    def hear(sender, instance, action, field, pk_set, **kwargs):
        heard.append((action, field, pk_set))

    group.users.add(agents[0])
    group.users.remove(agents[0])

    pks = [agents[0].pk]
    assert [
        (action, "users", pks) for action in ("pre_add", "post_add", "pre_remove", "post_remove")
    ] == heard
    assert 0 == GroupMembership.objects.filter(group=group).count()

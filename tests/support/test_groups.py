"""Groups and their memberships."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from zendesk_orm import (
    AvailableAgent,
    Comment,
    FieldError,
    Group,
    GroupMembership,
    InvalidValue,
    Ticket,
    User,
    ValidationError,
)


@pytest.fixture
def crew(account):
    """Create a group, and an agent outside of it."""
    return Group.objects.create(name="Crew"), create_user("Agent", role="agent")


def test_a_membership_joins_agent_and_group(account, crew, count_requests):
    """A membership is listed from the group and from the agent, in one request each."""
    group, agent = crew
    with count_requests(account, 1):
        membership = group.memberships.create(user=agent)
    assert (membership.user, membership.group) == (agent, group)

    with count_requests(account, 4):
        assert list(group.memberships.all()) == [membership]
        assert list(agent.group_memberships.all()) == [membership]
        assert list(group.users) == [agent]
        assert list(agent.groups) == [group]


def test_members_are_counted_by_zendesk(account, crew, count_requests):
    """Members of a group, and groups of an agent, are counted in one request each."""
    group, agent = crew
    group.memberships.create(user=agent)
    with count_requests(account, 2):
        assert group.users.count() == 1
        assert agent.groups.count() == 1


def test_members_are_filtered_by_role(account, crew, count_requests):
    """Zendesk filters the users of a group by role."""
    group, agent = crew
    group.memberships.create(user=agent)
    group.memberships.create(user=User.objects.me())
    with count_requests(account, 1):
        assert list(group.users.filter(role="agent")) == [agent]


def test_select_related_loads_user_and_group(account, crew, count_requests):
    """`select_related()` loads user and group of memberships without a further request."""
    group, agent = crew
    membership = group.memberships.create(user=agent)
    account.cache.clear()
    with count_requests(account, 1):
        memberships = list(GroupMembership.objects.select_related("user", "group"))
        assert next(
            (row.user.name, row.group.name) for row in memberships if row.pk == membership.pk
        ) == (
            "Agent",
            "Crew",
        )


def test_a_membership_cannot_be_changed(account, crew, count_requests):
    """A membership can only be deleted, which unassigns the agent from tickets of the group."""
    group, agent = crew
    membership = group.memberships.create(user=agent)
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), assignee=agent, group=group
    )
    membership.group = Group.objects.default()
    with pytest.raises(FieldError, match="does not support update"):
        membership.save()
    with count_requests(account, 1):
        membership.delete()

    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert list(agent.groups) == []


def test_invalid_memberships_are_rejected(account, crew):
    """A duplicate membership, or one without an agent, raises `ValidationError`."""
    group, agent = crew
    group.memberships.create(user=agent)

    for user in (agent, create_user("Ada")):
        with pytest.raises(ValidationError):
            group.memberships.create(user=user)
    with pytest.raises(ValidationError, match="user"):
        GroupMembership.objects.create(group=group)


def test_memberships_are_created_and_deleted_in_bulk(account, crew, count_requests):
    """Memberships are created and deleted in bulk by one job each."""
    group, agent = crew
    others = [create_user(f"Agent{number}", role="agent") for number in range(3)]
    with count_requests(account, 3):
        result = GroupMembership.objects.bulk_create(
            GroupMembership(user=item, group=group) for item in [agent, *others]
        )
    assert len(result.succeeded) == 4

    with count_requests(account, 4):
        group.memberships.all().delete()
    assert list(group.memberships.all()) == []


def test_make_default_changes_the_default_group(account, crew, count_requests):
    """`make_default()` updates the other memberships and the default group of the agent."""
    group, agent = crew
    first = Group.objects.default().memberships.create(user=agent)
    second = group.memberships.create(user=agent)
    assert (first.default, second.default) == (True, False)
    with count_requests(account, 1):
        assert second.make_default() is second
        assert (first.default, second.default) == (False, True)
    with count_requests(account, 1):
        assert agent.default_group_id == group.pk


def test_groups_are_listed_by_special_endpoints(account, crew, count_requests):
    """The default group, assignable groups, and groups by name prefix take one request each."""
    group, _ = crew
    default = Group.objects.get(name="Support")
    with count_requests(account, 3):
        assert Group.objects.default() is default
        assert set(Group.objects.assignable()) == {default, group}
        assert list(Group.objects.autocomplete("cr")) == [group]

    assert "GET /api/v2/groups/assignable?page[size]=100" in Group.objects.assignable().explain()
    assert list(Group.objects.assignable().filter(name="Crew")) == [group]


def test_assignable_can_only_be_true(account):
    """`assignable=False` raises `InvalidValue`, as Zendesk has no such list."""
    with pytest.raises(InvalidValue, match="assignable"):
        Group.objects.filter(assignable=False)


def test_assignable_memberships_are_listed(account, crew, count_requests):
    """Assignable memberships leave out suspended agents."""
    group, agent = crew
    membership = group.memberships.create(user=agent)
    with count_requests(account, 2):
        assert membership in list(GroupMembership.objects.assignable())
        assert list(group.memberships.assignable()) == [membership]
    agent.suspend()

    assert list(group.memberships.assignable()) == []
    assert "groups/{group}/memberships/assignable" in group.memberships.assignable().explain()


def test_available_agents_are_listed(account, crew, count_requests):
    """Agents that can become members are listed a thousand per request."""
    _, agent = crew
    create_user("Ada")
    with count_requests(account, 1):
        agents = list(AvailableAgent.objects.all())

    assert {row.name for row in agents} == {"Agent", "Olivia Owner"}
    assert next(row.user for row in agents if row.name == "Agent") is agent
    assert "page[size]=1000" in AvailableAgent.objects.all().explain()


def test_demo_agents_are_members_of_their_default_groups(demo_emulator):
    """In the demo data, agents are members of their default groups."""
    demo_emulator.connect()
    agents = User.objects.filter(role="agent")

    assert all(agent.default_group in list(agent.groups) for agent in agents[:3])


def test_the_default_group_of_an_agent_is_the_only_default_membership(account, crew):
    """Setting `default_group` makes its membership the default one, and no other."""
    group, agent = crew
    first = Group.objects.default().memberships.create(user=agent)

    agent.default_group = group
    agent.save()
    memberships = list(agent.group_memberships.fresh())

    assert {member.group: member.default for member in memberships} == {
        first.group: False,
        group: True,
    }

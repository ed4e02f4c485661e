"""Groups, and who is a member of them."""

from __future__ import annotations

import pytest

from tests.support.people import person
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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def crew(account):
    """A group, and an agent who is in none."""
    return Group.objects.create(name="Crew"), person("Agent", role="agent")


def test_a_membership_joins_agent_and_group(account, crew, count_requests):
    """It can be read from both sides, in a request each."""
    group, agent = crew
    with count_requests(account, 1):
        made = group.memberships.create(user=agent)
    assert (agent, group) == (made.user, made.group)

    with count_requests(account, 4):
        assert [made] == list(group.memberships.all())
        assert [made] == list(agent.group_memberships.all())
        assert [agent] == list(group.users)
        assert [group] == list(agent.groups)


def test_members_are_counted(account, crew, count_requests):
    """By Zendesk."""
    group, agent = crew
    group.memberships.create(user=agent)
    with count_requests(account, 2):
        assert 1 == group.users.count()
        assert 1 == agent.groups.count()


def test_members_are_asked_for_by_role(account, crew, count_requests):
    """Zendesk filters, and not the library."""
    group, agent = crew
    group.memberships.create(user=agent)
    group.memberships.create(user=User.objects.me())
    with count_requests(account, 1):
        assert [agent] == list(group.users.filter(role="agent"))


def test_memberships_bring_both_along(account, crew, count_requests):
    """`select_related()` costs no further request."""
    group, agent = crew
    made = group.memberships.create(user=agent)
    account.rows.clear()
    with count_requests(account, 1):
        found = list(GroupMembership.objects.select_related("user", "group"))
        assert ("Agent", "Crew") == next(
            (each.user.name, each.group.name) for each in found if each.pk == made.pk
        )


def test_a_membership_is_made_and_deleted_and_never_changed(account, crew, count_requests):
    """Deleting it takes the agent off the tickets of the group."""
    group, agent = crew
    made = group.memberships.create(user=agent)
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), assignee=agent, group=group
    )
    made.group = Group.objects.default()
    with pytest.raises(FieldError, match="no update"):
        made.save()
    with count_requests(account, 1):
        made.delete()

    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert [] == list(agent.groups)


def test_a_membership_is_made_once_and_of_agents(account, crew):
    """Zendesk refuses any other."""
    group, agent = crew
    group.memberships.create(user=agent)

    for user in (agent, person("Ada")):
        with pytest.raises(ValidationError):
            group.memberships.create(user=user)
    with pytest.raises(ValidationError, match="user"):
        GroupMembership.objects.create(group=group)


def test_memberships_are_made_and_deleted_by_the_many(account, crew, count_requests):
    """In a job each, which is looked at twice."""
    group, agent = crew
    others = [person(f"Agent{number}", role="agent") for number in range(3)]
    with count_requests(account, 3):
        result = GroupMembership.objects.bulk_create(
            GroupMembership(user=each, group=group) for each in [agent, *others]
        )
    assert 4 == len(result.succeeded)

    with count_requests(account, 4):
        group.memberships.all().delete()
    assert [] == list(group.memberships.all())


def test_another_group_is_made_the_default_one(account, crew, count_requests):
    """The other memberships are brought up to date, and the user is read anew."""
    group, agent = crew
    first = Group.objects.default().memberships.create(user=agent)
    second = group.memberships.create(user=agent)
    assert (True, False) == (first.default, second.default)
    with count_requests(account, 1):
        assert second is second.make_default()
        assert (False, True) == (first.default, second.default)
    with count_requests(account, 1):
        assert group.pk == agent.default_group_id


def test_groups_are_found_in_ways_of_their_own(account, crew, count_requests):
    """The default one, those that tickets can go to, and those with a name that begins so."""
    group, _ = crew
    default = Group.objects.get(name="Support")
    with count_requests(account, 3):
        assert default is Group.objects.default()
        assert {default, group} == set(Group.objects.assignable())
        assert [group] == list(Group.objects.autocomplete("cr"))

    assert "GET /api/v2/groups/assignable?page[size]=100" in Group.objects.assignable().explain()
    assert [group] == list(Group.objects.assignable().filter(name="Crew"))


def test_what_a_path_says_can_only_be_true(account):
    """There is no list of what cannot be assigned."""
    with pytest.raises(InvalidValue, match="assignable"):
        Group.objects.filter(assignable=False)


def test_assignable_memberships_are_asked_for(account, crew, count_requests):
    """All, or those of a group; a suspended agent has none."""
    group, agent = crew
    made = group.memberships.create(user=agent)
    with count_requests(account, 2):
        assert made in list(GroupMembership.objects.assignable())
        assert [made] == list(group.memberships.assignable())
    agent.suspend()

    assert [] == list(group.memberships.assignable())
    assert "groups/{group}/memberships/assignable" in group.memberships.assignable().explain()


def test_agents_who_can_be_added_are_told(account, crew, count_requests):
    """A thousand in a request, with what is needed to choose one."""
    _, agent = crew
    person("Ada")
    with count_requests(account, 1):
        found = list(AvailableAgent.objects.all())

    assert {"Agent", "Olivia Owner"} == {each.name for each in found}
    assert agent is next(each.user for each in found if each.name == "Agent")
    assert "page[size]=1000" in AvailableAgent.objects.all().explain()


def test_whoever_has_a_default_group_is_in_it(demo_emulator):
    """So that the groups of the demonstration have members."""
    demo_emulator.connect()
    agents = User.objects.filter(role="agent")

    assert all(agent.default_group in list(agent.groups) for agent in agents[:3])

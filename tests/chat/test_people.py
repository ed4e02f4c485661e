"""Agents, visitors, departments, roles, skills and bans."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, User, ValidationError
from zendesk_orm.chat import Agent, Department, IpBan, Role, Skill, Visitor, VisitorBan


def _create_agent(name="John", **values):
    email = f"{name.lower()}@example.com"
    return Agent.objects.create(email=email, first_name=name, display_name=name, **values)


def test_agents_are_found_by_email(account, count_requests):
    """`get_by_email()` finds an agent in one request."""
    john = _create_agent(password="a secret")
    with count_requests(account, 1):
        agent = Agent.objects.get_by_email("john@example.com")

    assert agent == john
    with pytest.raises(Agent.DoesNotExist, match="email 'jane"):
        Agent.objects.get_by_email("jane@example.com")


def test_me_returns_the_agent_of_the_caller(account, emulator, count_requests):
    """`me()` returns the agent of the caller, whose id is the id of the user in Support."""
    owner = User.objects.filter(role="admin")[0]
    agent = Agent.objects.create(email=owner.email, first_name="Olivia", display_name="Olivia")
    with count_requests(account, 1):
        me = Agent.objects.me()

    assert me == agent
    assert (type(me.user), me.user.pk) == (User, me.pk)


def test_agents_are_read_by_last_id(account, seed_row, emulator, count_requests):
    """Agents are read a hundred per page, each page starting at the last id."""
    for number in range(150):
        seed_row(Agent, email=f"{number}@example.com", display_name=f"Agent {number}")
    with count_requests(account, 2):
        agents = list(Agent.objects.all())

    assert len({agent.pk for agent in agents}) == len(agents) == 150
    with count_requests(account, 2):
        assert Agent.objects.get(display_name="Agent 7").email == "7@example.com"


def test_role_and_agents_are_relations(account, count_requests):
    """Agents lead to their role, and a role lists its agents."""
    role = Role.objects.create(name="Trainee", permissions={"edit_chat_tags": False})
    john = _create_agent(role=role)
    _create_agent("Jane")

    assert john.role == role
    with count_requests(account, 1):
        assert list(role.agents.all()) == [john]


def test_members_of_departments_are_added_and_removed(account, count_requests):
    """`add_members()` and `remove_members()` fetch the list before they send it."""
    john, jane = _create_agent("John"), _create_agent("Jane")
    sales = Department.objects.create(name="Sales", enabled=True)
    with count_requests(account, 4):
        sales.add_members(john, jane.pk, john)
        sales.remove_members(jane, 99)

    saved = Department.objects.get_by_name("Sales")
    assert saved.members == [john.pk]
    assert list(saved.agents) == [john]
    with count_requests(account, 0):
        sales.add_members(john)


def test_a_department_leads_to_its_group(account):
    """A department leads to its group in Support, if it has one."""
    group = Group.objects.all()[0]
    sales = Department.objects.create(name="Sales", settings={"support_group_id": group.pk})

    assert sales.group == group
    assert Department.objects.create(name="None").group is None


def test_a_department_requires_a_name(account, count_requests):
    """A department without a name raises before any request; an unknown name is not found."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="name"):
        Department.objects.create(description="Nameless")
    with pytest.raises(Department.DoesNotExist):
        Department.objects.get_by_name("Nobody")


def test_members_of_a_skill_are_agents(account):
    """A skill lists its agents."""
    john = _create_agent()
    english = Skill.objects.create(name="english", enabled=True, members=[john.pk])

    assert list(Skill.objects.get(name="english").agents) == [john]
    english.delete()
    assert list(Skill.objects.all()) == []


def test_visitors_are_fetched_by_id_or_email(account, count_requests):
    """Visitors are fetched by id or email, in one request each."""
    jane = Visitor.objects.create(name="Jane", email="jane@example.com")
    jane.notes = "Likes tea"
    jane.save()
    with count_requests(account, 2):
        visitors = [Visitor.objects.get(jane.pk), Visitor.objects.get_by_email("jane@example.com")]

    assert visitors == [jane, jane]
    assert jane.notes == "Likes tea"


def test_bans_of_visitors_and_addresses_are_listed_separately(account, sent):
    """Bans of visitors and IP addresses are separate lists; deleting a ban lifts it."""
    jane = Visitor.objects.create(name="Jane")
    ban = jane.ban("Spam")
    assert sent[-1].json == {"type": "visitor", "visitor_id": jane.pk, "reason": "Spam"}
    address = IpBan.objects.create(ip_address="192.0.2.1", reason="Spam")

    assert (list(VisitorBan.objects.all()), list(IpBan.objects.all())) == ([ban], [address])
    assert IpBan.objects.get(address.pk).ip_address == "192.0.2.1"
    ban.delete()
    assert list(VisitorBan.objects.all()) == []
    assert list(IpBan.objects.filter(ip_address="192.0.2.1")) == [address]


def test_all_pages_of_bans_are_read(account, seed_row, count_requests):
    """Pages that contain few bans of the listed kind do not end the list."""
    for number in range(120):
        seed_row(IpBan, type="ip_address", ip_address=f"192.0.2.{number}")
    for number in range(120):
        seed_row(VisitorBan, type="visitor", visitor_id=f"1.{number}")
    with count_requests(account, 3):
        assert len(list(VisitorBan.objects.all())) == 120

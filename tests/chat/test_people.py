"""Agents, visitors, departments, roles, skills and bans."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, User, ValidationError
from zendesk_orm.chat import Agent, Department, IpBan, Role, Skill, Visitor, VisitorBan


def _agent(name="John", **values):
    email = f"{name.lower()}@example.com"
    return Agent.objects.create(email=email, first_name=name, display_name=name, **values)


def test_agents_are_found_by_their_email(account, count_requests):
    """In one request; there may be none."""
    john = _agent(password="a secret")
    with count_requests(account, 1):
        found = Agent.objects.get_by_email("john@example.com")

    assert john == found
    with pytest.raises(Agent.DoesNotExist, match="email 'jane"):
        Agent.objects.get_by_email("jane@example.com")


def test_the_agent_who_asks_is_known(account, emulator, count_requests):
    """By the credentials; the person in Support has the same id where Chat came with it."""
    owner = User.objects.filter(role="admin")[0]
    made = Agent.objects.create(email=owner.email, first_name="Olivia", display_name="Olivia")
    with count_requests(account, 1):
        me = Agent.objects.me()

    assert made == me
    assert (User, me.pk) == (type(me.user), me.user.pk)


def test_agents_are_listed_by_their_ids(account, lay, emulator, count_requests):
    """A hundred to a page, the next from the last id on."""
    for number in range(150):
        lay(Agent, email=f"{number}@example.com", display_name=f"Agent {number}")
    with count_requests(account, 2):
        agents = list(Agent.objects.all())

    assert 150 == len({agent.pk for agent in agents}) == len(agents)
    with count_requests(account, 2):
        assert "7@example.com" == Agent.objects.get(display_name="Agent 7").email


def test_agents_have_roles(account, count_requests):
    """Both ways."""
    role = Role.objects.create(name="Trainee", permissions={"edit_chat_tags": False})
    john = _agent(role=role)
    _agent("Jane")

    assert role == john.role
    with count_requests(account, 1):
        assert [john] == list(role.agents.all())


def test_departments_have_members(account, count_requests):
    """Agents join and leave; a list that keeps a member is read again before it is sent."""
    john, jane = _agent("John"), _agent("Jane")
    sales = Department.objects.create(name="Sales", enabled=True)
    with count_requests(account, 3):
        sales.add_members(john, jane.pk, john)
        sales.remove_members(jane, 99)

    again = Department.objects.get_by_name("Sales")
    assert [john.pk] == again.members
    assert [john] == list(again.agents)
    with count_requests(account, 0):
        sales.add_members(john)


def test_a_department_stands_for_a_group(account):
    """Where Chat came with Support."""
    group = Group.objects.all()[0]
    sales = Department.objects.create(name="Sales", settings={"support_group_id": group.pk})

    assert group == sales.group
    assert Department.objects.create(name="None").group is None


def test_a_department_has_a_name(account, count_requests):
    """It is refused here without one, and none is found that is not there."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="name"):
        Department.objects.create(description="Nameless")
    with pytest.raises(Department.DoesNotExist):
        Department.objects.get_by_name("Nobody")


def test_skills_have_members(account):
    """Agents who have them."""
    john = _agent()
    english = Skill.objects.create(name="english", enabled=True, members=[john.pk])

    assert [john] == list(Skill.objects.get(name="english").agents)
    english.delete()
    assert [] == list(Skill.objects.all())


def test_visitors_are_known_one_by_one(account, count_requests):
    """By id, or by e-mail."""
    jane = Visitor.objects.create(name="Jane", email="jane@example.com")
    jane.notes = "Likes tea"
    jane.save()
    with count_requests(account, 2):
        found = [Visitor.objects.get(jane.pk), Visitor.objects.get_by_email("jane@example.com")]

    assert [jane, jane] == found
    assert "Likes tea" == jane.notes


def test_visitors_and_addresses_are_banned(account, sent):
    """Each kind in a list of its own, of the same answer; lifting a ban deletes it."""
    jane = Visitor.objects.create(name="Jane")
    ban = jane.ban("Spam")
    assert {"type": "visitor", "visitor_id": jane.pk, "reason": "Spam"} == sent[-1].json
    address = IpBan.objects.create(ip_address="192.0.2.1", reason="Spam")

    assert ([ban], [address]) == (list(VisitorBan.objects.all()), list(IpBan.objects.all()))
    assert "192.0.2.1" == IpBan.objects.get(address.pk).ip_address
    ban.delete()
    assert [] == list(VisitorBan.objects.all())
    assert [address] == list(IpBan.objects.filter(ip_address="192.0.2.1"))


def test_bans_are_listed_whole(account, lay, count_requests):
    """Pages hold both kinds, so that one may have few of the wanted, or none."""
    for number in range(120):
        lay(IpBan, type="ip_address", ip_address=f"192.0.2.{number}")
    for number in range(120):
        lay(VisitorBan, type="visitor", visitor_id=f"1.{number}")
    with count_requests(account, 3):
        assert 120 == len(list(VisitorBan.objects.all()))

"""Omnichannel routing: capacity rules, statuses and the availability of agents."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from tests.support.seeding import seed_rows
from zendesk_orm import Comment, Group, InvalidValue, Ticket, User
from zendesk_orm.support import (
    AgentAvailability,
    AgentStatus,
    CapacityAssignee,
    CapacityRule,
    GroupMembership,
    WorkItem,
)


@pytest.fixture
def amy(account):
    """Create an agent."""
    return create_user("Amy", role="agent")


def test_capacity_rules_apply_to_agents(account, amy, count_requests):
    """A rule is created, applied to agents, changed and deleted in one request each."""
    me = User.objects.me()
    with count_requests(account, 6):
        rule = CapacityRule.objects.create(
            name="Trainees", capacities={"email": 2}, assignees=[amy.pk]
        )
        rule.assign([me])
        assert {item.agent_id for item in rule.agents.all()} == {amy.pk, me.pk}
        rule.capacities = {"email": 3}
        rule.save()
        assert CapacityRule.objects.get(rule.pk).capacities == {"email": 3}
        assert {item.rule for item in CapacityAssignee.objects.all()} == {rule}
    other = CapacityRule.objects.create(name="Experts", capacities={"email": 9})
    other.assign([amy])
    assert [item.agent for item in other.agents.all()] == [amy]
    rule.delete()
    assert list(CapacityRule.objects.all()) == [other]
    assert [item.agent for item in CapacityAssignee.objects.all()] == [amy]
    with pytest.raises(InvalidValue, match="id"):
        other.assign([User(name="New")])


def test_the_default_rule_stays(emulator, account):
    """The default rule cannot be deleted, which is unconfirmed."""
    seed_rows(emulator, CapacityRule, {"id": "01D", "name": "Default", "default": True})
    with pytest.raises(Exception, match="default"):
        CapacityRule.objects.get("01D").delete()
    emulator.switches.default_rule_is_kept = False
    CapacityRule.objects.get("01D").delete()
    assert list(CapacityRule.objects.all()) == []


def test_rules_are_listed_under_any_key(emulator, account):
    """Rules are listed whether or not they have an envelope, which is unconfirmed."""
    rule = CapacityRule.objects.create(name="Trainees", capacities={"email": 2})

    listed = []
    for key in ("capacity_rules", "rules", ""):
        emulator.switches.capacity_list_key = key
        listed.append(list(CapacityRule.objects.all()))

    assert listed == [[rule]] * 3


def test_relations_lead_to_agents_and_back(emulator, account, amy, count_requests):
    """Agents have their capacity rule and availability; groups have theirs and that of agents."""
    rule = CapacityRule.objects.create(name="Trainees", capacities={"email": 2}, assignees=[amy.pk])
    group = Group.objects.create(name="Sales")
    group.memberships.create(user=amy)
    AgentStatus.objects.get(name="Online").assign(amy)

    with count_requests(account, 1):
        assert [item.rule for item in amy.capacity_assignments.all()] == [rule]
    with count_requests(account, 1):
        assert [item.agent for item in group.agent_availabilities.all()] == [amy]
    with count_requests(account, 1):
        availability = group.availability
        assert availability.channel_group_statuses["support"] == {
            "state_counts": {"online": 1},
            "total_consumed_capacity": 0,
        }
    assert (availability.group, availability.unified_states) == (group, {"3": 1})
    assert [item.group_ids for item in [amy.availability]] == [[group.pk]]
    with pytest.raises(InvalidValue):
        _ = Group(name="New").availability


def test_the_job_of_several_statuses_is_awaited(account, amy):
    """`assign_to_many()` returns a job of its own kind, and `wait()` waits for it."""
    job = AgentStatus.objects.get(name="Away").assign_to_many([amy])

    assert job.wait() is job
    assert (job.status, job.results) == ("completed", [{"id": amy.pk, "success": True}])


def test_statuses_are_in_one_list(emulator, account, count_requests):
    """The statuses of every account and those of this account are read in one request."""
    seed_rows(emulator, AgentStatus, {"id": 77, "name": "Lunch", "kind": "custom", "channels": {}})
    with count_requests(account, 1):
        statuses = list(AgentStatus.objects.all())
    assert [(status.name, status.kind) for status in statuses][-2:] == [
        ("Transfers only", "default"),
        ("Lunch", "custom"),
    ]
    assert AgentStatus.objects.mine() == statuses


def test_the_status_of_agents_is_set(account, amy, count_requests):
    """The status of an agent, of the caller and of several agents is set in one request each."""
    online = AgentStatus.objects.get(name="Online")
    away = AgentStatus.objects.get(name="Away")
    with count_requests(account, 3):
        online.assign(amy)
        online.assign_to_me()
        assert amy.availability.agent_status["name"] == "Online"
    assert AgentAvailability.objects.me().agent_status["name"] == "Online"
    with count_requests(account, 2):
        job = away.assign_to_many([amy, User.objects.me().pk])
    assert (job.status, len(job.results)) == ("completed", 2)
    assert amy.availability.version >= 2
    with pytest.raises(InvalidValue, match="save"):
        User(name="New").availability.version  # noqa: B018 - the read raises


def test_agents_are_found_by_their_availability(account, amy, count_requests):
    """Agents are found by status, channel and group; pages of JSON:API are flattened."""
    bob, group = create_user("Bob", role="agent"), Group.objects.create(name="Finance")
    GroupMembership.objects.create(user=bob, group=group)
    AgentStatus.objects.get(name="Online").assign(bob)
    with count_requests(account, 4):
        (availability,) = AgentAvailability.objects.filter(channel_status="support:online")
        assert list(AgentAvailability.objects.filter(agent_status_id=3)) == [availability]
        assert list(AgentAvailability.objects.filter(group=group)) == [availability]
        assert (availability.agent, group in availability.groups.all()) == (bob, True)
    assert {
        channel["name"]: channel["status"] for channel in availability.channels
    } == dict.fromkeys(("support", "messaging", "talk"), "online")
    with count_requests(account, 3):
        everybody = list(AgentAvailability.objects.page_size(1))
    assert [item.agent for item in everybody] == [User.objects.me(), amy, bob]
    with pytest.raises(AgentAvailability.DoesNotExist):
        AgentAvailability.objects.get("1")


def test_work_items_of_a_channel_are_listed(account, amy, count_requests):
    """The open tickets of an agent are the work items of the channel `support`."""
    ticket = Ticket.objects.create(
        subject="Fire", comment=Comment(body="Hot"), assignee=amy, status="open"
    )
    availability = AgentAvailability.objects.get(str(amy.pk))
    with count_requests(account, 2):
        (item,) = availability.work_items("support")
        assert list(availability.work_items("talk")) == []
    assert (item.pk, item.reason, type(item)) == (str(ticket.pk), "assigned", WorkItem)

"""Skills-based routing, and the queues of omnichannel routing."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    AgentSkill,
    BadRequest,
    Group,
    InvalidValue,
    Queue,
    RoutingAttribute,
    RoutingAttributeValue,
    Ticket,
    User,
)


@pytest.fixture
def language(account):
    """Create a routing attribute."""
    return RoutingAttribute.objects.create(name="Language")


@pytest.fixture
def french(language):
    """Create a value of the attribute."""
    return language.values.create(name="French")


@pytest.fixture
def amy(account):
    """Create an agent."""
    return User.objects.create(name="Amy", email="amy@example.com", role="agent")


@pytest.fixture
def ticket(account):
    """Create a ticket."""
    return Ticket.objects.create(subject="x", comment={"body": "y"})


def test_values_are_managed_through_their_attribute(account, language, count_requests):
    """Values are created, renamed and deleted through their attribute."""
    with count_requests(account, 2):
        french = language.values.create(name="Frensh")
        french.name = "French"
        french.save()
    assert french.attribute == language
    with count_requests(account, 1):
        assert list(language.values.all()) == [french]
    with count_requests(account, 1):
        french.refresh_from_db()

    with count_requests(account, 1):
        french.delete()
    assert list(language.values.all()) == []


def test_set_of_agent_replaces_the_values_of_an_agent(account, french, amy, count_requests):
    """`set_of_agent()` replaces all values of an agent in one request."""
    german = french.attribute.values.create(name="German")
    RoutingAttributeValue.objects.set_of_agent(amy, [german])

    with count_requests(account, 1):
        assert RoutingAttributeValue.objects.set_of_agent(amy, [french]) == [french]
    with count_requests(account, 1):
        (value,) = RoutingAttributeValue.objects.filter(agent=amy)
    assert (value, value.agent_skill_priority) == (french, "NORMAL")
    with count_requests(account, 0):
        assert value.attribute_id == french.attribute_id

    assert RoutingAttributeValue.objects.set_of_agent(amy, []) == []
    assert list(RoutingAttributeValue.objects.of_agent(amy.pk)) == []


def test_set_of_ticket_ignores_missing_values(account, french, ticket, count_requests):
    """`set_of_ticket()` replaces the values of a ticket, without values that do not exist."""
    with count_requests(account, 1):
        values = RoutingAttributeValue.objects.set_of_ticket(ticket, [french, "gone"])

    assert values == [french]
    with count_requests(account, 1):
        assert list(RoutingAttributeValue.objects.of_ticket(ticket)) == [french]


def test_values_require_saved_objects(account, french, count_requests):
    """Unsaved agents or values raise `InvalidValue` before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="no id yet"):
            RoutingAttributeValue.objects.set_of_agent(User(name="x"), [french])
        with pytest.raises(InvalidValue, match="no id yet"):
            RoutingAttributeValue.objects.set_of_ticket(1, [RoutingAttributeValue(name="x")])


def test_values_of_many_agents_are_added_by_a_job(account, french, amy, count_requests):
    """`add_to_agents()` and `remove_from_agents()` run a job and wait for it."""
    ben = User.objects.create(name="Ben", email="ben@example.com", role="agent")

    with count_requests(account, 3):
        result = RoutingAttributeValue.objects.add_to_agents([amy, ben], [french], "HIGH")

    assert result.succeeded == [amy, ben]
    assert [job.status for job in result.jobs] == ["completed"]
    with count_requests(account, 1):
        skills = list(AgentSkill.objects.of_agents([amy, ben]))
        assert {
            (skill.agent, skill.attribute_value, skill.agent_skill_priority) for skill in skills
        } == {(amy, french, "HIGH"), (ben, french, "HIGH")}

    RoutingAttributeValue.objects.remove_from_agents([amy], [french])
    assert [skill.agent for skill in AgentSkill.objects.of_agents([amy, ben])] == [ben]


def test_set_of_agents_replaces_the_values_of_many_agents(account, french, amy):
    """`set_of_agents()` replaces all values of the agents."""
    german = french.attribute.values.create(name="German")
    RoutingAttributeValue.objects.set_of_agent(amy, [german])

    RoutingAttributeValue.objects.set_of_agents([amy], [french])

    assert [skill.name for skill in AgentSkill.objects.of_agents([amy])] == ["French"]


def test_agents_of_a_request_are_limited(account, count_requests):
    """Skills can be fetched for 1 to 100 agents; other numbers raise before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="100 agents"):
            AgentSkill.objects.of_agents(range(1, 102))
        with pytest.raises(InvalidValue, match="at least one"):
            AgentSkill.objects.of_agents([])
        with pytest.raises(InvalidValue, match="at least one"):
            RoutingAttributeValue.objects.add_to_agents([], ["x"])


def test_workable_tickets_are_listed(account, french, ticket, count_requests):
    """Workable tickets are those whose required values the caller has."""
    other = Ticket.objects.create(subject="x", comment={"body": "y"})
    RoutingAttributeValue.objects.set_of_ticket(ticket, [french])
    with count_requests(account, 1):
        assert RoutingAttribute.objects.list_workable_tickets([ticket, other]) == [other.pk]

    RoutingAttributeValue.objects.set_of_agent(User.objects.get(role="admin"), [french])
    assert RoutingAttribute.objects.list_workable_tickets([ticket, other]) == [ticket.pk, other.pk]


def test_routing_attributes_have_definitions(account, count_requests):
    """The definitions of routing attributes contain the conditions that can be used."""
    with count_requests(account, 1):
        assert "conditions_all" in RoutingAttribute.objects.definitions()


def test_changes_of_values_continue_at_a_cursor(account, french, amy, count_requests):
    """Changes are read up to an empty page, and continue at its cursor."""
    french.name = "Français"
    french.save()
    RoutingAttributeValue.objects.set_of_agent(amy, [french])

    with count_requests(account, 2):
        changes = RoutingAttributeValue.objects.changes()
        events = [(change.type, change.name) for change in changes]
    assert events == [("create", "French"), ("update", "Français")]

    french.delete()
    later = list(RoutingAttributeValue.objects.changes(changes.cursor))
    assert [(row.type, row.id) for row in later] == [("delete", french.pk)]


def test_changes_of_skills_name_agents_and_tickets(account, french, amy, ticket):
    """Changes of skills name the agents and tickets that gained or lost values."""
    RoutingAttributeValue.objects.set_of_agent(amy, [french])
    RoutingAttributeValue.objects.set_of_ticket(ticket, [french])
    RoutingAttributeValue.objects.set_of_agent(amy, [])

    changes = list(AgentSkill.objects.changes())

    assert [(change.type, change.instance_id) for change in changes] == [
        ("associate_agent", str(amy.pk)),
        ("associate_ticket", str(ticket.pk)),
        ("unassociate_agent", str(amy.pk)),
    ]
    assert {change.attribute_value_id for change in changes} == {french.pk}
    assert [attribute.name for attribute in RoutingAttribute.objects.changes()] == ["Language"]


# Queues


def test_groups_of_a_queue_are_objects(account, count_requests):
    """The groups of a queue are sent as ids and returned with their names."""
    group = Group.objects.get()

    with count_requests(account, 2):
        queue = Queue.objects.create(
            name="Urgent", definition={"all": [], "any": []}, primary_groups_id=[group.pk]
        )
        queue.secondary_groups_id = [group.pk]
        queue.save()

    groups = {"count": 1, "groups": [{"id": group.pk, "name": group.name}]}
    assert (queue.primary_groups, queue.secondary_groups, queue.order) == (groups, groups, 1)


def test_queues_are_reordered(account, count_requests):
    """All queues are reordered in one request; an incomplete order raises `BadRequest`."""
    one, two = (Queue.objects.create(name=name, definition={"all": []}) for name in "ab")

    with count_requests(account, 1):
        Queue.objects.reorder([two, one])
    assert [one.order, two.order] == [2, 1]
    with pytest.raises(BadRequest):
        Queue.objects.reorder([two])
    assert "conditions_all" in Queue.objects.definitions()

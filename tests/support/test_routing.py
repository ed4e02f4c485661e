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
    """An attribute."""
    return RoutingAttribute.objects.create(name="Language")


@pytest.fixture
def french(language):
    """A value of it."""
    return language.values.create(name="French")


@pytest.fixture
def amy(account):
    """An agent."""
    return User.objects.create(name="Amy", email="amy@example.com", role="agent")


@pytest.fixture
def ticket(account):
    """A ticket."""
    return Ticket.objects.create(subject="x", comment={"body": "y"})


def test_attributes_have_values(account, language, count_requests):
    """They are made, renamed and deleted below their attribute."""
    with count_requests(account, 2):
        french = language.values.create(name="Frensh")
        french.name = "French"
        french.save()
    assert language == french.attribute
    with count_requests(account, 1):
        assert [french] == list(language.values.all())
    with count_requests(account, 1):
        french.refresh_from_db()

    with count_requests(account, 1):
        french.delete()
    assert [] == list(language.values.all())


def test_an_agent_is_given_values(account, french, amy, count_requests):
    """In the place of all others; those who have them are told by the values themselves."""
    german = french.attribute.values.create(name="German")
    RoutingAttributeValue.objects.set_of_agent(amy, [german])

    with count_requests(account, 1):
        assert [french] == RoutingAttributeValue.objects.set_of_agent(amy, [french])
    with count_requests(account, 1):
        (found,) = RoutingAttributeValue.objects.filter(agent=amy)
    assert (french, "NORMAL") == (found, found.agent_skill_priority)
    with count_requests(account, 0):
        assert french.attribute_id == found.attribute_id

    assert [] == RoutingAttributeValue.objects.set_of_agent(amy, [])
    assert [] == list(RoutingAttributeValue.objects.of_agent(amy.pk))


def test_a_ticket_is_given_values(account, french, ticket, count_requests):
    """Those that are gone are left out."""
    with count_requests(account, 1):
        found = RoutingAttributeValue.objects.set_of_ticket(ticket, [french, "gone"])

    assert [french] == found
    with count_requests(account, 1):
        assert [french] == list(RoutingAttributeValue.objects.of_ticket(ticket))


def test_values_are_of_what_was_saved(account, french, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="no id yet"):
            RoutingAttributeValue.objects.set_of_agent(User(name="x"), [french])
        with pytest.raises(InvalidValue, match="no id yet"):
            RoutingAttributeValue.objects.set_of_ticket(1, [RoutingAttributeValue(name="x")])


def test_many_agents_are_given_values(account, french, amy, count_requests):
    """By a job, which is waited for."""
    ben = User.objects.create(name="Ben", email="ben@example.com", role="agent")

    with count_requests(account, 3):
        (job,) = RoutingAttributeValue.objects.add_to_agents([amy, ben], [french], "HIGH")

    assert "completed" == job.status
    with count_requests(account, 1):
        skills = list(AgentSkill.objects.of_agents([amy, ben]))
        assert {(amy, french, "HIGH"), (ben, french, "HIGH")} == {
            (each.agent, each.attribute_value, each.agent_skill_priority) for each in skills
        }

    RoutingAttributeValue.objects.remove_from_agents([amy], [french])
    assert [ben] == [each.agent for each in AgentSkill.objects.of_agents([amy, ben])]


def test_values_of_many_agents_are_replaced(account, french, amy):
    """They have no others then."""
    german = french.attribute.values.create(name="German")
    RoutingAttributeValue.objects.set_of_agent(amy, [german])

    RoutingAttributeValue.objects.set_of_agents([amy], [french])

    assert ["French"] == [each.name for each in AgentSkill.objects.of_agents([amy])]


def test_a_hundred_agents_are_asked_for_at_once(account, count_requests):
    """No more, and not none."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="100 agents"):
            AgentSkill.objects.of_agents(range(1, 102))
        with pytest.raises(InvalidValue, match="got none"):
            AgentSkill.objects.of_agents([])
        with pytest.raises(InvalidValue, match="got none"):
            RoutingAttributeValue.objects.add_to_agents([], ["x"])


def test_tickets_that_the_caller_can_do_are_told(account, french, ticket, count_requests):
    """Those all of whose values the caller has."""
    other = Ticket.objects.create(subject="x", comment={"body": "y"})
    RoutingAttributeValue.objects.set_of_ticket(ticket, [french])
    with count_requests(account, 1):
        assert [other.pk] == RoutingAttribute.objects.fulfilled([ticket, other])

    RoutingAttributeValue.objects.set_of_agent(User.objects.get(role="admin"), [french])
    assert [ticket.pk, other.pk] == RoutingAttribute.objects.fulfilled([ticket, other])


def test_on_what_conditions_values_are_given_is_told(account, count_requests):
    """As other definitions."""
    with count_requests(account, 1):
        assert "conditions_all" in RoutingAttribute.objects.definitions()


def test_changes_are_read_from_the_beginning_on(account, french, amy, count_requests):
    """To the first page that is empty; the cursor goes on from there."""
    french.name = "Français"
    french.save()
    RoutingAttributeValue.objects.set_of_agent(amy, [french])

    with count_requests(account, 2):
        changes = RoutingAttributeValue.objects.changes()
        told = [(each.type, each.name) for each in changes]
    assert [("create", "French"), ("update", "Français")] == told

    french.delete()
    later = list(RoutingAttributeValue.objects.changes(changes.cursor))
    assert [("delete", french.pk)] == [(each.type, each.id) for each in later]


def test_who_was_given_values_and_lost_them_is_told(account, french, amy, ticket):
    """Agents and tickets, by their ids."""
    RoutingAttributeValue.objects.set_of_agent(amy, [french])
    RoutingAttributeValue.objects.set_of_ticket(ticket, [french])
    RoutingAttributeValue.objects.set_of_agent(amy, [])

    changes = list(AgentSkill.objects.changes())

    assert [
        ("associate_agent", str(amy.pk)),
        ("associate_ticket", str(ticket.pk)),
        ("unassociate_agent", str(amy.pk)),
    ] == [(each.type, each.instance_id) for each in changes]
    assert {french.pk} == {each.attribute_value_id for each in changes}
    assert ["Language"] == [each.name for each in RoutingAttribute.objects.changes()]


# -- queues ----------------------------------------------------------------------------


def test_a_queue_has_groups(account, count_requests):
    """Sent as ids, they come back with their names."""
    group = Group.objects.get()

    with count_requests(account, 2):
        queue = Queue.objects.create(
            name="Urgent", definition={"all": [], "any": []}, primary_groups_id=[group.pk]
        )
        queue.secondary_groups_id = [group.pk]
        queue.save()

    named = {"count": 1, "groups": [{"id": group.pk, "name": group.name}]}
    assert (named, named, 1) == (queue.primary_groups, queue.secondary_groups, queue.order)


def test_queues_get_a_new_order(account, count_requests):
    """Of all of them, or Zendesk refuses it."""
    one, two = (Queue.objects.create(name=name, definition={"all": []}) for name in "ab")

    with count_requests(account, 1):
        Queue.objects.reorder([two, one])
    assert [2, 1] == [one.order, two.order]
    with pytest.raises(BadRequest):
        Queue.objects.reorder([two])
    assert "conditions_all" in Queue.objects.definitions()

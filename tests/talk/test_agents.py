"""Agents of Talk: whether they take calls, and what their browsers open."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, NoEndpoint, NotFound, Ticket, Unprocessable, User
from zendesk_orm.talk import Agent


def test_an_agent_is_asked_for_by_user(account, owner, count_requests):
    """By the user, the id, or as a lookup: one request each, and one object for all."""
    with count_requests(account, 3):
        agent = Agent.objects.get(owner)
        others = [Agent.objects.get(owner.pk), Agent.objects.get(user=owner)]

    assert "offline" == agent.agent_state
    assert [agent, agent] == others
    assert (owner.pk, owner) == (agent.pk, agent.user)


def test_an_agent_becomes_available(account, owner, count_requests):
    """One request, of what changed."""
    agent = Agent.objects.get(owner)
    agent.agent_state = "online"
    with count_requests(account, 1):
        agent.save()

    assert (owner.pk, "online", {}) == (agent.pk, agent.agent_state, agent.changes())
    assert "online" == Agent.objects.get(owner).agent_state


def test_an_agent_is_changed_unseen(account, owner, count_requests):
    """What stands for an agent is saved without being read before."""
    with count_requests(account, 1):
        Agent(user=owner, agent_state="away", via="phone").save()

    agent = Agent.objects.get(owner)
    assert ("away", "phone") == (agent.agent_state, agent.via)


def test_an_agent_is_asked_anew(account, owner):
    """Others may have changed the state; edits are dropped, or kept where that is said."""
    agent = Agent.objects.get(owner)
    Agent(user=owner, agent_state="online").save()
    agent.via = "phone"
    agent.refresh_from_db(discard=False)
    assert ("online", "phone") == (agent.agent_state, agent.via)

    agent.refresh_from_db()
    assert ("online", "client") == (agent.agent_state, agent.via)


def test_only_agents_are_found(account):
    """Of an end user there is no such thing."""
    customer = User.objects.create(name="Jane", email="jane@example.com")

    with pytest.raises(Agent.DoesNotExist, match=str(customer.pk)):
        Agent.objects.get(customer)


@pytest.mark.parametrize("lookups", [{"agent_state": "online"}, {"user": 1, "via": "phone"}, {}])
def test_agents_are_not_listed(account, lookups):
    """Zendesk shows them one by one."""
    with pytest.raises(NoEndpoint):
        Agent.objects.get(**lookups)


def test_states_are_checked(account, owner, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="transfers_only"):
        Agent(user=owner, agent_state="asleep")


def test_a_browser_opens_pages(emulator, account, owner, count_requests):
    """One request each, without asking for the agent."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))
    agent = Agent(user=owner)
    with count_requests(account, 2):
        assert agent is agent.open_ticket(ticket).open_user(owner.pk)

    path = f"channels/voice/agents/{owner.pk}"
    expected = [
        f"POST {path}/tickets/{ticket.pk}/display",
        f"POST {path}/users/{owner.pk}/display",
    ]
    assert expected == emulator.requests[-2:]
    with pytest.raises(NotFound):
        agent.open_ticket(99)


def test_a_page_has_to_exist(account, owner, count_requests):
    """A ticket that was never saved is refused here."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Agent(user=owner).open_ticket(Ticket(subject="New"))


def test_a_ticket_is_made_of_a_call(account, owner, count_requests):
    """It says by which way it came, and is shown to an agent."""
    with count_requests(account, 1):
        ticket = Agent.objects.create_ticket(
            via="voicemail",
            subject="Call back",
            priority="high",
            voice_comment={"from": "+15550100", "to": "+15550101"},
            show_to=owner,
        )

    ticket = Ticket.objects.get(ticket.pk)
    assert ("Call back", "high") == (ticket.subject, ticket.priority)
    assert ("voice", "voicemail") == (ticket.via["channel"], ticket.via["source"]["rel"])
    assert "+15550100" in ticket.description


def test_a_ticket_of_a_call_is_checked(account, owner, count_requests):
    """The way here, the agent there."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="'inbound'"):
        Agent.objects.create_ticket(via="fax", subject="Fax")
    customer = User.objects.create(name="Jane", email="jane@example.com")

    with pytest.raises(Unprocessable, match="Display to agent"):
        Agent.objects.create_ticket(via="inbound", subject="Call", show_to=customer)


def test_a_dry_run_calls_nobody(account, owner, count_requests):
    """What would be sent is told, and nothing is."""
    with count_requests(account, 0), account.dry_run():
        ticket = Agent.objects.create_ticket(via="inbound", subject="Call")
        Agent(user=owner).open_user(owner)

    assert (None, "Call") == (ticket.pk, ticket.subject)

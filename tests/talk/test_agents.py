"""Agents of Talk: their availability, and the pages that their browsers open."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, NoEndpoint, NotFound, Ticket, Unprocessable, User
from zendesk_orm.talk import Agent


def test_an_agent_is_fetched_by_user(account, owner, count_requests):
    """An agent is fetched by user, by id or by lookup, and is the same object."""
    with count_requests(account, 3):
        agent = Agent.objects.get(owner)
        others = [Agent.objects.get(owner.pk), Agent.objects.get(user=owner)]

    assert agent.agent_state == "offline"
    assert others == [agent, agent]
    assert (agent.pk, agent.user) == (owner.pk, owner)


def test_the_state_of_an_agent_is_saved(account, owner, count_requests):
    """A changed state is saved in one request."""
    agent = Agent.objects.get(owner)
    agent.agent_state = "online"
    with count_requests(account, 1):
        agent.save()

    assert (agent.pk, agent.agent_state, agent.changes()) == (owner.pk, "online", {})
    assert Agent.objects.get(owner).agent_state == "online"


def test_an_agent_is_saved_without_being_fetched(account, owner, count_requests):
    """An agent can be saved without being fetched first."""
    with count_requests(account, 1):
        Agent(user=owner, agent_state="away", via="phone").save()

    agent = Agent.objects.get(owner)
    assert (agent.agent_state, agent.via) == ("away", "phone")


def test_refreshing_an_agent_may_keep_edits(account, owner):
    """`refresh_from_db()` drops edits, or keeps them with `discard=False`."""
    agent = Agent.objects.get(owner)
    Agent(user=owner, agent_state="online").save()
    agent.via = "phone"
    agent.refresh_from_db(discard=False)
    assert (agent.agent_state, agent.via) == ("online", "phone")

    agent.refresh_from_db()
    assert (agent.agent_state, agent.via) == ("online", "client")


def test_end_users_are_no_agents(account):
    """Fetching the agent of an end user raises `DoesNotExist`."""
    customer = User.objects.create(name="Jane", email="jane@example.com")

    with pytest.raises(Agent.DoesNotExist, match=str(customer.pk)):
        Agent.objects.get(customer)


@pytest.mark.parametrize("lookups", [{"agent_state": "online"}, {"user": 1, "via": "phone"}, {}])
def test_agents_cannot_be_listed(account, lookups):
    """Queries other than by user raise `NoEndpoint`."""
    with pytest.raises(NoEndpoint):
        Agent.objects.get(**lookups)


def test_an_unknown_state_is_rejected(account, owner, count_requests):
    """An unknown state raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="transfers_only"):
        Agent(user=owner, agent_state="asleep")


def test_pages_are_opened_in_the_browser_of_an_agent(emulator, account, owner, count_requests):
    """`open_ticket()` and `open_user()` take one request each and can be chained."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))
    agent = Agent(user=owner)
    with count_requests(account, 2):
        assert agent.open_ticket(ticket).open_user(owner.pk) is agent

    path = f"channels/voice/agents/{owner.pk}"
    expected = [
        f"POST {path}/tickets/{ticket.pk}/display",
        f"POST {path}/users/{owner.pk}/display",
    ]
    assert emulator.requests[-2:] == expected
    with pytest.raises(NotFound):
        agent.open_ticket(99)


def test_open_ticket_requires_a_saved_ticket(account, owner, count_requests):
    """`open_ticket()` with an unsaved ticket raises before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Agent(user=owner).open_ticket(Ticket(subject="New"))


def test_create_ticket_creates_a_ticket_of_a_call(account, owner, count_requests):
    """`create_ticket()` creates a ticket with its channel and shows it to an agent."""
    with count_requests(account, 1):
        ticket = Agent.objects.create_ticket(
            via="voicemail",
            subject="Call back",
            priority="high",
            voice_comment={"from": "+15550100", "to": "+15550101"},
            show_to=owner,
        )

    ticket = Ticket.objects.get(ticket.pk)
    assert (ticket.subject, ticket.priority) == ("Call back", "high")
    assert (ticket.via["channel"], ticket.via["source"]["rel"]) == ("voice", "voicemail")
    assert "+15550100" in ticket.description


def test_invalid_tickets_of_calls_are_rejected(account, owner, count_requests):
    """An unknown channel raises before any request; Zendesk rejects an end user as agent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="'inbound'"):
        Agent.objects.create_ticket(via="fax", subject="Fax")
    customer = User.objects.create(name="Jane", email="jane@example.com")

    with pytest.raises(Unprocessable, match="Display to agent"):
        Agent.objects.create_ticket(via="inbound", subject="Call", show_to=customer)


def test_a_dry_run_sends_nothing(account, owner, count_requests):
    """A dry run of both calls sends nothing and returns an unsaved ticket."""
    with count_requests(account, 0), account.dry_run():
        ticket = Agent.objects.create_ticket(via="inbound", subject="Call")
        Agent(user=owner).open_user(owner)

    assert (ticket.pk, ticket.subject) == (None, "Call")

"""Shortcuts, triggers, goals, the account and its routing; and what is exported."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import InvalidValue, NoEndpoint
from zendesk_orm.chat import (
    Account,
    Agent,
    AgentEvent,
    AgentTimeline,
    Conversion,
    Department,
    DepartmentEvent,
    Goal,
    RoutingSettings,
    Shortcut,
    Trigger,
)


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_shortcuts_are_known_by_their_names(account):
    """The id is the name."""
    hi = Shortcut.objects.create(name="hi", message="Hello!", tags=["greeting"])
    hi.message = "Hello, how can I help?"
    hi.save()

    assert "Hello, how can I help?" == Shortcut.objects.fresh().get("hi").message
    assert ["hi"] == [each.pk for each in Shortcut.objects.all()]
    hi.delete()
    with pytest.raises(Shortcut.DoesNotExist):
        Shortcut.objects.get("hi")


def test_triggers_are_changed_by_their_names(account, emulator, count_requests):
    """By the name that Zendesk knows, also where it is the name that changes."""
    trigger = Trigger.objects.create(name="Rescue", enabled=True, definition={"event": "x"})
    trigger.name = "Chat Rescuer"
    trigger.save()
    assert "PUT chat/triggers/Rescue" == emulator.requests[-1]

    with count_requests(account, 1):
        assert trigger == Trigger.objects.get_by_name("Chat Rescuer")
    with pytest.raises(Trigger.DoesNotExist):
        Trigger.objects.get_by_name("Rescue")
    trigger.refresh_from_db()
    trigger.delete()
    assert [] == list(Trigger.objects.all())


def test_goals_are_kept(account):
    """They are made, changed and deleted."""
    goal = Goal.objects.create(name="Bought", attribution_model="last_touch")
    goal.enabled = True
    goal.save()

    assert [goal] == list(Goal.objects.filter(enabled=True))
    goal.delete()
    assert [] == list(Goal.objects.all())
    with pytest.raises(InvalidValue, match="first_touch"):
        Goal(name="Bought", attribution_model="no_touch")


def test_there_is_one_account(account, count_requests, sent):
    """It is sent in an envelope, in which it does not come."""
    with count_requests(account, 2):
        found = Account.objects.get()
        found.plan = {"max_agents": 5}
        found.save()

    assert {"account": {"plan": {"max_agents": 5}}} == sent[-1].json
    assert {"max_agents": 5} == Account.objects.get().plan


def test_routing_is_changed(account, count_requests, sent):
    """It is sent without the envelope in which it comes back."""
    with count_requests(account, 2):
        routing = RoutingSettings.objects.get()
        routing.routing_mode = "assigned"
        routing.save()

    assert ("PATCH", {"routing_mode": "assigned"}) == (sent[-1].method, sent[-1].json)
    assert ("assigned", {}, {}) == (routing.routing_mode, routing.changes(), routing.extra)
    routing.refresh_from_db()
    assert "assigned" == routing.routing_mode


def test_events_are_exported(account, lay, count_requests):
    """Since a moment, each with the agent or department that it is of."""
    told = {"field_name": "status", "timestamp": "2026-01-02T00:00:00Z"}
    lay(AgentEvent, id="a", agent_id=5, value="away", **told)
    lay(DepartmentEvent, id="d", department_id=6, value={"online": 1}, **told)
    with count_requests(account, 2):
        (agent,) = AgentEvent.objects.filter(changed_since=BEGIN)
        (department,) = DepartmentEvent.objects.filter(changed_since=BEGIN)

    assert (Agent, 5, "away") == (type(agent.agent), agent.agent.pk, agent.value)
    assert (Department, 6) == (type(department.department), department.department.pk)
    assert {"online": 1} == department.value
    with count_requests(account, 1):
        assert [] == list(AgentEvent.objects.filter(changed_since=BEGIN.replace(day=3)))


def test_conversions_are_exported(account, lay):
    """Each with its goal."""
    goal = Goal.objects.create(name="Bought", attribution_model="last_touch")
    lay(Conversion, id="c", goal_id=goal.pk, timestamp="2026-01-02T00:00:00Z")
    (conversion,) = Conversion.objects.filter(changed_since=BEGIN)

    assert goal == conversion.goal


def test_timelines_are_asked_for_in_microseconds(account, lay, sent):
    """By a moment; the rows have no ids, and are all given."""
    for second in range(3):
        started = f"2026-01-02T00:00:0{second}.500000Z"
        lay(AgentTimeline, id=f"5|{second}", agent_id=5, status="online", start_time=started)
    moment = BEGIN.replace(day=2, second=1)
    rows = list(AgentTimeline.objects.since(moment))

    assert [1, 2] == [row.start_time.second for row in rows]
    assert [None, None] == [row.pk for row in rows]
    start = str(int(moment.timestamp() * 1_000_000))
    expected = (("limit", "1000"), ("fields", "agent_timeline(*)"), ("start_time", start))
    assert expected == sent[-1].params
    with pytest.raises(InvalidValue, match="time zone"):
        AgentTimeline.objects.since(datetime(2026, 1, 1))
    with pytest.raises(NoEndpoint, match="since_microseconds"):
        list(AgentTimeline.objects.all())

"""Shortcuts, triggers, goals, the account, routing settings, and exports."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, connect
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


def test_shortcuts_are_identified_by_name(account):
    """The id of a shortcut is its name."""
    hi = Shortcut.objects.create(name="hi", message="Hello!", tags=["greeting"])
    hi.message = "Hello, how can I help?"
    hi.save()

    assert Shortcut.objects.fresh().get("hi").message == "Hello, how can I help?"
    assert [shortcut.pk for shortcut in Shortcut.objects.all()] == ["hi"]
    hi.delete()
    with pytest.raises(Shortcut.DoesNotExist):
        Shortcut.objects.get("hi")
    connect("emulator://?seed=demo", alias="demo")
    assert {shortcut.pk for shortcut in Shortcut.objects.using("demo")} == {"hi", "bye"}


def test_triggers_are_identified_by_their_saved_name(account, emulator, count_requests):
    """Triggers are changed by the name that Zendesk has, even if the name changes."""
    trigger = Trigger.objects.create(name="Rescue", enabled=True, definition={"event": "x"})
    trigger.name = "Chat Rescuer"
    trigger.save()
    assert emulator.requests[-1] == "PUT chat/triggers/Rescue"

    with count_requests(account, 1):
        assert Trigger.objects.get_by_name("Chat Rescuer") == trigger
    with pytest.raises(Trigger.DoesNotExist):
        Trigger.objects.get_by_name("Rescue")
    trigger.refresh_from_db()
    trigger.delete()
    assert list(Trigger.objects.all()) == []


def test_goals_are_managed(account):
    """Goals are created, changed, filtered and deleted; their attribution is validated."""
    goal = Goal.objects.create(name="Bought", attribution_model="last_touch")
    goal.enabled = True
    goal.save()

    assert list(Goal.objects.filter(enabled=True)) == [goal]
    goal.delete()
    assert list(Goal.objects.all()) == []
    with pytest.raises(InvalidValue, match="first_touch"):
        Goal(name="Bought", attribution_model="no_touch")


def test_the_account_is_one_row(account, count_requests, sent):
    """The account is returned without an envelope and sent with one."""
    with count_requests(account, 2):
        chat_account = Account.objects.get()
        chat_account.plan = {"max_agents": 5}
        chat_account.save()

    assert sent[-1].json == {"account": {"plan": {"max_agents": 5}}}
    assert Account.objects.get().plan == {"max_agents": 5}


def test_routing_settings_are_sent_without_an_envelope(account, count_requests, sent):
    """Routing settings are returned in an envelope and sent without one."""
    with count_requests(account, 2):
        routing = RoutingSettings.objects.get()
        routing.routing_mode = "assigned"
        routing.save()

    assert (sent[-1].method, sent[-1].json) == ("PATCH", {"routing_mode": "assigned"})
    assert (routing.routing_mode, routing.changes(), routing.extra) == ("assigned", {}, {})
    routing.refresh_from_db()
    assert routing.routing_mode == "assigned"


def test_events_are_exported_with_agent_or_department(account, seed_row, count_requests):
    """Exported events since a time lead to their agent or department."""
    values = {"field_name": "status", "timestamp": "2026-01-02T00:00:00Z"}
    seed_row(AgentEvent, id="a", agent_id=5, value="away", **values)
    seed_row(DepartmentEvent, id="d", department_id=6, value={"online": 1}, **values)
    with count_requests(account, 2):
        (agent,) = AgentEvent.objects.filter(changed_since=BEGIN)
        (department,) = DepartmentEvent.objects.filter(changed_since=BEGIN)

    assert (type(agent.agent), agent.agent.pk, agent.value) == (Agent, 5, "away")
    assert (type(department.department), department.department.pk) == (Department, 6)
    assert department.value == {"online": 1}
    with count_requests(account, 1):
        assert list(AgentEvent.objects.filter(changed_since=BEGIN.replace(day=3))) == []


def test_conversions_are_exported_with_their_goal(account, seed_row):
    """Exported conversions lead to their goal."""
    goal = Goal.objects.create(name="Bought", attribution_model="last_touch")
    seed_row(Conversion, id="c", goal_id=goal.pk, timestamp="2026-01-02T00:00:00Z")
    (conversion,) = Conversion.objects.filter(changed_since=BEGIN)

    assert conversion.goal == goal


def test_timelines_are_exported_by_microseconds(account, seed_row, sent):
    """Timelines are exported since a time in microseconds; their rows have no ids."""
    for second in range(3):
        started = f"2026-01-02T00:00:0{second}.500000Z"
        seed_row(AgentTimeline, id=f"5|{second}", agent_id=5, status="online", start_time=started)
    moment = BEGIN.replace(day=2, second=1)
    rows = list(AgentTimeline.objects.since(moment))

    assert [row.start_time.second for row in rows] == [1, 2]
    assert [row.pk for row in rows] == [None, None]
    start = str(int(moment.timestamp() * 1_000_000))
    expected = (("limit", "1000"), ("fields", "agent_timeline(*)"), ("start_time", start))
    assert sent[-1].params == expected
    with pytest.raises(InvalidValue, match="time zone"):
        AgentTimeline.objects.since(datetime(2026, 1, 1))
    with pytest.raises(NoEndpoint, match="changed_since"):
        list(AgentTimeline.objects.all())

"""Statistics, settings, the call console and dashboards, which are one row each."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue
from zendesk_orm.talk import (
    AccountLevelActivity,
    AccountOverview,
    AgentActivity,
    AgentLevelActivity,
    AgentsOverview,
    CallConsole,
    CurrentQueueActivity,
    PhoneNumber,
    QueueLevelActivity,
    VoiceSettings,
)


@pytest.mark.parametrize(
    ("model", "path", "field"),
    [
        (AccountOverview, "stats/account_overview", "total_calls"),
        (AgentsOverview, "stats/agents_overview", "total_calls_missed"),
        (CurrentQueueActivity, "stats/current_queue_activity", "calls_waiting"),
        (CallConsole, "call_console", "voice_number"),
    ],
)
def test_statistics_are_one_row(emulator, account, model, path, field):
    """`get()` takes one request; values of a new account are 0, or None beyond statistics."""
    row = model.objects.get()

    assert emulator.requests[-1] == f"GET channels/voice/{path}"
    assert getattr(row, field) in (0, None)


def test_statistics_count_the_calls_of_the_day(account, emulator):
    """Statistics sum up the calls since midnight, of all numbers or of some, and of each agent."""
    emulator.reset("demo")
    (number,) = PhoneNumber.objects.all()
    overview, agents = AccountOverview.objects.get(), AgentsOverview.objects.get()
    activities = list(AgentActivity.objects.all())
    accepted = [activity for activity in activities if activity.calls_accepted]
    other = AccountOverview.objects.of([5])

    assert (overview.total_calls, other.total_calls) == (6, 0)
    assert overview.total_inbound_calls + overview.total_outbound_calls == 6
    assert overview.total_calls_abandoned_in_queue == 1
    assert overview.average_call_duration == round(overview.total_call_duration / 6)
    assert AccountOverview.objects.of([number]).total_calls == 6
    assert sum(activity.calls_accepted for activity in accepted) == 5
    assert agents.total_calls_accepted == 5
    assert agents.total_talk_time == sum(activity.total_talk_time for activity in accepted)
    assert {activity.agent_state for activity in accepted} == {"online"}
    assert CurrentQueueActivity.objects.get().agents_online == 5
    assert len(activities) == 25


def test_statistics_of_numbers_are_separate(emulator, account, sent):
    """Statistics of some numbers do not replace those of all numbers."""
    body = {"account_overview": {"total_calls": 7}}
    emulator.fail_next(200, body={"account_overview": {"total_calls": 39}})
    total = AccountOverview.objects.get()
    emulator.fail_next(200, body=body)
    partial = AccountOverview.objects.of([5, 6])

    assert [total.total_calls, partial.total_calls] == [39, 7]
    assert sent[-1].params == (("phone_number_ids", "5,6"),)


@pytest.mark.parametrize("numbers", [[], range(101)])
def test_statistics_require_1_to_100_numbers(account, count_requests, numbers):
    """Statistics of no number, or of more than a hundred, raise before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="1 to 100"):
        CurrentQueueActivity.objects.of(numbers)


def test_statistics_of_agents_are_filtered_by_group(account, owner, seed_row, sent):
    """Activities of agents lead to their users, and are filtered by group."""
    values = {"agent_id": owner.pk, "name": "Olivia", "calls_accepted": 5}
    seed_row(AgentActivity, "2026-01-01T00:00:00+00:00", **values)
    (activity,) = AgentActivity.objects.all()
    list(AgentActivity.objects.filter(group=5))

    assert (activity.pk, activity.calls_accepted, activity.agent) == (owner.pk, 5, owner)
    assert ("group_ids", "5") in sent[-1].params


def test_settings_are_saved(account, count_requests):
    """Settings are read and saved in one request each."""
    with count_requests(account, 2):
        settings = VoiceSettings.objects.get()
        settings.maximum_queue_size = 20
        settings.save()

    assert VoiceSettings.objects.get().maximum_queue_size == 20


@pytest.mark.parametrize(
    ("model", "level"),
    [
        (AccountLevelActivity, "account"),
        (AgentLevelActivity, "agent"),
        (QueueLevelActivity, "queue"),
    ],
)
def test_dashboards_are_in_extra(emulator, account, model, level):
    """The response of a dashboard is available as `extra`."""
    emulator.fail_next(200, body={"calls_waiting": 5, "agents": [{"id": 1}]})
    dashboard = model.objects.get()

    assert dashboard.extra == {"calls_waiting": 5, "agents": [{"id": 1}]}
    assert emulator.requests[-1] == f"GET channels/voice/dashboard/{level}_level_activity"

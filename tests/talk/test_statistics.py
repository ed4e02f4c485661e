"""Statistics, settings, the console and dashboards: what there is one of."""

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
def test_there_is_one(emulator, account, model, path, field):
    """`get()` gives it in one request; a new account has nothing to tell."""
    found = model.objects.get()

    assert f"GET channels/voice/{path}" == emulator.requests[-1]
    assert getattr(found, field) is None


def test_statistics_of_some_numbers_are_their_own(emulator, account, sent):
    """They are not mistaken for those of all numbers."""
    body = {"account_overview": {"total_calls": 7}}
    emulator.fail_next(200, body={"account_overview": {"total_calls": 39}})
    everything = AccountOverview.objects.get()
    emulator.fail_next(200, body=body)
    some = AccountOverview.objects.of([5, 6])

    assert [39, 7] == [everything.total_calls, some.total_calls]
    assert (("phone_number_ids", "5,6"),) == sent[-1].params


@pytest.mark.parametrize("numbers", [[], range(101)])
def test_statistics_are_of_a_hundred_numbers_at_most(account, count_requests, numbers):
    """And of one at least."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="1 to 100"):
        CurrentQueueActivity.objects.of(numbers)


def test_each_agent_has_statistics(account, owner, lay, sent):
    """Of all agents, or of those of a group."""
    told = {"agent_id": owner.pk, "name": "Olivia", "calls_accepted": 5}
    lay(AgentActivity, "2026-01-01T00:00:00+00:00", **told)
    (activity,) = AgentActivity.objects.all()
    list(AgentActivity.objects.filter(group=5))

    assert (owner.pk, 5, owner) == (activity.pk, activity.calls_accepted, activity.agent)
    assert ("group_ids", "5") in sent[-1].params


def test_settings_are_changed(account, count_requests):
    """One request to read them, one to change them."""
    with count_requests(account, 2):
        settings = VoiceSettings.objects.get()
        settings.maximum_queue_size = 20
        settings.save()

    assert 20 == VoiceSettings.objects.get().maximum_queue_size


@pytest.mark.parametrize(
    ("model", "level"),
    [
        (AccountLevelActivity, "account"),
        (AgentLevelActivity, "agent"),
        (QueueLevelActivity, "queue"),
    ],
)
def test_dashboards_are_taken_as_they_are(emulator, account, model, level):
    """Whatever Zendesk answers is in `extra`."""
    emulator.fail_next(200, body={"calls_waiting": 5, "agents": [{"id": 1}]})
    found = model.objects.get()

    assert {"calls_waiting": 5, "agents": [{"id": 1}]} == found.extra
    assert f"GET channels/voice/dashboard/{level}_level_activity" == emulator.requests[-1]

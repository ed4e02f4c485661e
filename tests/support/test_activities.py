"""Activities, and the settings of the authenticated user."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.people import connect_as, create_user
from zendesk_orm import Activity, Comment, InvalidValue, Ticket, User, UserSettings


@pytest.fixture
def colleague(emulator, account):
    """Connect the same account as another agent."""
    with connect_as(emulator, create_user("Colleague", role="agent")) as other:
        yield other


def test_activities_describe_changes_by_others(account, colleague, count_requests):
    """Changes that others make to the caller's tickets are listed, with both users."""
    me = User.objects.me()
    Ticket.objects.create(subject="Mine", comment=Comment(body="x"), assignee=me)
    ticket = Ticket.objects.using(colleague.alias).create(
        subject="Printer", comment=Comment(body="x"), assignee_id=me.pk, priority="low"
    )
    ticket.priority = "high"
    ticket.save()
    with count_requests(account, 1):
        activities = list(Activity.objects.all())
        assert {(activity.actor.name, activity.user.name) for activity in activities} == {
            ("Colleague", "Olivia Owner")
        }

    verbs = {activity.verb for activity in activities}
    assert verbs >= {"tickets.assignment", "tickets.priority_increase"}
    with count_requests(account, 2):
        assert len(activities) == Activity.objects.count()
        assert activities[0] is Activity.objects.get(activities[0].pk)


def test_activities_since_a_time_are_listed(account, colleague, count_requests, sent):
    """`since()` sends the time in Zendesk's format, and rejects naive datetimes."""
    Ticket.objects.using(colleague.alias).create(
        subject="Printer", comment=Comment(body="x"), assignee_id=User.objects.me().pk
    )
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    with count_requests(account, 2):
        assert list(Activity.objects.since(yesterday))
        assert list(Activity.objects.since(yesterday + timedelta(days=2))) == []

    assert dict(sent[-2].params)["since"] == yesterday.strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(InvalidValue, match="time zone"):
        Activity.objects.since(datetime(2026, 1, 1))


def test_user_settings_are_one_row(account, count_requests):
    """The settings of the authenticated user are read and saved in one request each."""
    with count_requests(account, 2):
        settings = UserSettings.objects.get()
        settings.lotus["keyboard_shortcuts_enabled"] = False
        settings.agent_home_pinned_views = [1, 2]
        settings.save()

    settings.refresh_from_db()
    assert settings.lotus["keyboard_shortcuts_enabled"] is False
    assert settings.agent_home_pinned_views == [1, 2]

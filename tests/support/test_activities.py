"""Activities, and the settings of whoever is asking."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.people import person, signed_in
from zendesk_orm import Activity, Comment, InvalidValue, Ticket, User, UserSettings


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def colleague(emulator, account):
    """The same account, used by another agent."""
    with signed_in(emulator, person("Colleague", role="agent")) as other:
        yield other


def test_what_others_do_to_ones_tickets_is_told(account, colleague, count_requests):
    """With the users, so that reading them costs nothing; what one does oneself is not."""
    me = User.objects.me()
    Ticket.objects.create(subject="Mine", comment=Comment(body="x"), assignee=me)
    ticket = Ticket.objects.using(colleague.alias).create(
        subject="Printer", comment=Comment(body="x"), assignee_id=me.pk, priority="low"
    )
    ticket.priority = "high"
    ticket.save()
    with count_requests(account, 1):
        found = list(Activity.objects.all())
        assert {("Colleague", "Olivia Owner")} == {
            (each.actor.name, each.user.name) for each in found
        }

    verbs = {each.verb for each in found}
    assert {"tickets.assignment", "tickets.priority_increase"} <= verbs
    with count_requests(account, 2):
        assert len(found) == Activity.objects.count()
        assert found[0] is Activity.objects.get(found[0].pk)


def test_activities_begin_at_a_moment(account, colleague, count_requests, sent):
    """Which goes out as Zendesk writes it."""
    Ticket.objects.using(colleague.alias).create(
        subject="Printer", comment=Comment(body="x"), assignee_id=User.objects.me().pk
    )
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    with count_requests(account, 2):
        assert list(Activity.objects.since(yesterday))
        assert [] == list(Activity.objects.since(yesterday + timedelta(days=2)))

    assert yesterday.strftime("%Y-%m-%dT%H:%M:%SZ") == dict(sent[-2].params)["since"]
    with pytest.raises(InvalidValue, match="time zone"):
        Activity.objects.since(datetime(2026, 1, 1))


def test_the_settings_of_whoever_is_asking(account, count_requests):
    """There is one row of them, read and changed in a request each."""
    with count_requests(account, 2):
        settings = UserSettings.objects.get()
        settings.lotus = {"keyboard_shortcuts_enabled": True}
        settings.agent_home_pinned_views = [1, 2]
        settings.save()

    settings.refresh_from_db()
    assert ({"keyboard_shortcuts_enabled": True}, [1, 2]) == (
        settings.lotus,
        settings.agent_home_pinned_views,
    )

"""`ticket.history()`, `ticket.as_of()` and `replay()`: the past of tickets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import (
    Comment,
    InvalidValue,
    Q,
    Ticket,
    TicketField,
    User,
    receiver,
    remote_changed,
    replay,
)


@pytest.fixture
def color(account):
    """Return a custom field."""
    return TicketField.objects.create(type="text", title="Color")


def _now(emulator):
    return datetime.fromtimestamp(emulator.clock.now(), timezone.utc)


@pytest.fixture
def changed(emulator, account, color):
    """Return a ticket that was changed twice, and the moments after each change."""
    ticket = Ticket.objects.create(
        subject="A", comment=Comment(body="Help!"), priority="low", tags=["a"]
    )
    moments = [_now(emulator)]
    emulator.advance(hours=1)
    ticket.subject, ticket.tags = "B", ["a", "b"]
    ticket.custom_fields = [{"id": color.pk, "value": "red"}]
    ticket.comment = Comment(body="Red.", public=False)
    ticket.save()
    moments.append(_now(emulator))
    emulator.advance(hours=1)
    ticket.status, ticket.custom_fields = "solved", [{"id": color.pk, "value": "blue"}]
    ticket.save()
    moments.append(_now(emulator))
    emulator.advance(hours=1)
    return ticket, moments


def test_history_has_changes_and_comments(changed, account, color, count_requests):
    """Each update has its moment, actor, changes and comments, by one request."""
    ticket, _ = changed

    with count_requests(account, 1):
        first, second, third = ticket.history()

    me = User.objects.get(name="Olivia Owner")
    assert (first.created, second.created, first.actor_id) == (True, False, me.pk)
    assert first.changes["priority"] == (None, "low")
    assert second.changes["subject"] == ("A", "B")
    assert second.changes["tags"] == (["a"], ["a", "b"])
    assert [(comment.body, comment.public) for comment in second.comments] == [("Red.", False)]
    assert third.changes["custom_fields"] == (
        [{"id": color.pk, "value": "red"}],
        [{"id": color.pk, "value": "blue"}],
    )
    assert second.moment < third.moment


def test_as_of_returns_the_values_of_a_moment(changed, color):
    """Fields, tags, status and custom fields are those of the moment, also between changes."""
    ticket, moments = changed
    states = [ticket.as_of(moment) for moment in moments]

    assert [state.subject for state in states] == ["A", "B", "B"]
    assert [state.tags for state in states] == [["a"], ["a", "b"], ["a", "b"]]
    assert [state.status for state in states] == ["new", "new", "solved"]
    values = [
        {item["id"]: item["value"] for item in state.custom_fields}[color.pk] for state in states
    ]
    assert values == [None, "red", "blue"]
    assert ticket.status == "solved"


def test_archived_tickets_have_their_history(changed, emulator):
    """The history of an archived ticket is complete."""
    ticket, moments = changed
    ticket.status = "closed"
    ticket.save()
    emulator.archive(ticket.pk)

    assert len(ticket.history()) == 4
    assert ticket.as_of(moments[0]).subject == "A"


def test_past_tickets_cannot_be_changed(changed):
    """A ticket of an earlier moment is neither saved nor deleted."""
    ticket, moments = changed
    past = ticket.as_of(moments[0])
    past.subject = "C"

    with pytest.raises(InvalidValue, match="cannot be changed"):
        past.save()
    with pytest.raises(InvalidValue, match="cannot be changed"):
        past.delete()


def test_moments_are_checked(changed):
    """A moment before the creation, or a naive one, is an error."""
    ticket, moments = changed

    with pytest.raises(InvalidValue, match="created"):
        ticket.as_of(moments[0] - timedelta(days=1))
    with pytest.raises(InvalidValue):
        ticket.as_of(datetime(2026, 1, 1))
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket().history()


def test_replay_shows_the_changes_of_receivers(changed, account, emulator, count_requests):
    """Receivers get the ticket as it was, and nothing is sent."""
    ticket, moments = changed

    def mark(sender, instance, created, changes, **kwargs):
        if instance.subject == "B" and instance.status == "new":
            instance.priority = "urgent"
            instance.save()

    with count_requests(account, 2):
        [(change, diff)] = replay(timedelta(days=1), [mark])

    assert change.changes["subject"] == ("A", "B")
    assert [item.edits for item in diff] == [{"priority": ("low", "urgent")}]
    assert Ticket.objects.get(ticket.pk).priority == "low"
    later = moments[1] + timedelta(seconds=1)
    assert replay(later, [mark], until=moments[2]) == []


def test_replay_uses_connected_receivers(changed):
    """Without receivers, those that are connected are called, with their conditions."""
    statuses = []

    @receiver(remote_changed, sender=Ticket, when=Q(status="solved"))
    def record(sender, instance, **kwargs):
        statuses.append(instance.status)

    replay(timedelta(days=1))
    replay(timedelta(days=1), [record])

    assert statuses == ["solved", "solved"]


def test_replay_can_send_the_changes(changed):
    """`dry_run=False` sends the changes of receivers, on the present ticket."""
    ticket, _ = changed

    def mark(sender, instance, created, **kwargs):
        if not created and "seen" not in instance.tags:
            instance.tags.append("seen")
            instance.save()

    results = replay(timedelta(days=1), [mark], dry_run=False)

    assert [result.diff for result in results] == [None, None, None]
    assert Ticket.objects.get(ticket.pk).tags == ["a", "b", "seen"]


def test_replay_needs_tickets_and_functions(account, count_requests):
    """Only tickets have a history, a period begins before its end, and receivers are functions."""
    with pytest.raises(InvalidValue, match="Ticket"):
        replay(timedelta(days=1), [], model=User)
    with pytest.raises(InvalidValue, match="before"):
        replay(timedelta(0), [], until=datetime(2020, 1, 1, tzinfo=timezone.utc))
    for receivers in (len, [5], "x"):
        with count_requests(account, 0), pytest.raises(InvalidValue, match="receiver"):
            replay(timedelta(days=1), receivers)

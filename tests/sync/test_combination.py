"""Webhooks for speed and exports as a safety net: each change is announced once."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from tests.sync import webhooks
from tests.sync.conftest import DELAY, Received
from zendesk_orm import Comment, Ticket, Watcher, connect, receiver, remote_changed, remote_created
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS


def _change_everything(other, emulator):
    """Make all kinds of changes to a ticket, as another client."""
    ticket = other.create(subject="A", comment=Comment(body="Help!"), priority="low")
    emulator.advance(seconds=5)
    ticket.priority, ticket.tags = "high", ["a", "b"]
    ticket.comment = Comment(body="Done")
    ticket.save()
    emulator.advance(seconds=5)
    ticket.status, ticket.subject, ticket.type = "solved", "B", "incident"
    ticket.save()
    for _ in range(2):
        emulator.advance(seconds=1)
        ticket.priority = "low"
        ticket.save()
        emulator.advance(seconds=1)
        ticket.priority = "high"
        ticket.save()
    emulator.advance(seconds=5)
    ticket.delete()
    return ticket


def _facts(received):
    """Return how often each field got each value, and each event happened."""
    facts = Counter()
    for item in received:
        if item.kind != "changed":
            facts[item.kind] += 1
        for name, (_, value) in item.changes.items():
            facts[name, str(value)] += 1
    return facts


@pytest.mark.slow
def test_a_change_by_another_client_is_announced_once(emulator, account, other, received):
    """With webhooks and exports, no change is announced twice, whichever comes first."""
    _, requests_received = webhooks.subscribe(emulator, account)
    watcher = Watcher(Ticket)
    _change_everything(other, emulator)
    emulator.wait_for_webhooks()
    first = list(received)
    emulator.advance(seconds=DELAY)
    watcher.poll()
    watcher.poll()

    assert len(requests_received) == len(first)
    assert received == first
    assert [item.kind for item in received].count("created") == 1
    assert [item.kind for item in received].count("deleted") == 1


def test_webhooks_that_come_late_are_not_announced(emulator, account, other, received):
    """Changes that exports have announced are not repeated by webhooks."""
    late = []
    answer, _ = webhooks.subscribe(emulator, account)
    emulator.receive(webhooks.URL, late.append)
    watcher = Watcher(Ticket)
    _change_everything(other, emulator)
    emulator.wait_for_webhooks()
    emulator.advance(seconds=DELAY)
    watcher.poll()
    first = list(received)
    statuses = {answer(request) for request in late}

    assert statuses == {200}
    assert len(late) > len(first) > 5
    assert received == first


def test_exports_complete_the_webhooks(emulator, account, other, received):
    """Changes without a webhook are announced by the export, and no others."""
    webhooks.subscribe(emulator, account, ("priority_changed",))
    watcher = Watcher(Ticket)
    _change_everything(other, emulator)
    emulator.wait_for_webhooks()
    assert len(received) == 5
    emulator.advance(seconds=DELAY)
    watcher.poll()

    facts = _facts(received[5:])
    assert not any(name == "priority" for name, *_ in facts if name != "created")
    assert facts["status", "solved"] == facts["subject", "B"] == facts["type", "incident"] == 1
    assert facts["created"] == facts["deleted"] == 1


def test_own_changes_are_not_echoed_by_webhooks(emulator, account, other, received):
    """Webhooks about saves and deletions of the account are recognized."""
    _, requests_received = webhooks.subscribe(emulator, account)
    ticket = Ticket.objects.create(subject="A", comment=Comment(body="x"))
    emulator.advance(seconds=5)
    ticket.priority, ticket.comment = "high", Comment(body="y")
    ticket.save()
    emulator.advance(seconds=5)
    ticket.delete()
    emulator.wait_for_webhooks()

    assert len(requests_received) > 3
    assert received == []


def test_own_changes_inside_receivers_are_not_echoed(emulator, account, other):
    """A receiver may save: neither webhooks nor exports call it again for its own save."""
    log = []

    @receiver([remote_created, remote_changed], sender=Ticket)
    def tag(sender, instance, **kwargs):
        log.append(instance.pk)
        instance.tags.append(f"seen-{len(log)}")
        instance.save()

    webhooks.subscribe(emulator, account)
    watcher = Watcher(Ticket)
    other.create(subject="A", comment=Comment(body="x"))
    emulator.wait_for_webhooks()
    for _ in range(3):
        emulator.advance(seconds=DELAY)
        watcher.poll()
        emulator.wait_for_webhooks()

    assert len(log) == 1


@pytest.mark.lenient
def test_over_a_socket_a_change_reaches_a_receiver_once():
    """A change by plain HTTP is announced once, with webhook and exports both active."""
    received = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, changes, **kwargs):
        received.append(Received("changed", instance.pk, changes))

    with Emulator() as emulator, emulator.serve(port=0) as server:
        pk = emulator.make_ids(Ticket, 1)[0]
        account = connect(
            base_url=server.url,
            oauth_token="x",
            clock=emulator.clock,
            endpoint_limits=NO_ENDPOINT_LIMITS,
        )
        webhooks.subscribe(emulator, account, ("status_changed", "comment_added"))
        watcher = Watcher(Ticket)
        body = {"ticket": {"status": "pending", "priority": "urgent", "comment": {"body": "Hi"}}}
        url = f"{server.url}/api/v2/tickets/{pk}.json"
        response = requests.put(url, json=body, headers={"Authorization": "Bearer x"}, timeout=10)
        emulator.wait_for_webhooks()
        emulator.advance(seconds=DELAY)
        watcher.poll()
        watcher.poll()

    assert response.status_code == 200
    assert len(received) == 3
    fields = Counter(name for item in received for name in item.changes)
    assert set(fields.values()) == {1}
    assert {"status", "comment", "priority"} <= set(fields)

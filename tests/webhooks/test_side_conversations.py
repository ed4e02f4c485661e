"""Side conversations of others reach receivers, as child tickets."""

from __future__ import annotations

import pytest

from zendesk_orm import Q, Ticket, Watcher, Webhook, WebhookReceiver, receiver, remote_created
from zendesk_orm.support import SideConversation


HOOK = "https://hooks.example.com/zendesk"


@pytest.fixture
def children():
    """Return the list of child tickets that are announced, with their conversations."""
    announced = []

    @receiver(remote_created, sender=Ticket, when=Q(via__channel="side_conversation"))
    def note(sender, instance, using, **kwargs):
        parent = instance.via["source"]["from"]["ticket_id"]
        (conversation,) = SideConversation.objects.using(using).filter(ticket=parent)
        announced.append((instance.subject, conversation.target_ticket_id == instance.pk))

    return announced


def _start_conversation(emulator):
    """Start a side conversation with a group, as another program does."""
    raw = emulator.connect("another program").raw
    ticket = raw.post("/api/v2/tickets", {"ticket": {"subject": "P", "comment": {"body": "Empty"}}})
    group = raw.post("/api/v2/groups", {"group": {"name": "Finance"}})["group"]["id"]
    message = {"subject": "Refund", "body": "Pay", "to": [{"support_group_id": group}]}
    path = f"/api/v2/tickets/{ticket['ticket']['id']}/side_conversations"
    raw.post(path, {"message": message})


def test_a_webhook_announces_the_ticket_of_a_side_conversation(emulator, account, children):
    """A webhook that is subscribed to `ticket.created` delivers the child ticket to a receiver."""
    webhook = Webhook.objects.subscribe(HOOK, ["ticket.created"])
    hook = WebhookReceiver(webhook.signing_secret(), account)
    statuses = []

    def receive(request):
        reply = hook.handle(request.body or b"", request.headers, request.method)
        statuses.append(reply.status)
        return reply.status

    emulator.receive(HOOK, receive)

    _start_conversation(emulator)
    emulator.wait_for_webhooks()

    assert (children, statuses) == ([("Refund", True)], [200, 200])


def test_watching_announces_the_ticket_of_a_side_conversation(emulator, account, children):
    """`Watcher` announces the child ticket from the export of tickets."""
    watcher = Watcher(Ticket)
    _start_conversation(emulator)
    emulator.advance(seconds=90)

    watcher.poll()

    assert children == [("Refund", True)]

"""Side conversations: messages, child tickets, imports, files and their events."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import (
    Comment,
    Group,
    InvalidValue,
    Ticket,
    User,
    ValidationError,
    post_save,
    receiver,
)
from zendesk_orm.support import (
    SideConversation,
    SideConversationAttachment,
    SideConversationEvent,
)


THEN = datetime(2025, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def ticket(account):
    """Create a ticket."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="It is empty"))


@pytest.fixture
def conversation(ticket):
    """Create a side conversation with a supplier."""
    return ticket.side_conversations.create(
        subject="Toner", body="Do you have any?", to=["supplier@example.com"]
    )


def _emails(event):
    return [recipient["email"] for recipient in event.message["to"]]


def test_a_conversation_reaches_receivers(account, ticket, count_requests):
    """A conversation and a reply are created in one request each, and reach `post_save`."""
    received = []

    @receiver(post_save, sender=SideConversation)
    @receiver(post_save, sender=SideConversationEvent)
    def record_event(sender, instance, created, **kwargs):
        received.append((sender, instance.pk, created))

    with count_requests(account, 1):
        conversation = ticket.side_conversations.create(
            subject="Toner", body="Do you have any?", to=["supplier@example.com"]
        )
    with count_requests(account, 1):
        event = conversation.reply("Black, please", to=["supplier@example.com"])

    assert received == [
        (SideConversation, conversation.pk, True),
        (SideConversationEvent, event.pk, True),
    ]
    assert (conversation.preview_text, conversation.ticket) == ("Black, please", ticket)
    with count_requests(account, 1):
        assert list(ticket.side_conversations.all()) == [conversation]
    with count_requests(account, 1):
        events = list(conversation.events.all())
    assert [(item.type, item.message["body"]) for item in events] == [
        ("create", "Do you have any?"),
        ("reply", "Black, please"),
    ]
    assert (events[1].ticket, events[1].side_conversation) == (ticket, conversation)


def test_a_reply_goes_to_the_other_participants(account, conversation, count_requests):
    """A reply without recipients looks up the caller, and goes to all others."""
    with count_requests(account, 2):
        event = conversation.reply("Black, please")

    assert _emails(event) == ["supplier@example.com"]
    assert event.actor["user_id"] == User.objects.me().pk


def test_users_and_channels_are_recipients(account, ticket):
    """Users get e-mails; channels of Slack and Teams are named by their ids."""
    amy = User.objects.create(name="Amy", email="amy@example.com")
    slack = SideConversation.slack_channel("C1", workspace="T1")
    teams = SideConversation.teams_channel("19:x")
    conversation = ticket.side_conversations.create(
        subject="Outage", html_body="<b>Anybody?</b>", to=[amy, slack, teams]
    )

    (event,) = conversation.events.all()
    to = [{k: v for k, v in item.items() if v is not None} for item in event.message["to"]]
    assert to == [
        {"user_id": amy.pk, "name": "Amy", "email": "amy@example.com"},
        {"slack_workspace_id": "T1", "slack_channel_id": "C1"},
        {"msteams_channel_id": "19:x"},
    ]


def test_groups_and_agents_get_a_child_ticket(account, ticket):
    """A group or an agent gets a child ticket, which the conversation refers to."""
    finance = Group.objects.create(name="Finance")
    agent = User.objects.create(name="Ann", email="ann@example.com", role="agent")
    for recipient in (finance, SideConversation.child_ticket(agent=agent)):
        conversation = ticket.side_conversations.create(
            subject="Refund", body="Please pay", to=[recipient]
        )
        child = conversation.target_ticket
        assert (child.subject, child.via["channel"]) == ("Refund", "side_conversation")
        assert child.comments.get().body == "Please pay"
    assert child.assignee == agent
    assert SideConversation().target_ticket_id is None


def test_the_state_is_changed(account, conversation, count_requests):
    """A conversation is closed and opened in one request each; a reply opens it, too."""
    with count_requests(account, 2):
        assert conversation.close().state == "closed"
        assert conversation.reopen().state == "open"
    conversation.close()
    conversation.reply("One more", to=["supplier@example.com"])

    assert conversation.state == "open"
    updates = [event.updates for event in conversation.events.all() if event.type == "update"]
    assert updates == [{"state": "closed"}, {"state": "open"}, {"state": "closed"}]


def test_external_ids_are_merged_or_replaced(emulator, conversation):
    """Whether an update keeps other external ids is a switch, because it is unconfirmed."""
    conversation.external_ids = {"order": "1"}
    conversation.save()
    emulator.switches.external_ids_merged = False
    conversation.external_ids = {"invoice": "2"}
    assert conversation.save().external_ids == {"invoice": "2"}
    emulator.switches.external_ids_merged = True
    conversation.external_ids = {"order": "1"}
    assert conversation.save().external_ids == {"invoice": "2", "order": "1"}


def test_files_are_sent(account, conversation, count_requests):
    """An uploaded file is part of a message."""
    with count_requests(account, 1):
        file = SideConversationAttachment.objects.upload(b"A4", "offer.txt")
    event = conversation.reply("Here", to=["supplier@example.com"], attachments=[file])

    assert (file.name, file.content_type, file.size) == ("offer.txt", "text/plain", 2)
    assert [item["file_name"] for item in event.message["attachments"]] == ["offer.txt"]
    with pytest.raises(ValidationError, match="attachment"):
        conversation.reply("Here", to=["supplier@example.com"], attachments=["s3-unknown"])


def test_past_messages_are_imported(account, ticket, count_requests):
    """A conversation with its past messages is created in one request; more can be added."""
    message = {"body": "Hello", "from": {"email": "z@example.com"}, "to": ["amy@example.com"]}
    created = []

    @receiver(post_save, sender=SideConversation)
    def record_event(sender, instance, **kwargs):
        created.append(instance)

    with count_requests(account, 1):
        conversation = ticket.side_conversations.import_conversation(
            [{"created_at": THEN, "message": message}], subject="Parts", external_ids={"old": "7"}
        )
    assert created == [conversation]
    assert (conversation.state, conversation.message_added_at) == ("closed", THEN)
    later = datetime(2025, 2, 1, tzinfo=timezone.utc)
    conversation.import_events([{"created_at": later, "message": {**message, "body": "Bye"}}])

    assert conversation.preview_text == "Bye"
    events = [(event.type, event.created_at) for event in conversation.events.all()]
    assert events == [("create", THEN), ("reply", later)]


def test_invalid_messages_send_nothing(account, ticket, conversation, count_requests):
    """Invalid recipients, texts and imports raise `InvalidValue` before a request."""
    create = ticket.side_conversations.create
    with count_requests(account, 0):
        for to in ([], ["amy"], [5], [{"user_id": 1, "email": "a@b.c"}], [Group(name="x")]):
            with pytest.raises(InvalidValue, match="to"):
                create(subject="A", body="B", to=to)
        with pytest.raises(InvalidValue, match="body"):
            create(subject="A", to=["amy@example.com"])
        with pytest.raises(InvalidValue, match="body"):
            conversation.reply("x", html_body="y")
        with pytest.raises(InvalidValue, match="group"):
            SideConversation.child_ticket()
        with pytest.raises(InvalidValue, match="ticket"):
            SideConversation.objects.import_conversation([], subject="A")
        with pytest.raises(InvalidValue, match="import"):
            ticket.side_conversations.import_conversation([], subject="A")
        with pytest.raises(InvalidValue, match="created_at"):
            conversation.import_events([{"message": {"body": "A"}}])
        with pytest.raises(InvalidValue, match="save"):
            SideConversation().events.all()
    conversation.body = "Again"
    with pytest.raises(InvalidValue, match="reply"):
        conversation.save()


def test_a_dry_run_and_a_batch(account, ticket, conversation, count_requests):
    """A dry run sends no message; a batch sends a reply at its end."""
    with count_requests(account, 0), account.dry_run() as diff:
        ticket.side_conversations.create(subject="A", body="B", to=["amy@example.com"])
        conversation.reply("Dry", to=["amy@example.com"])
    assert len(diff) == 2
    with count_requests(account, 1), account.batch():
        conversation.reply("Wet", to=["amy@example.com"])
    assert [event.message["body"] for event in conversation.events.all()][-1] == "Wet"


def test_events_of_imports_are_checked_before_they_are_sent(ticket, conversation, count_requests):
    """An event that is no dictionary, or has a moment without a time zone, is never sent."""
    message = {"body": "Hello", "to": ["amy@example.com"]}
    naive = [{"created_at": datetime(2025, 1, 1), "message": message}]
    with count_requests(ticket._session().account, 0):
        for events in ([5], ["text"], None, "text", {"created_at": THEN}, naive):
            with pytest.raises(InvalidValue, match="event"):
                ticket.side_conversations.import_conversation(events, subject="Parts")
            with pytest.raises(InvalidValue, match="event"):
                conversation.import_events(events)


def test_an_empty_channel_is_no_recipient(ticket):
    """A recipient whose id is empty is rejected before it is sent."""
    for empty in (
        SideConversation.slack_channel("", workspace="T1"),
        SideConversation.teams_channel(""),
    ):
        with pytest.raises(InvalidValue, match="one kind of recipient"):
            ticket.side_conversations.create(subject="Toner", body="Hello", to=[empty])


def test_a_dry_run_shows_a_message_with_an_uploaded_file(account, conversation):
    """A file that a dry run has not sent can be attached to a message."""
    with account.dry_run() as diff:
        file = SideConversationAttachment.objects.upload(b"10 euros", "offer.txt")
        conversation.reply("Here it is", attachments=[file])

    assert "attachment_ids: ['not sent']" in str(diff)
    assert [event.type for event in conversation.events.all()] == ["create"]

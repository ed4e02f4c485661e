"""Conversations, their participants, and who controls them."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, InvalidValue, NotFound, PermissionDenied
from zendesk_orm.messaging import Conversation, Participant, Switchboard, User


def test_conversations_are_listed_by_user(account, user, conversation, count_requests):
    """The conversations of a user are listed in one request, by the user or an external id."""
    other = User.objects.create(external_id="43")
    Conversation.objects.create(type="personal", users=[other])

    with count_requests(account, 2):
        assert list(user.conversations.all()) == [conversation]
        assert list(Conversation.objects.filter(user_external_id="42")) == [conversation]


def test_conversations_of_all_users_cannot_be_listed(conversation):
    """A list without a user is an error that names the lookups."""
    with pytest.raises(Exception, match="user_external_id") as caught:
        list(Conversation.objects.all())

    assert type(caught.value).__name__ == "NoEndpoint"


def test_pages_of_conversations_are_followed(account, user, count_requests):
    """A list of more rows than a page has is read completely, by the links of the pages."""
    for number in range(5):
        Conversation.objects.create(type="personal", users=[user], display_name=str(number))

    with count_requests(account, 3):
        names = [item.display_name for item in user.conversations.all().page_size(2)]

    assert names == ["0", "1", "2", "3", "4"]


def test_only_changed_fields_are_sent(conversation, sent):
    """A change is sent by PATCH in camel case, without an envelope."""
    conversation.icon_url = "https://example.com/icon.png"
    conversation.save()

    assert (sent[-1].method, sent[-1].json) == (
        "PATCH",
        {"iconUrl": "https://example.com/icon.png"},
    )
    assert conversation.display_name == "Order 7"


def test_users_join_and_leave(account, user, conversation, count_requests):
    """A user joins and leaves with one request each; the participant refers to the user."""
    other = User.objects.create(external_id="43")

    with count_requests(account, 3):
        participant = conversation.join(other)
        conversation.join(external_id="42")
        participants = list(conversation.participants.all())

    assert [item.user_external_id for item in participants] == ["42", "43"]
    assert participant.user == other
    assert participant.conversation == conversation

    participant.delete()
    conversation.leave(external_id="42")
    assert list(conversation.participants.all()) == []
    with pytest.raises(NotFound):
        conversation.leave(other)


def test_a_participant_is_identified_once(conversation):
    """A participant is identified by a saved user or an external id, and not by both."""
    for values in ((), (User(external_id="1"),)):
        with pytest.raises(InvalidValue):
            conversation.join(*values)
    with pytest.raises(InvalidValue):
        conversation.leave("5c93", external_id="42")


def test_keys_are_in_camel_case(conversation, user, sent):
    """Names with capitals of their own are written as Zendesk writes them."""
    Participant.objects.create(conversation=conversation, user=user, subscribe_sdk_client=True)

    assert sent[-1].json == {"userId": user.pk, "subscribeSDKClient": True}


def test_unread_messages_are_counted(user, conversation):
    """A message of the business is unread until the user has read the conversation."""
    conversation.send("Hello")
    conversation.send("Hi", author=user)
    assert conversation.participants.get().unread_count == 1

    conversation.mark_as_read(user)

    participant = conversation.participants.get()
    assert (participant.unread_count, participant.last_read is None) == (0, False)


def test_activities_are_reported(user, conversation, sent):
    """The business reports typing and reading; users report reading alone."""
    conversation.start_typing()
    conversation.stop_typing()
    conversation.mark_as_read()
    assert [request.json for request in sent[-3:]] == [
        {"author": {"type": "business"}, "type": activity}
        for activity in ("typing:start", "typing:stop", "conversation:read")
    ]

    before = len(sent)
    with pytest.raises(InvalidValue):
        conversation.post_activity("typing:start", user)
    assert len(sent) == before
    conversation.refresh_from_db()
    assert conversation.business_last_read is not None


def test_control_is_passed_offered_accepted_and_released(conversation, bot):
    """The control of a conversation changes, and the next read of the conversation shows it."""
    switchboard = Switchboard.objects.create()
    integrations = switchboard.switchboard_integrations
    agents = integrations.create(name="agents", integration=bot)
    robot = integrations.create(name="bot", integration=bot, next_switchboard_integration=agents)
    assert list(integrations.all()) == [agents, robot]

    conversation.pass_control(robot, reason="night")
    assert conversation.active_switchboard_integration == robot
    conversation.pass_control("next")
    assert conversation.active_switchboard_integration.name == "agents"
    conversation.offer_control("bot", metadata={"order": "7"})
    assert conversation.pending_switchboard_integration.name == "bot"
    conversation.accept_control()
    assert conversation.active_switchboard_integration.name == "bot"
    conversation.release_control()
    assert conversation.active_switchboard_integration is None

    for change in (conversation.accept_control, conversation.release_control):
        with pytest.raises(PermissionDenied):
            change()
    with pytest.raises(NotFound):
        conversation.pass_control("nobody")
    with pytest.raises(InvalidValue):
        conversation.pass_control("")


def test_the_default_integration_controls_new_conversations(user, bot):
    """New conversations are controlled by the default integration of the switchboard."""
    switchboard = Switchboard.objects.create()
    robot = switchboard.switchboard_integrations.create(name="bot", integration=bot)
    switchboard.default_switchboard_integration = robot
    switchboard.save()

    conversation = Conversation.objects.create(type="personal", users=[user])

    assert conversation.active_switchboard_integration.name == "bot"
    assert Switchboard.objects.get(id=switchboard.pk).default_switchboard_integration.pk == robot.pk


def test_unknown_names_are_rejected(conversation):
    """Names in camel case are no fields; the error suggests the field."""
    with pytest.raises(FieldError, match="display_name"):
        conversation.displayName = "x"
    with pytest.raises(FieldError, match="user_external_id"):
        Conversation.objects.filter(userExternalId="42")
    with pytest.raises(InvalidValue):
        Conversation(type="group")

"""Types of the models of Sunshine Conversations. Checked, never run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import assert_type

from zendesk_orm import Manager, MessagingKey, connect
from zendesk_orm.messaging import Content, Conversation, Message, MessageAction, Participant, User


connect(subdomain="acme", messaging=MessagingKey("5c93", "app_5c93", "secret"))

conversation = Conversation.objects.get(id="5c93")
assert_type(conversation.display_name, str | None)
assert_type(conversation.metadata, dict[str, Any])
assert_type(conversation.messages, Manager[Message])
assert_type(conversation.join(external_id="42"), Participant)

message = conversation.send("Hello")
assert_type(message, Message)
assert_type(message.received, datetime)
assert_type(message.conversation, Conversation)
assert_type(message.author.user, User | None)
assert_type(message.content, Content)
assert_type(message.content.actions, list[MessageAction])
assert_type(message.text, str | None)

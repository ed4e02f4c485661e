"""Webhooks of Sunshine Conversations: verified, and sent to receivers as remote changes."""

from __future__ import annotations

import json
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import requests

from zendesk_orm import (
    ConfigurationError,
    MessagingWebhookReceiver,
    Q,
    configure_delivery,
    dead_letters,
    messaging_webhook_app,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
    webhook_received,
)
from zendesk_orm.emulator.messaging.access import DEFAULT_APP
from zendesk_orm.http.secret import reveal
from zendesk_orm.messaging import (
    Client,
    Conversation,
    Message,
    Participant,
    Switchboard,
    User,
)
from zendesk_orm.sync.receivers import ReceiverPolicy


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        """Log nothing."""


class Hooks:
    """A web server on a port, whose application receives the webhooks of an integration.

    Attributes:
        webhook: the webhook.
    """

    def __init__(self, bot, triggers):
        self._server = make_server("127.0.0.1", 0, self._answer, handler_class=_QuietHandler)
        target = f"http://127.0.0.1:{self._server.server_port}/messages"
        self.webhook = bot.webhooks.create(target=target, triggers=triggers)
        self._app = messaging_webhook_app(self.webhook.secret)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ, start_response):
        return self._app(environ, start_response)

    def close(self):
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hooks(bot):
    """Return a function that starts a server for some triggers."""
    servers = []

    def start(*triggers):
        servers.append(Hooks(bot, list(triggers)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def other(emulator, conversation):
    """Return the conversation as another client has it, whose messages are not own ones."""
    emulator.connect("other")
    return Conversation.objects.using("other").get(id=conversation.pk)


def test_a_message_reaches_a_receiver_through_a_socket(emulator, hooks, user, other):
    """A message is posted to a port, verified, and announced; the reply is not."""
    hooks("conversation:message")
    announced = []

    @receiver(remote_created, sender=Message)
    def reply(sender, instance, origin, using, change, **kwargs):
        announced.append((instance.text, instance.author.user.profile.given_name, origin, using))
        instance.conversation.send("How can we help?")

    other.send("Hello", author=User.objects.using("other").get(id=user.pk))
    emulator.wsgi.courier.wait()

    assert announced == [("Hello", "Ann", "remote", "default")]
    texts = [item.text for item in other.messages.all()]
    assert texts == ["How can we help?", "Hello"]


def test_conditions_select_messages(emulator, hooks, user, other):
    """`when=` of a receiver compares fields and relations of the message."""
    hooks("conversation:message")
    announced = []

    @receiver(remote_created, sender=Message, when=Q(conversation=other.pk))
    def note(sender, instance, **kwargs):
        announced.append(instance.text)

    second = Conversation.objects.using("other").create(type="personal", users=[user.pk])
    second.send("Refund")
    other.send("Hello")
    emulator.wsgi.courier.wait()

    assert announced == ["Hello"]


@pytest.mark.slow
def test_other_events_are_changes_of_their_rows(emulator, hooks, user, other, bot):
    """Conversations, participants, clients and users are announced with their ids."""
    hooks(
        *("conversation:create", "conversation:join", "conversation:leave", "conversation:remove"),
        *("client:add", "client:remove", "user:update", "user:remove", "conversation:typing"),
        "switchboard:passControl",
    )
    announced, events = [], []

    def note(signal):
        def record(sender, instance, **kwargs):
            announced.append(f"{signal} {sender.__name__}")

        for model in (Client, Conversation, Participant, User):
            record_of = record
            signals[signal].connect(record_of, sender=model, weak=False)

    signals = {"created": remote_created, "changed": remote_changed, "deleted": remote_deleted}
    for name in signals:
        note(name)

    @receiver(webhook_received)
    def record_event(sender, payload, **kwargs):
        events.extend(event["type"] for event in payload["events"])

    people = User.objects.using("other")
    person = people.create(external_id="43")
    conversation = Conversation.objects.using("other").create(type="personal", users=[person])
    conversation.start_typing()
    conversation.leave(person)
    client = person.clients.create(
        match_criteria={"type": "mailgun"},
        confirmation={"type": "prompt"},
        target={"conversationId": conversation.pk},
    )
    client.delete()
    switchboard = Switchboard.objects.using("other").create()
    switchboard.switchboard_integrations.create(name="bot", integration=bot.pk)
    conversation.pass_control("bot")
    conversation.delete()
    person.metadata = {"plan": "gold"}
    person.save()
    person.delete()
    emulator.wsgi.courier.wait()

    assert announced == [
        "created Participant",
        "created Conversation",
        "deleted Participant",
        "created Client",
        "deleted Client",
        "changed Conversation",
        "deleted Conversation",
        "changed User",
        "deleted User",
    ]
    assert "conversation:typing" in events


def test_requests_without_the_secret_are_rejected(hooks):
    """A missing, wrong or repeated secret is answered with 401, and nothing is announced."""
    server = hooks("conversation:message")
    events = []
    webhook_received.connect(lambda sender, **kwargs: events.append(sender), weak=False)
    secret = reveal(server.webhook.secret)
    answers = [
        requests.post(server.webhook.target, data=b"{}", headers=headers, timeout=10)
        for headers in (
            {},
            {"X-API-Key": ""},
            {"X-API-Key": secret[:-1]},
            {"X-API-Key": f"{secret}x"},
            {"X-API-Key": "x" * 300},
            {"X-Zendesk-Webhook-Signature": secret},
        )
    ]

    assert [answer.status_code for answer in answers] == [401] * 6
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"API-Key"}
    assert events == []
    accepted = requests.post(
        server.webhook.target, data=b"{}", headers={"x-api-key": secret}, timeout=10
    )
    assert (accepted.status_code, len(events)) == (200, 1)


SECRET = "s3cr3t-do-not-show"
HEADERS = {"X-API-Key": SECRET, "Content-Type": "application/json"}


def _build_body(*events, app=DEFAULT_APP):
    return json.dumps({"app": {"id": app}, "webhook": {"id": "1"}, "events": events}).encode()


def _build_event(pk, text="Hello", **source):
    message = {
        "id": f"message-{pk}",
        "received": "2026-01-31T12:00:00.000Z",
        "author": {"type": "user", "userId": "5c93"},
        "content": {"type": "text", "text": text},
        "source": {"type": "ios", **source},
    }
    payload = {"conversation": {"id": "conversation-1", "type": "personal"}, "message": message}
    return {
        "id": pk,
        "type": "conversation:message",
        "createdAt": "2026-01-31T12:00:00.000Z",
        "payload": payload,
    }


@pytest.fixture
def announced():
    """Return the texts of the messages that are announced from now on."""
    texts = []

    @receiver(remote_created, sender=Message)
    def note(sender, instance, **kwargs):
        texts.append(instance.text)

    return texts


def test_events_are_announced_once(account, announced):
    """A request with several events announces each, and repeated events are announced once."""
    receiving = MessagingWebhookReceiver(["older-secret", SECRET])
    first, second = _build_event("1", "one"), _build_event("2", "two")

    statuses = [
        receiving.handle(body, HEADERS).status
        for body in (_build_body(first, second), _build_body(first, second), _build_body(second))
    ]

    assert statuses == [200, 200, 200]
    assert announced == ["one", "two"]
    assert SECRET not in repr(receiving)


def test_payloads_without_known_rows_announce_nothing(account, announced):
    """Events of another app, of unknown types and without a row reach no receiver of changes."""
    receiving = MessagingWebhookReceiver(SECRET)
    bodies = [
        _build_body(_build_event("1"), app="5c94"),
        _build_body({"id": "2", "type": "conversation:dance", "payload": {}}),
        _build_body({"id": "3", "type": "conversation:message", "payload": {}}),
        _build_body({"id": "4", "type": "conversation:message", "payload": {"message": 5}}),
        _build_body({"id": "5", "type": "client:add", "payload": {"client": {"id": 5}}}),
        _build_body(5),
        *(b"", b"[]", b'{"events": 5}', b"not JSON", b'{"app": 5, "events": [{}]}'),
    ]

    assert [receiving.handle(body, HEADERS).status for body in bodies] == [200] * len(bodies)
    assert announced == []


def test_a_receiver_that_fails_is_called_again(account):
    """A receiver that fails gets the message again, although messages cannot be fetched by id."""
    configure_delivery(account, policy=ReceiverPolicy(attempts=2))
    calls = []

    @receiver(remote_created, sender=Message)
    def fail_once(sender, instance, **kwargs):
        calls.append((instance.text, instance.conversation_id))
        if len(calls) == 1:
            raise OSError("busy")

    receiving = MessagingWebhookReceiver(SECRET)
    assert receiving.handle(_build_body(_build_event("1")), HEADERS).status == 200
    (letter,) = dead_letters(account).waiting

    assert dead_letters(account).replay(letter) == 1
    assert calls == [("Hello", "conversation-1")] * 2


def test_a_secret_is_required():
    """A missing or invalid secret is an error."""
    for secret in ("", None, [], "two words"):
        with pytest.raises(ConfigurationError):
            messaging_webhook_app(secret)

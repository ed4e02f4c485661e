"""Messages of every type, in the order of time, and their files."""

from __future__ import annotations

import pytest

from tests.servers import Server
from zendesk_orm import (
    BadRequest,
    Conflict,
    FieldError,
    InvalidValue,
    MalformedResponse,
    MessagingKey,
)
from zendesk_orm.messaging import (
    Attachment,
    Author,
    Content,
    Conversation,
    FormField,
    Message,
    MessageAction,
    MessageItem,
    User,
)
from zendesk_orm.messaging.content import ACTION_KEYS, CONTENT_KEYS
from zendesk_orm.schema.wire_names import to_camel_case


ACTIONS = [
    MessageAction(type="buy", text="Buy", amount=500, currency="eur"),
    MessageAction(type="link", text="Terms", uri="https://example.com", default=True),
    MessageAction(type="locationRequest", text="Where?"),
    MessageAction(type="postback", text="Details", payload="DETAILS", metadata={"order": "7"}),
    MessageAction(type="reply", text="Yes", payload="YES", icon_url="https://example.com/y.png"),
    MessageAction(
        type="webview",
        text="Map",
        uri="https://example.com/map",
        fallback="https://example.com",
        size="full",
        open_on_receive=True,
    ),
]
_FIELD = {"type": "text", "name": "name", "label": "Name"}
CONTENTS = [
    Content(type="text", text="Hello", actions=ACTIONS, block_chat_input=True),
    Content(type="text", markdown_text="**Hello**"),
    Content(type="image", media_url="https://example.com/a.png", alt_text="A cat"),
    Content(type="file", media_url="https://example.com/a.pdf", attachment_id="5c93"),
    Content(
        type="carousel",
        items=[MessageItem(title="Small", actions=ACTIONS[:2], media_url="https://example.com/s")],
        display_settings={"imageAspectRatio": "square"},
    ),
    Content(type="list", items=[MessageItem(title="Small", actions=ACTIONS[4:5])]),
    Content(type="location", coordinates={"lat": 45.5, "long": -73.6}, location={"name": "Here"}),
    Content(type="form", fields=[FormField(**_FIELD, min_size=1, placeholder="Ann")]),
    Content(type="formResponse", fields=[FormField(**_FIELD, text="Ann")], text_fallback="Ann"),
    Content(type="template", template={"name": "order", "language": {"code": "en"}}),
]


def test_content_of_every_type_is_sent_and_read(conversation):
    """Each type of content is sent in camel case, and read with the same values."""
    assert {content.type for content in CONTENTS} == CONTENT_KEYS.keys()
    assert {action.type for action in ACTIONS} == ACTION_KEYS.keys()
    sent = [conversation.send(content) for content in CONTENTS]

    loaded = list(conversation.messages.all())[::-1]

    assert loaded == sent
    contents = [message.content.to_dict() for message in loaded]
    assert contents == [content.to_dict() for content in CONTENTS]
    first = loaded[0]
    assert first.content.actions[4].icon_url == "https://example.com/y.png"
    assert first.content.block_chat_input is True


def test_invalid_content_is_rejected_before_it_is_sent(conversation, sent):
    """Content without a key of its type, or with a key of another type, is not sent."""
    before = len(sent)
    problems = {
        "mediaUrl": {"type": "image", "text": "Hello"},
        "items": {"type": "list"},
        "coordinates": {"type": "text", "text": "Here", "coordinates": {"lat": 1, "long": 2}},
        "such as text": {"type": "text"},
        "uri": {"type": "text", "text": "?", "actions": [{"type": "link", "text": "Terms"}]},
        "payload": {
            "type": "carousel",
            "items": [{"title": "A", "actions": [{"type": "reply", "text": "Yes"}]}],
        },
        "sticker": {"type": "sticker"},
    }
    for name, content in problems.items():
        with pytest.raises(InvalidValue, match=name):
            conversation.send(content)
    with pytest.raises(FieldError, match="media_url"):
        Content(type="image", mediaUrl="https://example.com/a.png")
    with pytest.raises(InvalidValue):
        Message(conversation=conversation, content="Hello")

    assert len(sent) == before


def test_authors_are_users_or_the_business(user, conversation):
    """An author is the business by default, or a user, whose name Zendesk adds."""
    assert conversation.send("Hello").author.type == "business"
    message = conversation.send("Hello", author=Author(type="business", display_name="Max"))
    assert message.author.display_name == "Max"

    message = conversation.send("Hi", author=user, metadata={"order": "7"})

    assert (message.author.user, message.author.display_name) == (user, "Ann Lee")
    assert message.metadata == {"order": "7"}
    assert (message.text, message.conversation) == ("Hi", conversation)


def test_messages_begin_with_the_newest(account, conversation, count_requests):
    """Pages of a hundred messages are read from the newest to the oldest, as far as needed."""
    texts = [str(number) for number in range(105)]
    for text in texts:
        conversation.send(text)

    with count_requests(account, 4):
        assert conversation.messages.first().text == "104"
        assert conversation.messages.latest().text == "104"
        assert [item.text for item in conversation.messages.all()[:3]] == ["104", "103", "102"]
        assert conversation.messages.all()[0].text == "104"
    with count_requests(account, 2):
        assert [item.text for item in conversation.messages.all()] == texts[::-1]
    with count_requests(account, 2):
        ordered = conversation.messages.order_by("received").scan()
        assert sorted(item.text for item in ordered) == sorted(texts)


def test_messages_are_deleted(account, conversation, count_requests):
    """One message, or all of them, are deleted with one request."""
    first, second, _ = (conversation.send(text) for text in ("1", "2", "3"))

    with count_requests(account, 1):
        first.delete()
    assert [item.text for item in conversation.messages.all()] == ["3", "2"]
    with count_requests(account, 1):
        conversation.delete_messages()

    assert list(conversation.messages.all()) == []
    assert second.text == "2"


def test_messages_cannot_be_changed(conversation):
    """A message that was sent has no editable field."""
    message = conversation.send("Hello")

    with pytest.raises(FieldError):
        message.metadata = {}


def test_a_full_conversation_is_a_conflict(emulator, conversation):
    """A conversation with the largest number of messages accepts no further one."""
    emulator.switches.max_messages = 1
    conversation.send("Hello")

    with pytest.raises(Conflict) as caught:
        conversation.send("Hello again")

    assert caught.value.status == 423


def test_files_are_uploaded_and_sent(account, conversation, tmp_path, count_requests, sent):
    """A file is uploaded for the conversation, and sent as an image or a file."""
    path = tmp_path / "offer.txt"
    path.write_bytes(b"10 euros")

    with count_requests(account, 2):
        message = conversation.send_file(path)
    assert dict(sent[-2].params) == {
        "access": "public",
        "for": "message",
        "conversationId": conversation.pk,
    }
    assert message.content.type == "file"
    assert conversation.send_file(b"...", "photo.png").content.type == "image"

    attachment = Attachment.objects.upload(b"...", "photo.png")
    assert (attachment.media_type, attachment.pk) == ("image/png", attachment.media_url)
    assert attachment.delete() == (1, {"messaging.Attachment": 1})
    with pytest.raises(Exception, match="404"):
        attachment.delete()


def test_a_page_that_leads_nowhere_is_an_error():
    """Earlier messages that a page announces without a link or a cursor raise an error."""
    key = MessagingKey("5c93f8b1a2e4d60010c1f0aa", "app_5c93", "secret")

    def read(meta):
        body = {"messages": [{"id": "1", "received": "2026-01-31T12:00:00.000Z"}], "meta": meta}
        Server(lambda request: body).connect(messaging=key)
        return [message.pk for message in Message.objects.filter(conversation="5c93")]

    for meta in ({}, {"hasMore": False}, {"hasMore": True, "afterCursor": "x"}):
        assert read(meta) == ["1"]
    with pytest.raises(MalformedResponse, match="no link"):
        read({"hasMore": True})


def test_messages_and_metadata_have_a_size(account, conversation, count_requests):
    """A message of more than 100 kB, and metadata of more than 4 kB, are never sent."""
    large, order = "x" * 100 * 1024, {"order": "7" * 4096}
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match=r"the request has 102,.* bytes"):
            conversation.send(large)
        for create in (
            lambda: conversation.send("Hello", metadata=order),
            lambda: User.objects.create(external_id="43", metadata=order),
            lambda: Conversation.objects.create(type="sdkGroup", metadata=order),
        ):
            with pytest.raises(InvalidValue, match="metadata has 4,"):
                create()
    body = {"author": {"type": "business"}, "content": {"type": "text", "text": large}}
    path = f"/sc/v2/apps/:app/conversations/{conversation.pk}"
    for send in (
        lambda: account.raw.post(f"{path}/messages", body),
        lambda: account.raw.patch(path, {"metadata": order}),
    ):
        with pytest.raises(BadRequest, match="Zendesk accepts"):
            send()


def test_a_dry_run_shows_messages_with_files(account, conversation, count_requests):
    """A dry run shows the upload of a file and its message, and sends neither."""
    with count_requests(account, 0), account.dry_run() as diff:
        conversation.send_file(b"10 euros", "offer.txt")

    text = str(diff)
    assert "content: {'type': 'file', 'mediaUrl': 'not sent'}" in text
    assert "upload of attachments\n    {'filename': 'offer.txt'}" in text


def test_the_emulator_checks_messages(account, conversation):
    """The emulator rejects messages that Zendesk would reject, in the form of its errors."""
    path = f"/sc/v2/apps/:app/conversations/{conversation.pk}/messages"
    for body in (
        {"author": {"type": "business"}, "content": {"type": "image"}},
        {"author": {"type": "robot"}, "content": {"type": "text", "text": "Hello"}},
        {"author": {"type": "user"}, "content": {"type": "text", "text": "Hello"}},
        {"content": {"type": "text", "text": "Hello"}},
    ):
        with pytest.raises(BadRequest) as caught:
            account.raw.post(path, body)
        assert caught.value.code == "bad_request"
        assert caught.value.body["errors"][0].keys() == {"code", "title"}


def test_names_are_written_in_camel_case():
    """The keys of rows are names in camel case."""
    names = {"id": "id", "html_text": "htmlText", "subscribe_sdk_client": "subscribeSDKClient"}

    assert {name: to_camel_case(name) for name in names} == names

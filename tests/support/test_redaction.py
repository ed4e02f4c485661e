"""Comments made private, and what is taken out of them for good."""

from __future__ import annotations

import pytest

from tests.support.kept import keep
from zendesk_orm import Audit, Comment, InvalidValue, Ticket, Upload, ValidationError
from zendesk_orm.support.redaction import marked


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def _make(body="My number is 847564!", **values):
    return Ticket.objects.create(subject="Printer", comment=Comment(body=body, **values))


def _first(ticket):
    return next(iter(ticket.comments.all()))


def test_a_comment_is_made_private(account, count_requests):
    """In one request; it is a note between agents then, and so says its audit."""
    ticket = _make()
    comment = _first(ticket)
    with count_requests(account, 1):
        assert comment is comment.make_private()
        assert comment.public is False

    assert not _first(ticket).public
    assert not next(iter(ticket.audits.all())).events_of("Comment")[0]["public"]


def test_an_audit_makes_its_comment_private(account, count_requests):
    """As the comment itself does."""
    ticket = _make()
    audit = next(iter(ticket.audits.all()))
    with count_requests(account, 1):
        assert audit is audit.make_private()
        assert [False] == [event["public"] for event in audit.events_of("Comment")]

    assert not _first(ticket).public


def test_a_text_is_redacted(account, count_requests):
    """In one request, in all forms of the text, and in the ticket's description."""
    ticket = _make()
    comment = _first(ticket)
    with count_requests(account, 1):
        assert comment is comment.redact("847564")

    black = "My number is ▇▇▇▇▇▇!"
    assert (black, black) == (comment.body, comment.plain_body)
    assert "847564" not in comment.html_body
    assert black == ticket.description
    assert black == _first(ticket).body
    with count_requests(account, 0), pytest.raises(InvalidValue, match="the text that is to go"):
        comment.redact("")


def test_a_closed_ticket_is_redacted_in_the_workspace(account, count_requests):
    """Where `redact()` is refused; marked here, in the HTML that the comment has."""
    ticket = _make("Call <b>AT&T</b>: 847564", html_body="<p>AT&amp;T <b>847564</b></p>")
    ticket.status = "closed"
    ticket.save()
    comment = _first(ticket)
    with pytest.raises(ValidationError):
        comment.redact("847564")
    with count_requests(account, 1):
        comment.redact_in_workspace("847564", "AT&T")

    assert "<p>▇▇▇▇▇▇▇▇ <b>▇▇▇▇▇▇</b></p>" == comment.html_body
    assert "847564" not in comment.body
    with count_requests(account, 1):
        comment.redact_in_workspace(html_body="<p redact><redact>all</redact></p>")
    assert "▇▇▇</p>" == comment.html_body


def test_redaction_in_the_workspace_wants_something_to_redact(account, count_requests):
    """Told before anything is sent."""
    comment = _first(_make())
    with count_requests(account, 0):
        for texts, values, told in [
            ((), {}, "texts, html_body or attachments"),
            (("a",), {"html_body": "<redact>a</redact>"}, "not both"),
            ((), {"html_body": "<p>a</p>"}, "around what is to go"),
            (("nowhere",), {}, "does not say 'nowhere'"),
            (("",), {}, "not ''"),
        ]:
            with pytest.raises(InvalidValue, match=told):
                comment.redact_in_workspace(*texts, **values)


def test_texts_are_marked_in_html():
    """Not within tags, the longest first, escaped as HTML is."""
    assert '<a href="ab"><redact>ab</redact>c</a>' == marked('<a href="ab">abc</a>', ["ab"])
    assert "<redact>abc</redact> <redact>ab</redact>" == marked("abc ab", ["ab", "abc"])
    assert "<redact>a&lt;b</redact>" == marked("a&lt;b", ["a<b"])
    with pytest.raises(InvalidValue, match="in one piece"):
        marked("a<b>b</b>", ["ab"])


def test_an_attachment_is_redacted(account, count_requests):
    """An empty file is in its place, for the comment and its audit."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    ticket = _make(uploads=[upload])
    comment = _first(ticket)
    (attachment,) = comment.attachments
    with count_requests(account, 1):
        redacted = comment.redact_attachment(attachment)

    assert attachment is redacted
    assert "redacted.txt" == attachment.file_name
    assert ["redacted.txt"] == [each.file_name for each in comment.attachments]
    assert ["redacted.txt"] == [each.file_name for each in _first(ticket).attachments]
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match="a saved Attachment"),
    ):
        comment.redact_attachment("passwords.txt")


def test_files_are_redacted_in_the_workspace(account, count_requests):
    """By their addresses, which attachments know."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    comment = _first(_make(uploads=[upload]))
    with count_requests(account, 1):
        comment.redact_in_workspace(attachments=comment.attachments)

    assert ["redacted.txt"] == [each.file_name for each in comment.attachments]
    assert "My number is 847564!" == comment.body


def test_malware_is_let_through(account, count_requests):
    """By an administrator, and taken back the same way."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    (attachment,) = _first(_make(uploads=[upload])).attachments
    attachment.malware_access_override = True
    with count_requests(account, 1):
        attachment.save()

    attachment.refresh_from_db()
    assert attachment.malware_access_override


@pytest.fixture
def chat(emulator):
    """A ticket that a chat became."""
    ticket = _make()
    history = [
        {"chat_index": 0, "type": "ChatMessage", "message": "My number is 847564!"},
        {"chat_index": 1, "type": "ChatFileAttachment", "filename": "one.jpg"},
        {"message_id": "m2", "type": "ChatFileAttachment", "filename": "two.jpg"},
    ]
    value = {"visitor_id": "v", "chat_id": "c", "history": history}
    audit = {
        "id": 77,
        "ticket_id": ticket.pk,
        "author_id": ticket.requester_id,
        "created_at": "2026-01-01T00:00:00Z",
        "events": [{"id": 78, "type": "ChatStartedEvent", "value": value}],
    }
    keep(emulator, Audit, audit, parent=ticket.pk)
    return ticket


def test_a_chat_is_redacted(account, chat, count_requests):
    """One message, of which a part is marked; the event of the audit comes back."""
    with count_requests(account, 1):
        event = chat.redact_chat("c", "My number is <redact>847564</redact>!", chat_index=0)

    assert "My number is ▇▇▇▇▇▇!" == event["value"]["history"][0]["message"]
    audits = list(chat.audits.all())
    assert [event] == [each for audit in audits for each in audit.events_of("ChatStartedEvent")]


def test_files_of_a_chat_are_redacted(account, chat, count_requests):
    """By their places in the chat, or by the ids of their messages."""
    with count_requests(account, 2):
        chat.redact_chat_files("c", chat_indexes=[1])
        event = chat.redact_chat_files("c", message_ids=["m2"])

    names = [each.get("filename") for each in event["value"]["history"]]
    assert [None, "redacted.txt", "redacted.txt"] == names


def test_chats_want_one_place(account, chat, count_requests):
    """Told before anything is sent."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="around what is to go"):
            chat.redact_chat("c", "847564", chat_index=0)
        with pytest.raises(InvalidValue, match="one of chat_index"):
            chat.redact_chat("c", "<redact>1</redact>")
        with pytest.raises(InvalidValue, match="one of chat_indexes"):
            chat.redact_chat_files("c")

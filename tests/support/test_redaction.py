"""Comments made private, and redaction of texts, attachments and chats."""

from __future__ import annotations

import pytest

from tests.support.seeding import seed_rows
from zendesk_orm import Audit, Comment, InvalidValue, Ticket, Upload, ValidationError
from zendesk_orm.support.tickets.comments import mark_texts


def _create_ticket(body="My number is 847564!", **values):
    return Ticket.objects.create(subject="Printer", comment=Comment(body=body, **values))


def _fetch_first_comment(ticket):
    return next(iter(ticket.comments.all()))


def test_a_comment_is_made_private(account, count_requests):
    """`make_private()` turns a public comment into an internal note in one request."""
    ticket = _create_ticket()
    comment = _fetch_first_comment(ticket)
    with count_requests(account, 1):
        assert comment.make_private() is comment
        assert comment.public is False

    assert not _fetch_first_comment(ticket).public
    assert not next(iter(ticket.audits.all())).events_of("Comment")[0]["public"]


def test_an_audit_makes_its_comment_private(account, count_requests):
    """`make_private()` of an audit makes its comment private."""
    ticket = _create_ticket()
    audit = next(iter(ticket.audits.all()))
    with count_requests(account, 1):
        assert audit.make_private() is audit
        assert [event["public"] for event in audit.events_of("Comment")] == [False]

    assert not _fetch_first_comment(ticket).public


def test_a_text_is_redacted(account, count_requests):
    """Redacting a text removes it from all formats of the comment and the description."""
    ticket = _create_ticket()
    comment = _fetch_first_comment(ticket)
    with count_requests(account, 1):
        assert comment.redact("847564") is comment

    redacted = "My number is ▇▇▇▇▇▇!"
    assert (comment.body, comment.plain_body) == (redacted, redacted)
    assert "847564" not in comment.html_body
    assert ticket.description == redacted
    assert _fetch_first_comment(ticket).body == redacted
    with count_requests(account, 0), pytest.raises(InvalidValue, match="must not be empty"):
        comment.redact("")


def test_a_closed_ticket_is_redacted_in_the_workspace(account, count_requests):
    """`redact_in_workspace()` redacts closed tickets, for which `redact()` raises."""
    ticket = _create_ticket("Call <b>AT&T</b>: 847564", html_body="<p>AT&amp;T <b>847564</b></p>")
    ticket.status = "closed"
    ticket.save()
    comment = _fetch_first_comment(ticket)
    with pytest.raises(ValidationError):
        comment.redact("847564")
    with count_requests(account, 1):
        comment.redact_in_workspace("847564", "AT&T")

    assert comment.html_body == "<p>▇▇▇▇▇▇▇▇ <b>▇▇▇▇▇▇</b></p>"
    assert "847564" not in comment.body
    with count_requests(account, 1):
        comment.redact_in_workspace(html_body="<p redact><redact>all</redact></p>")
    assert comment.html_body == "▇▇▇</p>"


def test_invalid_redactions_are_rejected(account, count_requests):
    """Missing, conflicting or unknown texts raise `InvalidValue` before any request."""
    comment = _fetch_first_comment(_create_ticket())
    with count_requests(account, 0):
        for texts, values, message in [
            ((), {}, "texts, html_body or attachments"),
            (("a",), {"html_body": "<redact>a</redact>"}, "not both"),
            ((), {"html_body": "<p>a</p>"}, "<redact>...</redact> around"),
            (("nowhere",), {}, "does not contain 'nowhere'"),
            (("",), {}, "must not be empty"),
        ]:
            with pytest.raises(InvalidValue, match=message):
                comment.redact_in_workspace(*texts, **values)


def test_texts_are_marked_in_html():
    """Texts are marked outside of tags, longest first, in their escaped form."""
    assert mark_texts('<a href="ab">abc</a>', ["ab"]) == '<a href="ab"><redact>ab</redact>c</a>'
    assert mark_texts("abc ab", ["ab", "abc"]) == "<redact>abc</redact> <redact>ab</redact>"
    assert mark_texts("a&lt;b", ["a<b"]) == "<redact>a&lt;b</redact>"
    with pytest.raises(InvalidValue, match="as one piece"):
        mark_texts("a<b>b</b>", ["ab"])


def test_an_attachment_is_redacted(account, count_requests):
    """A redacted attachment is replaced by an empty file, in the comment and its audit."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    ticket = _create_ticket(uploads=[upload])
    comment = _fetch_first_comment(ticket)
    (attachment,) = comment.attachments
    with count_requests(account, 1):
        redacted = comment.redact_attachment(attachment)

    assert attachment is redacted
    assert attachment.file_name == "redacted.txt"
    assert [row.file_name for row in comment.attachments] == ["redacted.txt"]
    assert [row.file_name for row in _fetch_first_comment(ticket).attachments] == ["redacted.txt"]
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match="a saved Attachment"),
    ):
        comment.redact_attachment("passwords.txt")


def test_attachments_are_redacted_in_the_workspace(account, count_requests):
    """`redact_in_workspace()` redacts attachments and leaves the text as it is."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    comment = _fetch_first_comment(_create_ticket(uploads=[upload]))
    with count_requests(account, 1):
        comment.redact_in_workspace(attachments=comment.attachments)

    assert [attachment.file_name for attachment in comment.attachments] == ["redacted.txt"]
    assert comment.body == "My number is 847564!"


def test_the_malware_flag_of_an_attachment_is_overridden(account, count_requests):
    """An administrator can allow access to an attachment that was flagged as malware."""
    upload = Upload.objects.upload(b"secret", "passwords.txt")
    (attachment,) = _fetch_first_comment(_create_ticket(uploads=[upload])).attachments
    attachment.malware_access_override = True
    with count_requests(account, 1):
        attachment.save()

    attachment.refresh_from_db()
    assert attachment.malware_access_override


@pytest.fixture
def chat(emulator):
    """Create a ticket that was a chat."""
    ticket = _create_ticket()
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
        "metadata": {"system": {}, "custom": {}},
        "via": {"channel": "chat"},
        "events": [{"id": 78, "type": "ChatStartedEvent", "value": value}],
    }
    seed_rows(emulator, Audit, audit, parent=ticket.pk)
    return ticket


def test_a_chat_message_is_redacted(account, chat, count_requests):
    """The marked part of a chat message is redacted, and the audit event is returned."""
    with count_requests(account, 1):
        event = chat.redact_chat("c", "My number is <redact>847564</redact>!", chat_index=0)

    assert event["value"]["history"][0]["message"] == "My number is ▇▇▇▇▇▇!"
    audits = list(chat.audits.all())
    assert [row for audit in audits for row in audit.events_of("ChatStartedEvent")] == [event]


def test_files_of_a_chat_are_redacted(account, chat, count_requests):
    """Files of a chat are redacted by their indexes or by the ids of their messages."""
    with count_requests(account, 2):
        chat.redact_chat_files("c", chat_indexes=[1])
        event = chat.redact_chat_files("c", message_ids=["m2"])

    names = [entry.get("filename") for entry in event["value"]["history"]]
    assert names == [None, "redacted.txt", "redacted.txt"]


def test_a_chat_redaction_requires_one_place(account, chat, count_requests):
    """A redaction without a mark, or without one place, raises before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="around the text"):
            chat.redact_chat("c", "847564", chat_index=0)
        with pytest.raises(InvalidValue, match="one of chat_index"):
            chat.redact_chat("c", "<redact>1</redact>")
        with pytest.raises(InvalidValue, match="one of chat_indexes"):
            chat.redact_chat_files("c")

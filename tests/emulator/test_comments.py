"""Comments can be made private and redacted."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decode


@pytest.fixture
def ticket_comments(zendesk):
    """Return a client, the path of the comments of a ticket, and their ids."""
    pk = zendesk.create_ticket(comment={"body": "My card is <1234>, yes 1234"})["id"]
    zendesk.clock.sleep(1)
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"comment": {"body": "Thanks 1234"}}})
    path = f"tickets/{pk}/comments"
    return zendesk, path, [row["id"] for row in zendesk.get(path)["comments"]]


def test_a_comment_is_made_private(ticket_comments):
    """A public comment can be made private, and the audit contains the change."""
    zendesk, path, (_, second) = ticket_comments

    response = zendesk.send("PUT", f"{path}/{second}/make_private")

    assert decode(response) == (200, {})
    assert [row["public"] for row in zendesk.get(path)["comments"]] == [True, False]
    events = zendesk.get(path.replace("comments", "audits"))["audits"][1]["events"]
    assert [item["public"] for item in events if item["type"] == "Comment"] == [False]


def test_redaction_removes_a_text_everywhere(ticket_comments):
    """A redacted text is replaced in comments, tickets and audits, and search does not find it."""
    zendesk, path, (first, second) = ticket_comments
    ticket = path.removesuffix("/comments")

    response = zendesk.send("PUT", f"{path}/{first}/redact", {"text": "<1234>"})
    zendesk.send("PUT", f"{path}/{first}/redact", {"text": "1234"})

    assert response.json()["comment"]["plain_body"] == "My card is ▇▇▇▇▇▇, yes 1234"
    comments = zendesk.get(path)["comments"]
    assert [row["body"] for row in comments] == ["My card is ▇▇▇▇▇▇, yes ▇▇▇▇", "Thanks 1234"]
    assert "1234" not in comments[0]["html_body"]
    assert comments[0]["body"] == zendesk.get(ticket)["ticket"]["description"]
    assert zendesk.search("type:ticket 1234") == [1]
    zendesk.send("PUT", f"{path}/{second}/redact", {"text": "1234"})
    assert zendesk.search("type:ticket 1234") == []


def test_redaction_requires_an_open_ticket_and_a_text(ticket_comments):
    """A redaction without a text, or in a closed ticket, is rejected."""
    zendesk, path, (first, _) = ticket_comments

    assert zendesk.send("PUT", f"{path}/{first}/redact", {}).status_code == 400
    zendesk.send("PUT", path.removesuffix("/comments"), {"ticket": {"status": "closed"}})
    assert zendesk.send("PUT", f"{path}/{first}/redact", {"text": "1234"}).status_code == 422


def test_comment_of_another_ticket_is_not_found(ticket_comments):
    """A comment is not found below another ticket."""
    zendesk, _, (first, _) = ticket_comments
    other = f"tickets/{zendesk.create_ticket()['id']}/comments/{first}"

    assert zendesk.send("PUT", f"{other}/make_private").status_code == 404
    assert zendesk.send("PUT", f"{other}/redact", {"text": "x"}).status_code == 404

"""Comments after they were written."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decoded


@pytest.fixture
def said(zendesk):
    """Return a client, the path of the comments of a ticket, and their ids."""
    pk = zendesk.ticket(comment={"body": "My card is <1234>, yes 1234"})["id"]
    zendesk.clock.sleep(1)
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"comment": {"body": "Thanks 1234"}}})
    path = f"tickets/{pk}/comments"
    return zendesk, path, [row["id"] for row in zendesk.get(path)["comments"]]


def test_a_comment_is_made_private(said):
    """A public comment becomes a note; the audit says so, too."""
    zendesk, path, (_, second) = said

    answer = zendesk.send("PUT", f"{path}/{second}/make_private")

    assert (200, {}) == decoded(answer)
    assert [True, False] == [row["public"] for row in zendesk.get(path)["comments"]]
    events = zendesk.get(path.replace("comments", "audits"))["audits"][1]["events"]
    assert [False] == [each["public"] for each in events if each["type"] == "Comment"]


def test_a_text_is_redacted(said):
    """A text is blacked out wherever it stands, and no longer found."""
    zendesk, path, (first, second) = said
    ticket = path.removesuffix("/comments")

    answer = zendesk.send("PUT", f"{path}/{first}/redact", {"text": "<1234>"})
    zendesk.send("PUT", f"{path}/{first}/redact", {"text": "1234"})

    assert "My card is ▇▇▇▇▇▇, yes 1234" == answer.json()["comment"]["plain_body"]
    comments = zendesk.get(path)["comments"]
    assert ["My card is ▇▇▇▇▇▇, yes ▇▇▇▇", "Thanks 1234"] == [row["body"] for row in comments]
    assert "1234" not in comments[0]["html_body"]
    assert comments[0]["body"] == zendesk.get(ticket)["ticket"]["description"]
    assert [1] == zendesk.found("type:ticket 1234")
    zendesk.send("PUT", f"{path}/{second}/redact", {"text": "1234"})
    assert [] == zendesk.found("type:ticket 1234")


def test_what_is_closed_is_not_redacted(said):
    """The comments of a closed ticket stay as they are; a text has to be given."""
    zendesk, path, (first, _) = said

    assert 400 == zendesk.send("PUT", f"{path}/{first}/redact", {}).status_code
    zendesk.send("PUT", path.removesuffix("/comments"), {"ticket": {"status": "closed"}})
    assert 422 == zendesk.send("PUT", f"{path}/{first}/redact", {"text": "1234"}).status_code


def test_comments_are_below_their_ticket(said):
    """Below another ticket, a comment is not there."""
    zendesk, _, (first, _) = said
    other = f"tickets/{zendesk.ticket()['id']}/comments/{first}"

    assert 404 == zendesk.send("PUT", f"{other}/make_private").status_code
    assert 404 == zendesk.send("PUT", f"{other}/redact", {"text": "x"}).status_code

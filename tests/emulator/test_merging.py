"""Tickets are merged and marked as spam."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decode


def _list_comments(zendesk, pk):
    rows = zendesk.get(f"tickets/{pk}/comments")["comments"]
    return [(row["body"], row["public"]) for row in rows[1:]]


@pytest.fixture
def three_tickets(zendesk):
    """Return a client, and the ids of three tickets."""
    return zendesk, *(zendesk.create_ticket(tags=["a"])["id"] for _ in range(3))


def test_merged_tickets_are_closed(three_tickets):
    """Merged tickets are closed with a comment each, and the target gets its comment."""
    zendesk, target, *others = three_tickets
    body = {
        "ids": others,
        "source_comment": f"see #{target}",
        "target_comment": "all of it",
        "target_comment_is_public": True,
    }

    job = zendesk.run_job("POST", f"tickets/{target}/merge", body)

    assert [
        {"action": "update", "id": pk, "status": "Updated", "success": True} for pk in others
    ] == job["results"]
    rows = {pk: zendesk.get(f"tickets/{pk}")["ticket"] for pk in (target, *others)}
    assert [row["status"] for row in rows.values()] == ["new", "closed", "closed"]
    assert rows[others[0]]["tags"] == ["a", "closed_by_merge"]
    assert _list_comments(zendesk, target) == [("all of it", True)]
    assert _list_comments(zendesk, others[1]) == [(f"see #{target}", False)]


def test_comments_of_a_merge_with_a_private_ticket_are_private(three_tickets):
    """If one of the merged tickets is private, the comments are private."""
    zendesk, target, _, _ = three_tickets
    private = zendesk.create_ticket(comment={"body": "x", "public": False})["id"]
    body = {"ids": [private], "target_comment": "y", "target_comment_is_public": True}

    zendesk.run_job("POST", f"tickets/{target}/merge", body)

    assert _list_comments(zendesk, target) == [("y", False)]


def test_files_of_merged_tickets_are_copied(zendesk):
    """The comment on the target has copies of the files of merged tickets, even without a text."""
    url = "https://emulator.zendesk.com/api/v2/uploads"
    upload = zendesk.session.post(url, params={"filename": "a.txt"}, data=b"hello").json()["upload"]
    source = zendesk.create_ticket(comment={"body": "x", "uploads": [upload["token"]]})
    target = zendesk.create_ticket()

    zendesk.run_job("POST", f"tickets/{target['id']}/merge", {"ids": [source["id"]]})

    comment = zendesk.get(f"tickets/{target['id']}/comments")["comments"][-1]
    (copy,) = comment["attachments"]
    assert (comment["public"], copy["file_name"]) == (False, "a.txt")
    assert copy["id"] != upload["attachment"]["id"]
    assert zendesk.session.get(copy["content_url"]).content == b"hello"


def test_invalid_tickets_of_a_merge_fail_alone(three_tickets):
    """A closed or missing ticket and the target itself fail, and the others are merged."""
    zendesk, target, other, closed = three_tickets
    zendesk.send("PUT", f"tickets/{closed}", {"ticket": {"status": "closed"}})
    zendesk.emulator.switches.merged_tag = ""

    job = zendesk.run_job("POST", f"tickets/{target}/merge", {"ids": [closed, 77, target, other]})

    assert [item.get("error") for item in job["results"]] == ["TicketMergeFailed"] * 3 + [None]
    assert zendesk.get(f"tickets/{other}")["ticket"]["tags"] == ["a"]


def test_invalid_merge_is_rejected(three_tickets):
    """A merge with a closed or missing target, or without ids, is rejected at once."""
    zendesk, target, other, closed = three_tickets
    zendesk.send("PUT", f"tickets/{closed}", {"ticket": {"status": "closed"}})

    responses = [
        zendesk.send("POST", f"tickets/{pk}/merge", body)
        for pk, body in ((closed, {"ids": [other]}), (77, {"ids": [other]}), (target, {}))
    ]

    assert [response.status_code for response in responses] == [422, 404, 400]


@pytest.mark.parametrize("deleted", [True, False])
def test_marking_as_spam_suspends_the_requester(zendesk, deleted):
    """Marking as spam suspends the requester; a switch decides whether the ticket is deleted."""
    zendesk.emulator.switches.spam_is_deleted = deleted
    user = zendesk.create("users", name="Spammer")["id"]
    pk = zendesk.create_ticket(requester_id=user)["id"]

    assert decode(zendesk.send("PUT", f"tickets/{pk}/mark_as_spam")) == (200, {})

    assert zendesk.get(f"users/{user}")["user"]["suspended"]
    assert deleted is (zendesk.send("GET", f"tickets/{pk}").status_code == 404)


def test_several_tickets_are_marked_as_spam(zendesk):
    """A job marks several tickets as spam; agents are not suspended, and missing tickets fail."""
    user = zendesk.create("users", name="Spammer")["id"]
    me, pk = zendesk.create_ticket()["id"], zendesk.create_ticket(requester_id=user)["id"]

    job = zendesk.run_job("PUT", "tickets/mark_many_as_spam", ids=f"{me},{pk},77")

    assert [item.get("success") for item in job["results"]] == [True, True, None]
    assert zendesk.get(f"users/{user}")["user"]["suspended"]
    assert not zendesk.get("users/me")["user"]["suspended"]

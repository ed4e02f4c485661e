"""Tickets that are merged, and those that are spam."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decoded


def _comments(zendesk, pk):
    rows = zendesk.get(f"tickets/{pk}/comments")["comments"]
    return [(row["body"], row["public"]) for row in rows[1:]]


@pytest.fixture
def three(zendesk):
    """Return a client, and the ids of three tickets."""
    return zendesk, *(zendesk.ticket(tags=["a"])["id"] for _ in range(3))


def test_tickets_are_merged_into_another(three):
    """The others are closed with a comment each, and the one that remains gets its own."""
    zendesk, target, *others = three
    body = {
        "ids": others,
        "source_comment": f"see #{target}",
        "target_comment": "all of it",
        "target_comment_is_public": True,
    }

    job = zendesk.done("POST", f"tickets/{target}/merge", body)

    assert [
        {"action": "update", "id": pk, "status": "Updated", "success": True} for pk in others
    ] == job["results"]
    rows = {pk: zendesk.get(f"tickets/{pk}")["ticket"] for pk in (target, *others)}
    assert ["new", "closed", "closed"] == [row["status"] for row in rows.values()]
    assert ["a", "closed_by_merge"] == rows[others[0]]["tags"]
    assert [("all of it", True)] == _comments(zendesk, target)
    assert [(f"see #{target}", False)] == _comments(zendesk, others[1])


def test_comments_of_private_tickets_stay_private(three):
    """Where one of the tickets is private, so are the comments."""
    zendesk, target, _, _ = three
    private = zendesk.ticket(comment={"body": "x", "public": False})["id"]
    body = {"ids": [private], "target_comment": "y", "target_comment_is_public": True}

    zendesk.done("POST", f"tickets/{target}/merge", body)

    assert [("y", False)] == _comments(zendesk, target)


def test_what_cannot_be_merged_fails_alone(three):
    """A ticket that is closed, missing or the target itself fails; the others are merged."""
    zendesk, target, other, closed = three
    zendesk.send("PUT", f"tickets/{closed}", {"ticket": {"status": "closed"}})
    zendesk.emulator.switches.merged_tag = ""

    job = zendesk.done("POST", f"tickets/{target}/merge", {"ids": [closed, 77, target, other]})

    assert ["TicketMergeFailed"] * 3 + [None] == [each.get("error") for each in job["results"]]
    assert ["a"] == zendesk.get(f"tickets/{other}")["ticket"]["tags"]


def test_there_has_to_be_something_to_merge(three):
    """A target that is closed or missing is refused at once, and so are no ids."""
    zendesk, target, other, closed = three
    zendesk.send("PUT", f"tickets/{closed}", {"ticket": {"status": "closed"}})

    answers = [
        zendesk.send("POST", f"tickets/{pk}/merge", body)
        for pk, body in ((closed, {"ids": [other]}), (77, {"ids": [other]}), (target, {}))
    ]

    assert [422, 404, 400] == [answer.status_code for answer in answers]


@pytest.mark.parametrize("deleted", [True, False])
def test_the_requester_of_spam_is_suspended(zendesk, deleted):
    """Whoever sent spam is suspended; whether the ticket is deleted is a switch."""
    zendesk.emulator.switches.spam_is_deleted = deleted
    user = zendesk.made("users", name="Spammer")["id"]
    pk = zendesk.ticket(requester_id=user)["id"]

    assert (200, {}) == decoded(zendesk.send("PUT", f"tickets/{pk}/mark_as_spam"))

    assert zendesk.get(f"users/{user}")["user"]["suspended"]
    assert deleted is (zendesk.send("GET", f"tickets/{pk}").status_code == 404)


def test_many_tickets_are_spam(zendesk):
    """A job marks several; agents are not suspended, and what is not there fails alone."""
    user = zendesk.made("users", name="Spammer")["id"]
    me, pk = zendesk.ticket()["id"], zendesk.ticket(requester_id=user)["id"]

    job = zendesk.done("PUT", "tickets/mark_many_as_spam", ids=f"{me},{pk},77")

    assert [True, True, None] == [each.get("success") for each in job["results"]]
    assert zendesk.get(f"users/{user}")["user"]["suspended"]
    assert not zendesk.get("users/me")["user"]["suspended"]

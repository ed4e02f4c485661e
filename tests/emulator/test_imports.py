"""Tickets imported with their past."""

from __future__ import annotations


PAST = "2020-01-01T00:00:00Z"


def _imported(zendesk, params=None, **values):
    body = {"ticket": {"subject": "Old", "comments": [{"value": "one"}], **values}}
    answer = zendesk.send("POST", "imports/tickets", body, params=params)
    assert answer.status_code == 201, answer.text
    return answer.json()["ticket"]


def test_a_ticket_is_imported_with_its_past(zendesk):
    """Dates and comments are those given; who wrote a comment, too."""
    ada = zendesk.made("users", name="Ada")["id"]
    comments = [
        {"author_id": ada, "value": "It burns", "created_at": PAST},
        {"value": "A note", "public": False, "created_at": "2020-01-02T00:00:00Z"},
    ]

    ticket = _imported(
        zendesk,
        requester_id=ada,
        created_at=PAST,
        updated_at="2020-01-03T00:00:00Z",
        solved_at="2020-01-03T00:00:00Z",
        status="closed",
        comments=comments,
        tags=["old"],
    )

    assert (PAST, "2020-01-03T00:00:00Z") == (ticket["created_at"], ticket["updated_at"])
    assert ("closed", "It burns", ["old"]) == tuple(
        ticket[key] for key in ("status", "description", "tags")
    )
    rows = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert [("It burns", True, PAST), ("A note", False, "2020-01-02T00:00:00Z")] == [
        (row["body"], row["public"], row["created_at"]) for row in rows
    ]
    assert [ticket["id"]] == zendesk.found("type:ticket note created<2020-02-01")


def test_a_description_will_do_for_a_comment(zendesk):
    """Without comments the description is the first one; without dates, it is now."""
    ticket = _imported(zendesk, comments=[], description="It burns")

    assert ("It burns", "2026-09-21T14:13:20Z") == (ticket["description"], ticket["created_at"])


def test_closed_tickets_are_archived_at_once(zendesk):
    """`archive_immediately` puts closed tickets into the archive, and no others."""
    params = {"archive_immediately": "true"}
    closed = _imported(zendesk, params, status="closed")["id"]
    solved = _imported(zendesk, params, status="solved")["id"]

    assert [solved] == [row["id"] for row in zendesk.get("tickets")["tickets"]]
    assert closed == zendesk.get(f"tickets/{closed}")["ticket"]["id"]


def test_many_tickets_are_imported(zendesk):
    """A job imports up to a hundred; what breaks a rule fails alone."""
    tickets = [
        {"subject": "a", "comments": [{"value": "x"}], "created_at": PAST, "status": "closed"},
        {"subject": "b", "comments": [{"value": "x"}], "created_at": "long ago"},
    ]
    path = "imports/tickets/create_many"

    job = zendesk.done("POST", path, {"tickets": tickets}, archive_immediately="true")

    made, failed = job["results"]
    assert PAST == zendesk.get(f"tickets/{made['id']}")["ticket"]["created_at"]
    assert (1, "TicketCreateFailed") == (failed["index"], failed["error"])
    assert [] == zendesk.get("tickets")["tickets"]
    assert 400 == zendesk.send("POST", path, {"tickets": tickets * 51}).status_code

"""Imports of tickets with their history."""

from __future__ import annotations


PAST = "2020-01-01T00:00:00Z"


def _import(zendesk, params=None, **values):
    body = {"ticket": {"subject": "Old", "comments": [{"value": "one"}], **values}}
    response = zendesk.send("POST", "imports/tickets", body, params=params)
    assert response.status_code == 201, response.text
    return response.json()["ticket"]


def test_an_import_keeps_dates_and_comments(zendesk):
    """An imported ticket has the dates, comments and authors of the request."""
    ada = zendesk.create("users", name="Ada")["id"]
    comments = [
        {"author_id": ada, "value": "It burns", "created_at": PAST},
        {"value": "A note", "public": False, "created_at": "2020-01-02T00:00:00Z"},
    ]

    ticket = _import(
        zendesk,
        requester_id=ada,
        created_at=PAST,
        updated_at="2020-01-03T00:00:00Z",
        solved_at="2020-01-03T00:00:00Z",
        status="closed",
        comments=comments,
        tags=["old"],
    )

    assert (ticket["created_at"], ticket["updated_at"]) == (PAST, "2020-01-03T00:00:00Z")
    assert tuple(ticket[key] for key in ("status", "description", "tags")) == (
        "closed",
        "It burns",
        ["old"],
    )
    rows = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert [(row["body"], row["public"], row["created_at"]) for row in rows] == [
        ("It burns", True, PAST),
        ("A note", False, "2020-01-02T00:00:00Z"),
    ]
    assert zendesk.search("type:ticket note created<2020-02-01") == [ticket["id"]]


def test_an_import_without_comments_has_a_description(zendesk):
    """Without comments and dates, an import uses the description and the current time."""
    ticket = _import(zendesk, comments=[], description="It burns")

    assert (ticket["description"], ticket["created_at"]) == ("It burns", "2026-09-21T14:13:20Z")


def test_archive_immediately_archives_closed_tickets(zendesk):
    """`archive_immediately` archives closed tickets only."""
    params = {"archive_immediately": "true"}
    closed = _import(zendesk, params, status="closed")["id"]
    solved = _import(zendesk, params, status="solved")["id"]

    assert [row["id"] for row in zendesk.get("tickets")["tickets"]] == [solved]
    assert zendesk.get(f"tickets/{closed}")["ticket"]["id"] == closed


def test_several_tickets_are_imported_by_a_job(zendesk):
    """A job imports several tickets, of which an invalid one fails alone."""
    tickets = [
        {"subject": "a", "comments": [{"value": "x"}], "created_at": PAST, "status": "closed"},
        {"subject": "b", "comments": [{"value": "x"}], "created_at": "long ago"},
    ]
    path = "imports/tickets/create_many"

    job = zendesk.run_job("POST", path, {"tickets": tickets}, archive_immediately="true")

    created, failed = job["results"]
    assert zendesk.get(f"tickets/{created['id']}")["ticket"]["created_at"] == PAST
    assert (failed["index"], failed["error"]) == (1, "TicketCreateFailed")
    assert zendesk.get("tickets")["tickets"] == []
    assert zendesk.send("POST", path, {"tickets": tickets * 51}).status_code == 400

"""The predefined rules of tickets: statuses, assignees, visibility, incidents and participants."""

from __future__ import annotations

from tests.emulator.test_triggers import add_trigger, update


def show(zendesk, ticket):
    """Return the current row of a ticket."""
    return zendesk.get(f"tickets/{ticket['id']}")["ticket"]


def get_comments(zendesk, ticket):
    """Return text, visibility and author of each comment of a ticket."""
    rows = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    return [(row["body"], row["public"], row["author_id"]) for row in rows]


def test_comments_of_end_users_open_tickets(zendesk):
    """A comment by an end user opens a ticket that waits; a given status has priority."""
    eve = zendesk.create("users", name="Eve", email="eve@example.com")["id"]
    me = zendesk.get("users/me")["user"]["id"]
    cases = [
        (status, author, explicit)
        for status in ("new", "open", "pending", "hold", "solved")
        for author in (eve, me)
        for explicit in ({}, {"status": "pending"})
    ]
    for status, author, explicit in cases:
        ticket = zendesk.create_ticket(status=status, requester_id=eve)

        changed = update(
            zendesk, ticket["id"], comment={"body": "x", "author_id": author}, **explicit
        )

        opened = "open" if author == eve and status in ("pending", "hold", "solved") else status
        assert changed["status"] == explicit.get("status", opened), (status, author, explicit)


def test_statuses_and_priorities_are_not_reset(zendesk):
    """A ticket does not become new again, and keeps a priority; rules cannot change that."""
    ticket = zendesk.create_ticket(status="open", priority="high")
    custom_status = ticket["custom_status_id"]

    reset = update(zendesk, ticket["id"], status="new", priority=None)
    add_trigger(zendesk, [("status", "is", "open")], [("status", "new"), ("priority", "")])
    by_rule = update(zendesk, ticket["id"], subject="y")

    for row in (reset, by_rule):
        values = (row["status"], row["priority"], row["custom_status_id"])
        assert values == ("open", "high", custom_status)


def test_the_agent_who_solves_a_ticket_is_its_assignee(zendesk):
    """An unassigned ticket that is solved is assigned, or rejected if the account says so."""
    me = zendesk.get("users/me")["user"]
    created, ticket = zendesk.create_ticket(status="solved"), zendesk.create_ticket()

    solved = update(zendesk, ticket["id"], status="solved")
    settings = {"settings": {"tickets": {"assign_tickets_upon_solve": False}}}
    zendesk.send("PUT", "account/settings", settings)
    path = f"tickets/{zendesk.create_ticket()['id']}"
    rejected = zendesk.send("PUT", path, {"ticket": {"status": "solved"}})

    for row in (created, solved):
        assert (row["assignee_id"], row["group_id"]) == (me["id"], me["default_group_id"])
    assert rejected.status_code == 422


def test_a_ticket_is_public_if_a_comment_is(zendesk):
    """A public comment makes a private ticket public; hiding the only one makes it private."""
    private = zendesk.create_ticket(comment={"body": "note", "public": False})
    path = f"tickets/{private['id']}"

    noted = update(zendesk, private["id"], comment={"body": "another"})
    answered = update(zendesk, private["id"], comment={"body": "reply", "public": True})
    comment = zendesk.get(f"{path}/comments")["comments"][-1]
    zendesk.send("PUT", f"{path}/comments/{comment['id']}/make_private")

    hidden = show(zendesk, private)
    assert [row["is_public"] for row in (noted, answered, hidden)] == [False, True, False]
    (event,) = zendesk.get(f"{path}/audits")["audits"][-1]["events"]
    assert (event["type"], event["comment_id"]) == ("CommentPrivacyChange", comment["id"])


def test_incidents_are_solved_with_their_problem(zendesk):
    """A solved problem solves its incidents, with its comment; problems know of incidents."""
    me = zendesk.get("users/me")["user"]["id"]
    problem = zendesk.create_ticket(type="problem")
    incidents = [
        zendesk.create_ticket(type="incident", problem_id=problem["id"], status=status)
        for status in ("new", "pending", "solved")
    ]
    zendesk.send("DELETE", f"tickets/{incidents.pop(1)['id']}")
    assert [show(zendesk, row)["has_incidents"] for row in (problem, *incidents)] == [
        True,
        False,
        False,
    ]

    update(zendesk, problem["id"], status="solved", comment={"body": "Fixed", "public": True})

    assert [show(zendesk, row)["status"] for row in incidents] == ["solved", "solved"]
    fixed = ("Fixed", True, me)
    assert [fixed in get_comments(zendesk, row) for row in incidents] == [True, False]
    audit = zendesk.get(f"tickets/{incidents[0]['id']}/audits")["audits"][-1]
    source = {"ticket_id": problem["id"], "subject": problem["subject"]}
    assert audit["via"]["source"] == {"from": source, "to": {}, "rel": "problem"}

    for row in incidents:
        zendesk.send("DELETE", f"tickets/{row['id']}")
    assert show(zendesk, problem)["has_incidents"] is False


def test_collaborators_are_copied_users_or_followers(zendesk):
    """End users among collaborators are copied, agents follow; end users cannot follow."""
    eve = zendesk.create("users", name="Eve", email="eve@example.com")["id"]
    ann = zendesk.create("users", name="Ann", email="ann@example.com", role="agent")["id"]

    ticket = zendesk.create_ticket(collaborators=[eve, "ann@example.com"])
    replaced = update(zendesk, ticket["id"], collaborator_ids=[ann])
    refused = update(zendesk, ticket["id"], followers=[{"user_id": eve, "action": "put"}])
    copied = [{"user_email": "new@example.com", "user_name": "New", "action": "put"}]
    added = update(zendesk, ticket["id"], email_ccs=copied)

    names = ("email_cc_ids", "follower_ids", "collaborator_ids")
    (new,) = added["email_cc_ids"]
    expected = (([eve], [ann], [eve, ann]), ([], [ann], [ann]), ([], [ann], [ann]))
    rows = (ticket, replaced, refused, added)
    assert [tuple(row[name] for name in names) for row in rows] == [
        *expected,
        ([new], [ann], [new, ann]),
    ]
    assert zendesk.get(f"users/{new}")["user"]["name"] == "New"
    counts = [zendesk.get(f"users/{pk}/tickets/ccd")["count"] for pk in (new, ann)]
    assert (counts, zendesk.search(f"cc:{ann}"), zendesk.search(f"cc:{new}")) == ([1, 0], [], [1])


def test_ratings_are_updates_of_tickets(zendesk):
    """A rating has an audit, and runs triggers unless the ticket is closed."""
    eve = zendesk.create("users", name="Eve", email="eve@example.com", verified=True)["id"]
    add_trigger(zendesk, [("satisfaction_score", "value", "bad")], [("current_tags", "angry")])
    tags, headers = [], {"X-On-Behalf-Of": "eve@example.com"}
    for status in ("solved", "closed"):
        ticket = zendesk.create_ticket(status=status, requester_id=eve)
        path, body = f"tickets/{ticket['id']}", {"satisfaction_rating": {"score": "bad"}}

        response = zendesk.send("POST", f"{path}/satisfaction_rating", body, headers=headers)

        assert response.status_code == 200
        tags.append(show(zendesk, ticket)["tags"])
        audit = zendesk.get(f"{path}/audits")["audits"][-1]
        assert (audit["author_id"], audit["events"][0]["value"]["score"]) == (eve, "bad")
    assert tags == [["angry"], []]


def test_imports_are_not_changed(zendesk):
    """The predefined rules do not apply to imported tickets."""
    ticket = {"subject": "x", "status": "solved", "comments": [{"value": "y"}]}
    row = zendesk.send("POST", "imports/tickets", {"ticket": ticket}).json()["ticket"]

    assert (row["status"], row["assignee_id"]) == ("solved", None)

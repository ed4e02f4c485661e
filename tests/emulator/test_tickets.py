"""Tickets with their comments and audits."""

from __future__ import annotations

import pytest


def _update(zendesk, pk, **values):
    return zendesk.send("PUT", f"tickets/{pk}", {"ticket": values})


def _get_changes(answer):
    """Return the changes in the audit of a response: name -> (old, new)."""
    assert answer.status_code == 200, answer.text
    return {
        event["field_name"]: (event["previous_value"], event["value"])
        for event in answer.json()["audit"]["events"]
        if event["type"] == "Change"
    }


def test_the_caller_is_requester_and_submitter(zendesk):
    """A new ticket has the caller as requester, and its first comment as description."""
    me = zendesk.get("users/me")["user"]["id"]

    ticket = zendesk.create_ticket(comment={"body": "It burns"})

    assert (me, me) == (ticket["requester_id"], ticket["submitter_id"])
    assert (
        ticket["status"],
        ticket["description"],
        ticket["raw_subject"],
    ) == ("new", "It burns", "Printer")
    assert ticket["brand_id"] is not None


def test_a_description_is_the_first_comment(zendesk):
    """A description creates the first comment."""
    pk = zendesk.create("tickets", description="It burns")["id"]

    comments = zendesk.get(f"tickets/{pk}/comments")["comments"]

    assert [comment["body"] for comment in comments] == ["It burns"]


def test_a_creation_has_an_audit(zendesk):
    """The audit of a creation contains the comment and the fields, with ids as strings."""
    response = zendesk.send(
        "POST", "tickets", {"ticket": {"subject": "x", "comment": {"body": "It burns"}}}
    )

    audit, pk = response.json()["audit"], response.json()["ticket"]["id"]
    created = {item["field_name"]: item["value"] for item in audit["events"][1:]}
    assert audit["ticket_id"] == pk
    assert (audit["events"][0]["type"], audit["events"][0]["body"]) == ("Comment", "It burns")
    assert (created["subject"], created["status"], created["priority"]) == ("x", "new", None)
    assert str(response.json()["ticket"]["requester_id"]) == created["requester_id"]
    assert zendesk.get(f"tickets/{pk}/audits")["audits"] == [audit]


def test_a_ticket_gets_the_organization_of_its_requester(zendesk):
    """A ticket belongs to the organization of its requester, unless another one is given."""
    one, two = (zendesk.create("organizations", name=name)["id"] for name in ("One", "Two"))
    user = zendesk.create("users", name="Ada", organization_id=one)["id"]

    tickets = [
        zendesk.create_ticket(requester_id=user),
        zendesk.create_ticket(requester_id=user, organization_id=two),
    ]

    assert [ticket["organization_id"] for ticket in tickets] == [one, two]


def test_a_requester_is_found_by_email(zendesk):
    """`requester` with an e-mail address finds a user, or creates one."""
    ada = {"name": "Ada", "email": "ada@example.com"}

    created = zendesk.create_ticket(requester=ada)
    results = zendesk.create_ticket(requester={"email": "ADA@example.com"})

    assert results["requester_id"] == created["requester_id"]
    assert zendesk.get(f"users/{created['requester_id']}")["user"]["name"] == "Ada"


def test_an_update_has_an_audit(zendesk):
    """The audit of an update has the old and the new value of each changed field."""
    pk = zendesk.create_ticket(tags=["old"])["id"]

    response = _update(zendesk, pk, subject="Toner", tags=["old", "New"], description="ignored")

    assert _get_changes(response) == {
        "subject": ("Printer", "Toner"),
        "tags": (["old"], ["old", "new"]),
    }
    assert response.json()["ticket"]["description"] == "Help"
    assert "x-zendesk-api-warn" not in response.headers


def test_an_update_without_changes_has_an_empty_audit(zendesk):
    """An update without changes has an empty audit, and keeps `updated_at`."""
    ticket = zendesk.create_ticket()
    zendesk.clock.sleep(60)

    response = _update(zendesk, ticket["id"], subject="Printer")

    assert response.json()["audit"]["events"] == []
    assert response.json()["ticket"] == ticket


def test_an_update_can_add_a_comment(zendesk):
    """A comment in an update becomes the last comment, and part of the audit."""
    pk = zendesk.create_ticket()["id"]
    zendesk.clock.sleep(1)

    response = _update(zendesk, pk, comment={"body": "A <note>", "public": False})

    event = response.json()["audit"]["events"][0]
    listed = zendesk.get(f"tickets/{pk}/comments")["comments"]
    assert (event["type"], event["body"], event["public"]) == ("Comment", "A <note>", False)
    assert [comment["body"] for comment in listed] == ["Help", "A <note>"]
    assert "&lt;note&gt;" in listed[1]["html_body"]
    assert response.json()["ticket"]["updated_at"] == "2026-09-21T14:13:21Z"


def test_a_comment_without_public_is_like_the_first(zendesk):
    """A comment without `public` is public if the first comment of the ticket is public."""
    pk = zendesk.create_ticket(comment={"body": "secret", "public": False})["id"]

    event = _update(zendesk, pk, comment={"body": "more"}).json()["audit"]["events"][0]

    assert event["public"] is False


def test_closed_ticket_cannot_be_updated(zendesk):
    """An update of a closed ticket is rejected with 422."""
    pk = zendesk.create_ticket(status="closed")["id"]

    response = _update(zendesk, pk, subject="x")

    assert response.status_code == 422
    assert response.json()["details"] == {
        "status": [{"description": "closed prevents ticket update"}]
    }


def test_a_deleted_ticket_is_not_found(zendesk):
    """A deleted ticket is neither listed nor shown nor found."""
    pk = zendesk.create_ticket()["id"]

    assert zendesk.send("DELETE", f"tickets/{pk}").status_code == 204

    assert zendesk.send("GET", f"tickets/{pk}").status_code == 404
    assert zendesk.get("tickets")["tickets"] == []
    assert zendesk.search("type:ticket") == []


def test_an_old_stamp_is_rejected(zendesk):
    """A safe update with an old stamp returns 409; with the current stamp it succeeds."""
    ticket = zendesk.create_ticket()
    zendesk.clock.sleep(1)
    changed = _update(zendesk, ticket["id"], subject="b").json()["ticket"]

    old = _update(
        zendesk, ticket["id"], subject="c", safe_update=True, updated_stamp=ticket["updated_at"]
    )
    new = _update(
        zendesk, ticket["id"], subject="d", safe_update=True, updated_stamp=changed["updated_at"]
    )

    assert (old.status_code, old.json()["error"]) == (409, "UpdateConflict")
    assert (new.status_code, new.json()["ticket"]["subject"]) == (200, "d")


@pytest.mark.parametrize(("switch", "status"), [(True, "open"), (False, "new")])
def test_a_new_ticket_gets_the_group_of_its_assignee(zendesk, switch, status):
    """A new ticket with an assignee gets the group and, with a switch, the status open."""
    zendesk.emulator.switches.open_when_assigned = switch
    group = zendesk.create("groups", name="Hardware")["id"]
    agent = zendesk.create("users", name="Ada", role="agent", default_group_id=group)["id"]

    ticket = _update(zendesk, zendesk.create_ticket()["id"], assignee_id=agent).json()["ticket"]

    assert (agent, group, status) == (ticket["assignee_id"], ticket["group_id"], ticket["status"])


def test_end_user_cannot_be_assignee(zendesk):
    """An end user as assignee is rejected."""
    user = zendesk.create("users", name="Ada")["id"]

    response = _update(zendesk, zendesk.create_ticket()["id"], assignee_id=user)

    assert list(response.json()["details"]) == ["assignee"]


def test_status_and_custom_status_change_together(zendesk):
    """A change of status changes the custom status, and vice versa."""
    ticket = zendesk.create_ticket(status="open")

    solved = _update(zendesk, ticket["id"], status="solved").json()["ticket"]
    again = _update(zendesk, ticket["id"], custom_status_id=ticket["custom_status_id"]).json()

    assert solved["custom_status_id"] != ticket["custom_status_id"]
    assert again["ticket"]["status"] == "open"


def test_only_given_custom_fields_change(zendesk):
    """Only the given custom fields change, and the tag of the option is updated."""
    fields = []
    for kind in ("tagger", "text"):
        field = {"type": kind, "title": kind}
        response = zendesk.send("POST", "ticket_fields", {"ticket_field": field})
        fields.append(response.json()["ticket_field"]["id"])
    tagger, text = fields
    pk = zendesk.create_ticket(custom_fields=[{"id": tagger, "value": "laser"}], tags=["a"])["id"]

    response = _update(zendesk, pk, custom_fields=[{"id": text, "value": "42"}])
    last = _update(zendesk, pk, custom_fields=[{"id": tagger, "value": "cloud"}]).json()["ticket"]

    assert _get_changes(response) == {str(text): (None, "42")}
    assert last["custom_fields"] == [{"id": tagger, "value": "cloud"}, {"id": text, "value": "42"}]
    assert last["tags"] == ["a", "cloud"]
    assert last["custom_fields"] == last["fields"]


def test_email_ccs_and_followers_have_actions(zendesk):
    """`email_ccs` and `followers` have an action for each user."""
    ada = zendesk.create("users", name="Ada", email="ada@example.com", role="agent")["id"]
    pk = zendesk.create_ticket(email_ccs=[{"user_email": "ada@example.com", "action": "put"}])["id"]

    followed = _update(zendesk, pk, followers=[{"user_id": ada}]).json()["ticket"]
    dropped = _update(zendesk, pk, email_ccs=[{"user_id": ada, "action": "delete"}]).json()[
        "ticket"
    ]

    assert (followed["email_cc_ids"], followed["follower_ids"]) == ([ada], [ada])
    assert (dropped["email_cc_ids"], dropped["follower_ids"]) == ([], [ada])


def test_a_follow_up_inherits_tags(zendesk):
    """A follow-up inherits the tags of its closed ticket, which lists the follow-up."""
    source = zendesk.create_ticket(status="closed", tags=["vip"])["id"]

    ticket = zendesk.create_ticket(via_followup_source_id=source)

    assert ticket["tags"] == ["vip"]
    assert zendesk.get(f"tickets/{source}")["ticket"]["followup_ids"] == [ticket["id"]]


def test_an_idempotency_key_returns_the_first_response(zendesk):
    """Within two hours, the same key returns the first response; later, a ticket is created."""
    headers, body = {"Idempotency-Key": "k"}, {"ticket": {"comment": {"body": "x"}}}

    first, second = (zendesk.send("POST", "tickets", body, headers=headers) for _ in range(2))
    zendesk.clock.sleep(2 * 3600 + 1)
    third = zendesk.send("POST", "tickets", body, headers=headers)

    reported = [response.headers["x-idempotency-lookup"] for response in (first, second, third)]
    assert reported == ["miss", "hit", "miss"]
    assert first.json() == second.json()
    assert zendesk.get("tickets")["count"] == 2


def test_an_idempotency_key_with_another_body_is_rejected(zendesk):
    """An idempotency key with another body is rejected."""
    headers = {"Idempotency-Key": "k"}
    zendesk.send("POST", "tickets", {"ticket": {"comment": {"body": "x"}}}, headers=headers)

    response = zendesk.send(
        "POST", "tickets", {"ticket": {"comment": {"body": "y"}}}, headers=headers
    )

    assert (response.status_code, response.json()["error"]) == (400, "IdempotentRequestError")


def test_a_follow_up_needs_a_closed_ticket(zendesk):
    """The id of an open or missing ticket has no effect; the tags can be given."""
    opened, closed = (
        zendesk.create_ticket(status=item, tags=["a"])["id"] for item in ("open", "closed")
    )
    body = {"comment": {"body": "x"}, "via_followup_source_id": opened}

    unlinked = [
        zendesk.create_ticket(**{**body, "via_followup_source_id": pk}) for pk in (opened, 77)
    ]
    tagged = zendesk.create_ticket(via_followup_source_id=closed, tags=["b"])

    assert [(row["tags"], row["via"]["source"]["rel"]) for row in unlinked] == [([], None)] * 2
    assert tagged["tags"] == ["b"]


def test_collaborators_are_found_or_created(zendesk):
    """Collaborators are ids, e-mail addresses, or users that are created if necessary."""
    ada = zendesk.create("users", name="Ada", email="ada@example.com")["id"]
    pk = zendesk.create_ticket(collaborators=[ada])["id"]
    eve = {"name": "Eve", "email": "eve@example.com"}

    response = _update(zendesk, pk, additional_collaborators=["ada@example.com", eve])

    ids = response.json()["ticket"]["collaborator_ids"]
    assert ids[:1] == [ada]
    assert zendesk.get(f"users/{ids[1]}")["user"]["name"] == "Eve"
    assert len(ids) == 2


def test_earlier_comments_are_found_after_a_new_subject(zendesk):
    """After an update of subject and comment, search finds words of earlier comments."""
    pk = zendesk.create_ticket()["id"]
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"comment": {"body": "The toner is empty"}}})

    values = {"subject": "Scanner", "comment": {"body": "It also smokes"}}
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": values})

    assert zendesk.search("type:ticket toner") == [pk]
    assert zendesk.search("type:ticket smokes") == [pk]

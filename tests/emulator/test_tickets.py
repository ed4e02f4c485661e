"""Tickets: their comments, their audits, and what follows from what."""

from __future__ import annotations

import pytest


def _put(zendesk, pk, **values):
    return zendesk.send("PUT", f"tickets/{pk}", {"ticket": values})


def _changed(answer):
    """Return the changes that the audit of an answer tells: name -> (old, new)."""
    assert answer.status_code == 200, answer.text
    return {
        event["field_name"]: (event["previous_value"], event["value"])
        for event in answer.json()["audit"]["events"]
        if event["type"] == "Change"
    }


def test_a_new_ticket_is_the_callers(zendesk):
    """Who asks is the requester and the submitter, and the first comment is the description."""
    me = zendesk.get("users/me")["user"]["id"]

    ticket = zendesk.ticket(comment={"body": "It burns"})

    assert (me, me) == (ticket["requester_id"], ticket["submitter_id"])
    assert ("new", "It burns", "Printer") == (
        ticket["status"],
        ticket["description"],
        ticket["raw_subject"],
    )
    assert ticket["brand_id"] is not None


def test_a_description_will_do_for_a_comment(zendesk):
    """The old way to create a ticket makes the same first comment."""
    pk = zendesk.made("tickets", description="It burns")["id"]

    comments = zendesk.get(f"tickets/{pk}/comments")["comments"]

    assert ["It burns"] == [comment["body"] for comment in comments]


def test_a_creation_is_audited(zendesk):
    """The audit of a creation has the comment and the fields, with ids as words."""
    answer = zendesk.send(
        "POST", "tickets", {"ticket": {"subject": "x", "comment": {"body": "It burns"}}}
    )

    audit, pk = answer.json()["audit"], answer.json()["ticket"]["id"]
    made = {each["field_name"]: each["value"] for each in audit["events"][1:]}
    assert pk == audit["ticket_id"]
    assert ("Comment", "It burns") == (audit["events"][0]["type"], audit["events"][0]["body"])
    assert ("x", "new", None) == (made["subject"], made["status"], made["priority"])
    assert str(answer.json()["ticket"]["requester_id"]) == made["requester_id"]
    assert [audit] == zendesk.get(f"tickets/{pk}/audits")["audits"]


def test_the_organization_is_the_requesters(zendesk):
    """A ticket belongs to the organization of who asks, unless it says another."""
    one, two = (zendesk.made("organizations", name=name)["id"] for name in ("One", "Two"))
    user = zendesk.made("users", name="Ada", organization_id=one)["id"]

    tickets = [
        zendesk.ticket(requester_id=user),
        zendesk.ticket(requester_id=user, organization_id=two),
    ]

    assert [one, two] == [ticket["organization_id"] for ticket in tickets]


def test_a_requester_is_found_or_made(zendesk):
    """`requester` with an e-mail finds the user, or makes one."""
    ada = {"name": "Ada", "email": "ada@example.com"}

    made = zendesk.ticket(requester=ada)
    found = zendesk.ticket(requester={"email": "ADA@example.com"})

    assert made["requester_id"] == found["requester_id"]
    assert "Ada" == zendesk.get(f"users/{made['requester_id']}")["user"]["name"]


def test_an_update_tells_what_changed_from_what(zendesk):
    """The audit of an update has a change for each field, old value and new."""
    pk = zendesk.ticket(tags=["old"])["id"]

    answer = _put(zendesk, pk, subject="Toner", tags=["old", "New"], description="ignored")

    assert {"subject": ("Printer", "Toner"), "tags": (["old"], ["old", "new"])} == _changed(answer)
    assert "Help" == answer.json()["ticket"]["description"]
    assert "x-zendesk-api-warn" not in answer.headers


def test_an_update_without_effect_leaves_the_ticket_alone(zendesk):
    """Where nothing changes, the audit is empty and `updated_at` stays."""
    ticket = zendesk.ticket()
    zendesk.clock.sleep(60)

    answer = _put(zendesk, ticket["id"], subject="Printer")

    assert [] == answer.json()["audit"]["events"]
    assert ticket == answer.json()["ticket"]


def test_a_comment_rides_on_an_update(zendesk):
    """A comment in an update is listed after the others, and told in the audit."""
    pk = zendesk.ticket()["id"]
    zendesk.clock.sleep(1)

    answer = _put(zendesk, pk, comment={"body": "A <note>", "public": False})

    event = answer.json()["audit"]["events"][0]
    listed = zendesk.get(f"tickets/{pk}/comments")["comments"]
    assert ("Comment", "A <note>", False) == (event["type"], event["body"], event["public"])
    assert ["Help", "A <note>"] == [comment["body"] for comment in listed]
    assert "&lt;note&gt;" in listed[1]["html_body"]
    assert "2026-09-21T14:13:21Z" == answer.json()["ticket"]["updated_at"]


def test_a_comment_is_as_public_as_the_ticket(zendesk):
    """A comment that does not say takes after the first one."""
    pk = zendesk.ticket(comment={"body": "secret", "public": False})["id"]

    event = _put(zendesk, pk, comment={"body": "more"}).json()["audit"]["events"][0]

    assert event["public"] is False


def test_closed_is_the_end(zendesk):
    """A closed ticket cannot be changed any more."""
    pk = zendesk.ticket(status="closed")["id"]

    answer = _put(zendesk, pk, subject="x")

    assert 422 == answer.status_code
    assert {"status": [{"description": "closed prevents ticket update"}]} == answer.json()[
        "details"
    ]


def test_a_deleted_ticket_is_gone(zendesk):
    """A deleted ticket is in no list, cannot be shown, and is not found."""
    pk = zendesk.ticket()["id"]

    assert 204 == zendesk.send("DELETE", f"tickets/{pk}").status_code

    assert 404 == zendesk.send("GET", f"tickets/{pk}").status_code
    assert [] == zendesk.get("tickets")["tickets"]
    assert [] == zendesk.found("type:ticket")


def test_a_safe_update_wants_the_latest(zendesk):
    """`safe_update` with an old stamp is 409; with the latest, or without one, it is done."""
    ticket = zendesk.ticket()
    zendesk.clock.sleep(1)
    changed = _put(zendesk, ticket["id"], subject="b").json()["ticket"]

    old = _put(
        zendesk, ticket["id"], subject="c", safe_update=True, updated_stamp=ticket["updated_at"]
    )
    new = _put(
        zendesk, ticket["id"], subject="d", safe_update=True, updated_stamp=changed["updated_at"]
    )

    assert (409, "UpdateConflict") == (old.status_code, old.json()["error"])
    assert (200, "d") == (new.status_code, new.json()["ticket"]["subject"])


@pytest.mark.parametrize(("switch", "status"), [(True, "open"), (False, "new")])
def test_an_assigned_ticket_is_not_new(zendesk, switch, status):
    """An assignee brings its group along, and opens a new ticket; the latter is a switch."""
    zendesk.emulator.switches.open_when_assigned = switch
    group = zendesk.made("groups", name="Hardware")["id"]
    agent = zendesk.made("users", name="Ada", role="agent", default_group_id=group)["id"]

    ticket = _put(zendesk, zendesk.ticket()["id"], assignee_id=agent).json()["ticket"]

    assert (agent, group, status) == (ticket["assignee_id"], ticket["group_id"], ticket["status"])


def test_only_agents_are_assigned(zendesk):
    """An end user cannot be an assignee."""
    user = zendesk.made("users", name="Ada")["id"]

    answer = _put(zendesk, zendesk.ticket()["id"], assignee_id=user)

    assert ["assignee"] == list(answer.json()["details"])


def test_status_and_custom_status_go_together(zendesk):
    """Setting the one changes the other."""
    ticket = zendesk.ticket()

    solved = _put(zendesk, ticket["id"], status="solved").json()["ticket"]
    again = _put(zendesk, ticket["id"], custom_status_id=ticket["custom_status_id"]).json()

    assert solved["custom_status_id"] != ticket["custom_status_id"]
    assert "new" == again["ticket"]["status"]


def test_a_field_of_the_account_is_changed_by_its_id(zendesk):
    """Only the custom fields that are given change, and the option's tag follows."""
    fields = []
    for kind in ("tagger", "text"):
        field = {"type": kind, "title": kind}
        answer = zendesk.send("POST", "ticket_fields", {"ticket_field": field})
        fields.append(answer.json()["ticket_field"]["id"])
    tagger, text = fields
    pk = zendesk.ticket(custom_fields=[{"id": tagger, "value": "laser"}], tags=["a"])["id"]

    answer = _put(zendesk, pk, custom_fields=[{"id": text, "value": "42"}])
    last = _put(zendesk, pk, custom_fields=[{"id": tagger, "value": "cloud"}]).json()["ticket"]

    assert {str(text): (None, "42")} == _changed(answer)
    assert [{"id": tagger, "value": "cloud"}, {"id": text, "value": "42"}] == last["custom_fields"]
    assert ["a", "cloud"] == last["tags"]
    assert last["custom_fields"] == last["fields"]


def test_persons_in_copy_are_added_and_taken_away(zendesk):
    """`email_ccs` and `followers` say what to do with each person."""
    ada = zendesk.made("users", name="Ada", email="ada@example.com")["id"]
    pk = zendesk.ticket(email_ccs=[{"user_email": "ada@example.com", "action": "put"}])["id"]

    followed = _put(zendesk, pk, followers=[{"user_id": ada}]).json()["ticket"]
    dropped = _put(zendesk, pk, email_ccs=[{"user_id": ada, "action": "delete"}]).json()["ticket"]

    assert ([ada], [ada]) == (followed["email_cc_ids"], followed["follower_ids"])
    assert ([], [ada]) == (dropped["email_cc_ids"], dropped["follower_ids"])


def test_a_follow_up_is_joined_to_its_source(zendesk):
    """A follow-up inherits the tags, and the closed ticket knows of it."""
    source = zendesk.ticket(status="closed", tags=["vip"])["id"]

    ticket = zendesk.ticket(via_followup_source_id=source)

    assert ["vip"] == ticket["tags"]
    assert [ticket["id"]] == zendesk.get(f"tickets/{source}")["ticket"]["followup_ids"]


def test_an_idempotency_key_creates_once(zendesk):
    """The same key within two hours gets the first answer again, and later a new ticket."""
    headers, body = {"Idempotency-Key": "k"}, {"ticket": {"comment": {"body": "x"}}}

    first, second = (zendesk.send("POST", "tickets", body, headers=headers) for _ in range(2))
    zendesk.clock.sleep(2 * 3600 + 1)
    third = zendesk.send("POST", "tickets", body, headers=headers)

    told = [answer.headers["x-idempotency-lookup"] for answer in (first, second, third)]
    assert ["miss", "hit", "miss"] == told
    assert first.json() == second.json()
    assert 2 == zendesk.get("tickets")["count"]


def test_an_idempotency_key_goes_with_its_body(zendesk):
    """The same key with another body is refused."""
    headers = {"Idempotency-Key": "k"}
    zendesk.send("POST", "tickets", {"ticket": {"comment": {"body": "x"}}}, headers=headers)

    answer = zendesk.send(
        "POST", "tickets", {"ticket": {"comment": {"body": "y"}}}, headers=headers
    )

    assert (400, "IdempotentRequestError") == (answer.status_code, answer.json()["error"])


def test_only_closed_tickets_are_followed(zendesk):
    """A follow-up of a ticket that is open, or of none, is refused; tags may be given."""
    opened, closed = (zendesk.ticket(status=each, tags=["a"])["id"] for each in ("open", "closed"))
    body = {"comment": {"body": "x"}, "via_followup_source_id": opened}

    refused = zendesk.send("POST", "tickets", {"ticket": body})
    missing = zendesk.send("POST", "tickets", {"ticket": {**body, "via_followup_source_id": 77}})
    tagged = zendesk.ticket(via_followup_source_id=closed, tags=["b"])

    assert ["via_followup_source_id"] == list(refused.json()["details"])
    assert 422 == missing.status_code
    assert ["b"] == tagged["tags"]
    assert 2 + 1 == zendesk.get("tickets")["count"]


def test_collaborators_are_added(zendesk):
    """Collaborators are named by id, e-mail, or as a person who is made if need be."""
    ada = zendesk.made("users", name="Ada", email="ada@example.com")["id"]
    pk = zendesk.ticket(collaborators=[ada])["id"]
    eve = {"name": "Eve", "email": "eve@example.com"}

    answer = _put(zendesk, pk, additional_collaborators=["ada@example.com", eve])

    ids = answer.json()["ticket"]["collaborator_ids"]
    assert [ada] == ids[:1]
    assert "Eve" == zendesk.get(f"users/{ids[1]}")["user"]["name"]
    assert 2 == len(ids)

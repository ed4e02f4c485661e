"""Changes of tickets by the account itself: as time passes, and as users and groups leave."""

from __future__ import annotations

import json

from tests.emulator.test_system_rules import show
from tests.emulator.test_triggers import update
from zendesk_orm.emulator.ticket_rules.aging import ARCHIVED_AFTER, CLOSED_AFTER, DROPPED_AFTER


#: The start of the clock.
START = "2026-09-21T14:13:20Z"


def load_row(zendesk, model, **row):
    """Insert a row that no request can create."""
    zendesk.emulator.load([json.dumps({"model": model, "row": row})])


def get_changes(zendesk, ticket):
    """Return name, new and old value of each change in the last audit of a ticket."""
    audit = zendesk.get(f"tickets/{ticket['id']}/audits")["audits"][-1]
    return [
        (event["field_name"], event["value"], event["previous_value"]) for event in audit["events"]
    ]


def test_solved_tickets_are_closed_and_closed_ones_archived(zendesk):
    """Tickets are closed 28 days after they were solved, and archived 120 days later."""
    solved, opened = (zendesk.create_ticket(status=status) for status in ("solved", "open"))

    zendesk.clock.sleep(CLOSED_AFTER - 7_200)
    update(zendesk, solved["id"], subject="Changes do not delay it")
    assert show(zendesk, solved)["status"] == "solved"
    zendesk.clock.sleep(7_200)
    assert show(zendesk, solved)["status"] == "closed"
    assert len(zendesk.get("tickets")["tickets"]) == 2
    zendesk.clock.sleep(ARCHIVED_AFTER)

    assert [row["id"] for row in zendesk.get("tickets")["tickets"]] == [opened["id"]]
    assert show(zendesk, solved)["status"] == "closed"


def test_suspended_tickets_are_deleted_after_two_weeks(zendesk):
    """Suspended tickets that nobody recovers are deleted."""
    load_row(zendesk, "SuspendedTicket", id=7, subject="You won", created_at=START)
    counts = []
    for seconds in (0, DROPPED_AFTER - 7_200, 7_200):
        zendesk.emulator.advance(seconds=seconds)
        counts.append(len(zendesk.get("suspended_tickets")["suspended_tickets"]))

    assert counts == [1, 1, 0]


def test_old_tickets_stay_as_they_were_when_the_emulator_started(zendesk):
    """Tickets that were solved or closed long before the start are not changed."""
    times = dict.fromkeys(("created_at", "updated_at"), "2020-01-01T00:00:00Z")
    statuses = ("solved", "closed")
    for pk, status in enumerate(statuses, start=1):
        load_row(zendesk, "Ticket", id=pk, subject="Old", status=status, **times)

    zendesk.emulator.advance(days=1)

    rows = zendesk.get("tickets")["tickets"]
    assert sorted(row["status"] for row in rows) == sorted(statuses)


def test_users_with_tickets_cannot_be_deleted(zendesk):
    """Requesters keep tickets until these are closed; assignees are removed from them."""
    eve, ann = (
        zendesk.create("users", name=name, email=f"{name}@example.com", role=role)["id"]
        for name, role in (("eve", "end-user"), ("ann", "agent"))
    )
    ticket = zendesk.create_ticket(requester_id=eve, assignee_id=ann)

    rejected = zendesk.send("DELETE", f"users/{eve}")
    zendesk.send("DELETE", f"users/{ann}")
    assert get_changes(zendesk, ticket) == [("assignee_id", None, str(ann))]
    update(zendesk, ticket["id"], status="closed")
    deleted = zendesk.send("DELETE", f"users/{eve}")

    assert (rejected.status_code, deleted.status_code) == (422, 200)
    assert show(zendesk, ticket)["assignee_id"] is None


def test_a_merge_of_users_is_in_the_audits_of_tickets(zendesk):
    """Tickets of a merged user change their requester, for exports as well."""
    eve, ed = (
        zendesk.create("users", name=name, email=f"{name}@example.com")["id"]
        for name in ("eve", "ed")
    )
    ticket = zendesk.create_ticket(requester_id=eve)
    zendesk.clock.sleep(600)

    zendesk.send("PUT", f"users/{eve}/merge", {"user": {"id": ed}})

    assert get_changes(zendesk, ticket) == [("requester_id", str(ed), str(eve))]
    after = show(zendesk, ticket)
    assert after["generated_timestamp"] == ticket["generated_timestamp"] + 600


def test_members_who_leave_a_group_are_replaced_in_solved_tickets(zendesk):
    """Unsolved tickets lose their assignee, and solved ones get the first other member."""
    group = zendesk.create("groups", name="Hardware")["id"]
    people = {
        name: zendesk.create("users", name=name, email=f"{name}@example.com", role="agent")["id"]
        for name in ("Zoe", "Ann", "Bob")
    }
    memberships = {
        name: zendesk.create("group_memberships", user_id=pk, group_id=group)["id"]
        for name, pk in people.items()
    }
    tickets = [
        zendesk.create_ticket(status=status, assignee_id=people["Zoe"], group_id=group)
        for status in ("open", "solved")
    ]

    zendesk.send("DELETE", f"group_memberships/{memberships['Zoe']}")

    rows = [show(zendesk, ticket) for ticket in tickets]
    assert [row["assignee_id"] for row in rows] == [None, people["Ann"]]
    assert [row["group_id"] for row in rows] == [group, group]


def test_merges_of_organizations_end_by_themselves(zendesk):
    """A merge moves tickets in time, whether or not anybody reads its status."""
    one, two = (zendesk.create("organizations", name=name)["id"] for name in ("One", "Two"))
    ticket = zendesk.create_ticket(organization_id=one)

    zendesk.send("POST", f"organizations/{one}/merge", {"organization_merge": {"winner_id": two}})
    zendesk.clock.sleep(60)

    assert show(zendesk, ticket)["organization_id"] == two
    assert zendesk.send("GET", f"organizations/{one}").status_code == 404

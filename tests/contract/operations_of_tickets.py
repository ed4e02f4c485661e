"""Requests for operations of tickets, users and organizations that no lifecycle of a model sends.

Each is sent as another client would send it, and has to succeed.
"""

from __future__ import annotations

import json
from typing import Any

from tests.sender import Sender
from tests.support.seeding import seed_rows
from zendesk_orm import BrandAgent


#: What every row has.
_TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
_URL = "https://emulator.zendesk.com/api/v2/brand_agents/01AGENT.json"


# -- tickets -----------------------------------------------------------------


def _create_ticket(sender: Sender, **values: Any) -> Any:
    return sender.create("tickets", "ticket", subject="x", comment={"body": "Help"}, **values)


def use_tickets(sender: Sender) -> None:
    """Send the requests that change tickets, alone and in bulk."""
    tickets = [_create_ticket(sender) for _ in range(8)]
    first = tickets[0]
    ids = f"{tickets[1]},{tickets[2]}"
    for method in ("PUT", "POST", "DELETE"):
        sender.send(method, f"tickets/{first}/tags", {"tags": ["a"]})
    sender.put("tickets/update_many", {"ticket": {"priority": "low"}}, params={"ids": ids})
    sender.post("tickets/create_many", {"tickets": [{"subject": "y", "comment": {"body": "z"}}]})
    sender.delete("tickets/destroy_many", params={"ids": ids})
    sender.post(f"tickets/{first}/merge", {"ids": [tickets[3]]})
    sender.put("tickets/mark_many_as_spam", params={"ids": str(tickets[4])})
    sender.put(f"tickets/{tickets[5]}/mark_as_spam")
    sender.finish_jobs()
    sender.put(f"deleted_tickets/{tickets[1]}/restore")
    sender.put("deleted_tickets/restore_many", params={"ids": str(tickets[2])})
    sender.delete("tickets/destroy_many", params={"ids": ids})
    sender.finish_jobs()
    sender.delete(f"deleted_tickets/{tickets[1]}")
    sender.delete("deleted_tickets/destroy_many", params={"ids": str(tickets[2])})
    imported = {"subject": "old", "comments": [{"value": "x"}], "requester_id": _find_user(sender)}
    sender.post("imports/tickets", {"ticket": imported})
    sender.post("imports/tickets/create_many", {"tickets": [imported]})
    sender.post("problems/autocomplete", {"text": "printer"})
    _use_comments(sender, tickets[6])


def _use_comments(sender: Sender, ticket: Any) -> None:
    token = sender.post("uploads", params={"filename": "a.txt"})["upload"]["token"]
    sender.put(
        f"tickets/{ticket}", {"ticket": {"comment": {"body": "secret text", "uploads": [token]}}}
    )
    unused = sender.post("uploads", params={"filename": "b.txt"})["upload"]["token"]
    sender.delete(f"uploads/{unused}")
    comments = sender.get(f"tickets/{ticket}/comments")["comments"]
    last = comments[-1]
    path = f"tickets/{ticket}/comments/{last['id']}"
    sender.put(f"{path}/attachments/{last['attachments'][0]['id']}/redact")
    sender.put(f"{path}/redact", {"text": "secret"})
    sender.put(f"{path}/make_private")
    sender.put(
        f"comment_redactions/{comments[0]['id']}",
        {"ticket_id": ticket, "html_body": "<div>Help <redact>me</redact></div>"},
    )
    audit = sender.get(f"tickets/{ticket}/audits")["audits"][0]["id"]
    sender.put(f"tickets/{ticket}/audits/{audit}/make_private")
    _use_chats(sender, ticket)


def _use_chats(sender: Sender, ticket: Any) -> None:
    history = [
        {"chat_index": 0, "type": "ChatMessage", "message": "My number is 847564!"},
        {"chat_index": 1, "type": "ChatFileAttachment", "filename": "one.jpg"},
    ]
    value = {"visitor_id": "v", "chat_id": "c", "history": history}
    events = [{"id": 78, "type": "ChatStartedEvent", "value": value}]
    audit = {"id": 77, "ticket_id": ticket, "author_id": _find_user(sender), "events": events}
    sender.emulator.load([json.dumps({"model": "Audit", "row": audit, "parent": ticket})])
    text = "My number is <redact>847564</redact>!"
    sender.put(f"chat_redactions/{ticket}", {"chat_id": "c", "chat_index": 0, "text": text})
    sender.put(f"chat_file_redactions/{ticket}", {"chat_id": "c", "chat_indexes": [1]})


def _find_user(sender: Sender, role: str = "end-user", index: int = 0) -> Any:
    return sender.get("users", role=role)["users"][index]["id"]


def use_ticket_lists(sender: Sender) -> None:
    """Read the lists and exports of tickets, users and requests."""
    ticket = _create_ticket(sender)
    for name in ("collaborators", "email_ccs", "followers"):
        sender.get(f"tickets/{ticket}/{name}")
    user = _find_user(sender)
    for name in ("ccd", "ccd/count", "followed"):
        sender.get(f"users/{user}/tickets/{name}")
    sender.get(f"ticket_metrics/{sender.get('ticket_metrics')['ticket_metrics'][0]['id']}")
    sender.get("incremental/organizations", start_time=1)
    sender.get("incremental/tickets/sample", start_time=1)
    sender.get("incremental/users", start_time=1)
    sender.get("incremental/users/cursor", start_time=1)
    for name in ("search", "search/count"):
        sender.get(name, query="printer")
    _use_activities(sender)
    request = sender.create("requests", "request", subject="x", comment={"body": "y"})
    comment = sender.get(f"requests/{request}/comments")["comments"][0]["id"]
    sender.get(f"requests/{request}/comments/{comment}")
    sender.put(f"requests/{request}", {"request": {"comment": {"body": "Thanks"}}})


def _use_activities(sender: Sender) -> None:
    me = sender.get("users/me")["user"]["id"]
    customer = sender.get(f"users/{_find_user(sender)}")["user"]
    ticket = _create_ticket(sender, assignee_id=me, requester_id=customer["id"])
    body = {"request": {"comment": {"body": "Hello?"}}}
    sender.put(f"requests/{ticket}", body, headers={"X-On-Behalf-Of": customer["email"]})
    activity = sender.get("activities")["activities"][0]["id"]
    sender.get(f"activities/{activity}")


def use_suspended_tickets(sender: Sender) -> None:
    """Recover and delete suspended tickets."""
    ids = [row["id"] for row in sender.get("suspended_tickets")["suspended_tickets"]]
    assert len(ids) >= 4, "the demo rows have too few suspended tickets"
    sender.put(f"suspended_tickets/{ids[0]}/recover")
    sender.put("suspended_tickets/recover_many", params={"ids": str(ids[1])})
    sender.put("suspended_tickets/bulk_recover", params={"ids": str(ids[2])})
    sender.delete("suspended_tickets/destroy_many", params={"ids": str(ids[3])})
    sender.post("suspended_tickets/export")


# -- fields, users and organizations -----------------------------------------


def use_fields_and_forms(sender: Sender) -> None:
    """Order fields and forms, and set the statuses of forms."""
    for kind in ("ticket", "user", "organization"):
        rows = sender.get(f"{kind}_fields")[f"{kind}_fields"]
        ids = [row["id"] for row in rows]
        sender.put(f"{kind}_fields/reorder", {f"{kind}_field_ids": ids})
    forms = [row["id"] for row in sender.get("ticket_forms")["ticket_forms"]]
    sender.put("ticket_forms/reorder", {"ticket_form_ids": forms})
    form = forms[0]
    sender.post(f"ticket_forms/{form}/clone", {"prepend_clone_title": True})
    statuses = sender.get("custom_statuses")["custom_statuses"]
    status = sender.create(
        "custom_statuses", "custom_status", agent_label="Waiting", status_category="pending"
    )
    sender.put("custom_status/default", {"ids": f"{statuses[0]['id']},{statuses[1]['id']}"})
    sender.post(
        f"custom_statuses/{status}/ticket_form_statuses",
        {"ticket_form_status": [{"ticket_form_id": form}]},
    )
    path = f"ticket_forms/{form}/ticket_form_statuses"
    response = sender.post(path, {"ticket_form_status": [{"custom_status_id": statuses[0]["id"]}]})
    ids = [row["id"] for row in response["ticket_form_statuses"]]
    sender.put(path, {"ticket_form_status": [{"id": pk, "_destroy": "false"} for pk in ids]})
    sender.send("DELETE", path, {"id": ids[:1]})


def _create_user(sender: Sender, name: str, **values: Any) -> Any:
    return sender.create("users", "user", name=name, email=f"{name}@x.example", **values)


def use_users(sender: Sender) -> None:
    """Change and delete users, alone and in bulk, and their identities."""
    users = [_create_user(sender, f"user{number}") for number in range(6)]
    first = users[0]
    for method in ("PUT", "POST", "DELETE"):
        sender.send(method, f"users/{first}/tags", {"tags": ["a"]})
    sender.post("users/create_many", {"users": [{"name": "Many", "email": "many@x.example"}]})
    user = {"name": "Many", "email": "many@x.example"}
    sender.post("users/create_or_update", {"user": user})
    sender.post("users/create_or_update_many", {"users": [user]})
    sender.put("users/update_many", {"user": {"notes": "n"}}, params={"ids": str(users[1])})
    sender.finish_jobs()
    sender.put(f"users/{users[1]}/merge", {"user": {"id": first}})
    sender.delete("users/destroy_many", params={"ids": f"{users[2]},{users[3]}"})
    sender.finish_jobs()
    sender.get(f"deleted_users/{users[2]}")
    sender.delete(f"deleted_users/{users[2]}")
    sender.post("users/request_create", {"user": {"name": "New", "email": "new@x.example"}})
    sender.post("users/logout_many", params={"ids": str(first)})
    sender.delete(f"users/{first}/sessions")
    path = f"users/{first}/identities"
    identity = {"identity": {"type": "email", "value": "second@x.example"}}
    pk = sender.post(path, identity)["identity"]["id"]
    for name in ("verify", "request_verification", "make_primary"):
        sender.put(f"{path}/{pk}/{name}")
    for name in ("request_verification", "make_primary"):
        sender.put(f"end_users/{first}/identities/{pk}/{name}")


def use_user_actions(sender: Sender) -> None:
    """Set passwords, and read the groups of a user."""
    me = sender.get("users/me")["user"]["id"]
    sender.post(f"users/{_create_user(sender, 'secret')}/password", {"password": "12345678"})
    passwords = {"previous_password": "old-one", "password": "new-one"}
    sender.put(f"users/{me}/password", passwords)
    agent = _find_user(sender, "agent")
    sender.get(f"users/{agent}/groups")
    sender.get(f"users/{agent}/groups/count")
    group = sender.get("groups")["groups"][0]["id"]
    sender.get(f"groups/{group}/users")
    sender.get(f"groups/{group}/users/count")


def use_organizations(sender: Sender) -> None:
    """Change organizations and their memberships, alone and in bulk."""
    one, two, three = (
        sender.create("organizations", "organization", name=name) for name in ("One", "Two", "Six")
    )
    for method in ("PUT", "POST", "DELETE"):
        sender.send(method, f"organizations/{one}/tags", {"tags": ["a"]})
    body = {"organization": {"name": "One", "id": one}}
    sender.post("organizations/create_or_update", body)
    sender.post("organizations/create_many", {"organizations": [{"name": "Many"}]})
    changes = {"organization": {"notes": "n"}}
    sender.put("organizations/update_many", changes, params={"ids": str(one)})
    sender.delete("organizations/destroy_many", params={"ids": str(three)})
    sender.finish_jobs()
    user = _create_user(sender, "member")
    memberships = [{"user_id": user, "organization_id": pk} for pk in (one, two)]
    job = {"organization_memberships": memberships}
    sender.post("organization_memberships/create_many", job)
    sender.finish_jobs()
    sender.get(f"users/{user}/organizations")
    sender.get(f"users/{user}/organizations/count")
    sender.put(f"users/{user}/organizations/{two}/make_default")
    rows = sender.get(f"users/{user}/organization_memberships")["organization_memberships"]
    sender.get(f"users/{user}/organization_memberships/{rows[1]['id']}")
    sender.put(f"users/{user}/organization_memberships/{rows[1]['id']}/make_default")
    sender.delete(f"users/{user}/organizations/{one}")
    rows = sender.get(f"users/{user}/organization_memberships")["organization_memberships"]
    sender.delete("organization_memberships/destroy_many", params={"ids": str(rows[0]["id"])})
    merge = {"organization_merge": {"winner_id": one}}
    sender.post(f"organizations/{two}/merge", merge)


def use_groups(sender: Sender) -> None:
    """Change memberships in groups."""
    group = sender.create("groups", "group", name="New")
    agent = _find_user(sender, "agent")
    job = {"group_memberships": [{"user_id": agent, "group_id": group}]}
    sender.post("group_memberships/create_many", job)
    sender.finish_jobs()
    brand = sender.get("brands")["brands"][0]["id"]
    seed_rows(
        sender.emulator,
        BrandAgent,
        {"id": "01AGENT", "url": _URL, "brand_id": brand, "user_id": agent, **_TIMES},
    )
    sender.get(f"users/{agent}/brand_agents/01AGENT")
    (row,) = sender.get(f"groups/{group}/memberships")["group_memberships"]
    sender.get(f"users/{agent}/group_memberships/{row['id']}")
    sender.put(f"users/{agent}/group_memberships/{row['id']}/make_default")
    sender.delete("group_memberships/destroy_many", params={"ids": str(row["id"])})

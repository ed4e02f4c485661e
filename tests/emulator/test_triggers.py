"""Triggers, which run when tickets are created and updated."""

from __future__ import annotations

import pytest


def add_trigger(zendesk, conditions, actions, **values):
    """Create a trigger from `(field, operator, value)` and `(field, value)`."""
    names = ("field", "operator", "value")
    trigger = {
        "title": "Rule",
        "all": [dict(zip(names, item, strict=False)) for item in conditions],
        "actions": [{"field": field, "value": value} for field, value in actions],
        **values,
    }
    return zendesk.create("triggers", **trigger)


def update(zendesk, pk, **values):
    """Update a ticket and return it."""
    response = zendesk.send("PUT", f"tickets/{pk}", {"ticket": values})
    assert response.status_code == 200, response.text
    return response.json()["ticket"]


def test_triggers_change_new_tickets(zendesk):
    """The response to a creation contains the changes of triggers, with their source."""
    trigger = add_trigger(
        zendesk,
        [("update_type", "is", "Create"), ("subject_includes_word", "includes", "fire smoke")],
        [("priority", "urgent"), ("current_tags", "hot vip")],
    )

    response = zendesk.send(
        "POST", "tickets", {"ticket": {"subject": "On FIRE", "comment": {"body": "!"}}}
    ).json()

    ticket = response["ticket"]
    events = [event for event in response["audit"]["events"] if "via" in event]
    source = {
        "from": {"deleted": False, "title": "Rule", "id": trigger["id"]},
        "to": {},
        "rel": "trigger",
    }
    assert (ticket["priority"], ticket["tags"]) == ("urgent", ["hot", "vip"])
    assert [event["via"] for event in events] == [{"channel": "rule", "source": source}] * 2
    assert {event["field_name"]: event["previous_value"] for event in events} == {
        "priority": None,
        "tags": [],
    }
    assert zendesk.get(f"tickets/{ticket['id']}")["ticket"] == ticket
    assert zendesk.search("tags:vip") == [ticket["id"]]


def test_conditions_are_checked(zendesk):
    """Each documented condition is met by a matching update, and not by another one."""
    me = zendesk.get("users/me")["user"]
    field = zendesk.create("ticket_fields", type="text", title="Code")
    name = f"custom_fields_{field['id']}"
    base = {"subject": "Printer on fire", "priority": "high", "type": "incident", "tags": ["vip"]}
    custom = {**base, "custom_fields": [{"id": field["id"], "value": "x1"}]}
    cases = [
        (("status", "is", "new"), ("status", "is_not", "new")),
        (("status", "less_than", "solved"), ("status", "greater_than", "open")),
        (("status", "changed"), ("status", "not_changed")),
        (("status", "value", "new"), ("status", "not_value", "new")),
        (("priority", "greater_than", "normal"), ("priority", "less_than", "normal")),
        (("priority", "not_value_previous", "low"), ("priority", "value_previous", "low")),
        (("type", "is", "incident"), ("type", "is", "task")),
        (("group_id", "is", ""), ("group_id", "is_not", "")),
        (("assignee_id", "is_not", "current_user"), ("assignee_id", "is", "current_user")),
        (("requester_id", "is", "current_user"), ("requester_id", "is", "1")),
        (("organization_id", "is", ""), ("organization_id", "changed")),
        (("current_tags", "includes", "gold vip"), ("current_tags", "not_includes", "vip")),
        ((name, "is", "x1"), (name, "not_present")),
        (("via_id", "is", "5"), ("via_id", "is", "4")),
        (("current_via_id", "is", 5), ("current_via_id", "is_not", "5")),
        (("comment_is_public", "is", "true"), ("comment_is_public", "is", False)),
        (("comment_is_public", "is", "not_relevant"), ("comment_is_public", None, "false")),
        (("ticket_is_public", "is", "public"), ("ticket_is_public", "is", "private")),
        (("update_type", None, "Create"), ("update_type", "is", "Change")),
        (("role", "is", "admin"), ("role", "is", "end_user")),
        (("role", "is", str(me["id"])), ("role", "is", "1")),
        (("comment_includes_word", "is", "is burning"), ("comment_includes_word", "is", "rain")),
        (("subject_includes_word", "not_includes", "rain"), ("subject_includes_word", "is", "x")),
        (("reopens", "less_than", "1"), ("replies", "greater_than", "0")),
        (("in_business_hours", "is", "true"), ("in_business_hours", "is", "false")),
        (("satisfaction_score", "is", "unoffered"), ("satisfaction_score", "is", "good")),
    ]
    for number, (met, missed) in enumerate(cases):
        add_trigger(zendesk, [met], [("current_tags", f"met-{number}")])
        add_trigger(zendesk, [missed], [("current_tags", f"missed-{number}")])

    ticket = zendesk.create_ticket(**custom, comment={"body": "It is burning"})

    expected = {f"met-{number}" for number in range(len(cases))}
    assert set(ticket["tags"]) - {"vip"} == expected
    assert not zendesk.emulator.ignored


def test_changes_are_compared_with_the_previous_values(zendesk):
    """`changed`, `value` and `value_previous` compare with the ticket before the update."""
    cases = {
        "changed": ("status", "changed", None),
        "to-pending": ("status", "value", "pending"),
        "from-new": ("status", "value_previous", "new"),
        "from-open": ("status", "value_previous", "open"),
        "priority": ("priority", "changed", None),
        "any-comment": ("comment_is_public", "is", "not_relevant"),
    }
    for tag, condition in cases.items():
        add_trigger(zendesk, [("update_type", "is", "Change"), condition], [("current_tags", tag)])
    pk = zendesk.create_ticket()["id"]

    assert set(update(zendesk, pk, status="pending")["tags"]) == {
        "changed",
        "to-pending",
        "from-new",
    }


def test_a_change_lets_earlier_triggers_run(zendesk):
    """After a change by a trigger, earlier triggers are checked again; each runs once."""
    add_trigger(zendesk, [("current_tags", "includes", "two")], [("current_tags", "three")])
    add_trigger(zendesk, [("current_tags", "includes", "one")], [("current_tags", "two")])
    add_trigger(zendesk, [("status", "is", "new")], [("priority", "low")])
    add_trigger(zendesk, [("priority", "is", "low")], [("priority", "high")])

    ticket = zendesk.create_ticket(tags=["one"])

    assert (ticket["tags"], ticket["priority"]) == (["one", "two", "three"], "high")


def test_the_positions_of_triggers_decide(zendesk):
    """Triggers run in the order of their positions; inactive and deleted ones do not run."""
    always = [("status", "less_than", "closed")]
    add_trigger(zendesk, always, [("priority", "low")], position=3)
    add_trigger(zendesk, always, [("priority", "high")], position=2)
    add_trigger(zendesk, always, [("type", "task")], active=False)
    deleted = add_trigger(zendesk, always, [("type", "problem")])
    zendesk.send("DELETE", f"triggers/{deleted['id']}")

    ticket = zendesk.create_ticket()

    assert (ticket["priority"], ticket["type"]) == ("low", None)


def test_actions_are_executed(zendesk):
    """Actions set fields, tags, custom fields, assignee, group, followers and copied users."""
    me = zendesk.get("users/me")["user"]
    agent = zendesk.create("users", name="Ann", email="ann@example.com", role="agent")
    field = zendesk.create("ticket_fields", type="text", title="Code")
    actions = [
        ("status", "pending"),
        ("type", "problem"),
        ("set_tags", "a b"),
        ("remove_tags", "a"),
        ("current_tags", "c"),
        (f"custom_fields_{field['id']}", "x1"),
        ("assignee_id", "current_user"),
        ("group_id", str(me["default_group_id"])),
        ("follower", str(agent["id"])),
        ("cc", "current_user"),
        ("satisfaction_score", "offered"),
    ]
    add_trigger(zendesk, [("update_type", "is", "Create")], actions)

    ticket = zendesk.create_ticket(tags=["old"])

    assert {name: ticket[name] for name in ("status", "type", "tags", "assignee_id")} == {
        "status": "pending",
        "type": "problem",
        "tags": ["b", "c"],
        "assignee_id": me["id"],
    }
    assert ticket["custom_fields"] == [{"id": field["id"], "value": "x1"}]
    assert (ticket["follower_ids"], ticket["email_cc_ids"]) == ([agent["id"]], [me["id"]])
    assert ticket["satisfaction_rating"] == {"score": "offered"}
    assert not zendesk.emulator.ignored


def test_notifications_are_events_and_emails(zendesk):
    """A notification is an event of the audit, and an e-mail of the last comment."""
    actions = [("notification_user", ["requester_id", "Re: {{ticket.title}}", "#{{ticket.id}}"])]
    add_trigger(zendesk, [("update_type", "is", "Create")], actions)

    response = zendesk.send(
        "POST", "tickets", {"ticket": {"subject": "Fire", "comment": {"body": "!"}}}
    ).json()

    pk, requester = response["ticket"]["id"], response["ticket"]["requester_id"]
    event = response["audit"]["events"][-1]
    shown = {name: event[name] for name in ("type", "subject", "body", "recipients")}
    assert shown == {
        "type": "Notification",
        "subject": "Re: Fire",
        "body": f"#{pk}",
        "recipients": [requester],
    }
    (mail,) = zendesk.get("email_notifications/show_many", ticket_ids=pk)["email_notifications"]
    (comment,) = zendesk.get(f"tickets/{pk}/comments")["comments"]
    assert (mail["comment_id"], mail["recipients"][0]["user_id"]) == (comment["id"], requester)


def test_unknown_conditions_and_actions_are_ignored(zendesk):
    """A trigger with an unknown condition does not run; unknown parts are counted."""
    unknown = add_trigger(zendesk, [("moon", "is", "full")], [("priority", "high")])
    triggered = add_trigger(zendesk, [("status", "is", "new")], [("howl", "loud")])

    ticket = zendesk.create_ticket()

    names = {(part.kind, part.name, part.request) for part in zendesk.emulator.ignored}
    assert ticket["priority"] is None
    assert names == {
        ("condition", "moon is", f"trigger {unknown['id']}"),
        ("action", "howl", f"trigger {triggered['id']}"),
    }


@pytest.mark.parametrize("way", ["job", "import"])
def test_triggers_run_in_jobs_but_not_on_imports(zendesk, way):
    """Triggers run on tickets that a job creates, and not on imported ones."""
    add_trigger(zendesk, [("update_type", "is", "Create")], [("priority", "high")])

    if way == "job":
        body = {"tickets": [{"subject": "x", "comment": {"body": "!"}}]}
        job = zendesk.run_job("POST", "tickets/create_many", body)
        pk, expected = job["results"][0]["id"], "high"
    else:
        body = {"ticket": {"subject": "x", "comments": [{"value": "!"}]}}
        pk, expected = zendesk.send("POST", "imports/tickets", body).json()["ticket"]["id"], None

    assert zendesk.get(f"tickets/{pk}")["ticket"]["priority"] == expected


@pytest.mark.parametrize("value", [None, 7, "", "odd", [], [1], {}, {"a": [1]}, True, 2**70])
def test_malformed_rules_break_no_request(zendesk, value):
    """Rules and webhooks with values of any type let the next requests succeed."""
    fields = ("status", "priority", "assignee_id", "set_tags", "follower", "custom_fields_1")
    notify = ("notification_user", "notification_webhook", "notification_group")
    items = [{"field": field, "value": value} for field in (*fields, *notify, value)]
    webhook = {
        "name": "x",
        "status": "active",
        "endpoint": "odd",
        "http_method": "POST",
        "request_format": "json",
        "authentication": value,
        "custom_headers": value,
        "subscriptions": ["zen:event-type:ticket.created"],
    }
    zendesk.send("POST", "webhooks", {"webhook": webhook})
    for kind in ("trigger", "automation"):
        for conditions in ([], [{"field": "status", "operator": value, "value": value}]):
            rule = {"title": "x", "all": [*conditions, {"field": "status", "operator": "is_not"}]}
            zendesk.send("POST", f"{kind}s", {kind: {**rule, "actions": items}})
            zendesk.send("POST", f"{kind}s", {kind: {**rule, "actions": [value, *items]}})

    assert zendesk.create_ticket()["status"] == "new"
    zendesk.emulator.advance(hours=2)
    assert len(zendesk.get("tickets")["tickets"]) == 1


def test_messages_to_other_channels_are_events(zendesk):
    """Text messages, tweets and shared tickets are recorded in the audit, and not sent."""
    me = zendesk.get("users/me")["user"]
    actions = [
        ("notification_sms_user", ["requester_id", "7", "#{{ticket.id}}"]),
        ("notification_sms_group", [str(me["default_group_id"]), "7", "All"]),
        ("tweet_requester", "Hello"),
        ("share_ticket", "5"),
    ]
    zendesk.get("group_memberships")
    add_trigger(zendesk, [("update_type", "is", "Create")], actions)

    ticket = zendesk.create_ticket()["id"]
    (audit,) = zendesk.get(f"tickets/{ticket}/audits")["audits"]

    keys = ("type", "body", "recipients", "agreement_id")
    events = [tuple(event.get(key) for key in keys) for event in audit["events"][-4:]]
    assert events == [
        ("SmsNotification", f"#{ticket}", [me["id"]], None),
        ("SmsNotification", "All", [me["id"]], None),
        ("Tweet", "Hello", [me["id"]], None),
        ("TicketSharingEvent", None, None, 5),
    ]
    assert not zendesk.emulator.ignored


def test_custom_fields_are_compared_by_words_and_unset_checkboxes(zendesk):
    """Texts are compared by their words, and an unset checkbox is not checked."""
    text, box = (
        zendesk.create("ticket_fields", type=kind, title=kind)["id"]
        for kind in ("text", "checkbox")
    )
    conditions = [
        (f"custom_fields_{text}", "includes_words", "fire smoke"),
        (f"custom_fields_{text}", "not_includes_words", "water"),
        (f"custom_fields_{box}", "is", "false"),
    ]
    add_trigger(zendesk, conditions, [("set_tags", "met")])

    values = [("big fire", None), ("fireplace", None), ("fire", True), ("fire water", False)]
    tags = [
        zendesk.create_ticket(
            custom_fields=[{"id": text, "value": words}, {"id": box, "value": checked}]
        )["tags"]
        for words, checked in values
    ]

    assert tags == [["met"], [], [], []]

"""Automations, which run once an hour, and the default rules of an account."""

from __future__ import annotations

from tests.emulator.conftest import NOW, Client
from tests.emulator.test_triggers import update
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.rules.automations import MAX_UPDATES
from zendesk_orm.http.clock import VirtualClock


def add_automation(zendesk, conditions, actions):
    """Create an automation from `(field, operator, value)` and `(field, value)`."""
    zendesk.create("automations", **build(conditions, actions))


def build(conditions, actions):
    """Return the values of an automation."""
    names = ("field", "operator", "value")
    return {
        "title": "Hourly",
        "all": [dict(zip(names, item, strict=True)) for item in conditions],
        "actions": [{"field": field, "value": value} for field, value in actions],
    }


def test_automations_run_hourly(zendesk):
    """An automation changes the tickets that meet its conditions when an hour has passed."""
    conditions = [("status", "is", "pending"), ("PENDING", "greater_than", "2")]
    add_automation(zendesk, conditions, [("status", "solved"), ("current_tags", "silent")])
    waiting = zendesk.create_ticket(status="pending")["id"]
    other = zendesk.create_ticket(status="open")["id"]

    zendesk.emulator.advance(hours=2)
    assert zendesk.get(f"tickets/{waiting}")["ticket"]["status"] == "pending"
    zendesk.emulator.advance(hours=1)

    ticket = zendesk.get(f"tickets/{waiting}")["ticket"]
    audit = zendesk.get(f"tickets/{waiting}/audits")["audits"][-1]
    assert (ticket["status"], ticket["tags"]) == ("solved", ["silent"])
    assert zendesk.get(f"tickets/{other}")["ticket"]["status"] == "open"
    assert (audit["author_id"], audit["via"]["channel"]) == (-1, "rule")
    assert {event["via"]["source"]["rel"] for event in audit["events"]} == {"automation"}


def test_each_hour_counts(zendesk):
    """An automation runs for each hour of a longer time, with the timestamps of those hours."""
    add_automation(zendesk, [("NEW", "is", "3")], [("current_tags", "old")])
    pk = zendesk.create_ticket()["id"]

    zendesk.emulator.advance(days=2)

    (_, audit) = zendesk.get(f"tickets/{pk}/audits")["audits"]
    assert audit["created_at"] == "2026-09-21T17:13:20Z"


def test_triggers_run_on_the_changes_of_automations(zendesk):
    """An update by an automation runs triggers."""
    add_automation(zendesk, [("NEW", "is", "1")], [("priority", "high")])
    zendesk.create(
        "triggers",
        title="Urgent",
        all=[{"field": "priority", "operator": "value", "value": "high"}],
        actions=[{"field": "current_tags", "value": "hot"}],
    )
    pk = zendesk.create_ticket()["id"]

    zendesk.emulator.advance(hours=2)

    assert zendesk.get(f"tickets/{pk}")["ticket"]["tags"] == ["hot"]


def test_business_hours_are_counted(zendesk):
    """Hours of a schedule are counted without its nights, weekends and holidays."""
    # The tests start on a Monday at 14:13 UTC; the office is open from nine to five.
    schedule = zendesk.send(
        "POST", "business_hours/schedules", {"schedule": {"name": "Office", "time_zone": "UTC"}}
    ).json()["schedule"]
    intervals = [
        {"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in range(1, 6)
    ]
    path = f"business_hours/schedules/{schedule['id']}"
    zendesk.send("PUT", f"{path}/workweek", {"workweek": {"intervals": intervals}})
    holiday = {"name": "Day off", "start_date": "2026-09-22", "end_date": "2026-09-22"}
    zendesk.send("POST", f"{path}/holidays", {"holiday": holiday})
    conditions = [
        ("NEW", "greater_than_business_hours", "4"),
        ("current_tags", "not_includes", "late"),
    ]
    add_automation(zendesk, conditions, [("current_tags", "late")])
    pk = zendesk.create_ticket()["id"]

    # On Wednesday at 10:13, after 2:47 hours on Monday and 1:13 hours.
    zendesk.emulator.advance(hours=44)
    assert zendesk.get(f"tickets/{pk}")["ticket"]["tags"] == []
    zendesk.emulator.advance(hours=1)
    assert zendesk.get(f"tickets/{pk}")["ticket"]["tags"] == ["late"]


def test_default_rules_are_those_of_a_new_account():
    """With `default_rules`, requesters are notified, and solved tickets are closed."""
    with Emulator(clock=VirtualClock(NOW), default_rules=True) as emulator:
        zendesk = Client(emulator)
        pk = zendesk.create_ticket(requester={"name": "Kim", "email": "kim@example.com"})["id"]

        events = zendesk.get(f"tickets/{pk}/audits")["audits"][0]["events"]
        update(zendesk, pk, status="solved")
        emulator.advance(days=4, hours=2)

        assert [event["type"] for event in events].count("NotificationWithCcs") == 1
        assert zendesk.get(f"tickets/{pk}")["ticket"]["status"] == "closed"
        assert not emulator.ignored


def test_automations_run_once_for_each_ticket(zendesk):
    """Automations that would run each hour, or that equal an active one, are rejected."""
    late, mail = ("current_tags", "late"), ("notification_user", ["assignee_id", "x", "y"])
    old, untagged = ("NEW", "greater_than", "4"), ("current_tags", "not_includes", "late")
    pending, waiting = ("status", "is", "pending"), ("PENDING", "greater_than", "4")
    cases = [
        ([("NEW", "is", "4")], [late], 201),
        ([("NEW", "is", "4")], [late], 422),
        ([("NEW", "is_business_hours", "4")], [mail], 201),
        ([old], [late], 422),
        ([old], [mail], 422),
        ([old, untagged], [late], 201),
        ([old, untagged], [("remove_tags", "late")], 422),
        ([old, untagged], [("current_tags", "other")], 422),
        ([pending, waiting], [("status", "open")], 201),
        ([pending, waiting], [("status", "pending")], 422),
        ([("priority", "less_than", "high"), old], [("priority", "urgent")], 201),
        ([("priority", "less_than", "high"), old], [("priority", "low")], 422),
    ]

    statuses = [
        zendesk.send("POST", "automations", {"automation": build(conditions, actions)}).status_code
        for conditions, actions, _ in cases
    ]

    assert statuses == [status for *_, status in cases]
    pk = zendesk.get("automations")["automations"][0]["id"]
    values = {"automation": {"all": build([old], [late])["all"]}}
    assert zendesk.send("PUT", f"automations/{pk}", values).status_code == 422


def test_automations_update_a_ticket_a_hundred_times(zendesk):
    """Further updates are left out, except for those that close the ticket."""
    ticket = zendesk.create_ticket()["id"]
    flips = (("open", "pending"), ("pending", "open"))
    update(zendesk, ticket, status="open")
    for status, other in flips:
        conditions = [("status", "is", status), ("updated_at", "greater_than", "0")]
        add_automation(zendesk, conditions, [("status", other)])

    zendesk.emulator.advance(hours=MAX_UPDATES + 10)
    audits = zendesk.get(f"tickets/{ticket}/audits", per_page=100)
    add_automation(zendesk, [("updated_at", "greater_than", "0")], [("status", "closed")])
    zendesk.emulator.advance(hours=2)

    assert audits["count"] == 2 + MAX_UPDATES
    assert zendesk.get(f"tickets/{ticket}")["ticket"]["status"] == "closed"


def test_conditions_on_hours_are_checked(zendesk):
    """Conditions on hours have whole numbers, and are required."""
    hours = {"field": "PENDING", "operator": "is", "value": "24"}
    status = {"field": "status", "operator": "is", "value": "pending"}
    actions = [{"field": "status", "value": "solved"}]
    for values in ({"all": [status], "any": [hours]}, {"all": [{**hours, "value": "1.5"}]}):
        automation = {"title": "x", "actions": actions, **values}
        response = zendesk.send("POST", "automations", {"automation": automation})
        assert response.status_code == 422, values

"""SLA policies, ticket metrics in business hours, and metric events."""

from __future__ import annotations

from tests.emulator.test_automations import add_automation
from tests.emulator.test_triggers import update
from zendesk_orm.emulator.schedules.time_zones import find_zone


def add_policy(zendesk, *metrics, conditions=(), **values):
    """Create a policy from `(metric, priority, minutes, business hours)`."""
    names = ("metric", "priority", "target", "business_hours")
    policy = {
        "title": "Policy",
        "filter": {"all": list(conditions), "any": []},
        "policy_metrics": [dict(zip(names, metric, strict=True)) for metric in metrics],
        **values,
    }
    response = zendesk.send("POST", "slas/policies", {"sla_policy": policy})
    assert response.status_code == 201, response.text
    return response.json()["sla_policy"]


def get_slas(zendesk, pk):
    """Return the states of the targets of a ticket, by metric."""
    ticket = zendesk.get(f"tickets/{pk}", include="slas")["ticket"]
    return {item["metric"]: item for item in ticket["slas"]["policy_metrics"]}


def get_metric_events(zendesk, pk, metric):
    """Return the metric events of a ticket for a metric, without those of measuring."""
    zendesk.clock.sleep(120)
    events = zendesk.get("incremental/ticket_metric_events", start_time=1)["ticket_metric_events"]
    return [
        event
        for event in events
        if (event["ticket_id"], event["metric"]) == (pk, metric) and event["type"] != "measure"
    ]


def open_office(zendesk):
    """Create a schedule from nine to five on weekdays, in UTC."""
    schedule = {"schedule": {"name": "Office", "time_zone": "UTC"}}
    pk = zendesk.send("POST", "business_hours/schedules", schedule).json()["schedule"]["id"]
    intervals = [
        {"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in range(1, 6)
    ]
    workweek = {"workweek": {"intervals": intervals}}
    zendesk.send("PUT", f"business_hours/schedules/{pk}/workweek", workweek)


def test_the_first_matching_policy_sets_targets(zendesk):
    """A new ticket gets the targets of its priority, which its audit records with the policy."""
    other = [{"field": "type", "operator": "is", "value": "problem"}]
    add_policy(zendesk, ("first_reply_time", "high", 5, False), conditions=other)
    metrics = [("first_reply_time", "high", 60, False), ("first_reply_time", "low", 480, True)]
    policy = add_policy(zendesk, *metrics)

    ticket = {"subject": "x", "priority": "high", "comment": {"body": "y"}}
    audit = zendesk.send("POST", "tickets", {"ticket": ticket}).json()["audit"]
    changed = zendesk.send("PUT", f"tickets/{audit['ticket_id']}", {"ticket": {"priority": "low"}})

    (event,) = [event for event in audit["events"] if "via" in event]
    assert (event["type"], event["field_name"]) == ("Create", "first_reply_time")
    assert event["value"] == {"minutes": 60, "in_business_hours": False}
    assert event["via"]["source"]["rel"] == "sla_target_change"
    assert event["via"]["source"]["from"]["id"] == policy["id"]
    (event,) = [event for event in changed.json()["audit"]["events"] if "via" in event]
    assert (event["value"]["minutes"], event["previous_value"]["minutes"]) == (480, 60)


def test_targets_are_achieved_or_breached(zendesk):
    """The state of a target follows the clock of its metric, and is exported as events."""
    add_policy(
        zendesk,
        ("first_reply_time", "high", 60, False),
        ("agent_work_time", "high", 120, False),
    )
    requester = {"name": "Kim", "email": "kim@example.com"}
    pk = zendesk.create_ticket(priority="high", requester=requester)["id"]
    assert get_slas(zendesk, pk)["first_reply_time"]["breach_at"] == "2026-09-21T15:13:20Z"

    zendesk.emulator.advance(minutes=90)
    update(zendesk, pk, comment={"body": "Hello"}, status="pending")
    slas = get_slas(zendesk, pk)
    assert slas["first_reply_time"]["stage"] == "achieved"
    assert slas["agent_work_time"]["stage"] == "paused"

    replies = get_metric_events(zendesk, pk, "reply_time")
    assert [event["type"] for event in replies] == [
        "activate",
        "apply_sla",
        "breach",
        "fulfill",
        "update_status",
    ]
    assert replies[1]["sla"]["target_in_seconds"] == 3600
    assert replies[2]["time"] == "2026-09-21T15:13:20Z"
    assert replies[4]["status"] == {"calendar": 90, "business": 90}
    work = get_metric_events(zendesk, pk, "agent_work_time")
    assert [event["type"] for event in work] == ["activate", "apply_sla", "pause"]


def test_business_hours_delay_a_breach(zendesk):
    """A target in business hours is breached later than by the calendar."""
    open_office(zendesk)
    add_policy(zendesk, ("requester_wait_time", "high", 240, True))

    pk = zendesk.create_ticket(priority="high")["id"]

    # On Monday the office closes 2:46:40 hours later.
    assert get_slas(zendesk, pk)["requester_wait_time"]["breach_at"] == "2026-09-22T10:13:21Z"


def test_ticket_metrics_count_business_hours(zendesk):
    """Ticket metrics have the minutes of the calendar, and those of the schedule."""
    open_office(zendesk)
    pk = zendesk.create_ticket()["id"]

    zendesk.emulator.advance(days=1)
    update(zendesk, pk, status="solved")

    metric = zendesk.get(f"tickets/{pk}/metrics")["ticket_metric"]
    assert metric["full_resolution_time_in_minutes"] == {"calendar": 1440, "business": 480}
    assert metric["requester_wait_time_in_minutes"] == {"calendar": 1440, "business": 480}


def test_automations_count_hours_since_statuses(zendesk):
    """Hours since a status count from its last beginning."""
    add_automation(zendesk, [("OPEN", "is", "2")], [("current_tags", "late")])
    pk = zendesk.create_ticket(status="open")["id"]
    update(zendesk, pk, status="pending")
    zendesk.emulator.advance(hours=1)
    update(zendesk, pk, status="open")

    zendesk.emulator.advance(hours=1)
    assert zendesk.get(f"tickets/{pk}")["ticket"]["tags"] == []
    zendesk.emulator.advance(hours=2)
    assert zendesk.get(f"tickets/{pk}")["ticket"]["tags"] == ["late"]


def test_changes_by_automations_are_activities(zendesk):
    """An assignment by an automation is an activity of the agent, by the system."""
    me = zendesk.get("users/me")["user"]
    add_automation(zendesk, [("NEW", "is", "1")], [("assignee_id", str(me["id"]))])
    zendesk.create_ticket()

    zendesk.emulator.advance(hours=2)

    (activity,) = zendesk.get("activities")["activities"]
    assert (activity["verb"], activity["actor_id"]) == ("tickets.assignment", -1)
    assert zendesk.get(f"activities/{activity['id']}")["activity"] == activity


def test_metric_events_are_appended(zendesk):
    """Later changes of a ticket add metric events; earlier ones and their ids remain."""
    policy = [{"field": "current_tags", "operator": "includes", "value": "vip"}]
    metrics = ("first_reply_time", "next_reply_time", "total_resolution_time")
    waits = [("requester_wait_time", level, 60, False) for level in ("high", "low")]
    add_policy(
        zendesk, *((metric, "high", 30, False) for metric in metrics), *waits, conditions=policy
    )
    kim = {"name": "Kim", "email": "kim@example.com"}
    ticket = zendesk.create_ticket(priority="high", tags=["vip"], requester=kim)
    question = {"body": "When?", "author_id": ticket["requester_id"]}
    steps = [
        {"comment": {"body": "Soon."}},
        {"comment": question},
        {"comment": {"body": "Late."}},
        {"comment": question},
        {"status": "pending"},
        {"status": "open"},
        {"priority": "low"},
        {"status": "solved"},
        {"status": "open"},
        {"tags": []},
    ]

    def read_events():
        zendesk.emulator.advance(minutes=40)
        path = "incremental/ticket_metric_events"
        rows = zendesk.get(path, start_time=1)["ticket_metric_events"]
        assert len({row["id"] for row in rows}) == len(rows)
        return rows

    events, lost = read_events(), []
    for step in steps:
        update(zendesk, ticket["id"], **step)
        before, events = events, read_events()
        lost += [(step, event) for event in before if event not in events]
    assert lost == []
    breaches = [
        (event["metric"], event["instance_id"]) for event in events if event["type"] == "breach"
    ]
    assert breaches == [
        ("resolution_time", 1),
        ("reply_time", 1),
        ("requester_wait_time", 1),
        ("reply_time", 2),
        ("reply_time", 3),
    ]


def test_reopened_tickets_have_the_remaining_time(zendesk):
    """Clocks that run until a ticket is solved continue when it is reopened, unless switched."""
    metrics = ("agent_work_time", "requester_wait_time", "total_resolution_time")
    add_policy(zendesk, *((metric, "high", 60, False) for metric in metrics))
    pk = zendesk.create_ticket(priority="high")["id"]
    zendesk.emulator.advance(minutes=20)
    update(zendesk, pk, status="solved")
    zendesk.emulator.advance(days=1)

    update(zendesk, pk, status="open")

    minutes = {name: item["minutes"] for name, item in get_slas(zendesk, pk).items()}
    assert minutes == dict.fromkeys(metrics, 40)
    zendesk.emulator.switches.reopened_clocks_continue = False
    minutes = {name: item["minutes"] for name, item in get_slas(zendesk, pk).items()}
    assert minutes == dict.fromkeys(metrics, 60)


def test_groups_have_targets(zendesk):
    """Each group that owns a ticket has the target of its policy until it passes the ticket on."""
    first, second = (zendesk.create("groups", name=name)["id"] for name in ("One", "Two"))
    of_first = {"field": "group_id", "operator": "includes", "value": [first]}
    metric = {"metric": "group_ownership_time", "priority": "high", "target": 30}
    policy = {"title": "One", "filter": {"all": [of_first]}, "policy_metrics": [metric]}
    response = zendesk.send("POST", "group_slas/policies", {"group_sla_policy": policy})
    policy = response.json()["group_sla_policy"]
    pk = zendesk.create_ticket(priority="high", group_id=first)["id"]

    for group, minutes in ((second, 40), (first, 20), (None, 20)):
        zendesk.emulator.advance(minutes=minutes)
        update(zendesk, pk, **({"group_id": group} if group else {"status": "solved"}))

    events = get_metric_events(zendesk, pk, "group_ownership_time")
    assert [(event["instance_id"], event["type"]) for event in events] == [
        (1, "activate"),
        (1, "apply_group_sla"),
        (1, "breach"),
        (1, "fulfill"),
        (1, "update_status"),
        (2, "activate"),
        (2, "fulfill"),
        (3, "activate"),
        (3, "apply_group_sla"),
        (3, "fulfill"),
        (3, "update_status"),
    ]
    applied = events[1]["group_sla"]
    assert (applied["policy"]["id"], applied["target_in_seconds"]) == (policy["id"], 1800)
    assert get_slas(zendesk, pk) == {}


def test_targets_of_policies_are_checked(zendesk):
    """Targets need a metric, a priority and 15 seconds; policies are added at the end."""
    seconds = {"metric": "first_reply_time", "priority": "high", "target_in_seconds": 90}
    policies = [
        add_policy(zendesk, policy_metrics=[seconds]),
        add_policy(zendesk, ("first_reply_time", "low", 5, True)),
    ]
    invalid = (
        {**seconds, "metric": "group_ownership_time"},
        {**seconds, "priority": "highest"},
        {**seconds, "target_in_seconds": 14},
        {"metric": "first_reply_time", "priority": "high"},
    )
    for metric in invalid:
        policy = {"title": "x", "filter": {"all": []}, "policy_metrics": [metric]}
        response = zendesk.send("POST", "slas/policies", {"sla_policy": policy})
        assert response.status_code == 422, metric
    ticket = zendesk.create_ticket(priority="high")

    assert [policy["position"] for policy in policies] == [1, 2]
    targets = [
        (item["target"], item["target_in_seconds"])
        for policy in policies
        for item in policy["policy_metrics"]
    ]
    assert targets == [(1, 90), (5, 300)]
    breach_at = get_slas(zendesk, ticket["id"])["first_reply_time"]["breach_at"]
    assert breach_at == "2026-09-21T14:14:50Z"
    view = {"all": [{"field": "status", "operator": "is", "value": "new"}]}
    view["output"] = {"columns": ["sla_next_breach_at"]}
    (row,) = zendesk.send("POST", "views/preview", {"view": view}).json()["rows"]
    assert row["sla_next_breach_at"] == breach_at


def test_automations_count_hours_from_and_to_breaches(zendesk):
    """Conditions count the hours until the next breach of a target, and since the last one."""
    add_policy(zendesk, ("first_reply_time", "high", 180, False))
    add_automation(zendesk, [("until_sla_next_breach_at", "is", "1")], [("current_tags", "soon")])
    add_automation(zendesk, [("sla_next_breach_at", "is", "2")], [("current_tags", "breached")])
    kim = {"name": "Kim", "email": "kim@example.com"}
    pk, other = (
        zendesk.create_ticket(priority=priority, requester=kim)["id"]
        for priority in ("high", "low")
    )
    expected = [[], ["soon"], ["soon"], ["soon"], ["soon", "breached"]]

    tags = []
    for _ in expected:
        zendesk.emulator.advance(hours=1)
        tags.append(zendesk.get(f"tickets/{pk}")["ticket"]["tags"])

    assert tags == expected
    assert zendesk.get(f"tickets/{other}")["ticket"]["tags"] == []
    assert zendesk.emulator.ignored.describe() == ""


def test_schedules_know_the_time_zones_of_zendesk():
    """Names of Zendesk and of the tz database are time zones; other names are UTC."""
    zones = {
        "Eastern Time (US & Canada)": "America/New_York",
        "Amsterdam": "Europe/Amsterdam",
        "Kuala Lumpur": "Asia/Kuala_Lumpur",
        "New Delhi": "Asia/Kolkata",
        "Georgetown": "America/Guyana",
        "Edinburgh": "Europe/London",
        "Samoa": "Pacific/Apia",
        "Europe/Berlin": "Europe/Berlin",
        "Nowhere": "UTC",
    }

    assert {name: str(find_zone(name)) for name in zones} == zones

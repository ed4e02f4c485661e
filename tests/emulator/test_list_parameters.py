"""Parameters of lists that change the form of rows, and not which rows are returned."""

from __future__ import annotations

import json

import pytest

from zendesk_orm import Ticket, User


@pytest.mark.parametrize("value", ["true", "false"])
def test_parameters_of_the_form_leave_the_rows(zendesk, value):
    """`include_inline_images`, `resolve_dc` and `creator` do not empty a list."""
    zendesk.emulator.make_ids(Ticket)
    zendesk.create("user_fields", type="text", title="A", key="a")
    problems = []
    for path, parameter in (
        ("tickets/1/comments", "include_inline_images"),
        ("ticket_fields", "creator"),
        ("ticket_forms", "fallback_to_default"),
        ("user_fields", "resolve_dc"),
    ):
        key = path.rpartition("/")[2]
        for paging in ({}, {"page[size]": 10}, {"page": 1, "per_page": 10}):
            before = zendesk.get(path, **paging)[key]
            after = zendesk.get(path, **paging, **{parameter: value})[key]
            if not before or len(after) != len(before):
                problems.append(f"{path} {parameter} {paging}: {len(after)} of {len(before)}")

    assert problems == []


def test_parameters_select_rows(zendesk):
    """Counts and `show_many` have the filters that Zendesk describes, and lists have flags."""
    emulator = zendesk.emulator
    (agent,) = emulator.make_ids(User, role="agent")
    emulator.make_ids(User, 2)
    forms = [
        zendesk.create("ticket_forms", name=name, active=name != "off", in_all_brands=name == "all",
                       restricted_brand_ids=[])["id"]
        for name in ("all", "off", "other")
    ]  # fmt: skip
    first, second = emulator.make_ids(Ticket, 2, requester=agent)
    emulator.archive(second)
    ids = ",".join(map(str, forms))
    followed = {"ticket": {"followers": [{"user_id": agent, "action": "put"}]}}
    zendesk.send("PUT", f"tickets/{first}", followed)

    counts = {
        params: zendesk.get("users/count", **dict(params))["count"]["value"]
        for params in ((), (("role", "agent"),), (("role[]", "end-user"),))
    }
    assert counts == {(): 4, (("role", "agent"),): 1, (("role[]", "end-user"),): 2}
    shown = {
        params: [form["id"] for form in zendesk.get(
            "ticket_forms/show_many", ids=ids, **dict(params))["ticket_forms"]]
        for params in ((), (("active", "true"),), (("associated_to_brand", "true"),))
    }  # fmt: skip
    assert shown == {
        (): forms,
        (("active", "true"),): [forms[0], forms[2]],
        (("associated_to_brand", "true"),): forms[:1],
    }
    listed = zendesk.get("ticket_forms", associated_to_brand="true")["ticket_forms"]
    assert forms[0] in [form["id"] for form in listed]
    assert forms[2] not in [form["id"] for form in listed]
    of_type = {
        name: len(zendesk.get("ticket_forms", form_type=name)["ticket_forms"])
        for name in ("standard", "all", "service_catalog")
    }
    assert of_type == {"standard": 4, "all": 4, "service_catalog": 0}
    page = zendesk.get(f"users/{agent}/tickets/requested", exclude_count="true", page=1)
    assert "count" not in page
    for path in ("requested", "followed"):
        rows = zendesk.get(f"users/{agent}/tickets/{path}", exclude_archived="true")["tickets"]
        assert [row["id"] for row in rows] == [first], path


def test_parameters_change_the_form_of_rows(zendesk):
    """Empty custom fields and events of other types are left out of rows on request."""
    text, empty = (
        zendesk.create("ticket_fields", type="text", title=title)["id"] for title in ("A", "B")
    )
    ticket = zendesk.create_ticket(custom_fields=[{"id": text, "value": "x"}])
    path = f"tickets/{ticket['id']}"
    fields = {
        value: [field["id"] for field in zendesk.get(path, **params)["ticket"]["custom_fields"]]
        for value, params in (("all", {}), ("set", {"reduced_payload_size": "true"}))
    }
    audits = zendesk.get(f"{path}/audits", **{"filter_events[]": ["Comment", "Notification"]})
    types = {event["type"] for audit in audits["audits"] for event in audit["events"]}

    assert fields == {"all": [text, empty], "set": [text]}
    assert types == {"Comment"}


def test_lists_have_the_described_orders(zendesk):
    """Rows are sorted by each name that Zendesk describes, such as that of another row's field."""
    emulator = zendesk.emulator
    people = [emulator.make_ids(User, name=name)[0] for name in ("Zoe", "Abe", "Max")]
    tickets = [emulator.make_ids(Ticket, requester=pk)[0] for pk in people]
    groups = [zendesk.create("groups", name=name)["id"] for name in ("B", "A", "C")]
    for pk, group in zip(tickets, reversed(groups), strict=True):
        zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"group_id": group}})
    for title in ("Second", "First", "Third"):
        action = {"field": "status", "value": "open"}
        condition = {"field": "status", "operator": "is", "value": "open"}
        zendesk.create("macros", title=title, actions=[action])
        zendesk.create("triggers", title=title, actions=[action], conditions={"all": [condition]})
    for number, name in enumerate(("c@x.org", "a@x.org", "b@x.org"), start=1):
        row = {"id": number, "author": {"email": name}}
        emulator.load([json.dumps({"model": "SuspendedTicket", "row": row})])
    by_name, by_group = [tickets[number] for number in (1, 2, 0)], tickets[::-1]
    expected = {
        ("tickets", "requester"): tickets,
        ("tickets", "requester.name"): by_name,
        ("tickets", "group"): by_group,
        ("tickets", "assignee"): tickets,
        ("tickets", "assignee.name"): tickets,
        ("tickets", "deleted_at"): tickets,
        ("macros", "alphabetical"): ["First", "Second", "Third"],
        ("triggers", "alphabetical"): ["First", "Second", "Third"],
        ("suspended_tickets", "author_email"): [2, 3, 1],
        ("deleted_tickets", "requester.name"): by_name,
        ("deleted_tickets", "group"): by_group,
        ("deleted_tickets", "created_at"): tickets,
        ("deleted_tickets", "status"): tickets,
        ("deleted_tickets", "deleted_at"): tickets,
    }
    actual = {}
    for path, name in expected:
        if path == "deleted_tickets":
            for pk in tickets:
                zendesk.send("DELETE", f"tickets/{pk}")
        rows = zendesk.get(path, sort_by=name)[path]
        actual[path, name] = [row["title"] if "title" in row else row["id"] for row in rows]

    assert actual == expected
    error = zendesk.send("GET", "tickets", params={"sort_by": "nothing"})
    assert error.status_code == 400


def test_links_of_tables_keep_the_order(zendesk):
    """The next page of an executed view has the order that the request chose."""
    tickets = zendesk.emulator.make_ids(Ticket, 5)
    condition = {"field": "status", "operator": "is", "value": "new"}
    view = zendesk.create("views", title="New", all=[condition])["id"]
    for paging in ({"per_page": 2}, {"page[size]": 2}):
        page = zendesk.get(f"views/{view}/execute", sort_by="id", sort_order="asc", **paging)
        rows = list(page["rows"])
        while len(rows) < len(tickets):
            page = zendesk.get(page.get("next_page") or page["links"]["next"])
            rows += page["rows"]

        assert [row["ticket"]["id"] for row in rows] == tickets, paging

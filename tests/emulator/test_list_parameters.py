"""Parameters of lists that change the form of rows, and not which rows are returned."""

from __future__ import annotations

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

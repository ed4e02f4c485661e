"""Details of responses on which clients in other languages depend."""

from __future__ import annotations

import json

import pytest


CALL = {"app_id": 1, "direction": "inbound", "call_started_at": "2026-01-01T15:31:40+01:00"}


def test_comments_have_numbered_pages(zendesk):
    """The list of comments, whose links have cursors, also has numbered pages."""
    ticket = zendesk.create_ticket()["id"]
    zendesk.send("PUT", f"tickets/{ticket}", {"ticket": {"comment": {"body": "second"}}})
    pages = [
        [item["body"] for item in zendesk.get(path, per_page=1, page=number)["comments"]]
        for path in [f"tickets/{ticket}/comments"]
        for number in (1, 2, 3)
    ]

    assert pages == [["Help"], ["second"], []]


@pytest.mark.parametrize("comment", [{"value": "hello"}, {"body": "hello"}, "hello"])
def test_a_comment_has_several_forms(zendesk, comment):
    """A comment is a string, or an object with `body` or the old key `value`."""
    ticket = zendesk.create("tickets", subject="x", comment=comment)
    zendesk.send("PUT", f"tickets/{ticket['id']}", {"ticket": {"comment": comment}})

    assert ticket["description"] == "hello"
    comments = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert [item["body"] for item in comments] == ["hello", "hello"]


def test_search_accepts_both_names_of_dates(zendesk):
    """Search accepts `created_at` and `updated_at` as well as `created` and `updated`."""
    ticket = zendesk.create_ticket()["id"]

    for keyword in ("created", "created_at", "updated", "updated_at"):
        assert zendesk.search(f"type:ticket {keyword}>2020-01-01") == [ticket]
        assert zendesk.search(f"type:ticket {keyword}<2020-01-01") == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("comment_count", "comment_count"),
        ("metric_sets", "metric_set"),
        ("dates", "dates"),
        ("incident_counts", "incident_count"),
    ],
)
def test_side_loads_are_inserted_into_tickets(zendesk, name, key):
    """Some side-loads are keys of each ticket, in lists and for single tickets."""
    ticket = zendesk.create_ticket()["id"]

    assert key in zendesk.get("tickets", include=name)["tickets"][0]
    assert key in zendesk.get(f"tickets/{ticket}", include=name)["ticket"]
    assert key not in zendesk.get(f"tickets/{ticket}")["ticket"]


@pytest.mark.parametrize("name", ["metric_events", "slas"])
def test_some_side_loads_are_those_of_single_tickets(zendesk, name):
    """Metric events and SLA targets are not in lists."""
    ticket = zendesk.create_ticket()["id"]

    assert name not in zendesk.get("tickets", include=name)["tickets"][0]
    assert name in zendesk.get(f"tickets/{ticket}", include=name)["ticket"]


def test_metric_events_are_grouped_by_metric(zendesk):
    """The events of a ticket are those of the incremental export."""
    ticket = zendesk.create_ticket()["id"]

    groups = zendesk.get(f"tickets/{ticket}", include="metric_events")["ticket"]["metric_events"]
    zendesk.clock.sleep(120)
    exported = zendesk.get("incremental/ticket_metric_events", start_time=1)

    assert {event["metric"] for event in groups["reply_time"]} == {"reply_time"}
    events = [event for group in groups.values() for event in group]
    assert sorted(event["id"] for event in events) == sorted(
        event["id"] for event in exported["ticket_metric_events"]
    )


def test_forms_side_load_their_fields(zendesk):
    """The response for forms contains the rows of their fields."""
    form = zendesk.get("ticket_forms")["ticket_forms"][0]
    shown = zendesk.get(f"ticket_forms/{form['id']}", include="ticket_fields")

    assert sorted(form["ticket_field_ids"]) == [item["id"] for item in shown["ticket_fields"]]


def test_help_center_pages_have_thirty_rows(zendesk):
    """Pages of the help center have thirty rows; the last cursor page has no next link."""
    for number in range(31):
        response = zendesk.send(
            "POST", "help_center/categories", {"category": {"name": f"c{number}"}}
        )
        assert "Location" not in response.headers
    numbered = zendesk.get("help_center/categories")
    first = zendesk.get("help_center/categories", **{"page[size]": 20})
    second = zendesk.send("GET", first["links"]["next"]).json()
    last = zendesk.send("GET", first["links"]["last"]).json()

    assert (
        len(numbered["categories"]),
        *(numbered[key] for key in ("page", "per_page", "page_count", "count")),
    ) == (30, 1, 30, 2, 31)
    assert first["links"].keys() == {"first", "last", "next"}
    assert second["links"].keys() == {"first", "last", "prev"}
    assert len(second["categories"]) == 11
    assert second["categories"] == last["categories"][-11:]


def test_last_page_of_tags_has_no_next_link(zendesk):
    """The last page of tags has no next link, so that clients which follow links reach the end."""
    zendesk.create_ticket(tags=["a", "b"])
    page, pages = zendesk.get("tags", **{"page[size]": 1}), 1
    while page["links"]["next"]:
        page, pages = zendesk.send("GET", page["links"]["next"]).json(), pages + 1

    assert (pages, page["tags"]) == (3, [])


def test_a_form_upload_stores_its_file(zendesk):
    """An upload as a multipart form stores the file of the form only."""
    response = zendesk.session.post(
        "https://emulator.zendesk.com/api/v2/uploads",
        files={"uploaded_data": ("a.gif", b"GIF", "image/gif")},
        data={"filename": "b.gif"},
        headers={"Accept": "application/json"},
    )
    attachment = response.json()["upload"]["attachment"]

    assert (
        response.status_code,
        response.headers["Content-Type"].partition(";")[0],
    ) == (201, "application/json")
    assert (
        attachment["file_name"],
        attachment["content_type"],
        attachment["size"],
    ) == ("b.gif", "image/gif", 3)
    assert zendesk.session.get(attachment["content_url"]).content == b"GIF"


def test_saved_searches_have_no_envelope(zendesk):
    """A saved search is sent without an envelope, and returned with one."""
    body = {"name": "Open", "query": "status:open", "type": "ticket"}
    created = zendesk.send("POST", "saved_searches", body)
    pk = created.json()["saved_search"]["id"]
    changed = zendesk.send("PUT", f"saved_searches/{pk}", {**body, "name": "Mine"})

    assert (created.status_code, created.json()["saved_search"]["name"]) == (201, "Open")
    assert changed.json()["saved_search"]["name"] == "Mine"


def test_view_conditions_have_two_forms(zendesk):
    """Conditions of a view are sent as top-level keys or below `conditions`."""
    conditions = {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}
    view = zendesk.create("views", title="v", conditions=conditions)

    assert view["conditions"] == conditions


def test_equal_bodies_have_equal_etags(zendesk):
    """Equal bodies have equal ETags, different bodies different ones, and errors have none."""
    pk = zendesk.create_ticket()["id"]
    first, second = (zendesk.send("GET", f"tickets/{pk}").headers["ETag"] for _ in range(2))
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "other"}})

    assert first == second != zendesk.send("GET", f"tickets/{pk}").headers["ETag"]
    assert first.startswith('W/"')
    assert "ETag" not in zendesk.send("GET", "tickets/999").headers


def test_the_export_sample_has_fifty_rows(zendesk):
    """`incremental/tickets/sample` returns pages with at most fifty rows."""
    for _ in range(60):
        zendesk.create_ticket()
        zendesk.clock.sleep(1)
    zendesk.clock.sleep(90)
    page = zendesk.get("incremental/tickets/sample", start_time=1000)

    assert (len(page["tickets"]), page["end_of_stream"]) == (50, False)


def test_autocomplete_accepts_a_body(zendesk):
    """The name for `autocomplete` can be sent in the body of a POST request."""
    results = zendesk.send("POST", "users/autocomplete", {"name": "oli"}).json()["users"]

    assert [item["name"] for item in results] == ["Olivia Owner"]


def test_metric_events_have_cursor_pages(zendesk):
    """Metric events have pages of `page[size]` rows, of which the last is marked."""
    for _ in range(3):
        zendesk.create_ticket()
    zendesk.clock.sleep(90)
    page = zendesk.get("incremental/ticket_metric_events", start_time=1000, **{"page[size]": 2})
    results = [item["id"] for item in page["ticket_metric_events"]]
    while page["meta"]["has_more"]:
        page = zendesk.send("GET", page["links"]["next"]).json()
        results += [item["id"] for item in page["ticket_metric_events"]]
    complete = zendesk.get("incremental/ticket_metric_events", start_time=1000)

    assert results == [item["id"] for item in complete["ticket_metric_events"]]


def test_system_fields_have_portal_titles(zendesk):
    """All system fields have a title in the portal and can be edited by agents."""
    for field in zendesk.get("ticket_fields")["ticket_fields"]:
        assert field["title"] == field["title_in_portal"] == field["raw_title_in_portal"]
        assert field["agent_can_edit"] is True


def test_tickets_have_encoded_id_and_support_type(zendesk):
    """Tickets have a unique string `encoded_id`, and the `support_type` of an agent."""
    one, two = zendesk.create_ticket(), zendesk.create_ticket()

    assert one["encoded_id"] != two["encoded_id"]
    assert one["support_type"] == "agent"


def test_tickets_of_the_demo_account_have_encoded_id(demo_zendesk):
    """Tickets of the demo account have a unique string `encoded_id`, too."""
    tickets = demo_zendesk.get("tickets")["tickets"]

    assert len({ticket["encoded_id"] for ticket in tickets}) == len(tickets)
    assert all(isinstance(ticket["encoded_id"], str) for ticket in tickets)


def test_a_call_comment_can_create_a_ticket(zendesk):
    """A comment on a call without a ticket returns 201 and times in UTC."""
    call = zendesk.create("calls", **CALL)
    comment = {"title": "t", "call_fields": ["direction"]}

    assert call["call_started_at"] == "2026-01-01T14:31:40Z"
    assert zendesk.send("POST", f"calls/{call['id']}/comments", comment).status_code == 201


def test_jira_links_have_string_ids(zendesk):
    """The ids of Jira links are strings, and their address has one path."""
    link = {"ticket_id": zendesk.create_ticket()["id"], "issue_id": 10, "issue_key": "A-1"}
    created = zendesk.send("POST", "/api/services/jira/links", {"link": link}).json()["link"]

    assert created["issue_id"] == "10"
    assert created["url"].startswith("https://emulator.zendesk.com/api/services/jira/links/")


def test_tags_are_split_at_blanks(zendesk):
    """A tag with a blank becomes two tags for every resource with tags."""
    user = zendesk.create("users", name="T", tags=["nice person"])

    assert user["tags"] == ["nice", "person"]
    assert zendesk.create_ticket(tags=["A b", "b c"])["tags"] == ["a", "b", "c"]


def test_suspended_requester_is_rejected(zendesk):
    """New tickets of a suspended requester are rejected, and existing ones can be updated."""
    user = zendesk.create("users", name="S", email="s@example.com")["id"]
    ticket = zendesk.create_ticket(requester_id=user)["id"]
    zendesk.send("PUT", f"users/{user}", {"user": {"suspended": True}})
    rejected = zendesk.send(
        "POST", "tickets", {"ticket": {"comment": {"body": "x"}, "requester_id": user}}
    )
    changed = zendesk.send("PUT", f"tickets/{ticket}", {"ticket": {"subject": "y"}})

    assert (rejected.status_code, changed.status_code) == (422, 200)
    assert "suspended" in json.dumps(rejected.json()["details"]["requester"])


def test_phone_number_is_an_identity(zendesk):
    """The phone number of a user is an identity if no other user has it."""
    user = zendesk.create("users", name="P", email="p@example.com", phone="+15105551234")
    registered = user["id"]
    shared = zendesk.create("users", name="Q", phone="+15105551235", shared_phone_number=True)["id"]

    assert [
        (item["type"], item["value"])
        for item in zendesk.get(f"users/{registered}/identities")["identities"]
    ] == [("email", "p@example.com"), ("phone_number", "+15105551234")]
    assert zendesk.get(f"users/{shared}/identities")["identities"] == []


def test_create_or_update_finds_an_id(zendesk):
    """`create_or_update` finds a user by its id."""
    user = zendesk.create("users", name="A")["id"]
    response = zendesk.send("POST", "users/create_or_update", {"user": {"id": user, "name": "B"}})

    assert (200, user, "B") == (
        response.status_code,
        response.json()["user"]["id"],
        response.json()["user"]["name"],
    )


def test_the_owner_cannot_be_suspended(zendesk):
    """The owner of the account cannot be suspended."""
    owner = zendesk.get("users/me")["user"]["id"]
    response = zendesk.send("PUT", f"users/{owner}", {"user": {"suspended": True}})

    assert response.status_code == 422
    assert zendesk.create_ticket()


def test_the_owner_cannot_be_deleted(zendesk):
    """The owner of the account cannot be deleted."""
    owner = zendesk.get("users/me")["user"]["id"]

    assert zendesk.send("DELETE", f"users/{owner}").status_code == 422
    assert zendesk.create_ticket()


def test_a_webhook_is_updated_by_put(zendesk):
    """PUT updates a webhook and returns 204 without a body, as PATCH does."""
    values = {
        "name": "a",
        "status": "active",
        "endpoint": "https://example.com",
        "http_method": "POST",
        "request_format": "json",
    }
    pk = zendesk.create("webhooks", **values)["id"]
    response = zendesk.send("PUT", f"webhooks/{pk}", {"webhook": {**values, "name": "b"}})

    assert (
        response.status_code,
        zendesk.get(f"webhooks/{pk}")["webhook"]["name"],
    ) == (204, "b")

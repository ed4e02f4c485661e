"""Details in which clients in other languages depend on Zendesk, each asked over HTTP."""

from __future__ import annotations

import json

import pytest


CALL = {"app_id": 1, "direction": "inbound", "call_started_at": "2026-01-01T15:31:40+01:00"}


def test_comments_are_read_by_number(zendesk):
    """A list whose links are cursors has numbered pages for clients that count them."""
    ticket = zendesk.ticket()["id"]
    zendesk.send("PUT", f"tickets/{ticket}", {"ticket": {"comment": {"body": "second"}}})
    pages = [
        [each["body"] for each in zendesk.get(path, per_page=1, page=number)["comments"]]
        for path in [f"tickets/{ticket}/comments"]
        for number in (1, 2, 3)
    ]

    assert [["Help"], ["second"], []] == pages


@pytest.mark.parametrize("comment", [{"value": "hello"}, {"body": "hello"}, "hello"])
def test_comments_are_taken_in_each_form(zendesk, comment):
    """A comment is its text, or an object with it as `body` or, as of old, as `value`."""
    ticket = zendesk.made("tickets", subject="x", comment=comment)
    zendesk.send("PUT", f"tickets/{ticket['id']}", {"ticket": {"comment": comment}})

    assert "hello" == ticket["description"]
    comments = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert ["hello", "hello"] == [each["body"] for each in comments]


def test_dates_are_found_by_both_names(zendesk):
    """Search knows `created_at` and `updated_at` besides `created` and `updated`."""
    ticket = zendesk.ticket()["id"]

    for keyword in ("created", "created_at", "updated", "updated_at"):
        assert [ticket] == zendesk.found(f"type:ticket {keyword}>2020-01-01")
        assert [] == zendesk.found(f"type:ticket {keyword}<2020-01-01")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("comment_count", "comment_count"),
        ("metric_sets", "metric_set"),
        ("dates", "dates"),
        ("incident_counts", "incident_count"),
        ("slas", "slas"),
    ],
)
def test_values_are_side_loaded_into_tickets(zendesk, name, key):
    """Some side-loads are in each ticket, of a list as of a single one."""
    ticket = zendesk.ticket()["id"]

    assert key in zendesk.get("tickets", include=name)["tickets"][0]
    assert key in zendesk.get(f"tickets/{ticket}", include=name)["ticket"]
    assert key not in zendesk.get(f"tickets/{ticket}")["ticket"]


def test_forms_are_side_loaded_with_their_fields(zendesk):
    """A form comes with the rows of the fields that it shows."""
    form = zendesk.get("ticket_forms")["ticket_forms"][0]
    shown = zendesk.get(f"ticket_forms/{form['id']}", include="ticket_fields")

    assert sorted(form["ticket_field_ids"]) == [each["id"] for each in shown["ticket_fields"]]


def test_the_help_center_pages_in_its_own_way(zendesk):
    """Pages have thirty rows and are counted; a cursor page has no link where none leads on."""
    for number in range(31):
        answer = zendesk.send(
            "POST", "help_center/categories", {"category": {"name": f"c{number}"}}
        )
        assert "Location" not in answer.headers
    numbered = zendesk.get("help_center/categories")
    first = zendesk.get("help_center/categories", **{"page[size]": 20})
    second = zendesk.send("GET", first["links"]["next"]).json()
    last = zendesk.send("GET", first["links"]["last"]).json()

    assert (30, 1, 30, 2, 31) == (
        len(numbered["categories"]),
        *(numbered[key] for key in ("page", "per_page", "page_count", "count")),
    )
    assert {"first", "last", "next"} == first["links"].keys()
    assert {"first", "last", "prev"} == second["links"].keys()
    assert 11 == len(second["categories"])
    assert second["categories"] == last["categories"][-11:]


def test_the_last_page_of_tags_has_no_next(zendesk):
    """A client that follows `links.next` until it is null comes to an end."""
    zendesk.ticket(tags=["a", "b"])
    page, pages = zendesk.get("tags", **{"page[size]": 1}), 1
    while page["links"]["next"]:
        page, pages = zendesk.send("GET", page["links"]["next"]).json(), pages + 1

    assert (3, []) == (pages, page["tags"])


def test_files_are_uploaded_as_forms(zendesk):
    """A file that comes as a part of a form is kept without the form around it."""
    answer = zendesk.session.post(
        "https://emulator.zendesk.com/api/v2/uploads",
        files={"uploaded_data": ("a.gif", b"GIF", "image/gif")},
        data={"filename": "b.gif"},
        headers={"Accept": "application/json"},
    )
    attachment = answer.json()["upload"]["attachment"]

    assert (201, "application/json") == (
        answer.status_code,
        answer.headers["Content-Type"].partition(";")[0],
    )
    assert ("b.gif", "image/gif", 3) == (
        attachment["file_name"],
        attachment["content_type"],
        attachment["size"],
    )
    assert b"GIF" == zendesk.session.get(attachment["content_url"]).content


def test_saved_searches_are_taken_without_an_envelope(zendesk):
    """The body is the search itself, and the response has an envelope."""
    body = {"name": "Open", "query": "status:open", "type": "ticket"}
    made = zendesk.send("POST", "saved_searches", body)
    pk = made.json()["saved_search"]["id"]
    changed = zendesk.send("PUT", f"saved_searches/{pk}", {**body, "name": "Mine"})

    assert (201, "Open") == (made.status_code, made.json()["saved_search"]["name"])
    assert "Mine" == changed.json()["saved_search"]["name"]


def test_views_take_their_conditions_below_a_key(zendesk):
    """Conditions are sent flat, or as they are read, below `conditions`."""
    conditions = {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}
    view = zendesk.made("views", title="v", conditions=conditions)

    assert conditions == view["conditions"]


def test_answers_have_an_etag(zendesk):
    """The same body has the same tag, another one another; errors have none."""
    pk = zendesk.ticket()["id"]
    first, second = (zendesk.send("GET", f"tickets/{pk}").headers["ETag"] for _ in range(2))
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "other"}})

    assert first == second != zendesk.send("GET", f"tickets/{pk}").headers["ETag"]
    assert first.startswith('W/"')
    assert "ETag" not in zendesk.send("GET", "tickets/999").headers


def test_exports_have_samples(zendesk):
    """`incremental/tickets/sample` has fifty rows at most, and pages by time."""
    for _ in range(60):
        zendesk.ticket()
        zendesk.clock.sleep(1)
    zendesk.clock.sleep(90)
    page = zendesk.get("incremental/tickets/sample", start_time=1000)

    assert (50, False) == (len(page["tickets"]), page["end_of_stream"])


def test_users_are_suggested_by_post(zendesk):
    """The name may come in the body."""
    found = zendesk.send("POST", "users/autocomplete", {"name": "oli"}).json()["users"]

    assert ["Olivia Owner"] == [each["name"] for each in found]


def test_metric_events_are_paged_by_cursor(zendesk):
    """With `page[size]` pages are as short as asked, and end."""
    for _ in range(3):
        zendesk.ticket()
    zendesk.clock.sleep(90)
    page = zendesk.get("incremental/ticket_metric_events", start_time=1000, **{"page[size]": 2})
    found = [each["id"] for each in page["ticket_metric_events"]]
    while page["meta"]["has_more"]:
        page = zendesk.send("GET", page["links"]["next"]).json()
        found += [each["id"] for each in page["ticket_metric_events"]]
    whole = zendesk.get("incremental/ticket_metric_events", start_time=1000)

    assert found == [each["id"] for each in whole["ticket_metric_events"]]


def test_system_fields_have_titles_in_the_portal(zendesk):
    """As in all recordings; agents can edit them."""
    for field in zendesk.get("ticket_fields")["ticket_fields"]:
        assert field["title"] == field["title_in_portal"] == field["raw_title_in_portal"]
        assert field["agent_can_edit"] is True


def test_tickets_have_the_keys_of_2026(zendesk):
    """`encoded_id` is a string that no other ticket has; `support_type` is the agent's."""
    one, two = zendesk.ticket(), zendesk.ticket()

    assert one["encoded_id"] != two["encoded_id"]
    assert "agent" == one["support_type"]


def test_calls_are_commented_without_a_ticket(zendesk):
    """A comment on a call without a ticket is 201; moments come back in UTC."""
    call = zendesk.made("calls", **CALL)
    comment = {"title": "t", "call_fields": ["direction"]}

    assert "2026-01-01T14:31:40Z" == call["call_started_at"]
    assert 201 == zendesk.send("POST", f"calls/{call['id']}/comments", comment).status_code


def test_links_to_jira_have_ids_as_strings(zendesk):
    """An id that is sent as a number comes back as a string, and the address has one path."""
    link = {"ticket_id": zendesk.ticket()["id"], "issue_id": 10, "issue_key": "A-1"}
    made = zendesk.send("POST", "/api/services/jira/links", {"link": link}).json()["link"]

    assert "10" == made["issue_id"]
    assert made["url"].startswith("https://emulator.zendesk.com/api/services/jira/links/")


def test_tags_are_split_at_blanks(zendesk):
    """A tag with a blank becomes two, whatever they are given to."""
    user = zendesk.made("users", name="T", tags=["nice person"])

    assert ["nice", "person"] == user["tags"]
    assert ["a", "b", "c"] == zendesk.ticket(tags=["A b", "b c"])["tags"]


def test_suspended_users_request_no_tickets(zendesk):
    """A new ticket of a suspended requester is refused; one that exists can be changed."""
    user = zendesk.made("users", name="S", email="s@example.com")["id"]
    ticket = zendesk.ticket(requester_id=user)["id"]
    zendesk.send("PUT", f"users/{user}", {"user": {"suspended": True}})
    refused = zendesk.send(
        "POST", "tickets", {"ticket": {"comment": {"body": "x"}, "requester_id": user}}
    )
    changed = zendesk.send("PUT", f"tickets/{ticket}", {"ticket": {"subject": "y"}})

    assert (422, 200) == (refused.status_code, changed.status_code)
    assert "suspended" in json.dumps(refused.json()["details"]["requester"])


def test_own_phone_numbers_are_identities(zendesk):
    """The number of a user is an identity, and one that several share is none."""
    own = zendesk.made("users", name="P", email="p@example.com", phone="+15105551234")["id"]
    shared = zendesk.made("users", name="Q", phone="+15105551235", shared_phone_number=True)["id"]

    assert [("email", "p@example.com"), ("phone_number", "+15105551234")] == [
        (each["type"], each["value"])
        for each in zendesk.get(f"users/{own}/identities")["identities"]
    ]
    assert [] == zendesk.get(f"users/{shared}/identities")["identities"]


def test_users_are_updated_by_their_id(zendesk):
    """`create_or_update` knows a user by the id as well."""
    user = zendesk.made("users", name="A")["id"]
    answer = zendesk.send("POST", "users/create_or_update", {"user": {"id": user, "name": "B"}})

    assert (200, user, "B") == (
        answer.status_code,
        answer.json()["user"]["id"],
        answer.json()["user"]["name"],
    )


def test_the_owner_cannot_be_suspended(zendesk):
    """The account goes on to work, whoever is suspended."""
    owner = zendesk.get("users/me")["user"]["id"]
    answer = zendesk.send("PUT", f"users/{owner}", {"user": {"suspended": True}})

    assert 422 == answer.status_code
    assert zendesk.ticket()


def test_the_owner_cannot_be_deleted(zendesk):
    """The account goes on to work, whatever is deleted."""
    owner = zendesk.get("users/me")["user"]["id"]

    assert 422 == zendesk.send("DELETE", f"users/{owner}").status_code
    assert zendesk.ticket()


def test_webhooks_are_changed_by_put(zendesk):
    """PUT is 204 without a body, as PATCH."""
    values = {
        "name": "a",
        "status": "active",
        "endpoint": "https://example.com",
        "http_method": "POST",
        "request_format": "json",
    }
    pk = zendesk.made("webhooks", **values)["id"]
    answer = zendesk.send("PUT", f"webhooks/{pk}", {"webhook": {**values, "name": "b"}})

    assert (204, "b") == (
        answer.status_code,
        zendesk.get(f"webhooks/{pk}")["webhook"]["name"],
    )

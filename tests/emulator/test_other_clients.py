"""Requests in the forms that other clients send."""

from __future__ import annotations

import pytest

from tests.contract.spec import needs_spec, read_operations
from tests.emulator.malformed import routes
from zendesk_orm.emulator.server.unsupported import find_unsupported


STATUS_IS_OPEN = {"field": "status", "operator": "is", "value": "open"}


@pytest.mark.parametrize(
    "comment", [{"value": "Hello"}, {"body": "Hello"}, {"html_body": "<p>Hello</p>"}, "Hello"]
)
def test_comments_have_several_forms(zendesk, comment):
    """The text of a comment is `value`, `body`, `html_body`, or the comment itself."""
    ticket = zendesk.create_ticket(comment=comment)
    zendesk.send("PUT", f"tickets/{ticket['id']}", {"ticket": {"comment": comment}})

    comments = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert [row["body"] for row in comments] == ["Hello", "Hello"]


def test_conditions_of_views_may_be_nested(zendesk):
    """The key `conditions` of responses is accepted in requests, and not ignored."""
    conditions = {"all": [STATUS_IS_OPEN], "any": []}

    view = zendesk.create("views", title="Open", conditions=conditions)

    assert view["conditions"] == conditions
    assert not zendesk.emulator.ignored


def test_files_may_be_sent_as_forms(zendesk):
    """A multipart form uploads its file; the parameter `filename` is its name."""
    url = "https://emulator.zendesk.com/api/v2/uploads.json"
    files = {"uploaded_data": ("a.txt", b"hello", "text/plain")}

    with_name = zendesk.session.post(url, files=files, params={"filename": "b.txt"}).json()[
        "upload"
    ]
    without_name = zendesk.session.post(url, files=files).json()["upload"]

    assert (with_name["attachment"]["file_name"], with_name["attachment"]["size"]) == ("b.txt", 5)
    assert without_name["attachment"]["file_name"] == "a.txt"


def test_webhooks_are_replaced_by_put(zendesk):
    """PUT changes a webhook, as PATCH does, and responds with 204."""
    values = {"endpoint": "https://example.com", "http_method": "POST", "request_format": "json"}
    pk = zendesk.send(
        "POST", "webhooks", {"webhook": {"name": "a", "status": "active", **values}}
    ).json()["webhook"]["id"]

    response = zendesk.send("PUT", f"webhooks/{pk}", {"webhook": {"name": "b", **values}})

    assert (response.status_code, response.text) == (204, "")
    assert zendesk.get(f"webhooks/{pk}")["webhook"]["name"] == "b"


def test_ids_may_be_texts(zendesk):
    """Ids in a body can be strings; responses contain numbers."""
    owner, group = zendesk.get("users")["users"][0]["id"], zendesk.get("groups")["groups"][0]["id"]

    ticket = zendesk.create_ticket(
        requester_id=str(owner), group_id=str(group), collaborator_ids=[str(owner)]
    )

    assert (ticket["requester_id"], ticket["group_id"]) == (owner, group)
    assert ticket["collaborator_ids"] == [owner]


def test_blank_choices_mean_none(zendesk):
    """A blank choice removes an optional value, and does not change a required one."""
    ticket = zendesk.create_ticket(priority="", type="", status="")
    assert (ticket["priority"], ticket["type"], ticket["status"]) == (None, None, "new")

    path = f"tickets/{zendesk.create_ticket(type='task', status='open')['id']}"
    zendesk.send("PUT", path, {"ticket": {"type": "", "status": ""}})
    ticket = zendesk.get(path)["ticket"]
    assert (ticket["type"], ticket["status"]) == (None, "open")


def test_second_pages_of_comments_differ(zendesk):
    """Comments also have numbered pages."""
    path = f"tickets/{zendesk.create_ticket()['id']}"
    for number in range(4):
        zendesk.send("PUT", path, {"ticket": {"comment": {"body": str(number)}}})

    pages = [
        [row["body"] for row in zendesk.get(f"{path}/comments", page=page, per_page=2)["comments"]]
        for page in (1, 2, 3, 4)
    ]

    assert pages == [["Help", "0"], ["1", "2"], ["3"], []]


def test_help_center_lists_have_thirty_rows_per_page(zendesk):
    """Pages have 30 rows and count the pages; the last page by cursor has no link `next`."""
    for number in range(31):
        zendesk.send("POST", "help_center/categories", {"category": {"name": f"C{number}"}})

    first = zendesk.get("help_center/categories")
    last = zendesk.get("help_center/categories", **{"page[size]": 100})

    keys = ("page", "per_page", "page_count", "count")
    assert len(first["categories"]) == 30
    assert [first[key] for key in keys] == [1, 30, 2, 31]
    assert "next" not in last["links"]


@pytest.mark.parametrize("name", ["created", "created_at", "updated", "updated_at"])
def test_timestamps_have_two_names_in_search(zendesk, name):
    """`created_at` and `updated_at` are names of `created` and `updated`."""
    pk = zendesk.create_ticket()["id"]

    assert zendesk.search(f"type:ticket {name}>2020-01-01 order_by:{name} sort:desc") == [pk]
    assert zendesk.search(f"type:ticket {name}<2020-01-01") == []
    assert not zendesk.emulator.ignored


@pytest.mark.parametrize(
    ("plural", "container"), [("group_memberships", "group"), ("organization_memberships", "org")]
)
def test_memberships_are_created_below_their_user(zendesk, plural, container):
    """Memberships are created, shown and deleted below their user."""
    user = zendesk.create("users", name="Ann", email="ann@example.com", role="agent")["id"]
    other = zendesk.create("users", name="Bob", email="bob@example.com", role="agent")["id"]
    key = "group_id" if container == "group" else "organization_id"
    pk = zendesk.create("groups" if container == "group" else "organizations", name="A")["id"]
    path = f"users/{user}/{plural}"

    created = zendesk.send("POST", path, {plural[:-1]: {key: pk}})
    row = created.json()[plural[:-1]]
    one = f"{path}/{row['id']}"

    assert (created.status_code, row["user_id"], row[key]) == (201, user, pk)
    assert zendesk.get(one)[plural[:-1]]["id"] == row["id"]
    assert zendesk.send("GET", one.replace(str(user), str(other))).status_code == 404
    assert zendesk.send("DELETE", one).status_code == 204
    assert zendesk.send("GET", one).status_code == 404
    assert zendesk.send("POST", f"users/5/{plural}", {plural[:-1]: {key: pk}}).status_code == 404


@pytest.mark.parametrize("name", ["tickets", "users", "organizations", "ticket_events"])
def test_exports_have_samples(zendesk, name):
    """A sample of an export has at most 50 rows."""
    for _ in range(51):
        zendesk.create_ticket()
        zendesk.clock.sleep(1)  # Rows of one second are not separated.
    zendesk.clock.sleep(120)

    page = zendesk.get(f"incremental/{name}/sample", start_time=1)

    assert len(page[name]) == (50 if name.startswith("ticket") else page["count"])


def test_autocomplete_of_users_accepts_bodies(zendesk):
    """The text for the autocompletion of users is a parameter, or a key of a body."""
    pk = zendesk.create("users", name="Ann")["id"]

    for response in (
        zendesk.send("GET", "users/autocomplete", params={"name": "An"}),
        zendesk.send("POST", "users/autocomplete", params={"name": "An"}),
        zendesk.send("POST", "users/autocomplete", {"name": "An"}),
    ):
        assert [row["id"] for row in response.json()["users"]] == [pk]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "suspended_tickets/attachments"),
        ("GET", "help_center/articles/embeddable_search"),
    ],
)
def test_described_operations_are_not_unknown(zendesk, method, path):
    """An operation of Zendesk that is not emulated returns an error that names the operation."""
    response = zendesk.send(method, path)

    assert (response.status_code, response.json()["error"]) == (501, "NotEmulated")
    assert f"{method} {path}" in response.json()["description"]


def test_unknown_paths_are_not_found(zendesk):
    """A path that Zendesk does not have returns Zendesk's error."""
    response = zendesk.send("GET", "ticket")

    assert (response.status_code, response.json()["error"]) == (404, "InvalidEndpoint")


@needs_spec
def test_each_described_operation_is_served_or_not_supported():
    """Every described operation has a route, or returns the error for unsupported operations."""
    served = {(method, path.lstrip("/").replace("<", "{")) for method, path, _ in routes()}
    shapes = {(method, _drop_names(path)) for method, path in served}
    missing = [
        f"{method} {path}"
        for method, path in read_operations("support", "help_center", "talk")
        if (method, path) not in shapes
        if not find_unsupported(method, path.replace("{}", "1"))
    ]

    assert sorted(missing) == sorted(ELSEWHERE)


#: Operations with another path in the description.
ELSEWHERE = {
    "GET countries.json": "the path without the suffix",
    "GET countries/{}.json": "the path without the suffix",
    "POST /oauth/tokens": "the sign-in, which has tests of its own",
    "GET incremental/{}/sample": "a path for each resource",
    "GET /hc/api/v2/articles/featured": "without the prefix of the API",
}


def _drop_names(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_policies_are_ordered_by_a_parameter_or_a_body(zendesk):
    """The ids of policies are described as a parameter of the query; the library sends a body."""
    conditions = {"all": [{"field": "type", "operator": "is", "value": "incident"}], "any": []}
    ids = []
    for title in ("One", "Two"):
        body = {"sla_policy": {"title": title, "filter": conditions, "policy_metrics": []}}
        ids.append(zendesk.send("POST", "slas/policies", body).json()["sla_policy"]["id"])

    def read():
        rows = sorted(zendesk.get("slas/policies")["sla_policies"], key=lambda row: row["position"])
        return [row["id"] for row in rows]

    path = "slas/policies/reorder"
    for params in ({"sla_policy_ids": ids[::-1]}, {"sla_policy_ids": f"{ids[1]},{ids[0]}"}):
        assert zendesk.send("PUT", path, {"sla_policy_ids": ids}).ok
        assert read() == ids
        assert zendesk.send("PUT", path, params=params).ok
        assert read() == ids[::-1]


def test_statuses_of_forms_are_removed_by_a_text(zendesk):
    """The key `_destroy` is described as a text."""
    form = zendesk.get("ticket_forms")["ticket_forms"][0]["id"]
    status = zendesk.get("custom_statuses")["custom_statuses"][0]["id"]
    path = f"ticket_forms/{form}/ticket_form_statuses"
    body = {"ticket_form_status": [{"custom_status_id": status}]}
    (row,) = zendesk.send("POST", path, body).json()["ticket_form_statuses"]

    left = []
    for text in ("false", "true"):
        items = [{"id": row["id"], "_destroy": text}]
        left.append(zendesk.send("PUT", path, {"ticket_form_status": items}).json())

    assert [len(body["ticket_form_statuses"]) for body in left] == [1, 0]

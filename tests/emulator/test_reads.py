"""Rows are shown, listed and counted, and side-loaded."""

from __future__ import annotations

import pytest


NOT_FOUND = {"error": "RecordNotFound", "description": "Not found"}


def test_a_row_is_shown(zendesk):
    """A row is returned under its singular name, with and without `.json` in the path."""
    created = zendesk.create("groups", name="Hardware")

    shown = [zendesk.get(f"groups/{created['id']}{end}")["group"] for end in ("", ".json")]

    assert shown == [created, created]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_missing_row_returns_404(zendesk, method):
    """Every operation on a missing row returns 404 with RecordNotFound."""
    response = zendesk.send(method, "tickets/9223372036854775807")

    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["nonsense", "tickets/1/nonsense", "ticket"])
def test_an_undeclared_path_returns_another_404(zendesk, path):
    """The error for an undeclared path differs from the error for a missing row."""
    response = zendesk.send("GET", path)

    assert response.status_code == 404
    assert response.json()["error"] == "InvalidEndpoint"


def test_show_many_returns_existing_rows(zendesk):
    """`show_many` returns the existing rows, and ignores other ids."""
    ids = [zendesk.create_ticket()["id"] for _ in range(3)]

    data = zendesk.get("tickets/show_many", ids=f"{ids[2]},999,{ids[0]}")

    assert [row["id"] for row in data.pop("tickets")] == [ids[0], ids[2]]
    assert data == {"next_page": None, "previous_page": None, "count": 2}


def test_show_many_accepts_a_hundred_ids(zendesk):
    """`show_many` with 101 ids returns the error for too many values."""
    response = zendesk.send("GET", "users/show_many", params={"ids": ",".join("1" * 101)})

    assert (response.status_code, response.json()["error"]) == (400, "TooManyValues")


def test_declared_parameters_filter_a_list(zendesk):
    """A declared parameter filters a list by one value or several."""
    agent = zendesk.create("users", name="Ada", role="agent")
    end_user = zendesk.create("users", name="Eve", external_id="E-1")

    agents = zendesk.get("users", role="agent")["users"]
    both = zendesk.get("users", **{"role[]": ["agent", "end-user"]})["users"]
    by_external_id = zendesk.get("users", external_id="e-1")["users"]

    assert [row["id"] for row in agents] == [agent["id"]]
    assert [row["id"] for row in both] == [agent["id"], end_user["id"]]
    assert [row["id"] for row in by_external_id] == [end_user["id"]]


def test_a_nested_list_contains_its_rows_only(zendesk):
    """The list of an organization's tickets contains no other tickets."""
    organization = zendesk.create("organizations", name="Acme")
    user = zendesk.create("users", name="Ada", organization_id=organization["id"])
    zendesk.create_ticket()
    ticket = zendesk.create_ticket(requester_id=user["id"])

    of_organization = zendesk.get(f"organizations/{organization['id']}/tickets")["tickets"]
    of_user = zendesk.get(f"users/{user['id']}/tickets/requested")["tickets"]

    assert [row["id"] for row in of_organization] == [ticket["id"]]
    assert [row["id"] for row in of_user] == [ticket["id"]]


def test_a_nested_list_of_a_missing_row_returns_404(zendesk):
    """A list below a missing row returns 404 instead of an empty list."""
    assert zendesk.send("GET", "organizations/7/tickets").status_code == 404


def test_a_count_has_a_value_and_a_time(zendesk):
    """A count has a value, and a time with a UTC offset instead of Z."""
    zendesk.create_ticket()

    assert zendesk.get("tickets/count") == {
        "count": {"value": 1, "refreshed_at": "2026-09-21T14:13:20+00:00"}
    }


def test_related_rows_are_side_loaded(zendesk):
    """Side-loaded rows are returned once each, and undeclared names are ignored."""
    organization = zendesk.create("organizations", name="Acme")
    user = zendesk.create("users", name="Ada", organization_id=organization["id"])
    for _ in range(2):
        zendesk.create_ticket(requester_id=user["id"], submitter_id=user["id"])

    data = zendesk.get("tickets", include="users,organizations,groups,None")

    assert data["users"] == [user]
    assert data["organizations"] == [organization]
    assert data["groups"] == []
    assert "None" not in data


def test_search_side_loads_by_type(zendesk):
    """Search side-loads with the form `include=tickets(users)`."""
    zendesk.create_ticket()

    wrapped = zendesk.get("search", query="type:ticket", include="tickets(users)")
    other = zendesk.get("search", query="type:ticket", include="users(organizations)")

    assert [row["name"] for row in wrapped["users"]] == ["Olivia Owner"]
    assert "users" not in other


def test_archived_tickets_are_not_listed(zendesk):
    """Archived tickets are shown and found by search, but neither listed nor counted."""
    pk = zendesk.create_ticket(status="closed")["id"]

    zendesk.emulator.archive(pk)

    assert zendesk.get("tickets")["tickets"] == []
    assert zendesk.get("tickets/count")["count"]["value"] == 0
    assert zendesk.get(f"tickets/{pk}")["ticket"]["id"] == pk
    assert [row["id"] for row in zendesk.get("tickets/show_many", ids=pk)["tickets"]] == [pk]
    assert zendesk.search("type:ticket") == [pk]


def test_show_many_can_omit_archived_tickets(zendesk):
    """The switch `archived_in_show_many` omits archived tickets (unconfirmed)."""
    pk = zendesk.create_ticket(status="closed")["id"]
    zendesk.emulator.archive(pk)

    zendesk.emulator.switches.archived_in_show_many = False

    assert zendesk.get("tickets/show_many", ids=pk)["tickets"] == []


@pytest.mark.lenient  # It names the user by an API token.
def test_users_me_is_the_user_of_the_credentials(zendesk):
    """`users/me` is the user with the e-mail address of the credentials, or the owner."""
    zendesk.create("users", name="Ada", email="ada@example.com", role="agent")

    ada = zendesk.send("GET", "users/me", auth=("ada@example.com/token", "x")).json()["user"]
    owner = zendesk.get("users/me")["user"]

    assert [ada["name"], owner["name"]] == ["Ada", "Olivia Owner"]
    assert owner["authenticity_token"]

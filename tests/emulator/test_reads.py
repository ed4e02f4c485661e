"""Show, show many, lists, counts and side-loads."""

from __future__ import annotations

import pytest


NOT_FOUND = {"error": "RecordNotFound", "description": "Not found"}


def test_a_row_is_shown(zendesk):
    """A row is shown under its own name, the same with and without `.json`."""
    made = zendesk.made("groups", name="Hardware")

    shown = [zendesk.get(f"groups/{made['id']}{end}")["group"] for end in ("", ".json")]

    assert [made, made] == shown


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_row_that_is_not_there_is_not_found(zendesk, method):
    """Whatever is done with a row that is not there, the answer is 404 RecordNotFound."""
    answer = zendesk.send(method, "tickets/9223372036854775807")

    assert (404, NOT_FOUND) == (answer.status_code, answer.json())


@pytest.mark.parametrize("path", ["nonsense", "tickets/1/nonsense", "ticket"])
def test_a_path_that_is_not_there_is_an_invalid_endpoint(zendesk, path):
    """A path that nobody declared is told apart from a row that is not there."""
    answer = zendesk.send("GET", path)

    assert 404 == answer.status_code
    assert "InvalidEndpoint" == answer.json()["error"]


def test_show_many_leaves_out_what_is_not_there(zendesk):
    """show_many gives the rows there are, by id, and never complains of the others."""
    ids = [zendesk.ticket()["id"] for _ in range(3)]

    data = zendesk.get("tickets/show_many", ids=f"{ids[2]},999,{ids[0]}")

    assert [ids[0], ids[2]] == [row["id"] for row in data.pop("tickets")]
    assert {"next_page": None, "previous_page": None, "count": 2} == data


def test_show_many_takes_a_hundred(zendesk):
    """A hundred and one ids are too many values."""
    answer = zendesk.send("GET", "users/show_many", params={"ids": ",".join("1" * 101)})

    assert (400, "TooManyValues") == (answer.status_code, answer.json()["error"])


def test_a_list_filters_by_what_it_takes(zendesk):
    """Parameters that are declared for a list filter it, one value or several."""
    agent = zendesk.made("users", name="Ada", role="agent")
    end_user = zendesk.made("users", name="Eve", external_id="E-1")

    agents = zendesk.get("users", role="agent")["users"]
    both = zendesk.get("users", **{"role[]": ["agent", "end-user"]})["users"]
    by_external_id = zendesk.get("users", external_id="e-1")["users"]

    assert [agent["id"]] == [row["id"] for row in agents]
    assert [agent["id"], end_user["id"]] == [row["id"] for row in both]
    assert [end_user["id"]] == [row["id"] for row in by_external_id]


def test_a_nested_list_has_what_belongs_to_the_row_in_its_path(zendesk):
    """The list of an organization's tickets has those, and no others."""
    organization = zendesk.made("organizations", name="Acme")
    user = zendesk.made("users", name="Ada", organization_id=organization["id"])
    zendesk.ticket()
    ticket = zendesk.ticket(requester_id=user["id"])

    of_organization = zendesk.get(f"organizations/{organization['id']}/tickets")["tickets"]
    of_user = zendesk.get(f"users/{user['id']}/tickets/requested")["tickets"]

    assert [ticket["id"]] == [row["id"] for row in of_organization]
    assert [ticket["id"]] == [row["id"] for row in of_user]


def test_the_list_of_a_row_that_is_not_there_is_not_found(zendesk):
    """A list below a row that is not there is no empty list."""
    assert 404 == zendesk.send("GET", "organizations/7/tickets").status_code


def test_a_count_says_how_many_and_when(zendesk):
    """A count has a value and the time of it, with an offset and not with Z."""
    zendesk.ticket()

    assert {"count": {"value": 1, "refreshed_at": "2026-09-21T14:13:20+00:00"}} == zendesk.get(
        "tickets/count"
    )


def test_sideloads_come_once_each(zendesk):
    """Related rows come beside the page, each once; what is not declared is ignored."""
    organization = zendesk.made("organizations", name="Acme")
    user = zendesk.made("users", name="Ada", organization_id=organization["id"])
    for _ in range(2):
        zendesk.ticket(requester_id=user["id"], submitter_id=user["id"])

    data = zendesk.get("tickets", include="users,organizations,groups,None")

    assert [user] == data["users"]
    assert [organization] == data["organizations"]
    assert [] == data["groups"]
    assert "None" not in data


def test_search_sideloads_what_is_wrapped_in_its_type(zendesk):
    """`include=tickets(users)` is what search wants to hear."""
    zendesk.ticket()

    wrapped = zendesk.get("search", query="type:ticket", include="tickets(users)")
    other = zendesk.get("search", query="type:ticket", include="users(organizations)")

    assert ["Olivia Owner"] == [row["name"] for row in wrapped["users"]]
    assert "users" not in other


def test_archived_tickets_are_in_no_list(zendesk):
    """Archived tickets are shown, shown by the many and found, but not listed or counted."""
    pk = zendesk.ticket(status="closed")["id"]

    zendesk.emulator.archive(pk)

    assert [] == zendesk.get("tickets")["tickets"]
    assert 0 == zendesk.get("tickets/count")["count"]["value"]
    assert pk == zendesk.get(f"tickets/{pk}")["ticket"]["id"]
    assert [pk] == [row["id"] for row in zendesk.get("tickets/show_many", ids=pk)["tickets"]]
    assert [pk] == zendesk.found("type:ticket")


def test_show_many_can_leave_archived_tickets_out(zendesk):
    """Whether show_many finds archived tickets is unconfirmed, so there is a switch."""
    pk = zendesk.ticket(status="closed")["id"]
    zendesk.emulator.archive(pk)

    zendesk.emulator.switches.archived_in_show_many = False

    assert [] == zendesk.get("tickets/show_many", ids=pk)["tickets"]


@pytest.mark.lenient  # It names the user by an API token.
def test_users_me_is_who_asks(zendesk):
    """The e-mail in the credentials says who is asking; without any it is the owner."""
    zendesk.made("users", name="Ada", email="ada@example.com", role="agent")

    ada = zendesk.send("GET", "users/me", auth=("ada@example.com/token", "x")).json()["user"]
    owner = zendesk.get("users/me")["user"]

    assert ["Ada", "Olivia Owner"] == [ada["name"], owner["name"]]
    assert owner["authenticity_token"]

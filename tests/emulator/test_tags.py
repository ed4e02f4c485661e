"""Tags are added, set and removed."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["tickets", "users", "organizations"])
def tagged(zendesk, request):
    """Return a client, and the path of a row with two tags."""
    plural = request.param
    if plural == "tickets":
        row = zendesk.create_ticket(tags=["a", "b"])
    else:
        row = zendesk.create(plural, name="Acme", tags=["a", "b"])
    return zendesk, f"{plural}/{row['id']}"


@pytest.mark.parametrize(
    ("method", "status", "left"),
    [
        ("GET", 200, ["a", "b"]),
        ("PUT", 200, ["a", "b", "c"]),
        ("POST", 201, ["b", "c"]),
        ("DELETE", 200, ["a"]),
    ],
)
def test_tags_are_added_set_and_removed(tagged, method, status, left):
    """PUT adds tags, POST sets them, and DELETE removes them; the remaining ones are returned."""
    zendesk, path = tagged
    body = None if method == "GET" else {"tags": ["b", "c"]}

    response = zendesk.send(method, f"{path}/tags", body)

    assert (response.status_code, response.json()) == (status, {"tags": left})
    (row,) = zendesk.get(path).values()
    assert row["tags"] == left


def test_tags_are_removed_by_a_parameter(tagged):
    """The tags to remove can be a parameter."""
    zendesk, path = tagged

    response = zendesk.send("DELETE", f"{path}/tags", params={"tags": "a,c"})

    assert response.json() == {"tags": ["b"]}


def test_changes_of_tags_have_an_audit(zendesk):
    """A change of tags has an audit, and tags of closed tickets cannot be changed."""
    pk = zendesk.create_ticket(tags=["a"])["id"]
    zendesk.send("PUT", f"tickets/{pk}/tags", {"tags": ["b"]})
    event = zendesk.get(f"tickets/{pk}/audits")["audits"][-1]["events"][0]
    closed = zendesk.create_ticket(status="closed")["id"]

    assert (
        event["field_name"],
        event["previous_value"],
        event["value"],
    ) == ("tags", ["a"], ["a", "b"])
    assert zendesk.send("PUT", f"tickets/{closed}/tags", {"tags": ["b"]}).status_code == 422
    assert zendesk.send("GET", "tickets/77/tags").status_code == 404


def test_bulk_updates_add_and_remove_tags(zendesk):
    """`additional_tags` and `remove_tags` keep the other tags of each ticket."""
    ids = [zendesk.create_ticket(tags=["a", "b"])["id"] for _ in range(2)]
    rows = [
        {"id": ids[0], "additional_tags": ["c"]},
        {"id": ids[1], "remove_tags": ["a"], "additional_tags": ["d"]},
    ]

    zendesk.run_job("PUT", "tickets/update_many", {"tickets": rows})

    tags = [row["tags"] for row in zendesk.get("tickets")["tickets"]]
    assert tags == [["a", "b", "c"], ["b", "d"]]


def test_single_updates_ignore_bulk_keys(zendesk):
    """The keys `additional_tags` and `remove_tags` are ignored in updates of one ticket."""
    pk = zendesk.create_ticket(tags=["a"])["id"]

    response = zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"additional_tags": ["b"]}})

    assert response.json()["ticket"]["tags"] == ["a"]
    assert '"ticket.additional_tags"' in response.headers["x-zendesk-api-warn"]

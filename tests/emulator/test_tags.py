"""Tags, as a list of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["tickets", "users", "organizations"])
def tagged(zendesk, request):
    """Return a client, and the path of a row with two tags."""
    plural = request.param
    made = zendesk.ticket if plural == "tickets" else zendesk.made
    args = () if plural == "tickets" else (plural,)
    row = made(*args, **({} if plural == "tickets" else {"name": "Acme"}), tags=["a", "b"])
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
    """PUT adds, POST sets, DELETE removes; each tells the tags that are left, as the row does."""
    zendesk, path = tagged
    body = None if method == "GET" else {"tags": ["b", "c"]}

    answer = zendesk.send(method, f"{path}/tags", body)

    assert (status, {"tags": left}) == (answer.status_code, answer.json())
    (row,) = zendesk.get(path).values()
    assert left == row["tags"]


def test_tags_are_removed_by_a_parameter(tagged):
    """What goes may stand in the query."""
    zendesk, path = tagged

    answer = zendesk.send("DELETE", f"{path}/tags", params={"tags": "a,c"})

    assert {"tags": ["b"]} == answer.json()


def test_a_change_of_tags_is_audited(zendesk):
    """The tags of a ticket change as by any other update; a closed one keeps them."""
    pk = zendesk.ticket(tags=["a"])["id"]
    zendesk.send("PUT", f"tickets/{pk}/tags", {"tags": ["b"]})
    event = zendesk.get(f"tickets/{pk}/audits")["audits"][-1]["events"][0]
    closed = zendesk.ticket(status="closed")["id"]

    assert ("tags", ["a"], ["a", "b"]) == (
        event["field_name"],
        event["previous_value"],
        event["value"],
    )
    assert 422 == zendesk.send("PUT", f"tickets/{closed}/tags", {"tags": ["b"]}).status_code
    assert 404 == zendesk.send("GET", "tickets/77/tags").status_code


def test_bulk_updates_add_and_remove_tags(zendesk):
    """`additional_tags` and `remove_tags` leave the other tags alone, each ticket its own."""
    ids = [zendesk.ticket(tags=["a", "b"])["id"] for _ in range(2)]
    rows = [
        {"id": ids[0], "additional_tags": ["c"]},
        {"id": ids[1], "remove_tags": ["a"], "additional_tags": ["d"]},
    ]

    zendesk.done("PUT", "tickets/update_many", {"tickets": rows})

    tags = [row["tags"] for row in zendesk.get("tickets")["tickets"]]
    assert [["a", "b", "c"], ["b", "d"]] == tags


def test_single_updates_do_not(zendesk):
    """In the update of one ticket the two keys are unknown."""
    pk = zendesk.ticket(tags=["a"])["id"]

    answer = zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"additional_tags": ["b"]}})

    assert ["a"] == answer.json()["ticket"]["tags"]
    assert '"ticket.additional_tags"' in answer.headers["x-zendesk-api-warn"]

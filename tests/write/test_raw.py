"""`account.raw`: what no model declares."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    ForeignHost,
    InvalidValue,
    MalformedResponse,
    NotFound,
    Ticket,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator with 250 tickets."""
    made = emulator.connect()
    Ticket.objects.bulk_create(
        [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(250)]
    )
    return made


def test_the_verbs_send_and_return_bodies(account):
    """As they come, without an object in between; None where there is no body."""
    made = account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})["group"]
    changed = account.raw.put(f"/api/v2/groups/{made['id']}.json", {"group": {"name": "Cooked"}})
    found = account.raw.get(f"/api/v2/groups/{made['id']}")

    assert ("Raw", "Cooked") == (made["name"], changed["group"]["name"])
    assert found == changed
    assert account.raw.delete(f"/api/v2/groups/{made['id']}") is None


def test_errors_are_those_of_the_library(account):
    """What Zendesk refuses is typed, as everywhere."""
    with pytest.raises(NotFound):
        account.raw.get("/api/v2/groups/1")


@pytest.mark.parametrize(
    "params",
    [{"page[size]": 100}, {"per_page": 100}],
    ids=["cursor", "offset"],
)
def test_rows_come_page_by_page(account, count_requests, params):
    """In any style of paging, and no page before it is needed."""
    with count_requests(account, 3):
        rows = list(account.raw.rows("/api/v2/tickets", "tickets", **params))
    with count_requests(account, 1):
        next(account.raw.rows("/api/v2/tickets", "tickets", **params))

    assert 250 == len({row["id"] for row in rows})


def test_rows_become_objects(account, count_requests):
    """Of the model that is named; they can be saved."""
    with count_requests(account, 1):
        ticket = next(account.raw.rows("/api/v2/tickets", "tickets", model=Ticket))

    ticket.priority = "high"
    ticket.save()
    assert "high" == Ticket.objects.fresh().get(ticket.pk).priority


def test_a_list_without_its_rows_is_an_error(account):
    """And not an empty one."""
    with pytest.raises(MalformedResponse, match="no rows in 'things'"):
        list(account.raw.rows("/api/v2/tickets", "things"))


def test_what_is_no_path_is_refused(account, emulator):
    """Before anything is sent; links to other hosts, too."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="wants a path from the host on, /api/v2/tickets"):
        account.raw.get("tickets")
    with pytest.raises(ForeignHost):
        account.raw.get("https://example.com/api/v2/tickets")

    assert [] == emulator.requests


def test_in_a_batch_nothing_is_sent(account, emulator):
    """It cannot wait; in a dry run it is told."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="cannot wait"), account.batch():
        account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})
    with account.dry_run(quiet=True) as diff:
        account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})

    assert ([], True) == (emulator.requests, "POST /api/v2/groups" in str(diff))

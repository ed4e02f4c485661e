"""`account.raw` sends requests that no model declares."""

from __future__ import annotations

import pytest

from tests.servers import Server
from zendesk_orm import (
    Comment,
    ForeignHost,
    Group,
    InvalidValue,
    MalformedResponse,
    NotFound,
    Ticket,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator with 250 tickets."""
    created = emulator.connect()
    Ticket.objects.bulk_create(
        [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(250)]
    )
    return created


def test_the_verbs_send_and_return_bodies(account):
    """Methods return decoded bodies, and None for an empty body."""
    created = account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})["group"]
    changed = account.raw.put(f"/api/v2/groups/{created['id']}.json", {"group": {"name": "Cooked"}})
    result = account.raw.get(f"/api/v2/groups/{created['id']}")

    assert (created["name"], changed["group"]["name"]) == ("Raw", "Cooked")
    assert result == changed
    assert account.raw.delete(f"/api/v2/groups/{created['id']}") is None


def test_errors_are_those_of_the_library(account):
    """Error responses raise the classes of the library."""
    with pytest.raises(NotFound):
        account.raw.get("/api/v2/groups/1")


@pytest.mark.parametrize(
    "params",
    [{"page[size]": 100}, {"per_page": 100}],
    ids=["cursor", "offset"],
)
def test_rows_are_read_page_by_page(account, count_requests, params):
    """Pages are requested on demand, in any paging style."""
    with count_requests(account, 3):
        rows = list(account.raw.rows("/api/v2/tickets", "tickets", **params))
    with count_requests(account, 1):
        next(account.raw.rows("/api/v2/tickets", "tickets", **params))

    assert len({row["id"] for row in rows}) == 250


def test_rows_become_objects(account, count_requests):
    """Rows become objects of the given model, which can be saved."""
    with count_requests(account, 1):
        ticket = next(account.raw.rows("/api/v2/tickets", "tickets", model=Ticket))

    ticket.priority = "high"
    ticket.save()
    assert Ticket.objects.fresh().get(ticket.pk).priority == "high"


def test_a_list_without_its_rows_is_an_error(account):
    """A response without rows raises, instead of yielding nothing."""
    with pytest.raises(MalformedResponse, match="things"):
        list(account.raw.rows("/api/v2/tickets", "things"))


def test_an_invalid_path_is_rejected(account, emulator):
    """Invalid paths and links to other hosts raise before anything is sent."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="/api/v2/tickets"):
        account.raw.get("tickets")
    with pytest.raises(ForeignHost):
        account.raw.get("https://example.com/api/v2/tickets")

    assert emulator.requests == []


def test_raw_requests_are_rejected_in_a_batch(account, emulator):
    """They cannot be delayed; in a dry run, they are shown."""
    emulator.requests.clear()
    with pytest.raises(InvalidValue, match="delayed"), account.batch():
        account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})
    with account.dry_run(quiet=True) as diff:
        account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})

    assert (emulator.requests, "POST /api/v2/groups" in str(diff)) == ([], True)


@pytest.mark.parametrize(
    "page",
    [
        {"meta": {"has_more": True}},
        {"meta": {"has_more": True}, "links": {"next": None}},
        {"meta": {"has_more": True}, "links": "x"},
        {"end_of_stream": False},
        {"groups": ["x"]},
    ],
)
def test_a_list_that_is_cut_off_is_an_error(page):
    """A page that states further rows without a link to them, or holds other values, raises."""
    account = Server(lambda asked: {"groups": [{"id": 1, "name": "a"}], **page}).connect()
    try:
        with pytest.raises(MalformedResponse):
            list(account.raw.rows("/api/v2/groups", "groups", model=Group))
    finally:
        account.close()

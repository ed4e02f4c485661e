"""Pages that lead nowhere, hold something else, or cost more than a query may."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

import pytest

from tests.queryset.stored import NOON, emulator_with_tickets
from tests.servers import HOST, Server
from zendesk_orm import Comment, Group, MalformedResponse, Q, Ticket, User
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.errors import RequestBudgetExceeded
from zendesk_orm.session.lists.endless_lists import MAX_STALE_PAGES


def _rows(start, number):
    return [
        {"id": pk, "status": "new", "result_type": "ticket"} for pk in range(start, start + number)
    ]


def numbered(total, size, *, counted=True):
    """Return a server whose search has pages of one size, whatever size is requested."""

    def answer(asked):
        page = int(asked.params.get("page", 1))
        first = (page - 1) * size + 1
        found = _rows(first, max(0, min(size, total - first + 1)))
        more = page * size < total
        said = {"count": total} if counted else {}
        link = f"{HOST}/api/v2/search?page={page + 1}" if more else None
        return {"results": found, "next_page": link, "previous_page": None, **said}

    return Server(answer)


@pytest.mark.parametrize("size", [1, 7, 10, 19, 20, 21, 30, 60, 1000])
@pytest.mark.parametrize(("start", "stop"), [(0, 20), (40, 60), (35, 37), (55, 200), (80, 90)])
@pytest.mark.parametrize("counted", [True, False])
def test_a_slice_is_right_whatever_size_the_pages_have(size, start, stop, counted):
    """Pages of an unexpected size do not shift a slice."""
    numbered(75, size, counted=counted).connect()

    found = [ticket.pk for ticket in Ticket.objects.filter(status="new")[start:stop]]

    assert found == [*range(1, 76)][start:stop]


def test_a_slice_of_a_list_without_numbers_is_right():
    """A server that ignores the number of the page answers with the first one."""

    def answer(asked):
        number = int(asked.params.get("p", 1))
        link = f"{HOST}/api/v2/search?p={number + 1}"
        links = {"meta": {"has_more": number < 10}, "links": {"next": link}}
        return {"results": _rows((number - 1) * 20 + 1, 20), **links}

    Server(answer).connect()

    found = [ticket.pk for ticket in Ticket.objects.filter(status="new")[40:60]]
    assert found == [*range(41, 61)]


def test_empty_pages_in_the_middle_are_passed():
    """Exports can have pages without rows, and go on after them."""

    def answer(asked):
        number = int(asked.params.get("p", 1))
        rows = [] if 1 < number < MAX_STALE_PAGES else [{"id": number}]
        more = number < MAX_STALE_PAGES
        link = f"{HOST}/api/v2/groups?p={number + 1}"
        return {"groups": rows, "meta": {"has_more": more}, "links": {"next": link}}

    Server(answer).connect()

    assert [group.pk for group in Group.objects.all()] == [1, MAX_STALE_PAGES]


@pytest.mark.parametrize("cycle", [1, 2, 3])
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_pages_that_come_again_end_in_an_error(cycle, rows):
    """The links differ, the rows do not: the list has no end."""
    numbers = count(1)

    def answer(asked):
        number = next(numbers)
        found = [{"id": 10 * (number % cycle) + row} for row in range(rows)]
        link = f"{HOST}/api/v2/groups?p={number + 1}"
        return {"groups": found, "meta": {"has_more": True}, "links": {"next": link}}

    server = Server(answer)
    server.connect()

    with pytest.raises(MalformedResponse, match="does not end"):
        list(Group.objects.iterator())
    assert len(server.asked) <= cycle + MAX_STALE_PAGES + 1


def test_a_link_to_the_page_itself_is_not_followed():
    """It is noticed before it is requested again, however it is spelled."""
    link = f"{HOST}/api/v2/groups.json?page%5Bsize%5D=100"
    server = Server(lambda asked: {"groups": _rows(1, 1), "next_page": link})
    server.connect()

    with pytest.raises(MalformedResponse, match="came twice"):
        list(Group.objects.all())
    assert len(server.asked) == 1


def test_rows_that_are_not_wanted_may_be_missing():
    """A slice that is full needs no link to the rows after it."""
    rows = {"groups": _rows(1, 5), "count": 9, "next_page": None}
    Server(lambda asked: rows).connect()

    assert [group.pk for group in Group.objects.all()[:5]] == [1, 2, 3, 4, 5]
    with pytest.raises(MalformedResponse, match="no link to them"):
        list(Group.objects.all()[:6])


def test_a_list_by_ids_is_followed_too():
    """Rows of a request by ids may come on several pages."""

    def answer(asked):
        second = "p" in asked.params
        link = None if second else f"{HOST}/api/v2/users/show_many?p=2"
        return {"users": _rows(2 if second else 1, 1), "count": 2, "next_page": link}

    Server(answer).connect()

    assert [user.pk for user in User.objects.filter(id__in=[1, 2])] == [1, 2]


# -- max_requests() ----------------------------------------------------------


@pytest.fixture
def ticket(account):
    """Return a ticket with six comments."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="?"))
    for number in range(5):
        ticket.comments.create(body=str(number))
    return ticket


@pytest.mark.parametrize("budget", [1, 2])
def test_no_more_requests_are_made_than_are_allowed(account, count_requests, ticket, budget):
    """The estimate is one request: how many comments there are is not known before."""
    comments = ticket.comments.page_size(2).max_requests(budget)
    with (
        count_requests(account, budget),
        pytest.raises(RequestBudgetExceeded, match="max_requests"),
    ):
        list(comments)
    with count_requests(account, 3):
        assert len(ticket.comments.page_size(2).max_requests(3)) == 6


def test_the_loop_body_is_not_counted(account, count_requests, ticket):
    """Requests of the program between two rows are its own."""
    with count_requests(account, 3 + 6):
        for comment in ticket.comments.page_size(2).max_requests(3).iterator():
            Ticket.objects.get(comment.ticket_id or ticket.pk)


READS = {
    "pages": lambda rows: list(rows.fresh().page_size(100)),
    "ids": lambda rows: list(rows.filter(id__in=range(2000, 2300))),
    "alternatives": lambda rows: list(rows.filter(Q(status="new") | Q(priority="urgent"))),
    "a subquery": lambda rows: list(
        rows.filter(requester__in=User.objects.filter(name__startswith="A").scan()[:40])
    ),
    "side-loads": lambda rows: list(rows.filter(status="new").select_related("brand")[:150]),
    "prefetched": lambda rows: list(rows.filter(status="new").prefetch_related("comments")[:10]),
    "a count": lambda rows: rows.fresh().filter(status="new").scan().count(),
    "values": lambda rows: list(rows.filter(status="new").values("requester__name")),
    "streamed": lambda rows: list(rows.fresh().iterator()),
}


@pytest.mark.parametrize("budget", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("name", READS)
def test_no_way_of_reading_costs_more_than_is_allowed(demo, name, budget):
    """Whatever is read, and however: the query is complete, or raises within its budget."""
    before = demo.requests_sent
    with suppress(RequestBudgetExceeded):
        READS[name](Ticket.objects.max_requests(budget))

    assert demo.requests_sent - before <= budget


def test_a_subquery_has_a_budget_of_its_own(demo):
    """What the inner query may cost is less than the whole may."""
    before = demo.requests_sent
    people = User.objects.page_size(1).max_requests(2)
    with pytest.raises(RequestBudgetExceeded):
        list(Ticket.objects.filter(requester__in=people)[:10])

    assert demo.requests_sent - before <= 2


def test_rows_of_one_second_that_lie_across_the_wall_are_read():
    """Search ends after 1,000 rows and goes on from the last second, of which 251 rows exist."""

    def born(number):
        second = number if number < 900 else max(900, number - 250)
        return {
            "created_at": format_timestamp(NOON.timestamp() - 10_000 + second),
            "status": "open",
        }

    with emulator_with_tickets(1_300, of_ticket=born) as emulator:
        account = emulator.connect()
        rows = Ticket.objects.filter(status="open").order_by("created_at")
        found = [ticket.pk for ticket in rows.iterator()]

        assert found == [*range(1, 1_301)]
        assert account.requests_sent == 10 + 5


def test_slices_beside_each_other_have_no_row_in_common():
    """A row that the index gives but that no longer matches is left out after slicing."""

    def answer(asked):
        page, size = int(asked.params.get("page", 1)), int(asked.params["per_page"])
        found = _rows(size * (page - 1) + 1, size)
        for row in found:
            row["status"] = "open" if row["id"] == 4 else "new"
        link = f"{HOST}/api/v2/search?page={page + 1}"
        return {"results": found, "count": 300, "next_page": link}

    Server(answer).connect()
    rows = Ticket.objects.filter(status="new")
    first, second = ([ticket.pk for ticket in part] for part in (rows[:30], rows[30:70]))

    assert first == [1, 2, 3, *range(5, 31)]
    assert second == [*range(31, 71)]

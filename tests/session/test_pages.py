"""Pages with unexpected sizes, links or rows, and the limit of `max_requests()`."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

import pytest

from tests.queryset.stored import NOON, emulator_with_tickets
from tests.servers import HOST, Server
from zendesk_orm import (
    Comment,
    Group,
    MalformedResponse,
    Q,
    ResultLimitExceeded,
    Ticket,
    TicketMetricEvent,
    User,
    connections,
)
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.errors import RequestBudgetExceeded
from zendesk_orm.session.lists.endless_lists import MAX_STALE_PAGES
from zendesk_orm.write.bulk.jobs import iterate_jobs


def _rows(start, number):
    return [
        {"id": pk, "status": "new", "result_type": "ticket"} for pk in range(start, start + number)
    ]


def numbered(total, size, *, counted=True):
    """Return a server whose search has pages of one size, whatever size is requested."""

    def answer(request):
        page = int(request.params.get("page", 1))
        first = (page - 1) * size + 1
        rows = _rows(first, max(0, min(size, total - first + 1)))
        has_more = page * size < total
        total_count = {"count": total} if counted else {}
        link = f"{HOST}/api/v2/search?page={page + 1}" if has_more else None
        return {"results": rows, "next_page": link, "previous_page": None, **total_count}

    return Server(answer)


@pytest.mark.parametrize("size", [1, 7, 10, 19, 20, 21, 30, 60, 1000])
@pytest.mark.parametrize(("start", "stop"), [(0, 20), (40, 60), (35, 37), (55, 200), (80, 90)])
@pytest.mark.parametrize("counted", [True, False])
def test_a_slice_is_correct_for_any_page_size(size, start, stop, counted):
    """Pages of an unexpected size do not shift a slice."""
    numbered(75, size, counted=counted).connect()

    ids = [ticket.pk for ticket in Ticket.objects.filter(status="new")[start:stop]]

    assert ids == [*range(1, 76)][start:stop]


def test_a_slice_is_correct_if_page_numbers_are_ignored():
    """If the server ignores the page number, the slice is read from the first page on."""

    def answer(request):
        number = int(request.params.get("p", 1))
        link = f"{HOST}/api/v2/search?p={number + 1}"
        links = {"meta": {"has_more": number < 10}, "links": {"next": link}}
        return {"results": _rows((number - 1) * 20 + 1, 20), **links}

    Server(answer).connect()

    ids = [ticket.pk for ticket in Ticket.objects.filter(status="new")[40:60]]
    assert ids == [*range(41, 61)]


def test_empty_pages_do_not_end_a_list():
    """An export continues after pages without rows."""

    def answer(request):
        number = int(request.params.get("p", 1))
        rows = [] if 1 < number < MAX_STALE_PAGES else [{"id": number}]
        has_more = number < MAX_STALE_PAGES
        link = f"{HOST}/api/v2/groups?p={number + 1}"
        return {"groups": rows, "meta": {"has_more": has_more}, "links": {"next": link}}

    Server(answer).connect()

    assert [group.pk for group in Group.objects.all()] == [1, MAX_STALE_PAGES]


READERS = (
    ("groups", lambda account: Group.objects.iterator()),
    ("ticket_metric_events", lambda account: TicketMetricEvent.objects.changed_since(0)),
    ("groups", lambda account: account.raw.rows("/api/v2/groups", "groups")),
    ("job_statuses", lambda account: iterate_jobs(account.transport)),
)


@pytest.mark.parametrize("cycle", [1, 2, 3])
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_repeated_pages_raise(cycle, rows):
    """If pages repeat rows while their links differ, each way of reading raises an error.

    So it is if their links lead in a circle, though they state that rows follow.
    """
    for key, read in READERS:
        for follows_circle in (False, True):
            numbers = count(1)

            def answer(request, key=key, follows_circle=follows_circle, numbers=numbers):
                number = next(numbers)
                events = [{"id": 10 * (number % cycle) + row, "time": "x"} for row in range(rows)]
                place = number % cycle if follows_circle else number
                link = f"{HOST}/api/v2/{request.path}?p={place}"
                return {key: events, "meta": {"has_more": True}, "links": {"next": link}}

            server = Server(answer)
            account = server.connect()

            with pytest.raises((MalformedResponse, ResultLimitExceeded)):
                list(read(account))
            assert len(server.asked) <= cycle + MAX_STALE_PAGES + 1
            connections.remove("default")


def test_a_link_to_the_same_page_raises():
    """A next link to the same page raises before it is requested, however it is written."""
    link = f"{HOST}/api/v2/groups.json?page%5Bsize%5D=100"
    server = Server(lambda request: {"groups": _rows(1, 1), "next_page": link})
    server.connect()

    with pytest.raises(MalformedResponse, match="twice"):
        list(Group.objects.all())
    assert len(server.asked) == 1


def test_a_full_slice_needs_no_next_link():
    """A missing link raises only if further rows are needed."""
    rows = {"groups": _rows(1, 5), "count": 9, "next_page": None}
    Server(lambda request: rows).connect()

    assert [group.pk for group in Group.objects.all()[:5]] == [1, 2, 3, 4, 5]
    with pytest.raises(MalformedResponse, match="link"):
        list(Group.objects.all()[:6])


def test_a_list_by_ids_can_have_several_pages():
    """The next link of a list by ids is followed."""

    def answer(request):
        second = "p" in request.params
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
def test_max_requests_limits_requests(account, count_requests, ticket, budget):
    """The next request raises; the number of comments, and so of pages, is unknown before."""
    comments = ticket.comments.page_size(2).max_requests(budget)
    with (
        count_requests(account, budget),
        pytest.raises(RequestBudgetExceeded, match="max_requests"),
    ):
        list(comments)
    with count_requests(account, 3):
        assert len(ticket.comments.page_size(2).max_requests(3)) == 6


def test_requests_of_the_loop_body_are_not_counted(account, count_requests, ticket):
    """Requests that the program sends between two rows do not count."""
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
def test_max_requests_limits_every_way_of_reading(demo, name, budget):
    """A query is complete or raises, and never sends more requests than allowed."""
    before = demo.requests_sent
    with suppress(RequestBudgetExceeded):
        READS[name](Ticket.objects.max_requests(budget))

    assert demo.requests_sent - before <= budget


def test_max_requests_of_a_subquery_limits_its_requests(demo):
    """`max_requests()` of the inner query limits its own requests."""
    before = demo.requests_sent
    people = User.objects.page_size(1).max_requests(2)
    with pytest.raises(RequestBudgetExceeded):
        list(Ticket.objects.filter(requester__in=people)[:10])

    assert demo.requests_sent - before <= 2


def test_rows_of_one_second_around_the_row_limit_are_read():
    """After 1,000 rows, search continues in the last second, which has 251 rows."""

    def created(number):
        second = number if number < 900 else max(900, number - 250)
        return {
            "created_at": format_timestamp(NOON.timestamp() - 10_000 + second),
            "status": "open",
        }

    with emulator_with_tickets(1_300, of_ticket=created) as emulator:
        account = emulator.connect()
        rows = Ticket.objects.filter(status="open").order_by("created_at")
        ids = [ticket.pk for ticket in rows.iterator()]

        assert ids == [*range(1, 1_301)]
        assert account.requests_sent == 10 + 5


def test_adjacent_slices_share_no_row():
    """A row of the index that no longer matches is omitted after slicing."""

    def answer(request):
        page, size = int(request.params.get("page", 1)), int(request.params["per_page"])
        rows = _rows(size * (page - 1) + 1, size)
        for row in rows:
            row["status"] = "open" if row["id"] == 4 else "new"
        link = f"{HOST}/api/v2/search?page={page + 1}"
        return {"results": rows, "count": 300, "next_page": link}

    Server(answer).connect()
    rows = Ticket.objects.filter(status="new")
    first, second = ([ticket.pk for ticket in part] for part in (rows[:30], rows[30:70]))

    assert first == [1, 2, 3, *range(5, 31)]
    assert second == [*range(31, 71)]

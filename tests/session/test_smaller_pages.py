"""A page that Zendesk cannot return in time is requested again with fewer rows."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from attrs import evolve
from urllib3.exceptions import ReadTimeoutError

from tests.queryset.stored import emulator_with_tickets
from tests.session.faults import answer_with
from zendesk_orm import Group, RetryPolicy, ServerError, Ticket
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.http.page_size import smaller_page
from zendesk_orm.http.request import Request


TICKETS = 330


class SlowAdapter(EmulatorAdapter):
    """The way to an emulator that answers only pages of few rows in time.

    Args:
        emulator: the emulator.
        rows: the most rows of a page that is answered.
        fault: what happens to larger pages: a status, or `timeout`.
    """

    def __init__(self, emulator, rows, fault=504):
        super().__init__(emulator.wsgi)
        self._rows, self._fault = rows, fault
        self.sizes = []

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Answer a request, or fail if it is for too many rows."""
        params = dict(parse_qsl(urlsplit(str(request.url)).query))
        size = int(params.get("page[size]") or params.get("per_page") or 0)
        self.sizes.append(size)
        if size <= self._rows:
            return super().send(request, *args, **kwargs)
        if self._fault == "timeout":
            raise requests.ReadTimeout(ReadTimeoutError(None, "", "late"), request=request)
        return answer_with(super().send(request, *args, **kwargs), self._fault)


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator that no test changes."""
    with emulator_with_tickets(TICKETS) as emulator:
        yield emulator


def connect_slowly(emulator, rows, fault=504, **settings):
    """Return an account, and the adapter that makes large pages fail."""
    account = emulator.connect(**settings)
    account.transport.credentials.authorization()
    adapter = SlowAdapter(emulator, rows, fault)
    account.transport._session.mount("https://", adapter)
    return account, adapter


SHAPES = {
    "list": lambda: Ticket.objects.fresh(),
    "export": lambda: Ticket.objects.all(),
    "numbered": lambda: Ticket.objects.fresh().order_by("created_at"),
    "numbered slice": lambda: Ticket.objects.fresh().order_by("created_at")[110:260],
    "with side-loads": lambda: Ticket.objects.fresh().select_related("requester"),
    "numbered with side-loads": lambda: (
        Ticket.objects.fresh().order_by("created_at").select_related("requester")
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("rows", [13, 25, 50, 99, 100])
@pytest.mark.parametrize("fault", [504, 524, "timeout"])
@pytest.mark.parametrize("name", ["list", "numbered"])
def test_every_row_is_read_in_smaller_pages(pristine, name, rows, fault):
    """No row is lost or doubled, whatever size the server can answer."""
    pristine.connect()
    expected = [ticket.pk for ticket in SHAPES[name]()]
    _, adapter = connect_slowly(pristine, rows, fault)

    assert [ticket.pk for ticket in SHAPES[name]()] == expected
    assert min(adapter.sizes) <= rows


@pytest.mark.parametrize("read_ahead", [0, 3])
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_read_in_smaller_pages(pristine, name, read_ahead):
    """Rows, order and side-loaded objects are those of whole pages."""
    pristine.connect()
    expected = [(ticket.pk, ticket.requester_id) for ticket in SHAPES[name]()]
    # Five attempts divide a page of a thousand rows four times.
    rows = 70 if name == "export" else 50
    _, adapter = connect_slowly(pristine, rows, read_ahead=read_ahead)

    result = [(ticket.pk, ticket.requester_id) for ticket in SHAPES[name]()]

    assert result == expected
    assert max(adapter.sizes) > rows >= min(adapter.sizes)


def test_later_pages_of_a_cursor_list_stay_small(pristine):
    """Only the first page fails: the links to the next pages repeat the smaller size."""
    _, adapter = connect_slowly(pristine, 50)

    assert len(list(Ticket.objects.fresh())) == TICKETS
    assert adapter.sizes == [100, *[50] * 7]


def test_later_pages_of_a_numbered_list_stay_small(pristine):
    """Only the first page fails: later pages have parts of the size that succeeded."""
    _, adapter = connect_slowly(pristine, 30)

    assert len(list(Ticket.objects.fresh().order_by("created_at"))) == TICKETS
    assert adapter.sizes == [100, 50, *[25] * 14]


def test_the_next_attempts_read_smaller_parts_of_a_numbered_page(pristine):
    """A numbered list that no attempt could read is read by one of the next calls of next()."""
    pristine.connect()
    expected = [ticket.pk for ticket in SHAPES["numbered"]()]
    _, adapter = connect_slowly(pristine, 10, retry=RetryPolicy(attempts=1))
    rows = SHAPES["numbered"]().iterator()
    for _ in range(3):
        with pytest.raises(ServerError):
            next(rows)

    assert [ticket.pk for ticket in rows] == expected
    assert adapter.sizes[:5] == [100, 50, 25, 5, 5]


def test_only_half_of_a_page_is_requested_at_a_time(pristine):
    """The two halves of a numbered page are requested one after the other."""
    _, adapter = connect_slowly(pristine, 50)

    assert len(Ticket.objects.fresh().order_by("created_at")[:100]) == 100
    assert adapter.sizes == [100, 50, 50]


def test_smaller_pages_are_part_of_the_attempts(pristine):
    """The policy limits how often a page is made smaller."""
    _, adapter = connect_slowly(pristine, 5, retry=RetryPolicy(attempts=3))

    with pytest.raises(ServerError):
        list(Ticket.objects.fresh())

    assert adapter.sizes == [100, 50, 25]


def test_another_failure_keeps_the_size(pristine):
    """A 500 or a 503 says nothing of the number of rows."""
    _, adapter = connect_slowly(pristine, 50, 500, retry=RetryPolicy(attempts=3))

    with pytest.raises(ServerError):
        list(Ticket.objects.fresh())

    assert adapter.sizes == [100, 100, 100]


def test_a_response_that_is_too_large_is_read_in_smaller_pages(pristine):
    """`max_response_bytes` limits a page, and not the list."""
    account, adapter = connect_slowly(pristine, 100)
    account.transport._limits = evolve(account.transport._limits, max_response_bytes=60_000)
    account.transport._wire = None

    assert len(list(Ticket.objects.fresh())) == TICKETS
    assert adapter.sizes[:2] == [100, 50]


def test_a_smaller_page_is_logged(pristine, caplog):
    """A log line of the http layer names both sizes, without the query."""
    connect_slowly(pristine, 50)
    with caplog.at_level(logging.WARNING, "zendesk_orm.http"):
        list(Ticket.objects.fresh()[:100])

    lines = [record.getMessage() for record in caplog.records if "50 rows" in record.getMessage()]
    assert (len(lines), "100" in lines[0], "?" in lines[0]) == (1, True, False)


def test_lists_without_pages_are_not_divided(pristine):
    """A request without a page size is sent again as it was."""
    emulator = pristine
    emulator.connect(retry=RetryPolicy(attempts=2))
    emulator.fail_next(504)

    assert Group.objects.filter(id=1).count() in (0, 1)


DIVIDED = [
    # path, parameters, number of the page, the path and parameters of the half
    ("/a", (("page[size]", "100"),), "", ("/a", (("page[size]", "50"),))),
    ("/a", (("page[size]", "15"), ("x", "y")), "", ("/a", (("page[size]", "10"), ("x", "y")))),
    ("/a?page[size]=100&q=a+b", (), "", ("/a?page%5Bsize%5D=50&q=a+b", ())),
    ("/a", (("page[size]", "10"),), "", None),
    ("/a", (("page[size]", "x"),), "", None),
    ("/a", (), "", None),
    ("/a", (("page[size]", "25"),), "page", ("/a", (("page[size]", "5"), ("page", "1")))),
    ("/a", (("page[size]", "97"),), "page", None),
    ("/a", (("page[size]", "5"),), "page", None),
    (
        "/a",
        (("page[size]", "87"), ("page", "2")),
        "page",
        ("/a", (("page[size]", "29"), ("page", "4"))),
    ),
    ("/a", (("page[size]", "50"),), "page", ("/a", (("page[size]", "25"), ("page", "1")))),
    ("/a?page=3&page[size]=50", (), "page", ("/a?page=5&page%5Bsize%5D=25", ())),
]


@pytest.mark.parametrize(("path", "params", "page", "expected"), DIVIDED)
def test_the_first_half_of_a_page(path, params, page, expected):
    """A cursor stays; a numbered page is divided into pages that begin where it does."""
    request = Request("GET", path, params, size_param="page[size]", page_param=page)

    half = smaller_page(request)

    assert (half and (half.path, half.params)) == expected


def test_the_next_attempts_begin_with_fewer_rows(pristine):
    """An export that no attempt could read is read by one of the next calls of next()."""
    _, adapter = connect_slowly(pristine, 10, retry=RetryPolicy(attempts=1))
    rows = Ticket.objects.page_size(100).iterator()

    for _ in range(4):
        with pytest.raises(ServerError):
            next(rows)
    result = [ticket.pk for ticket in rows]

    assert adapter.sizes[:5] == [100, 50, 25, 12, 10]
    assert result == [*range(TICKETS, 0, -1)]

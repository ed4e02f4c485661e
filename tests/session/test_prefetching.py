"""Prefetching: the next page is requested while the current one is read, and no page too many."""

from __future__ import annotations

import threading
from itertools import islice

import pytest

from zendesk_orm import Q, ResultLimitExceeded, Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.limits import Quota
from zendesk_orm.session.prefetcher import Prefetcher


@pytest.fixture(scope="module")
def emulator():
    """Return the demonstration, which no test of the module changes."""
    return Emulator(seed="demo")


@pytest.fixture(params=[0, 1, 3])
def account(emulator, request):
    """Connect an account with the given prefetching depth."""
    account = emulator.connect(read_ahead=request.param)
    yield account
    account.close()


QUERIES = {
    "cursor": (Ticket.objects.fresh(), 23),
    "numbered": (Ticket.objects.filter(status="closed").order_by("-updated_at")[:950], 10),
    "numbered, to the end": (Ticket.objects.fresh().order_by("subject"), 23),
    "beyond the wall": (Ticket.objects.filter(status="closed").order_by("updated_at")[:1500], 3),
    "export": (Ticket.objects.filter(status="closed"), 3),
    "a slice": (Ticket.objects.fresh()[150:450], 4),
    "by id": (Ticket.objects.filter(id__in=range(2000, 2250)), 3),
    "alternatives": (Ticket.objects.filter(Q(status="new") | Q(priority="urgent")), 2),
    "one row": (User.objects.all()[:1], 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_prefetching_changes_neither_rows_nor_requests(emulator, account, count_requests, name):
    """Complete results have the same rows, order and requests as without prefetching."""
    rows, requests = QUERIES[name]
    plain = emulator.connect(alias="plain")
    expected = [row.pk for row in rows.using("plain")]
    plain.close()
    with count_requests(account, requests):
        read = [row.pk for row in rows.all()]

    assert read == expected
    assert len(read) == len(set(read))


@pytest.mark.parametrize("rows", [Ticket.objects.fresh(), Ticket.objects.order_by("-created_at")])
def test_the_first_page_costs_one_request(account, count_requests, rows):
    """Reading rows of the first page only sends no request for the second page."""
    with count_requests(account, 1):
        assert len(list(islice(rows.iterator(), 100))) == 100


def test_at_most_one_page_is_prefetched_with_a_depth_of_one(emulator):
    """An iteration that stops has requested the pages that it has read and at most one more."""
    account = emulator.connect(read_ahead=1)
    stream = Ticket.objects.fresh().iterator()
    list(islice(stream, 250))
    account.close()

    assert account.requests_sent in (3, 4)


def test_numbered_pages_are_requested_at_the_same_time(emulator):
    """Several pages are requested at the same time, as many as `read_ahead` allows."""
    account = emulator.connect(read_ahead=2)
    together = threading.Barrier(3, timeout=10)
    send = account.transport.send

    def send_together(request):
        if dict(request.params).get("page") in ("2", "3", "4"):
            # Continues only when the other two requests are being sent, too.
            together.wait()
        return send(request)

    account.transport.send = send_together
    rows = Ticket.objects.filter(status="closed").order_by("-updated_at")[:400]

    assert len(set(rows)) == 400
    account.close()


def test_an_error_of_a_prefetched_page_is_raised(emulator):
    """A list with more rows than the endpoint returns raises with prefetching, too."""
    account = emulator.connect(read_ahead=3)
    rows = Ticket.objects.filter(status="closed").order_by("subject")
    with pytest.raises(ResultLimitExceeded):
        list(rows)
    account.close()


def test_nothing_is_prefetched_if_the_quota_is_low():
    """If the quota is low, only pages that are read are requested."""
    quota = Quota()
    quota.update({"x-rate-limit": "100", "x-rate-limit-remaining": "3"})
    ahead, requested = Prefetcher(2, quota), []
    stream = ahead.stream(requested.append(number) or number for number in range(5))

    assert list(islice(stream, 2)) == [0, 1]
    assert requested == [0, 1]
    ahead.close()


def test_nested_prefetching_never_blocks():
    """A prefetching thread runs further work itself, so that a limit of threads cannot block it."""
    ahead = Prefetcher(1, Quota())
    nested = ahead.map(lambda n: list(ahead.map(lambda m: n * m, range(3))), range(4))

    assert list(nested) == [[0, 0, 0], [0, 1, 2], [0, 2, 4], [0, 3, 6]]
    ahead.close()


@pytest.mark.parametrize(
    ("rows", "depth", "number"),
    [
        (Ticket.objects.filter(id__in=range(1, 901)), 3, 4),
        (Ticket.objects.filter(id__in=range(1, 201)), 3, 2),
        (Ticket.objects.filter(status="closed").order_by("-updated_at")[:950], 4, 5),
        (Ticket.objects.filter(Q(status="new") | Q(priority="urgent")), 4, 2),
        (Ticket.objects.filter(id__in=range(1, 901)), 0, None),
        (Ticket.objects.fresh(), 4, None),
        (Ticket.objects.filter(id=1), 4, None),
    ],
)
def test_explain_shows_how_many_requests_are_sent_at_the_same_time(emulator, rows, depth, number):
    """`explain()` shows how many requests that do not depend on each other are sent together."""
    account = emulator.connect(read_ahead=depth)
    line = f"sends {number} requests at the same time"

    assert ("at the same time" in rows.explain()) == (number is not None)
    assert number is None or line in rows.explain().splitlines()
    account.close()

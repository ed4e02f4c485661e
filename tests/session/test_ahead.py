"""Reading ahead: the next page is on its way while one is read, and never a page too many."""

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
    """The demonstration, shared: nothing here changes it."""
    return Emulator(seed="demo")


@pytest.fixture(params=[0, 1, 3])
def account(emulator, request):
    """An account that reads so many pages ahead."""
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


@pytest.mark.parametrize("name", QUERIES)
def test_the_same_rows_for_the_same_requests(emulator, account, count_requests, name):
    """Whole results cost what they cost without reading ahead, in the same order."""
    rows, requests = QUERIES[name]
    plain = emulator.connect(alias="plain")
    expected = [row.pk for row in rows.using("plain")]
    plain.close()
    with count_requests(account, requests):
        read = [row.pk for row in rows.all()]

    assert expected == read
    assert len(read) == len(set(read))


@pytest.mark.parametrize("rows", [Ticket.objects.fresh(), Ticket.objects.order_by("-created_at")])
def test_the_first_page_costs_one_request(account, count_requests, rows):
    """Who looks at one row shall not pay for a second page."""
    with count_requests(account, 1):
        assert 100 == len(list(islice(rows.iterator(), 100)))


def test_it_stays_within_its_bound(emulator):
    """A reader who stops has paid for the pages that he read and one."""
    account = emulator.connect(read_ahead=1)
    stream = Ticket.objects.fresh().iterator()
    list(islice(stream, 250))
    account.close()

    assert account.requests_sent in (3, 4)


def test_numbered_pages_are_fetched_at_once(emulator):
    """Several are under way at the same time, bounded by the setting."""
    account = emulator.connect(read_ahead=2)
    together = threading.Barrier(3, timeout=10)
    send = account.transport.send

    def meeting(request):
        if dict(request.params).get("page") in ("2", "3", "4"):
            # Goes on only when the other two are under way, too.
            together.wait()
        return send(request)

    account.transport.send = meeting
    rows = Ticket.objects.filter(status="closed").order_by("-updated_at")[:400]

    assert 400 == len(set(rows))
    account.close()


def test_an_error_on_the_way_comes_in_its_place(emulator):
    """Rows before it are read; the error is raised where the page would have begun."""
    account = emulator.connect(read_ahead=3)
    rows = Ticket.objects.filter(status="closed").order_by("subject")
    with pytest.raises(ResultLimitExceeded):
        list(rows)
    account.close()


def test_nothing_is_fetched_ahead_of_a_low_quota():
    """What is left of the quota is left for what somebody asks for."""
    quota = Quota()
    quota.update({"x-rate-limit": "100", "x-rate-limit-remaining": "3"})
    ahead, made = Prefetcher(2, quota), []
    stream = ahead.stream(made.append(number) or number for number in range(5))

    assert [0, 1] == list(islice(stream, 2)) == made
    ahead.close()


def test_a_thread_of_its_own_never_waits_for_another():
    """Work within work is done on the spot, so that no bound on threads can stop it."""
    ahead = Prefetcher(1, Quota())
    nested = ahead.map(lambda n: list(ahead.map(lambda m: n * m, range(3))), range(4))

    assert [[0, 0, 0], [0, 1, 2], [0, 2, 4], [0, 3, 6]] == list(nested)
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
    """Requests that need no response of another one are sent together, as far as is allowed."""
    account = emulator.connect(read_ahead=depth)
    line = f"sends {number} requests at the same time"

    assert ("at the same time" in rows.explain()) == (number is not None)
    assert number is None or line in rows.explain().splitlines()
    account.close()

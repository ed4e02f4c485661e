"""`iterator(parallel=)` returns the rows of `iterator()`, with several requests at once."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timezone

import pytest

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import (
    FieldError,
    Group,
    InvalidValue,
    NoEndpoint,
    Q,
    RequestBudgetExceeded,
    ResultLimitExceeded,
    Ticket,
    User,
    connections,
)
from zendesk_orm.emulator import Emulator


LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def emulator():
    """Return the demonstration, which no test of the module changes."""
    return Emulator(seed="demo")


@pytest.fixture
def demo(emulator):
    """Return the default account of the demonstration."""
    return emulator.connect()


RESULTS = {
    "list": (lambda: Ticket.objects.fresh(), None),
    "list with side-loads": (lambda: Ticket.objects.fresh().select_related("requester"), None),
    "list of users": (lambda: User.objects.filter(role="end-user"), 20),
    "export": (lambda: Ticket.objects.all(), 50),
    "export of a part": (lambda: Ticket.objects.filter(status__in=["open", "closed"]), 50),
    "bounded by time": (lambda: Ticket.objects.filter(created_after=LONG_AGO), 100),
    "oldest first": (lambda: Ticket.objects.filter(status="closed").order_by("created_at"), 50),
    "newest first": (lambda: Ticket.objects.filter(status="closed").order_by("-created_at"), 50),
    "by id": (lambda: Ticket.objects.filter(id__in=range(1, 450)), None),
    "numbered slice": (lambda: Ticket.objects.fresh().order_by("created_at")[130:900], None),
    "no row": (lambda: Ticket.objects.filter(tags="nothing-has-this-tag"), None),
    "few rows": (lambda: Ticket.objects.filter(tags="vip"), None),
}


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [2, 8])
@pytest.mark.parametrize("name", RESULTS)
def test_rows_are_those_of_an_iterator(demo, name, parallel):
    """Each row is returned once, in the order of the result."""
    build, size = RESULTS[name]
    expected = [ticket.pk for ticket in build().iterator(size)]
    result = [ticket.pk for ticket in build().iterator(size, parallel=parallel)]

    assert result == expected
    assert len(result) == len(set(result))


def test_pages_of_a_list_are_requested_once(demo, count_requests):
    """A list takes as many requests as without `parallel`."""
    with count_requests(demo, 23):
        assert len(list(Ticket.objects.fresh().iterator(parallel=8))) > 2_200


def test_an_export_is_divided(demo, sent):
    """An export is requested in parts by `created_at`, after its oldest and its newest row."""
    rows = Ticket.objects.filter(status="closed")
    result = [ticket.pk for ticket in rows.iterator(chunk_size=200, parallel=3)]
    paths = [request.path for request in sent]

    assert len(result) == rows.count()
    assert paths.count("/api/v2/search") == 2
    texts = {dict(request.params)["query"] for request in sent if request.path.endswith("export")}
    assert len(texts) == 6
    assert sum("created<" in text and "created>" in text for text in texts) == 4


def test_requests_are_sent_at_the_same_time(demo):
    """As many requests as `parallel` are under way together, and never more."""
    together, lock, most, running = threading.Barrier(4, timeout=20), threading.Lock(), [0], [0]
    send = demo.transport.send

    def meet(request):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        if dict(request.params).get("page") in ("2", "3", "4", "5"):
            together.wait()
        try:
            return send(request)
        finally:
            with lock:
                running[0] -= 1

    demo.transport.send = meet
    list(Ticket.objects.fresh().iterator(parallel=4))

    assert most == [4]


def test_rows_that_are_created_meanwhile_are_returned_once():
    """Rows of the same second, and rows created while the parts are read, are in one part."""

    def of_second(number):
        return {"created_at": f"2026-01-01T00:00:{number // 6:02}Z"}

    with emulator_with_tickets(60, of_ticket=of_second) as emulator:
        emulator.connect()
        stream = Ticket.objects.all().iterator(chunk_size=5, parallel=3)
        result = [next(stream).pk]
        new = Ticket.objects.create(subject="New", comment={"body": "b"})
        result += [ticket.pk for ticket in stream]

    assert len(result) == len(set(result))
    assert {*result} - {new.pk} == set(range(1, 61))


def test_rows_that_are_deleted_meanwhile_displace_no_others():
    """Numbered pages are read again if rows of earlier pages disappear while they are read."""
    with emulator_with_tickets(120) as emulator:
        account = emulator.connect()
        send, seen = account.transport.send, []

        def delete_first(request):
            number = dict(request.params).get("page")
            if number == "4" and not seen:
                seen.append(number)
                emulator.connect(alias="other")
                Ticket.objects.using("other").get(1).delete()
            return send(request)

        account.transport.send = delete_first
        result = [ticket.pk for ticket in Ticket.objects.fresh().iterator(10, parallel=3)]

    assert seen == ["4"]
    assert sorted({*result, 1}) == list(range(1, 121))
    assert len(result) == len(set(result))


REFUSED = {
    "several queries": (lambda: Ticket.objects.filter(Q(tags="a") | Q(priority="low")), "several"),
    "moving rows": (lambda: Ticket.objects.fresh().order_by("-updated_at"), "move"),
    "slice of a search": (lambda: Ticket.objects.filter(status="new")[:10_000], "slice"),
    "incremental export": (lambda: Ticket.objects.filter(changed_since=LONG_AGO), "neither"),
    "distinct": (lambda: Ticket.objects.fresh().values("status").distinct(), "repeated"),
    "unknown order": (lambda: Ticket.objects.fresh().filter(follower=5), "neither"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_results_that_cannot_be_split_are_refused(demo, count_requests, name):
    """An error explains why the result has no parts, before anything is sent."""
    build, reason = REFUSED[name]
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=reason):
        list(build().iterator(parallel=4))


def test_a_list_with_too_many_rows_is_refused(demo, count_requests, monkeypatch):
    """A list with more rows than its numbered pages raises after one request."""
    monkeypatch.setattr("zendesk_orm.plan.plan.MAX_PAGES", 5)
    with count_requests(demo, 1), pytest.raises(ResultLimitExceeded):
        list(Ticket.objects.fresh().iterator(parallel=4))


@pytest.mark.parametrize("parallel", [0, -1, True, "4", None, 2.5])
def test_the_number_must_be_positive(demo, parallel):
    """Anything but a whole number above 0 is rejected."""
    with pytest.raises((InvalidValue, FieldError)):
        list(Ticket.objects.fresh().iterator(parallel=parallel))


def test_other_forms_and_prefetching_work(demo):
    """Values and prefetched relations are those of an iterator."""
    rows = Ticket.objects.filter(status="new")
    expected = list(rows.values_list("id", "subject").iterator())

    assert list(rows.values_list("id", "subject").iterator(10, parallel=3)) == expected
    result = rows.prefetch_related("comments").iterator(10, parallel=3)
    assert [(t.pk, len(t.comments.all())) for t in result] == [
        (t.pk, len(t.comments.all())) for t in rows.prefetch_related("comments")
    ]


def test_a_budget_applies_to_all_parts(demo):
    """`max_requests()` limits the requests of all parts together."""
    with pytest.raises(RequestBudgetExceeded):
        list(Ticket.objects.filter(status="closed").max_requests(4).iterator(50, parallel=3))


@pytest.mark.slow
def test_an_asynchronous_iterator_is_parallel_as_well(demo):
    """`aiterator(parallel=)` returns the same rows."""

    async def read():
        return [row.pk async for row in Ticket.objects.fresh().aiterator(parallel=4)]

    assert asyncio.run(read()) == [row.pk for row in Ticket.objects.fresh()]


def test_an_iterator_that_is_left_stops(demo):
    """Leaving the loop sends no further requests, and leaves no thread behind."""
    for _ in Group.objects.all().iterator(parallel=3):
        break
    stream = Ticket.objects.all().iterator(20, parallel=3)
    next(stream)
    stream.close()
    sent = connections["default"].requests_sent

    assert list(Ticket.objects.filter(id=1))
    assert connections["default"].requests_sent - sent <= 1 + 3

"""Row limits of search and exports, and `scan()`, which reads more rows."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, NoEndpoint, Q, ResultLimitExceeded, Ticket, User
from zendesk_orm.query.matching import row_test


CLOSED = Ticket.objects.filter(status="closed")


def _creation_times(rows):
    """Return the creation times of tickets."""
    return [ticket.created_at for ticket in rows]


@pytest.mark.parametrize("order", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_iterator_continues_past_the_row_limit(demo, order):
    """`iterator()` returns each row once and in order, beyond the limit of 1,000 rows."""
    rows = list(CLOSED.order_by(order).iterator())
    moments = [getattr(ticket, order.lstrip("-")) for ticket in rows]

    assert len(set(rows)) == 2293
    assert moments == sorted(moments, reverse=order.startswith("-"))


@pytest.mark.parametrize(
    ("start", "stop", "requests"),
    [(0, 100, 1), (990, 1010, 2), (1500, 1510, 3), (1995, 2005, 3), (2290, 2400, 3)],
)
def test_slices_can_be_beyond_the_row_limit(demo, count_requests, start, stop, requests):
    """A slice beyond the row limit has the rows between its positions."""
    all_times = _creation_times(CLOSED.order_by("created_at"))
    with count_requests(demo, requests):
        part = list(CLOSED.order_by("created_at")[start:stop])

    assert _creation_times(part) == all_times[start:stop]


def test_row_limits_that_cannot_be_passed_raise(account):
    """More than 1,000 rows of the same second, which cannot be paged through, raise."""
    moment = account.transport.clock.now()
    account.transport.clock.sleep(0)
    for start in range(0, 1100, 100):
        Ticket.objects.bulk_create(
            Ticket(subject=f"No. {start + n}", comment=Comment(body="?")) for n in range(100)
        )
        account.transport.clock.sleep(moment - account.transport.clock.now())

    with pytest.raises(ResultLimitExceeded, match="1,000 rows"):
        list(Ticket.objects.order_by("updated_at").iterator())


def test_exports_are_resumed_after_their_cursor_expired(demo, sent):
    """A loop that pauses until the cursor has expired neither loses nor repeats rows."""
    ids = []
    for ticket in CLOSED.page_size(500).iterator():
        ids.append(ticket.pk)
        if len(ids) % 500 == 0:
            demo.transport.clock.sleep(2 * 3600)

    assert len(ids) == len(set(ids)) == 2293
    assert any("created<=" in dict(request.params).get("query", "") for request in sent)


def test_unsupported_filters_raise_with_a_remedy(demo, count_requests):
    """An unsupported filter raises an error that describes the cost of `scan()`."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\) would read"):
        list(CLOSED.filter(subject__contains="rint"))


def test_scan_filters_client_side(demo, count_requests):
    """`scan()` sends the supported conditions, and compares the others client-side."""
    expected = {ticket.pk for ticket in CLOSED if "rint" in (ticket.subject or "")}
    rows = CLOSED.filter(subject__contains="rint").scan()
    with count_requests(demo, 3):
        result = {ticket.pk for ticket in rows}

    assert result == expected != set()
    assert "checked client-side, row by row: subject contains 'rint'" in rows.explain()
    assert "query=status:closed" in rows.explain()


@pytest.mark.parametrize(
    "narrow",
    [
        lambda rows: rows.filter(Q(subject__icontains="a") | Q(raw_subject__icontains="b")),
        lambda rows: rows.exclude(subject__startswith="T"),
        lambda rows: rows.filter(updated_at__month=3),
    ],
)
def test_scan_finds_the_rows_of_a_loop(demo, narrow):
    """`scan()` returns the rows that a loop with the same condition selects."""
    rows = narrow(Ticket.objects.filter(status="open"))
    test = row_test(rows.query.where, Ticket._meta)

    expected = {t.pk for t in Ticket.objects.filter(status="open") if test(t._row)}
    assert {ticket.pk for ticket in rows.scan()} == expected


def test_scan_raises_at_its_limit(demo):
    """`scan()` raises at its limit instead of returning a part of the rows."""
    with pytest.raises(ResultLimitExceeded, match="at most 1,000 are read"):
        list(CLOSED.filter(subject__contains="zzz").scan(limit=1000))


def test_a_scan_stops_when_its_slice_is_full(demo, count_requests):
    """A slice of a scan reads no more pages than it needs."""
    with count_requests(demo, 1):
        assert len(CLOSED.filter(subject__contains="a").scan()[:3]) == 3


def test_scan_is_ignored_if_an_endpoint_supports_the_query(demo):
    """`scan()` does not change the plan of a query that an endpoint supports."""
    rows = User.objects.filter(role="agent")

    assert rows.plan.first().__next__() == rows.scan().plan.first().__next__()


def test_single_ids_are_excluded_client_side(demo, count_requests):
    """Excluding a few ids, which search cannot do, takes no further request."""
    new = [ticket.pk for ticket in Ticket.objects.filter(status="new")]
    with count_requests(demo, 1):
        others = [
            ticket.pk for ticket in Ticket.objects.filter(status="new").exclude(id__in=new[:3])
        ]

    assert others == new[3:]


def test_long_lists_of_values_are_split(demo, count_requests):
    """120 values take three searches, because a search accepts 64 words."""
    people = [user.pk for user in User.objects.all()[:120]]
    with count_requests(demo, 3):
        result = list(Ticket.objects.filter(requester__in=people)[:100])

    assert len(set(result)) == 100
    assert {ticket.requester_id for ticket in result} <= set(people)

"""Beyond a wall: search goes on, exports are resumed, and more is read only when asked."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, NoEndpoint, Q, ResultLimitExceeded, Ticket, User
from zendesk_orm.query.matching import row_test


CLOSED = Ticket.objects.filter(status="closed")


def _stamps(rows):
    return [ticket.created_at for ticket in rows]


@pytest.mark.parametrize("order", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_a_stream_goes_on_by_the_last_moment(demo, order):
    """Each row once, in the order that was asked, far beyond row 1,000."""
    rows = list(CLOSED.order_by(order).iterator())
    moments = [getattr(ticket, order.lstrip("-")) for ticket in rows]

    assert 2293 == len(set(rows))
    assert moments == sorted(moments, reverse=order.startswith("-"))


@pytest.mark.parametrize(
    ("start", "stop", "requests"),
    [(0, 100, 1), (990, 1010, 2), (1500, 1510, 3), (1995, 2005, 3), (2290, 2400, 3)],
)
def test_a_slice_beyond_the_wall_is_the_slice(demo, count_requests, start, stop, requests):
    """Whichever endpoint answers, these are the rows between the two places."""
    whole = _stamps(CLOSED.order_by("created_at"))
    with count_requests(demo, requests):
        part = list(CLOSED.order_by("created_at")[start:stop])

    assert whole[start:stop] == _stamps(part)


def test_what_cannot_be_passed_is_raised(account):
    """Beyond a thousand rows of one second there is no going on, and nothing is left out."""
    moment = account.transport.clock.now()
    account.transport.clock.sleep(0)
    for start in range(0, 1100, 100):
        Ticket.objects.bulk_create(
            Ticket(subject=f"No. {start + n}", comment=Comment(body="?")) for n in range(100)
        )
        account.transport.clock.sleep(moment - account.transport.clock.now())

    with pytest.raises(ResultLimitExceeded, match="1,000 rows"):
        list(Ticket.objects.order_by("updated_at").iterator())


def test_an_export_is_resumed_when_its_cursor_is_too_old(demo, sent):
    """A loop may rest for hours between two pages; no row is lost, and none comes twice."""
    read = []
    for ticket in CLOSED.page_size(500).iterator():
        read.append(ticket.pk)
        if len(read) % 500 == 0:
            demo.transport.clock.sleep(2 * 3600)

    assert 2293 == len(read) == len(set(read))
    assert any("created<=" in dict(request.params).get("query", "") for request in sent)


# -- scanning ----------------------------------------------------------------


def test_what_zendesk_cannot_find_is_refused_with_the_way_out(demo, count_requests):
    """Nothing is sent; the refusal says what reading more would cost."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\) would read"):
        list(CLOSED.filter(subject__contains="rint"))


def test_a_scan_reads_more_and_compares_here(demo, count_requests):
    """The endpoint is asked for what it can be asked; the rest is compared row by row."""
    expected = {ticket.pk for ticket in CLOSED if "rint" in (ticket.subject or "")}
    rows = CLOSED.filter(subject__contains="rint").scan()
    with count_requests(demo, 3):
        found = {ticket.pk for ticket in rows}

    assert found == expected != set()
    assert "compared here, row by row: subject contains 'rint'" in rows.explain()
    assert "query=status:closed" in rows.explain()


@pytest.mark.parametrize(
    "narrow",
    [
        lambda rows: rows.filter(Q(subject__icontains="a") | Q(raw_subject__icontains="b")),
        lambda rows: rows.exclude(subject__startswith="T"),
        lambda rows: rows.filter(updated_at__month=3),
    ],
)
def test_a_scan_finds_what_a_loop_would(demo, narrow):
    """Alternatives, negations and parts of dates included."""
    rows = narrow(Ticket.objects.filter(status="open"))
    test = row_test(rows.query.where, Ticket._meta)

    expected = {t.pk for t in Ticket.objects.filter(status="open") if test(t._row)}
    assert expected == {ticket.pk for ticket in rows.scan()}


def test_a_scan_keeps_to_its_limit(demo):
    """Rather than to give a part for the whole."""
    with pytest.raises(ResultLimitExceeded, match="1,000 may be read"):
        list(CLOSED.filter(subject__contains="zzz").scan(limit=1000))


def test_a_scan_stops_when_its_slice_is_full(demo, count_requests):
    """No more pages are read than the rows wanted take."""
    with count_requests(demo, 1):
        assert 3 == len(CLOSED.filter(subject__contains="a").scan()[:3])


def test_a_scan_that_is_not_needed_changes_nothing(demo):
    """Permission to read more is no reason to."""
    rows = User.objects.filter(role="agent")

    assert rows.plan.first().__next__() == rows.scan().plan.first().__next__()


def test_single_rows_are_left_out_here(demo, count_requests):
    """Search knows no ids; leaving out a few named rows costs nothing."""
    new = [ticket.pk for ticket in Ticket.objects.filter(status="new")]
    with count_requests(demo, 1):
        rest = [ticket.pk for ticket in Ticket.objects.filter(status="new").exclude(id__in=new[:3])]

    assert new[3:] == rest


def test_a_long_list_of_values_is_asked_in_parts(demo, count_requests):
    """Search takes 64 words; a list of 120 values is three searches, each row once."""
    people = [user.pk for user in User.objects.all()[:120]]
    with count_requests(demo, 3):
        found = list(Ticket.objects.filter(requester__in=people)[:100])

    assert 100 == len(set(found))
    assert {ticket.requester_id for ticket in found} <= set(people)

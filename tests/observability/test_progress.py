"""Progress of reading: `iterator(progress=...)`."""

from __future__ import annotations

import asyncio

import pytest

from zendesk_orm import InvalidValue, Progress, Ticket, User


def test_a_function_is_called_after_each_page(demo):
    """Its total is known from the first page on if Zendesk counts the rows."""
    calls = []

    rows = list(Ticket.objects.filter(status="open").iterator(100, progress=calls.append))

    assert calls[-1] == Progress(len(rows), 0, len(rows), 0)
    assert [call.done for call in calls] == sorted(call.done for call in calls)


def test_a_counted_list_has_a_total(demo):
    """The window of the query limits it."""
    calls = []

    list(User.objects.search("example")[:150].iterator(100, progress=calls.append))

    assert [(call.done, call.total) for call in calls][-1] == (150, 150)
    assert calls[0].total in (150, None)


def test_an_unknown_total_is_known_at_the_end(demo):
    """A cursor list is not counted."""
    calls = []

    rows = list(User.objects.fresh().iterator(100, progress=calls.append))

    assert calls[0].total is None
    assert calls[-1] == Progress(len(rows), 0, len(rows), 0)
    assert len(calls) == len(rows) // 100 + 1


def test_true_shows_a_bar(demo, capsys):
    """At standard error; the line ends with the last row."""
    list(User.objects.fresh()[:150].iterator(progress=True))

    output = capsys.readouterr()
    assert output.out == ""
    assert "150 of 150" in output.err
    assert output.err.endswith("\n")
    assert "jobs" not in output.err


def test_progress_costs_no_request(demo, count_requests):
    """The requests are those of the query."""
    with count_requests(demo, 2):
        list(Ticket.objects.fresh()[:150].iterator(progress=lambda progress: None))


def test_progress_of_asynchronous_reading(demo):
    """`aiterator()` accepts it, too."""
    calls = []

    async def read():
        return [user async for user in User.objects.fresh()[:150].aiterator(progress=calls.append)]

    assert len(asyncio.run(read())) == calls[-1].done == 150


def test_progress_of_values(demo):
    """Queries of values report rows, too."""
    calls = []

    list(User.objects.fresh().values("name")[:5].iterator(progress=calls.append))

    assert calls[-1].done == 5


@pytest.mark.parametrize("progress", [1, "yes", []])
def test_progress_is_a_function_or_a_bool(demo, progress, count_requests):
    """Anything else is rejected before a request."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="progress"):
        next(User.objects.iterator(progress=progress))


def test_a_bulk_method_rejects_other_values(demo, count_requests):
    """The check is that of reading."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="progress"):
        Ticket.objects.bulk_create([Ticket(subject="a")], progress="yes")

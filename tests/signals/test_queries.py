"""Signals of queries: `query_started` and `query_finished`."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    ServerError,
    Ticket,
    User,
    query_finished,
    query_started,
    request_started,
)


def test_a_query_sends_both_signals(demo_emulator, listen):
    """`query_started` has the plan and precedes the requests; `query_finished` has the rows."""
    events = listen([query_started, request_started, query_finished])

    rows = list(Ticket.objects.fresh()[:250])

    first, last = events[0], events[-1]
    evaluation = first["evaluation"]
    assert (first["sender"], first["using"], evaluation.action) == (Ticket, "default", "query")
    assert evaluation.plan.requests == len(events) - 2 == 3
    assert last["evaluation"] is evaluation
    assert evaluation.rows == len(rows) == 250


def test_a_count_sends_query_finished(demo_emulator, listen):
    """A count sends `query_finished` with the action "count"."""
    events = listen(query_finished)

    User.objects.count()

    assert [event["evaluation"].action for event in events] == ["count"]


def test_a_failed_query_sends_query_finished(emulator, listen):
    """If a query fails, `query_finished` has the exception as its reason."""
    reasons = []

    @query_finished.connect
    def note(sender, evaluation, **kwargs):
        reasons.append(type(evaluation.reason))

    emulator.fail_next(500, times=9)

    with pytest.raises(ServerError):
        list(Ticket.objects.fresh())

    assert reasons == [ServerError]


def test_an_empty_query_sends_no_signal(emulator, listen):
    """A query without requests sends neither `query_started` nor `query_finished`."""
    events = listen([query_started, query_finished])

    assert list(Ticket.objects.none()) == []
    assert events == []


def test_a_query_sends_the_same_requests_if_it_is_observed(demo_emulator, listen):
    """Receivers of query signals cause no further requests."""
    queries = [
        Ticket.objects.filter(status="new")[:150],
        Ticket.objects.filter(requester__in=User.objects.filter(role="agent"))[:5],
        Ticket.objects.fresh().select_related("requester")[:5],
    ]
    sent = []
    for observed in (False, True):
        if observed:
            listen([query_started, query_finished])
        del demo_emulator.requests[:]
        for query in queries:
            list(query.all())
        sent.append(len(demo_emulator.requests))

    assert sent[1] <= sent[0]

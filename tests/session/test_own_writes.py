"""Own writes are seen at once, although the search index learns of them minutes later."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request


@pytest.fixture
def lagging():
    """An account whose index lags by five minutes."""
    emulator = Emulator(seed="demo", index_lag=300)
    account = emulator.connect()
    yield account
    account.close()


def _create(**values):
    return Ticket.objects.create(subject="Fire", comment=Comment(body="Help!"), **values)


def test_what_no_longer_matches_is_gone(lagging, count_requests):
    """A ticket just solved is no open one, in rows and in numbers."""
    count = Ticket.objects.filter(status="open").count()
    ticket = Ticket.objects.filter(status="open")[0]
    ticket.status = "solved"
    ticket.save()
    rows = Ticket.objects.filter(status="open")
    with count_requests(lagging, 1):
        read = list(rows.all())

    assert ticket not in read
    assert count - 1 == len(read) == rows.count()
    assert rows.all()[:5] != [ticket]
    assert 5 == len(rows.all()[:5])


def test_what_matches_now_is_there_in_its_place(lagging, count_requests):
    """The order is that of the query, whichever it is."""
    old = Ticket.objects.filter(status="new").order_by("created_at")[3]
    old.tags = [*old.tags, "fire"]
    old.save()
    new = _create(tags=["fire"])
    rows = Ticket.objects.filter(tags="fire")
    with count_requests(lagging, 2):
        assert [new, old] == list(rows)
        assert [old, new] == list(rows.order_by("created_at"))
        assert [new] == list(rows[:1])
    assert 2 == rows.count()
    assert new == Ticket.objects.all()[:1][0]


def test_the_order_changes_with_the_row(lagging):
    """What was just raised to urgent comes last in the order of priorities, and only there."""
    rows = Ticket.objects.filter(status="new")
    low = rows.filter(priority="low")[0]
    low.priority = "urgent"
    low.save()
    ordered = list(rows.order_by("-priority").exclude(priority__isnull=True))
    ranks = ["urgent", "high", "normal", "low"]

    assert 1 == ordered.count(low)
    assert [t.priority for t in ordered] == sorted((t.priority for t in ordered), key=ranks.index)


def test_what_was_deleted_is_gone(lagging):
    """Even before the index has learned that it was there."""
    ticket = _create(tags=["fire"])
    ticket.delete()

    assert [] == list(Ticket.objects.filter(tags="fire"))
    assert ticket not in set(Ticket.objects.all()[:10])


def test_what_was_written_in_bulk_is_seen_too(lagging, count_requests):
    """Of what a job made only ids are known; a request for each hundred tells the rest."""
    Ticket.objects.bulk_create(
        Ticket(subject=f"No. {n}", comment=Comment(body="?"), tags=["bulk"]) for n in range(150)
    )
    rows = Ticket.objects.filter(tags="bulk")
    with count_requests(lagging, 3):
        assert 150 == len(rows)
    rows.update(priority="high")
    with count_requests(lagging, 1):
        assert 150 == len(rows.filter(priority="high"))
    with count_requests(lagging, 1):
        assert [] == list(rows.filter(priority="low"))


def test_others_are_believed_when_they_came_later(lagging):
    """The index may know of a change by somebody else that came after the own one."""
    ticket = Ticket.objects.filter(status="new")[0]
    ticket.priority = "high"
    ticket.save()
    lagging.transport.clock.sleep(60)
    body = {"ticket": {"priority": "low"}}
    lagging.current().send(_put(f"/api/v2/tickets/{ticket.pk}", body))
    lagging.transport.clock.sleep(301)

    assert ticket in list(Ticket.objects.filter(priority="low"))
    assert ticket not in list(Ticket.objects.filter(priority="high"))


def test_writes_that_make_no_difference_cost_nothing(lagging, count_requests):
    """A deep page is asked for by its number, although something else was written."""
    _create(tags=["other"])
    rows = Ticket.objects.filter(status="closed").order_by("-created_at")[800:820]
    with count_requests(lagging, 1):
        assert 20 == len(rows)


def test_after_a_while_the_index_is_believed(lagging, sent):
    """Minutes later nothing is laid over any more."""
    ticket = _create(tags=["fire"])
    lagging.transport.clock.sleep(3600)
    sent.clear()

    assert [ticket] == list(Ticket.objects.filter(tags="fire"))
    assert {} == lagging.recent.of(Ticket)


def test_free_text_finds_what_was_just_written(lagging):
    """By the words that its row holds."""
    ticket = _create()

    assert ticket in list(Ticket.objects.search("fire"))
    assert ticket not in list(Ticket.objects.search("water"))


def test_alternatives_see_it_as_well(lagging):
    """Each row once, in the order that all alternatives have."""
    ticket = _create(tags=["fire"], priority="urgent")
    rows = Ticket.objects.filter(tags="fire") | Ticket.objects.filter(priority="urgent")
    read = list(rows)

    assert ticket == read[0]
    assert len(read) == len(set(read))


def _put(path, body):
    return Request("PUT", path, json=body)

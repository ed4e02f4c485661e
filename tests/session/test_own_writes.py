"""Own writes are seen at once, although the search index learns of them minutes later."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, Q, Ticket, User, connections
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


def test_object_deleted_by_its_id_alone_is_not_found(lagging):
    """A deleted object whose row was never read is omitted, although the index contains it."""
    pk = Ticket.objects.filter(status="open")[0].pk

    Ticket(id=pk).delete()

    assert pk not in [ticket.pk for ticket in Ticket.objects.filter(status="open")]


def test_what_was_written_in_bulk_is_seen_too(lagging, count_requests):
    """Rows that a job wrote are read again once, with a request for each hundred."""
    Ticket.objects.bulk_create(
        Ticket(subject=f"No. {n}", comment=Comment(body="?"), tags=["bulk"]) for n in range(150)
    )
    rows = Ticket.objects.filter(tags="bulk")
    with count_requests(lagging, 3):
        assert 150 == len(rows)
    rows.update(priority="high")
    with count_requests(lagging, 3):
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
    assert {} == lagging.recent.for_model(Ticket)


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


# -- what others change of own rows --------------------------------------------


@pytest.fixture
def ticket(demo_emulator):
    """An open ticket of an organization, with a low priority, which an index without lag knows."""
    demo_emulator.clock.sleep(1000)
    rows = Ticket.objects.filter(status="open", organization__isnull=False)
    ticket = rows.exclude(priority="low")[:1][0]
    ticket.priority = "low"
    ticket.save()
    return ticket


def _colleague(emulator, ticket, **values):
    """Let another client change a ticket."""
    emulator.connect(alias="colleague")
    other = Ticket.objects.using("colleague").get(ticket.pk)
    for name, value in values.items():
        setattr(other, name, value)
    other.save(safe=False)


def _has(ticket, *q, **lookups):
    return ticket.pk in {each.pk for each in Ticket.objects.filter(*q, **lookups)}


@pytest.mark.parametrize(("seconds", "reads"), [(0, True), (5, True), (60, True), (60, False)])
def test_a_change_of_the_same_second_counts(demo_emulator, ticket, seconds, reads):
    """A row that another client changed in the second of an own write is given as it is now."""
    _colleague(demo_emulator, ticket, status="pending")
    demo_emulator.clock.sleep(seconds)
    if reads:
        assert "pending" == Ticket.objects.get(ticket.pk).status

    assert (False, True) == (_has(ticket, status="open"), _has(ticket, status="pending"))
    assert Ticket.objects.filter(status="open").count() == len(Ticket.objects.filter(status="open"))


def test_a_row_of_the_index_that_is_as_new_counts(demo_emulator, ticket):
    """A row of the index that is of the second of an own write is the later one."""
    _colleague(demo_emulator, ticket, status="pending")

    assert "pending" == next(t for t in Ticket.objects.filter(priority="low") if t == ticket).status
    assert not _has(ticket, status="open")


@pytest.mark.parametrize("seconds", [0, 30, 301])
def test_a_deletion_that_changes_own_rows_counts(demo_emulator, ticket, seconds):
    """A ticket whose organization was deleted after an own write has none, without notice."""
    organization = ticket.organization_id
    demo_emulator.clock.sleep(seconds)
    Organization.objects.get(organization).delete()

    assert not _has(ticket, organization=organization)
    assert _has(ticket, organization__isnull=True)
    assert Ticket.objects.get(ticket.pk).organization_id is None


def test_a_deletion_by_others_counts_after_seconds(demo_emulator, ticket, count_requests):
    """An own write that the index lacks is read again, once, when it is not new any more."""
    organization = ticket.organization_id
    demo_emulator.connect(alias="colleague")
    Organization.objects.using("colleague").get(organization).delete()
    demo_emulator.clock.sleep(11)
    rows = Ticket.objects.filter(organization=organization)
    account = connections["default"]
    with count_requests(account, 2):
        assert ticket.pk not in {each.pk for each in rows}
    with count_requests(account, 1):
        assert ticket.pk not in {each.pk for each in rows.all()}


def test_a_fresh_row_stays_while_the_index_lags(lagging):
    """What was read by id replaces an own write, and the index that knows neither does not."""
    ticket = Ticket.objects.filter(status="open")[:1][0]
    ticket.priority = "low" if ticket.priority != "low" else "high"
    ticket.save()
    body = {"ticket": {"status": "pending"}}
    lagging.current().send(_put(f"/api/v2/tickets/{ticket.pk}", body))
    lagging.transport.clock.sleep(5)
    Ticket.objects.get(ticket.pk)

    assert (False, True) == (_has(ticket, status="open"), _has(ticket, status="pending"))
    assert _has(ticket, status="pending", priority=ticket.priority)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 20, 400])
@pytest.mark.parametrize("lag", [0, 300])
def test_no_row_matches_a_condition_and_its_complement(demo_emulator, lag, seconds):
    """Own writes, those of others that were read, and what follows from them agree."""
    demo_emulator.clock.sleep(1000)
    demo_emulator.switches.index_lag = lag
    tickets = list(Ticket.objects.filter(status="open", organization__isnull=False)[:4])
    for ticket in tickets:
        ticket.priority = "low"
        ticket.save()
    _colleague(demo_emulator, tickets[0], status="pending")
    _colleague(demo_emulator, tickets[1], priority="urgent")
    demo_emulator.clock.sleep(seconds)
    Organization.objects.get(tickets[2].organization_id).delete()
    Ticket.objects.in_bulk([ticket.pk for ticket in tickets])

    for q in (Q(status="open"), Q(priority="low"), Q(organization__isnull=True)):
        of, without = ({each.pk for each in Ticket.objects.filter(each)} for each in (q, ~q))
        assert not of & without
        assert {ticket.pk for ticket in tickets} <= of | without


def test_the_index_is_trusted_again_after_five_minutes(demo):
    """A row that changed with another object is found as it is now, not as it was saved."""
    ticket = Ticket.objects.filter(status="open", organization__isnull=False)[:1][0]
    organization = ticket.organization_id
    ticket.priority = "low" if ticket.priority != "low" else "high"
    ticket.save()
    demo.transport.clock.sleep(30)
    connected = connections["default"]
    connected.transport.send(Request("DELETE", f"/api/v2/organizations/{organization}"))
    demo.transport.clock.sleep(301)

    assert ticket in Ticket.objects.filter(status="open", organization__isnull=True)
    assert ticket not in Ticket.objects.filter(organization=organization)


# -- writes by jobs and calls --------------------------------------------------


def _bulk_update(tickets):
    for ticket in tickets:
        ticket.status = "pending"
    Ticket.objects.bulk_update(tickets)


def _update(tickets):
    Ticket.objects.filter(id__in=[ticket.pk for ticket in tickets]).update(status="pending")


def _save_in_batch(tickets):
    with connections["default"].batch():
        for ticket in tickets:
            ticket.status = "pending"
            ticket.save()


def _save(tickets):
    for ticket in tickets:
        ticket.status = "pending"
        ticket.save()


@pytest.fixture
def indexed(emulator):
    """Six open tickets that the index contains, and an index that lags from now on."""
    account = emulator.connect()
    for number in range(6):
        tags = [("a", "b")[number % 2]]
        Ticket.objects.create(subject="s", comment=Comment(body="b"), status="open", tags=tags)
    emulator.clock.sleep(3600)
    emulator.switches.index_lag = 200
    return account


WRITES = pytest.mark.parametrize("write", [_save, _bulk_update, _update, _save_in_batch])


@WRITES
def test_a_loop_until_no_row_matches_visits_each_once(indexed, write):
    """A program that changes the first rows of a query until there are none changes each once."""
    rows, visited = Ticket.objects.filter(status="open"), []
    while chunk := list(rows.all()[:3]):
        visited += [ticket.pk for ticket in chunk]
        write(chunk)

    assert len(visited) == len(set(visited)) == 6
    assert (rows.count(), rows.exists(), rows.filter(tags="a").first()) == (0, False, None)


@WRITES
@pytest.mark.parametrize("seconds", [0, 30])
def test_alternatives_do_not_make_it_forget(indexed, write, seconds):
    """After a query with alternatives, own writes are still merged into those that follow."""
    write(list(Ticket.objects.filter(tags="a")))
    indexed.transport.clock.sleep(seconds)
    either = Ticket.objects.filter(Q(status="pending") | Q(tags="b"))

    assert len(list(either)) == 6
    for _ in range(2):
        assert sorted(t.tags[0] for t in Ticket.objects.filter(status="pending")) == ["a"] * 3
        assert sorted(t.tags[0] for t in Ticket.objects.filter(status="open")) == ["b"] * 3
        indexed.transport.clock.sleep(30)


@pytest.mark.parametrize("model", [User, Organization], ids=lambda model: model.__name__)
def test_other_models_are_merged_after_an_update_too(emulator, model):
    """Users and organizations match by the values that update() sent."""
    emulator.connect()
    for number in range(3):
        model.objects.create(name=f"n{number}", tags=["old"])
    emulator.clock.sleep(3600)
    emulator.switches.index_lag = 60
    model.objects.filter(tags="old").update(tags=["new"])

    assert [model.objects.filter(tags=tag).count() for tag in ("old", "new")] == [0, 3]
    assert len(list(model.objects.filter(tags="new"))) == 3


CALLS = {
    "add": lambda ticket: ticket.tags.add("c"),
    "remove": lambda ticket: ticket.tags.remove("a"),
    "set": lambda ticket: ticket.tags.set(["c"]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_change_of_tags_moves_the_row(indexed, call):
    """Adding and removing tags changes the time of the last update, by which rows are ordered."""
    rows = Ticket.objects.order_by("-updated_at")
    ticket = rows.filter(tags="a")[2]
    call(ticket)

    assert rows.all()[0] == ticket
    assert next(iter(rows.all())).updated_at == Ticket.objects.get(ticket.pk).updated_at


def test_two_calls_while_the_index_contains_the_first(indexed):
    """The later one of two changes of tags counts when the index has learned of the earlier one."""
    ticket = Ticket.objects.filter(tags="a")[0]
    ticket.tags.add("c")
    indexed.transport.clock.sleep(150)
    ticket.tags.remove("c")
    indexed.transport.clock.sleep(60)

    assert ticket not in list(Ticket.objects.filter(tags="c"))
    assert ticket in list(Ticket.objects.filter(tags="a"))


def test_a_row_that_the_index_knows_costs_nothing_more(indexed, count_requests):
    """When the index contains what a job wrote, only the query itself is sent."""
    _update(list(Ticket.objects.filter(tags="a")))
    indexed.transport.clock.sleep(201)
    rows = Ticket.objects.filter(status="pending")
    with count_requests(indexed, 2):
        assert len(rows.all()) == 3
    with count_requests(indexed, 1):
        assert len(rows.all()) == 3
    assert {} == indexed.recent.for_model(Ticket)


def test_other_queries_read_the_rows_of_a_job_once(indexed, count_requests):
    """Triggers may have changed any value, so rows of a job are read once, then compared."""
    _bulk_update(list(Ticket.objects.filter(tags="a")))
    with count_requests(indexed, 2):
        assert Ticket.objects.filter(tags="b").count() == 3
    with count_requests(indexed, 1):
        assert Ticket.objects.filter(tags="b").count() == 3


def test_what_zendesk_changes_with_a_job_is_seen(indexed):
    """A value that a job has not sent, but Zendesk changes along, matches at once."""
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), status="new")
    indexed.transport.clock.sleep(250)
    ticket.refresh_from_db()
    ticket.assignee = User.objects.filter(role="admin")[0]
    Ticket.objects.bulk_update([ticket])

    assert (Ticket.objects.get(ticket.pk).status, _has(ticket, status="open")) == ("open", True)
    assert not _has(ticket, status="new")

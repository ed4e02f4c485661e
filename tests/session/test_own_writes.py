"""Own writes are visible at once, although the search index contains them minutes later."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, Q, Ticket, User, connections
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request


@pytest.fixture
def lagging():
    """Connect an account whose search index lags by five minutes."""
    emulator = Emulator(seed="demo", index_lag=300)
    account = emulator.connect()
    yield account
    account.close()


def _create(**values):
    return Ticket.objects.create(subject="Fire", comment=Comment(body="Help!"), **values)


def test_a_row_that_no_longer_matches_is_omitted(lagging, count_requests):
    """A ticket that was just solved is neither returned nor counted as open."""
    count = Ticket.objects.filter(status="open").count()
    ticket = Ticket.objects.filter(status="open")[0]
    ticket.status = "solved"
    ticket.save()
    rows = Ticket.objects.filter(status="open")
    with count_requests(lagging, 1):
        read = list(rows.all())

    assert ticket not in read
    assert len(read) == count - 1
    assert rows.count() == count - 1
    assert rows.all()[:5] != [ticket]
    assert len(rows.all()[:5]) == 5


def test_a_row_that_matches_now_is_returned_in_order(lagging, count_requests):
    """New and changed rows have their place in the order of the query."""
    old = Ticket.objects.filter(status="new").order_by("created_at")[3]
    old.tags = [*old.tags, "fire"]
    old.save()
    new = _create(tags=["fire"])
    rows = Ticket.objects.filter(tags="fire")
    with count_requests(lagging, 2):
        assert list(rows) == [new, old]
        assert list(rows.order_by("created_at")) == [old, new]
        assert list(rows[:1]) == [new]
    assert rows.count() == 2
    assert Ticket.objects.all()[:1][0] == new


def test_a_changed_row_moves_in_the_order(lagging):
    """A ticket whose priority was raised is returned once, at its new position."""
    rows = Ticket.objects.filter(status="new")
    low = rows.filter(priority="low")[0]
    low.priority = "urgent"
    low.save()
    ordered = list(rows.order_by("-priority").exclude(priority__isnull=True))
    ranks = ["urgent", "high", "normal", "low"]

    assert ordered.count(low) == 1
    assert [t.priority for t in ordered] == sorted((t.priority for t in ordered), key=ranks.index)


def test_a_deleted_row_is_omitted(lagging):
    """A row is omitted that was created and deleted before the index contained it."""
    ticket = _create(tags=["fire"])
    ticket.delete()

    assert list(Ticket.objects.filter(tags="fire")) == []
    assert ticket not in set(Ticket.objects.all()[:10])


def test_a_row_deleted_by_its_id_is_omitted(lagging):
    """An object that was deleted without being read is omitted, although the index contains it."""
    pk = Ticket.objects.filter(status="open")[0].pk

    Ticket(id=pk).delete()

    assert pk not in [ticket.pk for ticket in Ticket.objects.filter(status="open")]


def test_rows_of_a_job_are_read_once(lagging, count_requests):
    """Rows that a job wrote are read again once, a hundred to a request."""
    Ticket.objects.bulk_create(
        Ticket(subject=f"No. {n}", comment=Comment(body="?"), tags=["bulk"]) for n in range(150)
    )
    rows = Ticket.objects.filter(tags="bulk")
    with count_requests(lagging, 3):
        assert len(rows) == 150
    rows.update(priority="high")
    with count_requests(lagging, 3):
        assert len(rows.filter(priority="high")) == 150
    with count_requests(lagging, 1):
        assert list(rows.filter(priority="low")) == []


def test_later_changes_by_others_count(lagging):
    """A change by another client after the own write is used when the index contains it."""
    ticket = Ticket.objects.filter(status="new")[0]
    ticket.priority = "high"
    ticket.save()
    lagging.transport.clock.sleep(60)
    body = {"ticket": {"priority": "low"}}
    lagging.current().send(_put(f"/api/v2/tickets/{ticket.pk}", body))
    lagging.transport.clock.sleep(301)

    assert ticket in list(Ticket.objects.filter(priority="low"))
    assert ticket not in list(Ticket.objects.filter(priority="high"))


def test_unrelated_writes_cost_no_request(lagging, count_requests):
    """A distant page is requested by its number, although another row was created."""
    _create(tags=["other"])
    rows = Ticket.objects.filter(status="closed").order_by("-created_at")[800:820]
    with count_requests(lagging, 1):
        assert len(rows) == 20


def test_own_writes_are_dropped_after_the_lag(lagging, sent):
    """Minutes later, results are those of the index, and no write is stored any more."""
    ticket = _create(tags=["fire"])
    lagging.transport.clock.sleep(3600)
    sent.clear()

    assert list(Ticket.objects.filter(tags="fire")) == [ticket]
    assert lagging.recent.for_model(Ticket) == {}


def test_free_text_matches_own_writes(lagging):
    """`search()` returns a new ticket if its row contains the words."""
    ticket = _create()

    assert ticket in list(Ticket.objects.search("fire"))
    assert ticket not in list(Ticket.objects.search("water"))


def test_alternatives_contain_own_writes_once(lagging):
    """A query with several searches returns a new row once, in order."""
    ticket = _create(tags=["fire"], priority="urgent")
    rows = Ticket.objects.filter(tags="fire") | Ticket.objects.filter(priority="urgent")
    read = list(rows)

    assert read[0] == ticket
    assert len(read) == len(set(read))


def _put(path, body):
    return Request("PUT", path, json=body)


# -- changes of own rows by other clients --------------------------------------


@pytest.fixture
def ticket(demo_emulator):
    """Return an indexed, open ticket of an organization, with a low priority."""
    demo_emulator.clock.sleep(1000)
    rows = Ticket.objects.filter(status="open", organization__isnull=False)
    ticket = rows.exclude(priority="low")[:1][0]
    ticket.priority = "low"
    ticket.save()
    return ticket


def _change_as_colleague(emulator, ticket, **values):
    """Change a ticket as another client."""
    emulator.connect(alias="colleague")
    other = Ticket.objects.using("colleague").get(ticket.pk)
    for name, value in values.items():
        setattr(other, name, value)
    other.save(safe=False)


def _has(ticket, *q, **lookups):
    return ticket.pk in {row.pk for row in Ticket.objects.filter(*q, **lookups)}


@pytest.mark.parametrize(("seconds", "reads"), [(0, True), (5, True), (60, True), (60, False)])
def test_a_change_by_others_in_the_same_second_counts(demo_emulator, ticket, seconds, reads):
    """A row that another client changed in the second of an own write has the newer values."""
    _change_as_colleague(demo_emulator, ticket, status="pending")
    demo_emulator.clock.sleep(seconds)
    if reads:
        assert Ticket.objects.get(ticket.pk).status == "pending"

    assert (_has(ticket, status="open"), _has(ticket, status="pending")) == (False, True)
    assert Ticket.objects.filter(status="open").count() == len(Ticket.objects.filter(status="open"))


def test_a_row_of_the_index_with_the_same_time_is_newer(demo_emulator, ticket):
    """A row of the index that was updated in the second of the own write replaces it."""
    _change_as_colleague(demo_emulator, ticket, status="pending")

    assert next(t for t in Ticket.objects.filter(priority="low") if t == ticket).status == "pending"
    assert not _has(ticket, status="open")


@pytest.mark.parametrize("seconds", [0, 30, 301])
def test_deleting_an_organization_changes_its_tickets(demo_emulator, ticket, seconds):
    """A ticket whose organization was deleted after an own write has no organization."""
    organization = ticket.organization_id
    demo_emulator.clock.sleep(seconds)
    Organization.objects.get(organization).delete()

    assert not _has(ticket, organization=organization)
    assert _has(ticket, organization__isnull=True)
    assert Ticket.objects.get(ticket.pk).organization_id is None


def test_a_deletion_by_others_counts_after_some_seconds(demo_emulator, ticket, count_requests):
    """An own write that the index lacks is read again once, when it is some seconds old."""
    organization = ticket.organization_id
    demo_emulator.connect(alias="colleague")
    Organization.objects.using("colleague").get(organization).delete()
    demo_emulator.clock.sleep(11)
    rows = Ticket.objects.filter(organization=organization)
    account = connections["default"]
    with count_requests(account, 2):
        assert ticket.pk not in {row.pk for row in rows}
    with count_requests(account, 1):
        assert ticket.pk not in {row.pk for row in rows.all()}


def test_a_row_read_by_id_replaces_an_own_write(lagging):
    """A row that was fetched by id is used until the index contains it."""
    ticket = Ticket.objects.filter(status="open")[:1][0]
    ticket.priority = "low" if ticket.priority != "low" else "high"
    ticket.save()
    body = {"ticket": {"status": "pending"}}
    lagging.current().send(_put(f"/api/v2/tickets/{ticket.pk}", body))
    lagging.transport.clock.sleep(5)
    Ticket.objects.get(ticket.pk)

    assert (_has(ticket, status="open"), _has(ticket, status="pending")) == (False, True)
    assert _has(ticket, status="pending", priority=ticket.priority)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 20, 400])
@pytest.mark.parametrize("lag", [0, 300])
def test_no_row_matches_a_condition_and_its_complement(demo_emulator, lag, seconds):
    """Each row matches either a condition or its negation, whoever changed the row."""
    demo_emulator.clock.sleep(1000)
    demo_emulator.switches.index_lag = lag
    tickets = list(Ticket.objects.filter(status="open", organization__isnull=False)[:4])
    for ticket in tickets:
        ticket.priority = "low"
        ticket.save()
    _change_as_colleague(demo_emulator, tickets[0], status="pending")
    _change_as_colleague(demo_emulator, tickets[1], priority="urgent")
    demo_emulator.clock.sleep(seconds)
    Organization.objects.get(tickets[2].organization_id).delete()
    Ticket.objects.in_bulk([ticket.pk for ticket in tickets])

    for q in (Q(status="open"), Q(priority="low"), Q(organization__isnull=True)):
        matching, others = ({row.pk for row in Ticket.objects.filter(part)} for part in (q, ~q))
        assert not matching & others
        assert {ticket.pk for ticket in tickets} <= matching | others


def test_the_index_is_trusted_again_after_five_minutes(demo):
    """A row that changed with its organization is returned with its present values."""
    ticket = Ticket.objects.filter(status="open", organization__isnull=False)[:1][0]
    organization = ticket.organization_id
    ticket.priority = "low" if ticket.priority != "low" else "high"
    ticket.save()
    demo.transport.clock.sleep(30)
    demo.transport.send(Request("DELETE", f"/api/v2/organizations/{organization}"))
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
    """Connect an account with six open tickets in the index, which lags from now on."""
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
    """A loop that changes the first matching rows until none matches visits each row once."""
    rows, visited = Ticket.objects.filter(status="open"), []
    while chunk := list(rows.all()[:3]):
        visited += [ticket.pk for ticket in chunk]
        write(chunk)

    assert len(visited) == 6
    assert len(set(visited)) == 6
    assert (rows.count(), rows.exists(), rows.filter(tags="a").first()) == (0, False, None)


@WRITES
@pytest.mark.parametrize("seconds", [0, 30])
def test_alternatives_keep_own_writes_for_later_queries(indexed, write, seconds):
    """After a query with alternatives, own writes are still merged into later results."""
    write(list(Ticket.objects.filter(tags="a")))
    indexed.transport.clock.sleep(seconds)
    either = Ticket.objects.filter(Q(status="pending") | Q(tags="b"))

    assert len(list(either)) == 6
    for _ in range(2):
        assert sorted(t.tags[0] for t in Ticket.objects.filter(status="pending")) == ["a"] * 3
        assert sorted(t.tags[0] for t in Ticket.objects.filter(status="open")) == ["b"] * 3
        indexed.transport.clock.sleep(30)


@pytest.mark.parametrize("model", [User, Organization], ids=lambda model: model.__name__)
def test_other_models_are_merged_after_an_update(emulator, model):
    """Users and organizations match by the values that `update()` sent."""
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
def test_a_change_of_tags_changes_the_update_time(indexed, call):
    """Calls on tags set `updated_at`, by which rows are ordered."""
    rows = Ticket.objects.order_by("-updated_at")
    ticket = rows.filter(tags="a")[2]
    call(ticket)

    assert rows.all()[0] == ticket
    assert next(iter(rows.all())).updated_at == Ticket.objects.get(ticket.pk).updated_at


def test_the_later_of_two_calls_counts(indexed):
    """The second change of tags counts when the index contains only the first one."""
    ticket = Ticket.objects.filter(tags="a")[0]
    ticket.tags.add("c")
    indexed.transport.clock.sleep(150)
    ticket.tags.remove("c")
    indexed.transport.clock.sleep(60)

    assert ticket not in list(Ticket.objects.filter(tags="c"))
    assert ticket in list(Ticket.objects.filter(tags="a"))


def test_an_indexed_row_of_a_job_needs_no_request(indexed, count_requests):
    """When the index contains the rows of a job, only the query is sent."""
    _update(list(Ticket.objects.filter(tags="a")))
    indexed.transport.clock.sleep(201)
    rows = Ticket.objects.filter(status="pending")
    with count_requests(indexed, 2):
        assert len(rows.all()) == 3
    with count_requests(indexed, 1):
        assert len(rows.all()) == 3
    assert indexed.recent.for_model(Ticket) == {}


def test_other_queries_read_the_rows_of_a_job_once(indexed, count_requests):
    """Triggers may have changed any value, so rows of a job are read once, then compared."""
    _bulk_update(list(Ticket.objects.filter(tags="a")))
    with count_requests(indexed, 2):
        assert Ticket.objects.filter(tags="b").count() == 3
    with count_requests(indexed, 1):
        assert Ticket.objects.filter(tags="b").count() == 3


def test_values_set_by_zendesk_during_a_job_match(indexed):
    """A status that Zendesk sets because a job assigned the ticket matches at once."""
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), status="new")
    indexed.transport.clock.sleep(250)
    ticket.refresh_from_db()
    ticket.assignee = User.objects.filter(role="admin")[0]
    Ticket.objects.bulk_update([ticket])

    assert (Ticket.objects.get(ticket.pk).status, _has(ticket, status="open")) == ("open", True)
    assert not _has(ticket, status="new")

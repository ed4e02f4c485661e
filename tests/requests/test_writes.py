"""The number of requests of writing operations."""

from __future__ import annotations

import pytest

from zendesk_orm import BulkError, Comment, Group, Organization, Ticket, User


def _build_tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _create_tickets(number):
    tickets = _build_tickets(number)
    Ticket.objects.bulk_create(tickets)
    return tickets


def _set_values(record, **values):
    for name, value in values.items():
        setattr(record, name, value)
    return record


def _count_kinds(requests):
    """Return the numbers of requests and of polls for jobs."""
    polls = [request for request in requests if "job_statuses" in request]
    return len(requests) - len(polls), len(polls)


def _change_and_save(ticket):
    ticket.subject = "changed"
    ticket.save()


COSTS = [
    ("save without a change", lambda ticket: ticket.save(), 0),
    ("save", _change_and_save, 1),
    ("a second save", lambda ticket: (_change_and_save(ticket), ticket.save()), 1),
    ("refresh", lambda ticket: ticket.refresh_from_db(), 1),
    ("a note", lambda ticket: ticket.comments.create(body="n", public=False), 1),
    ("delete", lambda ticket: ticket.delete(), 1),
    ("create", lambda _: Ticket.objects.create(subject="x", comment=Comment(body="y")), 1),
    ("create of a group", lambda _: Group.objects.create(name="G"), 1),
    ("bulk update of the unchanged", lambda ticket: Ticket.objects.bulk_update([ticket]), 0),
    ("bulk create of nothing", lambda _: Ticket.objects.bulk_create([]), 0),
    ("update of nothing", lambda _: Ticket.objects.none().update(status="open"), 0),
]


@pytest.mark.parametrize(
    ("write", "requests"), [pytest.param(*values, id=name) for name, *values in COSTS]
)
def test_a_write_sends_the_minimum_of_requests(account, count_requests, write, requests):
    """Each writing operation sends exactly the necessary requests."""
    ticket = Ticket.objects.create(subject="first", comment=Comment(body="hello"))

    with count_requests(account, requests):
        write(ticket)


@pytest.mark.parametrize(("number", "jobs"), [(1, 1), (100, 1), (101, 2), (250, 3), (1000, 10)])
def test_bulk_create_sends_a_job_per_hundred(emulator, number, jobs):
    """Each hundred objects take one job, and all jobs are polled together, twice."""
    Ticket.objects.bulk_create(_build_tickets(number))

    assert _count_kinds(emulator.requests) == (jobs, 2)


def test_150_updates_take_two_jobs(emulator):
    """Objects with different changes share jobs of a hundred."""
    tickets = _create_tickets(150)
    for number, ticket in enumerate(tickets):
        ticket.priority = ("low", "high")[number % 2]
    del emulator.requests[:]

    Ticket.objects.bulk_update(tickets)

    assert emulator.requests[:2] == ["PUT tickets/update_many"] * 2
    assert _count_kinds(emulator.requests) == (2, 2)


def test_rejected_updates_take_no_further_request(emulator):
    """Outcomes of a thousand updates belong to their objects; failures take no request."""
    tickets = _create_tickets(1_000)
    closed = {tickets[n].pk for n in (0, 99, 100, 421, 555, 900, 999)}
    Ticket.objects.bulk_update(
        [_set_values(row, status="closed") for row in tickets if row.pk in closed]
    )
    for number, ticket in enumerate(tickets):
        ticket.priority = ("low", "high")[number % 2]
    del emulator.requests[:]

    with pytest.raises(BulkError, match="7 of 1000") as caught:
        Ticket.objects.bulk_update(tickets)

    assert _count_kinds(emulator.requests) == (10, 2)
    result = caught.value.result
    assert [outcome.object for outcome in result] == tickets
    assert [outcome.id for outcome in result] == [row.pk for row in tickets]
    assert {outcome.id for outcome in result.failed} == closed
    rows = {row.pk: row.priority for row in Ticket.objects.fresh()}
    assert all(rows[record.pk] == record.priority for record in result.succeeded)


def test_rejected_creations_take_no_further_request(emulator):
    """Of a thousand creations, each success has the id of its row, and failures have none."""
    Organization.objects.create(name="Taken")
    rejected = (0, 99, 100, 421, 555, 900, 999)
    rows = [Organization(name="Taken" if n in rejected else f"O{n}") for n in range(1_000)]
    del emulator.requests[:]

    with pytest.raises(BulkError, match="7 of 1000") as caught:
        Organization.objects.bulk_create(rows)

    assert _count_kinds(emulator.requests) == (10, 2)
    result = caught.value.result
    assert [outcome.object for outcome in result.failed] == [rows[n] for n in rejected]
    names = {row.pk: row.name for row in Organization.objects.fresh()}
    assert sum(names[record.pk] == record.name for record in result.succeeded) == 993


@pytest.mark.slow
def test_more_than_thirty_jobs_are_queued(emulator):
    """The 31st job is sent when another one has ended, and none is sent twice."""
    emulator.switches.job_seconds = 20
    tickets = _build_tickets(3_050)

    result = Ticket.objects.bulk_create(tickets)

    assert (len(result.jobs), len(result)) == (31, 3_050)
    assert emulator.requests.count("POST tickets/create_many") == 31
    rows = {row.pk: row.subject for row in Ticket.objects.fresh()}
    assert {ticket.pk: ticket.subject for ticket in tickets} == rows


def test_ignore_conflicts_looks_up_a_hundred_per_request(emulator):
    """`ignore_conflicts` looks up a hundred external ids per request."""
    User.objects.bulk_create(User(name=f"U{n}", external_id=f"u{n}") for n in range(0, 200, 2))
    del emulator.requests[:]

    User.objects.bulk_create(
        [User(name=f"U{n}", external_id=f"u{n}") for n in range(200)],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    expected = ["GET job_statuses", "GET users/show_many", "GET users/show_many"]
    assert emulator.requests[:4] == [*expected, "POST users/create_many"]
    assert _count_kinds(emulator.requests) == (3, 3)


def test_tickets_are_looked_up_by_search_and_list(emulator):
    """Tickets are looked up by searches of fifty external ids, and once in the list."""
    del emulator.requests[:]

    Ticket.objects.bulk_create(
        [_set_values(ticket, external_id=ticket.subject) for ticket in _build_tickets(200)],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    assert emulator.requests.count("GET tickets") == 1
    assert emulator.requests.count("GET search/export") == 4
    assert emulator.requests.count("POST tickets/create_many") == 2


def test_wait_false_sends_no_polls(emulator):
    """`wait=False` sends the jobs and no polls."""
    Ticket.objects.bulk_create(_build_tickets(250), wait=False)

    assert _count_kinds(emulator.requests) == (3, 0)


def test_update_conflicts_looks_up_no_users(emulator):
    """`update_conflicts` takes one job per hundred users and no look-up."""
    users = (User(name=f"U{n}", external_id=f"u{n}") for n in range(150))

    User.objects.bulk_create(users, update_conflicts=True)

    assert emulator.requests[:2] == ["POST users/create_or_update_many"] * 2
    assert _count_kinds(emulator.requests) == (2, 2)


def test_update_reads_rows_once(emulator):
    """`update()` reads the rows once, and sends a hundred ids per job."""
    _create_tickets(150)
    emulator.clock.sleep(600)  # until the search index contains them
    del emulator.requests[:]

    Ticket.objects.filter(status="new").update(priority="low")

    assert emulator.requests[:3] == ["GET search/export", *["PUT tickets/update_many"] * 2]
    assert _count_kinds(emulator.requests) == (3, 2)


def test_delete_reads_rows_once(emulator):
    """`delete()` reads the rows once, and sends a hundred ids per job."""
    _create_tickets(150)
    emulator.clock.sleep(600)  # until the search index contains them
    del emulator.requests[:]

    Ticket.objects.filter(status="new").delete()

    assert emulator.requests[:3] == ["GET search/export", *["DELETE tickets/destroy_many"] * 2]
    assert _count_kinds(emulator.requests) == (3, 2)


def test_bulk_created_objects_have_the_sent_values(account, count_requests):
    """Objects of `bulk_create()` have the sent values, and fetch the others once."""
    ticket, *_ = _create_tickets(2)

    with count_requests(account, 0):
        assert ticket.subject == "T0"
    with count_requests(account, 1):
        assert ticket.created_at == ticket.updated_at


def test_an_invalid_value_sends_no_request(account, count_requests):
    """Invalid values of `create()` and `update()` raise before any request."""
    with count_requests(account, 0):
        for wrong in ({"status": "nwe"}, {"sujbect": "x"}, {"created_at": None}):
            with pytest.raises((TypeError, ValueError)):
                Ticket.objects.filter(status="new").update(**wrong)
            with pytest.raises((TypeError, ValueError)):
                Ticket.objects.create(**wrong)


def test_retry_failed_sends_failed_objects_only(emulator):
    """`retry_failed()` sends the failed objects in one job."""
    Organization.objects.create(name="Taken")
    organizations = [Organization(name=f"O{n}") for n in range(150)]
    organizations[7].name = organizations[120].name = "Taken"
    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create(organizations)
    organizations[7].name, organizations[120].name = "Free", "Free, too"
    del emulator.requests[:]

    caught.value.result.retry_failed()

    assert _count_kinds(emulator.requests) == (1, 2)
    assert Organization.objects.count() == 151


def test_a_created_row_is_cached(account, count_requests):
    """A row that was just created is read from the cache."""
    user = User.objects.create(name="Ann")

    with count_requests(account, 0):
        assert User.objects.get(user.pk).name == "Ann"


def test_a_saved_ticket_has_the_values_of_the_response(account, count_requests):
    """After a save, the object has the values of the response without a request."""
    with account.session():
        ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
        with count_requests(account, 0):
            assert (ticket.status, ticket.subject, ticket.description) == ("new", "x", "y")

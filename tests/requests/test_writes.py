"""How many requests writing costs."""

from __future__ import annotations

import pytest

from zendesk_orm import BulkError, Comment, Group, Organization, Ticket, User


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _made(number):
    made = _tickets(number)
    Ticket.objects.bulk_create(made)
    return made


def _with(record, **values):
    for name, value in values.items():
        setattr(record, name, value)
    return record


def _kinds(requests):
    """Return how many requests of each kind were received; looks at jobs are one kind."""
    looks = [each for each in requests if "job_statuses" in each]
    return len(requests) - len(looks), len(looks)


def _saved(ticket):
    ticket.subject = "changed"
    ticket.save()


COSTS = [
    ("save without a change", lambda ticket: ticket.save(), 0),
    ("save", _saved, 1),
    ("a second save", lambda ticket: (_saved(ticket), ticket.save()), 1),
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
    ("write", "requests"), [pytest.param(*rest, id=name) for name, *rest in COSTS]
)
def test_writing_costs_so_many_requests(account, count_requests, write, requests):
    """Each way of writing makes exactly the requests that it has to."""
    ticket = Ticket.objects.create(subject="first", comment=Comment(body="hello"))

    with count_requests(account, requests):
        write(ticket)


@pytest.mark.parametrize(("number", "jobs"), [(1, 1), (100, 1), (101, 2), (250, 3), (1000, 10)])
def test_creating_in_bulk_sends_a_job_a_hundred(emulator, number, jobs):
    """A thousand objects are ten jobs, looked at together, and two looks see them done."""
    Ticket.objects.bulk_create(_tickets(number))

    assert (jobs, 2) == _kinds(emulator.requests)


def test_150_updates_are_two_jobs(emulator):
    """Objects that changed differently still go out by the hundred."""
    tickets = _made(150)
    for number, ticket in enumerate(tickets):
        ticket.priority = ("low", "high")[number % 2]
    del emulator.requests[:]

    Ticket.objects.bulk_update(tickets)

    assert ["PUT tickets/update_many"] * 2 == emulator.requests[:2]
    assert (2, 2) == _kinds(emulator.requests)


def test_a_thousand_updates_with_seven_rejected_are_ten_jobs(emulator):
    """Each outcome is that of its object, and the failures cost no request of their own."""
    tickets = _made(1_000)
    closed = {tickets[n].pk for n in (0, 99, 100, 421, 555, 900, 999)}
    Ticket.objects.bulk_update(
        [_with(each, status="closed") for each in tickets if each.pk in closed]
    )
    for number, ticket in enumerate(tickets):
        ticket.priority = ("low", "high")[number % 2]
    del emulator.requests[:]

    with pytest.raises(BulkError, match="7 of 1000") as caught:
        Ticket.objects.bulk_update(tickets)

    assert (10, 2) == _kinds(emulator.requests)
    result = caught.value.result
    assert tickets == [each.object for each in result]
    assert [each.pk for each in tickets] == [each.id for each in result]
    assert closed == {each.id for each in result.failed}
    rows = {row.pk: row.priority for row in Ticket.objects.fresh()}
    assert all(rows[each.pk] == each.priority for each in result.succeeded)


def test_a_thousand_creations_with_seven_rejected_are_ten_jobs(emulator):
    """Each object that worked has the id of its own row, and the seven have none."""
    Organization.objects.create(name="Taken")
    rejected = (0, 99, 100, 421, 555, 900, 999)
    rows = [Organization(name="Taken" if n in rejected else f"O{n}") for n in range(1_000)]
    del emulator.requests[:]

    with pytest.raises(BulkError, match="7 of 1000") as caught:
        Organization.objects.bulk_create(rows)

    assert (10, 2) == _kinds(emulator.requests)
    result = caught.value.result
    assert [rows[n] for n in rejected] == [each.object for each in result.failed]
    names = {row.pk: row.name for row in Organization.objects.fresh()}
    assert 993 == sum(names[each.pk] == each.name for each in result.succeeded)


def test_thirty_one_jobs_lose_none(emulator):
    """The 31st waits until one has ended: no request is refused, none is sent twice."""
    emulator.switches.job_seconds = 20
    tickets = _tickets(3_050)

    result = Ticket.objects.bulk_create(tickets)

    assert (31, 3_050) == (len(result.jobs), len(result))
    assert 31 == emulator.requests.count("POST tickets/create_many")
    rows = {row.pk: row.subject for row in Ticket.objects.fresh()}
    assert {each.pk: each.subject for each in tickets} == rows


def test_leaving_out_what_exists_costs_a_look_at_jobs_and_one_a_hundred(emulator):
    """Users are shown by external id; what is left of several hundreds shares its requests."""
    User.objects.bulk_create(User(name=f"U{n}", external_id=f"u{n}") for n in range(0, 200, 2))
    del emulator.requests[:]

    User.objects.bulk_create(
        [User(name=f"U{n}", external_id=f"u{n}") for n in range(200)],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    expected = ["GET job_statuses", "GET users/show_many", "GET users/show_many"]
    assert [*expected, "POST users/create_many"] == emulator.requests[:4]
    assert (3, 3) == _kinds(emulator.requests)


def test_tickets_by_external_id_are_searched_and_listed(emulator):
    """A hundred take two searches of fifty words; the newest rows are read from the list once."""
    del emulator.requests[:]

    Ticket.objects.bulk_create(
        [_with(each, external_id=each.subject) for each in _tickets(200)],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    assert 1 == emulator.requests.count("GET tickets")
    assert 4 == emulator.requests.count("GET search/export")
    assert 2 == emulator.requests.count("POST tickets/create_many")


def test_jobs_that_are_left_alone_cost_no_look(emulator):
    """`wait=False` sends, and that is all."""
    Ticket.objects.bulk_create(_tickets(250), wait=False)

    assert (3, 0) == _kinds(emulator.requests)


def test_changing_or_creating_users_is_a_job_a_hundred(emulator):
    """Zendesk itself finds out which exist."""
    users = (User(name=f"U{n}", external_id=f"u{n}") for n in range(150))

    User.objects.bulk_create(users, update_conflicts=True)

    assert ["POST users/create_or_update_many"] * 2 == emulator.requests[:2]
    assert (2, 2) == _kinds(emulator.requests)


def test_updating_what_a_query_finds_is_a_read_and_its_jobs(emulator):
    """`update()` reads the rows once, and sends their ids by the hundred."""
    _made(150)
    emulator.clock.sleep(600)  # until the index is believed to know them
    del emulator.requests[:]

    Ticket.objects.filter(status="new").update(priority="low")

    assert ["GET search/export", *["PUT tickets/update_many"] * 2] == emulator.requests[:3]
    assert (3, 2) == _kinds(emulator.requests)


def test_deleting_what_a_query_finds_is_a_read_and_its_jobs(emulator):
    """`delete()` does likewise."""
    _made(150)
    emulator.clock.sleep(600)  # until the index is believed to know them
    del emulator.requests[:]

    Ticket.objects.filter(status="new").delete()

    assert ["GET search/export", *["DELETE tickets/destroy_many"] * 2] == emulator.requests[:3]
    assert (3, 2) == _kinds(emulator.requests)


def test_objects_made_in_bulk_tell_what_was_sent_without_a_request(account, count_requests):
    """Only what Zendesk sets itself is fetched, when it is read, and once."""
    ticket, *_ = _made(2)

    with count_requests(account, 0):
        assert "T0" == ticket.subject
    with count_requests(account, 1):
        assert ticket.created_at == ticket.updated_at


def test_a_wrong_value_costs_nothing(account, count_requests):
    """Values are checked before anything is sent, also those of an update of many."""
    with count_requests(account, 0):
        for wrong in ({"status": "nwe"}, {"sujbect": "x"}, {"created_at": None}):
            with pytest.raises((TypeError, ValueError)):
                Ticket.objects.filter(status="new").update(**wrong)
            with pytest.raises((TypeError, ValueError)):
                Ticket.objects.create(**wrong)


def test_retrying_what_failed_sends_only_that(emulator):
    """After 2 of 150 failed, the second attempt is one job of two."""
    Organization.objects.create(name="Taken")
    organizations = [Organization(name=f"O{n}") for n in range(150)]
    organizations[7].name = organizations[120].name = "Taken"
    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create(organizations)
    organizations[7].name, organizations[120].name = "Free", "Free, too"
    del emulator.requests[:]

    caught.value.result.retry_failed()

    assert (1, 2) == _kinds(emulator.requests)
    assert 151 == Organization.objects.count()


def test_a_created_row_that_is_kept_needs_no_reading(account, count_requests):
    """A user just created is at hand, as if it had been read."""
    user = User.objects.create(name="Ann")

    with count_requests(account, 0):
        assert "Ann" == User.objects.get(user.pk).name


def test_a_saved_ticket_in_a_unit_of_work_is_read_once(account, count_requests):
    """After a save the object is as the answer says; nothing is read to see it."""
    with account.session():
        ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
        with count_requests(account, 0):
            assert ("new", "x", "y") == (ticket.status, ticket.subject, ticket.description)

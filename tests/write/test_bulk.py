"""Bulk operations, which run in jobs."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    FieldError,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    User,
    job_finished,
    job_progress,
    post_bulk,
    post_delete,
    post_save,
    pre_save,
    receiver,
)
from zendesk_orm.emulator import Emulator


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _bulk_create(number):
    created = _tickets(number)
    Ticket.objects.bulk_create(created)
    return created


def _record_signals(signal, **options):
    signals = []

    @receiver(signal, **options)
    def hear(sender, **arguments):
        signals.append(arguments)

    return signals


# -- create ------------------------------------------------------------------


def test_each_object_gets_its_id(emulator):
    """250 objects, sent in three jobs, get the ids of their rows."""
    tickets = _tickets(250)

    result = Ticket.objects.bulk_create(tickets)

    assert len(result) == 250
    assert int(result) == 250
    assert len(result.jobs) == 3
    rows = {row.pk: row.subject for row in Ticket.objects.fresh()}
    assert {ticket.pk: ticket.subject for ticket in tickets} == rows


def test_outcomes_of_a_creation_are_in_the_order_of_the_objects(emulator):
    """There is one outcome for each object, in whichever order Zendesk returns results."""
    tickets = _tickets(150)

    result = Ticket.objects.bulk_create(tickets)

    assert tickets == [outcome.object for outcome in result]
    assert [ticket.pk for ticket in tickets] == [outcome.id for outcome in result]
    assert all(outcome.ok for outcome in result)
    assert tickets == result.succeeded
    assert result.failed == []


def test_bulk_create_accepts_a_generator(emulator):
    """The objects can be an iterator."""
    result = Ticket.objects.bulk_create(ticket for ticket in _tickets(120))

    assert len(result) == 120


def test_created_objects_are_saved_objects(emulator):
    """Created objects have no edits, are equal to the rows, and can be changed."""
    tickets = _bulk_create(2)
    tickets[1].subject = "changed"
    tickets[1].save()

    assert tickets[0].changes() == {}
    assert {row.subject for row in Ticket.objects.fresh()} == {"T0", "changed"}


@pytest.mark.parametrize(("model", "name"), [(Organization, "O"), (User, "U")])
def test_other_models_can_be_created_in_bulk(emulator, model, name):
    """Results without an index are matched to the objects by their order."""
    rows = [model(name=f"{name}{n}") for n in range(5)]

    model.objects.bulk_create(rows)

    assert [(row.pk, row.name) for row in rows] == [
        (item.pk, item.name) for item in (model.objects.fresh().get(row.pk) for row in rows)
    ]


def test_an_existing_object_is_not_created(emulator):
    """An object that has an id is rejected before anything is sent."""
    ticket = Ticket(id=1)

    with pytest.raises(InvalidValue, match="exists"):
        Ticket.objects.bulk_create([ticket])
    assert emulator.requests == []


def test_a_model_without_bulk_endpoints_is_rejected(emulator):
    """Groups cannot be created in bulk; the error is raised before anything is sent."""
    with pytest.raises(FieldError, match="create_many"):
        Group.objects.bulk_create([Group(name="a")])
    assert emulator.requests == []


# -- update ------------------------------------------------------------------


def test_each_object_sends_its_own_changes(emulator, sent):
    """Objects with different changes share a request."""
    tickets = _bulk_create(3)
    del sent[:]
    tickets[0].priority = "low"
    tickets[1].tags = ["a"]

    Ticket.objects.bulk_update(tickets)

    assert sent[0].json["tickets"] == [
        {"priority": "low", "id": tickets[0].pk},
        {"tags": ["a"], "id": tickets[1].pk},
    ]


def test_unchanged_objects_succeed_without_being_sent(emulator):
    """Unchanged objects have an outcome, but are not sent."""
    tickets = _bulk_create(3)
    tickets[0].priority = "low"

    result = Ticket.objects.bulk_update(tickets)

    assert {ticket.pk for ticket in tickets} == {outcome.id for outcome in result if outcome.ok}


def test_outcomes_of_an_update_are_in_the_order_of_the_objects(emulator):
    """The order includes unchanged objects."""
    tickets = _bulk_create(3)
    tickets[0].priority = tickets[2].priority = "low"

    result = Ticket.objects.bulk_update(tickets)

    assert tickets == [outcome.object for outcome in result]


def test_only_the_named_fields_are_sent(emulator, sent):
    """Edits of other fields stay unsaved."""
    (ticket,) = _bulk_create(1)
    del sent[:]
    ticket.priority, ticket.subject = "low", "mine"

    Ticket.objects.bulk_update([ticket], fields=["priority"])

    assert sent[0].json["tickets"] == [{"priority": "low", "id": ticket.pk}]
    assert ticket.changes() == {"subject": ("T0", "mine")}


def test_updated_objects_have_the_values_of_zendesk(emulator):
    """Sent values are stored locally; values set by Zendesk are fetched when they are read."""
    (ticket,) = _bulk_create(1)
    before = ticket.updated_at
    emulator.clock.sleep(60)
    ticket.priority = "low"

    Ticket.objects.bulk_update([ticket])

    assert (ticket.priority, ticket.changes()) == ("low", {})
    assert before < ticket.updated_at


def test_cached_rows_are_discarded_after_an_update(emulator):
    """A user that was changed in bulk is fetched again."""
    user = User.objects.create(name="Ann")
    user.notes = "VIP"

    User.objects.bulk_update([user])

    assert User.objects.get(user.pk).notes == "VIP"


def test_an_object_without_an_id_is_rejected(emulator):
    """`bulk_update()` rejects objects that were never saved."""
    with pytest.raises(InvalidValue, match="id"):
        Ticket.objects.bulk_update([Ticket(subject="x")])
    assert emulator.requests == []


def test_an_unknown_field_is_rejected(emulator):
    """Field names are validated before anything is sent."""
    with pytest.raises(FieldError, match="priority"):
        Ticket.objects.bulk_update([Ticket(id=1)], fields=["priorty"])
    assert emulator.requests == []


# -- rows of a query ---------------------------------------------------------


def test_update_changes_all_matching_rows(demo_emulator):
    """`update()` changes no other row, and returns a result of all matching ones."""
    rows = Ticket.objects.filter(status="new", tags="printer")
    before = {ticket.pk for ticket in rows}
    others = Ticket.objects.filter(status="pending").count()

    result = rows.update(status="open", priority="urgent")

    assert 0 < len(before) == int(result)
    rows = Ticket.objects.filter(id__in=list(before))
    assert {(row.status, row.priority) for row in rows} == {("open", "urgent")}
    assert Ticket.objects.filter(status="new", tags="printer").count() == 0
    assert others == Ticket.objects.filter(status="pending").count()


def test_update_of_a_slice_changes_only_its_rows(emulator):
    """Rows outside the slice stay unchanged."""
    _bulk_create(5)

    Ticket.objects.fresh()[:2].update(priority="low")

    assert sorted(row.pk for row in Ticket.objects.fresh() if row.priority == "low") == [1, 2]


def test_update_changes_loaded_objects(emulator):
    """An object that was loaded before shows the new value."""
    (ticket,) = _bulk_create(1)

    Ticket.objects.filter(id=ticket.pk).update(priority="low")

    assert ticket.priority == "low"


def test_delete_deletes_all_matching_rows(emulator):
    """`delete()` leaves other rows."""
    _bulk_create(5)
    Ticket.objects.fresh()[:2].update(priority="low")

    result = Ticket.objects.filter(priority="low").delete()

    assert int(result) == 2
    assert [row.pk for row in Ticket.objects.fresh()] == [3, 4, 5]


def test_a_manager_has_no_delete(emulator):
    """As in Django, all rows are deleted only by `all().delete()`."""
    _bulk_create(2)
    del emulator.requests[:]

    with pytest.raises(FieldError, match="all"):
        Ticket.objects.delete()
    assert emulator.requests == []
    assert int(Ticket.objects.all().delete()) == 2


@pytest.mark.parametrize(
    "write",
    [lambda rows: rows.update(name="x"), lambda rows: rows.delete()],
    ids=["update", "delete"],
)
def test_unsupported_bulk_calls_are_rejected_before_rows_are_read(emulator, write):
    """Groups cannot be updated or deleted in bulk, and no row is read first."""
    with pytest.raises(FieldError, match="groups"):
        write(Group.objects.all())
    assert emulator.requests == []


# -- signals -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "write"),
    [
        ("create", lambda: Ticket.objects.bulk_create(_tickets(150))),
        ("update", lambda: Ticket.objects.fresh().update(priority="low")),
        ("delete", lambda: Ticket.objects.fresh().delete()),
    ],
)
def test_a_bulk_operation_is_announced_once(emulator, action, write):
    """One `post_bulk` contains the action and the result, for any number of jobs."""
    _bulk_create(3)
    signals = _record_signals(post_bulk, sender=Ticket)

    result = write()

    assert [(action, "default", len(result))] == [
        (event["action"], event["using"], len(event["result"])) for event in signals
    ]


def test_bulk_operations_send_no_signals_for_rows(emulator):
    """As in Django, bulk operations send no `post_save` or `post_delete`."""
    signals = [_record_signals(signal) for signal in (pre_save, post_save, post_delete)]

    tickets = _bulk_create(3)
    for ticket in tickets:
        ticket.priority = "low"
    Ticket.objects.bulk_update(tickets)
    Ticket.objects.fresh().delete()

    assert signals == [[], [], []]


def test_jobs_are_announced_while_they_run_and_when_they_end():
    """`job_progress` is sent while a job runs, and `job_finished` once for each job."""
    with Emulator(job_seconds=10) as emulator:
        emulator.connect()
        under_way, ended = _record_signals(job_progress), _record_signals(job_finished)

        result = Ticket.objects.bulk_create(_tickets(150))

    assert {"queued", "working"} >= {item["job"].status for item in under_way} != set()
    assert {job.id for job in result.jobs} == {item["job"].id for item in ended}
    assert [item["job"].status for item in ended] == ["completed"] * 2


def test_the_status_of_a_long_job_is_fetched_less_often(emulator):
    """A job of a minute needs fewer than 15 status requests."""
    emulator.switches.job_seconds = 60

    Ticket.objects.bulk_create(_tickets(1))

    assert len([request for request in emulator.requests if "job_statuses" in request]) < 15


@pytest.mark.slow
def test_at_most_thirty_jobs_run_at_once(emulator):
    """35 jobs never exceed Zendesk's limit of thirty."""
    result = Ticket.objects.bulk_create(_tickets(3_401))

    assert len(result) == 3_401
    assert len(result.jobs) == 35
    assert emulator.requests.count("POST tickets/create_many") == 35

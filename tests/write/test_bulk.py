"""Any number of objects at once, through jobs."""

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


def _made(number):
    made = _tickets(number)
    Ticket.objects.bulk_create(made)
    return made


def _listening(signal, **options):
    told = []

    @receiver(signal, **options)
    def hear(sender, **arguments):
        told.append(arguments)

    return told


# -- create ------------------------------------------------------------------


def test_each_object_gets_its_own_id(emulator):
    """250 objects in three jobs have the ids of the rows that were made of them."""
    tickets = _tickets(250)

    result = Ticket.objects.bulk_create(tickets)

    assert 250 == len(result) == int(result)
    assert 3 == len(result.jobs)
    rows = {row.pk: row.subject for row in Ticket.objects.fresh()}
    assert {ticket.pk: ticket.subject for ticket in tickets} == rows


def test_outcomes_are_in_the_order_given(emulator):
    """There is one outcome for each object, whatever the order of the results."""
    tickets = _tickets(150)

    result = Ticket.objects.bulk_create(tickets)

    assert tickets == [outcome.object for outcome in result]
    assert [ticket.pk for ticket in tickets] == [outcome.id for outcome in result]
    assert all(outcome.ok for outcome in result)
    assert tickets == result.succeeded
    assert [] == result.failed


def test_a_generator_will_do(emulator):
    """Objects may come one by one."""
    result = Ticket.objects.bulk_create(ticket for ticket in _tickets(120))

    assert 120 == len(result)


def test_created_objects_are_saved_objects(emulator):
    """They have no edits, are equal to the rows, and can be changed at once."""
    tickets = _made(2)
    tickets[1].subject = "changed"
    tickets[1].save()

    assert {} == tickets[0].changes()
    assert {"T0", "changed"} == {row.subject for row in Ticket.objects.fresh()}


@pytest.mark.parametrize(("model", "name"), [(Organization, "O"), (User, "U")])
def test_other_models_can_be_made_in_bulk(emulator, model, name):
    """Whose results come in the order sent, without an index."""
    rows = [model(name=f"{name}{n}") for n in range(5)]

    model.objects.bulk_create(rows)

    assert [(row.pk, row.name) for row in rows] == [
        (each.pk, each.name) for each in (model.objects.fresh().get(row.pk) for row in rows)
    ]


def test_what_exists_is_not_created(emulator):
    """An object with an id is refused before anything is sent."""
    ticket = Ticket(id=1)

    with pytest.raises(InvalidValue, match="exists already"):
        Ticket.objects.bulk_create([ticket])
    assert [] == emulator.requests


def test_a_model_without_the_endpoint_is_refused(emulator):
    """Groups cannot be made in bulk, and the refusal comes before anything is sent."""
    with pytest.raises(FieldError, match="no create_many for groups"):
        Group.objects.bulk_create([Group(name="a")])
    assert [] == emulator.requests


# -- update ------------------------------------------------------------------


def test_each_object_sends_what_changed_on_it(emulator, sent):
    """Objects that changed differently go out together, each with its own change."""
    tickets = _made(3)
    del sent[:]
    tickets[0].priority = "low"
    tickets[1].tags = ["a"]

    Ticket.objects.bulk_update(tickets)

    assert [{"priority": "low", "id": tickets[0].pk}, {"tags": ["a"], "id": tickets[1].pk}] == sent[
        0
    ].json["tickets"]


def test_unchanged_objects_succeed_without_being_sent(emulator):
    """They have an outcome like the others."""
    tickets = _made(3)
    tickets[0].priority = "low"

    result = Ticket.objects.bulk_update(tickets)

    assert {ticket.pk for ticket in tickets} == {outcome.id for outcome in result if outcome.ok}


def test_outcomes_of_an_update_are_in_the_order_given(emulator):
    """Also where some objects had not changed."""
    tickets = _made(3)
    tickets[0].priority = tickets[2].priority = "low"

    result = Ticket.objects.bulk_update(tickets)

    assert tickets == [outcome.object for outcome in result]


def test_only_the_named_fields_are_sent(emulator, sent):
    """Other edits stay unsaved."""
    (ticket,) = _made(1)
    del sent[:]
    ticket.priority, ticket.subject = "low", "mine"

    Ticket.objects.bulk_update([ticket], fields=["priority"])

    assert [{"priority": "low", "id": ticket.pk}] == sent[0].json["tickets"]
    assert {"subject": ("T0", "mine")} == ticket.changes()


def test_updated_objects_are_as_they_are_at_zendesk(emulator):
    """What was sent is taken over; what Zendesk sets is fetched when it is read."""
    (ticket,) = _made(1)
    before = ticket.updated_at
    emulator.clock.sleep(60)
    ticket.priority = "low"

    Ticket.objects.bulk_update([ticket])

    assert ("low", {}) == (ticket.priority, ticket.changes())
    assert before < ticket.updated_at


def test_kept_rows_are_not_kept_after_an_update(emulator):
    """A user changed in bulk is read anew."""
    user = User.objects.create(name="Ann")
    user.notes = "VIP"

    User.objects.bulk_update([user])

    assert "VIP" == User.objects.get(user.pk).notes


def test_what_has_no_id_is_refused(emulator):
    """Objects that were never saved cannot be changed in bulk."""
    with pytest.raises(InvalidValue, match="no id yet"):
        Ticket.objects.bulk_update([Ticket(subject="x")])
    assert [] == emulator.requests


def test_a_misspelt_field_is_refused(emulator):
    """Field names are checked before anything is sent."""
    with pytest.raises(FieldError, match="priority"):
        Ticket.objects.bulk_update([Ticket(id=1)], fields=["priorty"])
    assert [] == emulator.requests


# -- what a query finds ------------------------------------------------------


def test_update_changes_every_row_that_matches(demo_emulator):
    """And no other row; the result counts them."""
    asked = Ticket.objects.filter(status="new", tags="printer")
    before = {ticket.pk for ticket in asked}
    others = Ticket.objects.filter(status="pending").count()

    result = asked.update(status="open", priority="urgent")

    assert 0 < len(before) == int(result)
    rows = Ticket.objects.filter(id__in=list(before))
    assert {("open", "urgent")} == {(row.status, row.priority) for row in rows}
    assert 0 == Ticket.objects.filter(status="new", tags="printer").count()
    assert others == Ticket.objects.filter(status="pending").count()


def test_update_of_a_slice_changes_its_rows_only(emulator):
    """A window narrows what is changed."""
    _made(5)

    Ticket.objects.fresh()[:2].update(priority="low")

    assert [1, 2] == sorted(row.pk for row in Ticket.objects.fresh() if row.priority == "low")


def test_update_brings_live_objects_up_to_date(emulator):
    """An object that is held shows the change."""
    (ticket,) = _made(1)

    Ticket.objects.filter(id=ticket.pk).update(priority="low")

    assert "low" == ticket.priority


def test_delete_deletes_every_row_that_matches(emulator):
    """And leaves the others."""
    _made(5)
    Ticket.objects.fresh()[:2].update(priority="low")

    result = Ticket.objects.filter(priority="low").delete()

    assert 2 == int(result)
    assert [3, 4, 5] == [row.pk for row in Ticket.objects.fresh()]


def test_a_manager_does_not_delete(emulator):
    """As in Django, deleting all has to be said in so many words."""
    _made(2)
    del emulator.requests[:]

    with pytest.raises(FieldError, match="all"):
        Ticket.objects.delete()
    assert [] == emulator.requests
    assert 2 == int(Ticket.objects.all().delete())


@pytest.mark.parametrize(
    "write",
    [lambda rows: rows.update(name="x"), lambda rows: rows.delete()],
    ids=["update", "delete"],
)
def test_what_zendesk_does_not_do_by_the_many_is_refused_before_rows_are_read(emulator, write):
    """Groups are changed and deleted one by one."""
    with pytest.raises(FieldError, match="for groups"):
        write(Group.objects.all())
    assert [] == emulator.requests


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
    """`post_bulk` tells the action and the result, whatever the number of jobs."""
    _made(3)
    told = _listening(post_bulk, sender=Ticket)

    result = write()

    assert [(action, "default", len(result))] == [
        (each["action"], each["using"], len(each["result"])) for each in told
    ]


def test_no_row_is_announced_by_itself(emulator):
    """As in Django, bulk operations send no signal for each row."""
    told = [_listening(signal) for signal in (pre_save, post_save, post_delete)]

    tickets = _made(3)
    for ticket in tickets:
        ticket.priority = "low"
    Ticket.objects.bulk_update(tickets)
    Ticket.objects.fresh().delete()

    assert [[], [], []] == told


def test_jobs_are_announced_while_they_run_and_when_they_end():
    """A job of ten seconds is looked at more than once, and ends once."""
    with Emulator(job_seconds=10) as emulator:
        emulator.connect()
        under_way, ended = _listening(job_progress), _listening(job_finished)

        result = Ticket.objects.bulk_create(_tickets(150))

    assert {"queued", "working"} >= {each["job"].status for each in under_way} != set()
    assert {job.id for job in result.jobs} == {each["job"].id for each in ended}
    assert ["completed"] * 2 == [each["job"].status for each in ended]


def test_waiting_for_a_job_grows_longer(emulator):
    """A job of a minute is not looked at every half second."""
    emulator.switches.job_seconds = 60

    Ticket.objects.bulk_create(_tickets(1))

    assert len([each for each in emulator.requests if "job_statuses" in each]) < 15


def test_more_jobs_than_zendesk_allows_wait_for_each_other(emulator):
    """35 jobs never meet the limit of thirty: the rest is sent as others end."""
    result = Ticket.objects.bulk_create(_tickets(3_401))

    assert 3_401 == len(result)
    assert 35 == len(result.jobs)
    assert 35 == emulator.requests.count("POST tickets/create_many")

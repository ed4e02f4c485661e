"""Bulk creations of objects that exist: they fail, are ignored, or are updated."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    CustomObject,
    CustomObjectRecord,
    FieldError,
    InvalidValue,
    Organization,
    Ticket,
    User,
)


def _tickets(*numbers):
    return [
        Ticket(subject=f"T{n}", external_id=f"ext-{n}", comment=Comment(body="x")) for n in numbers
    ]


def _states(result):
    return [outcome.state for outcome in result]


# -- ignored -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (Organization, {"name": "Taken"}),
        (User, {"name": "Taken", "email": "taken@example.com"}),
        (User, {"name": "Taken", "external_id": "taken"}),
    ],
)
def test_existing_objects_can_be_ignored(emulator, model, taken):
    """`ignore_conflicts` turns a rejected duplicate into an ignored object with the row's id.

    One request looks all of them up, by a unique field.
    """
    there = model.objects.create(**taken)
    emulator.connect()
    del emulator.requests[:]
    rows = [model(name="New"), model(**taken)]

    result = model.objects.bulk_create(rows, ignore_conflicts=True)

    assert _states(result) == ["done", "ignored"]
    assert (result.succeeded, len(result), bool(result)) == ([rows[0]], 1, True)
    assert [outcome.object for outcome in result.ignored] == [rows[1]]
    assert [there.pk] * 2 == [rows[1].pk, result.ignored[0].id]
    reads = [request for request in emulator.requests if request.startswith("GET")]
    assert len([request for request in reads if "job_statuses" not in request]) == 1


@pytest.mark.parametrize("unique_fields", [None, ["external_id"]])
def test_existing_records_get_their_ids(emulator, unique_fields):
    """Records of custom objects are looked up by external id in the list, which does not lag."""
    car = CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    emulator.switches.index_lag = 240
    there = car.records.create(name="A", external_id="a")
    emulator.connect()
    del emulator.requests[:]
    rows = [
        CustomObjectRecord(custom_object_key="car", name=name, external_id=name.lower())
        for name in "AB"
    ]

    result = CustomObjectRecord.objects.bulk_create(
        rows, ignore_conflicts=True, unique_fields=unique_fields
    )

    assert _states(result) == ["ignored", "done"]
    assert there.pk == rows[0].pk
    reads = [request for request in emulator.requests if request.startswith("GET")]
    assert [request for request in reads if "job_statuses" not in request] == [
        "GET custom_objects/car/records"
    ]


def test_a_failed_lookup_keeps_the_outcomes(emulator):
    """Objects stay without ids if the lookup fails, and the details contain the reason."""
    Organization.objects.create(name="Taken")
    emulator.connect()
    emulator.fail_next(403, path="search/export")
    rows = [Organization(name="Taken")]

    result = Organization.objects.bulk_create(rows, ignore_conflicts=True)

    assert _states(result) == ["ignored"]
    assert rows[0].pk is None
    assert "lookup by name failed" in result.ignored[0].details


def test_other_failures_are_not_ignored(emulator):
    """`ignore_conflicts` ignores only duplicates."""
    with pytest.raises(BulkError) as caught:
        User.objects.bulk_create([User(email="x@example.com")], ignore_conflicts=True)

    assert [outcome.state for outcome in caught.value.result] == ["failed"]


def test_objects_are_looked_up_by_a_unique_field_first(emulator):
    """`unique_fields` omits existing tickets, which Zendesk would create a second time."""
    created = Ticket.objects.bulk_create(_tickets(*range(0, 150, 2))).succeeded
    tickets = _tickets(*range(150))

    result = Ticket.objects.bulk_create(
        tickets, ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert _states(result) == ["ignored", "done"] * 75
    assert [item.pk for item in created] == [outcome.id for outcome in result.ignored]
    assert Ticket.objects.fresh().count() == 150


@pytest.mark.parametrize(
    ("model", "field"),
    [(User, "external_id"), (Organization, "external_id"), (Organization, "name")],
)
def test_unique_fields_can_be_any_lookup_field(emulator, model, field):
    """Users and organizations can be looked up by external id or by name."""
    model.objects.create(name="A", external_id="a")
    values = {"external_id": "a"} if field == "external_id" else {}
    name = "A" if field == "name" else "B"

    result = model.objects.bulk_create(
        [model(name=name, **values)], ignore_conflicts=True, unique_fields=[field]
    )

    assert _states(result) == ["ignored"]


def test_a_repeated_external_id_is_created_once(emulator):
    """The second object with the same external id is ignored."""
    result = Ticket.objects.bulk_create(
        _tickets(1, 1), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert _states(result) == ["done", "ignored"]
    assert Ticket.objects.fresh().count() == 1


def test_an_object_without_a_unique_value_cannot_be_looked_up(emulator):
    """An object without an external id is rejected before anything is sent."""
    with pytest.raises(InvalidValue, match="external_id"):
        Ticket.objects.bulk_create(
            [Ticket(comment=Comment(body="x"))],
            ignore_conflicts=True,
            unique_fields=["external_id"],
        )
    assert emulator.requests == []


def test_recent_rows_are_found_in_the_list(emulator):
    """Rows of the last minutes are read from the list, because the search index lags."""
    emulator.switches.index_lag = 240
    Ticket.objects.bulk_create(_tickets(*range(120)))
    other = emulator.connect(alias="another process")

    result = Ticket.objects.using(other.alias).bulk_create(
        _tickets(*range(130)), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert (len(result.ignored), len(result)) == (120, 10)
    assert Ticket.objects.fresh().count() == 130


def test_running_jobs_of_other_processes_are_awaited(emulator):
    """Jobs of a process that has died may be creating the same rows."""
    emulator.switches.job_seconds = 60
    Ticket.objects.bulk_create(_tickets(1, 2), wait=False)

    result = Ticket.objects.bulk_create(
        _tickets(1, 2, 3), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert _states(result) == ["ignored", "ignored", "done"]
    assert Ticket.objects.fresh().count() == 3


def test_archived_rows_are_found(emulator):
    """Archived rows, which no list contains, are found by search."""
    (ticket,) = Ticket.objects.bulk_create(_tickets(1)).succeeded
    ticket.status = "closed"
    ticket.save()
    emulator.archive(ticket.pk)
    emulator.clock.sleep(3_600)

    result = Ticket.objects.bulk_create(
        _tickets(1), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert [(outcome.state, outcome.id) for outcome in result] == [("ignored", ticket.pk)]


# -- updated -----------------------------------------------------------------


def test_users_are_created_or_updated(emulator, sent):
    """`update_conflicts` sends `create_or_update_many`, and every object gets the id of its row."""
    ann = User.objects.create(name="Ann", external_id="ann", notes="kept")
    bob = User.objects.create(name="Bob", email="bob@example.com")
    rows = [
        User(name="Ann B.", external_id="ann"),
        User(name="Cleo", external_id="cleo"),
        User(name="Bob C.", email="bob@example.com"),
    ]
    del sent[:], emulator.requests[:]

    result = User.objects.bulk_create(rows, update_conflicts=True)

    assert emulator.requests[0] == "POST users/create_or_update_many"
    assert _states(result) == ["done"] * 3
    assert [ann.pk, bob.pk] == [rows[0].pk, rows[2].pk]
    assert [User.objects.fresh().get(row.pk).name for row in rows] == ["Ann B.", "Cleo", "Bob C."]
    assert rows[0].notes == "kept"
    assert [row.changes() for row in rows] == [{}] * 3


def test_further_fields_than_update_fields_are_rejected(emulator):
    """Zendesk changes all fields that are sent, so an object with other fields is rejected."""
    User.objects.create(name="Ann", external_id="ann")
    del emulator.requests[:]
    rows = [User(name="Ann B.", external_id="ann", notes="VIP")]

    with pytest.raises(FieldError, match="name"):
        User.objects.bulk_create(
            rows,
            update_conflicts=True,
            update_fields=["notes"],
            unique_fields=["external_id"],
        )
    assert emulator.requests == []

    result = User.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["name", "notes"], unique_fields=["external_id"]
    )
    assert len(result) == 1


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        (Ticket, {"update_conflicts": True}, "tickets"),
        (User, {"update_conflicts": True, "ignore_conflicts": True}, "exclude"),
        (User, {"update_conflicts": True, "unique_fields": ["name"]}, "external_id"),
        (User, {"unique_fields": ["email"]}, "unique_fields"),
        (User, {"update_fields": ["name"]}, "update_fields"),
        (
            User,
            {"ignore_conflicts": True, "unique_fields": ["email", "external_id"]},
            "one",
        ),
        (User, {"ignore_conflicts": True, "unique_fields": ["emial"]}, "email"),
    ],
)
def test_conflicting_arguments_are_rejected(emulator, model, arguments, message):
    """The error is raised before anything is sent, and contains the remedy."""
    with pytest.raises(FieldError, match=message):
        model.objects.bulk_create([model()], **arguments)
    assert emulator.requests == []


def test_a_user_without_a_unique_value_is_rejected(emulator):
    """A user without e-mail and external id would be created again by each call."""
    with pytest.raises(InvalidValue, match="external_id"):
        User.objects.bulk_create([User(name="Ann")], update_conflicts=True)
    assert emulator.requests == []


def test_an_upsert_with_a_lost_response_can_be_retried(emulator):
    """An upsert has the same effect twice, but only an explicit retry sends it again."""
    emulator.fail_next(None, after_applying=True, path="users/create_or_update_many")
    rows = [User(name="Ann", external_id="ann")]
    result = User.objects.bulk_create(rows, update_conflicts=True, raise_on_failure=False)

    assert _states(result) == ["unknown"]
    assert len(result.retry_failed(unknown=True)) == 1
    assert User.objects.count() == 2

"""Objects that exist already: refused, left alone, or changed."""

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
    return [each.state for each in result]


# -- left alone --------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (Organization, {"name": "Taken"}),
        (User, {"name": "Taken", "email": "taken@example.com"}),
        (User, {"name": "Taken", "external_id": "taken"}),
    ],
)
def test_what_exists_can_be_left_alone(emulator, model, taken):
    """`ignore_conflicts`: a row that Zendesk refuses as a duplicate is no failure, and gets its id.

    One lookup for all of them, by a field that Zendesk keeps unique.
    """
    there = model.objects.create(**taken)
    emulator.connect()
    del emulator.requests[:]
    rows = [model(name="New"), model(**taken)]

    result = model.objects.bulk_create(rows, ignore_conflicts=True)

    assert ["done", "ignored"] == _states(result)
    assert ([rows[0]], 1, True) == (result.succeeded, len(result), bool(result))
    assert [rows[1]] == [each.object for each in result.ignored]
    assert [there.pk] * 2 == [rows[1].pk, result.ignored[0].id]
    reads = [each for each in emulator.requests if each.startswith("GET")]
    assert 1 == len([each for each in reads if "job_statuses" not in each])


@pytest.mark.parametrize("unique_fields", [None, ["external_id"]])
def test_records_that_exist_get_their_ids(emulator, unique_fields):
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

    assert ["ignored", "done"] == _states(result)
    assert there.pk == rows[0].pk
    reads = [each for each in emulator.requests if each.startswith("GET")]
    assert ["GET custom_objects/car/records"] == [
        each for each in reads if "job_statuses" not in each
    ]


def test_an_id_that_cannot_be_looked_up_stays_unknown(emulator):
    """A lookup that fails takes nobody the outcomes; the reason is in their details."""
    Organization.objects.create(name="Taken")
    emulator.connect()
    emulator.fail_next(403, path="search/export")
    rows = [Organization(name="Taken")]

    result = Organization.objects.bulk_create(rows, ignore_conflicts=True)

    assert ["ignored"] == _states(result)
    assert rows[0].pk is None
    assert "could not be looked up by name" in result.ignored[0].details


def test_other_failures_are_failures(emulator):
    """Only what exists is ignored."""
    with pytest.raises(BulkError, match="1 of 1"):
        User.objects.bulk_create([User(email="x@example.com")], ignore_conflicts=True)


def test_what_is_known_by_a_field_is_looked_for_first(emulator):
    """Zendesk would make a ticket twice: with `unique_fields` those that are there are left out."""
    made = Ticket.objects.bulk_create(_tickets(*range(0, 150, 2))).succeeded
    tickets = _tickets(*range(150))

    result = Ticket.objects.bulk_create(
        tickets, ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert ["ignored", "done"] * 75 == _states(result)
    assert [each.pk for each in made] == [each.id for each in result.ignored]
    assert 150 == Ticket.objects.fresh().count()


@pytest.mark.parametrize(
    ("model", "field"),
    [(User, "external_id"), (Organization, "external_id"), (Organization, "name")],
)
def test_every_field_that_rows_are_found_by_will_do(emulator, model, field):
    """Users and organizations are shown by external id, or found by name."""
    model.objects.create(name="A", external_id="a")
    values = {"external_id": "a"} if field == "external_id" else {}
    name = "A" if field == "name" else "B"

    result = model.objects.bulk_create(
        [model(name=name, **values)], ignore_conflicts=True, unique_fields=[field]
    )

    assert ["ignored"] == _states(result)


def test_the_same_twice_is_made_once(emulator):
    """The second of two objects with one external id exists by then."""
    result = Ticket.objects.bulk_create(
        _tickets(1, 1), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert ["done", "ignored"] == _states(result)
    assert 1 == Ticket.objects.fresh().count()


def test_what_has_no_value_cannot_be_looked_for(emulator):
    """An object without an external id is refused before anything is sent."""
    with pytest.raises(InvalidValue, match="has no external_id"):
        Ticket.objects.bulk_create(
            [Ticket(comment=Comment(body="x"))],
            ignore_conflicts=True,
            unique_fields=["external_id"],
        )
    assert [] == emulator.requests


def test_what_the_index_does_not_know_yet_is_found(emulator):
    """Rows of the last minutes are read from the list, since search learns of them late."""
    emulator.switches.index_lag = 240
    Ticket.objects.bulk_create(_tickets(*range(120)))
    other = emulator.connect(alias="another process")

    result = Ticket.objects.using(other.alias).bulk_create(
        _tickets(*range(130)), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert (120, 10) == (len(result.ignored), len(result))
    assert 130 == Ticket.objects.fresh().count()


def test_rows_that_are_being_made_are_waited_for(emulator):
    """Jobs of a process that is gone may be making the very rows that are looked for."""
    emulator.switches.job_seconds = 60
    Ticket.objects.bulk_create(_tickets(1, 2), wait=False)

    result = Ticket.objects.bulk_create(
        _tickets(1, 2, 3), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert ["ignored", "ignored", "done"] == _states(result)
    assert 3 == Ticket.objects.fresh().count()


def test_archived_rows_are_found(emulator):
    """Those that no list shows are in the index."""
    (ticket,) = Ticket.objects.bulk_create(_tickets(1)).succeeded
    ticket.status = "closed"
    ticket.save()
    emulator.archive(ticket.pk)
    emulator.clock.sleep(3_600)

    result = Ticket.objects.bulk_create(
        _tickets(1), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert [("ignored", ticket.pk)] == [(each.state, each.id) for each in result]


# -- changed -----------------------------------------------------------------


def test_users_are_created_or_changed(emulator, sent):
    """`update_conflicts` sends `create_or_update_many`: every object gets the id of its row."""
    ann = User.objects.create(name="Ann", external_id="ann", notes="kept")
    bob = User.objects.create(name="Bob", email="bob@example.com")
    rows = [
        User(name="Ann B.", external_id="ann"),
        User(name="Cleo", external_id="cleo"),
        User(name="Bob C.", email="bob@example.com"),
    ]
    del sent[:], emulator.requests[:]

    result = User.objects.bulk_create(rows, update_conflicts=True)

    assert "POST users/create_or_update_many" == emulator.requests[0]
    assert ["done"] * 3 == _states(result)
    assert [ann.pk, bob.pk] == [rows[0].pk, rows[2].pk]
    assert ["Ann B.", "Cleo", "Bob C."] == [User.objects.fresh().get(each.pk).name for each in rows]
    assert "kept" == rows[0].notes
    assert [{}] * 3 == [each.changes() for each in rows]


def test_only_named_fields_are_changed_or_it_is_refused(emulator):
    """Zendesk changes all that is sent; what is more than `update_fields` is refused."""
    User.objects.create(name="Ann", external_id="ann")
    del emulator.requests[:]
    rows = [User(name="Ann B.", external_id="ann", notes="VIP")]

    with pytest.raises(FieldError, match="name too; name these in update_fields"):
        User.objects.bulk_create(
            rows,
            update_conflicts=True,
            update_fields=["notes"],
            unique_fields=["external_id"],
        )
    assert [] == emulator.requests

    result = User.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["name", "notes"], unique_fields=["external_id"]
    )
    assert 1 == len(result)


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        (Ticket, {"update_conflicts": True}, "no create_or_update_many for tickets"),
        (User, {"update_conflicts": True, "ignore_conflicts": True}, "exclude each other"),
        (User, {"update_conflicts": True, "unique_fields": ["name"]}, "by external_id or email"),
        (User, {"unique_fields": ["email"]}, "unique_fields goes with"),
        (User, {"update_fields": ["name"]}, "update_fields with update_conflicts"),
        (
            User,
            {"ignore_conflicts": True, "unique_fields": ["email", "external_id"]},
            "by one of unique_fields",
        ),
        (User, {"ignore_conflicts": True, "unique_fields": ["emial"]}, "did you mean 'email'"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(emulator, model, arguments, message):
    """Before anything is sent, and with what to do."""
    with pytest.raises(FieldError, match=message):
        model.objects.bulk_create([model()], **arguments)
    assert [] == emulator.requests


def test_who_cannot_be_known_is_refused(emulator):
    """A user with neither would be made anew each time."""
    with pytest.raises(InvalidValue, match="has no external_id and no email"):
        User.objects.bulk_create([User(name="Ann")], update_conflicts=True)
    assert [] == emulator.requests


def test_a_lost_upsert_can_be_sent_again(emulator):
    """Twice is the same as once; it still waits to be told."""
    emulator.fail_next(None, after_applying=True, path="users/create_or_update_many")
    rows = [User(name="Ann", external_id="ann")]
    result = User.objects.bulk_create(rows, update_conflicts=True, raise_on_failure=False)

    assert ["unknown"] == _states(result)
    assert 1 == len(result.retry_failed(unknown=True))
    assert 2 == User.objects.count()

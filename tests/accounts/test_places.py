"""Rows below a parent are identified by parent and id, also after bulk operations."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    CustomField,
    CustomObject,
    CustomObjectRecord,
    ObjectTrigger,
    Ticket,
    User,
    connections,
    post_bulk,
    receiver,
)
from zendesk_orm.errors import BulkError
from zendesk_orm.support import UserIdentity


#: All models are used, so the tests are slow.
pytestmark = pytest.mark.slow


@pytest.fixture
def car(emulator):
    """Return a model of the records of a custom object `car`, which has a number field."""
    for key in ("car", "owner"):
        CustomObject.objects.create(key=key, title=key.title(), title_pluralized=f"{key}s")
    CustomObject.objects.get("car").fields.create(key="seats", title="Seats", type="integer")
    CustomObject.objects.get("car").fields.create(
        key="owner", title="Owner", type="lookup",
        relationship_target_type="zen:custom_object:owner",
    )  # fmt: skip

    class Car(CustomObjectRecord):
        seats = CustomField["int | None"]("seats")
        owner = CustomField["CustomObjectRecord | None"]("owner")

        class Meta(CustomObjectRecord.Meta):
            filter = {"custom_object_key": "car"}  # noqa: RUF012 - as every Meta

    return Car


@pytest.fixture
def owner(car):
    """Return a model of the records of a custom object `owner`."""

    class Owner(CustomObjectRecord):
        class Meta(CustomObjectRecord.Meta):
            filter = {"custom_object_key": "owner"}  # noqa: RUF012 - as every Meta

    return Owner


def _create_in_bulk(car):
    return car.objects.bulk_create([car(name=f"n{n}", seats=n) for n in range(5)]).succeeded


def _update_in_bulk(car):
    created = [car.objects.create(name=f"n{n}", seats=9) for n in range(5)]
    for number, item in enumerate(created):
        item.seats = number
    return car.objects.bulk_update(created).succeeded


def _update_queryset(car):
    created = [car.objects.create(name=f"n{n}", seats=n) for n in range(5)]
    car.objects.all().update(external_id=None)
    return created


def _save_in_batch(car):
    with connections["default"].batch():
        return [car(name=f"n{n}", seats=n).save() for n in range(5)]


BULK = {
    "bulk_create": _create_in_bulk,
    "bulk_update": _update_in_bulk,
    "update": _update_queryset,
    "batch": _save_in_batch,
}
AFTERWARDS = {
    "filter": lambda car, records: [row.seats for row in car.objects.filter(seats__lt=1)] == [0],
    "get": lambda car, records: car.objects.get(records[1].pk).seats == 1,
    "in": lambda car, records: len(car.objects.filter(id__in=[item.pk for item in records])) == 5,
    "contains": lambda car, records: car.objects.filter(seats__lt=3).contains(records[2]),
    "count": lambda car, records: car.objects.filter(seats__gte=3).count() == 2,
    "edit": lambda car, records: _edit(car, records[0]),
    "update": lambda car, records: [
        car.objects.all().update(seats=n) and {obj.seats for obj in car.objects.fresh()}
        for n in (6, 7)
    ] == [{6}, {7}],
    "refresh": lambda car, records: records[3].refresh_from_db() is None and records[3].seats == 3,
    "delete": lambda car, records: records[0].delete() and car.objects.fresh().count() == 4,
    "delete all": lambda car, records: len(car.objects.filter(seats__lt=2).delete()) == 2,
    "bulk_update": lambda car, records: bool(car.objects.bulk_update(records)),
}  # fmt: skip


def _edit(car, record):
    record.seats = 50
    record.save()
    return car.objects.get(record.pk).seats == 50


@pytest.mark.parametrize("afterwards", AFTERWARDS.values(), ids=AFTERWARDS)
@pytest.mark.parametrize("bulk", BULK.values(), ids=BULK)
@pytest.mark.parametrize("session", ["same", "other"])
def test_records_are_usable_after_a_bulk_operation(car, bulk, afterwards, session):
    """Records are found, edited and deleted right after each bulk method."""
    created = bulk(car)

    if session == "same":
        assert afterwards(car, created)
    else:
        with connections["default"].session():
            assert afterwards(car, [car.objects.get(item.pk) for item in created])


def test_records_keep_their_parent(car):
    """A bulk update keeps the key of the custom object, which no response contains."""
    created = _update_in_bulk(car)

    assert {item.custom_object_key for item in created} == {"car"}


def test_equal_ids_below_two_parents_are_two_rows(car, owner):
    """Records of two custom objects with the same id are different objects."""
    session = connections["default"].current()
    rows = [{"id": "1", "custom_object_key": key, "name": key} for key in ("car", "owner")]
    one, other = session.materialize(CustomObjectRecord, rows)

    assert one != other
    assert (one.name, other.name) == ("car", "owner")
    assert one is session.refer(CustomObjectRecord, "1", {"custom_object_key": "car"})


def test_a_record_of_another_object_is_rejected(car, owner):
    """Records of one custom object are rejected by the model of another."""
    with pytest.raises(ValueError, match="Car"):
        car.objects.bulk_create([owner(name="x")])


def test_identities_belong_to_their_users(emulator):
    """Identities are fetched below their user, also if both users are in one session."""
    users = [User.objects.create(name=n, email=f"{n}@e.org") for n in "ab"]
    result = [list(user.identities.all()) for user in users]

    assert [item[0].value for item in result] == ["a@e.org", "b@e.org"]
    assert result[0][0] == UserIdentity.objects.get(user=users[0], id=result[0][0].pk)
    assert result[0] != result[1]


def test_a_batch_orders_by_lookup_fields(car, owner, emulator):
    """A batch creates an object before the record whose lookup field refers to it."""
    with connections["default"].batch() as batch:
        someone = owner(name="someone")
        mine = car(name="mine", owner=someone)
        someone.save()
        mine.save()
        assert mine.owner is someone

    assert len(batch.result) == 2
    assert car.objects.get(mine.pk).owner.pk == someone.pk
    assert not mine.changes()


def test_a_batch_changes_a_lookup_field(car, owner, emulator):
    """A lookup field of an existing record can refer to an object of the same batch."""
    mine = car.objects.create(name="mine")
    with connections["default"].batch():
        mine.owner = owner(name="someone").save()
        mine.save()

    assert car.objects.fresh().get(mine.pk).owner.name == "someone"


def test_a_lookup_field_to_an_unsaved_object_is_rejected_outside_a_batch(car, owner):
    """Without a batch, the object must be saved first."""
    with pytest.raises(ValueError, match="save"):
        car(name="mine", owner=owner(name="someone")).save()


def test_a_lookup_field_to_an_object_that_is_never_saved_fails(car, owner):
    """Only the record with this lookup field fails, and its outcome names the field."""
    mine = car(name="mine", owner=owner(name="someone"))
    with pytest.raises(BulkError, match="saved"), connections["default"].batch():
        mine.save()


def _create_triggers(number):
    parent = CustomObject.objects.get("car")
    return [
        ObjectTrigger.objects.create(
            custom_object=parent,
            title=f"t{n}",
            conditions={"all": [], "any": []},
            actions=[{"field": "x", "value": "y"}],
        )
        for n in range(number)
    ]


def test_each_object_trigger_has_an_outcome(car, emulator):
    """`bulk_update()` of triggers returns an outcome for each, as does `post_bulk`."""
    heard = []

    @receiver(post_bulk, sender=ObjectTrigger)
    def hear(sender, result, **kwargs):
        heard.append(result)

    created = _create_triggers(3)
    for element in created:
        element.active = False
    result = ObjectTrigger.objects.bulk_update(created, batch_size=2)

    assert len(result) == 3
    assert heard == [result]
    assert [item.active for item in created] == [False] * 3
    assert sum("update_many" in request for request in emulator.requests) == 2
    assert len(ObjectTrigger.objects.filter(custom_object="car").delete()) == 3
    assert len(heard) == 2


def test_failed_object_triggers_have_outcomes(car, emulator):
    """If Zendesk rejects a request, only its triggers have failed outcomes."""
    created = _create_triggers(3)
    for item in created:
        item.active = False
    emulator.fail_next(422, path="custom_objects/car/triggers/update_many", times=1)
    result = ObjectTrigger.objects.bulk_update(created, batch_size=2, raise_on_failure=False)

    assert [outcome.state for outcome in result] == ["failed", "failed", "done"]


def test_tickets_need_no_parent(emulator):
    """Tickets have unique ids, and so need no parent."""
    assert Ticket._meta.key({"id": 5}) == 5
    assert CustomObjectRecord._meta.key({"id": "x", "custom_object_key": "car"}) == ("car", "x")

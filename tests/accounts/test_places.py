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


#: All models, so that it takes long.
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


def _created(car):
    return car.objects.bulk_create([car(name=f"n{n}", seats=n) for n in range(5)]).succeeded


def _updated(car):
    made = [car.objects.create(name=f"n{n}", seats=9) for n in range(5)]
    for number, each in enumerate(made):
        each.seats = number
    return car.objects.bulk_update(made).succeeded


def _queryset(car):
    made = [car.objects.create(name=f"n{n}", seats=n) for n in range(5)]
    car.objects.all().update(external_id=None)
    return made


def _batch(car):
    with connections["default"].batch():
        return [car(name=f"n{n}", seats=n).save() for n in range(5)]


BULK = {"bulk_create": _created, "bulk_update": _updated, "update": _queryset, "batch": _batch}
AFTERWARDS = {
    "filter": lambda car, made: [each.seats for each in car.objects.filter(seats__lt=1)] == [0],
    "get": lambda car, made: car.objects.get(made[1].pk).seats == 1,
    "in": lambda car, made: len(car.objects.filter(id__in=[each.pk for each in made])) == 5,
    "contains": lambda car, made: car.objects.filter(seats__lt=3).contains(made[2]),
    "count": lambda car, made: car.objects.filter(seats__gte=3).count() == 2,
    "edit": lambda car, made: _edited(car, made[0]),
    "update": lambda car, made: [
        car.objects.all().update(seats=n) and {each.seats for each in car.objects.fresh()}
        for n in (6, 7)
    ] == [{6}, {7}],
    "refresh": lambda car, made: made[3].refresh_from_db() is None and made[3].seats == 3,
    "delete": lambda car, made: made[0].delete() and car.objects.fresh().count() == 4,
    "delete all": lambda car, made: len(car.objects.filter(seats__lt=2).delete()) == 2,
    "bulk_update": lambda car, made: bool(car.objects.bulk_update(made)),
}  # fmt: skip


def _edited(car, record):
    record.seats = 50
    record.save()
    return car.objects.get(record.pk).seats == 50


@pytest.mark.parametrize("afterwards", AFTERWARDS.values(), ids=AFTERWARDS)
@pytest.mark.parametrize("bulk", BULK.values(), ids=BULK)
@pytest.mark.parametrize("session", ["same", "other"])
def test_records_are_usable_after_a_bulk_operation(car, bulk, afterwards, session):
    """Records are found, edited and deleted right after each bulk method."""
    made = bulk(car)

    if session == "same":
        assert afterwards(car, made)
    else:
        with connections["default"].session():
            assert afterwards(car, [car.objects.get(each.pk) for each in made])


def test_records_keep_their_parent(car):
    """A bulk update keeps the key of the custom object, which no answer repeats."""
    made = _updated(car)

    assert {each.custom_object_key for each in made} == {"car"}


def test_equal_ids_below_two_parents_are_two_rows(car, owner):
    """Records of two objects are not equal, and are kept apart, although their ids are."""
    session = connections["default"].current()
    rows = [{"id": "1", "custom_object_key": key, "name": key} for key in ("car", "owner")]
    one, other = session.take_in(CustomObjectRecord, rows)

    assert one != other
    assert (one.name, other.name) == ("car", "owner")
    assert one is session.refer(CustomObjectRecord, "1", {"custom_object_key": "car"})


def test_a_record_of_another_object_is_rejected(car, owner):
    """Records of one custom object are no objects of the model of another."""
    with pytest.raises(ValueError, match="every object must be a Car"):
        car.objects.bulk_create([owner(name="x")])


def test_identities_of_two_users_are_told_apart(emulator):
    """Identities are found below their user, also when both are in one session."""
    users = [User.objects.create(name=n, email=f"{n}@e.org") for n in "ab"]
    found = [list(each.identities.all()) for each in users]

    assert [each[0].value for each in found] == ["a@e.org", "b@e.org"]
    assert found[0][0] == UserIdentity.objects.get(user=users[0], id=found[0][0].pk)
    assert found[0] != found[1]


def test_a_batch_orders_by_lookup_fields(car, owner, emulator):
    """An object that a lookup leads to is created before the record that leads to it."""
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
    """An existing record can be led to an object that the same batch creates."""
    mine = car.objects.create(name="mine")
    with connections["default"].batch():
        mine.owner = owner(name="someone").save()
        mine.save()

    assert car.objects.fresh().get(mine.pk).owner.name == "someone"


def test_a_lookup_field_to_an_unsaved_object_is_rejected_outside_a_batch(car, owner):
    """Without a batch, the object has to be saved first."""
    with pytest.raises(ValueError, match="save it first"):
        car(name="mine", owner=owner(name="someone")).save()


def test_a_batch_tells_what_a_lookup_field_waits_for(car, owner):
    """A record whose lookup leads to an object that is never saved fails by itself."""
    mine = car(name="mine", owner=owner(name="someone"))
    with pytest.raises(BulkError, match="which was not saved"), connections["default"].batch():
        mine.save()


def _triggers(number):
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


def test_object_triggers_are_confirmed_one_by_one(car, emulator):
    """Triggers of custom objects have an outcome each, and `post_bulk` hears of them."""
    heard = []

    @receiver(post_bulk, sender=ObjectTrigger)
    def hear(sender, result, **kwargs):
        heard.append(result)

    made = _triggers(3)
    for each in made:
        each.active = False
    result = ObjectTrigger.objects.bulk_update(made, batch_size=2)

    assert len(result) == 3
    assert heard == [result]
    assert [each.active for each in made] == [False] * 3
    assert 2 == sum("update_many" in each for each in emulator.requests)
    assert len(ObjectTrigger.objects.filter(custom_object="car").delete()) == 3
    assert len(heard) == 2


def test_object_triggers_that_fail_are_told(car, emulator):
    """A request that is refused fails the triggers that it carried, and not the others."""
    made = _triggers(3)
    for each in made:
        each.active = False
    emulator.fail_next(422, path="custom_objects/car/triggers/update_many", times=1)
    result = ObjectTrigger.objects.bulk_update(made, batch_size=2, raise_on_failure=False)

    assert ["failed", "failed", "done"] == [each.state for each in result]


def test_tickets_need_no_parent(emulator):
    """Ids that mean something by themselves are keys of their own."""
    assert Ticket._meta.key({"id": 5}) == 5
    assert CustomObjectRecord._meta.key({"id": "x", "custom_object_key": "car"}) == ("car", "x")

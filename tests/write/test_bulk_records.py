"""Records of custom objects, many at once: jobs of another address, for the same calls."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    CustomObject,
    CustomObjectRecord,
    FieldError,
    InvalidValue,
    connections,
)
from zendesk_orm.http.request import Request


@pytest.fixture(autouse=True)
def objects(emulator):
    """Make two custom objects, whose records have unique names."""
    unique = {"custom_object_field": {"properties": {"is_unique": True}}}
    for key in ("car", "boat"):
        CustomObject.objects.create(key=key, title=key, title_pluralized=f"{key}s")
        path = f"/api/v2/custom_objects/{key}/fields/standard::name"
        connections["default"].transport.send(Request("PATCH", path, json=unique))
    del emulator.requests[:]


def _records(number, key="car"):
    return [
        CustomObjectRecord(custom_object_key=key, name=f"{key} {n}", external_id=f"{key}-{n}")
        for n in range(number)
    ]


def _all(key="car"):
    return CustomObjectRecord.objects.filter(custom_object_key=key).fresh()


def test_records_are_made_by_the_hundred(emulator):
    """Each gets the id of its own."""
    records = _records(150)

    result = CustomObjectRecord.objects.bulk_create(records)

    assert 150 == len(result)
    assert ["POST custom_objects/car/jobs"] * 2 == emulator.requests[:2]
    assert {each.pk: each.name for each in records} == {row.pk: row.name for row in _all()}


def test_records_of_several_objects_are_told_apart(emulator):
    """Each request is about one custom object; outcomes are in the order given."""
    records = [
        each for pair in zip(_records(60), _records(60, "boat"), strict=True) for each in pair
    ]

    result = CustomObjectRecord.objects.bulk_create(records)

    assert records == [each.object for each in result]
    assert {"POST custom_objects/car/jobs", "POST custom_objects/boat/jobs"} == set(
        emulator.requests[:2]
    )
    assert (60, 60) == (len(list(_all())), len(list(_all("boat"))))
    assert {"car", "boat"} == {each.custom_object_key for each in result.succeeded}


def test_records_are_changed_and_deleted(emulator):
    """One by one in what changed, all alike, and for good."""
    records = CustomObjectRecord.objects.bulk_create(_records(3)).succeeded
    records[0].name = "Tesla"

    assert 3 == len(CustomObjectRecord.objects.bulk_update(records))
    assert 3 == len(_all().update(custom_object_fields={}))
    assert ["Tesla", "car 1", "car 2"] == sorted(row.name for row in _all())
    assert 3 == len(_all().delete())
    assert [] == list(_all())


@pytest.mark.parametrize("unique", [None, ["external_id"], ["name"]])
def test_records_are_created_or_changed(emulator, unique):
    """By external id, unless the name is said to be what they are known by."""
    (known,) = CustomObjectRecord.objects.bulk_create(_records(1)).succeeded
    records = _records(2)

    result = CustomObjectRecord.objects.bulk_create(
        records, update_conflicts=True, unique_fields=unique
    )

    assert 2 == len(result)
    assert known.pk == records[0].pk
    assert 2 == len(list(_all()))


def test_records_are_known_by_one_field(emulator):
    """A job goes by one of them."""
    with pytest.raises(FieldError, match="by one of unique_fields"):
        CustomObjectRecord.objects.bulk_create(
            _records(1), update_conflicts=True, unique_fields=["name", "external_id"]
        )
    with pytest.raises(InvalidValue, match="has no external_id"):
        CustomObjectRecord.objects.bulk_create(
            [CustomObjectRecord(custom_object_key="car", name="x")], update_conflicts=True
        )
    assert [] == emulator.requests


def test_records_fail_one_by_one(emulator):
    """The one that is gone fails, and the others change."""
    records = CustomObjectRecord.objects.bulk_create(_records(3)).succeeded
    records[1].delete()
    for each in records:
        each.name = f"new {each.name}"

    with pytest.raises(BulkError) as caught:
        CustomObjectRecord.objects.bulk_update(records)

    assert [records[1]] == [each.object for each in caught.value.result.failed]
    assert ["new car 0", "new car 2"] == sorted(row.name for row in _all())


def test_records_are_looked_up_by_external_id(emulator):
    """Records that exist are left out before anything is created, and the others are created."""
    CustomObjectRecord.objects.bulk_create(_records(1))

    result = CustomObjectRecord.objects.bulk_create(
        _records(2), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert ["ignored", "done"] == [each.state for each in result]
    assert 2 == len(list(_all()))


def test_records_that_exist_are_left_alone(emulator):
    """Zendesk refuses a second one of an external id."""
    CustomObjectRecord.objects.bulk_create(_records(1))

    result = CustomObjectRecord.objects.bulk_create(_records(2), ignore_conflicts=True)

    assert ["ignored", "done"] == [each.state for each in result]


def test_an_unknown_record_is_looked_for_before_it_is_sent_again(emulator):
    """A record whose creation was not confirmed is found by its external id, and not sent twice."""
    emulator.fail_next(None, after_applying=True, path="custom_objects/car/jobs")
    with pytest.raises(BulkError) as caught:
        CustomObjectRecord.objects.bulk_create(_records(1))
    emulator.clock.sleep(5)

    result = caught.value.result.retry_failed(unknown=True)

    assert 1 == len(result.succeeded)
    assert 1 == len(list(_all()))

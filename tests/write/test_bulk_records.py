"""Bulk operations on records of custom objects, which have jobs at another path."""

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
    """Create two custom objects, whose records have unique names."""
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


def _all_records(key="car"):
    return CustomObjectRecord.objects.filter(custom_object_key=key).fresh()


def test_records_are_created_by_the_hundred(emulator):
    """Each record gets the id of its row."""
    records = _records(150)

    result = CustomObjectRecord.objects.bulk_create(records)

    assert len(result) == 150
    assert emulator.requests[:2] == ["POST custom_objects/car/jobs"] * 2
    assert {record.pk: record.name for record in records} == {
        row.pk: row.name for row in _all_records()
    }


def test_records_of_several_custom_objects_go_into_separate_jobs(emulator):
    """A request contains records of one custom object; outcomes keep the order of the objects."""
    records = [
        item for pair in zip(_records(60), _records(60, "boat"), strict=True) for item in pair
    ]

    result = CustomObjectRecord.objects.bulk_create(records)

    assert records == [outcome.object for outcome in result]
    assert set(emulator.requests[:2]) == {
        "POST custom_objects/car/jobs",
        "POST custom_objects/boat/jobs",
    }
    assert (len(list(_all_records())), len(list(_all_records("boat")))) == (60, 60)
    assert {obj.custom_object_key for obj in result.succeeded} == {"car", "boat"}


def test_records_are_updated_and_deleted(emulator):
    """`bulk_update()`, `update()` and `delete()` work on records."""
    records = CustomObjectRecord.objects.bulk_create(_records(3)).succeeded
    records[0].name = "Tesla"

    assert len(CustomObjectRecord.objects.bulk_update(records)) == 3
    assert len(_all_records().update(custom_object_fields={})) == 3
    assert sorted(row.name for row in _all_records()) == ["Tesla", "car 1", "car 2"]
    assert len(_all_records().delete()) == 3
    assert list(_all_records()) == []


@pytest.mark.parametrize("unique", [None, ["external_id"], ["name"]])
def test_records_are_upserted(emulator, unique):
    """Upserts match records by external id, or by name with `unique_fields`."""
    (existing,) = CustomObjectRecord.objects.bulk_create(_records(1)).succeeded
    records = _records(2)

    result = CustomObjectRecord.objects.bulk_create(
        records, update_conflicts=True, unique_fields=unique
    )

    assert len(result) == 2
    assert existing.pk == records[0].pk
    assert len(list(_all_records())) == 2


def test_an_upsert_has_one_unique_field(emulator):
    """A job matches records by one field, so that several are rejected."""
    with pytest.raises(FieldError, match="one"):
        CustomObjectRecord.objects.bulk_create(
            _records(1), update_conflicts=True, unique_fields=["name", "external_id"]
        )
    with pytest.raises(InvalidValue, match="external_id"):
        CustomObjectRecord.objects.bulk_create(
            [CustomObjectRecord(custom_object_key="car", name="x")], update_conflicts=True
        )
    assert emulator.requests == []


def test_a_missing_record_does_not_affect_the_others(emulator):
    """The record that does not exist fails, and the others are updated."""
    records = CustomObjectRecord.objects.bulk_create(_records(3)).succeeded
    records[1].delete()
    for record in records:
        record.name = f"new {record.name}"

    with pytest.raises(BulkError) as caught:
        CustomObjectRecord.objects.bulk_update(records)

    assert [outcome.object for outcome in caught.value.result.failed] == [records[1]]
    assert sorted(row.name for row in _all_records()) == ["new car 0", "new car 2"]


def test_records_are_looked_up_by_external_id(emulator):
    """Existing records are left out before anything is created."""
    CustomObjectRecord.objects.bulk_create(_records(1))

    result = CustomObjectRecord.objects.bulk_create(
        _records(2), ignore_conflicts=True, unique_fields=["external_id"]
    )

    assert [outcome.state for outcome in result] == ["ignored", "done"]
    assert len(list(_all_records())) == 2


def test_existing_records_are_ignored(emulator):
    """With `ignore_conflicts`, a duplicate external id is ignored."""
    CustomObjectRecord.objects.bulk_create(_records(1))

    result = CustomObjectRecord.objects.bulk_create(_records(2), ignore_conflicts=True)

    assert [outcome.state for outcome in result] == ["ignored", "done"]


def test_an_unknown_record_is_looked_for_before_it_is_sent_again(emulator):
    """A record with an uncertain creation is found by its external id, and not sent again."""
    emulator.fail_next(None, after_applying=True, path="custom_objects/car/jobs")
    with pytest.raises(BulkError) as caught:
        CustomObjectRecord.objects.bulk_create(_records(1))
    emulator.clock.sleep(5)

    result = caught.value.result.retry_failed(unknown=True)

    assert len(result.succeeded) == 1
    assert len(list(_all_records())) == 1

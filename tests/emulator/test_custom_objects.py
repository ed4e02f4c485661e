"""Custom objects, their fields and their records."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decoded
from zendesk_orm import CustomObject, CustomObjectRecord, connections
from zendesk_orm.http.request import Request


CAR = {"key": "car", "title": "Car", "title_pluralized": "Cars"}


@pytest.fixture
def cars(zendesk):
    """Return a client of an account that knows of cars: their make, seats and colours."""
    answer = zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    assert answer.status_code == 201, answer.text
    for key, type_ in (("make", "text"), ("seats", "integer"), ("colours", "multiselect")):
        field = {"key": key, "title": key.title(), "type": type_}
        answer = zendesk.send("POST", "custom_objects/car/fields", {"custom_object_field": field})
        assert answer.status_code == 201, answer.text
    return zendesk


def _made(zendesk, name="My car", **values):
    body = {"custom_object_record": {"name": name, **values}}
    answer = zendesk.send("POST", "custom_objects/car/records", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["custom_object_record"]


def _patched(zendesk, path, **values):
    return zendesk.send("PATCH", path, {"custom_object_record": values})


def test_an_object_is_known_by_its_key(cars):
    """An object has a key and no id, and is shown, changed and deleted by its key."""
    shown = cars.get("custom_objects/car")["custom_object"]
    listed = cars.get("custom_objects")["custom_objects"]

    changed = cars.send(
        "PATCH", "custom_objects/car", {"custom_object": {"title": "Auto", "key": "x"}}
    ).json()["custom_object"]

    assert [shown] == listed
    assert ("car", "Car", "Car") == (shown["key"], shown["title"], shown["raw_title"])
    assert "id" not in shown
    assert str(cars.get("users/me")["user"]["id"]) == shown["created_by_user_id"]
    assert ("car", "Auto") == (changed["key"], changed["title"])


def test_records_go_with_their_object(cars):
    """A deleted object is gone for good, with its fields and records."""
    _made(cars)

    assert 204 == cars.send("DELETE", "custom_objects/car").status_code
    assert 404 == cars.send("GET", "custom_objects/car").status_code
    assert 404 == cars.send("GET", "custom_objects/car/records").status_code
    assert 404 == cars.send("GET", "custom_objects/car/fields").status_code


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (CAR, "key"),
        ({**CAR, "key": "A car"}, "key"),
        ({"key": "bike", "title_pluralized": "Bikes"}, "title"),
    ],
)
def test_an_object_that_breaks_a_rule_is_refused(cars, values, field):
    """A key has to be new and a word, and there has to be a title."""
    answer = cars.send("POST", "custom_objects", {"custom_object": values})

    assert (422, [field]) == (answer.status_code, list(answer.json()["details"]))


def test_fields_are_listed_changed_and_deleted(cars):
    """Standard fields come only where they are asked for; a field is named by key or id."""
    path = "custom_objects/car/fields"
    listed = cars.get(path)["custom_object_fields"]
    body = {"custom_object_field": {"title": "Brand"}}

    changed = cars.send("PATCH", f"{path}/make", body).json()["custom_object_field"]
    deleted = cars.send("DELETE", f"{path}/{listed[2]['id']}")

    whole = cars.get(path, include_standard_fields="true")["custom_object_fields"]
    assert ["make", "seats", "colours"] == [field["key"] for field in listed]
    assert (listed[0]["id"], "Brand") == (changed["id"], changed["title"])
    assert 204 == deleted.status_code
    assert ["standard::name", "standard::external_id", "make", "seats"] == [
        field["key"] for field in whole
    ]
    assert 404 == cars.send("PATCH", f"{path}/wheels", body).status_code


def test_a_record_is_made_below_its_object(cars):
    """A record has a word for an id, ids of users as words, and a value for each field."""
    record = _made(cars, custom_object_fields={"make": "Tesla", "wings": 2}, external_id="X-1")

    assert {
        "id": record["id"],
        "url": f"https://emulator.zendesk.com/api/v2/custom_objects/car/records/{record['id']}.json",
        "custom_object_key": "car",
        "name": "My car",
        "external_id": "X-1",
        "custom_object_fields": {"make": "Tesla", "seats": None, "colours": None},
        "photo": None,
        "created_by_user_id": str(cars.get("users/me")["user"]["id"]),
        "updated_by_user_id": str(cars.get("users/me")["user"]["id"]),
        "created_at": "2026-09-21T14:13:20Z",
        "updated_at": "2026-09-21T14:13:20Z",
    } == record
    assert 26 == len(record["id"])


def test_a_record_is_changed_by_key(cars):
    """PATCH changes what is given, and leaves the other fields."""
    record = _made(cars, custom_object_fields={"make": "Tesla", "seats": 5})
    cars.clock.sleep(60)

    answer = _patched(
        cars, f"custom_objects/car/records/{record['id']}", custom_object_fields={"seats": 2}
    )

    changed = answer.json()["custom_object_record"]
    assert {"make": "Tesla", "seats": 2, "colours": None} == changed["custom_object_fields"]
    assert "2026-09-21T14:14:20Z" == changed["updated_at"]


def test_records_are_listed_by_cursor_and_counted(cars):
    """The list is walked, in one of four orders; the count is beside it."""
    ids = [_made(cars, name=str(number))["id"] for number in range(3)]

    first = cars.get("custom_objects/car/records", **{"page[size]": 2, "sort": "-id"})
    second = cars.get(first["links"]["next"])

    rows = first["custom_object_records"] + second["custom_object_records"]
    assert ids[::-1] == [row["id"] for row in rows]
    assert 3 == cars.get("custom_objects/car/records/count")["count"]["value"]
    wrong = cars.send("GET", "custom_objects/car/records", params={"sort": "name", "page[size]": 1})
    assert 400 == wrong.status_code


def test_records_of_another_object_are_not_there(cars):
    """A record is shown, changed and deleted below its own object alone."""
    body = {"custom_object": {"key": "bike", "title": "Bike", "title_pluralized": "Bikes"}}
    cars.send("POST", "custom_objects", body)
    pk = _made(cars)["id"]

    assert 404 == cars.send("GET", f"custom_objects/bike/records/{pk}").status_code
    assert 404 == _patched(cars, f"custom_objects/bike/records/{pk}", name="x").status_code
    assert 404 == cars.send("DELETE", f"custom_objects/bike/records/{pk}").status_code
    assert (204, None) == decoded(cars.send("DELETE", f"custom_objects/car/records/{pk}"))
    assert 0 == cars.get("custom_objects/car/records/count")["count"]["value"]


def test_external_ids_are_unique_within_an_object(cars):
    """A second record of an external id is refused; and so is one without a name."""
    _made(cars, external_id="X-1")
    body = {"custom_object_record": {"external_id": "X-1"}}

    answer = cars.send("POST", "custom_objects/car/records", body)

    assert ["name", "external_id"] == list(answer.json()["details"])


def test_an_upsert_makes_or_changes(cars):
    """By its external id a record is made the first time, and changed the second."""
    path = "custom_objects/car/records?external_id=X-1"

    made = _patched(cars, path, name="One").json()["custom_object_record"]
    changed = _patched(cars, path, name="Two").json()["custom_object_record"]

    assert (made["id"], "X-1", "Two") == (changed["id"], made["external_id"], changed["name"])
    assert 204 == cars.send("DELETE", path).status_code
    assert 404 == cars.send("DELETE", path).status_code


def test_names_name_only_where_they_are_unique(cars):
    """By name there is an upsert only where the name field is unique."""
    path = "custom_objects/car/records?name=One"
    unique = {"custom_object_field": {"properties": {"is_unique": True}}}

    refused = _patched(cars, path, external_id="X-1")
    cars.send("PATCH", "custom_objects/car/fields/standard::name", unique)
    made = _patched(cars, path, external_id="X-1").json()["custom_object_record"]

    assert 422 == refused.status_code
    assert ("One", "X-1") == (made["name"], made["external_id"])
    assert 400 == _patched(cars, path + "&external_id=X-1", name="x").status_code


def test_records_are_found_by_words(cars):
    """A query finds records with a word that begins so, in the name or a field of text."""
    tesla = _made(cars, name="Mine", custom_object_fields={"make": "Tesla"})["id"]
    honda = _made(cars, name="Yours", custom_object_fields={"make": "Honda"})["id"]
    _made(cars, name="Other")

    def found(path, **params):
        rows = cars.get(f"custom_objects/car/records/{path}", **params)["custom_object_records"]
        return [row["id"] for row in rows]

    assert [tesla, honda] == found("search", query="tes honda")
    assert [honda, tesla] == found("search", query="tes honda", sort="-name")
    assert [tesla] == found("search", query="tes honda", **{"page[size]": 1})
    assert [tesla] == found("autocomplete", name="mi")


def _job(zendesk, action, items):
    """Order a bulk action, wait for it, and return its results."""
    body = {"job": {"action": action, "items": items}}
    answer = zendesk.send("POST", "custom_objects/car/jobs", body)
    assert answer.status_code == 201, answer.text
    zendesk.clock.sleep(5)
    return zendesk.get(f"job_statuses/{answer.json()['job_status']['id']}")["job_status"]["results"]


def test_records_are_changed_by_the_many(cars):
    """Each action does to its items what it says, and an item that cannot be fails alone."""
    one, two = (
        each["id"]
        for each in _job(cars, "create", [{"name": "One", "external_id": "X-1"}, {"name": "Two"}])
    )
    rows = [{"external_id": "X-1", "name": "1"}, {"external_id": "X-3", "name": "Three"}]
    unique = {"custom_object_field": {"properties": {"is_unique": True}}}

    upserted = [each["id"] for each in _job(cars, "create_or_update_by_external_id", rows)]
    updated = _job(cars, "update", [{"id": two, "external_id": "X-2"}, {"id": "none"}])
    by_name = [{"name": "1", "external_id": "X-0"}]
    refused = _job(cars, "create_or_update_by_name", by_name)
    cars.send("PATCH", "custom_objects/car/fields/standard::name", unique)
    named = _job(cars, "create_or_update_by_name", by_name)
    deleted = _job(cars, "delete", [one, "none"])
    freed = _job(cars, "delete_by_external_id", ["X-2", "X-9"])

    assert one == upserted[0] == named[0]["id"] == deleted[0]["id"]
    assert [two, None] == [each.get("id") for each in updated]
    assert "CustomObjectRecordUpdateFailed" == updated[1]["error"] == refused[0]["error"]
    assert [True, None] == [each.get("success") for each in deleted]
    assert [two, None] == [each.get("id") for each in freed]
    left = cars.get("custom_objects/car/records")["custom_object_records"]
    assert ["Three"] == [row["name"] for row in left]


@pytest.mark.parametrize("job", [{"action": "fly", "items": []}, {"action": "create"}])
def test_a_bulk_action_has_to_be_one(cars, job):
    """An action that is none, or one without items, is refused at once."""
    assert 400 == cars.send("POST", "custom_objects/car/jobs", {"job": job}).status_code


@pytest.fixture
def garage():
    """Make the default account know of cars."""
    CustomObject.objects.create(**CAR)


@pytest.mark.usefixtures("account", "garage")
def test_the_library_keeps_objects_by_key():
    """A custom object is got, changed and deleted by its key, which is its id."""
    car = CustomObject.objects.get("car")
    car.title = "Auto"
    car.save()

    assert ("car", "car", "Auto") == (car.id, car.pk, CustomObject.objects.get("car").title)
    assert [car] == list(CustomObject.objects.all())
    car.delete()
    assert [] == list(CustomObject.objects.all())


@pytest.mark.usefixtures("account", "garage")
def test_the_library_keeps_records():
    """Records are made below their object, changed with PATCH, filtered and counted."""
    records = CustomObjectRecord.objects.filter(custom_object_key="car")
    record = CustomObjectRecord.objects.create(custom_object_key="car", name="Mine")
    record.external_id = "X-1"
    record.save()

    assert [record] == list(records)
    assert 1 == records.count()
    assert [record] == list(records.filter(external_id="X-1"))
    assert record == CustomObjectRecord.objects.get(custom_object_key="car", id=record.id)
    record.delete()
    assert [] == list(records.all())


@pytest.mark.usefixtures("account", "garage")
def test_the_library_finds_records_by_filter():
    """Conditions on fields of the object go out as a JSON filter."""
    account = connections["default"]
    field = {"custom_object_field": {"key": "make", "title": "Make"}}
    path = "/api/v2/custom_objects/car/fields"
    account.transport.send(Request("POST", path, json=field))
    for make in ("Tesla", "Honda"):
        CustomObjectRecord.objects.create(
            custom_object_key="car", name=make, custom_object_fields={"make": make}
        )

    records = CustomObjectRecord.objects.filter(custom_object_key="car")

    (found,) = records.filter(custom_object_fields__make="Tesla")
    assert "Tesla" == found.name
    assert ["Honda"] == [each.name for each in records.exclude(custom_object_fields__make="Tesla")]

"""Custom objects with their fields and records."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decode
from zendesk_orm import CustomObject, CustomObjectRecord, connections
from zendesk_orm.http.request import Request


CAR = {"key": "car", "title": "Car", "title_pluralized": "Cars"}


@pytest.fixture
def cars(zendesk):
    """Return a client of an account with a custom object: cars with make, seats and colours."""
    response = zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    assert response.status_code == 201, response.text
    for key, type_ in (("make", "text"), ("seats", "integer"), ("colours", "multiselect")):
        field = {"key": key, "title": key.title(), "type": type_}
        response = zendesk.send("POST", "custom_objects/car/fields", {"custom_object_field": field})
        assert response.status_code == 201, response.text
    return zendesk


def _create_record(zendesk, name="My car", **values):
    body = {"custom_object_record": {"name": name, **values}}
    response = zendesk.send("POST", "custom_objects/car/records", body)
    assert response.status_code == 201, response.text
    return response.json()["custom_object_record"]


def _patch_record(zendesk, path, **values):
    return zendesk.send("PATCH", path, {"custom_object_record": values})


def test_custom_object_is_identified_by_its_key(cars):
    """A custom object is shown, updated and deleted by its key, which replaces an id."""
    shown = cars.get("custom_objects/car")["custom_object"]
    listed = cars.get("custom_objects")["custom_objects"]

    changed = cars.send(
        "PATCH", "custom_objects/car", {"custom_object": {"title": "Auto", "key": "x"}}
    ).json()["custom_object"]

    assert listed == [shown]
    assert (shown["key"], shown["title"], shown["raw_title"]) == ("car", "Car", "Car")
    assert "id" not in shown
    assert str(cars.get("users/me")["user"]["id"]) == shown["created_by_user_id"]
    assert (changed["key"], changed["title"]) == ("car", "Auto")


def test_deleting_an_object_deletes_its_fields_and_records(cars):
    """Deleting a custom object permanently deletes its fields and records."""
    _create_record(cars)

    assert cars.send("DELETE", "custom_objects/car").status_code == 204
    assert cars.send("GET", "custom_objects/car").status_code == 404
    assert cars.send("GET", "custom_objects/car/records").status_code == 404
    assert cars.send("GET", "custom_objects/car/fields").status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (CAR, "key"),
        ({**CAR, "key": "A car"}, "key"),
        ({"key": "bike", "title_pluralized": "Bikes"}, "title"),
    ],
)
def test_invalid_custom_object_is_rejected(cars, values, field):
    """A custom object needs titles, and a valid key that is not in use."""
    response = cars.send("POST", "custom_objects", {"custom_object": values})

    assert (response.status_code, list(response.json()["details"])) == (422, [field])


def test_fields_are_listed_updated_and_deleted(cars):
    """Fields are addressed by key or id; standard fields are listed on request."""
    path = "custom_objects/car/fields"
    listed = cars.get(path)["custom_object_fields"]
    body = {"custom_object_field": {"title": "Brand"}}

    changed = cars.send("PATCH", f"{path}/make", body).json()["custom_object_field"]
    deleted = cars.send("DELETE", f"{path}/{listed[2]['id']}")

    complete = cars.get(path, include_standard_fields="true")["custom_object_fields"]
    assert [field["key"] for field in listed] == ["make", "seats", "colours"]
    assert (listed[0]["id"], "Brand") == (changed["id"], changed["title"])
    assert deleted.status_code == 204
    assert [field["key"] for field in complete] == [
        "standard::name",
        "standard::external_id",
        "make",
        "seats",
    ]
    assert cars.send("PATCH", f"{path}/wheels", body).status_code == 404


def test_a_created_record_has_string_ids_and_all_fields(cars):
    """A created record has a string id, user ids as strings, and a value for each field."""
    record = _create_record(
        cars, custom_object_fields={"make": "Tesla", "wings": 2}, external_id="X-1"
    )

    assert record == {
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
    }
    assert len(record["id"]) == 26


def test_update_changes_only_the_given_fields(cars):
    """PATCH changes the given fields and leaves the others."""
    record = _create_record(cars, custom_object_fields={"make": "Tesla", "seats": 5})
    cars.clock.sleep(60)

    response = _patch_record(
        cars, f"custom_objects/car/records/{record['id']}", custom_object_fields={"seats": 2}
    )

    changed = response.json()["custom_object_record"]
    assert changed["custom_object_fields"] == {"make": "Tesla", "seats": 2, "colours": None}
    assert changed["updated_at"] == "2026-09-21T14:14:20Z"


def test_records_are_listed_by_cursor_and_counted(cars):
    """Records are listed with cursors in four orders, and counted at another path."""
    ids = [_create_record(cars, name=str(number))["id"] for number in range(3)]

    first = cars.get("custom_objects/car/records", **{"page[size]": 2, "sort": "-id"})
    second = cars.get(first["links"]["next"])

    rows = first["custom_object_records"] + second["custom_object_records"]
    assert ids[::-1] == [row["id"] for row in rows]
    assert cars.get("custom_objects/car/records/count")["count"]["value"] == 3
    wrong = cars.send("GET", "custom_objects/car/records", params={"sort": "name", "page[size]": 1})
    assert wrong.status_code == 400


def test_record_of_another_object_is_not_found(cars):
    """A record is found only below its own object."""
    body = {"custom_object": {"key": "bike", "title": "Bike", "title_pluralized": "Bikes"}}
    cars.send("POST", "custom_objects", body)
    pk = _create_record(cars)["id"]

    assert cars.send("GET", f"custom_objects/bike/records/{pk}").status_code == 404
    assert _patch_record(cars, f"custom_objects/bike/records/{pk}", name="x").status_code == 404
    assert cars.send("DELETE", f"custom_objects/bike/records/{pk}").status_code == 404
    assert decode(cars.send("DELETE", f"custom_objects/car/records/{pk}")) == (204, None)
    assert cars.get("custom_objects/car/records/count")["count"]["value"] == 0


def test_external_ids_are_unique_within_an_object(cars):
    """A record with an external id in use, or without a name, is rejected."""
    _create_record(cars, external_id="X-1")
    body = {"custom_object_record": {"external_id": "X-1"}}

    response = cars.send("POST", "custom_objects/car/records", body)

    assert list(response.json()["details"]) == ["name", "external_id"]


def test_an_upsert_by_external_id_creates_or_updates(cars):
    """The first upsert by an external id creates a record, and the second updates it."""
    path = "custom_objects/car/records?external_id=X-1"

    created = _patch_record(cars, path, name="One").json()["custom_object_record"]
    changed = _patch_record(cars, path, name="Two").json()["custom_object_record"]

    assert (created["id"], "X-1", "Two") == (changed["id"], created["external_id"], changed["name"])
    assert cars.send("DELETE", path).status_code == 204
    assert cars.send("DELETE", path).status_code == 404


def test_upsert_by_name_needs_unique_names(cars):
    """Upserts by name require that the name field is unique."""
    path = "custom_objects/car/records?name=One"
    unique = {"custom_object_field": {"properties": {"is_unique": True}}}

    rejected = _patch_record(cars, path, external_id="X-1")
    cars.send("PATCH", "custom_objects/car/fields/standard::name", unique)
    created = _patch_record(cars, path, external_id="X-1").json()["custom_object_record"]

    assert rejected.status_code == 422
    assert (created["name"], created["external_id"]) == ("One", "X-1")
    assert _patch_record(cars, path + "&external_id=X-1", name="x").status_code == 400


def test_search_records_by_words(cars):
    """A query finds records whose name or text fields have a word that begins with it."""
    tesla = _create_record(cars, name="Mine", custom_object_fields={"make": "Tesla"})["id"]
    honda = _create_record(cars, name="Yours", custom_object_fields={"make": "Honda"})["id"]
    _create_record(cars, name="Other")

    def find_ids(path, **params):
        rows = cars.get(f"custom_objects/car/records/{path}", **params)["custom_object_records"]
        return [row["id"] for row in rows]

    assert find_ids("search", query="tes honda") == [tesla, honda]
    assert find_ids("search", query="tes honda", sort="-name") == [honda, tesla]
    assert find_ids("search", query="tes honda", **{"page[size]": 1}) == [tesla]
    assert find_ids("autocomplete", name="mi") == [tesla]


def _run_job(zendesk, action, items):
    """Run a bulk action and return its results."""
    body = {"job": {"action": action, "items": items}}
    response = zendesk.send("POST", "custom_objects/car/jobs", body)
    assert response.status_code == 201, response.text
    zendesk.clock.sleep(5)
    pk = response.json()["job_status"]["id"]
    return zendesk.get(f"job_statuses/{pk}")["job_status"]["results"]


def test_bulk_actions_change_their_items(cars):
    """Each bulk action changes its items, and an invalid item fails alone."""
    by_name = [{"name": "1", "external_id": "X-0"}]
    rejected = _run_job(cars, "create_or_update_by_name", by_name)
    unique = {"custom_object_field": {"properties": {"is_unique": True}}}
    cars.send("PATCH", "custom_objects/car/fields/standard::name", unique)
    one, two = (
        item["id"]
        for item in _run_job(
            cars, "create", [{"name": "One", "external_id": "X-1"}, {"name": "Two"}]
        )
    )
    rows = [{"external_id": "X-1", "name": "1"}, {"external_id": "X-3", "name": "Three"}]

    upserted = [item["id"] for item in _run_job(cars, "create_or_update_by_external_id", rows)]
    updated = _run_job(cars, "update", [{"id": two, "external_id": "X-2"}, {"id": "none"}])
    matching = _run_job(cars, "create_or_update_by_name", by_name)
    deleted = _run_job(cars, "delete", [one, "none"])
    freed = _run_job(cars, "delete_by_external_id", ["X-2", "X-9"])

    assert one == upserted[0] == matching[0]["id"] == deleted[0]["id"]
    assert [item.get("id") for item in updated] == [two, None]
    assert "CustomObjectRecordUpdateFailed" == updated[1]["error"] == rejected[0]["error"]
    assert [item.get("success") for item in deleted] == [True, None]
    assert [item.get("id") for item in freed] == [two, None]
    left = cars.get("custom_objects/car/records")["custom_object_records"]
    assert [row["name"] for row in left] == ["Three"]


@pytest.mark.parametrize("job", [{"action": "fly", "items": []}, {"action": "create"}])
def test_invalid_bulk_action_is_rejected(cars, job):
    """A bulk action that is unknown or has no items is rejected at once."""
    assert cars.send("POST", "custom_objects/car/jobs", {"job": job}).status_code == 400


@pytest.fixture
def garage():
    """Add a custom object for cars to the default account."""
    CustomObject.objects.create(**CAR)


@pytest.mark.usefixtures("account", "garage")
def test_models_read_and_change_custom_objects():
    """A custom object is read, updated and deleted through its model by its key."""
    car = CustomObject.objects.get("car")
    car.title = "Auto"
    car.save()

    assert (car.id, car.pk, CustomObject.objects.get("car").title) == ("car", "car", "Auto")
    assert list(CustomObject.objects.all()) == [car]
    car.delete()
    assert list(CustomObject.objects.all()) == []


@pytest.mark.usefixtures("account", "garage")
def test_models_read_and_change_records():
    """Records are created, updated, filtered and counted through their model."""
    records = CustomObjectRecord.objects.filter(custom_object_key="car")
    record = CustomObjectRecord.objects.create(custom_object_key="car", name="Mine")
    record.external_id = "X-1"
    record.save()

    assert list(records) == [record]
    assert records.count() == 1
    assert list(records.filter(external_id="X-1")) == [record]
    assert record == CustomObjectRecord.objects.get(custom_object_key="car", id=record.id)
    record.delete()
    assert list(records.all()) == []


@pytest.mark.usefixtures("account", "garage")
def test_filter_sends_a_json_filter():
    """Conditions on fields of an object are sent as a JSON filter."""
    account = connections["default"]
    field = {"custom_object_field": {"key": "make", "title": "Make"}}
    path = "/api/v2/custom_objects/car/fields"
    account.transport.send(Request("POST", path, json=field))
    for make in ("Tesla", "Honda"):
        CustomObjectRecord.objects.create(
            custom_object_key="car", name=make, custom_object_fields={"make": make}
        )

    records = CustomObjectRecord.objects.filter(custom_object_key="car")

    (results,) = records.filter(custom_object_fields__make="Tesla")
    assert results.name == "Tesla"
    assert [item.name for item in records.exclude(custom_object_fields__make="Tesla")] == ["Honda"]


def test_exports_conceal_deleted_records(cars):
    """The values of deleted records are replaced, and a parameter leaves the records out."""
    cars.send(
        "POST",
        "custom_objects",
        {"custom_object": {"key": "car", "title": "Car", "title_pluralized": "Cars"}},
    )
    path = "custom_objects/car/records"
    ids = []
    for name in ("one", "two"):
        body = {"custom_object_record": {"name": name}}
        ids.append(cars.send("POST", path, body).json()["custom_object_record"]["id"])
    cars.send("DELETE", f"{path}/{ids[0]}")
    cars.clock.sleep(120)

    export = "incremental/custom_objects/car/cursor"
    everything = cars.get(export, start_time=1)
    remaining = cars.get(export, start_time=1, **{"filter[exclude_deleted]": "true"})

    names = {row["id"]: row["name"] for row in everything["custom_object_records"]}
    assert names == {ids[0]: "[DELETED]", ids[1]: "two"}
    assert [row["id"] for row in remaining["custom_object_records"]] == [ids[1]]
    assert (everything["filter"], remaining["filter"]) == (
        {"exclude_deleted": False},
        {"exclude_deleted": True},
    )


def test_permissions_are_changed_one_by_one(cars):
    """An update of a policy keeps the keys that it does not contain."""
    cars.send(
        "POST",
        "custom_objects",
        {"custom_object": {"key": "car", "title": "Car", "title_pluralized": "Cars"}},
    )
    path = "custom_objects/car/permission_policies/end-user"

    cars.send("PATCH", path, {"policy": {"records": {"read": {"allowed": True}}}})

    records = cars.get(path)["policy"]["records"]
    assert (records["read"], records["create"]["allowed"]) == (
        {"allowed": True, "rule_id": None},
        False,
    )


def test_values_of_records_have_types(cars):
    """A record stores numbers as numbers, and rejects values of another type."""
    record = _create_record(cars, custom_object_fields={"seats": "5", "colours": ["red"]})
    path = f"custom_objects/car/records/{record['id']}"
    response = _patch_record(cars, path, custom_object_fields={"seats": "many", "make": "X"})

    assert record["custom_object_fields"] == {"make": None, "seats": 5, "colours": ["red"]}
    assert (response.status_code, [*response.json()["details"]]) == (422, ["seats"])
    assert cars.get(path)["custom_object_record"] == record


def test_a_parent_is_named_by_id_external_id_or_name(cars):
    """A parent field stores the id of a record, which may be named in three ways."""
    owner = {"key": "owner", "title": "Owner", "title_pluralized": "Owners"}
    cars.send("POST", "custom_objects", {"custom_object": owner})
    body = {"custom_object_record": {"name": "Ada", "external_id": "a-1"}}
    parent = cars.send("POST", "custom_objects/owner/records", body).json()["custom_object_record"]
    field = {"key": "owner", "title": "Owner", "type": "parent"}
    field["relationship_target_type"] = "zen:custom_object:owner"
    cars.send("POST", "custom_objects/car/fields", {"custom_object_field": field})
    for value in (parent["id"], "external_id:a-1", "name:Ada"):
        record = _create_record(cars, custom_object_fields={"owner": value})

        assert record["custom_object_fields"]["owner"] == parent["id"]
    for value in (None, "name:Eve", record["id"]):
        body = {"name": "X", "custom_object_fields": {"owner": value}}
        response = cars.send("POST", "custom_objects/car/records", {"custom_object_record": body})

        assert (response.status_code, [*response.json()["details"]]) == (422, ["owner"])

"""Custom objects: fields, records, attachments, triggers, permissions and lookup relationships."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import (
    BadRequest,
    Comment,
    CustomObject,
    CustomObjectField,
    CustomObjectRecord,
    InvalidValue,
    LookupRelationship,
    NoEndpoint,
    NotFound,
    ObjectTrigger,
    PermissionPolicy,
    Ticket,
    TicketField,
    User,
    ValidationError,
)


BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def car(account):
    """Create a custom object."""
    return CustomObject.objects.create(
        key="car", title="Car", title_pluralized="Cars", allows_attachments=True
    )


# Fields


def test_fields_are_managed_through_their_object(car, account, count_requests):
    """Fields are created, changed and deleted through their object, in one request each."""
    with count_requests(account, 1):
        color = car.fields.create(key="color", title="Color", type="text")
    color.title = "Colour"
    with count_requests(account, 1):
        color.save()

    assert (color.custom_object, color.title) == (car, "Colour")
    assert list(car.fields.all()) == [color]
    color.refresh_from_db()
    with count_requests(account, 1):
        color.delete()
    assert list(car.fields.all()) == []


def test_standard_fields_are_listed_on_request(car, sent):
    """Standard fields are listed with `include_standard_fields=True`."""
    fields = CustomObjectField.objects.filter(custom_object="car", include_standard_fields=True)

    assert {field.key for field in fields} == {"standard::name", "standard::external_id"}
    assert ("include_standard_fields", "true") in sent[-1].params


def test_fields_of_an_object_are_reordered(car, account, count_requests):
    """The fields of one object are reordered in one request."""
    fields = [car.fields.create(key=key, title=key, type="text") for key in ("a", "b")]
    with count_requests(account, 1):
        car.fields.reorder(reversed(fields))

    assert [field.key for field in car.fields.all()] == ["b", "a"]
    with count_requests(account, 0), pytest.raises(InvalidValue, match=r"car\.fields"):
        CustomObjectField.objects.reorder(fields)


def test_a_field_requires_a_title(car, account, count_requests):
    """A field without a title raises `ValidationError` before any request."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="title"):
        car.fields.create(key="color")


def test_limits_are_returned(car, account, count_requests):
    """The limits of objects, fields and records are returned, in one request each."""
    car.records.create(name="My Tesla")
    with count_requests(account, 3):
        limits = [
            CustomObject.objects.limit(),
            car.field_limit(),
            CustomObject.objects.record_limit(),
        ]

    assert [limit.count for limit in limits] == [1, 2, 1]
    assert all(limit.left == limit.limit - limit.count > 0 for limit in limits)


# Records


def test_records_are_created_through_their_object(car, account, count_requests):
    """A record that is created through its object belongs to the object."""
    with count_requests(account, 1):
        tesla = car.records.create(name="My Tesla", external_id="t1")
    other = CustomObjectRecord(custom_object_key="car", name="My Beetle").save()

    assert tesla.custom_object_key == "car"
    assert set(car.records.all()) == {tesla, other}


def test_in_bulk_fetches_records_in_one_request(car, account, count_requests):
    """`in_bulk()` fetches records by id or external id in one request."""
    records = [
        car.records.create(name=f"Car {number}", external_id=f"x{number}") for number in "123"
    ]
    with count_requests(account, 1):
        by_id = car.records.in_bulk([records[0].pk, records[2].pk, "nobody"])
    with count_requests(account, 1):
        by_external_id = car.records.in_bulk(["x2", "x3"], field_name="external_id")

    assert {records[0].pk: records[0], records[2].pk: records[2]} == by_id
    assert {"x2": records[1], "x3": records[2]} == by_external_id


def test_records_are_searched_by_words_or_name_prefix(car, account, count_requests):
    """Records are searched by words or by the beginning of their names."""
    tesla = car.records.create(name="My Tesla")
    beetle = car.records.create(name="Your Beetle")
    with count_requests(account, 2):
        assert list(car.records.filter(query="tesla")) == [tesla]
        assert list(car.records.filter(autocomplete="your")) == [beetle]


def test_upsert_creates_or_updates_a_record(car, account, count_requests):
    """`upsert()` creates a record the first time and updates it the second, in one request each."""
    car.fields.create(key="color", title="Color", type="text")
    with count_requests(account, 2):
        created = car.records.upsert(external_id="t1", name="Tesla")
        updated = CustomObjectRecord.objects.upsert(
            external_id="t1", custom_object_key="car", custom_object_fields={"color": "red"}
        )

    assert (updated.pk, updated.name, created.custom_object_fields["color"]) == (
        created.pk,
        "Tesla",
        "red",
    )
    assert list(car.records.all()) == [created]
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="external_id or name"):
            car.records.upsert(name="Tesla")
        with pytest.raises(InvalidValue, match="external_id or name"):
            car.records.upsert(by="color", color="red")
        with pytest.raises(InvalidValue, match=r"car\.records"):
            CustomObjectRecord.objects.upsert(external_id="t1")


def test_delete_by_deletes_a_record_by_a_unique_value(car, account, count_requests):
    """`delete_by()` deletes a record by external id, or by name if names are unique."""
    car.records.create(name="My Tesla", external_id="t1")
    with count_requests(account, 1):
        car.records.delete_by(external_id="t1")

    assert list(car.records.all()) == []
    with pytest.raises(NotFound):
        CustomObjectRecord.objects.delete_by(external_id="t1", custom_object_key="car")
    with pytest.raises(ValidationError, match="is_unique"):
        car.records.delete_by(name="My Tesla")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="external_id or name"):
        car.records.delete_by()


def test_a_dry_run_upserts_nothing(car, account, count_requests):
    """A dry run of `upsert()` returns an unsaved record and sends nothing."""
    with count_requests(account, 0), account.dry_run():
        record = car.records.upsert(external_id="t1", name="Tesla")
        car.records.delete_by(external_id="t1")

    assert (record.pk, record.name) == (None, "Tesla")


def test_records_of_an_object_are_exported(car, emulator, account, count_requests):
    """An export returns the records of one object, and requires the object."""
    CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    records = [car.records.create(name=f"Car {number}") for number in range(3)]
    CustomObjectRecord(custom_object_key="bike", name="My Bike").save()
    emulator.clock.sleep(120)
    with count_requests(account, 1):
        exported = list(car.records.filter(changed_since=BEGIN))

    assert {row.pk for row in exported} == {record.pk for record in records}
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="custom_object_key"):
        list(CustomObjectRecord.objects.filter(changed_since=BEGIN))


def test_an_export_reads_all_pages(car, emulator, account, count_requests):
    """An export reads a thousand records per page until the last one."""
    names = [f"Car {number}" for number in range(1_010)]
    CustomObjectRecord.objects.bulk_create(
        [CustomObjectRecord(custom_object_key="car", name=name) for name in names]
    )
    emulator.clock.sleep(120)
    with count_requests(account, 2):
        records = list(car.records.filter(changed_since=BEGIN))

    assert sorted(record.name for record in records) == sorted(names)


# Attachments


def test_files_are_attached_to_a_record(car, account, tmp_path, count_requests):
    """A file is uploaded to a record, listed, filtered, read and downloaded."""
    tesla = car.records.create(name="My Tesla")
    path = tmp_path / "contract.txt"
    path.write_bytes(b"I hereby")
    with count_requests(account, 1):
        contract = tesla.attachments.upload(path)
    image = tesla.attachments.upload(b"GIF", "a.gif")

    assert (contract.filename, contract.content_type, contract.size) == (
        "contract.txt",
        "text/plain",
        8,
    )
    assert (contract.custom_object_record, contract.custom_object_key) == (tesla, "car")
    with count_requests(account, 2):
        contents = {
            attachment.filename: attachment.read()
            for attachment in tesla.attachments.filter(size=8)
        }
    assert contents == {"contract.txt": b"I hereby"}
    names = tesla.attachments.order_by("size").values_list("filename", "custom_object_key")
    assert list(names) == [("a.gif", "car"), ("contract.txt", "car")]
    assert tesla.attachments.get(image.pk) == image
    with count_requests(account, 1):
        assert image.download(tmp_path) == tmp_path / "a.gif"
    assert (tmp_path / "a.gif").read_bytes() == b"GIF"


def test_a_malware_flag_is_overridden(car, account):
    """An attachment that was flagged as malware can be allowed, and deleted."""
    tesla = car.records.create(name="My Tesla")
    tesla.attachments.upload(b"MZ", "a.exe")
    (attachment,) = tesla.attachments.all()
    attachment.malware_access_override = True
    attachment.save()
    assert [row.malware_access_override for row in tesla.attachments.all()] == [True]

    attachment.delete()
    assert list(tesla.attachments.all()) == []
    with pytest.raises(NotFound):
        attachment.read()


def test_an_upload_requires_a_record_and_a_name(car, account, count_requests):
    """An upload needs a name, a record, and an object that allows attachments."""
    bike = CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    mine = bike.records.create(name="My Bike")
    with pytest.raises(BadRequest, match="not allowed"):
        mine.attachments.upload(b"GIF", "a.gif")
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match=r"no name|a name"):
            mine.attachments.upload(b"GIF")
        with pytest.raises(InvalidValue, match=r"record\.attachments"):
            type(mine.attachments).as_manager().__get__(None, type(mine)).upload(b"x", "a.gif")


# Triggers


def _create_trigger(car, title, **values):
    actions = [{"field": "name", "value": "x"}]
    return car.triggers.create(title=title, actions=actions, conditions={"all": []}, **values)


def test_triggers_of_an_object_are_filtered(car, account, count_requests):
    """Triggers of an object are filtered by state and words, in one request each."""
    sold, bought = (
        _create_trigger(car, "Sold", active=True),
        _create_trigger(car, "Bought", active=False),
    )
    with count_requests(account, 4):
        assert set(car.triggers.all()) == {sold, bought}
        assert list(car.triggers.filter(active=True)) == [sold]
        assert list(car.triggers.filter(only_active=True)) == [sold]
        assert list(car.triggers.filter(query="bou")) == [bought]

    bought.title = "Purchased"
    bought.save()
    assert (bought.custom_object, car.triggers.get(bought.pk).title) == (car, "Purchased")


def test_triggers_are_updated_in_bulk(car, account, count_requests):
    """State and position of many triggers are updated in one request; other fields raise."""
    first, second = _create_trigger(car, "One", position=1), _create_trigger(car, "Two", position=2)
    first.position, second.active = 3, False
    with count_requests(account, 1):
        result = ObjectTrigger.objects.bulk_update([first, second])

    assert result.succeeded == [first, second]
    assert (first.position, first.changes(), second.changes()) == (3, {}, {})
    assert [trigger.title for trigger in car.triggers.all()] == ["Two", "One"]
    with count_requests(account, 2):
        assert int(car.triggers.all().update(active=True)) == 2
    first.title = "Uno"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="title"):
        ObjectTrigger.objects.bulk_update([first])


def test_triggers_are_deleted_in_bulk(car, account, count_requests):
    """The triggers of a query are read and deleted in one request each."""
    active, inactive = (
        _create_trigger(car, "One", active=True),
        _create_trigger(car, "Two", active=False),
    )
    with count_requests(account, 2):
        result = car.triggers.filter(active=False).delete()

    assert result.succeeded == [inactive]
    assert list(car.triggers.all()) == [active]
    with count_requests(account, 0), pytest.raises(Exception, match=r"filter\(\)"):
        ObjectTrigger.objects.delete()


def test_rules_have_definitions(car, account, count_requests):
    """The definitions of triggers and access rules contain the fields of their object."""
    car.fields.create(key="color", title="Color", type="text")
    with count_requests(account, 2):
        definitions = [car.triggers.definitions(), car.access_rules.definitions()]

    for definition in definitions:
        assert "Color" in [condition["title"] for condition in definition["conditions_all"]]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="custom_object"):
        ObjectTrigger.objects.definitions()


# Permissions


def test_access_rules_are_managed_through_their_object(car, account, count_requests):
    """Access rules are created, changed and deleted through their object."""
    own_records = {
        "all": [{"field": "created_by_user", "operator": "matches", "value": "current_user"}]
    }
    rule = car.access_rules.create(title="Own", conditions=own_records)
    rule.description = "What they made"
    with count_requests(account, 1):
        rule.save()

    assert [row.description for row in car.access_rules.all()] == ["What they made"]
    rule.delete()
    assert list(car.access_rules.all()) == []


def test_permission_policies_are_saved_per_role(car, account, count_requests):
    """A policy of a role is saved; permissions that are left out keep their values."""
    (policy,) = car.permission_policies.all()
    policy.records = {"read": {"allowed": True, "rule_id": None}}
    # The row is fetched first, because others may have changed it.
    with count_requests(account, 2):
        policy.save()

    again = PermissionPolicy.objects.get(custom_object="car", id="end-user")
    allowed = {name: record["allowed"] for name, record in again.records.items()}
    assert allowed == {"create": False, "delete": False, "read": True, "update": False}
    assert policy.role_name == "End User"


# Lookup relationships


def test_sources_of_a_lookup_are_listed(car, account, count_requests):
    """`sources()` lists the rows that refer to an object by a lookup field."""
    owner = User.objects.filter(role="admin")[0]
    field = TicketField.objects.create(title="Manager", type="lookup")
    value = [{"id": field.pk, "value": str(owner.pk)}]
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"), custom_fields=value)
    Ticket.objects.create(subject="y", comment=Comment(body="y"))
    driver = car.fields.create(key="driver", title="Driver", type="lookup")
    tesla = car.records.create(name="T", custom_object_fields={"driver": str(owner.pk)})
    with count_requests(account, 2):
        tickets = LookupRelationship.objects.sources(owner, field, Ticket)
        records = LookupRelationship.objects.sources(
            owner, driver.pk, CustomObjectRecord, custom_object_key="car"
        )

    assert ([ticket], [tesla]) == (tickets, records)


def test_definitions_of_lookup_filters_are_fetched(car, emulator, account, count_requests):
    """Filters of lookup fields are defined for a target type and a source type."""
    with count_requests(account, 2):
        LookupRelationship.objects.definitions(User, Ticket)
        LookupRelationship.objects.definitions(car)

    path = "GET relationships/definitions"
    assert emulator.requests[-2:] == [f"{path}/zen:user", f"{path}/zen:custom_object:car"]


@pytest.mark.parametrize("thing", [TicketField, CustomObjectRecord])
def test_definitions_reject_other_types(account, count_requests, thing):
    """A type that lookup fields cannot refer to raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=r"custom object|the object"):
        LookupRelationship.objects.definitions(thing)

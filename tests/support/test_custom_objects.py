"""Custom objects: their fields, records, files, triggers and permissions, and what points where."""

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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def car(account):
    """A custom object."""
    return CustomObject.objects.create(
        key="car", title="Car", title_pluralized="Cars", allows_attachments=True
    )


# -- fields ------------------------------------------------------------------


def test_an_object_has_fields(car, account, count_requests):
    """They are made, changed and deleted below the object, that no row tells of."""
    with count_requests(account, 1):
        color = car.fields.create(key="color", title="Color", type="text")
    color.title = "Colour"
    with count_requests(account, 1):
        color.save()

    assert (car, "Colour") == (color.custom_object, color.title)
    assert [color] == list(car.fields.all())
    color.refresh_from_db()
    with count_requests(account, 1):
        color.delete()
    assert [] == list(car.fields.all())


def test_standard_fields_are_asked_for(car, sent):
    """The name and the external id are fields, too, of which Zendesk tells when it is asked."""
    named = CustomObjectField.objects.filter(custom_object="car", include_standard_fields=True)

    assert {"standard::name", "standard::external_id"} == {field.key for field in named}
    assert ("include_standard_fields", "true") in sent[-1].params


def test_fields_get_an_order(car, account, count_requests):
    """In one request, of one object."""
    fields = [car.fields.create(key=key, title=key, type="text") for key in ("a", "b")]
    with count_requests(account, 1):
        car.fields.reorder(reversed(fields))

    assert ["b", "a"] == [field.key for field in car.fields.all()]
    with count_requests(account, 0), pytest.raises(InvalidValue, match=r"car\.fields"):
        CustomObjectField.objects.reorder(fields)


def test_a_field_has_a_title(car, account, count_requests):
    """It is refused here without one."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="title"):
        car.fields.create(key="color")


def test_there_is_a_limit_to_all(car, account, count_requests):
    """Of objects, of fields and of records, in one request each."""
    car.records.create(name="My Tesla")
    with count_requests(account, 3):
        limits = [
            CustomObject.objects.limit(),
            car.field_limit(),
            CustomObject.objects.record_limit(),
        ]

    assert [1, 2, 1] == [each.count for each in limits]
    assert all(each.left == each.limit - each.count > 0 for each in limits)


# -- records -----------------------------------------------------------------


def test_an_object_has_records(car, account, count_requests):
    """Which are made through it without naming it again."""
    with count_requests(account, 1):
        tesla = car.records.create(name="My Tesla", external_id="t1")
    other = CustomObjectRecord(custom_object_key="car", name="My Beetle").save()

    assert "car" == tesla.custom_object_key
    assert {tesla, other} == set(car.records.all())


def test_records_are_shown_by_many_ids(car, account, count_requests):
    """Also by those of others, in one request."""
    made = [car.records.create(name=f"Car {number}", external_id=f"x{number}") for number in "123"]
    with count_requests(account, 1):
        found = car.records.in_bulk([made[0].pk, made[2].pk, "nobody"])
    with count_requests(account, 1):
        others = car.records.in_bulk(["x2", "x3"], field_name="external_id")

    assert {made[0].pk: made[0], made[2].pk: made[2]} == found
    assert {"x2": made[1], "x3": made[2]} == others


def test_records_are_searched_by_words(car, account, count_requests):
    """Or by how their names begin."""
    tesla = car.records.create(name="My Tesla")
    beetle = car.records.create(name="Your Beetle")
    with count_requests(account, 2):
        assert [tesla] == list(car.records.filter(query="tesla"))
        assert [beetle] == list(car.records.filter(autocomplete="your"))


def test_records_are_put_by_what_is_known(car, account, count_requests):
    """Made the first time, changed the second, in one request each."""
    car.fields.create(key="color", title="Color", type="text")
    with count_requests(account, 2):
        made = car.records.upsert(external_id="t1", name="Tesla")
        changed = CustomObjectRecord.objects.upsert(
            external_id="t1", custom_object_key="car", custom_object_fields={"color": "red"}
        )

    assert (made.pk, "Tesla", "red") == (
        changed.pk,
        changed.name,
        made.custom_object_fields["color"],
    )
    assert [made] == list(car.records.all())
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="external_id or a name"):
            car.records.upsert(name="Tesla")
        with pytest.raises(InvalidValue, match="external_id or a name"):
            car.records.upsert(by="color", color="red")
        with pytest.raises(InvalidValue, match=r"car\.records"):
            CustomObjectRecord.objects.upsert(external_id="t1")


def test_records_are_deleted_by_what_is_known(car, account, count_requests):
    """Their external id, or their name where names are unique."""
    car.records.create(name="My Tesla", external_id="t1")
    with count_requests(account, 1):
        car.records.delete_by(external_id="t1")

    assert [] == list(car.records.all())
    with pytest.raises(NotFound):
        CustomObjectRecord.objects.delete_by(external_id="t1", custom_object_key="car")
    with pytest.raises(ValidationError, match="is_unique"):
        car.records.delete_by(name="My Tesla")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="external_id or a name"):
        car.records.delete_by()


def test_a_dry_run_puts_nothing(car, account, count_requests):
    """What would be put is given, without an id."""
    with count_requests(account, 0), account.dry_run():
        record = car.records.upsert(external_id="t1", name="Tesla")
        car.records.delete_by(external_id="t1")

    assert (None, "Tesla") == (record.pk, record.name)


def test_records_are_exported(car, emulator, account, count_requests):
    """Those of one object, deleted ones too, until there is no more."""
    CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    made = [car.records.create(name=f"Car {number}") for number in range(3)]
    CustomObjectRecord(custom_object_key="bike", name="My Bike").save()
    emulator.clock.sleep(120)
    with count_requests(account, 1):
        found = list(car.records.filter(changed_since=BEGIN))

    assert {each.pk for each in made} == {each.pk for each in found}
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="custom_object_key"):
        list(CustomObjectRecord.objects.filter(changed_since=BEGIN))


def test_a_long_export_of_records_goes_on(car, emulator, account, count_requests):
    """A thousand to a page."""
    names = [f"Car {number}" for number in range(1_010)]
    CustomObjectRecord.objects.bulk_create(
        [CustomObjectRecord(custom_object_key="car", name=name) for name in names]
    )
    emulator.clock.sleep(120)
    with count_requests(account, 2):
        found = list(car.records.filter(changed_since=BEGIN))

    assert sorted(names) == sorted(each.name for each in found)


# -- files -------------------------------------------------------------------


def test_a_record_has_files(car, account, tmp_path, count_requests):
    """Sent as a form does, and read again."""
    tesla = car.records.create(name="My Tesla")
    path = tmp_path / "contract.txt"
    path.write_bytes(b"I hereby")
    with count_requests(account, 1):
        sent = tesla.attachments.upload(path)
    other = tesla.attachments.upload(b"GIF", "a.gif")

    assert ("contract.txt", "text/plain", 8) == (sent.filename, sent.content_type, sent.size)
    assert (tesla, "car") == (sent.custom_object_record, sent.custom_object_key)
    with count_requests(account, 2):
        found = {each.filename: each.read() for each in tesla.attachments.filter(size=8)}
    assert {"contract.txt": b"I hereby"} == found
    named = tesla.attachments.order_by("size").values_list("filename", "custom_object_key")
    assert [("a.gif", "car"), ("contract.txt", "car")] == list(named)
    assert other == tesla.attachments.get(other.pk)
    with count_requests(account, 1):
        assert tmp_path / "a.gif" == other.download(tmp_path)
    assert b"GIF" == (tmp_path / "a.gif").read_bytes()


def test_files_are_allowed_and_deleted(car, account):
    """One that was flagged may be read all the same where that is said."""
    tesla = car.records.create(name="My Tesla")
    tesla.attachments.upload(b"MZ", "a.exe")
    (found,) = tesla.attachments.all()
    found.malware_access_override = True
    found.save()
    assert [True] == [each.malware_access_override for each in tesla.attachments.all()]

    found.delete()
    assert [] == list(tesla.attachments.all())
    with pytest.raises(NotFound):
        found.read()


def test_files_have_a_place(car, account, count_requests):
    """A record, of an object that takes files."""
    bike = CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    mine = bike.records.create(name="My Bike")
    with pytest.raises(BadRequest, match="not allowed"):
        mine.attachments.upload(b"GIF", "a.gif")
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match=r"no name|a name"):
            mine.attachments.upload(b"GIF")
        with pytest.raises(InvalidValue, match=r"record\.attachments"):
            type(mine.attachments).as_manager().__get__(None, type(mine)).upload(b"x", "a.gif")


# -- triggers ----------------------------------------------------------------


def _trigger(car, title, **values):
    actions = [{"field": "name", "value": "x"}]
    return car.triggers.create(title=title, actions=actions, conditions={"all": []}, **values)


def test_an_object_has_triggers(car, account, count_requests):
    """All, those that are active, and those of some words."""
    sold, bought = _trigger(car, "Sold", active=True), _trigger(car, "Bought", active=False)
    with count_requests(account, 4):
        assert {sold, bought} == set(car.triggers.all())
        assert [sold] == list(car.triggers.filter(active=True))
        assert [sold] == list(car.triggers.filter(only_active=True))
        assert [bought] == list(car.triggers.filter(query="bou"))

    bought.title = "Purchased"
    bought.save()
    assert (car, "Purchased") == (bought.custom_object, car.triggers.get(bought.pk).title)


def test_triggers_are_changed_by_the_many(car, account, count_requests):
    """Whether they are active, and where they stand, in one request."""
    first, second = _trigger(car, "One", position=1), _trigger(car, "Two", position=2)
    first.position, second.active = 3, False
    with count_requests(account, 1):
        result = ObjectTrigger.objects.bulk_update([first, second])

    assert [first, second] == result.succeeded
    assert (3, {}, {}) == (first.position, first.changes(), second.changes())
    assert ["Two", "One"] == [each.title for each in car.triggers.all()]
    with count_requests(account, 2):
        assert 2 == int(car.triggers.all().update(active=True))
    first.title = "Uno"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="title"):
        ObjectTrigger.objects.bulk_update([first])


def test_triggers_are_deleted_by_the_many(car, account, count_requests):
    """In one request, after they were read."""
    kept, gone = _trigger(car, "One", active=True), _trigger(car, "Two", active=False)
    with count_requests(account, 2):
        result = car.triggers.filter(active=False).delete()

    assert [gone] == result.succeeded
    assert [kept] == list(car.triggers.all())
    with count_requests(account, 0), pytest.raises(Exception, match=r"filter\(\)"):
        ObjectTrigger.objects.delete()


def test_rules_know_what_they_can_ask(car, account, count_requests):
    """Of one object, whose fields they are about."""
    car.fields.create(key="color", title="Color", type="text")
    with count_requests(account, 2):
        found = [car.triggers.definitions(), car.access_rules.definitions()]

    for each in found:
        assert "Color" in [condition["title"] for condition in each["conditions_all"]]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="custom_object"):
        ObjectTrigger.objects.definitions()


# -- permissions -------------------------------------------------------------


def test_rules_say_which_records(car, account, count_requests):
    """They are made, changed and deleted below the object."""
    own = {"all": [{"field": "created_by_user", "operator": "matches", "value": "current_user"}]}
    rule = car.access_rules.create(title="Own", conditions=own)
    rule.description = "What they made"
    with count_requests(account, 1):
        rule.save()

    assert ["What they made"] == [each.description for each in car.access_rules.all()]
    rule.delete()
    assert [] == list(car.access_rules.all())


def test_policies_say_who_may_do_what(car, account, count_requests):
    """One for each role; what is not named stays as it is."""
    (policy,) = car.permission_policies.all()
    policy.records = {"read": {"allowed": True, "rule_id": None}}
    with count_requests(account, 1):
        policy.save()

    again = PermissionPolicy.objects.get(custom_object="car", id="end-user")
    allowed = {name: each["allowed"] for name, each in again.records.items()}
    assert {"create": False, "delete": False, "read": True, "update": False} == allowed
    assert "End User" == policy.role_name


# -- what points where -------------------------------------------------------


def test_rows_that_point_to_another_are_found(car, account, count_requests):
    """Whatever their type, by the field that holds the other."""
    owner = User.objects.filter(role="admin")[0]
    field = TicketField.objects.create(title="Manager", type="lookup")
    value = [{"id": field.pk, "value": str(owner.pk)}]
    mine = Ticket.objects.create(subject="x", comment=Comment(body="x"), custom_fields=value)
    Ticket.objects.create(subject="y", comment=Comment(body="y"))
    driver = car.fields.create(key="driver", title="Driver", type="lookup")
    tesla = car.records.create(name="T", custom_object_fields={"driver": str(owner.pk)})
    with count_requests(account, 2):
        tickets = LookupRelationship.objects.sources(owner, field, Ticket)
        records = LookupRelationship.objects.sources(
            owner, driver.pk, CustomObjectRecord, custom_object_key="car"
        )

    assert ([mine], [tesla]) == (tickets, records)


def test_filters_of_lookups_are_defined(car, emulator, account, count_requests):
    """By the type that they lead to, and the one that they are of."""
    with count_requests(account, 2):
        LookupRelationship.objects.definitions(User, Ticket)
        LookupRelationship.objects.definitions(car)

    path = "GET relationships/definitions"
    assert [f"{path}/zen:user", f"{path}/zen:custom_object:car"] == emulator.requests[-2:]


@pytest.mark.parametrize("thing", [TicketField, CustomObjectRecord])
def test_lookups_lead_to_some_types_only(account, count_requests, thing):
    """And records are of an object that has to be named."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=r"custom object|the object"):
        LookupRelationship.objects.definitions(thing)

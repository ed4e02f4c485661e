"""Rules of custom fields: types, keys, options, system fields and limits."""

from __future__ import annotations

from tests.support.seeding import seed_rows
from zendesk_orm import UserField
from zendesk_orm.emulator.custom_data import custom_objects


CAR = {"key": "car", "title": "Car", "title_pluralized": "Cars"}
_FIELDS = "custom_objects/car/fields"


def _send(zendesk, method, path, envelope, **values):
    """Send a field or an object, and return the status and the row, or the names of errors."""
    response = zendesk.send(method, path, {envelope: values})
    body = response.json() if response.content else {}
    return response.status_code, body.get(envelope) or list(body.get("details", ()))


def _options(*tags):
    return [{"name": tag.upper(), "value": tag} for tag in tags]


def test_types_and_keys_are_checked(zendesk):
    """Fields need a documented type, and keys of letters, digits and underscores."""
    zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    paths = {
        "ticket_fields": "dropdown",
        "user_fields": "tagger",
        "organization_fields": "parent",
        _FIELDS: "tagger",
    }

    for path, type_ in paths.items():
        envelope = "custom_object_field" if path == _FIELDS else path[:-1]
        wrong = {"title": "X", "key": "x", "type": type_}
        assert _send(zendesk, "POST", path, envelope, **wrong) == (422, ["type"])
    for key in ("a b", "größe", "12", "a-b", ""):
        assert _send(
            zendesk, "POST", "user_fields", "user_field", title="X", key=key, type="text"
        ) == (422, ["key"])


def test_fields_of_objects_keep_their_type_and_key(zendesk):
    """An update ignores type, key and target of a field; standard fields cannot be deleted."""
    zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    envelope = "custom_object_field"
    _send(zendesk, "POST", _FIELDS, envelope, key="size", title="Size", type="text")

    status, row = _send(
        zendesk, "PATCH", f"{_FIELDS}/size", envelope, key="x", type="date", id=1, title="Length"
    )
    _, standard = _send(
        zendesk, "PATCH", f"{_FIELDS}/standard::name", envelope, title="Number", required=True
    )

    assert (status, row["key"], row["type"], row["title"]) == (200, "size", "text", "Length")
    assert row["raw_title"] == "Length"
    assert (standard["title"], standard["required"]) == ("Number", False)
    assert zendesk.send("DELETE", f"{_FIELDS}/standard::name").status_code == 422


def test_properties_are_fixed_once_there_are_records(zendesk):
    """The properties of a field cannot be changed if the object has records."""
    zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    path, envelope = f"{_FIELDS}/standard::name", "custom_object_field"
    before = _send(zendesk, "PATCH", path, envelope, properties={"is_unique": True})
    zendesk.send("POST", "custom_objects/car/records", {"custom_object_record": {"name": "A"}})

    after = _send(zendesk, "PATCH", path, envelope, properties={"is_unique": False})

    assert (before[0], before[1]["properties"]["is_unique"]) == (200, True)
    assert after == (422, ["properties"])


def test_options_have_ids_and_unique_values(zendesk):
    """Options get ids, keep them when they are sent, and those that a list lacks are deleted."""
    zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    paths = {
        "ticket_fields": ("ticket_field", "tagger", "PUT"),
        "user_fields": ("user_field", "dropdown", "PUT"),
        "organization_fields": ("organization_field", "dropdown", "PUT"),
        _FIELDS: ("custom_object_field", "dropdown", "PATCH"),
    }
    for path, (envelope, type_, method) in paths.items():
        values = {"title": "Size", "key": "size", "type": type_}
        twins = _send(
            zendesk, "POST", path, envelope, **values, custom_field_options=_options("s", "s")
        )
        many = [f"tag_{number}" for number in range(2001)]
        surplus = _send(
            zendesk, "POST", path, envelope, **values, custom_field_options=_options(*many)
        )
        assert twins == surplus == (422, ["custom_field_options"])

        options = [*_options("s", "m"), {"name": "L", "value": "l", "default": True}]
        _, row = _send(zendesk, "POST", path, envelope, **values, custom_field_options=options)
        s, _, large = row["custom_field_options"]
        _, changed = _send(
            zendesk,
            method,
            f"{path}/{row['id']}",
            envelope,
            custom_field_options=[large, {**s, "name": "Small", "raw_name": None}],
        )

        assert len({option["id"] for option in row["custom_field_options"]}) == 3
        assert [
            (option["id"], option["name"], option["raw_name"], option["default"])
            for option in changed["custom_field_options"]
        ] == [(large["id"], "L", "L", True), (s["id"], "Small", "Small", False)]


def test_system_fields_change_only_state_and_position(zendesk):
    """Of a system field of users, only `active` and `position` can be changed."""
    _, row = _send(zendesk, "POST", "user_fields", "user_field", key="a", title="A", type="text")
    seed_rows(zendesk.emulator, UserField, {**row, "id": 77, "key": "own", "system": True})

    _, changed = _send(
        zendesk, "PUT", "user_fields/77", "user_field", title="B", active=False, position=3
    )

    assert (changed["title"], changed["active"], changed["position"]) == ("A", False, 3)


def test_the_limits_of_objects_and_fields_are_enforced(zendesk, monkeypatch):
    """An account with the maximum number of objects or fields rejects another one."""
    monkeypatch.setattr(custom_objects, "MAX_OBJECTS", 1)
    monkeypatch.setattr(custom_objects, "MAX_FIELDS", 3)
    zendesk.send("POST", "custom_objects", {"custom_object": CAR})
    field = {"key": "a", "title": "A", "type": "text"}
    created = _send(zendesk, "POST", _FIELDS, "custom_object_field", **field)

    second = _send(zendesk, "POST", _FIELDS, "custom_object_field", **{**field, "key": "b"})
    other = _send(zendesk, "POST", "custom_objects", "custom_object", **{**CAR, "key": "boat"})

    assert (created[0], second, other) == (201, (422, ["base"]), (422, ["base"]))

"""Declarations that Zendesk does not permit: nothing is sent, and the message has the remedy."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from tests.schema_changes.declared import declare, declare_object, read_fields
from tests.support.seeding import seed_rows
from zendesk_orm import (
    CustomField,
    CustomObject,
    CustomObjectRecord,
    Group,
    InvalidValue,
    SchemaError,
    TicketField,
    User,
    UserField,
)
from zendesk_orm.emulator.custom_data import custom_objects
from zendesk_orm.schema_changes import plan_schema


def _field(*arguments: Any, **options: Any) -> Any:
    """Return a class with one ticket field of type `str`."""
    return declare("T", a=CustomField[str](*arguments, **options))


def _user(name: str, *arguments: Any, **options: Any) -> Any:
    """Return a class with one user field of type `str`."""
    return declare("U", User, **{name: CustomField[str](*arguments, **options)})


#: Classes, and the start of the problem.
INVALID = {
    "T.a: a field of the type integer has no regular expression": lambda: [
        declare("T", a=CustomField[int]("A", pattern="^[A-Z]+$"))
    ],
    "T.a: a field of the type text has no default option": lambda: [_field("A", default="red")],
    "T.a: the type of a new field must be declared": lambda: [declare("T", a=CustomField("A"))],
    "T.a: a field of the type regexp needs": lambda: [_field("A", type="regexp")],
    "T.a: a new lookup field needs a target": lambda: [_field("A", type="lookup")],
    "T.a: no model is named 'Nope'": lambda: [declare("T", a=CustomField["Nope | None"]("A"))],
    "T.a: lookup fields cannot refer to Group": lambda: [declare("T", a=CustomField[Group]("A"))],
    "T.a: the custom object 'x' does not exist": lambda: [
        _field("A", type="lookup", attributes={"relationship_target_type": "zen:custom_object:x"})
    ],
    "T.a: the tag 'A b' of an option must be in lower case": lambda: [
        _field("A", options={"A b": "A"})
    ],
    "T.a: a field can have at most 2,000 options, not 60,000": lambda: [
        _field("A", options={f"tag_{number}": "Same title" for number in range(60_000)})
    ],
    "T.a: the account has no field 17": lambda: [_field(17)],
    "T.a: a new field with the title 'B' would not be found by 'A'": lambda: [
        _field("A", title="B")
    ],
    "T.b: the tag 'x' belongs to the ticket field 'A'": lambda: [
        declare(
            "T",
            a=CustomField[str]("A", options={"x": "X"}),
            b=CustomField[bool]("B", attributes={"tag": "x"}),
        )
    ],
    "T.b: T.a declares the same with another type": lambda: [
        declare("T", a=CustomField[str]("A", type="text"), b=CustomField[str]("a", type="textarea"))
    ],
    "T.a: the type is integer, not str": lambda: [
        declare("T", a=CustomField[str]("A"), b=CustomField[int]("A", type="integer"))
    ],
    "U.größe: the key 'größe' must consist of": lambda: [_user("größe", "Größe")],
    "U.size: the key 'SIZE' must consist of": lambda: [
        _user("size", "Size", attributes={"key": "SIZE"})
    ],
    "U.b: U.a declares a field with the same name and the key 'a'": lambda: [
        declare("U", User, a=CustomField[str]("Size of"), b=CustomField[str]("Size of"))
    ],
    "Car: a new custom object needs title and title_pluralized": lambda: [
        declare_object("Car", "car")
    ],
    "Car: the key 'Größe' must consist of": lambda: [declare_object("Car", "Größe", "Car")],
    "Car.name_: standard::name is a standard field": lambda: [
        declare_object("Car", "car", "Car", name_=CustomField[str]("standard::name"))
    ],
    "Two: One declares the same with another title": lambda: [
        declare_object("One", "car", "Car"),
        declare_object("Two", "car", "Auto"),
    ],
    "R: no custom object is named": lambda: [
        declare("R", CustomObjectRecord, a=CustomField[str]("a"))
    ],
    "Group: rows of this model have no custom fields": lambda: [Group],
}


def test_invalid_declarations_are_rejected(account):
    """Each invalid declaration is named with its class and field, and nothing is created."""
    before = read_fields(account)

    unexpected = {}
    declared = {start: make() for start, make in INVALID.items()}
    for start, models in declared.items():
        with pytest.raises(SchemaError) as caught:
            plan_schema(models, account)
        if len(caught.value.problems) != 1 or not str(caught.value).startswith(start):
            unexpected[start] = caught.value.problems

    assert unexpected == {}
    assert read_fields(account) == before


def test_all_problems_are_listed(account, count_requests):
    """The error lists the problems of all declarations before a request is sent."""
    name = CustomField[str]("standard::name")
    models = [declare("T", a=CustomField[Group]("A")), declare_object("C", "c", "C", name_=name)]

    with count_requests(account, 0), pytest.raises(SchemaError) as caught:
        plan_schema(models, account)

    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["T.a", "C.name_"]
    with pytest.raises(InvalidValue, match="must be a model class"):
        plan_schema([int], account)


def test_types_targets_and_keys_cannot_change(account, emulator):
    """A field of another type, target or key, and a changed system field, are rejected."""
    TicketField.objects.create(title="A", type="integer")
    TicketField.objects.create(title="B", type="lookup", relationship_target_type="zen:user")
    UserField.objects.create(key="size", title="Size", type="text")
    seed_rows(
        emulator,
        UserField,
        {**UserField.objects.get(key="size")._row, "id": 77, "key": "own", "system": True},
    )
    models = [
        declare("T", a=CustomField[str]("A"), b=CustomField["Organization | None"]("B")),
        declare(
            "U",
            User,
            a=CustomField[str]("size", attributes={"key": "length"}),
            own=CustomField[str]("own", title="Own"),
        ),
    ]

    with pytest.raises(SchemaError) as caught:
        plan_schema(models, account)

    assert [problem[:58] for problem in caught.value.problems] == [
        "U.a: the key is 'size', and Zendesk cannot change it: decl",
        "U.own: own is a system field, of which only active and pos",
        "T.a: the type is integer, not str, and Zendesk cannot chan",
        "T.b: the type is lookup, not Organization, and Zendesk can",
    ]


def test_an_ambiguous_title_is_rejected(account):
    """A title of several fields, and an id and a title of different fields, are rejected."""
    ids = [TicketField.objects.create(title="Twin", type="text").pk for _ in range(2)]
    other = TicketField.objects.create(title="Other", type="text").pk
    for declared in (CustomField[str]("Twin"), CustomField[str]("Other", id=ids[0])):
        with pytest.raises(SchemaError, match="several fields have the name") as caught:
            plan_schema([declare("T", a=declared)], account)
        assert str(ids[0]) in str(caught.value)

    plan = plan_schema(
        [declare("T", a=CustomField[str](ids[0]), b=CustomField[str](other))], account
    )

    assert plan.changes == ()


def test_limits_are_checked_before(account, monkeypatch, count_requests):
    """More objects or fields than an account can have are rejected before a change."""
    monkeypatch.setattr(custom_objects, "MAX_OBJECTS", 2)
    monkeypatch.setattr(custom_objects, "MAX_FIELDS", 4)
    CustomObject.objects.create(key="old", title="Old", title_pluralized="Olds")
    names = ("a", "b", "c", "d", "e")
    fields = {name: CustomField[str](name) for name in names}
    models = [
        declare_object("Old", "old", **dict(list(fields.items())[:3])),
        declare_object("One", "one", "One", **fields),
        declare_object("Two", "two", "Two"),
    ]

    with count_requests(account, 4), pytest.raises(SchemaError) as caught:
        plan_schema(models, account)

    assert caught.value.problems == (
        "the account has 1 custom objects and can have 2: 2 more are 1 too many",
        "custom object 'old' has 2 fields and can have 4: 3 more are 1 too many",
        "custom object 'one' has 0 fields and can have 4: 5 more are 1 too many",
    )
    assert [item.key for item in CustomObject.objects.fresh()] == ["old"]


def test_a_field_of_a_literal_keeps_other_options(account):
    """The options of a `Literal` are added at the end, with their tags as titles."""
    options = [{"name": "Small", "value": "s"}]
    field = TicketField.objects.create(title="Size", type="tagger", custom_field_options=options)
    size = CustomField[Literal["m", "s"]]("Size")

    plan_schema([declare("T", size=size)], account).apply()

    field.refresh_from_db()
    assert [(o["value"], o["name"]) for o in field.custom_field_options] == [
        ("s", "Small"),
        ("m", "m"),
    ]

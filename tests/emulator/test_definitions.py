"""Definitions of conditions and actions."""

from __future__ import annotations

import pytest


FIELDS = {
    "tagger": {"custom_field_options": [{"name": "Red", "value": "red"}]},
    "multiselect": {"custom_field_options": [{"name": "Blue", "value": "blue"}]},
    **{kind: {} for kind in ("checkbox", "date", "decimal", "integer", "text")},
    "regexp": {"regexp_for_validation": "[0-9]+"},
}


@pytest.fixture
def fields(zendesk):
    """Create a ticket field of each type, and return the names of the fields in rules."""
    return [
        f"custom_fields_{zendesk.create('ticket_fields', type=kind, title=kind, **values)['id']}"
        for kind, values in FIELDS.items()
    ]


def _value(definition, operator):
    """Return a value that a condition or an action may have."""
    if operator.get("terminal"):
        return None
    if definition.get("values"):
        return definition["values"][0]["value"]
    return "2026-01-31" if definition["type"] == "date" else "5"


def _conditions(definitions):
    return [
        {
            "field": definition["subject"],
            "operator": operator["value"],
            "value": _value(definition, operator),
        }
        for definition in definitions["conditions_all"]
        for operator in definition["operators"]
    ]


def test_rules_can_use_what_is_defined(zendesk, fields):
    """Each condition and action that is defined is evaluated, including custom fields."""
    triggers, views, macros = (
        zendesk.get(f"{path}/definitions")["definitions"]
        for path in ("triggers", "views", "macros")
    )
    actions = [
        {"field": definition["subject"], "value": _value(definition, {})}
        for definition in triggers["actions"]
        if not definition["subject"].startswith("notification")
    ]
    created = {"all": [{"field": "update_type", "operator": "is", "value": "Create"}]}
    zendesk.create("triggers", title="All", conditions=created, actions=actions)
    for condition in _conditions(triggers):
        conditions = {"all": [condition]}
        action = {"field": "current_tags", "value": "met"}
        zendesk.create("triggers", title=str(condition), conditions=conditions, actions=[action])
    first = {"field": "status", "operator": "is", "value": "open"}
    for condition in _conditions(views):
        view = zendesk.create("views", title=str(condition), all=[first, condition])
        zendesk.get(f"views/{view['id']}/tickets")
    zendesk.create_ticket(comment={"body": "Hello"})

    assert zendesk.emulator.ignored.describe() == ""
    for definitions in (triggers["conditions_any"], views["conditions_any"], macros["actions"]):
        names = {definition["subject"] for definition in definitions}
        assert names >= {"status", "priority", "type", "group_id", "assignee_id", *fields}


def test_values_are_those_of_the_account(zendesk, fields):
    """Groups and options are values, and policies and queues have the same ones."""
    group = zendesk.create("groups", name="Hardware")
    conditions = zendesk.get("queues/definitions")["definitions"]["conditions_all"]
    (of_group,) = (item for item in conditions if item["subject"] == "group_id")
    (of_field,) = (item for item in conditions if item["subject"] == fields[0])
    policy = zendesk.get("slas/policies/definitions")["definitions"]["all"]
    (filter_,) = (item for item in policy if item["value"] == fields[0])
    (of_groups,) = zendesk.get("group_slas/policies/definitions")["definitions"]["all"]

    assert {"value": str(group["id"]), "title": "Hardware", "enabled": True} in of_group["values"]
    assert [value["title"] for value in of_field["values"]] == ["Red"]
    assert filter_["values"] == {"type": "list", "list": [{"value": "red", "title": "Red"}]}
    assert {"value": group["id"], "title": "Hardware"} in of_groups["values"]["list"]


def test_objects_have_the_conditions_of_their_fields(zendesk):
    """Triggers, access rules and filters of lookup fields use the fields of an object by type."""
    zendesk.send(
        "POST", "custom_objects", {"custom_object": {"key": "car", "title": "Car",
                                                     "title_pluralized": "Cars"}}
    )  # fmt: skip
    field = {"key": "built", "type": "date", "title": "Built"}
    zendesk.send("POST", "custom_objects/car/fields", {"custom_object_field": field})
    paths = {
        "custom_objects/car/triggers/definitions": ["update_type", "name"],
        "custom_objects/car/access_rules/definitions": ["created_by_user", "name"],
        "relationships/definitions/zen:custom_object:car": [],
    }
    for path, names in paths.items():
        conditions = zendesk.get(path)["definitions"]["conditions_all"]
        *_, built = conditions

        assert [item["subject"] for item in conditions[: len(names)]] == names, path
        assert built["subject"] == "custom_object.car.custom_fields.built"
        operators = {item["value"]: item["title"] for item in built["operators"]}
        assert operators["less_than"] == "Before"
        assert operators["within_next_n_days"] == "Is within the next"
    relations = zendesk.get("relationships/definitions/zen:ticket")["definitions"]
    assert "status" in {item["subject"] for item in relations["conditions_all"]}

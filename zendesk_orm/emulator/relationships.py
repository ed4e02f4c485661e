"""Lookup relationships: which rows point to another by a custom field.

Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import CustomObjectRecord, Organization, Ticket, User


_RECORDS = "zen:custom_object:"
_MODELS: Mapping[str, Any] = {
    "zen:organization": Organization,
    "zen:ticket": Ticket,
    "zen:user": User,
}
#: What the values of custom fields stand under, by key.
_VALUES = {
    Organization: "organization_fields",
    User: "user_fields",
    CustomObjectRecord: "custom_object_fields",
}
#: The fields of each model; those of tickets are known by their ids.
_FIELDS = {
    Organization: "support.OrganizationField",
    User: "support.UserField",
    CustomObjectRecord: "support.CustomObjectField",
}


def sources(world: World, call: Call, target: Target) -> Answer:
    """Answer with the rows whose field holds the target.

    Raises:
        Refusal: there is no such type, or field.
    """
    _, pk, field, source = target.places
    model = _model(source)
    where = Where("state < ?", (DELETED,))
    if model is CustomObjectRecord:
        key = str(source).removeprefix(_RECORDS)
        where &= Where(f"{value_of('custom_object_key')} = ?", (key,))
    rows = [
        row
        for row in world.store.docs(model._meta.label, where)
        if str(_value(world, model, row, field)) == str(pk)
    ]
    told = {model._meta.plural: rows, "meta": {"has_more": False}, "links": {}}
    return Answer(text=dumped(told))


def define(world: World, call: Call, target: Target) -> Answer:
    """Answer with what a filter of a lookup field can ask: nothing much, here.

    Raises:
        Refusal: there is no such type.
    """
    _model(target.places[0])
    return Answer(text=dumped({"definitions": {"conditions_all": [], "conditions_any": []}}))


def _model(type_: Any) -> Any:
    if str(type_).startswith(_RECORDS):
        return CustomObjectRecord
    model = _MODELS.get(type_)
    if model is None:
        raise not_found()
    return model


def _value(world: World, model: Any, row: Mapping[str, Any], field: Any) -> Any:
    if model is Ticket:
        return next((each["value"] for each in row["custom_fields"] if each["id"] == field), None)
    declared = world.store.get(_FIELDS[model], field)
    if declared is None:
        raise not_found()
    return row[_VALUES[model]].get(declared["key"])


_LABEL = "support.LookupRelationship"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "{}/{}/relationship_fields/{}/{}", _LABEL): sources,
    ("GET", "relationships/definitions/{}", _LABEL): define,
}

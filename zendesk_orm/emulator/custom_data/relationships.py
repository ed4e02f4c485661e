"""Lookup relationships: rows that refer to another row by a custom field.

Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.custom_data.custom_objects import check_object
from zendesk_orm.emulator.custom_data.triggers import list_object_fields
from zendesk_orm.emulator.definitions.fields import DefinedField, render_conditions
from zendesk_orm.emulator.definitions.tables import list_ticket_conditions
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import CustomObjectRecord, LookupRelationship, Organization, Ticket, User


_RECORD_PREFIX = "zen:custom_object:"
_MODELS: Mapping[str, Any] = {
    "zen:organization": Organization,
    "zen:ticket": Ticket,
    "zen:user": User,
}
#: Keys of the objects with the values of custom fields.
_VALUES = {
    Organization: "organization_fields",
    User: "user_fields",
    CustomObjectRecord: "custom_object_fields",
}
#: Labels of the custom fields of a model. Tickets have a list of fields by id instead.
_FIELDS = {
    Organization: "support.OrganizationField",
    User: "support.UserField",
    CustomObjectRecord: "support.CustomObjectField",
}


@route(
    "GET",
    "{target_type}/{target_id}/relationship_fields/{field_id}/{source_type}",
    LookupRelationship,
)
def list_sources(context: Context, request: Request, target: Target) -> Response:
    """Return the rows whose lookup field refers to the target.

    Raises:
        HTTPError: 404, if the type or the field does not exist.
    """
    _, pk, field, source_type = target.args
    model = _get_model(source_type)
    where = Where("state < ?", (DELETED,))
    if model is CustomObjectRecord:
        where &= where_equal("custom_object_key", str(source_type).removeprefix(_RECORD_PREFIX))
    rows = [
        row
        for row in context.store.select(model._meta.label, where)
        if str(_get_value(context, model, row, field)) == str(pk)
    ]
    body = {model._meta.plural: rows, "meta": {"has_more": False}, "links": {}}
    return Response(text=dump_json(body))


@route("GET", "relationships/definitions/{target_type}", LookupRelationship)
def show_definitions(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions that filters of a lookup field can use.

    Those of users and organizations are not documented; there are none.

    Raises:
        HTTPError: 404, if the type does not exist.
    """
    name = str(target.args[0])
    model = _get_model(name)
    fields: list[DefinedField] = []
    if model is Ticket:
        fields = list_ticket_conditions(context)
    elif model is CustomObjectRecord:
        fields = list_object_fields(
            context, check_object(context, name.removeprefix(_RECORD_PREFIX))
        )
    return Response(text=dump_json({"definitions": render_conditions(context, fields)}))


def _get_model(type_name: Any) -> Any:
    if str(type_name).startswith(_RECORD_PREFIX):
        return CustomObjectRecord
    model = _MODELS.get(type_name)
    if model is None:
        raise not_found()
    return model


def _get_value(context: Context, model: Any, row: Mapping[str, Any], pk: Any) -> Any:
    """Return the value of the custom field with an id."""
    if model is Ticket:
        return next((field["value"] for field in row["custom_fields"] if field["id"] == pk), None)
    field = context.store.get(_FIELDS[model], pk)
    if field is None:
        raise not_found()
    return row[_VALUES[model]].get(field["key"])

"""Triggers of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import bulk, resources
from zendesk_orm.emulator.custom_data.custom_objects import check_object, get_fields
from zendesk_orm.emulator.definitions.fields import (
    DefinedField,
    define_custom_field,
    describe_rows,
    render_conditions,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.rules import lists
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import AccessRule, CustomObject, ObjectTrigger


_META = ObjectTrigger._meta
#: Fields that bulk updates can change.
_WRITABLE = ("active", "position")
_GROUP = "custom_object"
_NAME = DefinedField("name", "Name", type="text", group=_GROUP)
_CREATOR = DefinedField(
    "created_by_user",
    "Created By",
    ("is", "matches"),
    "autocomplete",
    (("current_user", "(current user)"),),
    group=_GROUP,
    metadata=describe_rows("users"),
)


@route("GET", "custom_objects/{custom_object}/triggers/active", ObjectTrigger)
def list_active(context: Context, request: Request, target: Target) -> Response:
    """Return the active triggers of an object."""
    return lists.select_rules(
        context, request, target, _where_of_object(context, target) & lists.where_active("true")
    )


@route("GET", "custom_objects/{custom_object}/triggers/search", ObjectTrigger)
def search(context: Context, request: Request, target: Target) -> Response:
    """Return the triggers of an object whose title contains a text."""
    return lists.select_rules(context, request, target, _where_of_object(context, target))


@route("PUT", "custom_objects/{custom_object}/triggers/update_many", ObjectTrigger)
def update_many(context: Context, request: Request, target: Target) -> Response:
    """Update `active` and `position` of triggers.

    Raises:
        HTTPError: 404, if the object does not have one of the triggers.
    """
    path = {"custom_object": check_object(context, target.args[0])}
    rows = []
    for item in bulk.parse_rows(request, "triggers"):
        stored = resources.get(context, _META, item.get("id"), path)
        values = {name: item[name] for name in _WRITABLE if name in item}
        rows.append(resources.update(context, _META, stored, values).row)
    return _respond(rows)


@route("DELETE", "custom_objects/{custom_object}/triggers/destroy_many", ObjectTrigger)
def destroy_many(context: Context, request: Request, target: Target) -> Response:
    """Delete triggers.

    Raises:
        HTTPError: 404, if the object does not have one of the triggers.
    """
    path = {"custom_object": check_object(context, target.args[0])}
    for pk in request.get_ids():
        resources.delete(context, _META, resources.get(context, _META, pk, path))
    return Response(204)


@route("GET", "custom_objects/{custom_object}/triggers/definitions", ObjectTrigger)
@route("GET", "custom_objects/{custom_object}/access_rules/definitions", AccessRule)
def show_definitions(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions that triggers and access rules can use: the fields of the object."""
    key = check_object(context, target.args[0])
    fields = list_object_fields(context, key)
    if target.meta.label == AccessRule._meta.label:
        rules = render_conditions(context, (_CREATOR, _NAME, *fields))
        return Response(text=dump_json({"definitions": rules}))
    title = resources.get(context, CustomObject._meta, key).doc["title"]
    choices = (("Create", "Created"), ("Change", "Updated"))
    updated = DefinedField("update_type", title, ("is",), choices=choices, group=_GROUP)
    body = {
        "actions": [field.render_action(context) for field in fields],
        **render_conditions(context, (updated, _NAME, *fields)),
    }
    return Response(text=dump_json({"definitions": body}))


def list_object_fields(context: Context, key: str) -> list[DefinedField]:
    """Return the custom fields of an object, as conditions use them."""
    return [
        define_custom_field(f"custom_object.{key}.custom_fields.{name}", row, group=_GROUP)
        for name, row in get_fields(context, key).items()
    ]


def _where_of_object(context: Context, target: Target) -> Where:
    """Return the condition for the triggers of the object in the path."""
    return Where("parent = ?", (check_object(context, target.args[0]),))


def _respond(rows: list[dict[str, Any]]) -> Response:
    metadata = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Response(text=dump_json({"triggers": rows, **metadata}))

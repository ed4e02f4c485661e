"""Conditions for the rows that belong to the row named in a path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.rules import view_conditions
from zendesk_orm.emulator.server.routes import LOOKUPS, lookup
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_value,
    where_contains,
    where_equal,
    where_in,
    where_in_ignoring_case,
    where_in_rows,
)
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObject, CustomObjectRecord, Ticket, User, View


def where_belongs_to(context: Context, meta: Options, name: str, value: Any) -> Where:
    """Return the condition for the rows that belong to the row named in the path.

    Args:
        context: the account.
        meta: the options of the rows' model.
        name: the placeholder of the path.
        value: its value, usually an id.

    Raises:
        HTTPError: 404, if the row named in the path does not exist.
    """
    resources.check_path(context, meta, {name: value})
    if (meta.label, name) in LOOKUPS:
        return LOOKUPS[meta.label, name](context, value)
    relation = meta.relations.get(name)
    if name == meta.parent:
        return Where("parent = ?", (value,))
    if relation is not None:
        return where_equal(relation.id.wire, value)
    if name in meta.fields:
        return where_equal(meta.fields[name].wire, value)
    return _where_in_join(meta, name, value)


def where_field_in(meta: Options, name: str, texts: Iterable[str]) -> Where:
    """Return the condition that a field, or a relation, has one of the texts as its value.

    Texts are compared ignoring case if the field declares so.
    """
    relation, field = meta.relations.get(name), meta.fields.get(name)
    wire = relation.id.wire if relation else field.wire if field else name
    values: list[Any] = []
    for text in texts:
        values += [text, *([int(text)] if is_number(text) else [])]
        if text in ("true", "false"):
            values.append(int(text == "true"))
    if field is not None and field.kind.key is not None:
        return where_in_ignoring_case(json_value(wire), values)
    return where_in(json_value(wire), values)


def _where_in_join(meta: Options, name: str, value: Any) -> Where:
    """Return the condition for rows that a third model joins to a row, as memberships do."""
    for model in registry.models():
        relations = model._meta.relations
        if meta.singular in relations and name in relations:
            own_id, other_id = relations[meta.singular].id.wire, relations[name].id.wire
            where = Where("state < ?", (DELETED,)) & where_equal(other_id, value)
            return where_in_rows("id", model._meta.label, where, json_value(own_id))
    default = meta.relations.get(f"default_{name}")
    return where_equal(default.id.wire, value) if default else Where("0")


@lookup(Ticket, "view")
def _where_in_view(context: Context, pk: Any) -> Where:
    """Return the condition for the tickets of a view."""
    return view_conditions.compile_view(context, resources.get(context, View._meta, pk).doc)


@lookup(Ticket, "cc")
def _where_user_in_cc(context: Context, pk: Any) -> Where:
    """Return the condition for the tickets on which a user is copied."""
    resources.get(context, User._meta, pk)
    # Collaborators are copied users and followers.
    collaborates = where_contains("collaborator_ids", pk) & ~where_contains("follower_ids", pk)
    return where_contains("email_cc_ids", pk) | collaborates


@lookup(Ticket, "follower")
def _where_follower(context: Context, pk: Any) -> Where:
    """Return the condition for the tickets that a user follows."""
    resources.get(context, User._meta, pk)
    return where_contains("follower_ids", pk)


@lookup(CustomObjectRecord, "custom_object_key")
def _where_of_object(context: Context, key: Any) -> Where:
    """Return the condition for the records of a custom object."""
    resources.get(context, CustomObject._meta, key)
    return where_equal("custom_object_key", key)

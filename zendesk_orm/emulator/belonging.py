"""Which rows belong to the one that a path names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator import (
    account_memberships,
    account_merging,
    guide_lookups,
    people_memberships,
    plain,
    view_conditions,
)
from zendesk_orm.emulator.store import DELETED, Where, folded_among, value_of
from zendesk_orm.emulator.world import World, is_number
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObject, User, View


def belonging(world: World, meta: Options, name: str, value: Any) -> Where:
    """Return what holds for the rows that belong to the row named in the path."""
    plain.demand(world, meta, {name: value})
    if (meta.label, name) in LOOKUPS:
        return LOOKUPS[meta.label, name](world, value)
    relation = meta.relations.get(name)
    if name == meta.parent:
        return Where("parent = ?", (value,))
    if relation is not None:
        return Where(f"{value_of(relation.id.wire)} = ?", (value,))
    if name in meta.fields:
        return Where(f"{value_of(meta.fields[name].wire)} = ?", (value,))
    return _joined(meta, name, value)


def equal_to(meta: Options, name: str, wanted: Iterable[str]) -> Where:
    """Return the condition that a field, or a relation, has one of the given texts as its value.

    Texts are compared without regard to case if the field declares so.
    """
    relation, field = meta.relations.get(name), meta.fields.get(name)
    wire = relation.id.wire if relation else field.wire if field else name
    values: list[Any] = []
    for text in wanted:
        values += [text, *([int(text)] if is_number(text) else [])]
        if text in ("true", "false"):
            values.append(int(text == "true"))
    if field is not None and field.kind.key is not None:
        return folded_among(value_of(wire), values)
    marks = ", ".join("?" * len(values))
    return Where(f"{value_of(wire)} IN ({marks})", values)


def _joined(meta: Options, name: str, value: Any) -> Where:
    """Return what holds for rows that a third model joins to the named one, as memberships do."""
    for model in registry.models():
        relations = model._meta.relations
        if meta.singular in relations and name in relations:
            other = value_of(relations[name].id.wire)
            mine = value_of(relations[meta.singular].id.wire)
            sql = f"id IN (SELECT {mine} FROM rows WHERE kind = ? AND state < ? AND {other} = ?)"  # noqa: S608 - values are bound
            return Where(sql, (model._meta.label, DELETED, value))
    default = meta.relations.get(f"default_{name}")
    return Where(f"{value_of(default.id.wire)} = ?", (value,)) if default else Where("0")


def _in_view(world: World, pk: Any) -> Where:
    """Return what holds for the tickets of a view."""
    return view_conditions.held(world, plain.stored(world, View._meta, pk).doc)


def _copied(world: World, pk: Any) -> Where:
    """Return what holds for the tickets that a user is copied in on."""
    plain.stored(world, User._meta, pk)
    where = Where("0")
    for name in ("collaborator_ids", "email_cc_ids"):
        sql = f"EXISTS (SELECT 1 FROM json_each(doc, '$.{name}') WHERE value = ?)"  # noqa: S608 - values are bound
        where |= Where(sql, (pk,))
    return where


def _followed(world: World, pk: Any) -> Where:
    """Return what holds for the tickets that a user follows."""
    plain.stored(world, User._meta, pk)
    sql = "EXISTS (SELECT 1 FROM json_each(doc, '$.follower_ids') WHERE value = ?)"
    return Where(sql, (pk,))


def _of_object(world: World, key: Any) -> Where:
    """Return what holds for the records of a custom object."""
    plain.stored(world, CustomObject._meta, key)
    return Where(f"{value_of('custom_object_key')} = ?", (key,))


#: Lookups that no field holds, or that want more than a field that holds them, by model and name.
LOOKUPS: Mapping[tuple[str, str], Callable[[World, Any], Where]] = {
    **guide_lookups.LOOKUPS,
    ("support.CustomObjectRecord", "custom_object_key"): _of_object,
    ("support.Group", "user"): people_memberships.groups_of,
    ("support.Organization", "user"): account_memberships.organizations_of,
    ("support.OrganizationMerge", "organization"): account_merging.of_organization,
    ("support.Ticket", "view"): _in_view,
    ("support.Ticket", "cc"): _copied,
    ("support.Ticket", "follower"): _followed,
    ("support.User", "group"): people_memberships.of_group,
    ("support.User", "organization"): account_memberships.users_of,
}

"""Custom fields in queries: replaces the names that people use by those of an account.

`severity="Critical"` becomes `custom_fields__360001="sev_critical"` in one account, and something
else in another. Names are replaced before a query is planned, so that everything after that deals
with ids, keys and tags only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    Condition,
    Predicate,
    Subquery,
    conjuncts,
    has_custom_names,
    map_conditions,
)
from zendesk_orm.query.projection import Projection, custom_name_of, projects_custom_names
from zendesk_orm.schema import custom
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.options import Options


#: Finds the custom fields of a model in a scope: those of one custom object, for example.
Find = Callable[[Options, Mapping[str, Any]], Definitions]

_COMPARISONS = frozenset({"exact", "gt", "gte", "lt", "lte"})
_TEXT = frozenset({"contains", "startswith", "endswith", "regex"})


def resolve_where(predicate: Predicate, meta: Options, find: Find) -> Predicate:
    """Return a predicate with the account's ids, keys and tags of custom fields.

    Args:
        predicate: the predicate.
        meta: the options of the model.
        find: finds the custom fields; it may send a request.

    Raises:
        FieldError: the account has no such field, or several.
        InvalidValue: the field cannot have such a value.
    """

    def resolve(condition: Condition) -> Predicate:
        if isinstance(condition.value, Subquery):
            condition = evolve(condition, value=_resolve_subquery(condition.value, find))
        name = meta.custom_name(condition.name)
        if name is None:
            return condition
        return _resolve_condition(
            condition, meta, find_definitions(meta, predicate, find).find(name)
        )

    return map_conditions(predicate, resolve) if has_custom_names(predicate, meta) else predicate


def find_definitions(meta: Options, predicate: Predicate, find: Find) -> Definitions:
    """Return the custom fields of a query; of a custom object, if the predicate names one."""
    key = custom.scope_key(meta)
    names = (
        condition.value
        for condition in conjuncts(predicate)
        if isinstance(condition, Condition) and (condition.name, condition.op) == (key, "exact")
    )
    return find(meta, custom.scope(meta, next(names, None)))


def _resolve_condition(condition: Condition, meta: Options, definition: Definition) -> Condition:
    """Return the condition with the field's id or key, and with the tag of an option.

    Raises:
        FieldError: the field has no such lookup.
        InvalidValue: the field cannot have such a value.
    """
    op, value = condition.op, condition.value
    if isinstance(value, F):
        raise FieldError(f"{condition.name}: custom fields are not compared with other fields")
    if op == "in" and isinstance(value, tuple):
        value = tuple(definition.to_query_value(item) for item in value)
    elif op in _COMPARISONS:
        value = definition.to_query_value(value)
    elif op != "isnull" and not isinstance(value, Subquery):
        textual = op.removeprefix("i") in _TEXT or op == "iexact"
        if not textual or definition.chosen:
            raise FieldError(
                f"{condition.name} has no lookup {display(op)}: {definition.title} is a "
                f"{definition.type}"
            )
    return evolve(condition, name=_path(meta, definition), value=value)


def _path(meta: Options, definition: Definition) -> str:
    return f"{custom.holder(meta).name}__{definition.wire}"


def _resolve_subquery(subquery: Subquery, find: Find) -> Subquery:
    if subquery.query is not None:
        query = subquery.query.resolve_custom_fields(find)
        return evolve(subquery, where=query.where, query=query)
    predicate = resolve_where(subquery.where, subquery.model._meta, find)
    return evolve(subquery, where=predicate)


def resolve_order(name: str, meta: Options, find: Callable[[], Definitions]) -> str:
    """Return the name of a field to order by, with the account's id or key of a custom field."""
    custom_name = meta.custom_name(name.lstrip("-"))
    if custom_name is None:
        return name
    sign = "-" if name.startswith("-") else ""
    return sign + _path(meta, find().find(custom_name))


def resolve_projection(
    projection: Projection | None, meta: Options, find: Callable[[], Definitions]
) -> Projection | None:
    """Return a projection with the account's ids and keys of custom fields."""
    if projection is None or not projects_custom_names(projection, meta):
        return projection
    names = {path: custom_name_of(path, meta) for path in projection.paths}
    paths = tuple(
        path if (name := names[path]) is None else (path[0], str(find().find(name).wire))
        for path in projection.paths
    )
    pairs = zip(projection.names, projection.paths, strict=True)
    resolved = frozenset(name for name, path in pairs if names[path] is not None)
    return evolve(projection, paths=paths, custom=resolved)

"""Custom fields in a query: from what people call them to what an account calls them.

`severity="Critical"` asks for `custom_fields__360001="sev_critical"` in one account, and for
something else in another. It is settled before a query is planned, so that everything below
knows ids, keys and tags alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.errors import FieldError
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    Condition,
    Predicate,
    Subquery,
    conditions,
    conjuncts,
    replaced,
)
from zendesk_orm.query.shape import Shape
from zendesk_orm.schema import custom
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.options import Options


if TYPE_CHECKING:
    from zendesk_orm.query.query import Query

#: Finds the custom fields of a model, as far as a scope reaches: those of one custom object.
Find = Callable[[Options, Mapping[str, Any]], Definitions]

_COMPARED = frozenset({"exact", "gt", "gte", "lt", "lte"})
_TEXT = frozenset({"contains", "startswith", "endswith", "regex"})


def settled(query: Query, find: Find) -> Query:
    """Return the query in the words of an account; the same one where there is nothing to say.

    Args:
        query: what is asked.
        find: finds the custom fields, by a request if need be.

    Raises:
        FieldError: the account has no such field, or several.
        InvalidValue: the field cannot have such a value.
    """
    meta: Options = query.meta
    where = settled_where(query.where, meta, find)
    found = partial(_found, meta, query.where, find)
    order = tuple(_ordered(name, meta, found) for name in query.order)
    shape, distinct = (_shaped(each, meta, found) for each in (query.shape, query.distinct))
    if (where, order, shape, distinct) == (query.where, query.order, query.shape, query.distinct):
        return query
    return evolve(query, where=where, order=order, shape=shape, distinct=distinct)


def settled_where(where: Predicate, meta: Options, find: Find) -> Predicate:
    """Return a predicate in the words of an account; see `settled()`."""

    def settle(condition: Condition) -> Predicate:
        if isinstance(condition.value, Subquery):
            condition = evolve(condition, value=_subquery(condition.value, find))
        name = meta.custom_name(condition.name)
        if name is None:
            return condition
        return _said(condition, meta, _found(meta, where, find).find(name))

    return replaced(where, settle) if unsettled(where, meta) else where


def unsettled(where: Predicate, meta: Options) -> bool:
    """Tell whether a predicate names what only the account knows."""
    return any(
        meta.custom_name(each.name) is not None
        or (isinstance(each.value, Subquery) and _unsettled(each.value))
        for each in conditions(where)
    )


def _unsettled(asked: Subquery) -> bool:
    query = asked.query
    if query is not None and (query.order or query.distinct or query.shape):
        # Names stand there, too, and settling them costs nothing where there is nothing to say.
        return True
    return unsettled(asked.where, asked.model._meta)


def _found(meta: Options, where: Predicate, find: Find) -> Definitions:
    """Return the custom fields of a query: of the custom object that it names, if need be."""
    key = custom.scope_key(meta)
    named = [
        each.value
        for each in conjuncts(where)
        if isinstance(each, Condition) and (each.name, each.op) == (key, "exact")
    ]
    return find(meta, custom.scope(meta, next(iter(named), None)))


def _said(condition: Condition, meta: Options, definition: Definition) -> Condition:
    """Return the condition with the field's id or key, and with the tag of an option.

    Raises:
        FieldError: the field has no such lookup.
        InvalidValue: it cannot have such a value.
    """
    op, value = condition.op, condition.value
    if isinstance(value, F):
        raise FieldError(f"{condition.name}: custom fields are not compared with other fields")
    if op == "in" and isinstance(value, tuple):
        value = tuple(definition.asked(each) for each in value)
    elif op in _COMPARED:
        value = definition.asked(value)
    elif op != "isnull" and not isinstance(value, Subquery):
        textual = op.removeprefix("i") in _TEXT or op == "iexact"
        if not textual or definition.chosen:
            raise FieldError(
                f"{condition.name} has no lookup {op!r}: {definition.title} is a {definition.type}"
            )
    return evolve(condition, name=_path(meta, definition), value=value)


def _path(meta: Options, definition: Definition) -> str:
    return f"{custom.holder(meta).name}__{definition.wire}"


def _subquery(asked: Subquery, find: Find) -> Subquery:
    if asked.query is not None:
        whole = settled(asked.query, find)
        return evolve(asked, where=whole.where, query=whole)
    return evolve(asked, where=settled_where(asked.where, asked.model._meta, find))


def _ordered(name: str, meta: Options, found: Callable[[], Definitions]) -> str:
    known_as = meta.custom_name(name.lstrip("-"))
    if known_as is None:
        return name
    sign = "-" if name.startswith("-") else ""
    return sign + _path(meta, found().find(known_as))


def _shaped(shape: Shape | None, meta: Options, found: Callable[[], Definitions]) -> Shape | None:
    """Return a shape whose values lie under ids and keys; declared fields are read as such."""
    if shape is None:
        return None
    paths = tuple(
        path
        if path[0] in meta.declared or (name := meta.custom_name("__".join(path))) is None
        else (path[0], str(found().find(name).wire))
        for path in shape.paths
    )
    return shape if paths == shape.paths else evolve(shape, paths=paths)

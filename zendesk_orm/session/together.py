"""Queries that read several rows together, and whether Zendesk has a request for them."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import Condition, Predicate, both, replaced
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import Record


def below_parent(record: Record, where: Predicate) -> Predicate:
    """Return a condition together with the values that the path of a record names beside its id."""
    meta, row = record._meta, record._row
    for name, value in meta.named({wire: row.get(wire) for wire in meta.place}).items():
        where = both(Condition(name, "exact", value), where)
    return where


def can_read_together(record: Record) -> bool:
    """Return whether Zendesk has a request for several rows such as a record, by their ids."""
    where = below_parent(record, Condition("id", "in", _two(record.pk)))
    return _has_endpoint(Query(type(record), where, together=True))


def prefetch_remedy(query: Query, name: str, by: str) -> str:
    """Return the call that reads a relation of many objects with fewer requests, or "".

    Args:
        query: reads the relation of one object.
        name: the relation.
        by: the relation back, by which the rows are found; "" if they are found otherwise.
    """
    # Rows that an object lists by their ids are read by ids for many objects, too.
    by = by or ("id" if query.id_order else "")

    def of_two(condition: Condition) -> Predicate:
        value = condition.value
        first = value[0] if isinstance(value, tuple) else value
        return Condition(by, "in", _two(first)) if condition.name == by else condition

    if by and by != "id" and by not in query.meta.relations:
        return ""
    together = evolve(query, where=replaced(query.where, of_two), id_order=())
    return f"prefetch_related({name!r})" if not by or _has_endpoint(together) else ""


def _two(pk: Any) -> tuple[Any, Any]:
    """Return an id and another one of its type."""
    return (pk, 0 if isinstance(pk, int) else "0")


def _has_endpoint(query: Query) -> bool:
    try:
        plan(query)
    except NoEndpoint:
        return False
    return True

"""Plans queries, and caches the plans by the shape of the query.

Two queries have the same shape if they differ only in values that cannot lead to another plan:
`status="new"` and `status="open"`, but not `subject="new"` and `subject='"'`, which no search
text can contain. A template holds a plan without values, so that the cache contains no data.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen
from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.errors import NoEndpoint, RequestBudgetExceeded
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.plan.selection import select_count_plan, select_plan, select_single_plan
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    And,
    Condition,
    Not,
    Predicate,
    conditions,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import PLAIN_WORD
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options


#: The most shapes whose plans are cached.
MAX_TEMPLATES = 1024

#: The attributes of a query, other than the predicate, that its plan depends on.
SHAPE_ATTRIBUTES = (
    "model",
    "order",
    "start",
    "stop",
    "related",
    "fresh",
    "page_size",
    "scan",
    "scan_limit",
    "streamed",
    "together",
)
_shape_values = attrgetter(*SHAPE_ATTRIBUTES)
#: The attributes that the query of a plan may have other values for than the planned query.
_PLANNED_ATTRIBUTES = ("start", "stop", "budget", "scan", "scan_limit")

#: A predicate without conditions: the number of a condition, or a class and its parts.
_Slots = Any

P = TypeVar("P", bound="Plan | UnionPlan | None")
T = TypeVar("T")


def plan(query: Query) -> Plan | UnionPlan:
    """Return the best plan for a query.

    Raises:
        NoEndpoint: no endpoint can answer the query; the message lists the reasons.
        RequestBudgetExceeded: the plan needs more requests than `max_requests()` allows.
    """
    chosen = _get_or_select(select_plan, query)
    if query.budget is not None and chosen.requests > query.budget:
        raise RequestBudgetExceeded(
            f"{query}: {chosen.title} takes about {chosen.requests} requests, "
            f"{query.budget} are allowed; slice the query or allow more"
        )
    return chosen


def plan_one(query: Query) -> Plan:
    """Return the best plan that uses one endpoint.

    Raises:
        NoEndpoint: no endpoint can answer the query.
    """
    return _get_or_select(select_single_plan, query)


def plan_count(query: Query) -> Plan | None:
    """Return the plan that requests only the number of rows; None if no endpoint returns it."""
    return _get_or_select(
        select_count_plan, evolve(query, order=(), related=(), start=0, stop=None)
    )


def _get_or_select(select: Callable[[Query], P], query: Query) -> P:
    """Return the result of a function that selects a plan, from the cache if possible."""
    if query.as_of is not None:
        raise NoEndpoint(
            f"{query}: Zendesk returns present values only; use the as_of() of a ticket, or "
            "query a Mirror that has a history: using('mirror').as_of(moment)"
        )
    key = None if query.nothing else query_shape(query)
    if key is None:
        return select(query)
    template = TEMPLATES.get((select, key))
    if template is not None:
        return template.bind(query)  # type: ignore[return-value] # it was made of the same type
    chosen = select(query)
    template = _Template.of(chosen, query)
    if template is not None:
        TEMPLATES.put((select, key), template)
    return chosen


class TemplateCache(Generic[T]):
    """The templates of the shapes that were used last; safe to use from several threads."""

    def __init__(self, maxsize: int) -> None:
        self._templates: LRUCache[Hashable, T] = LRUCache(maxsize)
        self._lock = fork.Lock()

    def __len__(self) -> int:
        return len(self._templates)

    def get(self, key: Hashable) -> T | None:
        """Return the template of a shape, or None."""
        with self._lock:
            return self._templates.get(key)

    def put(self, key: Hashable, template: T) -> None:
        """Add the template of a shape, and drop the one that was not used for the longest time."""
        with self._lock:
            self._templates[key] = template

    def clear(self) -> None:
        """Drop all templates."""
        with self._lock:
            self._templates.clear()


TEMPLATES: TemplateCache[_Template] = TemplateCache(MAX_TEMPLATES)


@frozen(eq=False)
class _Part:
    """A plan without its query and its values.

    Attributes:
        endpoint, sorts_rows, includes, prefetched: see `Plan`.
        pushed, residual: the predicates of the plan, with numbers instead of conditions.
        predicate: the predicate of the plan's query; None if it is that of the planned query.
        changes: further attributes of the plan's query that differ.
    """

    endpoint: Endpoint
    pushed: _Slots
    residual: _Slots
    sorts_rows: bool
    includes: tuple[str, ...]
    prefetched: tuple[str, ...]
    where: _Slots
    changes: Mapping[str, Any]

    def bind(self, query: Query, leaves: tuple[Condition, ...]) -> Plan:
        """Return the plan for a query of the same shape, whose conditions are `leaves`."""
        if self.where is not None:
            query = evolve(query, where=_fill(self.where, leaves), **self.changes)
        elif self.changes:
            query = evolve(query, **self.changes)
        return Plan(
            query,
            self.endpoint,
            _fill(self.pushed, leaves),
            _fill(self.residual, leaves),
            self.sorts_rows,
            includes=self.includes,
            prefetched=self.prefetched,
        )


@frozen(eq=False)
class _Template:
    """The plan of a query shape, without values.

    Attributes:
        parts: the plans.
        union_changes: the attributes of the union's query that differ; None for a single plan.
    """

    parts: tuple[_Part, ...]
    union_changes: Mapping[str, Any] | None

    @classmethod
    def of(cls, chosen: Plan | UnionPlan | None, query: Query) -> _Template | None:
        """Return the template of a plan, or None if it contains values that were computed."""
        leaves = {id(leaf): number for number, leaf in enumerate(conditions(query.where))}
        is_union = isinstance(chosen, UnionPlan)
        plans = chosen.plans if isinstance(chosen, UnionPlan) else (chosen,)
        try:
            parts = tuple(_part(part, query, leaves) for part in plans if part is not None)
        except KeyError:
            return None
        changes = _changes(chosen.query, query) if chosen is not None and is_union else None
        return cls(parts, changes) if parts else None

    def bind(self, query: Query) -> Plan | UnionPlan:
        """Return the plan for a query of the same shape."""
        where = query.where
        leaves = (where,) if isinstance(where, Condition) else tuple(conditions(where))
        if self.union_changes is None:
            return self.parts[0].bind(query, leaves)
        plans = tuple(part.bind(query, leaves) for part in self.parts)
        return UnionPlan(evolve(query, **self.union_changes), plans)


def _part(chosen: Plan, query: Query, leaves: Mapping[int, int]) -> _Part:
    """Return a plan without its values.

    Raises:
        KeyError: a condition of the plan is not one of the query.
    """
    same = chosen.query.where is query.where
    return _Part(
        chosen.endpoint,
        _slots(chosen.pushed, leaves),
        _slots(chosen.residual, leaves),
        chosen.sorts_rows,
        chosen.includes,
        chosen.prefetched,
        None if same else _slots(chosen.query.where, leaves),
        _changes(chosen.query, query),
    )


def _changes(of: Query, query: Query) -> dict[str, Any]:
    """Return the attributes of a plan's query that differ from those of the planned query."""
    pairs = ((name, getattr(of, name)) for name in _PLANNED_ATTRIBUTES)
    return {name: value for name, value in pairs if value != getattr(query, name)}


def _slots(where: Predicate, leaves: Mapping[int, int]) -> _Slots:
    """Return a predicate with the numbers of its conditions in their place."""
    if isinstance(where, Condition):
        return leaves[id(where)]
    if isinstance(where, Not):
        return Not, _slots(where.part, leaves)
    return type(where), tuple(_slots(part, leaves) for part in where.parts)


def _fill(slots: _Slots, leaves: tuple[Condition, ...]) -> Predicate:
    """Return the predicate with conditions in the place of their numbers."""
    if type(slots) is int:
        return leaves[slots]
    kind, parts = slots
    if kind is Not:
        return Not(_fill(parts, leaves))
    if not parts and kind is And:
        return EVERY_ROW
    filled: Predicate = kind(tuple(_fill(part, leaves) for part in parts))
    return filled


# -- shapes ------------------------------------------------------------------


def query_shape(query: Query) -> Hashable | None:
    """Return the key of all queries with the same plan, or None if the plan is not cached."""
    predicate = _shape(query.where, query.meta, set())
    if predicate is None:
        return None
    return predicate, _shape_values(query)


def _shape(predicate: Predicate, meta: Options, compared: set[tuple[str, str]]) -> Hashable | None:
    """Return the shape of a predicate, or None if its plan may depend on values.

    Args:
        predicate: the predicate.
        meta: the options of the model.
        compared: the fields and lookups of the conditions before it. Two conditions with the same
            may be merged or exclude each other, depending on their values.
    """
    if isinstance(predicate, Condition):
        op = predicate.op
        comparison = (predicate.name, "in" if op == "exact" else op)
        kind = _value_kind(predicate, meta)
        if kind is None or comparison in compared:
            return None
        compared.add(comparison)
        return predicate.name, op, kind
    if isinstance(predicate, Not):
        inner = _shape(predicate.part, meta, compared)
        return None if inner is None else (Not, inner)
    parts = []
    for part in predicate.parts:
        shape = _shape(part, meta, compared)
        if shape is None:
            return None
        parts.append(shape)
    return type(predicate), tuple(parts)


def _value_kind(condition: Condition, meta: Options) -> Hashable | None:
    """Return the property of a value that plans depend on, or None if that is the value itself."""
    value = condition.value
    if type(value) is not tuple:
        return _kind(value)
    try:
        distinct = len(set(value))
    except TypeError:
        return None
    if set(map(type, value)) == {int} and min(value) >= 0:
        # Ids, of which there may be thousands.
        kinds = {_kind(1)}
    else:
        kinds = {_kind(item) for item in value}
    if len(kinds) != 1 or None in kinds:
        return None
    if isinstance(value[0], str):
        # Values that Zendesk does not distinguish are merged.
        key = column(meta.get_field(condition.name)).key
        distinct = len({key(item) for item in value})
    return (*kinds, distinct) if 1 < distinct == len(value) else None


def _kind(value: Any) -> Hashable | None:
    kind = type(value)
    if kind is str:
        # Texts with quotes, commas, wildcards or outer blanks are treated in many ways.
        words = value.split(" ")
        return (str, len(words)) if all(map(PLAIN_WORD.fullmatch, words)) else None
    if kind is int:
        return int, value < 0
    if kind is bool:
        return bool, value
    if kind is datetime:
        return None if value.microsecond else datetime
    return kind.__name__ if kind in (date, time) else None

"""`Query`: a query as one frozen value."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display, shorten
from zendesk_orm.query.columns import ALL_COLUMNS, ColumnSelection
from zendesk_orm.query.custom import (
    Find,
    find_definitions,
    resolve_order,
    resolve_projection,
    resolve_where,
)
from zendesk_orm.query.dates import RelativeTime
from zendesk_orm.query.f import F
from zendesk_orm.query.keywords import EXPORT_LOOKUP
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    MAX_LISTED,
    Predicate,
    Subquery,
    Term,
    alternatives,
    as_term,
    conditions,
    conjoin,
    conjuncts,
    format_predicate,
    has_custom_names,
    intersect_values,
)
from zendesk_orm.query.projection import Projection, projects_custom_names, relations_of
from zendesk_orm.query.q import Q
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.fields import Ref, column
from zendesk_orm.schema.options import Options


@frozen(repr=False)
class Query:
    """The rows of a model that a QuerySet stands for, and how they are read.

    Attributes:
        model: the model class.
        where: the predicate.
        order: fields to order by, `-` for descending; () for the default order of the endpoint.
        id_order: ids in the order of the rows, if `order` is empty.
        start, stop: the bounds of the slice; `stop` is None if it has no end.
        related: relations to side-load.
        embedded: relations to many whose rows are nested in each row, if the endpoint can.
        fresh: True to avoid the lag of the search index, which excludes archived rows.
        page_size: rows per page, or None for the best size.
        budget: the most requests that reading may take, or None.
        scan: True if more rows may be read than match, to filter them client-side.
        scan_limit: the most rows of a scan, or None.
        streamed: True if rows are read once and not kept.
        together: True to request a list of ids as a list, even if it contains one id.
        strict: True if accessing an attribute of a row must not send a request.
        origin: for the related rows of one object, its model, the relation, and the relation
            back; None for other rows.
        projection: the form in which rows are returned; None for objects.
        distinct: the values of which only the first row is returned; None for all rows.
        nothing: True for `none()`.
        resumed: the token by which an earlier iteration is continued, or None.
        moment: the time that relative times refer to, in seconds since the epoch; None for the
            time at which the rows are read.
        as_of: the moment whose rows are read, from a mirror; None for the present ones.
        columns: the fields that a database reads; Zendesk sends complete rows.
        owners: the accounts of the objects that were passed as values; the query can be sent to
            their account only.
    """

    model: Any
    where: Predicate = EVERY_ROW
    order: tuple[str, ...] = ()
    id_order: tuple[Any, ...] = ()
    start: int = 0
    stop: int | None = None
    related: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    fresh: bool = False
    page_size: int | None = None
    budget: int | None = None
    scan: bool = False
    scan_limit: int | None = None
    streamed: bool = False
    together: bool = False
    strict: bool = False
    origin: tuple[str, str, str] | None = None
    projection: Projection | None = None
    distinct: Projection | None = None
    nothing: bool = field(default=False)
    resumed: Any = None
    moment: float | None = field(default=None, eq=False)
    as_of: datetime | None = None
    columns: ColumnSelection = field(default=ALL_COLUMNS, eq=False, repr=False)
    owners: tuple[Any, ...] = field(default=(), eq=False, repr=False)

    @classmethod
    def of(cls, model: Any) -> Query:
        """Return the query for all rows of a model, in the model's order."""
        query = cls(model).order_by(model._meta.ordering)
        lookups: dict[str, Any] = model._meta.filter
        return query.filter(Q(**lookups)) if lookups else query

    @cached_property
    def meta(self) -> Options:
        """The model's options."""
        options: Options = self.model._meta
        return options

    @property
    def source(self) -> Query:
        """The query whose rows are read, if some of these are then chosen or sorted client-side."""
        if self.distinct is not None:
            query = evolve(self, distinct=None, projection=None, columns=ALL_COLUMNS)
            query = evolve(query, start=0, stop=None)
            return query.select_related(relations_of(self.meta, self.distinct.names)).source
        if self.id_order and not self.order:
            return evolve(self, id_order=(), start=0, stop=None)
        return self

    @property
    def rows(self) -> int | None:
        """The number of rows in the window, or None if it has no end."""
        return None if self.stop is None else self.stop - self.start

    @property
    def windowed(self) -> bool:
        """Whether the query was sliced."""
        return self.start > 0 or self.stop is not None

    # -- the predicate -------------------------------------------------------

    @cached_property
    def alternatives(self) -> tuple[tuple[Term, ...], ...] | None:
        """The satisfiable alternatives of the predicate, or None if there are too many."""
        normal = alternatives(self.where)
        if normal is None:
            return None
        lists = {field.name for field in self.meta.get_fields() if field.kind.absent is not None}
        merged = (intersect_values(terms, lists, self._comparable) for terms in normal)
        return tuple(terms for terms in merged if terms is not None)

    def _comparable(self, name: str, value: Any) -> Any:
        return column(self.meta.get_field(name)).key(value)

    @cached_property
    def terms(self) -> tuple[Term, ...] | None:
        """The terms of the predicate, or None if it has several alternatives."""
        several = self.alternatives
        return several[0] if several is not None and len(several) == 1 else None

    @cached_property
    def conjuncts(self) -> tuple[Term, ...]:
        """The terms that every row matches; there may be alternatives in addition."""
        if self.terms is not None or self.alternatives == ():
            return self.terms or ()
        return tuple(filter(None, (as_term(part) for part in conjuncts(self.where))))

    @cached_property
    def empty(self) -> bool:
        """Whether no row can match, so that no request is needed."""
        return self.nothing or self.alternatives == ()

    @cached_property
    def ids(self) -> tuple[Any, ...] | None:
        """The ids to which the predicate restricts the rows, or None."""
        return self.values_of("id") or None

    def named_ids(self, extra: Collection[str] = ()) -> tuple[Any, ...] | None:
        """Return the ids of all rows, or None if the predicate contains other conditions.

        Args:
            extra: fields and relations that the predicate may also compare, because the path to
                the rows contains them.
        """
        terms = None if self.windowed or self.nothing else self.terms
        for term in terms or ():
            condition = term.condition
            plain = not isinstance(condition.value, (F, Subquery)) and not term.negated
            ops = ("exact", "in") if condition.name == "id" else ("exact",)
            if not plain or condition.op not in ops or condition.name not in ("id", *extra):
                return None
        return self.ids if terms else None

    def embedded_by(self, includes: Collection[str]) -> tuple[str, ...]:
        """Return the relations to many whose rows an endpoint nests in each row."""
        return tuple(name for name in self.embedded if name in includes)

    def values_of(self, name: str) -> tuple[Any, ...]:
        """Return the values to which the predicate restricts a field; () if it does not."""
        for term in self.conjuncts:
            condition = term.condition
            if condition.name != name or term.negated or condition.op not in ("exact", "in"):
                continue
            if isinstance(condition.value, tuple):
                return condition.value
            # Only explain() passes subqueries: when rows are read, their values are known.
            if not isinstance(condition.value, F):
                return (condition.value,)
        return ()

    @cached_property
    def exact_values(self) -> Mapping[str, Any]:
        """The values that the predicate compares exactly, by field."""
        return {
            term.condition.name: term.condition.value
            for term in self.conjuncts
            if term.condition.op == "exact"
            and not term.negated
            and not isinstance(term.condition.value, F)
        }

    # -- values that are known when the query is read ------------------------

    @cached_property
    def has_custom_names(self) -> bool:
        """Whether the query names custom fields by names that only the account knows."""
        meta, projections = self.meta, (self.projection, self.distinct)
        return (
            has_custom_names(self.where, meta)
            or any(meta.custom_name(name.lstrip("-")) is not None for name in self.order)
            or any(
                projection and projects_custom_names(projection, meta) for projection in projections
            )
        )

    def resolve_custom_fields(self, find: Find) -> Query:
        """Return the query with the account's ids, keys and tags of custom fields.

        Args:
            find: a function that finds the custom fields of a model; it may send a request.

        Raises:
            FieldError: the account has no such field, or several.
            InvalidValue: the field cannot have such a value.
        """
        if not self.has_custom_names:
            return self
        meta = self.meta
        definitions = partial(find_definitions, meta, self.where, find)
        return evolve(
            self,
            where=resolve_where(self.where, meta, find),
            order=tuple(resolve_order(name, meta, definitions) for name in self.order),
            projection=resolve_projection(self.projection, meta, definitions),
            distinct=resolve_projection(self.distinct, meta, definitions),
        )

    @cached_property
    def has_deferred_values(self) -> bool:
        """Whether there are subqueries or relative times, whose values are not known yet."""
        deferred = (Subquery, RelativeTime)
        return any(isinstance(condition.value, deferred) for condition in conditions(self.where))

    def inner_query(self, subquery: Subquery) -> Query:
        """Return the query of a subquery; `scan()` applies to subqueries, too."""
        inner: Query = subquery.query or Query(subquery.model, subquery.where)
        if inner.projection is not None:
            # The bare value: a query of one column stands for its values.
            inner = evolve(inner, projection=evolve(inner.projection, style="flat"))
        return evolve(inner, scan=True, scan_limit=self.scan_limit) if self.scan else inner

    @cached_property
    def is_export(self) -> bool:
        """Whether the rows are changes since a moment, so that a row can have several versions."""
        return any(condition.name == EXPORT_LOOKUP for condition in conditions(self.where))

    # -- derived queries -----------------------------------------------------

    def filter(self, q: Q, *, negated: bool = False) -> Query:
        """Return the query with a further condition."""
        where = (~q if negated else q).resolve(self.model)
        owners = tuple(owner for condition in conditions(where) for owner in condition.owners)
        return evolve(self, where=conjoin(self.where, where), owners=(*self.owners, *owners))

    def order_by(self, names: tuple[str, ...]) -> Query:
        """Return the query with another order.

        Raises:
            FieldError: the model has no such field, or its values have no order.
        """
        order = []
        for name in map(require_name, names):
            plain = name.lstrip("-+")
            if plain.partition("__")[0] in self.meta.relations and "__" in plain:
                raise FieldError(
                    f"order_by({display(name)}): rows are ordered by fields of "
                    f"{self.meta.object_name} itself; sort them with sorted(rows, key=...)"
                )
            field = column(self.meta.get_field(plain))
            if not field.kind.is_ordered:
                raise FieldError(
                    f"order_by({display(name)}): lists and objects have no order; order by a "
                    "value inside, such as via__channel, or sort with sorted(rows, key=...)"
                )
            order.append(f"-{field.name}" if name.startswith("-") else field.name)
        return evolve(self, order=tuple(order), id_order=())

    def select_related(self, names: tuple[str, ...]) -> Query:
        """Return the query with further relations to side-load.

        Raises:
            FieldError: the model has no such relation.
        """
        for name in map(require_name, names):
            if name not in self.meta.relations:
                raise FieldError(self._explain_unrelated(name))
        return evolve(self, related=tuple(dict.fromkeys((*self.related, *names))))

    def _explain_unrelated(self, name: str) -> str:
        """Return what to use instead of a name that `select_related()` does not accept.

        Raises:
            FieldError: a part of the name is neither a relation nor a field.
        """
        model: Any = self.model
        parts, path = name.split("__"), []
        while parts:
            relation: Any = model._meta.relations.get(parts[0]) or getattr(model, parts[0], None)
            if not isinstance(relation, Ref) and not hasattr(relation, "target"):
                break
            model = relation.model
            path.append(parts.pop(0))
        if not parts:
            return (
                f"select_related() reads one object each, of {self.meta.object_name} itself; "
                f"use prefetch_related({display(name)})"
            )
        last = "__".join(parts)
        model._meta.get_field(last)
        problem = f"{last} is not a relation of {model.__name__}"
        if not path:
            return problem
        method = "select" if len(path) == 1 and path[0] in self.meta.relations else "prefetch"
        return (
            f"{problem}; use {method}_related({display('__'.join(path))}), which reads all fields"
        )

    def slice(self, start: int, stop: int | None) -> Query:
        """Return the query for a slice of its window."""
        low = self.start + start
        high = self.stop if stop is None else self.start + stop
        if self.stop is not None and high is not None:
            high = min(high, self.stop)
        # As Python does; longer numbers cannot be written.
        low, high = min(low, sys.maxsize), None if high is None else min(high, sys.maxsize)
        if high is not None and high <= low:
            return evolve(self, start=low, stop=low, nothing=True)
        return evolve(self, start=low, stop=high)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {shorten(str(self))}>"

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, max_listed: int | None = MAX_LISTED) -> str:
        """Return the query in words.

        Args:
            max_listed: the number of values of a list that are shown; None for all.
        """
        parts = [format_predicate(self.where, max_listed)] if self.where != EVERY_ROW else []
        if self.order:
            parts.append(f"order by {', '.join(self.order)}")
        if self.windowed:
            parts.append(f"rows {self.start}:{'' if self.stop is None else self.stop}")
        if self.projection is not None:
            parts.append(f"only {', '.join(self.projection.names)}")
        if self.distinct is not None:
            parts.append(f"distinct {', '.join(self.distinct.names)}")
        if self.fresh:
            parts.append("fresh")
        if self.as_of is not None:
            parts.append(f"as of {self.as_of.isoformat()}")
        return f"{self.meta.object_name}: {'; '.join(parts) or 'all'}"

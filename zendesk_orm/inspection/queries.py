"""Queries in a program: the scopes for reading them, and their rows."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from contextlib import suppress
from operator import and_, or_, xor
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ZendeskError
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.sampling import call_with_samples, narrow, to_python
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Condition,
    Items,
    Literal,
    Prefetcher,
    Row,
    Rows,
    Value,
)
from zendesk_orm.plan.scopes import Needs
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.prefetching import Prefetch


@frozen
class Arguments:
    """The arguments of a call, with one possible value for each.

    Attributes:
        places: the positional arguments.
        keywords: the keyword arguments.
        has_unknown: whether other arguments may exist: `*args`, `**kwargs`.
    """

    places: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(factory=dict)
    has_unknown: bool = False

    def all(self) -> Iterable[Value]:
        """Return all arguments."""
        return [*self.places, *self.keywords.values()]

    def text(self, place: int, name: str) -> str | None:
        """Return an argument that is a string literal, or None."""
        value = self.places[place] if place < len(self.places) else self.keywords.get(name)
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


class Queries:
    """A program whose queries are followed; subclasses follow everything else."""

    def __init__(self) -> None:
        self.has_batch = False
        self.changes: list[tuple[ast.AST, Any, tuple[Verb, ...]]] = []

    def require(self, scopes: Needs, node: ast.AST) -> None:
        """Record the scopes that a place of the program needs."""
        raise NotImplementedError

    def report_unclear(self, reason: str, node: ast.AST) -> None:
        """Record a place whose scopes are unknown."""
        raise NotImplementedError

    def invoke(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Follow a function of the program, and return its results."""
        raise NotImplementedError

    def call(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a call."""
        raise NotImplementedError

    # -- queries -------------------------------------------------------------

    def read(self, rows: Rows, node: ast.AST) -> list[Value]:
        """Record that rows are read, and return one of them."""
        self._require_rows(rows, rows.queryset.query, node)
        return [self._make_row(rows)]

    def _make_row(self, rows: Rows) -> Value:
        """Return a row of a query."""
        query = rows.queryset.query
        if query.projection is not None:
            return UNKNOWN
        return UNKNOWN if query.meta.discriminator else Row(query.model, rows.model)

    def _require_rows(
        self, rows: Rows, query: Query, node: ast.AST, *, counts: bool = False
    ) -> None:
        """Record that the rows of a query are read or counted."""
        if rows.uncertain:
            self.require(operations.READ_ALL, node)
            return
        self.require(
            operations.scopes_for_count(query) if counts else operations.scopes_for_query(query),
            node,
        )
        if query.meta.declared:
            self.require(operations.scopes_for_custom_fields(query.model), node)
        for prefetch in rows.queryset._prefetch_related_lookups:
            self._require_relations(query.model, prefetch.lookup, prefetch.queryset, node)

    def _require_relations(self, model: Any, lookup: str, queryset: Any, node: ast.AST) -> None:
        """Record that relations are read along with rows."""
        names = lookup.split("__")
        for place, name in enumerate(names, 1):
            base = queryset.query if queryset is not None and place == len(names) else None
            model, scopes = operations.scopes_for_relation(model, name, base)
            self.require(scopes, node)
            if model is None:
                return

    def _chain(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> Rows:
        """Return the result of a chained method; an uncertain query if the method fails."""
        queryset: Any = rows.queryset
        if arguments.has_unknown:
            self.report_unclear(f"the arguments of {name}() are unknown", node)
            return evolve(rows, uncertain=True)
        try:
            if name in ("filter", "exclude"):
                lookups = self._without_custom(rows, arguments.keywords, node)
                chained = narrow(queryset, name, arguments.places, lookups)
            elif name == "prefetch_related":
                chained = queryset.prefetch_related(*map(self._make_prefetch, arguments.places))
            else:
                places = self._without_names(rows, name, arguments.places, node)
                words = {k: to_python(value) for k, value in arguments.keywords.items()}
                chained = call_with_samples(
                    getattr(queryset, name), [*map(to_python, places)], words
                )
        except (ZendeskError, TypeError, ValueError, AttributeError) as error:
            self.report_unclear(
                f"{name}() of {queryset.model.__name__}: {error}".split("\n")[0], node
            )
            return evolve(rows, uncertain=True)
        return evolve(rows, queryset=chained, is_super=False)

    def _without_custom(
        self, rows: Rows, lookups: Mapping[str, Value], node: ast.AST
    ) -> Mapping[str, Value]:
        """Return lookups without those of custom fields that the program declares."""
        if rows.model is None:
            return lookups
        custom = {name for name in lookups if rows.model.find(name.partition("__")[0])}
        if custom:
            # They are searched by the titles that the account has for them.
            self.require(operations.scopes_for_custom_fields(rows.queryset.query.model), node)
            self.require(operations.READ_ALL, node)
        return {name: value for name, value in lookups.items() if name not in custom}

    def _without_names(
        self, rows: Rows, name: str, places: tuple[Value, ...], node: ast.AST
    ) -> tuple[Value, ...]:
        """Return names of fields without those of custom fields that the program declares."""
        if rows.model is None or name not in ("order_by", "values", "values_list", "distinct"):
            return places
        names = [item.value if isinstance(item, Literal) else "" for item in places]
        is_custom = [rows.model.find(str(item).lstrip("-").partition("__")[0]) for item in names]
        if any(is_custom):
            self.require(operations.scopes_for_custom_fields(rows.queryset.query.model), node)
        # Another field represents them, except in an order.
        instead = () if name == "order_by" else (Literal("id"),)
        pairs = zip(places, is_custom, strict=True)
        return tuple(
            name_ for item, is_removed in pairs for name_ in (instead if is_removed else (item,))
        )

    def _make_prefetch(self, value: Value) -> Any:
        """Return the argument of `prefetch_related()`."""
        if not isinstance(value, Prefetcher):
            return to_python(value)
        queryset = value.rows.queryset if isinstance(value.rows, Rows) else None
        return Prefetch(value.lookup, queryset)

    def _fetch(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method that reads rows."""
        filtered = rows
        if name == "get" and (arguments.places or arguments.keywords or arguments.has_unknown):
            filtered = self._filter(rows, arguments, node)
        if name == "in_bulk" and (arguments.places or "id_list" in arguments.keywords):
            word = arguments.text(1, "field_name") or "id"
            keywords = {f"{word}__in": Items([])}
            filtered = self._chain(rows, "filter", Arguments((), keywords), node)
        if name in ("contains", "exists", "first", "last", "latest", "earliest"):
            self._fetch_single(rows, name, arguments, node)
            return [self._make_row(rows)]
        if name in ("count", "aggregate", "dates", "datetimes"):
            self._aggregate(rows, name, arguments, node)
            return [Items([self._make_row(rows)]) if name == "aggregate" else UNKNOWN]
        values = self.read(filtered, node)
        if name == "get" and not filtered.queryset.query.ids:
            self._require_rows(filtered, filtered.queryset.query.slice(0, 2), node)
        return values if name == "get" else [Items(values)]

    def _filter(self, rows: Rows, arguments: Arguments, node: ast.AST) -> Rows:
        """Return a query narrowed by the arguments of `get()`."""
        if arguments.places and not isinstance(arguments.places[0], Condition):
            keywords = {"id": arguments.places[0], **arguments.keywords}
            arguments = Arguments((), keywords, arguments.has_unknown)
        return self._chain(rows, "filter", arguments, node)

    def _fetch_single(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> None:
        """Record that a single row is read."""
        if rows.uncertain:
            self._require_rows(rows, rows.queryset.query, node)
            return
        queryset: Any = rows.queryset
        queries = [] if name in ("latest", "earliest", "last") else [queryset.query.slice(0, 1)]
        try:
            if name in ("first", "last"):
                queries.append(queryset._in_order("-" if name == "last" else "")[:1].query)
            elif name == "contains":
                queries = [queryset.filter(id=1)[:1].query]
            elif name in ("latest", "earliest"):
                words = [to_python(value) for value in arguments.places]
                names = words or list(queryset.query.meta.get_latest_by)
                queries += [queryset.order_by(*names)[:1].query]
                queries += [queryset.order_by(*names).reverse()[:1].query]
        except (ZendeskError, TypeError, AttributeError):
            queries.append(queryset.query)
        self.require(operations.scopes_for_any(queries), node)
        self.require(operations.scopes_for_definitions(queryset.query), node)

    def _aggregate(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> None:
        """Record an aggregation, which may read rows in several orders."""
        query = rows.queryset.query
        self._require_rows(rows, query, node, counts=True)
        literals = [value.value for value in arguments.all() if isinstance(value, Literal)]
        for value in literals:
            word = value if isinstance(value, str) else getattr(value, "name", "")
            if name == "count" or word not in query.meta.fields:
                continue
            ordered: Any = rows.queryset
            for order in (word, f"-{word}"):
                with suppress(ZendeskError, TypeError):
                    self.require(
                        operations.scopes_for_any([ordered.order_by(order)[:1].query]), node
                    )


def combine(first: Value, second: Value, operator: str) -> Value:
    """Return the combination of two queries by `|`, `&` or `^`."""
    if not (isinstance(first, Rows) and isinstance(second, Rows)):
        return UNKNOWN
    try:
        queryset: Any = _OPERATORS[operator](first.queryset, second.queryset)
    except (ZendeskError, TypeError):
        return evolve(first, uncertain=True)
    return evolve(first, queryset=queryset, uncertain=first.uncertain or second.uncertain)


_OPERATORS: Mapping[str, Any] = {"or": or_, "and": and_, "xor": xor}

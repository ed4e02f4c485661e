"""What reading rows in a program needs, and what it gives."""

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
from zendesk_orm.inspection.sampling import called, narrowed, python
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Ahead,
    Condition,
    Items,
    Literal,
    Row,
    Rows,
    Value,
)
from zendesk_orm.plan.plan import Needs
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.prefetching import Prefetch


@frozen
class Arguments:
    """What a call is given, of each argument one possibility."""

    places: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(factory=dict)
    #: Whether there may be more that is not known: `*args`, `**kwargs`.
    open: bool = False

    def all(self) -> Iterable[Value]:
        """Return everything that is given."""
        return [*self.places, *self.keywords.values()]

    def text(self, place: int, name: str) -> str | None:
        """Return a text that stands in the program, or None."""
        found = self.places[place] if place < len(self.places) else self.keywords.get(name)
        return found.value if isinstance(found, Literal) and isinstance(found.value, str) else None


class Reading:
    """Reading rows; how the program runs is up to a subclass."""

    def __init__(self) -> None:
        self.batched = False
        self.changed: list[tuple[ast.AST, Any, tuple[Verb, ...]]] = []

    def need(self, found: Needs, node: ast.AST) -> None:
        """Take note of what a place of the program needs."""
        raise NotImplementedError

    def unclear(self, what: str, node: ast.AST) -> None:
        """Take note of a place of which it cannot be told what it needs."""
        raise NotImplementedError

    def invoke(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return what a function of the program gives, after running it."""
        raise NotImplementedError

    def call(self, function: Value, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a call gives."""
        raise NotImplementedError

    # -- queries -------------------------------------------------------------

    def read(self, rows: Rows, node: ast.AST) -> list[Value]:
        """Take note of reading rows, and return what one of them is."""
        self._reads(rows, rows.queryset.query, node)
        return [self._row_of(rows)]

    def _row_of(self, rows: Rows) -> Value:
        query = rows.queryset.query
        if query.shape is not None:
            return UNKNOWN
        return UNKNOWN if query.meta.mixed else Row(query.model, rows.model)

    def _reads(self, rows: Rows, query: Query, node: ast.AST, *, counts: bool = False) -> None:
        if rows.doubtful:
            self.need(operations.READ_ALL, node)
            return
        self.need(operations.of_count(query) if counts else operations.of_query(query), node)
        if query.meta.declared:
            self.need(operations.of_custom(query.model), node)
        for each in rows.queryset._prefetch:
            self._ahead(query.model, each.lookup, each.queryset, node)

    def _ahead(self, model: Any, lookup: str, queryset: Any, node: ast.AST) -> None:
        """Take note of reading relations along with rows."""
        names = lookup.split("__")
        for place, name in enumerate(names, 1):
            base = queryset.query if queryset is not None and place == len(names) else None
            model, found = operations.of_relation(model, name, base)
            self.need(found, node)
            if model is None:
                return

    def _chained(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> Rows:
        """Return a query narrowed further; one of which less is known where that fails."""
        queryset: Any = rows.queryset
        if given.open:
            self.unclear(f"it is not known what {name}() is asked", node)
            return evolve(rows, doubtful=True)
        try:
            if name in ("filter", "exclude"):
                lookups = self._without_custom(rows, given.keywords, node)
                made = narrowed(queryset, name, given.places, lookups)
            elif name == "prefetch_related":
                made = queryset.prefetch_related(*map(self._prefetch, given.places))
            else:
                places = self._without_names(rows, name, given.places, node)
                words = {k: python(each) for k, each in given.keywords.items()}
                made = called(getattr(queryset, name), [*map(python, places)], words)
        except (ZendeskError, TypeError, ValueError, AttributeError) as error:
            self.unclear(f"{name}() of {queryset.model.__name__}: {error}".split("\n")[0], node)
            return evolve(rows, doubtful=True)
        return evolve(rows, queryset=made, above=False)

    def _without_custom(
        self, rows: Rows, lookups: Mapping[str, Value], node: ast.AST
    ) -> Mapping[str, Value]:
        """Return lookups without those of custom fields that the program declares."""
        if rows.model is None:
            return lookups
        own = {name for name in lookups if rows.model.find(name.partition("__")[0])}
        if own:
            # The search knows them, once it is known what the account calls them.
            self.need(operations.of_custom(rows.queryset.query.model), node)
            self.need(operations.READ_ALL, node)
        return {name: each for name, each in lookups.items() if name not in own}

    def _without_names(
        self, rows: Rows, name: str, places: tuple[Value, ...], node: ast.AST
    ) -> tuple[Value, ...]:
        """Return names of fields without those of custom fields that the program declares."""
        if rows.model is None or name not in ("order_by", "values", "values_list", "distinct"):
            return places
        names = [each.value if isinstance(each, Literal) else "" for each in places]
        own = [rows.model.find(str(each).lstrip("-").partition("__")[0]) for each in names]
        if any(own):
            self.need(operations.of_custom(rows.queryset.query.model), node)
        # Any other field stands for them, but where they are only left out.
        instead = () if name == "order_by" else (Literal("id"),)
        pairs = zip(places, own, strict=True)
        return tuple(one for each, named in pairs for one in (instead if named else (each,)))

    def _prefetch(self, value: Value) -> Any:
        if not isinstance(value, Ahead):
            return python(value)
        rows = value.rows.queryset if isinstance(value.rows, Rows) else None
        return Prefetch(value.lookup, rows)

    def _asks(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        asked = rows
        if name == "get" and (given.places or given.keywords or given.open):
            asked = self._narrowed_by(rows, given, node)
        if name == "in_bulk" and (given.places or "id_list" in given.keywords):
            word = given.text(1, "field_name") or "id"
            keywords = {f"{word}__in": Items([])}
            asked = self._chained(rows, "filter", Arguments((), keywords), node)
        if name in ("contains", "exists", "first", "last", "latest", "earliest"):
            self._some(rows, name, given, node)
            return [self._row_of(rows)]
        if name in ("count", "aggregate", "dates", "datetimes"):
            self._numbers(rows, name, given, node)
            return [Items([self._row_of(rows)]) if name == "aggregate" else UNKNOWN]
        found = self.read(asked, node)
        if name == "get" and not asked.queryset.query.ids:
            self._reads(asked, asked.queryset.query.window(0, 2), node)
        return found if name == "get" else [Items(found)]

    def _narrowed_by(self, rows: Rows, given: Arguments, node: ast.AST) -> Rows:
        if given.places and not isinstance(given.places[0], Condition):
            keywords = {"id": given.places[0], **given.keywords}
            given = Arguments((), keywords, given.open)
        return self._chained(rows, "filter", given, node)

    def _some(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> None:
        """Take note of asking for one row."""
        if rows.doubtful:
            self._reads(rows, rows.queryset.query, node)
            return
        queryset: Any = rows.queryset
        queries = [] if name in ("latest", "earliest", "last") else [queryset.query.window(0, 1)]
        try:
            if name in ("first", "last"):
                queries.append(queryset._by_age("-" if name == "last" else "")[:1].query)
            elif name == "contains":
                queries = [queryset.filter(id=1)[:1].query]
            elif name in ("latest", "earliest"):
                words = [python(each) for each in given.places]
                names = words or list(queryset.query.meta.get_latest_by)
                queries += [queryset.order_by(*names)[:1].query]
                queries += [queryset.order_by(*names).reverse()[:1].query]
        except (ZendeskError, TypeError, AttributeError):
            queries.append(queryset.query)
        self.need(operations.of_any(queries), node)
        self.need(operations.of_definitions(queryset.query), node)

    def _numbers(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> None:
        """Take note of asking for numbers, which may take rows in several orders."""
        query = rows.queryset.query
        self._reads(rows, query, node, counts=True)
        named = [each.value for each in given.all() if isinstance(each, Literal)]
        for each in named:
            word = each if isinstance(each, str) else getattr(each, "name", "")
            if name == "count" or word not in query.meta.fields:
                continue
            some: Any = rows.queryset
            for order in (word, f"-{word}"):
                with suppress(ZendeskError, TypeError):
                    self.need(operations.of_any([some.order_by(order)[:1].query]), node)


def combined(first: Value, second: Value, operator: str) -> Value:
    """Return two queries put together by `|`, `&` or `^`."""
    if not (isinstance(first, Rows) and isinstance(second, Rows)):
        return UNKNOWN
    try:
        made: Any = _OPERATORS[operator](first.queryset, second.queryset)
    except (ZendeskError, TypeError):
        return evolve(first, doubtful=True)
    return evolve(first, queryset=made, doubtful=first.doubtful or second.doubtful)


_OPERATORS: Mapping[str, Any] = {"or": or_, "and": and_, "xor": xor}

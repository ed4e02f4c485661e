"""What calls of the library in a program need, and what they give."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.scopes import IMPERSONATE, scopes_for
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.reading import Arguments, Reading
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Account,
    Class,
    Function,
    Items,
    Job,
    Library,
    Members,
    Method,
    Row,
    Rows,
    Value,
    flat,
)
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.through import ThroughManager


#: Methods that give another query and ask for nothing.
CHAIN = frozenset(
    [
        "all",
        "none",
        "complex_filter",
        "search",
        "raw",
        "distinct",
        "order_by",
        "reverse",
        "values",
        "values_list",
        "defer",
        "only",
        "select_related",
        "strict_loading",
        "using",
        "fresh",
        "page_size",
        "max_requests",
        "scan",
        "prefetch_related",
        "union",
        "intersection",
        "difference",
        "get_queryset",
        "db_manager",
    ]
)
#: Methods that ask for nothing and give no rows.
_SILENT = frozenset(
    [
        "annotate",
        "explain",
        "extra",
        "select_for_update",
        "aexplain",
        "resolve_expression",
        "as_manager",
        "check",
        "deconstruct",
        "clean",
        "clean_fields",
        "full_clean",
        "changes",
        "to_payload",
        "attach_to",
        "absorb",
        "get_deferred_fields",
        "serializable_value",
        "pop",
        "keys",
        "items",
        "values",
        "rollback",
        "on_commit",
        "close",
        "hash",
    ]
)
_READING = frozenset(
    [
        "get",
        "first",
        "last",
        "latest",
        "earliest",
        "iterator",
        "count",
        "exists",
        "aggregate",
        "in_bulk",
        "contains",
        "dates",
        "datetimes",
    ]
)
_CHANGES: Mapping[str, tuple[Verb, ...]] = {
    "create": (Verb.CREATE,),
    "get_or_create": (Verb.CREATE,),
    "update_or_create": (Verb.CREATE, Verb.UPDATE),
    "save": (Verb.CREATE, Verb.UPDATE),
    "delete": (Verb.DELETE,),
}
_BULK: Mapping[str, tuple[Verb, ...]] = {
    "bulk_create": (Verb.CREATE,),
    "bulk_update": (Verb.UPDATE,),
    "update": (Verb.UPDATE,),
    "delete": (Verb.DELETE,),
}
_ASYNC = _READING | _CHANGES.keys() | _BULK.keys() | {"refresh_from_db"}
_RAW = {name: name.upper() for name in ("get", "post", "put", "patch", "delete")}


class Calls(Reading):
    """The calls of the library."""

    def rows_call(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a method of a query gives."""
        if name[:1] == "a" and name[1:] in _ASYNC | {"iterator"}:
            name = name[1:]
        if name in ("filter", "exclude") or name in CHAIN:
            return [self._chained(rows, name, given, node)]
        if isinstance(rows.queryset, ThroughManager) and name in ("add", "remove", "set", "clear"):
            return self._joins(rows, node)
        if name in _READING:
            return self._asks(rows, name, given, node)
        if name in _CHANGES.keys() | _BULK.keys():
            return self._writes(rows, name, given, node)
        return self._own(rows, name, given, node)

    # -- changes -------------------------------------------------------------

    def change(self, model: Any, verbs: tuple[Verb, ...], node: ast.AST) -> None:
        """Take note of changing a row."""
        found = operations.of_change(model, *verbs)
        if found:
            self.need(found, node)
            self.changed.append((node, model, verbs))
        else:
            self.need(operations.WRITE_ALL, node)
            self.unclear(f"Zendesk offers no such change for {model.__name__}", node)

    def _writes(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        model = rows.queryset.query.model
        row = Row(model, rows.model)
        if rows.queryset.query.meta.declared:
            self.need(operations.of_custom(model), node)
        if name in _BULK:
            if name in ("update", "delete"):
                self.read(rows, node)
            found = operations.of_bulk(model, *_BULK[name])
            if {"update_conflicts"} & given.keywords.keys():
                found = (*found, *operations.of_change(model, Verb.UPDATE, Verb.CREATE))
            self.need(found or operations.WRITE_ALL, node)
            return [Job()]
        if name != "create":
            keywords = {k: v for k, v in given.keywords.items() if not k.endswith("defaults")}
            looked = self._chained(rows, "filter", Arguments((), keywords, given.open), node)
            queries = [looked.queryset.query, looked.queryset.fresh().query]
            self.need(operations.of_any(queries), node)
        self.change(model, _CHANGES[name], node)
        return [row if name == "create" else Items([row, UNKNOWN])]

    def _joins(self, rows: Rows, node: ast.AST) -> list[Value]:
        through: Any = rows.queryset._many  # type: ignore[attr-defined] # of a ThroughManager
        self.need(operations.of_joins(through), node)
        verbs = (Verb.CREATE, Verb.DELETE)
        self.change(through.join, verbs, node)
        self.need(operations.of_bulk(through.join, *verbs), node)
        return [UNKNOWN]

    def _own(self, rows: Rows, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a method gives that the manager of a model has of its own."""
        function = getattr(type(rows.queryset), name, None)
        if name in _SILENT:
            return [UNKNOWN]
        if function is None:
            self.need((*operations.READ_ALL, *operations.WRITE_ALL), node)
            self.unclear(f"{rows.queryset.model.__name__}.objects has no {name}()", node)
            return [UNKNOWN]
        if operations.returns_query(function):
            return [self._chained(rows, name, given, node)]
        return self._method(Row(rows.queryset.query.model), name, function, given, node)

    def _method(
        self, row: Row, name: str, function: Any, given: Arguments, node: ast.AST
    ) -> list[Value]:
        """Return what a method of a model, or of its manager, gives."""
        keywords = set(given.keywords)
        found = operations.of_method(row.model, name, function, keywords)
        if found is None and name[:1] == "a":
            twin = getattr(row.model, name[1:], None)
            found = operations.of_method(row.model, name[1:], twin, keywords)
        if found is None:
            found = (*operations.READ_ALL, *operations.WRITE_ALL)
            self.unclear(f"it is not known what {row.model.__name__}.{name}() asks for", node)
        self.need(found, node)
        # Zendesk answers some calls without the row, which is then read anew.
        row.hollow = True
        model, many = operations.returned(row.model, function)
        made: Value = UNKNOWN if model is None else Row(model, hollow=True)
        return [Items([made]) if many else made]

    def row_call(self, row: Row, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a method of an object gives."""
        function = getattr(row.model, name, None)
        if name[:1] == "a" and name[1:] in _ASYNC:
            name = name[1:]
        if name in _SILENT or name.startswith(("_", "get_next", "get_prev")) or function is None:
            if name.startswith("get_"):
                self.need(operations.of_query(Query.of(row.model)), node)
                return [row]
            return [UNKNOWN]
        if name == "save":
            self._settles(row, node)
            self.change(row.model, _CHANGES["create" if row.new else "save"], node)
            row.new = False
            return [row]
        if name == "delete":
            self.change(row.model, (Verb.DELETE,), node)
            more = operations.of_method(row.model, "delete", None, set(given.keywords))
            self.need(more or (), node)
            return [UNKNOWN]
        if name == "refresh_from_db":
            self.need(operations.of_row(row.model), node)
            return [UNKNOWN]
        return self._method(row, name, function, given, node)

    def _settles(self, row: Row, node: ast.AST) -> None:
        if row.model._meta.declared:
            self.need(operations.of_custom(row.model), node)

    def members_call(self, members: Members, name: str, node: ast.AST) -> list[Value]:
        """Return what a method of a row's tags, or people, gives."""
        model = members.row.model
        if name in ("add", "remove", "set", "clear"):
            if members.name == "tags":
                for each in ("add_tags", "remove_tags", "set_tags"):
                    self.need(operations.of_method(model, each, None) or (), node)
            self.change(model, (Verb.UPDATE,), node)
        elif name == "all":
            target: Any = model._meta.fields[members.name].model
            return [Rows(target.objects.filter(id__in=[1, 2]))]
        return [UNKNOWN]

    # -- accounts ------------------------------------------------------------

    def account_call(self, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a method of an account gives."""
        first = given.places[0] if given.places else UNKNOWN
        if name == "acting_as":
            self.need(((IMPERSONATE,),), node)
        if name == "batch":
            self.batched = True
        if name == "search":
            results: Any = registry.find("Result", "support")
            return [Rows(results.objects.all().search("x"))]
        if name == "brand":
            brands: Any = registry.find("Brand", "support")
            self.need(operations.of_query(brands.objects.filter(subdomain="x").query), node)
            self.need(operations.of_row(brands), node)
        if name == "offers":
            model = first.thing if isinstance(first, Library) else None
            query = None if model is None else Query.of(model).window(0, 1)
            self.need(operations.READ_ALL if query is None else operations.of_query(query), node)
            return [UNKNOWN]
        return [Account()]

    def raw_call(self, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a call of `account.raw` gives."""
        method = _RAW.get(name, "GET")
        path = given.text(0, "path")
        if path is None or given.open:
            path = "/api/v2/"
            self.unclear(f"the path of raw.{name}() is not known", node)
        self.need((scopes_for(method, path),), node)
        model = given.keywords.get("model")
        if name == "rows" and isinstance(model, Library):
            return [Items([Row(model.thing)])]
        return [Items([Row(model.base, model)])] if isinstance(model, Class) else [UNKNOWN]

    def job_call(self, name: str, node: ast.AST) -> list[Value]:
        """Return what a method of a job, or of the result of a bulk operation, gives."""
        self.need(operations.JOBS, node)
        return [Job()]

    # -- whatever else -------------------------------------------------------

    def handed_over(
        self, what: str, given: Arguments, node: ast.AST, *, known: bool
    ) -> list[Value]:
        """Return what may come of values that are given to an unknown function."""
        read: list[Value] = []
        for each in flat(given.all()):
            if isinstance(each, Rows):
                read += self.read(each, node)
            elif not isinstance(each, (Function, Method)):
                read.append(each)
            if isinstance(each, (Rows, Row, Account)) and not known:
                self.unclear(f"what {what} does with it is not known", node)
        made: list[Value] = []
        for function in given.all():
            if isinstance(function, (Function, Method)):
                places = tuple(each for each in given.places if each is not function)
                made += self.call(function, Arguments(places, given.keywords), node)
                for each in read if isinstance(function, Function) else ():
                    made += self.call(function, Arguments((each,)), node)
        return made or [each for each in read if isinstance(each, (Row, Items))]

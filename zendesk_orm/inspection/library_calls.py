"""Calls of the library in a program: their scopes and their results."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.scopes import IMPERSONATE, scopes_for
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.queries import Arguments, Queries
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
    flatten,
)
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.through import ThroughManager


#: Methods that return another query without a request.
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
#: Methods that send no request and return no rows.
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
        "update_from_row",
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


class LibraryCalls(Queries):
    """A program whose calls of the library are followed."""

    def call_rows(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method of a query."""
        if name[:1] == "a" and name[1:] in _ASYNC | {"iterator"}:
            name = name[1:]
        if name in ("filter", "exclude") or name in CHAIN:
            return [self._chain(rows, name, arguments, node)]
        if isinstance(rows.queryset, ThroughManager) and name in ("add", "remove", "set", "clear"):
            return self._change_joins(rows, node)
        if name in _READING:
            return self._fetch(rows, name, arguments, node)
        if name in _CHANGES.keys() | _BULK.keys():
            return self._write(rows, name, arguments, node)
        return self._call_manager_method(rows, name, arguments, node)

    # -- changes -------------------------------------------------------------

    def change(self, model: Any, verbs: tuple[Verb, ...], node: ast.AST) -> None:
        """Record a change of a row."""
        scopes = operations.scopes_for_change(model, *verbs)
        if scopes:
            self.require(scopes, node)
            self.changes.append((node, model, verbs))
        else:
            self.require(operations.WRITE_ALL, node)
            self.report_unclear(
                f"Zendesk has no endpoint for this change of {model.__name__}", node
            )

    def _write(self, rows: Rows, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method that changes rows."""
        model = rows.queryset.query.model
        row = Row(model, rows.model)
        if rows.queryset.query.meta.declared:
            self.require(operations.scopes_for_custom_fields(model), node)
        if name in _BULK:
            if name in ("update", "delete"):
                self.read(rows, node)
            scopes = operations.scopes_for_bulk(model, *_BULK[name])
            if {"update_conflicts"} & arguments.keywords.keys():
                scopes = (*scopes, *operations.scopes_for_change(model, Verb.UPDATE, Verb.CREATE))
            self.require(scopes or operations.WRITE_ALL, node)
            return [Job()]
        if name != "create":
            keywords = {k: v for k, v in arguments.keywords.items() if not k.endswith("defaults")}
            existing = self._chain(
                rows, "filter", Arguments((), keywords, arguments.has_unknown), node
            )
            queries = [existing.queryset.query, existing.queryset.fresh().query]
            self.require(operations.scopes_for_any(queries), node)
        self.change(model, _CHANGES[name], node)
        return [row if name == "create" else Items([row, UNKNOWN])]

    def _change_joins(self, rows: Rows, node: ast.AST) -> list[Value]:
        """Record changes of the rows that join others in a relation to many."""
        manager: Any = rows.queryset
        through = manager._relation
        self.require(operations.scopes_for_joins(through), node)
        verbs = (Verb.CREATE, Verb.DELETE)
        self.change(through.join, verbs, node)
        self.require(operations.scopes_for_bulk(through.join, *verbs), node)
        return [UNKNOWN]

    def _call_manager_method(
        self, rows: Rows, name: str, arguments: Arguments, node: ast.AST
    ) -> list[Value]:
        """Return the results of a method that only the manager of this model has."""
        function = getattr(type(rows.queryset), name, None)
        if name in _SILENT:
            return [UNKNOWN]
        if function is None:
            self.require((*operations.READ_ALL, *operations.WRITE_ALL), node)
            self.report_unclear(
                f"{rows.queryset.model.__name__}.objects.{name}() does not exist", node
            )
            return [UNKNOWN]
        if operations.returns_query(function):
            return [self._chain(rows, name, arguments, node)]
        return self._call_model_method(
            Row(rows.queryset.query.model), name, function, arguments, node
        )

    def _call_model_method(
        self, row: Row, name: str, function: Any, arguments: Arguments, node: ast.AST
    ) -> list[Value]:
        """Return the results of a method of a model, or of its manager."""
        keywords = set(arguments.keywords)
        scopes = operations.scopes_for_method(row.model, name, function, keywords)
        if scopes is None and name[:1] == "a":
            twin = getattr(row.model, name[1:], None)
            scopes = operations.scopes_for_method(row.model, name[1:], twin, keywords)
        if scopes is None:
            scopes = (*operations.READ_ALL, *operations.WRITE_ALL)
            self.report_unclear(f"the requests of {row.model.__name__}.{name}() are unknown", node)
        self.require(scopes, node)
        # Some responses do not contain the row, which is then fetched again.
        row.deferred = True
        model, many = operations.find_returned_model(row.model, function)
        returned: Value = UNKNOWN if model is None else Row(model, deferred=True)
        return [Items([returned]) if many else returned]

    def call_row(self, row: Row, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method of an object."""
        function = getattr(row.model, name, None)
        if name[:1] == "a" and name[1:] in _ASYNC:
            name = name[1:]
        if name in _SILENT or name.startswith(("_", "get_next", "get_prev")) or function is None:
            if name.startswith("get_"):
                self.require(operations.scopes_for_query(Query.of(row.model)), node)
                return [row]
            return [UNKNOWN]
        if name == "save":
            self._require_definitions(row, node)
            self.change(row.model, _CHANGES["create" if row.new else "save"], node)
            row.new = False
            return [row]
        if name == "delete":
            self.change(row.model, (Verb.DELETE,), node)
            scopes = operations.scopes_for_method(
                row.model, "delete", None, set(arguments.keywords)
            )
            self.require(scopes or (), node)
            return [UNKNOWN]
        if name == "refresh_from_db":
            self.require(operations.scopes_for_row(row.model), node)
            return [UNKNOWN]
        return self._call_model_method(row, name, function, arguments, node)

    def _require_definitions(self, row: Row, node: ast.AST) -> None:
        """Record that saving reads the definitions of declared custom fields."""
        if row.model._meta.declared:
            self.require(operations.scopes_for_custom_fields(row.model), node)

    def call_members(self, members: Members, name: str, node: ast.AST) -> list[Value]:
        """Return the results of a method of the tags, or the people, of a row."""
        model = members.row.model
        if name in ("add", "remove", "set", "clear"):
            if members.name == "tags":
                for action in ("add_tags", "remove_tags", "set_tags"):
                    self.require(operations.scopes_for_method(model, action, None) or (), node)
            self.change(model, (Verb.UPDATE,), node)
        elif name == "all":
            target: Any = model._meta.fields[members.name].model
            return [Rows(target.objects.filter(id__in=[1, 2]))]
        return [UNKNOWN]

    # -- accounts ------------------------------------------------------------

    def call_account(self, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method of an account."""
        first = arguments.places[0] if arguments.places else UNKNOWN
        if name == "acting_as":
            self.require(((IMPERSONATE,),), node)
        if name == "batch":
            self.has_batch = True
        if name == "search":
            results: Any = registry.find("Result", "support")
            return [Rows(results.objects.all().search("x"))]
        if name == "brand":
            brands: Any = registry.find("Brand", "support")
            self.require(
                operations.scopes_for_query(brands.objects.filter(subdomain="x").query), node
            )
            self.require(operations.scopes_for_row(brands), node)
        if name == "offers":
            model = first.thing if isinstance(first, Library) else None
            query = None if model is None else Query.of(model).slice(0, 1)
            self.require(
                operations.READ_ALL if query is None else operations.scopes_for_query(query), node
            )
            return [UNKNOWN]
        return [Account()]

    def call_raw(self, name: str, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a call of `account.raw`."""
        method = _RAW.get(name, "GET")
        path = arguments.text(0, "path")
        if path is None or arguments.has_unknown:
            path = "/api/v2/"
            self.report_unclear(f"the path of raw.{name}() is unknown", node)
        self.require((scopes_for(method, path),), node)
        model = arguments.keywords.get("model")
        if name == "rows" and isinstance(model, Library):
            return [Items([Row(model.thing)])]
        return [Items([Row(model.base, model)])] if isinstance(model, Class) else [UNKNOWN]

    def call_job(self, name: str, node: ast.AST) -> list[Value]:
        """Return the results of a method of a job, or of the result of a bulk operation."""
        self.require(operations.JOBS, node)
        return [Job()]

    # -- other functions -------------------------------------------------------

    def pass_to_function(
        self, function_name: str, arguments: Arguments, node: ast.AST, *, is_known: bool
    ) -> list[Value]:
        """Return the possible results of a function that the program does not define.

        The function may read queries and call functions among its arguments.
        """
        values: list[Value] = []
        for value in flatten(arguments.all()):
            if isinstance(value, Rows):
                values += self.read(value, node)
            elif not isinstance(value, (Function, Method)):
                values.append(value)
            if isinstance(value, (Rows, Row, Account)) and not is_known:
                self.report_unclear(f"the effect of {function_name} on it is unknown", node)
        results: list[Value] = []
        for function in arguments.all():
            if isinstance(function, (Function, Method)):
                places = tuple(value for value in arguments.places if value is not function)
                results += self.call(function, Arguments(places, arguments.keywords), node)
                for value in values if isinstance(function, Function) else ():
                    results += self.call(function, Arguments((value,)), node)
        return results or [value for value in values if isinstance(value, (Row, Items))]

"""Attributes, items and elements of values in a program."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve

from zendesk_orm.account import Connections
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.scopes import IMPERSONATE
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.library_calls import LibraryCalls
from zendesk_orm.inspection.queries import Arguments
from zendesk_orm.inspection.sampling import make_sample, to_python
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Account,
    Class,
    Custom,
    Foreign,
    Function,
    Instance,
    Items,
    Job,
    Library,
    Literal,
    Manager,
    Members,
    Method,
    Raw,
    Row,
    Rows,
    Scope,
    Value,
    bind_to_class,
    get_decorator_names,
)
from zendesk_orm.model import Model
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.queryset import QuerySet
from zendesk_orm.relations import RefList
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.members import Members as MembersField


#: The managers of every model.
_OBJECTS = frozenset({"objects", "_default_manager", "_base_manager"})
#: Names that only the library uses, whatever object they are read from.
_LIBRARY_NAMES = _OBJECTS | {
    "assigned_tickets",
    "assignee",
    "requested_tickets",
    "requester",
    "submitter",
    "ticket_form",
    "acting_as",
    "asave",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "prefetch_related",
    "refresh_from_db",
    "save",
    "select_related",
    "update_or_create",
}


class Attributes(LibraryCalls):
    """A program whose attributes, items and elements are followed."""

    def evaluate(self, node: ast.AST, scope: Scope) -> list[Value]:
        """Return the possible values of an expression."""
        raise NotImplementedError

    def get_attribute(self, value: Value, name: str, node: ast.AST) -> list[Value]:
        """Return the possible values of an attribute."""
        if name == "acting_as":
            self.require(((IMPERSONATE,),), node)
        handler: Any = _ATTRIBUTES.get(type(value))
        if handler is not None:
            values: list[Value] = handler(self, value, name, node)
            return values
        if name in _LIBRARY_NAMES:
            self.report_unclear(f"the object whose .{name} is read is unknown", node)
        return [Method(value, name)]

    def _get_from_library(self, value: Library, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a module, class or function of the library."""
        thing = value.thing
        if isinstance(thing, type) and issubclass(thing, Model):
            return self._get_from_model(value, thing, name)
        if isinstance(thing, (Connections, type)) or not hasattr(thing, name):
            return [Method(value, name)]
        return [Library(getattr(thing, name))]

    def _get_from_model(self, value: Library, model: Any, name: str) -> list[Value]:
        """Return an attribute of a model class."""
        with suppress(ZendeskError, AttributeError):
            result = getattr(model, name)
            if isinstance(result, QuerySet):
                return [Rows(result)]
            if callable(result) and not isinstance(result, type):
                return [Method(Row(model), name)]
        return [Method(value, name)]

    def _get_from_class(self, value: Class, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a class of the program."""
        members = value.find(name)
        if value.is_model and (
            name in _OBJECTS or any(isinstance(member, Manager) for member in members)
        ):
            managers = members or value.find("objects")
            kind = next((member.kind for member in managers if isinstance(member, Manager)), None)
            return self._get_rows(value, kind, node)
        if members:
            return [bind_to_class(member, value) for member in members]
        if value.is_queryset:
            return [Method(value, name)]
        return self._get_from_library(Library(value.base), name, node) if value.base else [UNKNOWN]

    def _get_rows(self, value: Class, kind: Class | None, node: ast.AST) -> list[Value]:
        """Return the rows of a model of the program, narrowed by its `Meta.filter`."""
        if not value.base._meta.api.endpoints:
            self.require((*operations.READ_ALL, *operations.WRITE_ALL), node)
            self.report_unclear(
                f"the endpoints of {value.node.name} are declared in the program", node
            )
            return [UNKNOWN]
        rows = Rows(value.base.objects if kind is None else kind.base._for_model(value.base))
        rows.kind, rows.model = kind, value
        for meta in value.find("Meta"):
            filters = meta.find("filter") if isinstance(meta, Class) else []
            for candidate in filters:
                rows.uncertain = not self._narrow(rows, candidate)
        getters = [] if kind is None else kind.find("get_queryset")
        for candidate in getters:
            if isinstance(candidate, Function):
                results = self.invoke(evolve(candidate, owner=rows), Arguments(), node)
                return [
                    evolve(result, kind=kind, model=value) if isinstance(result, Rows) else result
                    for result in results
                ]
        return [rows]

    @staticmethod
    def _narrow(rows: Rows, condition: Value) -> bool:
        """Narrow rows by a literal filter; return False if the filter is not a literal."""
        lookups = condition.value if isinstance(condition, Literal) else None
        if not isinstance(lookups, dict):
            return False
        with suppress(ZendeskError, TypeError):
            rows.queryset = rows.queryset.filter(**lookups)
            return True
        return False

    def _get_from_rows(self, value: Rows, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a query."""
        members = [] if value.kind is None or value.is_super else value.kind.find(name)
        if members:
            return [
                evolve(member, owner=value) if isinstance(member, Function) else member
                for member in members
            ]
        if name == "model":
            return [Library(value.queryset.model)]
        if name in ("query", "plan", "db", "ordered"):
            return [UNKNOWN]
        return [Method(value, name)]

    def _get_from_row(self, value: Row, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of an object, and record the request that reading it sends."""
        members = [] if value.kind is None else value.kind.find(name)
        functions = [member for member in members if isinstance(member, Function)]
        if functions:
            return self._bind_methods(functions, value, node)
        meta = value.model._meta
        declared: Any = getattr(value.model, name, None)
        if name in meta.declared or isinstance(declared, CustomField) or members:
            self.require(operations.scopes_for_custom_fields(value.model), node)
            return [Custom(value.model)]
        if name == "custom" and meta.custom:
            return [Custom(value.model)]
        if callable(declared) and not isinstance(declared, type):
            return [Method(value, name)]
        if value.deferred and name not in ("id", "pk", "_meta"):
            self.require(operations.scopes_for_row(value.model), node)
        if name in meta.relations:
            return [Row(meta.relations[name].model, deferred=True)]
        if name == "tags" or isinstance(meta.fields.get(name), MembersField):
            return [Members(value, name)]
        if name in meta.fields or name in _PLAIN_ATTRIBUTES:
            return [UNKNOWN]
        return self._follow_relation(value, name, node)

    def _bind_methods(self, functions: list[Function], owner: Value, node: ast.AST) -> list[Value]:
        """Return bound methods of an object, and the values of its properties."""
        values: list[Value] = []
        for function in functions:
            names = get_decorator_names(function)
            bound: Value = evolve(function, owner=owner)
            if names & {"staticmethod", "classmethod"}:
                kind = getattr(owner, "kind", None)
                values.append(bind_to_class(function, kind or owner))
            elif names & {"property", "cached_property"}:
                values += self.invoke(bound, Arguments(), node)
            else:
                values.append(bound)
        return values

    def _follow_relation(self, value: Row, name: str, node: ast.AST) -> list[Value]:
        """Return the rows of a relation to many, or the value of a property of the model."""
        descriptor: Any = getattr(value.model, name, None)
        with suppress(ZendeskError, TypeError, AttributeError):
            if isinstance(descriptor, RefList):
                target: Any = descriptor.model
                where = Condition("id", "in", (1, 2))
                return [Rows(type(target.objects)._for_model(target, Query(target, where)))]
            related = getattr(make_sample(value.model), name)
            if isinstance(related, QuerySet):
                return [Rows(related)]
            if isinstance(related, Model):
                return [Row(type(related), deferred=True)]
            return [UNKNOWN]
        if descriptor is not None:
            self.require(operations.READ_ALL, node)
        # The program may store any value as an attribute of an object.
        return [UNKNOWN]

    def _get_from_account(self, value: Account, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of an account."""
        return [Raw()] if name == "raw" else [Method(value, name)]

    def _get_from_custom(self, value: Custom, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a custom field, which may refer to any object."""
        # A custom field may lead to any object.
        self.require(
            (*operations.scopes_for_custom_fields(value.model), *operations.READ_ALL), node
        )
        return [UNKNOWN]

    def _get_from_instance(self, value: Instance, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of an object of the program."""
        members = [*value.kind.attributes.get(name, ()), *value.kind.find(name)]
        functions = [member for member in members if isinstance(member, Function)]
        others = [member for member in members if not isinstance(member, Function)]
        if not members and name in _LIBRARY_NAMES:
            self.report_unclear(f"the object whose .{name} is read is unknown", node)
        return [*others, *self._bind_methods(functions, value, node)] or [Method(value, name)]

    def _get_method(self, value: Value, name: str, node: ast.AST) -> list[Value]:
        """Return a method of a value whose attributes are all methods."""
        return [Method(value, name)]

    def _get_from_items(self, value: Items, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a container."""
        targets = [
            target for target in value.members if isinstance(target, (Row, Instance, Account))
        ]
        if name in _CONTAINER_METHODS or not targets:
            return [Method(value, name)]
        # Containers of one object, such as futures, are treated like the object.
        return [result for target in targets for result in self.get_attribute(target, name, node)]

    def _get_from_foreign(self, value: Foreign, name: str, node: ast.AST) -> list[Value]:
        """Return an attribute of a module of Python's standard library."""
        return [Foreign(f"{value.name}.{name}")]

    def call_special(
        self, value: Instance, name: str, arguments: tuple[Value, ...], node: ast.AST
    ) -> list[Value]:
        """Return the results of a special method, such as `__iter__`."""
        values: list[Value] = []
        for method in value.kind.find(name):
            if isinstance(method, Function):
                values += self.invoke(evolve(method, owner=value), Arguments(arguments), node)
        return values

    # -- items and elements --------------------------------------------------

    def get_item(self, value: Value, key: ast.expr, scope: Scope, node: ast.AST) -> list[Value]:
        """Return the possible values of an item or a slice."""
        keys = [] if isinstance(key, ast.Slice) else self.evaluate(key, scope)
        if isinstance(value, Rows):
            return self._slice(value, key, scope, node)
        if isinstance(value, Custom):
            self.require(operations.scopes_for_custom_fields(value.model), node)
            return [value]
        if isinstance(value, Library):
            return [Account()] if isinstance(value.thing, Connections) else [value]
        if isinstance(value, Instance):
            return self.call_special(value, "__getitem__", tuple(keys[:1]), node)
        if isinstance(value, Items):
            return [value] if isinstance(key, ast.Slice) else self._get_member(value, keys)
        return [value if isinstance(value, Class) and keys else UNKNOWN]

    @staticmethod
    def _get_member(value: Items, keys: list[Value]) -> list[Value]:
        """Return the possible values of a key; the container itself if its members are unknown."""
        names = [key.value for key in keys if isinstance(key, Literal)]
        if value.ordered and len(names) == 1 and names[0] in value.keys:
            return [value.members[value.keys.index(names[0])]]
        return [value] if value.nested or not value.members else value.members

    def _slice(self, rows: Rows, key: ast.expr, scope: Scope, node: ast.AST) -> list[Value]:
        """Return an item or a slice of a query."""
        ends: list[Any] = [None, None]
        is_item = not isinstance(key, ast.Slice)
        parts = [key.lower, key.upper] if isinstance(key, ast.Slice) else [key]
        for place, part in enumerate(parts):
            if part is not None:
                numbers = [to_python(value) for value in self.evaluate(part, scope)]
                ends[place] = next(
                    (number for number in numbers if isinstance(number, int)), 1000 * place
                )
        queryset: Any = rows.queryset
        with suppress(ZendeskError, TypeError):
            if is_item and ends[0] < 0:
                queryset, ends[0] = queryset.reverse(), -ends[0] - 1
            cut = queryset[ends[0] : ends[0] + 1] if is_item else queryset[ends[0] : ends[1]]
            sliced = evolve(rows, queryset=cut)
            return self.read(sliced, node) if is_item else [sliced]
        self.require(operations.READ_ALL, node)
        return [self._make_row(rows) if is_item else evolve(rows, uncertain=True)]

    def iterate(self, values: list[Value], node: ast.AST) -> list[Value]:
        """Return the possible elements of values, after reading those that are queries."""
        members: list[Value] = []
        for value in values:
            if isinstance(value, Rows):
                members += self.read(value, node)
            elif isinstance(value, Items):
                members += value.members
            elif isinstance(value, Row):
                # A row represents a list of rows of its model.
                members.append(value)
            elif isinstance(value, Instance):
                members += self.iterate(self.call_special(value, "__iter__", (), node), node)
            elif isinstance(value, Members) and value.name != "tags":
                model: Any = value.row.model._meta.fields[value.name].model
                self.require(operations.scopes_for_row(model), node)
                members.append(Row(model))
        return members or [UNKNOWN]

    def test(self, values: list[Value], node: ast.AST) -> None:
        """Record truth tests of values; a query reads its first page for one."""
        for value in values:
            if isinstance(value, Rows):
                self.read(value, node)


_CONTAINER_METHODS = frozenset(name for kind in (list, dict, set, tuple) for name in dir(kind)) | {
    "appendleft",
    "popleft",
    "put",
    "put_nowait",
    "get_nowait",
    "result",
}
_PLAIN_ATTRIBUTES = frozenset(
    {"extra", "pk", "using", "_meta", "DoesNotExist", "MultipleObjectsReturned"}
)

_ATTRIBUTES: Mapping[type[Value], Any] = {
    Library: Attributes._get_from_library,
    Class: Attributes._get_from_class,
    Rows: Attributes._get_from_rows,
    Row: Attributes._get_from_row,
    Account: Attributes._get_from_account,
    Custom: Attributes._get_from_custom,
    Instance: Attributes._get_from_instance,
    Job: Attributes._get_method,
    Items: Attributes._get_from_items,
    Literal: Attributes._get_method,
    Raw: Attributes._get_method,
    Members: Attributes._get_method,
    Method: Attributes._get_method,
    Foreign: Attributes._get_from_foreign,
}

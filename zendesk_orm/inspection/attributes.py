"""What reading an attribute, an item or the elements of something in a program needs and gives."""

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
from zendesk_orm.inspection.calls import Calls
from zendesk_orm.inspection.reading import Arguments
from zendesk_orm.inspection.sampling import python
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
)
from zendesk_orm.model import Model
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.objects import rooted
from zendesk_orm.queryset.queryset import QuerySet
from zendesk_orm.relations import RefList
from zendesk_orm.schema.custom import CustomField
from zendesk_orm.schema.members import Members as MembersField


#: Names under which every model has its rows.
_OBJECTS = frozenset({"objects", "_default_manager", "_base_manager"})
#: Names by which the library is known to be meant, whatever they stand on.
_OWN_NAMES = _OBJECTS | {
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


class Attributes(Calls):
    """Attributes, items and elements."""

    def evaluate(self, node: ast.AST, scope: Scope) -> list[Value]:
        """Return what an expression may be."""
        raise NotImplementedError

    def attribute(self, value: Value, name: str, node: ast.AST) -> list[Value]:
        """Return what an attribute may be."""
        if name == "acting_as":
            self.need(((IMPERSONATE,),), node)
        handler: Any = _ATTRIBUTES.get(type(value))
        if handler is not None:
            found: list[Value] = handler(self, value, name, node)
            return found
        if name in _OWN_NAMES:
            self.unclear(f"it is not known what .{name} is read from", node)
        return [Method(value, name)]

    def _of_library(self, value: Library, name: str, node: ast.AST) -> list[Value]:
        thing = value.thing
        if isinstance(thing, type) and issubclass(thing, Model):
            return self._of_model(value, thing, name)
        if isinstance(thing, (Connections, type)) or not hasattr(thing, name):
            return [Method(value, name)]
        return [Library(getattr(thing, name))]

    def _of_model(self, value: Library, model: Any, name: str) -> list[Value]:
        with suppress(ZendeskError, AttributeError):
            found = getattr(model, name)
            if isinstance(found, QuerySet):
                return [Rows(found)]
            if callable(found) and not isinstance(found, type):
                return [Method(Row(model), name)]
        return [Method(value, name)]

    def _of_class(self, value: Class, name: str, node: ast.AST) -> list[Value]:
        found = value.find(name)
        if value.is_model and (name in _OBJECTS or any(isinstance(e, Manager) for e in found)):
            managers = found or value.find("objects")
            kind = next((each.kind for each in managers if isinstance(each, Manager)), None)
            return self._rows_of(value, kind, node)
        if found:
            return [_of_the_class(each, value) for each in found]
        if value.is_queryset:
            return [Method(value, name)]
        return self._of_library(Library(value.base), name, node) if value.base else [UNKNOWN]

    def _rows_of(self, value: Class, kind: Class | None, node: ast.AST) -> list[Value]:
        """Return the rows of a model of the program, narrowed as its `Meta.filter` says."""
        if not value.base._meta.api.endpoints:
            self.need((*operations.READ_ALL, *operations.WRITE_ALL), node)
            self.unclear(f"the endpoints of {value.node.name} are declared in the program", node)
            return [UNKNOWN]
        rows = Rows(value.base.objects if kind is None else rooted(kind.base, value.base))
        rows.kind, rows.model = kind, value
        for meta in value.find("Meta"):
            known = meta.find("filter") if isinstance(meta, Class) else []
            for each in known:
                rows.doubtful = not self._narrow(rows, each)
        begin = [] if kind is None else kind.find("get_queryset")
        for each in begin:
            if isinstance(each, Function):
                found = self.invoke(evolve(each, owner=rows), Arguments(), node)
                return [
                    evolve(one, kind=kind, model=value) if isinstance(one, Rows) else one
                    for one in found
                ]
        return [rows]

    @staticmethod
    def _narrow(rows: Rows, known: Value) -> bool:
        """Narrow rows by a literal filter; return False if it cannot be told how."""
        lookups = known.value if isinstance(known, Literal) else None
        if not isinstance(lookups, dict):
            return False
        with suppress(ZendeskError, TypeError):
            rows.queryset = rows.queryset.filter(**lookups)
            return True
        return False

    def _of_rows(self, value: Rows, name: str, node: ast.AST) -> list[Value]:
        own = [] if value.kind is None or value.above else value.kind.find(name)
        if own:
            return [evolve(e, owner=value) if isinstance(e, Function) else e for e in own]
        if name == "model":
            return [Library(value.queryset.model)]
        if name in ("query", "plan", "db", "ordered"):
            return [UNKNOWN]
        return [Method(value, name)]

    def _of_row(self, value: Row, name: str, node: ast.AST) -> list[Value]:
        own = [] if value.kind is None else value.kind.find(name)
        functions = [each for each in own if isinstance(each, Function)]
        if functions:
            return self._bound(functions, value, node)
        meta = value.model._meta
        declared: Any = getattr(value.model, name, None)
        if name in meta.declared or isinstance(declared, CustomField) or own:
            self.need(operations.of_custom(value.model), node)
            return [Custom(value.model)]
        if name == "custom" and meta.custom:
            return [Custom(value.model)]
        if callable(declared) and not isinstance(declared, type):
            return [Method(value, name)]
        if value.hollow and name not in ("id", "pk", "_meta"):
            self.need(operations.of_row(value.model), node)
        if name in meta.relations:
            return [Row(meta.relations[name].model, hollow=True)]
        if name == "tags" or isinstance(meta.fields.get(name), MembersField):
            return [Members(value, name)]
        if name in meta.fields or name in _PLAIN:
            return [UNKNOWN]
        return self._related(value, name, node)

    def _bound(self, functions: list[Function], owner: Value, node: ast.AST) -> list[Value]:
        """Return methods of an object, and what properties give."""
        found: list[Value] = []
        for each in functions:
            names = decorators(each)
            bound: Value = evolve(each, owner=owner)
            if names & {"staticmethod", "classmethod"}:
                kind = getattr(owner, "kind", None)
                found.append(_of_the_class(each, kind or owner))
            elif names & {"property", "cached_property"}:
                found += self.invoke(bound, Arguments(), node)
            else:
                found.append(bound)
        return found

    def _related(self, value: Row, name: str, node: ast.AST) -> list[Value]:
        """Return the rows of a relation to many, or what a property of the model gives."""
        descriptor: Any = getattr(value.model, name, None)
        with suppress(ZendeskError, TypeError, AttributeError):
            if isinstance(descriptor, RefList):
                target: Any = descriptor.model
                where = Condition("id", "in", (1, 2))
                return [Rows(rooted(type(target.objects), target, Query(target, where)))]
            found = getattr(_sample(value.model), name)
            if isinstance(found, QuerySet):
                return [Rows(found)]
            if isinstance(found, Model):
                return [Row(type(found), hollow=True)]
            return [UNKNOWN]
        if descriptor is not None:
            self.need(operations.READ_ALL, node)
        # What a program puts on an object itself is no matter of the library's.
        return [UNKNOWN]

    def _of_account(self, value: Account, name: str, node: ast.AST) -> list[Value]:
        return [Raw()] if name == "raw" else [Method(value, name)]

    def _of_custom(self, value: Custom, name: str, node: ast.AST) -> list[Value]:
        # A custom field may lead to any object.
        self.need((*operations.of_custom(value.model), *operations.READ_ALL), node)
        return [UNKNOWN]

    def _of_instance(self, value: Instance, name: str, node: ast.AST) -> list[Value]:
        found = [*value.kind.attributes.get(name, ()), *value.kind.find(name)]
        functions = [each for each in found if isinstance(each, Function)]
        others = [each for each in found if not isinstance(each, Function)]
        if not found and name in _OWN_NAMES:
            self.unclear(f"it is not known what .{name} is read from", node)
        return [*others, *self._bound(functions, value, node)] or [Method(value, name)]

    def _of_other(self, value: Value, name: str, node: ast.AST) -> list[Value]:
        return [Method(value, name)]

    def _of_items(self, value: Items, name: str, node: ast.AST) -> list[Value]:
        held = [each for each in value.members if isinstance(each, (Row, Instance, Account))]
        if name in _CONTAINER_METHODS or not held:
            return [Method(value, name)]
        # What holds one thing, as a future does, is followed as that thing.
        return [one for each in held for one in self.attribute(each, name, node)]

    def _of_foreign(self, value: Foreign, name: str, node: ast.AST) -> list[Value]:
        return [Foreign(f"{value.name}.{name}")]

    def special(
        self, value: Instance, name: str, given: tuple[Value, ...], node: ast.AST
    ) -> list[Value]:
        """Return what a method gives that Python itself calls: `__iter__`."""
        found: list[Value] = []
        for each in value.kind.find(name):
            if isinstance(each, Function):
                found += self.invoke(evolve(each, owner=value), Arguments(given), node)
        return found

    # -- items and elements --------------------------------------------------

    def subscript(self, value: Value, key: ast.expr, scope: Scope, node: ast.AST) -> list[Value]:
        """Return what an item, or a slice, may be."""
        keys = [] if isinstance(key, ast.Slice) else self.evaluate(key, scope)
        if isinstance(value, Rows):
            return self._cut(value, key, scope, node)
        if isinstance(value, Custom):
            self.need(operations.of_custom(value.model), node)
            return [value]
        if isinstance(value, Library):
            return [Account()] if isinstance(value.thing, Connections) else [value]
        if isinstance(value, Instance):
            return self.special(value, "__getitem__", tuple(keys[:1]), node)
        if isinstance(value, Items):
            return [value] if isinstance(key, ast.Slice) else self._item(value, keys)
        return [value if isinstance(value, Class) and keys else UNKNOWN]

    @staticmethod
    def _item(value: Items, keys: list[Value]) -> list[Value]:
        """Return what a container may have under a key; itself, where nothing is known of it."""
        names = [each.value for each in keys if isinstance(each, Literal)]
        if value.ordered and len(names) == 1 and names[0] in value.keys:
            return [value.members[value.keys.index(names[0])]]
        return [value] if value.nested or not value.members else value.members

    def _cut(self, rows: Rows, key: ast.expr, scope: Scope, node: ast.AST) -> list[Value]:
        ends: list[Any] = [None, None]
        one = not isinstance(key, ast.Slice)
        parts = [key] if one else [key.lower, key.upper]  # type: ignore[attr-defined] # a slice
        for place, part in enumerate(parts):
            if part is not None:
                found = [python(each) for each in self.evaluate(part, scope)]
                ends[place] = next((e for e in found if isinstance(e, int)), 1000 * place)
        queryset: Any = rows.queryset
        with suppress(ZendeskError, TypeError):
            if one and ends[0] < 0:
                queryset, ends[0] = queryset.reverse(), -ends[0] - 1
            cut = queryset[ends[0] : ends[0] + 1] if one else queryset[ends[0] : ends[1]]
            made = evolve(rows, queryset=cut)
            return self.read(made, node) if one else [made]
        self.need(operations.READ_ALL, node)
        return [self._row_of(rows) if one else evolve(rows, doubtful=True)]

    def elements(self, values: list[Value], node: ast.AST) -> list[Value]:
        """Return what the elements of values may be, after reading those that are queries."""
        found: list[Value] = []
        for each in values:
            if isinstance(each, Rows):
                found += self.read(each, node)
            elif isinstance(each, Items):
                found += each.members
            elif isinstance(each, Row):
                # A row has no elements; it stands for a list of its kind.
                found.append(each)
            elif isinstance(each, Instance):
                found += self.elements(self.special(each, "__iter__", (), node), node)
            elif isinstance(each, Members) and each.name != "tags":
                model: Any = each.row.model._meta.fields[each.name].model
                self.need(operations.of_row(model), node)
                found.append(Row(model))
        return found or [UNKNOWN]

    def tested(self, values: list[Value], node: ast.AST) -> None:
        """Take note of asking whether values are true, for which a query reads its first page."""
        for each in values:
            if isinstance(each, Rows):
                self.read(each, node)


_CONTAINER_METHODS = frozenset(name for kind in (list, dict, set, tuple) for name in dir(kind)) | {
    "appendleft",
    "popleft",
    "put",
    "put_nowait",
    "get_nowait",
    "result",
}
_PLAIN = frozenset({"extra", "pk", "using", "_meta", "DoesNotExist", "MultipleObjectsReturned"})

_ATTRIBUTES: Mapping[type[Value], Any] = {
    Library: Attributes._of_library,
    Class: Attributes._of_class,
    Rows: Attributes._of_rows,
    Row: Attributes._of_row,
    Account: Attributes._of_account,
    Custom: Attributes._of_custom,
    Instance: Attributes._of_instance,
    Job: Attributes._of_other,
    Items: Attributes._of_items,
    Literal: Attributes._of_other,
    Raw: Attributes._of_other,
    Members: Attributes._of_other,
    Method: Attributes._of_other,
    Foreign: Attributes._of_foreign,
}


def decorators(function: Value) -> set[str]:
    """Return the names of the decorators of a function."""
    nodes = getattr(getattr(function, "node", None), "decorator_list", [])
    return {ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in nodes}


def _of_the_class(value: Value, owner: Value) -> Value:
    """Return what a class gives under a name: its class methods are bound to it."""
    if not isinstance(value, Function):
        return value
    return evolve(value, owner=owner if "classmethod" in decorators(value) else None)


def _sample(model: Any) -> Any:
    """Return an object that stands for any."""
    given: dict[str, Any] = {"id": 1}
    if model._meta.parent:
        given[f"{model._meta.parent}_id"] = 1
    return model(**given)

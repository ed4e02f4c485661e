"""Calls in a program: of its functions, of the library and of Python."""

from __future__ import annotations

import ast
from contextlib import suppress
from itertools import islice, product
from typing import Any

from attrs import evolve
from blinker import Signal

import zendesk_orm
from zendesk_orm.account import Connections
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.scopes import IMPERSONATE
from zendesk_orm.inspection.functions import Functions, function_scope, instantiate
from zendesk_orm.inspection.queries import Arguments
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Account,
    Class,
    Condition,
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
    Prefetcher,
    Raw,
    Row,
    Rows,
    Scope,
    Value,
    deduplicate,
    flatten,
)
from zendesk_orm.model import Model


#: Combinations of possible arguments that are followed for one call, at most.
_MAX_COMBINATIONS = 6

#: Functions of Python that return the elements of their arguments, in a container or one alone.
_CONTAINERS = (list, tuple, set, frozenset, sorted, reversed, iter, filter, dict)
_ELEMENTS = (next, max, min)
_READERS = (len, sum, any, all, bool, print, str, repr)
#: Methods of containers that return one of the members.
_TAKING = frozenset({"pop", "popleft", "get", "get_nowait", "setdefault", "result"})
#: Containers of Python's standard library.
_HOLDERS = frozenset({"Counter", "OrderedDict", "Queue", "defaultdict", "deque"})
#: Methods of containers and texts, which neither read nor change their arguments.
_HARMLESS = frozenset(
    [
        "append",
        "add",
        "extend",
        "insert",
        "appendleft",
        "update",
        "setdefault",
        "put",
        "put_nowait",
        "count",
        "index",
        "join",
        "format",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "log",
        "write",
        "writerow",
        "writelines",
        "get",
        "pop",
        "remove",
    ]
)


class Calls(Functions):
    """A program whose calls are followed."""

    def _evaluate_call(self, node: ast.Call, scope: Scope) -> list[Value]:
        """Return the results of a call, for combinations of its possible arguments."""
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return [_get_super(function_scope(scope).owner)]
        functions = self.evaluate(node.func, scope)
        places, words, is_open = self._split_arguments(node, scope)
        results: list[Value] = []
        combinations = islice(product(functions, *places, *words.values()), _MAX_COMBINATIONS)
        for function, *values in combinations:
            keywords = dict(zip(words, values[len(places) :], strict=True))
            arguments = Arguments(tuple(values[: len(places)]), keywords, is_open)
            results += self.call(function, arguments, node)
        return results

    def _split_arguments(
        self, node: ast.Call, scope: Scope
    ) -> tuple[list[list[Value]], dict[str, list[Value]], bool]:
        """Return positional and keyword arguments, and whether others are unknown."""
        places: list[list[Value]] = []
        words: dict[str, list[Value]] = {}
        is_open = False
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                places.append(self.evaluate(argument, scope))
                continue
            (first, *others) = self.evaluate(argument.value, scope)
            if isinstance(first, Items) and first.ordered and not others:
                places += ([member] for member in first.members)
            else:
                is_open = True
                places.append(self.iterate([first, *others], argument))
        for word in node.keywords:
            values = self.evaluate(word.value, scope)
            if word.arg is not None:
                words[word.arg] = values
            elif len(values) == 1 and isinstance(values[0], Items) and values[0].ordered:
                pairs = zip(values[0].keys, values[0].members, strict=False)
                words |= {key: [member] for key, member in pairs}
            else:
                is_open = True
        return places, words, is_open

    def call(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a call."""
        if isinstance(function, Function):
            return self.invoke(function, arguments, node)
        if isinstance(function, Method):
            return self._call_method(function, arguments, node)
        if isinstance(function, Class):
            return self._instantiate(function, arguments, node)
        if isinstance(function, Library):
            return self._call_library(function.thing, arguments, node)
        if isinstance(function, Instance):
            return self.call_special(function, "__call__", arguments.places, node)
        is_known = isinstance(function, Foreign)
        if isinstance(function, Foreign) and function.name in _GETTERS:
            return [_make_getter(function.name, arguments)]
        name = ast.unparse(getattr(node, "func", node))[:40]
        values = self.pass_to_function(name, arguments, node, is_known=is_known)
        if not isinstance(function, Foreign):
            return [UNKNOWN]
        # Most functions of Python return their arguments, or the results of a function for them.
        holds = function.name.rpartition(".")[2] in _HOLDERS
        return [Items(deduplicate(values), nested=holds)] if values or holds else [function]

    def _call_method(self, method: Method, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a method."""
        target, name = method.target, method.name
        if isinstance(target, Rows):
            return self.call_rows(target, name, arguments, node)
        if isinstance(target, Row):
            return self.call_row(target, name, arguments, node)
        if isinstance(target, Account):
            return self.call_account(name, arguments, node)
        if isinstance(target, Raw):
            return self.call_raw(name, arguments, node)
        if isinstance(target, Members):
            return self.call_members(target, name, node)
        return self._call_other(target, name, arguments, node)

    def _call_other(
        self, target: Value, name: str, arguments: Arguments, node: ast.AST
    ) -> list[Value]:
        """Return the results of a method of a value that is neither a query nor an object."""
        if isinstance(target, Job) or (isinstance(target, Library) and target.thing is _JOB):
            return self.call_job(name, node)
        if isinstance(target, Class) and name == "from_queryset":
            classes = [value for value in arguments.places if isinstance(value, Class)]
            return [evolve(target, scope=Scope(), parents=[target, *classes])]
        if isinstance(target, Class) and name == "as_manager":
            return [Manager(target)]
        if isinstance(target, Library) and isinstance(target.thing, Connections):
            return [Items([Account()])]
        if isinstance(target, Items):
            return self._call_container(target, name, arguments, node)
        if (arguments.text(0, "path") or "").startswith("/api/"):
            # The path shows that this is a call of the API.
            return self.call_raw(name, arguments, node)
        self.pass_to_function(f".{name}()", arguments, node, is_known=name in _HARMLESS)
        return [UNKNOWN]

    def _call_container(
        self, target: Items, name: str, arguments: Arguments, node: ast.AST
    ) -> list[Value]:
        """Return the results of a method of a container."""
        self.pass_to_function(f".{name}()", arguments, node, is_known=True)
        for value in arguments.all():
            self._call_for_each(value, target.members, node)
        if name in ("append", "add", "insert", "appendleft", "setdefault"):
            target.ordered = False
            target.members[:] = deduplicate([*target.members, *arguments.places])
        if name in ("extend", "update"):
            target.ordered = False
            target.members[:] = deduplicate(
                [*target.members, *self.iterate([*arguments.places], node)]
            )
        if name == "items":
            return [Items([Items([UNKNOWN, value], ordered=True) for value in target.members])]
        return [*target.members] if name in _TAKING else [target]

    def _instantiate(self, kind: Class, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return an object of a class of the program."""
        if kind.is_model:
            return [
                Row(
                    kind.base,
                    kind,
                    new="id" not in arguments.keywords and not arguments.has_unknown,
                )
            ]
        instance = Instance(kind)
        constructors = kind.find("__init__")
        for method in constructors:
            if isinstance(method, Function):
                self.invoke(evolve(method, owner=instance), arguments, node)
        if not constructors:
            # A dataclass, or another class whose constructor assigns the declared fields.
            fields = kind.find_fields()
            values = {**dict(zip(fields, arguments.places, strict=False)), **arguments.keywords}
            for name in values.keys() & fields:
                kind.add_attribute(name, [values[name]])
        return [instance]

    def _call_library(self, thing: Any, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a function or class of the library or of Python."""
        if isinstance(thing, type) and issubclass(thing, Model):
            return [Row(thing, new="id" not in arguments.keywords and not arguments.has_unknown)]
        if thing is zendesk_orm.connect:
            if "acting_as" in arguments.keywords:
                self.require(((IMPERSONATE,),), node)
            return [Account()]
        if thing is zendesk_orm.Q:
            return [Condition(arguments.places, arguments.keywords)]
        if thing is zendesk_orm.Prefetch:
            return [self._make_prefetcher(arguments)]
        if thing is zendesk_orm.prefetch_related_objects:
            return self._prefetch_objects(arguments, node)
        if thing in _AGGREGATES:
            with suppress(ZendeskError, TypeError):
                names: Any = [getattr(value, "value", "id") for value in arguments.places]
                return [Literal(thing(*names))]
        if thing is getattr:
            return self._call_getattr(arguments, node)
        return self._call_python(thing, arguments, node)

    def _call_python(self, thing: Any, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of a function of Python that reads its arguments."""
        if isinstance(getattr(thing, "__self__", None), Signal) and "sender" in arguments.keywords:
            # A receiver is called with objects of the model for which it is registered.
            instance = next(instantiate([arguments.keywords["sender"]]), UNKNOWN)
            signal_arguments = Arguments((), {**arguments.keywords, "instance": instance})
            return [
                result
                for value in arguments.places
                for result in self.invoke(value, signal_arguments, node)
            ]
        first = list(arguments.places)
        if thing in (enumerate, zip):
            iterables = [self.iterate([value], node) for value in first]
            first = [UNKNOWN] if thing is enumerate else []
            combinations = islice(product(*iterables), _MAX_COMBINATIONS)
            return [Items([Items([*first, *value], ordered=True) for value in combinations])]
        if thing is map and first:
            elements = self.iterate(first[1:], node)
            return [Items(self._call_for_each(first[0], elements, node))]
        if thing in _CONTAINERS or thing in _ELEMENTS or thing in _READERS:
            elements = self.iterate(first, node)
            for value in first:
                if isinstance(value, Instance):
                    self.call_special(value, f"__{thing.__name__}__", (), node)
            for value in (*first, *arguments.keywords.values()):
                self._call_for_each(value, elements, node)
            elements = [value for value in elements if not isinstance(value, Function)]
            return [Items(elements)] if thing in _CONTAINERS else elements
        is_known = getattr(thing, "__module__", "") == "builtins" or _is_ours(thing)
        self.pass_to_function(
            getattr(thing, "__name__", "a function"), arguments, node, is_known=is_known
        )
        return [UNKNOWN]

    def _call_for_each(self, function: Value, elements: list[Value], node: ast.AST) -> list[Value]:
        """Return the results of a function for elements; nothing if it is not a function."""
        if isinstance(function, Method):
            return [
                value
                for element in elements
                for value in self._call_method(function, Arguments((element,)), node)
            ]
        if not isinstance(function, Function):
            return []
        results: list[Value] = []
        for element in elements:
            results += self.invoke(function, Arguments((element,)), node)
        return results

    def _call_getattr(self, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return the results of `getattr()`."""
        name = arguments.text(1, "name")
        target = arguments.places[0] if arguments.places else UNKNOWN
        if name is not None:
            return self.get_attribute(target, name, node)
        if isinstance(target, (Row, Rows, Account)):
            self.report_unclear("the name of the attribute is unknown", node)
        return [UNKNOWN]

    @staticmethod
    def _make_prefetcher(arguments: Arguments) -> Value:
        """Return a `Prefetch`."""
        lookup = arguments.text(0, "lookup")
        rows = (
            arguments.places[1] if len(arguments.places) > 1 else arguments.keywords.get("queryset")
        )
        return Prefetcher(lookup, rows)

    def _prefetch_objects(self, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Record the requests of `prefetch_related_objects()`."""
        for place, value in enumerate(arguments.places[1:], 1):
            lookup = value.lookup if isinstance(value, Prefetcher) else arguments.text(place, "")
            for row in flatten(arguments.places[:1]):
                if isinstance(row, Row) and lookup:
                    self._require_relations(row.model, lookup, None, node)
        return [UNKNOWN]


#: Functions of Python that return one that reads attributes, or calls a method.
_GETTERS = {"operator.attrgetter": "", "operator.methodcaller": "()"}


def _make_getter(name: str, arguments: Arguments) -> Value:
    """Return the function that `attrgetter("requester.name")` returns."""
    texts = [arguments.text(place, "") or "" for place in range(len(arguments.places))]
    names = [text for text in texts if text.replace(".", "").isidentifier()]
    names = names[:1] if _GETTERS[name] else names
    body = ", ".join(f"value.{text}{_GETTERS[name]}" for text in names) or "None"
    function: Any = ast.parse(f"lambda value: ({body})", mode="eval").body
    return Function(function, Scope())


_JOB = zendesk_orm.Job
_AGGREGATES = (
    zendesk_orm.Avg,
    zendesk_orm.Count,
    zendesk_orm.Max,
    zendesk_orm.Min,
    zendesk_orm.Sum,
)


def _get_super(owner: Value | None) -> Value:
    """Return the value of `super()` in a method of an object."""
    if isinstance(owner, Rows):
        return evolve(owner, is_super=True)
    if isinstance(owner, Row):
        return evolve(owner, kind=None)
    return UNKNOWN


def _is_ours(thing: Any) -> bool:
    """Return whether an object belongs to this library."""
    return str(getattr(thing, "__module__", "")).startswith("zendesk_orm")

"""What happens in a program where something is called."""

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
from zendesk_orm.inspection.functions import Functions, frame, objects
from zendesk_orm.inspection.reading import Arguments
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Account,
    Ahead,
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
    Raw,
    Row,
    Rows,
    Scope,
    Value,
    flat,
    merged,
)
from zendesk_orm.model import Model


#: Ways in which the arguments of one call may go together.
_WAYS = 6

#: Functions of Python that give the elements of what they are given, in a container or bare.
_CONTAINERS = (list, tuple, set, frozenset, sorted, reversed, iter, filter, dict)
_ELEMENTS = (next, max, min)
_READERS = (len, sum, any, all, bool, print, str, repr)
#: Methods of containers that give one of what is in them.
_TAKING = frozenset({"pop", "popleft", "get", "get_nowait", "setdefault", "result"})
#: Containers of Python's own library.
_HOLDERS = frozenset({"Counter", "OrderedDict", "Queue", "defaultdict", "deque"})
#: Methods of containers and texts, which do nothing with what they are given.
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


class Following(Functions):
    """Calls, of the program's own functions and of others."""

    def _of_call(self, node: ast.Call, scope: Scope) -> list[Value]:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return [_above(frame(scope).owner)]
        functions = self.evaluate(node.func, scope)
        places, words, more = self._given(node, scope)
        found: list[Value] = []
        ways = islice(product(functions, *places, *words.values()), _WAYS)
        for function, *given in ways:
            keywords = dict(zip(words, given[len(places) :], strict=True))
            arguments = Arguments(tuple(given[: len(places)]), keywords, more)
            found += self.call(function, arguments, node)
        return found

    def _given(
        self, node: ast.Call, scope: Scope
    ) -> tuple[list[list[Value]], dict[str, list[Value]], bool]:
        """Return arguments by place and by name, and whether there may be more."""
        places: list[list[Value]] = []
        words: dict[str, list[Value]] = {}
        more = False
        for each in node.args:
            if not isinstance(each, ast.Starred):
                places.append(self.evaluate(each, scope))
                continue
            (first, *others) = self.evaluate(each.value, scope)
            if isinstance(first, Items) and first.ordered and not others:
                places += ([member] for member in first.members)
            else:
                more = True
                places.append(self.elements([first, *others], each))
        for word in node.keywords:
            values = self.evaluate(word.value, scope)
            if word.arg is not None:
                words[word.arg] = values
            elif len(values) == 1 and isinstance(values[0], Items) and values[0].ordered:
                pairs = zip(values[0].keys, values[0].members, strict=False)
                words |= {key: [member] for key, member in pairs}
            else:
                more = True
        return places, words, more

    def call(self, function: Value, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a call gives."""
        if isinstance(function, Function):
            return self.invoke(function, given, node)
        if isinstance(function, Method):
            return self._method_call(function, given, node)
        if isinstance(function, Class):
            return self._made(function, given, node)
        if isinstance(function, Library):
            return self._library_call(function.thing, given, node)
        if isinstance(function, Instance):
            return self.special(function, "__call__", given.places, node)
        known = isinstance(function, Foreign)
        if isinstance(function, Foreign) and function.name in _GETTERS:
            return [_getter(function.name, given)]
        name = ast.unparse(getattr(node, "func", node))[:40]
        found = self.handed_over(name, given, node, known=known)
        if not isinstance(function, Foreign):
            return [UNKNOWN]
        # Most functions of Python give what they were given, or what a function makes of it.
        holds = function.name.rpartition(".")[2] in _HOLDERS
        return [Items(merged(found), nested=holds)] if found or holds else [function]

    def _method_call(self, method: Method, given: Arguments, node: ast.AST) -> list[Value]:
        target, name = method.target, method.name
        if isinstance(target, Rows):
            return self.rows_call(target, name, given, node)
        if isinstance(target, Row):
            return self.row_call(target, name, given, node)
        if isinstance(target, Account):
            return self.account_call(name, given, node)
        if isinstance(target, Raw):
            return self.raw_call(name, given, node)
        if isinstance(target, Members):
            return self.members_call(target, name, node)
        return self._other_call(target, name, given, node)

    def _other_call(self, target: Value, name: str, given: Arguments, node: ast.AST) -> list[Value]:
        if isinstance(target, Job) or (isinstance(target, Library) and target.thing is _JOB):
            return self.job_call(name, node)
        if isinstance(target, Class) and name == "from_queryset":
            more = [each for each in given.places if isinstance(each, Class)]
            return [evolve(target, scope=Scope(), parents=[target, *more])]
        if isinstance(target, Class) and name == "as_manager":
            return [Manager(target)]
        if isinstance(target, Library) and isinstance(target.thing, Connections):
            return [Items([Account()])]
        if isinstance(target, Items):
            return self._container_call(target, name, given, node)
        if (given.text(0, "path") or "").startswith("/api/"):
            # Whatever the account is called, this is a call of its API.
            return self.raw_call(name, given, node)
        self.handed_over(f".{name}()", given, node, known=name in _HARMLESS)
        return [UNKNOWN]

    def _container_call(
        self, target: Items, name: str, given: Arguments, node: ast.AST
    ) -> list[Value]:
        self.handed_over(f".{name}()", given, node, known=True)
        for each in given.all():
            self._each(each, target.members, node)
        if name in ("append", "add", "insert", "appendleft", "setdefault"):
            target.ordered = False
            target.members[:] = merged([*target.members, *given.places])
        if name in ("extend", "update"):
            target.ordered = False
            target.members[:] = merged([*target.members, *self.elements([*given.places], node)])
        if name == "items":
            return [Items([Items([UNKNOWN, each], ordered=True) for each in target.members])]
        return [*target.members] if name in _TAKING else [target]

    def _made(self, kind: Class, given: Arguments, node: ast.AST) -> list[Value]:
        """Return an object of a class of the program."""
        if kind.is_model:
            return [Row(kind.base, kind, new="id" not in given.keywords and not given.open)]
        made = Instance(kind)
        for each in kind.find("__init__"):
            if isinstance(each, Function):
                self.invoke(evolve(each, owner=made), given, node)
        return [made]

    def _library_call(self, thing: Any, given: Arguments, node: ast.AST) -> list[Value]:
        if isinstance(thing, type) and issubclass(thing, Model):
            return [Row(thing, new="id" not in given.keywords and not given.open)]
        if thing is zendesk_orm.connect:
            if "acting_as" in given.keywords:
                self.need(((IMPERSONATE,),), node)
            return [Account()]
        if thing is zendesk_orm.Q:
            return [Condition(given.places, given.keywords)]
        if thing is zendesk_orm.Prefetch:
            return [self._ahead_of(given)]
        if thing is zendesk_orm.prefetch_related_objects:
            return self._prefetched(given, node)
        if thing in _AGGREGATES:
            with suppress(ZendeskError, TypeError):
                named: Any = [getattr(each, "value", "id") for each in given.places]
                return [Literal(thing(*named))]
        if thing is getattr:
            return self._named_attribute(given, node)
        return self._python_call(thing, given, node)

    def _python_call(self, thing: Any, given: Arguments, node: ast.AST) -> list[Value]:
        """Return what a function of Python gives that reads what it is given."""
        if isinstance(getattr(thing, "__self__", None), Signal) and "sender" in given.keywords:
            # A receiver is told of objects of the model that it is registered for.
            instance = next(objects([given.keywords["sender"]]), UNKNOWN)
            told = Arguments((), {**given.keywords, "instance": instance})
            return [one for each in given.places for one in self.invoke(each, told, node)]
        first = list(given.places)
        if thing in (enumerate, zip):
            found = [self.elements([each], node) for each in first]
            first = [UNKNOWN] if thing is enumerate else []
            ways = islice(product(*found), _WAYS)
            return [Items([Items([*first, *each], ordered=True) for each in ways])]
        if thing is map and first:
            elements = self.elements(first[1:], node)
            return [Items(self._each(first[0], elements, node))]
        if thing in _CONTAINERS or thing in _ELEMENTS or thing in _READERS:
            elements = self.elements(first, node)
            for each in first:
                if isinstance(each, Instance):
                    self.special(each, f"__{thing.__name__}__", (), node)
            for each in (*first, *given.keywords.values()):
                self._each(each, elements, node)
            elements = [e for e in elements if not isinstance(e, Function)]
            return [Items(elements)] if thing in _CONTAINERS else elements
        known = getattr(thing, "__module__", "") == "builtins" or _ours(thing)
        self.handed_over(getattr(thing, "__name__", "a function"), given, node, known=known)
        return [UNKNOWN]

    def _each(self, function: Value, elements: list[Value], node: ast.AST) -> list[Value]:
        """Return what a function gives for elements, if it is one."""
        if isinstance(function, Method):
            return [
                value
                for each in elements
                for value in self._method_call(function, Arguments((each,)), node)
            ]
        if not isinstance(function, Function):
            return []
        found: list[Value] = []
        for each in elements:
            found += self.invoke(function, Arguments((each,)), node)
        return found

    def _named_attribute(self, given: Arguments, node: ast.AST) -> list[Value]:
        name = given.text(1, "name")
        target = given.places[0] if given.places else UNKNOWN
        if name is not None:
            return self.attribute(target, name, node)
        if isinstance(target, (Row, Rows, Account)):
            self.unclear("it is not known which attribute is read", node)
        return [UNKNOWN]

    @staticmethod
    def _ahead_of(given: Arguments) -> Value:
        lookup = given.text(0, "lookup")
        rows = given.places[1] if len(given.places) > 1 else given.keywords.get("queryset")
        return Ahead(lookup, rows)

    def _prefetched(self, given: Arguments, node: ast.AST) -> list[Value]:
        for place, each in enumerate(given.places[1:], 1):
            lookup = each.lookup if isinstance(each, Ahead) else given.text(place, "")
            for row in flat(given.places[:1]):
                if isinstance(row, Row) and lookup:
                    self._ahead(row.model, lookup, None, node)
        return [UNKNOWN]


#: Functions of Python that give one that reads attributes, or calls a method.
_GETTERS = {"operator.attrgetter": "", "operator.methodcaller": "()"}


def _getter(name: str, given: Arguments) -> Value:
    """Return what `attrgetter("requester.name")` gives."""
    texts = [given.text(place, "") or "" for place in range(len(given.places))]
    names = [each for each in texts if each.replace(".", "").isidentifier()]
    names = names[:1] if _GETTERS[name] else names
    body = ", ".join(f"each.{each}{_GETTERS[name]}" for each in names) or "None"
    made: Any = ast.parse(f"lambda each: ({body})", mode="eval").body
    return Function(made, Scope())


_JOB = zendesk_orm.Job
_AGGREGATES = (
    zendesk_orm.Avg,
    zendesk_orm.Count,
    zendesk_orm.Max,
    zendesk_orm.Min,
    zendesk_orm.Sum,
)


def _above(owner: Value | None) -> Value:
    """Return an object as the classes above see it: `super()`."""
    if isinstance(owner, Rows):
        return evolve(owner, above=True)
    if isinstance(owner, Row):
        return evolve(owner, kind=None)
    return UNKNOWN


def _ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).startswith("zendesk_orm")

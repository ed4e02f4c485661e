"""Functions of a program: what their parameters stand for, and what they give."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from zendesk_orm import chat, help_center, support, talk
from zendesk_orm.account import Account as AccountClass
from zendesk_orm.inspection.attributes import Attributes
from zendesk_orm.inspection.reading import Arguments
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Account,
    Class,
    Function,
    Instance,
    Items,
    Library,
    Literal,
    Row,
    Rows,
    Scope,
    Value,
    merged,
)
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import QuerySet


#: Calls within calls that are followed.
_DEPTH = 12


class Functions(Attributes):
    """The functions of a program."""

    def __init__(self) -> None:
        super().__init__()
        #: The functions that were called.
        self.followed: set[int] = set()
        self._running: list[int] = []

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements."""
        raise NotImplementedError

    def bind(self, target: ast.AST, values: list[Value], scope: Scope) -> None:
        """Let what is assigned to stand for values."""
        raise NotImplementedError

    # -- functions of the program --------------------------------------------

    def invoke(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Return what a function of the program gives, after following it."""
        if not isinstance(function, Function):
            return [UNKNOWN]
        self.followed.add(id(function.node))
        inner = id(function.node)
        if self._running.count(inner) > 1 or len(self._running) > _DEPTH:
            return [UNKNOWN]
        scope = Scope(function.scope, owner=function.owner)
        self._parameters(function, arguments, scope)
        self._running.append(inner)
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            self.execute(function.node.body, scope)
        finally:
            self._running.pop()
        if scope.yielded:
            return [Items(merged(scope.yielded))]
        return merged(scope.returned) or [Literal(None)]

    def _parameters(self, function: Function, given: Arguments, scope: Scope) -> None:
        node = function.node
        arguments = [*node.args.posonlyargs, *node.args.args]
        places = [*given.places]
        if function.owner is not None and arguments:
            places.insert(0, function.owner)
        senders = self._senders(function)
        for place, each in enumerate(arguments):
            found = [places[place]] if place < len(places) else None
            self._parameter(each, found, given, scope, senders)
        for each in node.args.kwonlyargs:
            self._parameter(each, None, given, scope, senders)
        self._defaults(function, scope, open_=given.open)
        if node.args.vararg is not None:
            rest = list(places[len(arguments) :])
            scope.put(node.args.vararg.arg, [Items(rest, ordered=not given.open)])
        if node.args.kwarg is not None:
            known = {each.arg for each in (*arguments, *node.args.kwonlyargs)}
            more = {k: each for k, each in given.keywords.items() if k not in known}
            values = Items([*more.values()], ordered=not given.open, keys=tuple(more))
            scope.put(node.args.kwarg.arg, [values])

    def _parameter(
        self,
        node: ast.arg,
        found: list[Value] | None,
        given: Arguments,
        scope: Scope,
        senders: list[Value],
    ) -> None:
        if found is None and node.arg in given.keywords:
            found = [given.keywords[node.arg]]
        if found is None or found == [UNKNOWN]:
            found = self.annotated(node.annotation, scope)
        if node.arg == "instance" and senders:
            found = senders
        scope.put(node.arg, found)

    def _defaults(self, function: Function, scope: Scope, *, open_: bool) -> None:
        """Let parameters that nothing was given for have their defaults."""
        args = function.node.args
        plain = [*args.posonlyargs, *args.args]
        pairs: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for each, default in pairs:
            if default is not None and scope.names.get(each.arg) == [UNKNOWN]:
                found = self.evaluate(default, function.scope)
                scope.put(each.arg, [UNKNOWN, *found] if open_ else found)

    def _senders(self, function: Function) -> list[Value]:
        """Return what a receiver is told of: objects of the model that it is registered for."""
        found: list[Value] = []
        for each in getattr(function.node, "decorator_list", ()):
            words = {word.arg: word.value for word in getattr(each, "keywords", ())}
            if "sender" in words:
                found += objects(self.evaluate(words["sender"], function.scope))
            elif isinstance(each, ast.Call) and ast.unparse(each.func).endswith("receiver"):
                named = [arg for arg in function.node.args.args if arg.arg == "instance"]
                if any(arg.annotation is None for arg in named):
                    self.unclear("it is not known of which model `instance` is", function.node)
        return found

    def annotated(self, node: ast.expr | None, scope: Scope) -> list[Value]:
        """Return what a value of a type, as it is annotated, may be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            with suppress(SyntaxError):
                return self.annotated(ast.parse(node.value, mode="eval").body, scope)
        if isinstance(node, ast.BinOp):
            found = [*self.annotated(node.left, scope), *self.annotated(node.right, scope)]
            return [each for each in found if each is not UNKNOWN] or [UNKNOWN]
        if isinstance(node, ast.Subscript):
            inner = self.annotated(node.slice, scope)
            outer = [each.thing for each in self._types(node.value, scope)]
            if any(isinstance(each, type) and issubclass(each, QuerySet) for each in outer):
                return [
                    Rows(row.model.objects, doubtful=True) for row in inner if isinstance(row, Row)
                ] or [UNKNOWN]
            return [Items(inner)] if any(isinstance(each, Row) for each in inner) else inner
        return list(objects(self._types(node, scope))) or [UNKNOWN]

    def _types(self, node: ast.expr | None, scope: Scope) -> list[Any]:
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return []
        return [each for each in self.evaluate(node, scope) if isinstance(each, (Library, Class))]


def objects(types: Iterable[Value]) -> Iterator[Value]:
    """Yield objects of these types, as far as it is known what they are."""
    for each in types:
        if isinstance(each, Class) and each.is_model:
            yield Row(each.base, each)
        elif isinstance(each, Class) and not each.is_queryset:
            yield Instance(each)
        elif isinstance(each, Library) and isinstance(each.thing, type):
            if issubclass(each.thing, Model):
                yield Row(each.thing)
            elif issubclass(each.thing, AccountClass):
                yield Account()


def frame(scope: Scope) -> Scope:
    """Return the scope of the function around."""
    found = scope
    while found.inner and found.parent is not None:
        found = found.parent
    return found


def imported(module: str) -> Any:
    """Return a module of the library, or None where there is none of that name at hand."""
    return _PRODUCTS.get(module) or sys.modules.get(module)


_PRODUCTS: Mapping[str, Any] = {each.__name__: each for each in (chat, help_center, support, talk)}

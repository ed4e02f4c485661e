"""Functions of a program: their parameters and their results."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from zendesk_orm import chat, help_center, support, talk
from zendesk_orm.account import Account as AccountClass
from zendesk_orm.inspection.attributes import Attributes
from zendesk_orm.inspection.queries import Arguments
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
    deduplicate,
)
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import QuerySet


#: The depth to which calls within calls are followed.
_DEPTH = 12


class Functions(Attributes):
    """A program whose functions are followed."""

    def __init__(self) -> None:
        super().__init__()
        #: The functions that were called.
        self.invoked: set[int] = set()
        self._running: list[int] = []

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements."""
        raise NotImplementedError

    def bind(self, target: ast.AST, values: list[Value], scope: Scope) -> None:
        """Assign values to a target."""
        raise NotImplementedError

    # -- functions of the program --------------------------------------------

    def invoke(self, function: Value, arguments: Arguments, node: ast.AST) -> list[Value]:
        """Follow a function of the program, and return its results."""
        if not isinstance(function, Function):
            return [UNKNOWN]
        self.invoked.add(id(function.node))
        inner = id(function.node)
        if self._running.count(inner) > 1 or len(self._running) > _DEPTH:
            return [UNKNOWN]
        scope = Scope(function.scope, owner=function.owner)
        self._bind_parameters(function, arguments, scope)
        self._running.append(inner)
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            self.execute(function.node.body, scope)
        finally:
            self._running.pop()
        if scope.yielded:
            return [Items(deduplicate(scope.yielded))]
        return deduplicate(scope.returned) or [Literal(None)]

    def _bind_parameters(self, function: Function, arguments: Arguments, scope: Scope) -> None:
        """Assign the arguments of a call to the parameters of a function."""
        node = function.node
        parameters = [*node.args.posonlyargs, *node.args.args]
        places = [*arguments.places]
        if function.owner is not None and parameters:
            places.insert(0, function.owner)
        senders = self._find_senders(function)
        for place, parameter in enumerate(parameters):
            bound = [places[place]] if place < len(places) else None
            self._bind_parameter(parameter, bound, arguments, scope, senders)
        for parameter in node.args.kwonlyargs:
            self._bind_parameter(parameter, None, arguments, scope, senders)
        self._bind_defaults(function, scope, is_open=arguments.has_unknown)
        if node.args.vararg is not None:
            extra = list(places[len(parameters) :])
            scope.put(node.args.vararg.arg, [Items(extra, ordered=not arguments.has_unknown)])
        if node.args.kwarg is not None:
            names = {parameter.arg for parameter in (*parameters, *node.args.kwonlyargs)}
            extra_keywords = {
                k: parameter for k, parameter in arguments.keywords.items() if k not in names
            }
            values = Items(
                [*extra_keywords.values()],
                ordered=not arguments.has_unknown,
                keys=tuple(extra_keywords),
            )
            scope.put(node.args.kwarg.arg, [values])

    def _bind_parameter(
        self,
        node: ast.arg,
        values: list[Value] | None,
        arguments: Arguments,
        scope: Scope,
        senders: list[Value],
    ) -> None:
        """Assign an argument, or a value of the annotated type, to a parameter."""
        if values is None and node.arg in arguments.keywords:
            values = [arguments.keywords[node.arg]]
        if values is None or values == [UNKNOWN]:
            values = self.evaluate_annotation(node.annotation, scope)
        if node.arg == "instance" and senders:
            values = senders
        scope.put(node.arg, values)

    def _bind_defaults(self, function: Function, scope: Scope, *, is_open: bool) -> None:
        """Assign the defaults to parameters without an argument."""
        args = function.node.args
        plain = [*args.posonlyargs, *args.args]
        pairs: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for parameter, default in pairs:
            if default is not None and scope.names.get(parameter.arg) == [UNKNOWN]:
                values = self.evaluate(default, function.scope)
                scope.put(parameter.arg, [UNKNOWN, *values] if is_open else values)

    def _find_senders(self, function: Function) -> list[Value]:
        """Return objects of the models for which a receiver is registered."""
        senders: list[Value] = []
        for decorator in getattr(function.node, "decorator_list", ()):
            words = {word.arg: word.value for word in getattr(decorator, "keywords", ())}
            if "sender" in words:
                senders += instantiate(self.evaluate(words["sender"], function.scope))
            elif isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
                "receiver"
            ):
                parameters = [arg for arg in function.node.args.args if arg.arg == "instance"]
                if any(arg.annotation is None for arg in parameters):
                    self.report_unclear("the model of `instance` is unknown", function.node)
        return senders

    def evaluate_annotation(self, node: ast.expr | None, scope: Scope) -> list[Value]:
        """Return the possible values of an annotated type."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            with suppress(SyntaxError):
                return self.evaluate_annotation(ast.parse(node.value, mode="eval").body, scope)
        if isinstance(node, ast.BinOp):
            values = [
                *self.evaluate_annotation(node.left, scope),
                *self.evaluate_annotation(node.right, scope),
            ]
            return [value for value in values if value is not UNKNOWN] or [UNKNOWN]
        if isinstance(node, ast.Subscript):
            inner = self.evaluate_annotation(node.slice, scope)
            outer = [value.thing for value in self._evaluate_types(node.value, scope)]
            if any(isinstance(value, type) and issubclass(value, QuerySet) for value in outer):
                return [
                    Rows(row.model.objects, uncertain=True) for row in inner if isinstance(row, Row)
                ] or [UNKNOWN]
            return [Items(inner)] if any(isinstance(value, Row) for value in inner) else inner
        return list(instantiate(self._evaluate_types(node, scope))) or [UNKNOWN]

    def _evaluate_types(self, node: ast.expr | None, scope: Scope) -> list[Any]:
        """Return the classes to which a name in an annotation refers."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return []
        return [
            value for value in self.evaluate(node, scope) if isinstance(value, (Library, Class))
        ]


def instantiate(types: Iterable[Value]) -> Iterator[Value]:
    """Yield an object of each type that is known."""
    for class_ in types:
        if isinstance(class_, Class) and class_.is_model:
            yield Row(class_.base, class_)
        elif isinstance(class_, Class) and not class_.is_queryset:
            yield Instance(class_)
        elif isinstance(class_, Library) and isinstance(class_.thing, type):
            if issubclass(class_.thing, Model):
                yield Row(class_.thing)
            elif issubclass(class_.thing, AccountClass):
                yield Account()


def function_scope(scope: Scope) -> Scope:
    """Return the scope of the enclosing function."""
    current = scope
    while current.inner and current.parent is not None:
        current = current.parent
    return current


def find_module(module: str) -> Any:
    """Return a loaded module of the library, or None."""
    return _PRODUCTS.get(module) or sys.modules.get(module)


_PRODUCTS: Mapping[str, Any] = {
    product.__name__: product for product in (chat, help_center, support, talk)
}

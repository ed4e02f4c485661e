"""What the expressions of a program may be."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from itertools import product
from typing import Any

from zendesk_orm.inspection.following import Following
from zendesk_orm.inspection.functions import frame
from zendesk_orm.inspection.reading import combined
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Condition,
    Function,
    Items,
    Library,
    Literal,
    Rows,
    Scope,
    Value,
    merged,
)


_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
}


class Expressions(Following):
    """Expressions, and what their names stand for."""

    def function(self, node: Any, scope: Scope) -> Function:
        """Return a function of the program, the same one for the same place."""
        raise NotImplementedError

    def evaluate(self, node: ast.AST, scope: Scope) -> list[Value]:
        """Return what an expression may be."""
        handler = getattr(self, f"_of_{type(node).__name__.lower()}", None)
        if handler is None:
            self._evaluate_children(node, scope)
            return [UNKNOWN]
        found: list[Value] = handler(node, scope)
        return merged(found) or [UNKNOWN]

    def _evaluate_children(self, node: ast.AST, scope: Scope) -> None:
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.expr):
                self.evaluate(each, scope)
            else:
                self._evaluate_children(each, scope)

    def _of_constant(self, node: ast.Constant, scope: Scope) -> list[Value]:
        return [Literal(node.value)]

    def _of_name(self, node: ast.Name, scope: Scope) -> list[Value]:
        found = scope.get(node.id)
        if found is not None:
            return found
        thing = getattr(builtins, node.id, None)
        return [UNKNOWN if thing is None else Library(thing)]

    def _of_attribute(self, node: ast.Attribute, scope: Scope) -> list[Value]:
        return [
            value
            for each in self.evaluate(node.value, scope)
            for value in self.attribute(each, node.attr, node)
        ]

    def _of_await(self, node: ast.Await, scope: Scope) -> list[Value]:
        return self.evaluate(node.value, scope)

    def _of_starred(self, node: ast.Starred, scope: Scope) -> list[Value]:
        return self.elements(self.evaluate(node.value, scope), node)

    def _of_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> list[Value]:
        values = self.evaluate(node.value, scope)
        self.bind(node.target, values, frame(scope))
        return values

    def _of_list(self, node: Any, scope: Scope) -> list[Value]:
        found = [self.evaluate(each, scope) for each in node.elts]
        ordered = all(len(each) == 1 for each in found)
        ordered = ordered and not any(isinstance(each, ast.Starred) for each in node.elts)
        return [Items([value for each in found for value in each], ordered=ordered)]

    _of_tuple = _of_set = _of_list

    def _of_dict(self, node: ast.Dict, scope: Scope) -> list[Value]:
        keys = [UNKNOWN if e is None else self.evaluate(e, scope)[0] for e in node.keys]
        found = [self.evaluate(each, scope) for each in node.values]
        names = tuple(str(each.value) for each in keys if isinstance(each, Literal))
        ordered = len(names) == len(found) and all(len(each) == 1 for each in found)
        members = [value for each in found for value in each]
        return [Items(members, ordered=ordered, keys=names if ordered else ())]

    def _of_lambda(self, node: ast.Lambda, scope: Scope) -> list[Value]:
        return [self.function(node, scope)]

    def _of_ifexp(self, node: ast.IfExp, scope: Scope) -> list[Value]:
        self.tested(self.evaluate(node.test, scope), node.test)
        return [*self.evaluate(node.body, scope), *self.evaluate(node.orelse, scope)]

    def _of_boolop(self, node: ast.BoolOp, scope: Scope) -> list[Value]:
        found: list[Value] = []
        for each in node.values:
            values = self.evaluate(each, scope)
            self.tested(values, each)
            found += values
        return found

    def _of_unaryop(self, node: ast.UnaryOp, scope: Scope) -> list[Value]:
        values = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Invert):
            return [Condition((each,), {}, "not") for each in values]
        self.tested(values, node)
        number = values[0].value if isinstance(values[0], Literal) else None
        if isinstance(node.op, ast.USub) and isinstance(number, (int, float)):
            return [Literal(-number)]
        return [UNKNOWN]

    def _of_binop(self, node: ast.BinOp, scope: Scope) -> list[Value]:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self._together(left, right, node.op)

    def _together(self, left: list[Value], right: list[Value], op: ast.operator) -> list[Value]:
        operator = _OPERATORS.get(type(op), "")
        found: list[Value] = []
        for one, other in product(left, right):
            if isinstance(one, Condition) and operator:
                found.append(Condition((one, other), {}, operator))
            elif isinstance(one, Rows) and operator:
                found.append(combined(one, other, operator))
            elif isinstance(one, Items) and isinstance(other, Items):
                found.append(Items([*one.members, *other.members]))
            else:
                found.append(UNKNOWN)
        return found

    def _of_compare(self, node: ast.Compare, scope: Scope) -> list[Value]:
        self.evaluate(node.left, scope)
        for operator, each in zip(node.ops, node.comparators, strict=True):
            values = self.evaluate(each, scope)
            if isinstance(operator, (ast.In, ast.NotIn)):
                self.elements(values, each)
        return [UNKNOWN]

    def _of_subscript(self, node: ast.Subscript, scope: Scope) -> list[Value]:
        found: list[Value] = []
        for each in self.evaluate(node.value, scope):
            found += self.subscript(each, node.slice, scope, node)
        return found

    def _of_listcomp(self, node: Any, scope: Scope) -> list[Value]:
        inner = self._comprehended(node.generators, scope)
        return [Items(self.evaluate(node.elt, inner))]

    _of_setcomp = _of_generatorexp = _of_listcomp

    def _of_dictcomp(self, node: ast.DictComp, scope: Scope) -> list[Value]:
        inner = self._comprehended(node.generators, scope)
        self.evaluate(node.key, inner)
        return [Items(self.evaluate(node.value, inner))]

    def _comprehended(self, generators: list[ast.comprehension], scope: Scope) -> Scope:
        inner = Scope(scope, owner=scope.owner, inner=True)
        for each in generators:
            elements = self.elements(self.evaluate(each.iter, inner), each.iter)
            self.bind(each.target, elements, inner)
            for test in each.ifs:
                self.tested(self.evaluate(test, inner), test)
        return inner

    def _of_yield(self, node: Any, scope: Scope) -> list[Value]:
        if node.value is not None:
            values = self.evaluate(node.value, scope)
            if isinstance(node, ast.YieldFrom):
                values = self.elements(values, node)
            frame(scope).yielded += values
        return [UNKNOWN]

    _of_yieldfrom = _of_yield

"""Expressions of a program."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from itertools import product
from typing import Any

from zendesk_orm.inspection.calls import Calls
from zendesk_orm.inspection.functions import function_scope
from zendesk_orm.inspection.queries import combine
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
    deduplicate,
)


_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
}


class Expressions(Calls):
    """A program whose expressions are evaluated to their possible values."""

    def function(self, node: Any, scope: Scope) -> Function:
        """Return a function of the program; the same object for the same node and scope."""
        raise NotImplementedError

    def evaluate(self, node: ast.AST, scope: Scope) -> list[Value]:
        """Return the possible values of an expression."""
        handler = getattr(self, f"_evaluate_{type(node).__name__.lower()}", None)
        if handler is None:
            self._evaluate_children(node, scope)
            return [UNKNOWN]
        values: list[Value] = handler(node, scope)
        return deduplicate(values) or [UNKNOWN]

    def _evaluate_children(self, node: ast.AST, scope: Scope) -> None:
        """Evaluate the expressions within a node."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child, scope)
            else:
                self._evaluate_children(child, scope)

    def _evaluate_constant(self, node: ast.Constant, scope: Scope) -> list[Value]:
        """Return a literal."""
        return [Literal(node.value)]

    def _evaluate_name(self, node: ast.Name, scope: Scope) -> list[Value]:
        """Return the values of a name, or the builtin."""
        values = scope.get(node.id)
        if values is not None:
            return values
        thing = getattr(builtins, node.id, None)
        return [UNKNOWN if thing is None else Library(thing)]

    def _evaluate_attribute(self, node: ast.Attribute, scope: Scope) -> list[Value]:
        """Return the values of an attribute of each possible object."""
        return [
            value
            for owner in self.evaluate(node.value, scope)
            for value in self.get_attribute(owner, node.attr, node)
        ]

    def _evaluate_await(self, node: ast.Await, scope: Scope) -> list[Value]:
        """Return the awaited values."""
        return self.evaluate(node.value, scope)

    def _evaluate_starred(self, node: ast.Starred, scope: Scope) -> list[Value]:
        """Return the elements of an unpacked value."""
        return self.iterate(self.evaluate(node.value, scope), node)

    def _evaluate_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> list[Value]:
        """Assign values by `:=`, and return them."""
        values = self.evaluate(node.value, scope)
        self.bind(node.target, values, function_scope(scope))
        return values

    def _evaluate_list(self, node: Any, scope: Scope) -> list[Value]:
        """Return a list, a tuple or a set."""
        elements = [self.evaluate(element, scope) for element in node.elts]
        ordered = all(len(element) == 1 for element in elements)
        ordered = ordered and not any(isinstance(element, ast.Starred) for element in node.elts)
        return [Items([value for element in elements for value in element], ordered=ordered)]

    _evaluate_tuple = _evaluate_set = _evaluate_list

    def _evaluate_dict(self, node: ast.Dict, scope: Scope) -> list[Value]:
        """Return a dictionary."""
        keys = [UNKNOWN if key is None else self.evaluate(key, scope)[0] for key in node.keys]
        values = [self.evaluate(item, scope) for item in node.values]
        names = tuple(str(item.value) for item in keys if isinstance(item, Literal))
        ordered = len(names) == len(values) and all(len(item) == 1 for item in values)
        members = [value for item in values for value in item]
        return [Items(members, ordered=ordered, keys=names if ordered else ())]

    def _evaluate_lambda(self, node: ast.Lambda, scope: Scope) -> list[Value]:
        """Return a function."""
        return [self.function(node, scope)]

    def _evaluate_ifexp(self, node: ast.IfExp, scope: Scope) -> list[Value]:
        """Return the values of both branches."""
        self.test(self.evaluate(node.test, scope), node.test)
        return [*self.evaluate(node.body, scope), *self.evaluate(node.orelse, scope)]

    def _evaluate_boolop(self, node: ast.BoolOp, scope: Scope) -> list[Value]:
        """Return the values of all operands."""
        results: list[Value] = []
        for operand in node.values:
            values = self.evaluate(operand, scope)
            self.test(values, operand)
            results += values
        return results

    def _evaluate_unaryop(self, node: ast.UnaryOp, scope: Scope) -> list[Value]:
        """Return a negated condition or number."""
        values = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Invert):
            return [Condition((value,), {}, "not") for value in values]
        self.test(values, node)
        number = values[0].value if isinstance(values[0], Literal) else None
        if isinstance(node.op, ast.USub) and isinstance(number, (int, float)):
            return [Literal(-number)]
        return [UNKNOWN]

    def _evaluate_binop(self, node: ast.BinOp, scope: Scope) -> list[Value]:
        """Return the result of an operator."""
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self._combine(left, right, node.op)

    def _combine(self, left: list[Value], right: list[Value], op: ast.operator) -> list[Value]:
        """Return the results of an operator for each pair of values."""
        operator = _OPERATORS.get(type(op), "")
        results: list[Value] = []
        for one, other in product(left, right):
            if isinstance(one, Condition) and operator:
                results.append(Condition((one, other), {}, operator))
            elif isinstance(one, Rows) and operator:
                results.append(combine(one, other, operator))
            elif isinstance(one, Items) and isinstance(other, Items):
                results.append(Items([*one.members, *other.members]))
            else:
                results.append(UNKNOWN)
        return results

    def _evaluate_compare(self, node: ast.Compare, scope: Scope) -> list[Value]:
        """Return an unknown value; `in` reads the elements of a query."""
        self.evaluate(node.left, scope)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            values = self.evaluate(operand, scope)
            if isinstance(operator, (ast.In, ast.NotIn)):
                self.iterate(values, operand)
        return [UNKNOWN]

    def _evaluate_subscript(self, node: ast.Subscript, scope: Scope) -> list[Value]:
        """Return items or slices of each possible value."""
        results: list[Value] = []
        for value in self.evaluate(node.value, scope):
            results += self.get_item(value, node.slice, scope, node)
        return results

    def _evaluate_listcomp(self, node: Any, scope: Scope) -> list[Value]:
        """Return the elements of a comprehension."""
        inner = self._enter_comprehension(node.generators, scope)
        return [Items(self.evaluate(node.elt, inner))]

    _evaluate_setcomp = _evaluate_generatorexp = _evaluate_listcomp

    def _evaluate_dictcomp(self, node: ast.DictComp, scope: Scope) -> list[Value]:
        """Return the values of a dictionary comprehension."""
        inner = self._enter_comprehension(node.generators, scope)
        self.evaluate(node.key, inner)
        return [Items(self.evaluate(node.value, inner))]

    def _enter_comprehension(self, generators: list[ast.comprehension], scope: Scope) -> Scope:
        """Return the scope of a comprehension, with its variables."""
        inner = Scope(scope, owner=scope.owner, inner=True)
        for generator in generators:
            elements = self.iterate(self.evaluate(generator.iter, inner), generator.iter)
            self.bind(generator.target, elements, inner)
            for test in generator.ifs:
                self.test(self.evaluate(test, inner), test)
        return inner

    def _evaluate_yield(self, node: Any, scope: Scope) -> list[Value]:
        """Add the values to those that the function yields."""
        if node.value is not None:
            values = self.evaluate(node.value, scope)
            if isinstance(node, ast.YieldFrom):
                values = self.iterate(values, node)
            function_scope(scope).yielded += values
        return [UNKNOWN]

    _evaluate_yieldfrom = _evaluate_yield

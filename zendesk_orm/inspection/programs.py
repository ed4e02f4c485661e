"""What a program does with the library, read from its text; nothing of it is imported or run.

Each statement is followed in order; where the program may go several ways, all are followed, and
a name then stands for several values. Functions of the program are followed where they are
called, and those that nobody calls, as receivers, once by themselves.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import zendesk_orm
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.following import Following
from zendesk_orm.inspection.functions import frame, imported
from zendesk_orm.inspection.reading import Arguments, combined
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Class,
    Condition,
    Custom,
    Foreign,
    Function,
    Instance,
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
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Program(Following):
    """One file that is followed.

    Args:
        tree: the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        super().__init__()
        self._tree = tree
        self._module = Scope()
        self._functions: dict[int, Function] = {}

    def follow(self) -> None:
        """Follow the program from its first statement to its last, and then what is not called."""
        self._hoist(self._tree.body, self._module)
        self.execute(self._tree.body, self._module)
        for function in list(self._functions.values()):
            if id(function.node) not in self.followed:
                self.invoke(function, Arguments(open=True), function.node)
        if self.batched:
            for node, model, verbs in list(self.changed):
                self.need(operations.of_bulk(model, *verbs), node)

    # -- statements ----------------------------------------------------------

    def _hoist(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Make functions known that are called before they are defined."""
        for node in body:
            if isinstance(node, _FUNCTIONS):
                scope.put(node.name, [self._function(node, scope)])

    def _function(self, node: Any, scope: Scope) -> Function:
        found = self._functions.get(id(node))
        if found is None or found.scope is not scope:
            found = self._functions[id(node)] = Function(node, scope)
        return found

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements."""
        for node in body:
            handler = getattr(self, f"_do_{type(node).__name__.lower()}", None)
            if handler is None:
                self._evaluate_children(node, scope)
            else:
                handler(node, scope)

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for each in node.names:
            name, _, rest = each.name.partition(".")
            if name == "zendesk_orm":
                thing = imported(each.name) if each.asname and rest else zendesk_orm
                scope.put(each.asname or name, [Library(thing)])
            elif name in sys.stdlib_module_names:
                scope.put(each.asname or name, [Foreign()])

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = node.module or ""
        top = "" if node.level else module.partition(".")[0]
        if top in sys.stdlib_module_names:
            for each in node.names:
                scope.put(each.asname or each.name, [Foreign()])
        if top != "zendesk_orm":
            return
        found = imported(module)
        for each in node.names:
            if each.name == "*":
                for name in getattr(found, "__all__", ()):
                    scope.put(name, [Library(getattr(found, name))])
                continue
            thing = getattr(found, each.name, imported(f"{module}.{each.name}"))
            scope.put(each.asname or each.name, [UNKNOWN if thing is None else Library(thing)])

    def _do_functiondef(self, node: Any, scope: Scope) -> None:
        for each in node.decorator_list:
            self.evaluate(each, scope)
        scope.put(node.name, [self._function(node, scope)])

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        made = Class(node, Scope(scope))
        for each in node.bases:
            for base in self.evaluate(each, scope):
                if isinstance(base, Class):
                    made.parents.append(base)
                    made.base = made.base or base.base
                elif isinstance(base, Library) and isinstance(base.thing, type):
                    made.base = made.base or base.thing
        scope.put(node.name, [made])
        self._hoist(node.body, made.scope)
        self.execute(node.body, made.scope)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        values = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, values, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        known = self.annotated(node.annotation, scope)
        values = [] if node.value is None else self.evaluate(node.value, scope)
        if all(each is UNKNOWN for each in values):
            values = known
        self.bind(node.target, values, scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        before = self.evaluate(node.target, scope)
        after = self.evaluate(node.value, scope)
        self.bind(node.target, self._together(before, after, node.op), scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        if node.value is not None:
            frame(scope).returned += self.evaluate(node.value, scope)

    def _do_if(self, node: ast.If, scope: Scope) -> None:
        self.tested(self.evaluate(node.test, scope), node.test)
        self._branches([node.body, node.orelse], scope)

    def _do_for(self, node: Any, scope: Scope) -> None:
        elements = self.elements(self.evaluate(node.iter, scope), node.iter)
        for _ in range(2):
            self.bind(node.target, elements, scope)
            self._branches([node.body, []], scope)
        self.execute(node.orelse, scope)

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        for _ in range(2):
            self.tested(self.evaluate(node.test, scope), node.test)
            self._branches([node.body, []], scope)
        self.execute(node.orelse, scope)

    def _do_try(self, node: Any, scope: Scope) -> None:
        self._branches([node.body, []], scope)
        self._branches([[], *(each.body for each in node.handlers)], scope)
        self.execute([*node.orelse, *node.finalbody], scope)

    _do_trystar = _do_try

    def _do_with(self, node: Any, scope: Scope) -> None:
        for each in node.items:
            values = self.evaluate(each.context_expr, scope)
            if each.optional_vars is not None:
                self.bind(each.optional_vars, values, scope)
        self.execute(node.body, scope)

    _do_asyncwith = _do_with

    def _do_match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.evaluate(node.subject, scope)
        for case in node.cases:
            for each in ast.walk(case.pattern):
                name = getattr(each, "name", None)
                if isinstance(name, str):
                    scope.put(name, [*subject, *self.elements(subject, node.subject)])
        self._branches([[], *(case.body for case in node.cases)], scope)

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]], scope: Scope) -> None:
        before, after = dict(scope.names), []
        for body in bodies:
            scope.names = dict(before)
            self.execute(body, scope)
            after.append(scope.names)
        scope.merge(after)

    def bind(self, target: ast.AST, values: list[Value], scope: Scope) -> None:
        """Let what is assigned to stand for values."""
        if isinstance(target, ast.Name):
            scope.put(target.id, values)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, values, scope, target)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, [Items(values)], scope)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            for owner in self.evaluate(target.value, scope):
                self._put(owner, target, values)

    def _put(
        self, owner: Value, target: ast.Attribute | ast.Subscript, values: list[Value]
    ) -> None:
        """Take note of what is put into an object or a container."""
        if isinstance(owner, Instance) and isinstance(target, ast.Attribute):
            known = owner.kind.attributes.get(target.attr, [])
            owner.kind.attributes[target.attr] = merged([*known, *values])
        elif isinstance(owner, Items):
            owner.ordered = False
            owner.members[:] = merged([*owner.members, *values])
        elif isinstance(owner, Custom):
            self.need(operations.of_custom(owner.model), target)

    def _unpack(
        self, targets: list[ast.expr], values: list[Value], scope: Scope, node: ast.AST
    ) -> None:
        for place, target in enumerate(targets):
            found: list[Value] = []
            for each in values:
                if isinstance(each, Items) and each.ordered and len(each.members) == len(targets):
                    found.append(each.members[place])
                else:
                    found += self.elements([each], node)
            self.bind(target, found or [UNKNOWN], scope)

    # -- expressions ---------------------------------------------------------

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
        return [self._function(node, scope)]

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

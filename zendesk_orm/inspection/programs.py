"""What a program does with the library, read from its text; nothing of it is imported or run.

Each statement is followed in order; where the program may go several ways, all are followed, and
a name then stands for several values. Functions of the program are followed where they are
called, and those that nobody calls, as receivers, once by themselves.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import zendesk_orm
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.expressions import Expressions
from zendesk_orm.inspection.functions import frame, imported
from zendesk_orm.inspection.reading import Arguments
from zendesk_orm.inspection.values import (
    UNKNOWN,
    Class,
    Custom,
    Foreign,
    Function,
    Instance,
    Items,
    Library,
    Scope,
    Value,
    merged,
)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Program(Expressions):
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
                scope.put(node.name, [self.function(node, scope)])

    def function(self, node: Any, scope: Scope) -> Function:
        """Return a function of the program, the same one for the same place."""
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
                scope.put(each.asname or name, [Foreign(name)])

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = node.module or ""
        top = "" if node.level else module.partition(".")[0]
        if top in sys.stdlib_module_names:
            for each in node.names:
                scope.put(each.asname or each.name, [Foreign(f"{module}.{each.name}")])
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
        scope.put(node.name, [self.function(node, scope)])

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

    def _do_global(self, node: Any, scope: Scope) -> None:
        for name in node.names:
            around: Scope | None = scope.parent
            while around is not None and name not in around.names:
                around = around.parent
            scope.shared[name] = self._module if isinstance(node, ast.Global) else around or scope

    _do_nonlocal = _do_global

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
            values = self._entered(self.evaluate(each.context_expr, scope), each.context_expr)
            if each.optional_vars is not None:
                self.bind(each.optional_vars, values, scope)
        self.execute(node.body, scope)

    _do_asyncwith = _do_with

    def _entered(self, values: list[Value], node: ast.AST) -> list[Value]:
        """Return what `with` gives for values; what a context manager yields, for one."""
        found: list[Value] = []
        for each in values:
            if isinstance(each, Instance):
                found += self.special(each, "__enter__", (), node)
                found += self.special(each, "__aenter__", (), node)
                for name in ("__exit__", "__aexit__"):
                    self.special(each, name, (), node)
            else:
                found += each.members if isinstance(each, Items) else [each]
        return found

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

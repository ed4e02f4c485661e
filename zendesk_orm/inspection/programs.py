"""Follows the use of the library in programs, without importing or running them.

Statements are followed in order. All branches are followed, so a name can have several possible
values. Functions are followed when they are called; functions without a call in the program, such
as receivers, are followed once.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import zendesk_orm
from zendesk_orm.inspection import operations
from zendesk_orm.inspection.expressions import Expressions
from zendesk_orm.inspection.functions import find_module, function_scope
from zendesk_orm.inspection.queries import Arguments
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
    deduplicate,
)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Program(Expressions):
    """A program of one file.

    Args:
        tree: the syntax tree of the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        super().__init__()
        self._tree = tree
        self._module = Scope()
        self._functions: dict[int, Function] = {}

    def follow(self) -> None:
        """Follow all statements, and then the functions that are not called."""
        self._hoist(self._tree.body, self._module)
        self.execute(self._tree.body, self._module)
        for function in list(self._functions.values()):
            if id(function.node) not in self.invoked:
                self.invoke(function, Arguments(has_unknown=True), function.node)
        if self.has_batch:
            for node, model, verbs in list(self.changes):
                self.require(operations.scopes_for_bulk(model, *verbs), node)

    # -- statements ----------------------------------------------------------

    def _hoist(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Define the functions of a body, which may be called before their definition."""
        for node in body:
            if isinstance(node, _FUNCTIONS):
                scope.put(node.name, [self.function(node, scope)])

    def function(self, node: Any, scope: Scope) -> Function:
        """Return the function of a node and scope; repeated calls return the same object."""
        function = self._functions.get(id(node))
        if function is None or function.scope is not scope:
            function = self._functions[id(node)] = Function(node, scope)
        return function

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements."""
        for node in body:
            handler = getattr(self, f"_execute_{type(node).__name__.lower()}", None)
            if handler is None:
                self._evaluate_children(node, scope)
            else:
                handler(node, scope)

    def _execute_import(self, node: ast.Import, scope: Scope) -> None:
        """Assign imported modules of the library and of Python to names."""
        for alias in node.names:
            name, _, submodule = alias.name.partition(".")
            if name == "zendesk_orm":
                thing = find_module(alias.name) if alias.asname and submodule else zendesk_orm
                scope.put(alias.asname or name, [Library(thing)])
            elif name in sys.stdlib_module_names:
                scope.put(alias.asname or name, [Foreign(name)])

    def _execute_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        """Assign imported objects of the library and of Python to names."""
        module = node.module or ""
        top = "" if node.level else module.partition(".")[0]
        if top in sys.stdlib_module_names:
            for alias in node.names:
                scope.put(alias.asname or alias.name, [Foreign(f"{module}.{alias.name}")])
        if top != "zendesk_orm":
            return
        library_module = find_module(module)
        for alias in node.names:
            if alias.name == "*":
                for name in getattr(library_module, "__all__", ()):
                    scope.put(name, [Library(getattr(library_module, name))])
                continue
            thing = getattr(library_module, alias.name, find_module(f"{module}.{alias.name}"))
            scope.put(alias.asname or alias.name, [UNKNOWN if thing is None else Library(thing)])

    def _execute_functiondef(self, node: Any, scope: Scope) -> None:
        """Define a function."""
        for decorator in node.decorator_list:
            self.evaluate(decorator, scope)
        scope.put(node.name, [self.function(node, scope)])

    _execute_asyncfunctiondef = _execute_functiondef

    def _execute_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        """Define a class."""
        class_ = Class(node, Scope(scope))
        for node_ in node.bases:
            for base in self.evaluate(node_, scope):
                if isinstance(base, Class):
                    class_.parents.append(base)
                    class_.base = class_.base or base.base
                elif isinstance(base, Library) and isinstance(base.thing, type):
                    class_.base = class_.base or base.thing
        scope.put(node.name, [class_])
        self._hoist(node.body, class_.scope)
        self.execute(node.body, class_.scope)

    def _execute_assign(self, node: ast.Assign, scope: Scope) -> None:
        """Assign values to targets."""
        values = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, values, scope)

    def _execute_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        """Assign a value, or a value of the annotated type if there is none."""
        annotated = self.evaluate_annotation(node.annotation, scope)
        values = [] if node.value is None else self.evaluate(node.value, scope)
        if all(value is UNKNOWN for value in values):
            values = annotated
        self.bind(node.target, values, scope)

    def _execute_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        """Assign the result of an operator."""
        before = self.evaluate(node.target, scope)
        after = self.evaluate(node.value, scope)
        self.bind(node.target, self._combine(before, after, node.op), scope)

    def _execute_global(self, node: Any, scope: Scope) -> None:
        """Share names with the module or an enclosing function."""
        for name in node.names:
            around: Scope | None = scope.parent
            while around is not None and name not in around.names:
                around = around.parent
            scope.shared[name] = self._module if isinstance(node, ast.Global) else around or scope

    _execute_nonlocal = _execute_global

    def _execute_return(self, node: ast.Return, scope: Scope) -> None:
        """Add the values to those that the function returns."""
        if node.value is not None:
            function_scope(scope).returned += self.evaluate(node.value, scope)

    def _execute_if(self, node: ast.If, scope: Scope) -> None:
        """Follow both branches."""
        self.test(self.evaluate(node.test, scope), node.test)
        self._execute_branches([node.body, node.orelse], scope)

    def _execute_for(self, node: Any, scope: Scope) -> None:
        """Follow the body twice, because the second iteration may use values of the first."""
        elements = self.iterate(self.evaluate(node.iter, scope), node.iter)
        for _ in range(2):
            self.bind(node.target, elements, scope)
            self._execute_branches([node.body, []], scope)
        self.execute(node.orelse, scope)

    _execute_asyncfor = _execute_for

    def _execute_while(self, node: ast.While, scope: Scope) -> None:
        """Follow the body twice, because the second iteration may use values of the first."""
        for _ in range(2):
            self.test(self.evaluate(node.test, scope), node.test)
            self._execute_branches([node.body, []], scope)
        self.execute(node.orelse, scope)

    def _execute_try(self, node: Any, scope: Scope) -> None:
        """Follow the body, each handler and the remaining blocks."""
        self._execute_branches([node.body, []], scope)
        self._execute_branches([[], *(handler.body for handler in node.handlers)], scope)
        self.execute([*node.orelse, *node.finalbody], scope)

    _execute_trystar = _execute_try

    def _execute_with(self, node: Any, scope: Scope) -> None:
        """Enter context managers, and follow the body."""
        for item in node.items:
            values = self._enter_contexts(
                self.evaluate(item.context_expr, scope), item.context_expr
            )
            if item.optional_vars is not None:
                self.bind(item.optional_vars, values, scope)
        self.execute(node.body, scope)

    _execute_asyncwith = _execute_with

    def _enter_contexts(self, values: list[Value], node: ast.AST) -> list[Value]:
        """Return the values that `with` assigns for context managers."""
        results: list[Value] = []
        for value in values:
            if isinstance(value, Instance):
                results += self.call_special(value, "__enter__", (), node)
                results += self.call_special(value, "__aenter__", (), node)
                for name in ("__exit__", "__aexit__"):
                    self.call_special(value, name, (), node)
            else:
                results += value.members if isinstance(value, Items) else [value]
        return results

    def _execute_match(self, node: ast.Match, scope: Scope) -> None:
        """Follow all cases."""
        subject = self.evaluate(node.subject, scope)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None)
                if isinstance(name, str):
                    scope.put(name, [*subject, *self.iterate(subject, node.subject)])
        self._execute_branches([[], *(case.body for case in node.cases)], scope)

    def _execute_branches(self, bodies: Iterable[Sequence[ast.stmt]], scope: Scope) -> None:
        """Follow alternative bodies, and merge their values."""
        before, after = dict(scope.names), []
        for body in bodies:
            scope.names = dict(before)
            self.execute(body, scope)
            after.append(scope.names)
        scope.merge(after)

    def bind(self, target: ast.AST, values: list[Value], scope: Scope) -> None:
        """Assign values to a target."""
        if isinstance(target, ast.Name):
            scope.put(target.id, values)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, values, scope, target)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, [Items(values)], scope)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            for owner in self.evaluate(target.value, scope):
                self._store(owner, target, values)

    def _store(
        self, owner: Value, target: ast.Attribute | ast.Subscript, values: list[Value]
    ) -> None:
        """Add values to an attribute of an object, or to a container."""
        if isinstance(owner, Instance) and isinstance(target, ast.Attribute):
            owner.kind.add_attribute(target.attr, values)
        elif isinstance(owner, Items):
            owner.ordered = False
            owner.members[:] = deduplicate([*owner.members, *values])
        elif isinstance(owner, Custom):
            self.require(operations.scopes_for_custom_fields(owner.model), target)

    def _unpack(
        self, targets: list[ast.expr], values: list[Value], scope: Scope, node: ast.AST
    ) -> None:
        """Assign the elements of values to several targets."""
        for place, target in enumerate(targets):
            items: list[Value] = []
            for value in values:
                if (
                    isinstance(value, Items)
                    and value.ordered
                    and len(value.members) == len(targets)
                ):
                    items.append(value.members[place])
                else:
                    items += self.iterate([value], node)
            self.bind(target, items or [UNKNOWN], scope)

"""Docstrings of public names and of tests."""

from __future__ import annotations

import ast

from tests.loops import for_each
from tests.meta import code
from tests.meta.code import every_source


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PREAMBLES = {"test", "tests", "check", "checks", "verify", "verifies", "ensures", "should"}


def _decorators(node):
    return {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}


def _iter_public(body):
    """Yield the public classes, functions and methods in a body."""
    for node in body:
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            if node.name != "Meta":
                yield node
                yield from _iter_public(node.body)
        elif not _decorators(node) & {"overload", "setter", "override"}:
            yield node


def _test_functions(source):
    return [
        node
        for node in source.nodes
        if isinstance(node, FUNCTIONS) and node.name.startswith("test")
    ]


@every_source
def test_public_names_have_docstrings(source):
    """Each public module, class, function and method has a docstring."""
    undocumented = [] if ast.get_docstring(source.tree) else [source.path]
    undocumented += [
        f"{source.path}:{node.lineno} {node.name}"
        for node in _iter_public(source.tree.body)
        if not ast.get_docstring(node)
    ]

    assert undocumented == []


@for_each(
    lambda: [source for source in code.test_modules() if ".test_" in source.name],
    lambda source: source.path,
)
def test_tests_have_docstrings(source):
    """Each test has a docstring that states the expected behaviour, without "Test that"."""
    violations = [
        f"{node.lineno} {node.name}: {doc.splitlines()[0] if doc else 'no docstring'}"
        for node in _test_functions(source)
        if not (doc := ast.get_docstring(node) or "") or doc.split()[0].lower() in PREAMBLES
    ]

    assert violations == []

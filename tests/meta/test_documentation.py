"""Docstrings: of all that is public, and of all tests."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.loops import for_each
from tests.meta.code import every_source


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PREAMBLES = {"test", "tests", "check", "checks", "verify", "verifies", "ensures", "should"}
TESTS = Path(__file__).resolve().parents[1]


def _decorators(node):
    return {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}


def _public(body):
    """Yield what is public in a body, and in the classes in it."""
    for node in body:
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            if node.name != "Meta":
                yield node
                yield from _public(node.body)
        elif not _decorators(node) & {"overload", "setter", "override"}:
            yield node


def _tests(tree):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS) and node.name.startswith("test")
    ]


@every_source
def test_everything_public_has_a_docstring(source):
    """Each public module, class, function and method says what it is for."""
    silent = [] if ast.get_docstring(source.tree) else [source.path]
    silent += [
        f"{source.path}:{node.lineno} {node.name}"
        for node in _public(source.tree.body)
        if not ast.get_docstring(node)
    ]

    assert silent == []


@for_each(lambda: sorted(TESTS.rglob("test_*.py")))
def test_every_test_says_what_is_expected(path):
    """Each test has a docstring that states what holds, without a preamble."""
    wrong = [
        f"{node.lineno} {node.name}: {doc.splitlines()[0] if doc else 'no docstring'}"
        for node in _tests(ast.parse(path.read_text(encoding="utf-8")))
        if not (doc := ast.get_docstring(node) or "") or doc.split()[0].lower() in PREAMBLES
    ]

    assert wrong == []

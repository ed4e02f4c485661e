"""Expressions of `--where`: `Q(priority="urgent") | ~Q(tags__in=["vip"])`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import click

from zendesk_orm.errors import ZendeskError
from zendesk_orm.query.f import F
from zendesk_orm.query.q import Q


_FUNCTIONS: Mapping[str, Any] = {
    "Q": Q,
    "F": F,
    "date": date,
    "datetime": datetime,
    "timedelta": timedelta,
}
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}

_UNREADABLE = (SyntaxError, TypeError, ValueError, OverflowError, RecursionError, MemoryError)


def parse_expression(text: str) -> Q:
    """Return the `Q` object of an expression, which is read and not executed as Python.

    Raises:
        UsageError: the expression contains anything but Q, F, dates, values, `&`, `|`, `^`, `~`.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value = _evaluate(tree.body)
    except _UNREADABLE as error:
        raise click.UsageError(f"--where {text!r} cannot be read: {error}") from None
    except ZendeskError as error:
        raise click.UsageError(f"--where: {error}") from None
    if not isinstance(value, Q):
        raise click.UsageError(
            '--where must be Q objects, as in Q(priority="urgent") | Q(tags="vip")'
        )
    return value


def _evaluate(node: ast.expr) -> Any:
    """Return the value of a part of an expression.

    Raises:
        ValueError: the part is not supported.
    """
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return ~_evaluate(node.operand)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        function = _FUNCTIONS.get(node.func.id)
        if function is None:
            raise ValueError(f"{node.func.id} is not one of {', '.join(_FUNCTIONS)}")
        keywords = _read_keywords(node)
        if function is datetime:
            keywords.setdefault("tzinfo", timezone.utc)
        return function(*map(_evaluate, node.args), **keywords)
    try:
        return ast.literal_eval(node)
    except ValueError:
        text = ast.unparse(node)
        raise ValueError(f"{text} is neither a value nor one of {', '.join(_FUNCTIONS)}") from None


def _read_keywords(node: ast.Call) -> dict[str, Any]:
    """Return the keyword arguments of a call.

    Raises:
        ValueError: one is repeated, which Python itself rejects, or not named.
    """
    values: dict[str, Any] = {}
    for item in node.keywords:
        if item.arg is None:
            raise ValueError("** is not supported; write each condition as name=value")
        if item.arg in values:
            raise ValueError(f"{item.arg} is repeated; combine Q(...) & Q(...)")
        values[item.arg] = _evaluate(item.value)
    return values

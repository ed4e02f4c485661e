"""Reads a field's annotation (`Field[datetime | None]`) without evaluating it.

Evaluating would need every model to exist before any does. The text says all
that is wanted: which descriptor, which kind, and whether it may be null.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, ForwardRef, Literal, get_args, get_origin

from attrs import frozen

from zendesk_orm.schema import registry


@frozen
class Declared:
    """The content of one annotation.

    Attributes:
        descriptor: the class named before the bracket: `Field`, `Ref`.
        type: the name of the value's type: `datetime`, `User`, `list`.
        item: for `list[...]`, the name of the items' type; else `""`.
        nullable: whether `| None` is there.
        choices: for `Literal[...]`, its values.
        package: the name before the dot of the type: `help_center`; or "".
    """

    descriptor: str
    type: str
    item: str = ""
    nullable: bool = False
    choices: tuple[Any, ...] = ()
    package: str = ""

    def near(self, label: str) -> str:
        """Return the product in which the model is looked for first.

        For `Ref[Topic]`, it is `label`, its own product; `Ref[help_center.Topic]` names it.
        """
        return self.package if self.package in registry.PRODUCTS else label


def read(annotation: Any) -> Declared | None:
    """Return the content of an annotation, or None if it does not have the form `Name[...]`."""
    return _read(annotation if isinstance(annotation, str) else repr(annotation))


@cache
def _read(text: str) -> Declared | None:
    node = _parse(text.strip("'\""))
    if not isinstance(node, ast.Subscript):
        return None
    parts = list(_alternatives(node.slice))
    types = [part for part in parts if _name(part) != "None"]
    first = types[0] if types else node.slice
    inner = first.slice if isinstance(first, ast.Subscript) else None
    name = _name(first)
    return Declared(
        _name(node),
        name,
        _name(next(_alternatives(inner))) if inner is not None and name == "list" else "",
        nullable=len(types) < len(parts),
        choices=_values(inner) if inner is not None and name == "Literal" else (),
        package=_name(first.value) if isinstance(first, ast.Attribute) else "",
    )


def own_annotations(cls: type) -> dict[str, Any]:
    """Return the annotations that stand in the class's own body."""
    return dict(inspect.get_annotations(cls))


def _parse(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the members of `A | B | None`, including quoted unions and `Optional[A]`."""
    quoted = _unquote(node)
    if quoted is not None:
        yield from _alternatives(quoted)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    elif isinstance(node, ast.Subscript) and _name(node) == "Optional":
        yield from _alternatives(node.slice)
        yield ast.Constant(None)
    else:
        yield node


def _unquote(node: ast.expr) -> ast.expr | None:
    """Return the text in quotes, or in the `ForwardRef(...)` that quotes become."""
    if isinstance(node, ast.Call) and node.args:
        return _unquote(node.args[0])
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _parse(node.value)
    return None


def _values(node: ast.expr) -> tuple[Any, ...]:
    values = ast.literal_eval(node)
    return values if isinstance(values, tuple) else (values,)


def _name(node: ast.expr) -> str:
    """Return the last name of `datetime.datetime`, `list[int]`, `"User"` or `None`."""
    quoted = _unquote(node)
    if quoted is not None:
        return _name(quoted)
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return str(node.value) if isinstance(node, ast.Constant) else ""


def type_names(declared: Any) -> list[str]:
    """Return the names of the types in the brackets of a declaration; options are text."""
    if isinstance(declared, ForwardRef):
        return [part.strip() for part in declared.__forward_arg__.split("|")]
    origin = get_origin(declared)
    if declared is None:
        return []
    if origin is Literal:
        return ["str"]
    if origin not in (None, list):
        return [name for part in get_args(declared) for name in type_names(part)]
    return [str(getattr(origin or declared, "__name__", origin or declared))]

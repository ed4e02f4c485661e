"""Reads a field's annotation (`Field[datetime | None]`) without evaluating it.

Evaluating would need every model to exist before any does. The text says all
that is wanted: which descriptor, which kind, and whether it may be null.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from attrs import frozen


@frozen
class Declared:
    """What one annotation says.

    Attributes:
        descriptor: the class named before the bracket: `Field`, `Ref`.
        type: the name of the value's type: `datetime`, `User`, `list`.
        item: for `list[...]`, the name of the items' type; else `""`.
        nullable: whether `| None` is there.
    """

    descriptor: str
    type: str
    item: str = ""
    nullable: bool = False


def read(annotation: Any) -> Declared | None:
    """Return what the annotation declares, or None when it is not of the form `Name[...]`."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    try:
        node = ast.parse(text.strip("'\""), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Subscript):
        return None
    parts = list(_alternatives(node.slice))
    types = [part for part in parts if _name(part) != "None"]
    first = types[0] if types else node.slice
    item = ""
    if isinstance(first, ast.Subscript) and _name(first) == "list":
        item = _name(first.slice)
    return Declared(_name(node), _name(first), item, nullable=len(types) < len(parts))


def own(cls: type) -> dict[str, Any]:
    """Return the annotations that stand in the class's own body."""
    return dict(inspect.get_annotations(cls))


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the members of `A | B | None`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    else:
        yield node


def _name(node: ast.expr) -> str:
    """Return the last name of `datetime.datetime`, `list[int]`, `"User"` or `None`."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return _name(node.args[0]) if node.args else ""
    return str(node.value) if isinstance(node, ast.Constant) else ""

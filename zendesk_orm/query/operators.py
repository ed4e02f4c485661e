"""Operators that queries and expressions lack: they raise an error that names the right call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from zendesk_orm.errors import FieldError
from zendesk_orm.messages import display


T = TypeVar("T")

#: The special methods of operators; reflected ones begin with `r`.
_ARITHMETIC = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
}
_COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_LOGICAL = {"&": "and", "|": "or", "^": "xor"}


def reject_operators(
    *, arithmetic: str, comparisons: str, logical: str, inversion: str
) -> Callable[[type[T]], type[T]]:
    """Return a class decorator that makes operators raise `FieldError`.

    Operators that the class defines are kept. Type checkers see none of the others.

    Args:
        arithmetic, comparisons, logical, inversion: the beginnings of the messages for operators
            of each kind, which name the right call.
    """
    hints = ((_ARITHMETIC, arithmetic), (_COMPARISONS, comparisons), (_LOGICAL, logical))

    def decorate(cls: type[T]) -> type[T]:
        for names, hint in hints:
            for sign, name in names.items():
                _add_binary(cls, sign, name, hint)
        _add(cls, "invert", _create_inversion(inversion))
        return cls

    return decorate


def operator_error(hint: str, left: Any, sign: str, right: Any) -> FieldError:
    """Return the error for an operator that does not exist between two values."""
    return FieldError(f"{hint}, not {display(left, 60)} {sign} {display(right, 60)}")


def _add_binary(cls: type, sign: str, name: str, hint: str) -> None:
    def reject(self: Any, other: Any) -> Any:
        raise operator_error(hint, self, sign, other)

    def reject_reflected(self: Any, other: Any) -> Any:
        raise operator_error(hint, other, sign, self)

    _add(cls, name, reject)
    if sign not in _COMPARISONS:
        _add(cls, f"r{name}", reject_reflected)


def _create_inversion(hint: str) -> Callable[[Any], Any]:
    def invert(self: Any) -> Any:
        raise FieldError(f"{hint}, not ~{display(self, 60)}")

    return invert


def _add(cls: type, name: str, method: Callable[..., Any]) -> None:
    """Add a special method, unless the class or a base other than `object` defines it."""
    special = f"__{name}__"
    if not any(special in vars(base) for base in cls.__mro__[:-1]):
        setattr(cls, special, method)

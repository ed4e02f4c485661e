"""`Q`: lookups that combine with `&`, `|`, `^` and `~`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import shortened
from zendesk_orm.query.lookups import condition
from zendesk_orm.query.matching import record_test
from zendesk_orm.query.predicate import (
    Every,
    Predicate,
    Subquery,
    both,
    conditions,
    either,
    negation,
)


#: The operators that combine two.
_SIGNS = {"and": "&", "or": "|"}


@frozen(init=False, repr=False)
class Q:
    """Lookups, not yet bound to a model: `Q(priority="urgent") | Q(tags="vip")`.

    It is a value: it can be compared, kept and combined, and is never changed.
    """

    op: str
    parts: tuple[Q | tuple[str, Any], ...] = field(hash=False)

    def __init__(self, *parts: Q | tuple[str, Any], **lookups: Any) -> None:
        given: tuple[Any, ...] = parts
        for each in given:
            pair = isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)
            if not (pair or isinstance(each, Q)):
                how = (
                    "filter(**conditions)" if isinstance(each, Mapping) else "filter(status='new')"
                )
                raise InvalidValue(
                    f"conditions are keywords, as in {how}, or Q objects, not {each!r:.60}"
                )
        self._set("and", (*parts, *lookups.items()))

    def _set(self, op: str, parts: tuple[Q | tuple[str, Any], ...]) -> None:
        object.__setattr__(self, "op", op)
        object.__setattr__(self, "parts", parts)

    @classmethod
    def _of(cls, op: str, *parts: Q) -> Q:
        made = cls.__new__(cls)
        made._set(op, parts)
        return made

    def __and__(self, other: Q) -> Q:
        if not isinstance(other, Q):
            return NotImplemented
        return Q._of("and", self, other)

    def __or__(self, other: Q) -> Q:
        if not isinstance(other, Q):
            return NotImplemented
        return Q._of("or", self, other)

    def __xor__(self, other: Q) -> Q:
        if not self.parts or not other.parts:
            # No condition, on either side of any sign.
            return self if self.parts else other
        return Q._of("or", self & ~other, ~self & other)

    def __invert__(self) -> Q:
        return Q._of("not", self)

    def __repr__(self) -> str:
        """Return the expression that makes an equal one, unless it is too long to show."""
        return shortened(self._written())

    def _written(self) -> str:
        parts = [
            part._written() if isinstance(part, Q) else f"{part[0]}={part[1]!r}"
            for part in self.parts
        ]
        if self.op == "not":
            return f"~{parts[0]}"
        if len(parts) == 2 and all(isinstance(part, Q) for part in self.parts):
            return f"({f' {_SIGNS[self.op]} '.join(parts)})"
        return f"Q({', '.join(parts)})"

    def resolve(self, model: Any) -> Predicate:
        """Return the predicate over the fields of a model.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have.
        """
        meta = model._meta
        parts = [
            part.resolve(model) if isinstance(part, Q) else condition(meta, *part)
            for part in self.parts
        ]
        if self.op == "or":
            return either(tuple(parts))
        whole: Predicate = Every()
        for part in parts:
            whole = both(whole, part)
        return negation(whole) if self.op == "not" else whole

    def bind(self, model: Any) -> Callable[[Any], bool]:
        """Return the function that tells whether an instance of the model matches.

        Raises:
            FieldError: telling would take a request.
        """
        where = self.resolve(model)
        for each in conditions(where):
            if each.name in model._meta.lookups:
                raise FieldError(f"{each.name}: no object holds it; only Zendesk can tell")
            if isinstance(each.value, Subquery):
                raise FieldError(
                    f"{each.name}: what it points to would have to be fetched; compare its id"
                )
        return record_test(where, model._meta)

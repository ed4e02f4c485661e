"""The predicate: one frozen tree, from which search text and functions are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Union

from attrs import field, frozen


@frozen
class Condition:
    """One field, compared.

    Attributes:
        name: the field or relation; a relation stands for the id behind it.
        op: the comparison, by its lookup's name: `exact`, `in`, `gte`, `isnull`.
        value: what it is compared with, converted.
    """

    name: str
    op: str
    value: Any = field(hash=False)


@frozen
class Every:
    """All of the parts hold; no parts, no restriction."""

    parts: tuple[Predicate, ...] = ()


@frozen
class Either:
    """At least one of the parts holds."""

    parts: tuple[Predicate, ...]


@frozen
class Not:
    """The part does not hold; a row without a value is in, as in Django."""

    part: Predicate


# `|` would be evaluated, and Python 3.10 cannot before all four are classes.
Predicate = Union[Condition, Every, Either, Not]  # noqa: UP007


@frozen
class Term:
    """A condition of a conjunction, or its negation."""

    condition: Condition
    negated: bool = False


def both(left: Predicate, right: Predicate) -> Predicate:
    """Return the conjunction of two predicates, flat."""
    parts = (*_parts(left), *_parts(right))
    return parts[0] if len(parts) == 1 else Every(parts)


def negation(part: Predicate) -> Predicate:
    """Return the opposite, without a double negation."""
    if isinstance(part, Not):
        return part.part
    if isinstance(part, Every) and len(part.parts) == 1:
        return negation(part.parts[0])
    return Not(part)


def either(parts: tuple[Predicate, ...]) -> Predicate:
    """Return the disjunction; alternatives of one property become a single `in`."""
    if len(parts) == 1:
        return parts[0]
    alternatives: list[Any] = []
    for part in parts:
        if not isinstance(part, Condition) or part.op not in ("exact", "in"):
            return Either(parts)
        alternatives += [part.value] if part.op == "exact" else list(part.value)
    names = {part.name for part in parts if isinstance(part, Condition)}
    return Condition(names.pop(), "in", tuple(alternatives)) if len(names) == 1 else Either(parts)


def conjunction(where: Predicate) -> tuple[Term, ...] | None:
    """Return the terms that all have to hold, or None when the predicate is no conjunction."""
    terms: list[Term] = []
    for part in _parts(where):
        if isinstance(part, Condition):
            terms.append(Term(part))
        elif isinstance(part, Not) and isinstance(part.part, Condition):
            terms.append(Term(part.part, negated=True))
        else:
            return None
    return tuple(terms)


def conditions(where: Predicate) -> Iterator[Condition]:
    """Yield every condition in the tree."""
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, Not):
        yield from conditions(where.part)
    else:
        for part in where.parts:
            yield from conditions(part)


def described(where: Predicate) -> str:
    """Return the predicate as a line for people."""
    if isinstance(where, Condition):
        value = f"({where.value!r})" if isinstance(where.value, Condition) else repr(where.value)
        return f"{where.name} {_SIGNS.get(where.op, where.op)} {value}"
    if isinstance(where, Not):
        return f"not ({described(where.part)})"
    glue = ", " if isinstance(where, Every) else " or "
    return glue.join(described(part) for part in where.parts)


_SIGNS = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _parts(where: Predicate) -> tuple[Predicate, ...]:
    return where.parts if isinstance(where, Every) else (where,)

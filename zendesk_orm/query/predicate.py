"""The predicate: one frozen tree, from which search text and functions are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import Any, Union

from attrs import field, frozen

from zendesk_orm.query.f import F


#: The words and quoted phrases of free text.
WORDS = re.compile(r'"([^"]+)"|(\S+)')
#: Alternatives that one query may be split into, each of them a search of its own.
MOST_ALTERNATIVES = 8


@frozen
class Condition:
    """One field, compared.

    Attributes:
        name: the field or relation; a relation stands for the id behind it.
        op: the comparison, by its lookup's name: `exact`, `in`, `gte`, `isnull`;
            `words` for free text.
        value: what it is compared with, converted.
        owners: where the objects come from whose ids the value holds.
    """

    name: str
    op: str
    value: Any = field(hash=False)
    owners: tuple[Any, ...] = field(default=(), eq=False, repr=False)


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
Predicate = Union[Condition, Every, Either, Not]  # noqa: UP007 - see above


@frozen
class Subquery:
    """Ids that are not known yet: those of the rows of another query.

    Attributes:
        model: the model of the rows.
        where: the predicate that they match.
        query: the whole query, where one was given.
    """

    model: Any
    where: Predicate
    query: Any = None

    def __repr__(self) -> str:
        rows = ""
        if self.query is not None and self.query.windowed:
            rows = f"; rows {self.query.start}:{self.query.stop or ''}"
        return f"({self.model.__name__}: {described(self.where) or 'all'}{rows})"


@frozen
class Term:
    """A condition of a conjunction, or its negation."""

    condition: Condition
    negated: bool = False

    @property
    def predicate(self) -> Predicate:
        """The term as a part of a tree."""
        return Not(self.condition) if self.negated else self.condition


def simple(part: Predicate) -> Term | None:
    """Return the term that a part of a tree is, or None when it is several."""
    negated = isinstance(part, Not)
    inner = part.part if isinstance(part, Not) else part
    return Term(inner, negated) if isinstance(inner, Condition) else None


def both(left: Predicate, right: Predicate) -> Predicate:
    """Return the conjunction of two predicates, flat."""
    parts = (*conjuncts(left), *conjuncts(right))
    return parts[0] if len(parts) == 1 else Every(parts)


def negation(part: Predicate) -> Predicate:
    """Return the opposite, without a double negation."""
    if isinstance(part, Not):
        return part.part
    if isinstance(part, Every) and len(part.parts) < 2:
        # The negation of no condition is no condition, as in Django.
        return negation(part.parts[0]) if part.parts else part
    return Not(part)


def either(parts: tuple[Predicate, ...]) -> Predicate:
    """Return the disjunction; alternatives of one property become a single `in`."""
    parts = tuple(part for part in dict.fromkeys(parts) if part != Every())
    if len(parts) < 2:
        return parts[0] if parts else Every()
    alternatives: list[Any] = []
    for part in parts:
        if not isinstance(part, Condition) or not isinstance(part.value, _SIMPLE.get(part.op, ())):
            return Either(parts)
        alternatives += [part.value] if part.op == "exact" else list(part.value)
    names = {part.name for part in parts if isinstance(part, Condition)}
    values = tuple(dict.fromkeys(alternatives))
    return Condition(names.pop(), "in", values) if len(names) == 1 else Either(parts)


#: What is to be said of one property in a list; a subquery is not known yet.
_SIMPLE: dict[str, Any] = {"exact": object, "in": tuple}


def alternatives(where: Predicate) -> tuple[tuple[Term, ...], ...] | None:
    """Return the predicate as alternatives, each of terms that all have to hold.

    None when there are more than `MOST_ALTERNATIVES`; one empty alternative
    when there is no restriction; none at all when nothing can match.
    """
    normal = _normal(where, negated=False)
    return None if normal is None else tuple(normal)


def _normal(where: Predicate, *, negated: bool) -> list[tuple[Term, ...]] | None:
    if isinstance(where, Condition):
        if where.op == "in" and where.value == ():
            return [()] if negated else []
        return [(Term(where, negated),)]
    if isinstance(where, Not):
        return _normal(where.part, negated=not negated)
    parts = [_normal(part, negated=negated) for part in where.parts]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        return None
    if isinstance(where, Either) is not negated:
        joined = list(dict.fromkeys(terms for part in whole for terms in part))
        return joined if len(joined) <= MOST_ALTERNATIVES else None
    joined = [()]
    for part in whole:
        joined = [before + after for before in joined for after in part]
        if len(joined) > MOST_ALTERNATIVES:
            return None
    return joined


def conjunction(where: Predicate) -> tuple[Term, ...] | None:
    """Return the terms that all have to hold, or None when there are several alternatives."""
    found = alternatives(where)
    return found[0] if found is not None and len(found) == 1 else None


def intersected(
    terms: tuple[Term, ...],
    lists: Container[str],
    key: Callable[[str, Any], Any] = lambda _, value: value,
) -> tuple[Term, ...] | None:
    """Return the terms with at most one set of values for each field, or None if it is empty.

    Args:
        terms: all have to hold.
        lists: fields that have several values at once, for which nothing is put together.
        key: field and value -> the form in which values of the field are compared.
    """
    sets: dict[str, dict[Any, Any]] = {}
    rest: list[Term] = []
    for term in terms:
        condition = term.condition
        values = condition.value if condition.op == "in" else (condition.value,)
        known = isinstance(values, tuple) and not isinstance(condition.value, F)
        settled = condition.op in _SIMPLE and known
        if term.negated or not settled or condition.name in lists:
            rest.append(term)
            continue
        before, name = sets.get(condition.name), condition.name
        keyed: dict[Any, Any] = {}
        for value in values:
            keyed.setdefault(key(name, value), value)
        sets[name] = {k: v for k, v in keyed.items() if before is None or k in before}
    if not all(sets.values()):
        return None
    return (*(Term(_among(name, tuple(each.values()))) for name, each in sets.items()), *rest)


def _among(name: str, values: tuple[Any, ...]) -> Condition:
    first, *others = values
    return Condition(name, "in", values) if others else Condition(name, "exact", first)


def of_terms(terms: tuple[Term, ...]) -> Predicate:
    """Return the predicate of one alternative."""
    parts = tuple(term.predicate for term in terms)
    return parts[0] if len(parts) == 1 else Every(parts)


def conjuncts(where: Predicate) -> tuple[Predicate, ...]:
    """Return the parts of which all have to hold."""
    return where.parts if isinstance(where, Every) else (where,)


def conditions(where: Predicate) -> Iterator[Condition]:
    """Yield every condition in the tree."""
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, Not):
        yield from conditions(where.part)
    else:
        for part in where.parts:
            yield from conditions(part)


def replaced(where: Predicate, by: Callable[[Condition], Predicate]) -> Predicate:
    """Return the tree with each condition replaced."""
    if isinstance(where, Condition):
        return by(where)
    if isinstance(where, Not):
        return Not(replaced(where.part, by))
    return type(where)(tuple(replaced(part, by) for part in where.parts))


def described(where: Predicate) -> str:
    """Return the predicate as a line for people."""
    if isinstance(where, Condition):
        return f"{where.name} {_SIGNS.get(where.op, where.op)} {where.value!r}"
    if isinstance(where, Not):
        return f"not ({described(where.part)})"
    if isinstance(where, Either):
        return "(" + " or ".join(described(part) for part in where.parts) + ")"
    return ", ".join(described(part) for part in where.parts)


_SIGNS = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

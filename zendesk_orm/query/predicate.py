"""Predicates: frozen trees of conditions, compiled to search text, parameters and functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import Any, Union

from attrs import field, frozen

from zendesk_orm.query.f import F
from zendesk_orm.schema.options import Options


#: The words and quoted phrases of free text.
WORDS = re.compile(r'"([^"]+)"|(\S+)')
#: The most alternatives into which one query is split; each is requested separately.
MAX_ALTERNATIVES = 8
#: The number of values, and of alternatives, that the text of a predicate lists.
MAX_LISTED = 20


@frozen
class Condition:
    """A comparison of one field with a value.

    Attributes:
        name: the field or relation; a relation is compared by its id.
        op: the lookup: `exact`, `in`, `gte`, `isnull`; `words` for free text.
        value: the converted value.
        owners: the accounts of the objects that were passed as values.
    """

    name: str
    op: str
    value: Any = field(hash=False)
    owners: tuple[Any, ...] = field(default=(), eq=False, repr=False)


@frozen
class And:
    """A conjunction; without parts it matches every row."""

    parts: tuple[Predicate, ...] = ()


@frozen
class Or:
    """A disjunction."""

    parts: tuple[Predicate, ...]


@frozen
class Not:
    """A negation; as in Django, it matches rows that have no value."""

    part: Predicate


# `|` would be evaluated, and Python 3.10 cannot do that before all four are classes.
Predicate = Union[Condition, And, Or, Not]  # noqa: UP007 - see above

#: The predicate that matches every row.
EVERY_ROW = And()


@frozen
class Subquery:
    """The ids of the rows of another query, which are read before the outer query.

    Attributes:
        model: the model of the rows.
        where: the predicate of the rows.
        query: the complete query, if a QuerySet was passed.
    """

    model: Any
    where: Predicate
    query: Any = None

    def __repr__(self) -> str:
        return self.to_text()

    def to_text(self, max_listed: int | None = MAX_LISTED) -> str:
        """Return the subquery in words; see `format_predicate()`."""
        parts = [format_predicate(self.where, max_listed) or "all"]
        query = self.query
        if query is not None and query.windowed:
            # Without a window, the order makes no difference.
            parts += [f"order by {', '.join(query.order)}"] if query.order else []
            parts.append(f"rows {query.start}:{query.stop or ''}")
        if query is not None and query.projection is not None:
            parts.append(f"only {', '.join(query.projection.names)}")
        return f"({self.model.__name__}: {'; '.join(parts)})"


@frozen
class Term:
    """A condition or its negation: one member of a conjunction."""

    condition: Condition
    negated: bool = False

    @property
    def predicate(self) -> Predicate:
        """The term as a predicate."""
        return Not(self.condition) if self.negated else self.condition


def as_term(part: Predicate) -> Term | None:
    """Return a predicate as a term, or None if it consists of several conditions."""
    negated = isinstance(part, Not)
    inner = part.part if isinstance(part, Not) else part
    return Term(inner, negated) if isinstance(inner, Condition) else None


def conjoin(left: Predicate, right: Predicate) -> Predicate:
    """Return the conjunction of two predicates, without nested conjunctions."""
    parts = (*conjuncts(left), *conjuncts(right))
    return parts[0] if len(parts) == 1 else And(parts)


def negate(part: Predicate) -> Predicate:
    """Return the negation of a predicate, without double negations."""
    if isinstance(part, Not):
        return part.part
    if isinstance(part, And) and len(part.parts) < 2:
        # As in Django, the negation of an empty Q matches every row.
        return negate(part.parts[0]) if part.parts else part
    return Not(part)


def disjoin(parts: tuple[Predicate, ...]) -> Predicate:
    """Return the disjunction of predicates, without nested disjunctions.

    Values of one field are joined to one `in`.
    """
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    parts = tuple(part for part in dict.fromkeys(flat) if part != EVERY_ROW)
    if len(parts) < 2:
        return parts[0] if parts else EVERY_ROW
    values: list[Any] = []
    for part in parts:
        if not isinstance(part, Condition) or not isinstance(
            part.value, _JOINABLE.get(part.op, ())
        ):
            return Or(parts)
        values += [part.value] if part.op == "exact" else list(part.value)
    names = {part.name for part in parts if isinstance(part, Condition)}
    return (
        Condition(names.pop(), "in", tuple(dict.fromkeys(values))) if len(names) == 1 else Or(parts)
    )


#: The lookups that can be joined to one `in`, and the types of their values (not subqueries).
_JOINABLE: dict[str, Any] = {"exact": object, "in": tuple}


def alternatives(where: Predicate) -> tuple[tuple[Term, ...], ...] | None:
    """Return the predicate in disjunctive normal form: alternatives, each a conjunction of terms.

    Returns:
        One empty alternative if every row matches; () if no row can match; None if there are
        more than `MAX_ALTERNATIVES`.
    """
    normal = _normalize(where, negated=False)
    return None if normal is None else tuple(normal)


def _normalize(where: Predicate, *, negated: bool) -> list[tuple[Term, ...]] | None:
    if isinstance(where, Condition):
        if where.op == "in" and where.value == ():
            return [()] if negated else []
        return [(Term(where, negated),)]
    if isinstance(where, Not):
        return _normalize(where.part, negated=not negated)
    parts = []
    for part in where.parts:
        normal = _normalize(part, negated=negated)
        if normal is None:
            return None
        parts.append(normal)
    if isinstance(where, Or) is not negated:
        joined = list(dict.fromkeys(terms for normal in parts for terms in normal))
        return joined if len(joined) <= MAX_ALTERNATIVES else None
    joined = [()]
    for normal in parts:
        joined = [left + right for left in joined for right in normal]
        if len(joined) > MAX_ALTERNATIVES:
            return None
    return joined


def conjunction(where: Predicate) -> tuple[Term, ...] | None:
    """Return the terms of a predicate, or None if it has several alternatives."""
    normal = alternatives(where)
    return normal[0] if normal is not None and len(normal) == 1 else None


def intersect_values(
    terms: tuple[Term, ...],
    lists: Container[str],
    key: Callable[[str, Any], Any] = lambda _, value: value,
) -> tuple[Term, ...] | None:
    """Return the terms with one set of values per field, or None if a set is empty.

    A term whose values do not change is returned as it is.

    Args:
        terms: the terms of a conjunction.
        lists: fields with several values at once, whose values are not intersected.
        key: function of field and value that returns the form in which Zendesk compares values.
    """
    sets: dict[str, dict[Any, Any]] = {}
    sources: dict[str, list[Term]] = {}
    others: list[Term] = []
    for term in terms:
        condition = term.condition
        name = condition.name
        values = condition.value if condition.op == "in" else (condition.value,)
        is_set = isinstance(values, tuple) and not isinstance(condition.value, F)
        if term.negated or condition.op not in _JOINABLE or not is_set or name in lists:
            others.append(term)
            continue
        previous = sets.get(name)
        keyed: dict[Any, Any] = {}
        for value in values:
            keyed.setdefault(key(name, value), value)
        sets[name] = {k: v for k, v in keyed.items() if previous is None or k in previous}
        sources.setdefault(name, []).append(term)
    if not all(sets.values()):
        return None
    merged = (_merge(sources[name], tuple(values.values())) for name, values in sets.items())
    return (*merged, *others)


def _merge(terms: list[Term], values: tuple[Any, ...]) -> Term:
    """Return the term for the intersection of the values of several terms of one field."""
    condition = terms[0].condition
    if len(terms) == 1 and (condition.op == "exact" or 1 < len(values) == len(condition.value)):
        return terms[0]
    op, value = ("exact", values[0]) if len(values) == 1 else ("in", values)
    return Term(Condition(condition.name, op, value))


def join_terms(terms: tuple[Term, ...]) -> Predicate:
    """Return the predicate of one alternative."""
    parts = tuple(term.predicate for term in terms)
    return parts[0] if len(parts) == 1 else And(parts)


def conjuncts(where: Predicate) -> tuple[Predicate, ...]:
    """Return the parts of a conjunction; any other predicate is its only part."""
    return where.parts if isinstance(where, And) else (where,)


def conditions(where: Predicate) -> Iterator[Condition]:
    """Yield every condition of a predicate."""
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, Not):
        yield from conditions(where.part)
    else:
        for part in where.parts:
            yield from conditions(part)


def has_custom_names(where: Predicate, meta: Options) -> bool:
    """Return True if a predicate contains names that only the account knows."""
    return any(
        meta.custom_name(condition.name) is not None
        or (isinstance(condition.value, Subquery) and _has_custom_names(condition.value))
        for condition in conditions(where)
    )


def _has_custom_names(subquery: Subquery) -> bool:
    if subquery.query is not None:
        result: bool = subquery.query.has_custom_names
        return result
    return has_custom_names(subquery.where, subquery.model._meta)


def map_conditions(where: Predicate, function: Callable[[Condition], Predicate]) -> Predicate:
    """Return the predicate with each condition replaced by the result of a function."""
    if isinstance(where, Condition):
        return function(where)
    if isinstance(where, Not):
        return Not(map_conditions(where.part, function))
    return type(where)(tuple(map_conditions(part, function) for part in where.parts))


def format_predicate(where: Predicate, max_listed: int | None = MAX_LISTED) -> str:
    """Return the predicate as one line of text: `status = 'new', not (tags = 'vip')`.

    Args:
        where: the predicate.
        max_listed: the number of values, and of alternatives, that are listed; None for all.
    """
    if isinstance(where, Condition):
        value = _format_value(where.value, max_listed)
        return f"{where.name} {_SIGNS.get(where.op, where.op)} {value}"
    if isinstance(where, Not):
        return f"not ({format_predicate(where.part, max_listed)})"
    if isinstance(where, And):
        return ", ".join(format_predicate(part, max_listed) for part in where.parts)
    texts = []
    for part in where.parts[:max_listed]:
        text = format_predicate(part, max_listed)
        texts.append(f"({text})" if isinstance(part, And) else text)
    if len(texts) < len(where.parts):
        texts.append(f"{len(where.parts) - len(texts):,} others")
    return f"({' or '.join(texts)})"


def _format_value(value: Any, max_listed: int | None) -> str:
    """Return the text of a value; of a long list, the first values and the number of others."""
    if isinstance(value, Subquery):
        return value.to_text(max_listed)
    if max_listed is None or not isinstance(value, tuple) or len(value) <= max_listed:
        return repr(value)
    listed = ", ".join(map(repr, value[:max_listed]))
    return f"({listed} and {len(value) - max_listed:,} others)"


_SIGNS = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

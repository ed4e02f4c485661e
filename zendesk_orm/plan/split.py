"""Splits a predicate into a part that an endpoint evaluates and a part for the client."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.http.values import is_joinable
from zendesk_orm.plan.parameters import parameter_lookup
from zendesk_orm.query.f import F
from zendesk_orm.query.json_filter import json_filter
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    And,
    Condition,
    Predicate,
    Subquery,
    Term,
    as_term,
    conjoin,
    conjuncts,
    join_terms,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import Inexpressible, endpoint_text


@frozen
class Split:
    """A predicate in two parts; a row matches if it matches both.

    Attributes:
        pushed: the part that the endpoint evaluates.
        residual: the part that is evaluated client-side.
        reason: why the endpoint cannot evaluate the residual part, as a phrase about the
            endpoint; `""` if nothing is left.
    """

    pushed: Predicate = EVERY_ROW
    residual: Predicate = EVERY_ROW
    reason: str = ""


def split(endpoint: Endpoint, query: Query) -> Split:
    """Split the predicate of a query by the conditions that an endpoint can evaluate."""
    return _BY_VERB.get(endpoint.verb, _by_parameters)(endpoint, query)


def is_exact(term: Term) -> bool:
    """Return True if the term compares its field with one known value."""
    condition = term.condition
    return condition.op == "exact" and not term.negated and not isinstance(condition.value, F)


def unjoinable(value: object) -> tuple[object, ...]:
    """Return the values that cannot be members of a list joined by commas."""
    if isinstance(value, Subquery):
        return ()
    values = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in values if isinstance(item, F) or not is_joinable(item))


def _by_parameters(endpoint: Endpoint, query: Query) -> Split:
    terms = query.conjuncts
    lookups = {parameter_lookup(term.condition) for term in terms if not term.negated}
    pushed, residual = _partition(
        terms,
        lambda term: (
            _has_parameter(endpoint, term.condition)
            if is_exact(term)
            else _has_list_parameter(endpoint, term, lookups)
        ),
    )
    names = dict.fromkeys(term.condition.name for term in residual)
    reason = f"cannot filter by {', '.join(names) if names else 'alternatives'}"
    return _split(query, pushed, residual, reason)


def _by_key(endpoint: Endpoint, query: Query) -> Split:
    """Split for an endpoint that returns the rows of some values of one field, mostly `id`."""
    key = next(iter(endpoint.filters), "id")

    def accepts(term: Term) -> bool:
        condition = term.condition
        if condition.name != key:
            return is_exact(term) and condition.name in endpoint.placeholders
        if term.negated or condition.op not in ("exact", "in"):
            return False
        single = endpoint.verb is Verb.SHOW and not isinstance(condition.value, F)
        return single or not unjoinable(condition.value)

    pushed, residual = _partition(query.conjuncts, accepts)
    return _split(query, pushed, residual, "")


def _by_search(endpoint: Endpoint, query: Query) -> Split:
    terms = query.conjuncts
    reasons = []
    if query.terms is None:
        reasons.append("one search cannot combine different fields with `or`")
    elif _inexpressible(endpoint, query, terms) is None:
        return _split(query, terms, (), "")
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.condition.name, []).append(term)
    pushed: list[Term] = []
    residual: list[Term] = []
    for group in groups.values():
        reason = _inexpressible(endpoint, query, (*pushed, *group))
        if reason is None:
            pushed += group
            continue
        reasons.append(reason)
        for term in group:
            fits = _inexpressible(endpoint, query, (*pushed, term)) is None
            (pushed if fits else residual).append(term)
    return _split(query, pushed, residual, "; ".join(dict.fromkeys(reasons)))


def _inexpressible(endpoint: Endpoint, query: Query, terms: tuple[Term, ...]) -> str | None:
    """Return why no search text expresses all the terms, or None if one does."""
    try:
        endpoint_text(endpoint, query.meta, join_terms(terms))
    except Inexpressible as error:
        return str(error)
    return None


def _by_filter(endpoint: Endpoint, query: Query) -> Split:
    """Split for an endpoint that evaluates a tree of conditions."""
    in_path: list[Predicate] = []
    pushed: list[Predicate] = []
    residual: list[Predicate] = []
    reason = ""
    for part in conjuncts(query.where):
        name = getattr(part, "name", "")
        if name in endpoint.placeholders and name in query.exact_values:
            in_path.append(part)
            continue
        try:
            json_filter(And((*pushed, part)), endpoint.parameter)
        except Inexpressible as error:
            reason = reason or str(error)
            residual.append(part)
        else:
            pushed.append(part)
    return Split(_conjoin_all((*in_path, *pushed)), _conjoin_all(residual), reason)


def _has_parameter(endpoint: Endpoint, condition: Condition) -> bool:
    name = condition.name
    if name in endpoint.placeholders:
        return True
    if name in endpoint.comma_separated and unjoinable(condition.value):
        return False
    return endpoint.parameter(name) is not None


def _has_list_parameter(endpoint: Endpoint, term: Term, lookups: Container[str]) -> bool:
    """Return True if the endpoint evaluates a comparison with several values, or a range.

    Args:
        endpoint: the endpoint.
        term: the comparison.
        lookups: all lookups of the query. The two ends of a range, which share a parameter, are
            sent together or not at all.
    """
    condition = term.condition
    parameter = endpoint.filters.get(parameter_lookup(condition))
    if parameter is None or term.negated or condition.name in lookups:
        return False
    is_list = condition.op == "in"
    values = condition.value if is_list else (condition.value,)
    if not isinstance(values, tuple) or any(isinstance(item, (F, Subquery)) for item in values):
        return False
    ends = (name for name, key in endpoint.filters.items() if key == parameter)
    return is_list or all(name in lookups for name in ends)


def _partition(
    terms: Iterable[Term], accepts: Callable[[Term], bool]
) -> tuple[list[Term], list[Term]]:
    pushed: list[Term] = []
    residual: list[Term] = []
    for term in terms:
        (pushed if accepts(term) else residual).append(term)
    return pushed, residual


def _split(query: Query, pushed: Iterable[Term], residual: Iterable[Term], reason: str) -> Split:
    remaining = join_terms(tuple(residual))
    if query.terms is None:
        # Only an endpoint that evaluates trees evaluates alternatives.
        others = (part for part in conjuncts(query.where) if as_term(part) is None)
        remaining = _conjoin_all((remaining, *others))
    return Split(join_terms(tuple(pushed)), remaining, reason if remaining != EVERY_ROW else "")


def _conjoin_all(parts: Iterable[Predicate]) -> Predicate:
    result: Predicate = EVERY_ROW
    for part in parts:
        result = conjoin(result, part)
    return result


_BY_VERB: dict[Verb, Callable[[Endpoint, Query], Split]] = {
    Verb.SHOW: _by_key,
    Verb.SHOW_MANY: _by_key,
    Verb.SEARCH: _by_search,
    Verb.SEARCH_EXPORT: _by_search,
    Verb.SEARCH_COUNT: _by_search,
    Verb.FILTER: _by_filter,
}

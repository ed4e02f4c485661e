"""What of a query an endpoint is asked, and what is left to be compared here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.http.values import is_joinable
from zendesk_orm.query.f import F
from zendesk_orm.query.json_filter import json_filter
from zendesk_orm.query.predicate import (
    Condition,
    Every,
    Predicate,
    Subquery,
    Term,
    both,
    conjuncts,
    of_terms,
    simple,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import Inexpressible, search_text


@frozen
class Division:
    """A predicate in two parts, of which both have to hold.

    Attributes:
        asked: what the endpoint is asked.
        rest: what it cannot be asked.
        reason: why not, as a part of a sentence about the endpoint; `""` without a rest.
    """

    asked: Predicate = Every()
    rest: Predicate = Every()
    reason: str = ""


def divided(endpoint: Endpoint, query: Query) -> Division:
    """Return what the endpoint can be asked of a query, and the rest with the reason."""
    return _BY_VERB.get(endpoint.verb, _by_parameters)(endpoint, query)


def fixed(term: Term) -> bool:
    """Tell whether the term gives its field one known value."""
    condition = term.condition
    return condition.op == "exact" and not term.negated and not isinstance(condition.value, F)


def text(endpoint: Endpoint, query: Query, asked: Predicate) -> str:
    """Return the search text of what is asked.

    Raises:
        Inexpressible: search has no words for it.
    """
    # The export names the type in a parameter; a type in its query is an error.
    named = None if endpoint.verb is Verb.SEARCH_EXPORT else endpoint.type
    return search_text(asked, query.meta, endpoint, named)


def _by_parameters(endpoint: Endpoint, query: Query) -> Division:
    asked, rest = _parted(
        query.conjuncts, lambda term: fixed(term) and _takes(endpoint, term.condition)
    )
    names = dict.fromkeys(term.condition.name for term in rest)
    reason = f"cannot filter by {', '.join(names)}" if names else ""
    return _division(query, asked, rest, reason or "cannot filter by alternatives")


def _by_key(endpoint: Endpoint, query: Query) -> Division:
    """Divide by the values of one field that the endpoint gives rows for: `id`, as a rule."""
    key = next(iter(endpoint.takes), "id")

    def _named(value: object) -> bool:
        single = endpoint.verb is Verb.SHOW and not isinstance(value, F)
        return single or not unlisted(value)

    def answers(term: Term) -> bool:
        condition = term.condition
        if condition.name != key:
            return fixed(term) and condition.name in endpoint.placeholders
        return condition.op in ("exact", "in") and not term.negated and _named(condition.value)

    asked, rest = _parted(query.conjuncts, answers)
    return _division(query, asked, rest, "")


def _by_search(endpoint: Endpoint, query: Query) -> Division:
    reasons: list[str] = []
    if query.terms is None:
        reasons.append("one search cannot say `or` between different fields")
    groups: dict[str, list[Term]] = {}
    for term in query.conjuncts:
        groups.setdefault(term.condition.name, []).append(term)
    asked: list[Term] = []
    rest: list[Term] = []
    for group in groups.values():
        reason = _unspeakable(endpoint, query, (*asked, *group))
        if reason is None:
            asked += group
            continue
        reasons.append(reason)
        for term in group:
            fits = _unspeakable(endpoint, query, (*asked, term)) is None
            (asked if fits else rest).append(term)
    return _division(query, asked, rest, "; ".join(dict.fromkeys(reasons)))


def _unspeakable(endpoint: Endpoint, query: Query, terms: tuple[Term, ...]) -> str | None:
    """Return why search has no words for all these terms together, or None when it has."""
    try:
        text(endpoint, query, of_terms(terms))
    except Inexpressible as error:
        return str(error)
    return None


def _by_filter(endpoint: Endpoint, query: Query) -> Division:
    """Divide for an endpoint that takes a tree of conditions as it is."""
    placed: list[Predicate] = []
    asked: list[Predicate] = []
    rest: list[Predicate] = []
    reason = ""
    named = query.fixed
    for part in conjuncts(query.where):
        name = getattr(part, "name", "")
        if name in endpoint.placeholders and name in named:
            placed.append(part)
            continue
        try:
            json_filter(Every((*asked, part)), endpoint.parameter)
        except Inexpressible as error:
            reason = reason or str(error)
            rest.append(part)
        else:
            asked.append(part)
    return Division(_all((*placed, *asked)), _all(rest), reason)


def _takes(endpoint: Endpoint, condition: Condition) -> bool:
    name = condition.name
    if name in endpoint.placeholders:
        return True
    if name in endpoint.joined and unlisted(condition.value):
        return False
    return endpoint.parameter(name) is not None


def unlisted(value: object) -> tuple[object, ...]:
    """Return the values that cannot be members of one list, joined by commas."""
    if isinstance(value, Subquery):
        return ()
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, F) or not is_joinable(each))


def _parted(
    terms: Iterable[Term], answers: Callable[[Term], bool]
) -> tuple[list[Term], list[Term]]:
    asked: list[Term] = []
    rest: list[Term] = []
    for term in terms:
        (asked if answers(term) else rest).append(term)
    return asked, rest


def _division(query: Query, asked: Iterable[Term], rest: Iterable[Term], reason: str) -> Division:
    left = of_terms(tuple(rest))
    if query.terms is None:
        # No endpoint but one that takes a tree is asked for alternatives.
        left = _all((left, *(p for p in conjuncts(query.where) if simple(p) is None)))
    return Division(of_terms(tuple(asked)), left, reason if left != Every() else "")


def _all(parts: Iterable[Predicate]) -> Predicate:
    whole: Predicate = Every()
    for part in parts:
        whole = both(whole, part)
    return whole


_BY_VERB: dict[Verb, Callable[[Endpoint, Query], Division]] = {
    Verb.SHOW: _by_key,
    Verb.SHOW_MANY: _by_key,
    Verb.SEARCH: _by_search,
    Verb.SEARCH_EXPORT: _by_search,
    Verb.SEARCH_COUNT: _by_search,
    Verb.FILTER: _by_filter,
}

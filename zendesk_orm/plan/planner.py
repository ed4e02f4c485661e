"""Which endpoint answers a query: the best of those that can, or a refusal.

The best is one that no wall cuts short, then one that does not lag, then the cheapest.

One function refuses: `refusal(endpoint, query)` serves the choice, `explain()`
and the `NoEndpoint` error, so the explanation cannot drift from the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import evolve

from zendesk_orm.api.endpoint import COUNTS, ROWS, Endpoint, Verb
from zendesk_orm.errors import NoEndpoint, RequestBudgetExceeded
from zendesk_orm.plan.plan import PAGES, Plan, Union, relation_plural, text
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    MOST_ALTERNATIVES,
    Every,
    Term,
    of_terms,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import Inexpressible


def plan(query: Query) -> Plan | Union:
    """Return the best way to get the rows of a query.

    Alternatives that no endpoint answers together (`Q(...) | Q(...)` on
    different fields) are planned one by one.

    Raises:
        NoEndpoint: no endpoint answers it; the message tells why, for each.
        RequestBudgetExceeded: it would cost more than `max_requests()` allows.
    """
    if query.empty:
        return Union(query, ())
    chosen = _best(query) or _union(query)
    if query.budget is not None and chosen.requests > query.budget:
        raise RequestBudgetExceeded(
            f"{query}: {chosen.title} takes about {chosen.requests} requests, "
            f"{query.budget} are allowed; slice the query or allow more"
        )
    return chosen


def plan_one(query: Query) -> Plan:
    """Return the best way to get the rows from a single endpoint.

    Raises:
        NoEndpoint: none answers it.
    """
    chosen = _best(query)
    if chosen is None:
        raise NoEndpoint(refusals(query, ROWS))
    return chosen


def _best(query: Query) -> Plan | None:
    able = [planned(each, query) for each in candidates(query) if not refusal(each, query)]
    return min(able, key=_cost) if able else None


def _union(query: Query) -> Union:
    """Return a plan for each alternative of the predicate."""
    several = query.alternatives
    if several is None or len(several) < 2:
        many = f"\n  it has more than {MOST_ALTERNATIVES} alternatives"
        reason = many if several is None else ""
        raise NoEndpoint(refusals(query, ROWS) + reason)
    plans: list[Plan] = []
    for terms in several:
        part = plan(evolve(query, where=of_terms(terms), start=0, budget=None))
        plans += part.plans if isinstance(part, Union) else [part]
    return Union(query, tuple(plans))


def plan_count(query: Query) -> Plan | None:
    """Return the way to ask only for the number of rows, or None when there is none."""
    bare = evolve(query, order=(), related=(), start=0, stop=None)
    if bare.ids is not None:
        return None
    for endpoint in query.meta.api:
        if endpoint.verb in COUNTS and not refusal(endpoint, bare):
            counting = Plan(bare, endpoint)
            return None if counting.loose else counting
    return None


def candidates(query: Query) -> list[Endpoint]:
    """Return the endpoints that give rows of the model."""
    return [endpoint for endpoint in query.meta.api if endpoint.verb in ROWS]


def planned(endpoint: Endpoint, query: Query) -> Plan:
    """Return the plan that asks this endpoint."""
    included: list[str] = []
    fetched: list[str] = []
    for name in query.related:
        plural = relation_plural(query, name)
        if plural in endpoint.includes:
            included.append(plural)
        else:
            fetched.append(name)
    local = bool(_few(endpoint)) and _needs_local(endpoint, query)
    return Plan(query, endpoint, local, tuple(dict.fromkeys(included)), tuple(fetched))


def refusal(endpoint: Endpoint, query: Query) -> str | None:
    """Return why the endpoint cannot answer the query, or None when it can."""
    for reason in (_unseen, _REASONS[endpoint.verb], _unordered, _beyond):
        refused = reason(endpoint, query)
        if refused:
            return refused
    return None


def refusals(query: Query, verbs: Iterable[Verb]) -> str:
    """Return the verdict on every endpoint of these verbs, a line each."""
    wanted = frozenset(verbs)
    lines = (
        f"  {endpoint.title:<20} {endpoint.path:<42} {refusal(endpoint, query)}"
        for endpoint in query.meta.api
        if endpoint.verb in wanted
    )
    return "\n".join((f"no endpoint of Zendesk answers {query}", *lines))


def _cost(chosen: Plan) -> tuple[bool, bool, int]:
    """Order plans: what a wall may cut short comes last, before it what lags, then by requests."""
    endless = chosen.query.stop is None and chosen.query.ids is None
    walled = endless and chosen.endpoint.most is not None
    return walled, not chosen.endpoint.fresh, chosen.requests


def _few(endpoint: Endpoint) -> bool:
    """Tell whether the rows are few enough to be filtered and ordered here."""
    return endpoint.small or endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY)


def _needs_local(endpoint: Endpoint, query: Query) -> bool:
    answered = {*endpoint.placeholders, *endpoint.takes}
    if endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY):
        answered.add("id")
    terms = query.terms
    if terms is None or (query.order and not _ordered_by(endpoint, query)):
        return True
    if endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY) and query.windowed:
        return True
    inexact = any(not _fixed(term) for term in terms)
    by_ids = endpoint.verb is Verb.SHOW_MANY and len(terms) == 1
    return (inexact and not by_ids) or any(t.condition.name not in answered for t in terms)


def _fixed(term: Term) -> bool:
    """Tell whether the term gives its field one known value."""
    condition = term.condition
    return condition.op == "exact" and not term.negated and not isinstance(condition.value, F)


def _unseen(endpoint: Endpoint, query: Query) -> str | None:
    if query.fresh and not endpoint.fresh:
        return "reads the search index, which lags; asked for fresh rows"
    if not endpoint.whole and query.meta.whole and not query.fresh:
        return "leaves archived rows out; .fresh() takes that"
    return None


def _show(endpoint: Endpoint, query: Query) -> str | None:
    if query.ids is None or len(query.ids) != 1:
        return "needs one id"
    return _parents(endpoint, query, ignoring="id")


def _show_many(endpoint: Endpoint, query: Query) -> str | None:
    return "needs ids" if query.ids is None else None


def _list(endpoint: Endpoint, query: Query) -> str | None:
    missing = _parents(endpoint, query)
    if missing or endpoint.small:
        return missing
    terms = query.terms
    if terms is None:
        return "cannot filter by alternatives"
    answered = {*endpoint.placeholders, *endpoint.takes}
    unable = [
        term.condition.name
        for term in terms
        if term.condition.name not in answered or not _fixed(term)
    ]
    return f"cannot filter by {', '.join(dict.fromkeys(unable))}" if unable else None


def _search(endpoint: Endpoint, query: Query) -> str | None:
    try:
        text(endpoint, query)
    except Inexpressible as error:
        return str(error)
    if endpoint.verb is Verb.SEARCH_COUNT or query.where != Every():
        return None
    return None if query.meta.whole else "finds by conditions, and there are none"


def _incremental(endpoint: Endpoint, query: Query) -> str | None:
    return "gives what changed since a moment, not what matches a filter"


def _parents(endpoint: Endpoint, query: Query, ignoring: str = "") -> str | None:
    named = query.fixed
    missing = [name for name in endpoint.placeholders if name not in named and name != ignoring]
    return f"needs {', '.join(missing)}" if missing else None


def _unordered(endpoint: Endpoint, query: Query) -> str | None:
    if not query.order or _few(endpoint) or endpoint.verb in COUNTS:
        return None
    if _ordered_by(endpoint, query):
        return None
    return f"cannot order by {', '.join(query.order)}"


def _ordered_by(endpoint: Endpoint, query: Query) -> bool:
    """Tell whether the endpoint itself gives the rows in the order that is asked."""
    if query.order == (endpoint.natural,):
        return True
    return len(query.order) == 1 and query.order[0].lstrip("-") in endpoint.orders


def _beyond(endpoint: Endpoint, query: Query) -> str | None:
    if endpoint.most is None:
        return None
    # Offsets reach a hundred pages, of whatever size.
    most = min(endpoint.most, PAGES * (query.page_size or endpoint.paging.largest))
    return f"stops after {most:,} rows" if query.stop is not None and query.stop > most else None


_REASONS: dict[Verb, Callable[[Endpoint, Query], str | None]] = {
    Verb.SHOW: _show,
    Verb.SHOW_MANY: _show_many,
    Verb.LIST: _list,
    Verb.COUNT: _list,
    Verb.SEARCH: _search,
    Verb.SEARCH_EXPORT: _search,
    Verb.SEARCH_COUNT: _search,
    Verb.INCREMENTAL: _incremental,
}

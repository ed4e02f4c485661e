"""Which endpoint answers a query: the best of those that can, or a refusal.

The best is one that no wall cuts short, then one that does not lag, then the cheapest.

One function refuses: `refusal(endpoint, query)` serves the choice, `explain()`
and the `NoEndpoint` error, so the explanation cannot drift from the choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from zendesk_orm.api.endpoint import COUNTS, ROWS, Endpoint, Verb
from zendesk_orm.errors import NoEndpoint, RequestBudgetExceeded
from zendesk_orm.plan.division import divided, unlisted
from zendesk_orm.plan.plan import ASSUMED, Plan, Union, relation_plural
from zendesk_orm.query.ordering import mergeable, sorts
from zendesk_orm.query.predicate import (
    MOST_ALTERNATIVES,
    Condition,
    Every,
    Not,
    Predicate,
    Subquery,
    Term,
    conditions,
    conjuncts,
    of_terms,
)
from zendesk_orm.query.query import Query


#: Values of one list that a search can name; it takes 64 words at most.
VALUES_A_SEARCH = 50


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
    chosen = _chosen(query)
    if query.budget is not None and chosen.requests > query.budget:
        raise RequestBudgetExceeded(
            f"{query}: {chosen.title} takes about {chosen.requests} requests, "
            f"{query.budget} are allowed; slice the query or allow more"
        )
    return chosen


def _chosen(query: Query) -> Plan | Union:
    sparing = evolve(query, scan=False, scan_limit=None)
    found = _best(sparing)
    if found is not None and found.limit is not None and query.scan:
        # It would be refused where there are more rows, which a scan may read.
        return _best(query) or found
    if found is None and query.scan:
        # More is read only where nothing less will do.
        try:
            return _union(sparing)
        except NoEndpoint:
            found = _best(query)
    return found or _union(query)


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
    if several is None:
        raise _refused(query, f"it has more than {MOST_ALTERNATIVES} alternatives")
    if len(several) == 1:
        several = _in_chunks(query, several[0])
    plans: list[Plan] = []
    # Lists that cannot be merged are read whole and sorted here.
    stop = query.stop if not query.order or mergeable(query.meta, query.order) else None
    for terms in several:
        part = plan(evolve(query, where=of_terms(terms), start=0, stop=stop, budget=None))
        plans += part.plans if isinstance(part, Union) else [part]
    return Union(query, tuple(plans))


def _refused(query: Query, *reasons: str) -> NoEndpoint:
    lines = list(reasons)
    more = None if query.scan else _best(evolve(query, scan=True))
    if more is not None:
        lines.append(
            f".scan() would read {more.title}, {more.requests} requests for {ASSUMED:,} rows, "
            "and do the rest here"
        )
    return NoEndpoint("\n  ".join((refusals(query, ROWS), *lines)))


def _in_chunks(query: Query, terms: tuple[Term, ...]) -> tuple[tuple[Term, ...], ...]:
    """Split the longest list of values, which no one search takes.

    Raises:
        NoEndpoint: there is none, or it is too long.
    """
    long = max(terms, key=_values, default=None)
    count = 0 if long is None else _values(long)
    most = VALUES_A_SEARCH * MOST_ALTERNATIVES
    if long is None or count <= VALUES_A_SEARCH:
        raise _refused(query)
    if count > most:
        raise _refused(
            query,
            f"{long.condition.name} has {count:,} values, and {most} can be searched for at "
            "once; narrow them, or filter in parts",
        )
    values = long.condition.value
    return tuple(
        tuple(
            Term(evolve(long.condition, value=values[start : start + VALUES_A_SEARCH]))
            if term is long
            else term
            for term in terms
        )
        for start in range(0, count, VALUES_A_SEARCH)
    )


def _values(term: Term) -> int:
    """Count the values of a list that rows are among."""
    value = term.condition.value
    listed = term.condition.op == "in" and not term.negated and isinstance(value, tuple)
    return len(value) if listed else 1


def plan_count(query: Query) -> Plan | None:
    """Return the way to ask only for the number of rows, or None when there is none."""
    bare = evolve(query, order=(), related=(), start=0, stop=None)
    if bare.ids is not None:
        return None
    for endpoint in query.meta.api:
        if endpoint.verb in COUNTS and not refusal(endpoint, bare):
            counting = planned(endpoint, bare)
            return None if counting.counted else counting
    return None


def candidates(query: Query) -> list[Endpoint]:
    """Return the endpoints that give rows of the model."""
    return [endpoint for endpoint in query.meta.api if endpoint.verb in ROWS]


def planned(endpoint: Endpoint, query: Query) -> Plan:
    """Return the plan that asks this endpoint as much as it can, and does the rest here."""
    included: list[str] = []
    fetched: list[str] = []
    for name in query.related:
        plural = relation_plural(query, name)
        if plural in endpoint.includes:
            included.append(plural)
        else:
            fetched.append(name)
    parts = divided(endpoint, query)
    made = Plan(
        query,
        endpoint,
        asked=parts.asked,
        rest=parts.rest,
        includes=tuple(dict.fromkeys(included)),
        prefetched=tuple(fetched),
    )
    # A window of rows that are compared here, or asked for by id, is counted here.
    unsorted = bool(query.order) and not _ordered_by(endpoint, query)
    gathers = made.few and (made.local or (query.windowed and not endpoint.small))
    return evolve(made, sorted=unsorted or gathers)


def refusal(endpoint: Endpoint, query: Query) -> str | None:
    """Return why the endpoint cannot answer the query, or None when it can."""
    for reason in (_placeless, _unseen, _unasked, _unordered, _beyond):
        refused = reason(endpoint, query)
        if refused:
            return refused
    return None


def refusals(query: Query, verbs: Iterable[Verb]) -> str:
    """Return the verdict on every endpoint of these verbs, a line each."""
    wanted = frozenset(verbs)
    able = [endpoint for endpoint in query.meta.api if endpoint.verb in wanted]
    lines = verdicts(query, [(each, refusal(each, query) or "") for each in able])
    return "\n".join((f"no endpoint of Zendesk answers {query}", *lines))


def verdicts(query: Query, told: Iterable[tuple[Endpoint, str]]) -> Iterator[str]:
    """Yield a line for each endpoint and what is said of it.

    Those that answer another question altogether, as their path names what the query does
    not, share the last line.
    """
    others: dict[str, None] = {}
    for endpoint, verdict in told:
        missing = _placeless(endpoint, query)
        if missing is None or verdict != missing:
            yield f"  {endpoint.title:<20} {endpoint.path:<42} {verdict}"
        else:
            others[missing] = None
    if others:
        yield f"  further endpoints: {'; '.join(others)}"


def _cost(chosen: Plan) -> tuple[bool, bool, int, bool, int, bool]:
    """Order plans: first those that no wall cuts short, then by what is compared here.

    Of the others, those that do not lag come first; then requests are counted.
    """
    query = chosen.query
    # Of what is sorted here all rows are read, whatever the window.
    endless = (query.stop is None or chosen.sorted) and query.ids is None and not chosen.few
    walled = endless and chosen.most is not None and (chosen.sorted or not chosen.keyset)
    holds = query.streamed and chosen.sorted and not chosen.few
    compared = 0 if chosen.few else sum(1 for _ in conditions(chosen.rest))
    lags = not chosen.endpoint.fresh
    return walled, holds, compared, lags, chosen.requests, chosen.continued


def _unseen(endpoint: Endpoint, query: Query) -> str | None:
    if query.fresh and not endpoint.fresh:
        return "reads the search index, which lags; asked for fresh rows"
    if not endpoint.whole and query.meta.whole and not query.fresh:
        return "leaves archived rows out; .fresh() takes that"
    return None


def _placeless(endpoint: Endpoint, query: Query) -> str | None:
    """Refuse what the path, or the endpoint, cannot do without."""
    ids = query.ids or ()
    if endpoint.verb is Verb.SHOW:
        together = query.together and query.meta.api.find(Verb.SHOW_MANY) is not None
        if together or len(ids) != 1 or isinstance(ids[0], Subquery):
            return "needs one id"
    if endpoint.verb is Verb.SHOW_MANY:
        key = next(iter(endpoint.takes), "id")
        values = query.among(key)
        if not values:
            return f"needs {'ids' if key == 'id' else f'{key}s'}"
        wrong = unlisted(values) if not isinstance(values[0], Subquery) else ()
        if wrong:
            return f"joins its values by commas, so it cannot ask for {wrong[0]!r}"
    named = query.fixed
    needed = [*endpoint.placeholders, *sorted(endpoint.needs)]
    missing = [name for name in needed if name not in named and name != "id"]
    return f"needs {', '.join(missing)}" if missing else None


def _unasked(endpoint: Endpoint, query: Query) -> str | None:
    """Refuse conditions that would have to be compared here, where that may take many rows."""
    parts = divided(endpoint, query)
    if parts.rest != Every():
        if endpoint.verb in COUNTS:
            return parts.reason
        few = planned(endpoint, query).few
        if _only_zendesk_knows(parts.rest, query, few=few):
            return parts.reason or "cannot be asked in the language of search"
        if not (few or query.scan or _drops_few(parts.rest)):
            return parts.reason
    elif endpoint.verb in (Verb.SEARCH, Verb.SEARCH_EXPORT) and query.where == Every():
        return None if query.meta.whole else "finds by conditions, and there are none"
    return None


def _only_zendesk_knows(rest: Predicate, query: Query, *, few: bool) -> bool:
    """Tell whether there is a condition that no row can be compared with."""
    # The words of few rows are those of their fields; of others, of their comments, too.
    told = ("raw",) if few else ("raw", "words")
    lookups = query.meta.lookups
    return any(each.op in told or each.name in lookups for each in conditions(rest))


def _drops_few(rest: Predicate) -> bool:
    """Tell whether the conditions leave out nothing but rows that are named one by one."""
    return all(
        isinstance(part, Not) and isinstance(part.part, Condition) and _is_id(part.part)
        for part in conjuncts(rest)
    )


def _is_id(condition: Condition) -> bool:
    return condition.name == "id" and condition.op in ("exact", "in")


def _unordered(endpoint: Endpoint, query: Query) -> str | None:
    if not query.order or endpoint.verb in COUNTS or _ordered_by(endpoint, query):
        return None
    if planned(endpoint, query).few or query.scan or endpoint.verb is Verb.SEARCH:
        return None
    # If the rules of Zendesk's own order are unknown, its rows are sorted here.
    if _sorts_somehow(endpoint, query):
        return None
    if endpoint.verb is Verb.SEARCH_EXPORT and _search_orders(query):
        # Beyond the wall of search, its orders are made here.
        return None
    return f"cannot order by {', '.join(query.order)}"


def _search_orders(query: Query) -> bool:
    return any(_sorts_somehow(each, query) for each in query.meta.api if each.verb is Verb.SEARCH)


def _ordered_by(endpoint: Endpoint, query: Query) -> bool:
    """Tell whether the endpoint itself gives the rows in the order that is asked."""
    return sorts(endpoint, query.meta, query.order)


def _sorts_somehow(endpoint: Endpoint, query: Query) -> bool:
    """Return whether the endpoint has the order, even if its rules are unknown."""
    return len(query.order) == 1 and query.order[0].lstrip("-") in endpoint.orders


def _beyond(endpoint: Endpoint, query: Query) -> str | None:
    chosen = planned(endpoint, query)
    if chosen.most is None or chosen.keyset or chosen.few or query.stop is None:
        return None
    return f"stops after {chosen.most:,} rows" if query.stop > chosen.most else None

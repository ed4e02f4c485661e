"""Selects the plan of a query: the best candidate, or one plan per alternative.

A `Candidate` is one endpoint, judged for one query. The planner, `explain()` and `NoEndpoint` all
use `Candidate.unsupported_reason`, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import COUNTS, ROWS, SEARCHES, Endpoint, Verb
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display
from zendesk_orm.plan.parameters import side_load_name
from zendesk_orm.plan.plan import ASSUMED_ROWS, Plan, UnionPlan
from zendesk_orm.plan.split import Split, split, unjoinable
from zendesk_orm.query.ordering import mergeable, sorts
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    MAX_ALTERNATIVES,
    Condition,
    Not,
    Predicate,
    Subquery,
    Term,
    conditions,
    conjuncts,
    join_terms,
)
from zendesk_orm.query.query import Query


#: The most values of one list in a search, which takes 64 words.
MAX_VALUES_PER_SEARCH = 50


def select_plan(query: Query) -> Plan | UnionPlan:
    """Return the best plan for a query.

    Alternatives that no single endpoint can answer (`Q(...) | Q(...)` on different fields) are
    planned separately.

    Raises:
        NoEndpoint: no endpoint can answer the query; the message lists the reasons.
    """
    if query.empty:
        return UnionPlan(query, ())
    scans = query.scan or query.scan_limit is not None
    without_scan = evolve(query, scan=False, scan_limit=None) if scans else query
    best = best_candidate(without_scan)
    if best is not None:
        if query.scan and best.plan.read_limit is not None:
            # The plan fails if there are more rows, which a scan may read.
            best = best_candidate(query) or best
        return best.plan
    if not query.scan:
        return _select_union(query)
    # A scan is the last resort.
    try:
        return _select_union(without_scan)
    except NoEndpoint:
        best = best_candidate(query)
    return _select_union(query) if best is None else best.plan


def select_single_plan(query: Query) -> Plan:
    """Return the best plan that uses one endpoint.

    Raises:
        NoEndpoint: no endpoint can answer the query.
    """
    best = best_candidate(query)
    if best is None:
        raise NoEndpoint(unsupported_reasons(query, ROWS))
    return best.plan


def numbered_plan(selected: Plan) -> Plan | None:
    """Return the plan that reads the rows of a list by the numbers of its pages, or None.

    It may stop before the last row, which `ResultLimitExceeded` reports.
    """
    if selected.has_page_numbers or selected.endpoint.verb is not Verb.LIST:
        return selected if selected.has_page_numbers else None
    for endpoint in selected.query.meta.api.with_verbs(frozenset({Verb.LIST})):
        candidate = Candidate(selected.query, endpoint)
        if (
            endpoint.url == selected.endpoint.url
            and candidate.plan.has_page_numbers
            and candidate.supports_all_but_the_end
            and candidate.plan.residual == selected.residual
            and candidate.plan.order == selected.order
        ):
            return candidate.plan
    return None


def select_count_plan(query: Query) -> Plan | None:
    """Return the plan that requests only the number of rows; None if no endpoint returns it."""
    if query.ids is not None:
        return None
    for endpoint in query.meta.api.with_verbs(COUNTS):
        candidate = Candidate(query, endpoint)
        if candidate.unsupported_reason is None:
            return None if candidate.plan.counts_rows else candidate.plan
    return None


def unsupported_reasons(query: Query, verbs: frozenset[Verb]) -> str:
    """Return why no endpoint with one of these verbs can answer the query, a line each."""
    able = [Candidate(query, endpoint) for endpoint in query.meta.api.with_verbs(verbs)]
    lines = verdict_lines((candidate, candidate.unsupported_reason or "") for candidate in able)
    reasons = lines if able else [f"  Zendesk has no list of {query.meta.verbose_name_plural}"]
    return "\n".join((f"no endpoint of Zendesk answers {query}", *reasons))


def _select_union(query: Query) -> UnionPlan:
    """Return one plan per alternative of the predicate.

    Raises:
        NoEndpoint: an alternative cannot be answered, or there are too many.
    """
    alternatives = query.alternatives
    if alternatives is None:
        raise _no_endpoint(query, f"it has more than {MAX_ALTERNATIVES} alternatives")
    if len(alternatives) == 1:
        alternatives = _chunk(query, alternatives[0])
    plans: list[Plan] = []
    # Lists that cannot be merged are read completely and sorted client-side.
    stop = query.stop if not query.order or mergeable(query.meta, query.order) else None
    for terms in alternatives:
        part = evolve(query, where=join_terms(terms), start=0, stop=stop, budget=None)
        chosen = select_plan(part)
        plans += chosen.plans if isinstance(chosen, UnionPlan) else [chosen]
    return UnionPlan(query, tuple(plans))


def _chunk(query: Query, terms: tuple[Term, ...]) -> tuple[tuple[Term, ...], ...]:
    """Split the longest list of values, which does not fit into one search.

    Raises:
        NoEndpoint: no list is long enough to be split, or it is too long.
    """
    longest = max(terms, key=_count_values, default=None)
    count = 0 if longest is None else _count_values(longest)
    limit = MAX_VALUES_PER_SEARCH * MAX_ALTERNATIVES
    if longest is None or count <= MAX_VALUES_PER_SEARCH:
        raise _no_endpoint(query)
    condition = longest.condition
    if count > limit:
        raise _no_endpoint(
            query,
            f"{condition.name} has {count:,} values, and {limit} can be searched for at once; "
            "narrow them, or filter in parts",
        )
    starts = range(0, count, MAX_VALUES_PER_SEARCH)
    chunks = (condition.value[start : start + MAX_VALUES_PER_SEARCH] for start in starts)
    return tuple(
        tuple(Term(evolve(condition, value=chunk)) if term is longest else term for term in terms)
        for chunk in chunks
    )


def _count_values(term: Term) -> int:
    value = term.condition.value
    is_list = term.condition.op == "in" and not term.negated and isinstance(value, tuple)
    return len(value) if is_list else 1


def _no_endpoint(query: Query, *reasons: str) -> NoEndpoint:
    lines = list(reasons)
    scan = None if query.scan else best_candidate(evolve(query, scan=True))
    if scan is not None:
        lines.append(
            f".scan() would read {scan.plan.title}, {scan.plan.requests} requests for "
            f"{ASSUMED_ROWS:,} rows, and check the rest client-side"
        )
    return NoEndpoint("\n  ".join((unsupported_reasons(query, ROWS), *lines)))


#: Lookups of free text, which only Zendesk evaluates on rows with comments.
_RAW, _WORDS = "raw", "words"


@frozen(eq=False)
class Candidate:
    """An endpoint that may answer a query.

    Attributes:
        query: the query.
        endpoint: the endpoint.
    """

    query: Query
    endpoint: Endpoint

    @cached_property
    def split(self) -> Split:
        """The predicate, split by the conditions that the endpoint evaluates."""
        return split(self.endpoint, self.query)

    @cached_property
    def plan(self) -> Plan:
        """The plan that uses the endpoint as far as possible and does the rest client-side."""
        query, endpoint, parts = self.query, self.endpoint, self.split
        side_loads = {name: side_load_name(query, name) for name in query.related}
        supported = {name for name, load in side_loads.items() if load in endpoint.includes}
        chosen = Plan(
            query,
            endpoint,
            pushed=parts.pushed,
            residual=parts.residual,
            includes=tuple(dict.fromkeys(side_loads[n] for n in query.related if n in supported)),
            prefetched=tuple(name for name in query.related if name not in supported),
            sorts_rows=bool(query.order) and not self._is_ordered,
        )
        # A window of rows that are filtered client-side, or read by id, is cut client-side.
        if chosen.is_small and (chosen.local or (query.windowed and not endpoint.fits_in_memory)):
            return evolve(chosen, sorts_rows=True)
        return chosen

    @property
    def sort_key(self) -> tuple[bool, bool, int, bool, int, bool, int]:
        """The key by which candidates are ranked; the smallest is the best.

        A plan is preferred if, in this order, it

        1. returns all rows (is not cut off by the endpoint's row limit),
        2. can be streamed without holding all rows in memory,
        3. leaves fewer conditions to be checked client-side,
        4. does not read the search index, which lags,
        5. needs fewer requests,
        6. does not continue past a row limit,
        7. reads fewer rows of a small list that it checks client-side.
        """
        plan = self.plan
        checked = sum(1 for _ in conditions(plan.residual))
        return (
            plan.is_truncated,
            plan.query.streamed and plan.sorts_rows and not plan.is_small,
            0 if plan.is_small else checked,
            not plan.endpoint.fresh,
            plan.requests,
            plan.continued,
            checked,
        )

    @cached_property
    def missing_lookups(self) -> str | None:
        """Why the path of the endpoint does not suit the query, or None if it does."""
        endpoint, query = self.endpoint, self.query
        if endpoint.verb is Verb.SHOW:
            ids = query.ids or ()
            together = query.together and query.meta.api.find(Verb.SHOW_MANY) is not None
            if together or len(ids) != 1 or isinstance(ids[0], Subquery):
                return "needs one id"
        if endpoint.verb is Verb.SHOW_MANY:
            key = next(iter(endpoint.filters), "id")
            values = query.values_of(key)
            if not values:
                return f"needs {'ids' if key == 'id' else f'{key}s'}"
            wrong = unjoinable(values) if not isinstance(values[0], Subquery) else ()
            if wrong:
                return f"joins its values by commas, so it cannot request {display(wrong[0])}"
        values_in_path = query.exact_values
        missing = [name for name in endpoint.required_lookups if name not in values_in_path]
        return f"needs {', '.join(missing)}" if missing else None

    @cached_property
    def unsupported_reason(self) -> str | None:
        """Why the endpoint cannot answer the query, or None if it can."""
        return self._unsupported_part or self._too_few_rows

    @property
    def supports_all_but_the_end(self) -> bool:
        """Whether the endpoint can answer the query, apart from rows beyond its limit."""
        return self._unsupported_part is None

    @property
    def _unsupported_part(self) -> str | None:
        return (
            self.missing_lookups
            or self._excluded_rows
            or self._unsupported_conditions
            or self._unsupported_order
        )

    @property
    def _excluded_rows(self) -> str | None:
        endpoint, query = self.endpoint, self.query
        if query.fresh and not endpoint.fresh:
            return "reads the search index, which lags, but the query is .fresh()"
        if not endpoint.includes_archived and query.meta.includes_archived and not query.fresh:
            return "omits archived rows; .fresh() accepts that"
        return None

    @property
    def _unsupported_conditions(self) -> str | None:
        """Why conditions cannot be evaluated: client-side, that may read many rows."""
        query, verb, parts = self.query, self.endpoint.verb, self.split
        if parts.residual == EVERY_ROW:
            searches = verb in SEARCHES and verb not in COUNTS
            if searches and query.where == EVERY_ROW and not query.meta.includes_archived:
                return "needs conditions, and the query has none"
            return None
        if verb in COUNTS:
            return parts.reason
        is_small = self.plan.is_small
        if _needs_zendesk(parts.residual, query, is_small=is_small):
            return parts.reason or "cannot be asked in the language of search"
        # No endpoint returns fewer changes than an export.
        is_allowed = is_small or query.scan or self.endpoint.is_export
        if is_allowed or _excludes_only_ids(parts.residual):
            return None
        return parts.reason

    @property
    def _unsupported_order(self) -> str | None:
        query, verb = self.query, self.endpoint.verb
        if not query.order or verb in COUNTS or self._is_ordered:
            return None
        if query.scan or verb is Verb.SEARCH or self.plan.is_small:
            return None
        # If the rules of Zendesk's order are unknown, the rows are sorted client-side. Beyond the
        # row limit of search, so are the orders of search.
        if _has_order(self.endpoint, query) or (
            verb is Verb.SEARCH_EXPORT
            and any(
                _has_order(other, query) for other in query.meta.api if other.verb is Verb.SEARCH
            )
        ):
            return None
        return f"cannot order by {', '.join(query.order)}"

    @cached_property
    def _is_ordered(self) -> bool:
        """Whether the endpoint returns the rows in the order of the query."""
        return sorts(self.endpoint, self.query.meta, self.query.order)

    @property
    def _too_few_rows(self) -> str | None:
        plan, stop = self.plan, self.query.stop
        if plan.max_rows is None or plan.keyset or plan.is_small or stop is None:
            return None
        return f"stops after {plan.max_rows:,} rows" if stop > plan.max_rows else None


def candidates(query: Query) -> list[Candidate]:
    """Return a candidate for each endpoint that returns rows of the model."""
    return [Candidate(query, endpoint) for endpoint in query.meta.api.with_verbs(ROWS)]


def best_candidate(query: Query) -> Candidate | None:
    """Return the best candidate that can answer the query, or None."""
    able = [candidate for candidate in candidates(query) if candidate.unsupported_reason is None]
    return min(able, key=lambda candidate: candidate.sort_key) if able else None


def verdict_lines(verdicts: Iterable[tuple[Candidate, str]]) -> Iterator[str]:
    """Yield a line for each candidate and its verdict.

    Candidates whose path needs lookups that the query does not contain share the last line.
    """
    others: dict[str, None] = {}
    for candidate, verdict in verdicts:
        missing, endpoint = candidate.missing_lookups, candidate.endpoint
        if missing is None or verdict != missing:
            yield f"  {endpoint.title:<20} {endpoint.path:<42} {verdict}"
        else:
            others[missing] = None
    if others:
        yield f"  further endpoints: {'; '.join(others)}"


def _needs_zendesk(residual: Predicate, query: Query, *, is_small: bool) -> bool:
    """Return True if a condition can only be evaluated by Zendesk."""
    # Free text is searched in the fields of few rows; of other rows in their comments, too.
    ops = (_RAW,) if is_small else (_RAW, _WORDS)
    lookups = query.meta.lookups
    return any(part.op in ops or part.name in lookups for part in conditions(residual))


def _excludes_only_ids(residual: Predicate) -> bool:
    """Return True if the conditions exclude nothing but rows of certain ids."""
    return all(
        isinstance(part, Not)
        and isinstance(part.part, Condition)
        and part.part.name == "id"
        and part.part.op in ("exact", "in")
        for part in conjuncts(residual)
    )


def _has_order(endpoint: Endpoint, query: Query) -> bool:
    """Return True if the endpoint has the order of the query, even if its rules are unknown."""
    return len(query.order) == 1 and query.order[0].lstrip("-") in endpoint.orders

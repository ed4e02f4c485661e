"""`explain()`: the plan of a query as text, with a verdict on every endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from urllib.parse import unquote_plus, urlencode

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.http.request import Request
from zendesk_orm.plan.export_start import begin_export
from zendesk_orm.plan.plan import ASSUMED_ROWS, Plan, UnionPlan
from zendesk_orm.plan.planner import plan
from zendesk_orm.plan.scopes import Needs, format_scopes
from zendesk_orm.plan.selection import Candidate, candidates, verdict_lines
from zendesk_orm.query.dates import resolve_time
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    Subquery,
    conditions,
    format_predicate,
    map_conditions,
)
from zendesk_orm.query.query import Query


def explain(
    query: Query, per_minute: int | None = None, now: float | None = None, at_once: int = 1
) -> str:
    """Return the requests of a query, their cost, and why other endpoints were not chosen.

    Args:
        query: the query.
        per_minute: the number of requests per minute that the account may send, if known.
        now: the time that relative times are subtracted from, in seconds since the epoch.
        at_once: the number of requests that the account sends at the same time.
    """
    if query.empty:
        return f"{query}\nno request: the result is empty"
    try:
        plans, requests = _plan(query.source, now)
    except NoEndpoint as error:
        return str(error)
    lines = [str(query), *_plan_lines(plans)]
    inner_plans: list[Plan] = []
    inner_requests = 0
    for subquery, inner in _inner_queries(query):
        lines.append(f"first reads {subquery}")
        # Reading or explaining the subquery reports the error.
        with suppress(NoEndpoint):
            inner_parts, number = _plan(inner.source, now)
            lines += _plan_lines(inner_parts)
            inner_plans += inner_parts
            inner_requests += number
    lines += _cost_lines(
        [*plans, *inner_plans],
        requests + inner_requests,
        per_minute=per_minute,
        at_least=bool(inner_plans),
    )
    if at_once > 1 and (number := _independent_requests(plans)) > 1:
        lines.append(f"sends {min(number, at_once)} requests at the same time")
    needs = required_scopes(query)
    # Requests of Sunshine Conversations need none.
    lines += [f"needs scope {format_scopes(needs)}"] if needs else []
    notes = dict.fromkeys(note for part in plans for note in _notes(part))
    lines += (f"note: {note}" for note in notes)
    return "\n".join([*lines, *_verdicts(plans[0])])


def _plan(query: Query, now: float | None) -> tuple[Sequence[Plan], int]:
    """Return the plans of a query with its relative times resolved, and their cost.

    Raises:
        NoEndpoint: no endpoint can answer the query.
    """
    if now is not None:
        where = map_conditions(query.where, partial(resolve_time, now=now))
        query = evolve(query, where=where)
    chosen = plan(query)
    plans = chosen.plans if isinstance(chosen, UnionPlan) else (chosen,)
    if now is not None:
        plans = tuple(
            begin_export(part, now) if part.endpoint.is_export else part for part in plans
        )
    return plans, chosen.requests


def _plan_lines(plans: Sequence[Plan]) -> Iterator[str]:
    if len(plans) > 1:
        yield f"{len(plans)} queries, merged, each row once:"
    for part in plans:
        yield from _request_lines(part)


def _inner_queries(query: Query) -> Iterator[tuple[Subquery, Query]]:
    """Yield each subquery with its query, after those that it needs itself."""
    for subquery in _subqueries(query):
        inner = evolve(query.inner_query(subquery), projection=None)
        yield from _inner_queries(inner)
        if not inner.empty:
            yield subquery, inner


def required_scopes(query: Query) -> Needs:
    """Return the scopes that a query needs, including those of its subqueries.

    Raises:
        NoEndpoint: no endpoint can answer the query.
    """
    needs = dict.fromkeys(plan(query).scopes)
    for subquery in _subqueries(query):
        # Reading or explaining the subquery reports the error.
        with suppress(NoEndpoint):
            inner = query.inner_query(subquery)
            needs |= dict.fromkeys(required_scopes(inner))
    return tuple(needs)


def request_text(request: Request) -> str:
    """Return a request as `explain()` shows it: with decoded parameters, and its body."""
    params = unquote_plus(urlencode(request.params))
    line = f"{request.method} {request.path}{'?' + params if params else ''}"
    if request.json is None:
        return line
    return f"{line}\n  {json.dumps(request.json, ensure_ascii=False)}"


def _request_lines(chosen: Plan) -> Iterator[str]:
    requests = list(chosen.first())
    yield request_text(requests[0])
    if len(requests) > 1:
        yield f"and {len(requests) - 1} more for the other values"


def _cost_lines(
    plans: Sequence[Plan], requests: int, *, per_minute: int | None, at_least: bool
) -> Iterator[str]:
    cost = f"{requests} request{'s' if requests > 1 else ''}"
    if any(_is_endless(part) and part.requests > 1 for part in plans):
        yield f"costs {cost} for {ASSUMED_ROWS:,} rows"
    else:
        at_least = at_least or any(part.unbounded for part in plans)
        least = "at least " if at_least else ""
        yield f"costs {least}{cost}"
    if per_minute and requests > per_minute:
        yield f"takes {requests / per_minute:.0f} minutes at {per_minute} requests a minute"


def _independent_requests(plans: Sequence[Plan]) -> int:
    """Return how many requests need no response of another one."""
    numbers = (
        part.pages if part.has_page_numbers or part.endpoint.verb is Verb.SHOW_MANY else 1
        for part in plans
    )
    return max(len(plans), *numbers)


def _is_endless(chosen: Plan) -> bool:
    return (chosen.query.stop is None or chosen.local) and not chosen.is_small


def _subqueries(query: Query) -> Iterator[Subquery]:
    for condition in conditions(query.where):
        if isinstance(condition.value, Subquery):
            yield condition.value


def _verdicts(chosen: Plan) -> Iterator[str]:
    yield from verdict_lines(
        (candidate, _verdict(candidate, chosen)) for candidate in candidates(chosen.query)
    )


def _verdict(candidate: Candidate, chosen: Plan) -> str:
    """Return why an endpoint was chosen or not."""
    if candidate.endpoint is chosen.endpoint:
        return "chosen"
    if candidate.unsupported_reason is not None:
        return candidate.unsupported_reason
    other, limit = candidate.plan, candidate.endpoint.max_rows
    if limit and chosen.query.stop is None and not other.keyset:
        return f"may stop too early, after {limit:,} rows"
    if chosen.endpoint.fresh and not candidate.endpoint.fresh:
        return f"lags; costs {other.requests}"
    return f"costs {other.requests}" if other.requests > chosen.requests else "costs as much"


def _notes(chosen: Plan) -> Iterator[str]:
    endpoint = chosen.endpoint
    if not endpoint.fresh:
        yield "the search index lags by a minute or more"
    if not endpoint.includes_archived:
        yield "archived rows are omitted"
    if endpoint.max_rows and chosen.query.stop is None and not (chosen.keyset or chosen.read_limit):
        yield f"raises ResultLimitExceeded beyond {endpoint.max_rows:,} rows"
    if chosen.residual != EVERY_ROW:
        yield f"checked client-side, row by row: {format_predicate(chosen.residual)}"
    if chosen.sorts_rows:
        yield "ordered and sliced client-side, after all rows are read"
    yield from _movement_notes(chosen)
    if chosen.read_limit is not None:
        yield f"raises ResultLimitExceeded when there are more than {chosen.read_limit:,} rows"
    for name in chosen.prefetched:
        yield f"{name} is fetched by show_many, one request per hundred"


def _movement_notes(chosen: Plan) -> Iterator[str]:
    """Yield notes on rows that move to another page while they are read."""
    if chosen.can_move and chosen.pages > 1:
        if chosen.rows_before_first is None and not chosen.continued:
            rows = "all pages are read before the first row"
        else:
            count = chosen.rows_before_first or chosen.max_rows
            rows = f"{count:,} rows are read before the first one"
        yield f"{rows} is returned: {chosen.movement}"
    if chosen.drift:
        yield f"rows can be missed if others change rows meanwhile: {chosen.drift}"

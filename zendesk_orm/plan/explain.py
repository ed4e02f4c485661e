"""`explain()`: the plan for people, with the verdict on every other endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import unquote_plus, urlencode

from attrs import evolve

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.http.request import Request
from zendesk_orm.plan import needs
from zendesk_orm.plan.plan import ASSUMED, Plan, Union
from zendesk_orm.plan.planner import candidates, plan, planned, refusal, verdicts
from zendesk_orm.query.ago import at
from zendesk_orm.query.predicate import Every, Subquery, conditions, described, replaced
from zendesk_orm.query.query import Query


def explain(query: Query, per_minute: int | None = None, now: float | None = None) -> str:
    """Return the requests of a query, their cost, and why nothing else was chosen.

    Args:
        query: the query.
        per_minute: the account's requests a minute, if known.
        now: the moment from which lengths of time count back, in seconds since the epoch.
    """
    if query.empty:
        return f"{query}\nno request: the result is empty"
    read = query.read
    if now is not None:
        read = evolve(read, where=replaced(read.where, partial(at, now=now)))
    try:
        chosen = plan(read)
    except NoEndpoint as error:
        return str(error)
    plans = chosen.plans if isinstance(chosen, Union) else (chosen,)
    lines = [str(query)]
    if isinstance(chosen, Union):
        lines.append(f"{len(plans)} queries, put together, each row once:")
    for each in plans:
        lines += _asked(each)
    lines += (f"first reads {each}" for each in _subqueries(query))
    lines += _cost(plans, chosen.requests, per_minute=per_minute)
    lines.append(f"needs scope {needs.described(needs.needs(query))}")
    lines += (f"note: {each}" for each in dict.fromkeys(n for p in plans for n in _caveats(p)))
    return "\n".join([*lines, *_verdicts(plans[0])])


def request_text(request: Request) -> str:
    """Return a request as `explain()` shows it, with its parameters decoded, and its body."""
    asked = unquote_plus(urlencode(request.params))
    line = f"{request.method} {request.path}{'?' + asked if asked else ''}"
    if request.json is None:
        return line
    return f"{line}\n  {json.dumps(request.json, ensure_ascii=False)}"


def _asked(chosen: Plan) -> Iterator[str]:
    requests = list(chosen.first())
    yield request_text(requests[0])
    if len(requests) > 1:
        yield f"and {len(requests) - 1} more for the other values"


def _cost(plans: Sequence[Plan], requests: int, *, per_minute: int | None) -> Iterator[str]:
    cost = f"{requests} request{'s' if requests > 1 else ''}"
    if any(_endless(each) and each.requests > 1 for each in plans):
        yield f"costs {cost} for {ASSUMED:,} rows"
    else:
        least = "at least " if any(each.unbounded for each in plans) else ""
        yield f"costs {least}{cost}"
    if per_minute and requests > per_minute:
        yield f"takes {requests / per_minute:.0f} minutes at {per_minute} requests a minute"


def _endless(chosen: Plan) -> bool:
    return (chosen.query.stop is None or chosen.local) and not chosen.few


def _subqueries(query: Query) -> Iterator[Subquery]:
    for condition in conditions(query.where):
        if isinstance(condition.value, Subquery):
            yield condition.value


def _verdicts(chosen: Plan) -> Iterator[str]:
    told = []
    for endpoint in candidates(chosen.query):
        if endpoint is chosen.endpoint:
            verdict = "chosen"
        else:
            verdict = refusal(endpoint, chosen.query) or _dearer(endpoint, chosen)
        told.append((endpoint, verdict))
    yield from verdicts(chosen.query, told)


def _dearer(endpoint: Endpoint, chosen: Plan) -> str:
    other = planned(endpoint, chosen.query)
    if other.endpoint.most and chosen.query.stop is None and not other.keyset:
        return f"may stop too early, after {other.endpoint.most:,} rows"
    if chosen.endpoint.fresh and not endpoint.fresh:
        return f"lags; costs {other.requests}"
    return f"costs {other.requests}" if other.requests > chosen.requests else "costs as much"


def _caveats(chosen: Plan) -> Iterator[str]:
    endpoint = chosen.endpoint
    if not endpoint.fresh:
        yield "the search index lags by a minute or more"
    if not endpoint.whole:
        yield "archived rows are left out"
    if endpoint.most and chosen.query.stop is None and not (chosen.keyset or chosen.limit):
        yield f"raises ResultLimitExceeded beyond {endpoint.most:,} rows"
    if chosen.rest != Every():
        yield f"compared here, row by row: {described(chosen.rest)}"
    if chosen.sorted:
        yield "ordered and sliced here, when all rows are there"
    yield from _moving(chosen)
    if chosen.limit is not None:
        yield f"raises ResultLimitExceeded when there are more than {chosen.limit:,} rows"
    for name in chosen.prefetched:
        yield f"{name} comes by show_many, a request for each hundred"


def _moving(chosen: Plan) -> Iterator[str]:
    """Yield notes on rows that change while they are read."""
    if chosen.moving and chosen.pages > 1:
        if chosen.held is None and not chosen.continued:
            read = "all pages are read before the first row"
        else:
            read = f"{chosen.held or chosen.most:,} rows are read before the first one"
        yield f"{read} is given: {chosen.movement}"
    if chosen.drift:
        yield f"rows can be missed if others change rows meanwhile: {chosen.drift}"

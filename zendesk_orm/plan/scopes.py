"""The OAuth scopes that requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.scopes import least_scopes, scopes_for


if TYPE_CHECKING:
    from zendesk_orm.plan.plan import Plan

#: For each request, the scopes of which any one suffices.
Needs = tuple[tuple[str, ...], ...]

#: The endpoints that fetch rows by id, the best one first.
_BY_ID = (Verb.SHOW_MANY, Verb.SHOW, Verb.LIST)


def request_scopes(plan: Plan) -> Needs:
    """Return the scopes for the requests of a plan; see `Plan.scopes`."""
    first = next(plan.first())
    paths = [(first.method, first.path)]
    paths += (("GET", f"/api/v2/{name}") for name in plan.includes)
    for name in plan.prefetched:
        api = plan.query.meta.relations[name].model._meta.api
        endpoint = next(filter(None, map(api.find, _BY_ID)), None)
        paths += [] if endpoint is None else [("GET", endpoint.url)]
    return tuple(dict.fromkeys(filter(None, (scopes_for(*request) for request in paths))))


def format_scopes(needs: Needs) -> str:
    """Return scopes as text: `tickets:read and users:read, or read`."""
    if len(needs) == 1:
        return " or ".join(needs[0])
    least = least_scopes(needs)
    broad = {need[-1] for need in needs}
    text = " and ".join(least)
    return text if broad <= set(least) else f"{text}, or {' and '.join(sorted(broad))}"

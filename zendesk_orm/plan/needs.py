"""What a query needs of an OAuth token: the scopes of all requests that it may take."""

from __future__ import annotations

from contextlib import suppress

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.http.scopes import least_scopes
from zendesk_orm.plan.plan import Needs
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import Subquery, conditions
from zendesk_orm.query.query import Query


def needs(query: Query) -> Needs:
    """Return the scopes that a query needs, those of the queries inside it included.

    Raises:
        NoEndpoint: no endpoint answers it.
    """
    found = dict.fromkeys(plan(query).scopes)
    for condition in conditions(query.where):
        inner = condition.value
        if isinstance(inner, Subquery):
            # What cannot be asked is told of where it is explained, and when it is read.
            with suppress(NoEndpoint):
                found |= dict.fromkeys(needs(inner.query or Query(inner.model, inner.where)))
    return tuple(found)


def described(wanted: Needs) -> str:
    """Return needs in words: `tickets:read and users:read, or read`."""
    if len(wanted) == 1:
        return " or ".join(wanted[0])
    least = least_scopes(wanted)
    broad = {need[-1] for need in wanted}
    text = " and ".join(least)
    return text if broad <= set(least) else f"{text}, or {' and '.join(sorted(broad))}"
